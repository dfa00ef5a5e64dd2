"""What a user can call, written as Markdown from the code that offers it: commands, settings,
routes, methods. The pages of `docs/` are held to it.
"""

import argparse
import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path

MARK = "<!-- From here on made from the code: UPDATE_EXPECTED=1 pytest tests/test_documented.py -->"
EXAMPLE = re.compile(r"Example: (.*)$", re.S)
EVERY = ("help", "ontology")  # options that each command has, named once at the top of the page


def cell(text: object) -> str:
    """A text in a cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """The lines of a Markdown table."""
    names = list(head)
    lines = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return lines


def commands(top: argparse.ArgumentParser) -> str:
    """Each command with its example, its arguments and its options."""
    [every] = [a for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    lines = []
    for name, command in every.choices.items():
        lines += [f"## nextstudy {name}", "", sentence(command.description), ""]
        lines += [f"    {EXAMPLE.search(command.epilog)[1]}", ""]
        rows = [(f"`{written(a)}`", explained(a)) for a in command._actions if a.dest not in EVERY]
        lines += [*table(("argument or option", "what it says"), rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def sentence(text: str) -> str:
    """A text with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def written(action: argparse.Action) -> str:
    """How an argument or an option stands in a command line."""
    name = max(action.option_strings, key=len, default="")
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    if not name:
        return str(value or action.dest)
    return f"{name} {value}" if action.nargs != 0 and not action.choices else name


def explained(action: argparse.Action) -> str:
    """The help of an argument; its choices and the default among them."""
    parts = [action.help or ""]
    if action.choices:
        parts.append(", ".join(f"`{choice}`" for choice in action.choices))
        if action.default is not None:
            parts.append(f"by default `{action.default}`")
    if action.option_strings and action.required:
        parts.append("required")
    return "; ".join(filter(None, parts))


def settings(cls: type, help_of: dict[str, str]) -> str:
    """Each setting of the service with its flag, its environment variable and its default."""
    rows = []
    for field in fields(cls):
        flag = "--" + field.name.replace("_", "-")
        variable = f"NEXTSTUDY_{field.name.upper()}"
        default = field.default if field.default not in (None, "", False) else ""
        rows.append((f"`{flag}`", f"`{variable}`", default, help_of.get(field.name, "")))
    return (
        "\n".join(table(("flag", "environment variable", "default", "what it says"), rows)) + "\n"
    )


def routes(found: Iterable) -> str:
    """Each route of the service with its methods and what it answers."""
    rows = []
    for route in flat(found):
        methods = sorted((route.methods or {"GET"}) - {"HEAD", "OPTIONS"})
        rows += [(f"`{method} {route.path}`", doc(route)) for method in methods]
    rows.sort(key=lambda row: row[0].strip("`").split()[::-1])
    return "\n".join(table(("route", "what it answers"), rows)) + "\n"


def flat(found: Iterable) -> Iterator:
    """Routes, and those of routers among them."""
    for route in found:
        if router := getattr(route, "original_router", None):
            yield from flat(router.routes)
        else:
            yield route


ELSEWHERE = {
    "/sparql": "SPARQL 1.1 Protocol, read-only: the answer to a query, or, to a browser or without "
    "a query, the description of the service.",
    "/.well-known/void": "The description of the dataset (VoID).",
    "/openapi.json": "The description of these routes in OpenAPI.",
}


def doc(route) -> str:
    """What a route answers: its description or docstring, or the sentence written here."""
    description = getattr(route, "description", None)
    return ELSEWHERE.get(route.path) or description or inspect.getdoc(route.endpoint) or ""


def methods(owner: object, names: Iterable[str]) -> list[tuple[str, str]]:
    """How each is called, and what its docstring says."""
    rows = []
    for name in names:
        member = inspect.getattr_static(owner, name)
        if isinstance(member, property | cached_property):
            call, text = (
                name,
                (member.fget if isinstance(member, property) else member.func).__doc__,
            )
        else:
            call, text = f"{name}{called(member)}", member.__doc__
        paragraphs = inspect.cleandoc(text or "").split("\n\n")
        rows.append((call, "\n\n".join(" ".join(one.split()) for one in paragraphs)))
    return rows


def called(function: Callable) -> str:
    """The parameters of a function, as they are given in a call."""
    parameters = inspect.signature(function).parameters.values()
    return "(" + ", ".join(shown(p) for p in parameters if p.name != "self") + ")"


def shown(parameter: inspect.Parameter) -> str:
    """A parameter without its type."""
    return str(parameter.replace(annotation=inspect.Parameter.empty))


def public(owner: object) -> list[str]:
    """The public functions of a module, or the public methods and properties of a class, in their
    order.
    """
    kinds = (property, cached_property, type(public))
    return [
        name
        for name, member in vars(owner).items()
        if not name.startswith("_") and isinstance(member, kinds)
    ]


def python(owners: dict[str, object]) -> str:
    """Each public function of a module, method and property of a class, with its docstring."""
    lines = []
    for title, owner in owners.items():
        lines += [f"## {title}", ""]
        if is_dataclass(owner):
            names = ", ".join(f"`{field.name}`" for field in fields(owner))
            lines += [f"Attributes: {names}.", ""]
        for call, text in methods(owner, public(owner)):
            lines += [f"### `{call}`", "", text, ""]
    return "\n".join(lines).rstrip() + "\n"


def floors(found: dict[str, int]) -> str:
    """The folders and modules of the package by the floor that they stand on, the highest first."""
    rows = [
        (floor, ", ".join(f"`{name}`" for name in sorted(found) if found[name] == floor))
        for floor in sorted(set(found.values()), reverse=True)
    ]
    return "\n".join(table(("floor", "what stands there"), rows)) + "\n"


READS = ("get", "setdefault", "pop")


def environment_variables(folder: Path) -> set[str]:
    """The environment variables that the modules of a folder read by name."""
    found = set()
    for path in folder.rglob("*.py"):
        if "data" not in path.relative_to(folder).parts:
            found |= read_in(ast.parse(path.read_text(encoding="utf-8")))
    return found


def read_in(parsed: ast.AST) -> set[str]:
    """The environment variables that a module reads or sets by name."""
    found = set()
    for node in ast.walk(parsed):
        names: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Attribute(attr="getenv"), args=[first, *_]):
                names = [first]
            case ast.Call(func=ast.Attribute(value=holder, attr=name), args=[first, *_]):
                names = [first] if name in READS and is_environment(holder) else []
            case ast.Subscript(value=holder, slice=key):
                names = [key] if is_environment(holder) else []
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[holder]):
                names = [left] if is_environment(holder) else []
        found |= {n.value for n in names if isinstance(n, ast.Constant)}
    return found


def is_environment(node: ast.expr) -> bool:
    """Whether an expression is `os.environ`."""
    return ast.unparse(node) in ("os.environ", "environ")
