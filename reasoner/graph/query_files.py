"""Query files: their headers, their parameters, and where they are."""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from reasoner.errors import InputError
from reasoner.messages.nearest import nearest, remedy
from reasoner.names import home

KINDS = {
    "questions": "What people ask.",
    "rules": "What the reasoner concludes for one patient.",
    "checks": "What must never be found in the graph: no row is a pass.",
    "load": "What the graph adds to itself when it is loaded.",
}
HEADER = re.compile(r"^#\+\s*(\w+):\s*(.*)$", re.M)
PARAMETER = re.compile(r"^(\s*VALUES\s+\?(\w+)\s*\{)\s*(.*?)\s*(\}\s*(?:#.*)?)$", re.M)
TERM = re.compile(r"ia:[\w-]+|<[^<>\"{}|^`\\\s]+>")


@dataclass(frozen=True)
class Query:
    """A query file: its stem, its text, and the lines of its header by key."""

    name: str
    text: str
    header: dict[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """The default of each parameter: a term as it stands in the one-line VALUES clause of that name."""
        declared = self.header.get("parameters", "").replace(",", " ").split()
        found = {m[2]: m[3] for m in PARAMETER.finditer(self.text)}
        return {name: found[name] for name in declared if name in found}

    def expect(self, name: str) -> None:
        """Raises InputError when the query has no parameter of a name."""
        if name not in self.parameters:
            message = f"the query {self.name} has no such parameter"
            near = remedy(nearest(name, self.parameters))
            hint = f"{near} It has: {', '.join(self.parameters) or 'none'}.".strip()
            raise InputError(f"parameter {name}", message, hint)

    def with_values(self, **values: str) -> str:
        """The text with parameters replaced; a value is a CURIE such as `ia:Thigh` or a full IRI.

        Raises InputError for a parameter that the query does not have, or a value that is no term.
        """
        terms = {}
        for name, value in values.items():
            self.expect(name)
            terms[name] = value if value.startswith(("ia:", "<")) else f"<{value}>"
            if not TERM.fullmatch(terms[name]):
                raise InputError(
                    f"parameter {name}",
                    f"{value!r} is not a term",
                    "Write a CURIE such as ia:Thigh, or an IRI.",
                )
        return PARAMETER.sub(
            lambda m: f"{m[1]} {terms[m[2]]} {m[4]}" if m[2] in terms else m[0], self.text
        )


def read(path: Path) -> Query:
    """The query in a file. Raises InputError for a file that is no text."""
    try:
        body = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(
            str(path), "the file is no text", "Give a SPARQL query in UTF-8."
        ) from None
    header: dict[str, str] = {}
    for line in HEADER.finditer(body):  # a key may stand on several lines
        header[line[1]] = f"{header.get(line[1], '')} {line[2]}".strip()
    return Query(path.stem, body, header)


def folder(kind: str) -> Path:
    """The folder of a kind of query: questions, rules, checks or load."""
    return home() / "queries" / kind


@cache
def named(kind: str, name: str) -> Query:
    """The query of a kind by its stem."""
    return read(folder(kind) / f"{name}.rq")


def question(name: str | Path) -> Query:
    """A question by its stem, or the query in a file, under the name given. Raises InputError that names the nearest question."""
    if name in names("questions"):
        return named("questions", name)
    if not Path(name).is_file():
        raise InputError(str(name), "there is no such question or file", near_question(str(name)))
    return replace(read(Path(name)), name=str(name))


def admit(name: str, text: str) -> None:
    """Raises InputError, with line and column, for a query that leaves the graph or must not run."""
    from reasoner.graph.sparql import scan as sparql_reading

    found = sparql_reading.read(text)
    if refused := found.fault or found.outside:
        place = f"{name}:{refused.line}:{refused.column}"
        raise InputError(place, refused.message, refused.remedy)


def explained(name: str, text: str, said: str) -> InputError:
    """The error, with line and column, of a query that Oxigraph refuses with a message."""
    from reasoner.graph.sparql import faults as sparql_faults  # only errors need it

    found = sparql_faults.explain(text, said)
    return InputError(f"{name}:{found.line}:{found.column}", found.message, found.remedy)


def names(kind: str) -> list[str]:
    """The stems of all queries of a kind, sorted."""
    return sorted(path.stem for path in folder(kind).glob("*.rq"))


def index() -> str:
    """The text of `queries/README.md`: each kind of query as a Markdown table of names, summaries and parameters."""
    lines = [
        "# Queries",
        "",
        "Made from the headers of the query files by `reasoner.graph.query_files.index`; do not edit.",
    ]
    for kind, meaning in KINDS.items():
        lines += [
            "",
            f"## {kind.capitalize()}",
            "",
            meaning,
            "",
            "| query | answers | parameters |",
            "|---|---|---|",
        ]
        for name in names(kind):
            header = named(kind, name).header
            parameters = ", ".join(
                f"`{p}`" for p in header.get("parameters", "").replace(",", " ").split()
            )
            lines.append(
                f"| [{name}]({kind}/{name}.rq) | {header.get('summary', '')} | {parameters} |"
            )
    return "\n".join(lines) + "\n"


def setting(text: str) -> tuple[str, str]:
    """The name and value of a `--set name=value` argument. Raises InputError when it is none."""
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise InputError(
            f"--set {text}", "this sets nothing", "Write --set scenario=ia:DeepMassInitialImaging."
        )
    return name, value


def near_question(name: str) -> str:
    """The sentence that names the questions whose names are nearest, or says where they are listed."""
    near = nearest(name, names("questions"), 1, 0.5)
    said = f"The nearest question is {near[0]}. " if near else ""
    return f"{said}List them with `nextstudy query`."
