"""What is required: all that the code imports, each with a lower bound that is tested."""

import ast
import re
import runpy
import sys
import tomllib

import pytest
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CALLED = {
    "jwt": "pyjwt",
    "python_multipart": "python-multipart",
    "py4j": "pyspark",
}  # of a module, the package that brings it
LOADED = {"httptools", "uvloop", "ipykernel", "nbclient"}  # what others import by name
NAME = re.compile(r"[\w.-]+")
VERSIONS = runpy.run_path(str(ROOT / ".ci" / "versions"))


def required(*extras):
    """The packages that the project and some of its extras require."""
    needs = [*PROJECT["dependencies"], *(need for extra in extras for need in EXTRAS[extra])]
    return {NAME.match(need)[0].lower() for need in needs} - {"nextstudy"}


USERS = required(*(extra for extra in EXTRAS if extra != "test"))


def imported(text):
    """The modules of others that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"reasoner"}


def undeclared(text):
    """The packages that a module imports and that nothing requires."""
    return {CALLED.get(name, name).lower() for name in imported(text)} - USERS


MODULES = [p for p in sorted((ROOT / "reasoner").rglob("*.py")) if "data" not in p.parts]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_module_imports_is_required(path):
    assert undeclared(path.read_text(encoding="utf-8")) == set()


def test_an_import_that_is_not_required_is_found():
    assert undeclared("import jwt, rdflib, os\nfrom requests import get") == {"requests"}


def test_what_is_required_is_imported():
    found = set().union(*(imported(path.read_text(encoding="utf-8")) for path in MODULES))
    found |= {
        name
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for name in re.findall(r"\"(?:import|from) (\w+)", path.read_text(encoding="utf-8"))
    }
    assert USERS - {CALLED.get(name, name).lower() for name in found} - LOADED == set()


NEEDS = [*PROJECT["dependencies"], *(need for needs in EXTRAS.values() for need in needs)]


@pytest.mark.parametrize("need", NEEDS)
def test_a_requirement_has_a_lower_bound(need):
    assert need.startswith("nextstudy[") or re.search(r">=\d", need)


def test_the_versions_that_are_tested_are_those_that_are_promised():
    told = {c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
    assert told <= set(VERSIONS["PYTHONS"]) and min(told) == PROJECT["requires-python"][2:]


def test_the_test_of_versions_finds_its_tools_and_tests():
    named = [NAME.match(need)[0] for need in VERSIONS["needs"]()]
    assert named == list(VERSIONS["TOOLS"])
    for test in VERSIONS["TESTS"]:
        path, _, name = test.partition("::")
        assert f"def {name.split('[')[0]}" in (ROOT / path).read_text(encoding="utf-8")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert here in VERSIONS["pythons"]()


@pytest.mark.parametrize("words", [["oldest"], ["lowest", "3.10"]])
def test_the_test_of_versions_refuses_what_it_does_not_know(words):
    with pytest.raises(SystemExit, match="neither"):
        VERSIONS["main"](words)
