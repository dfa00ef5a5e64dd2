"""The bill of materials: vendored packages join those of Python, each once, and all are needed."""

import re
import runpy
from urllib.parse import unquote

import pytest
from conftest import ROOT

SBOM = runpy.run_path(str(ROOT / ".ci" / "sbom"))
PURL = re.compile(r"pkg:npm/(?:%40[\w.-]+/)?[\w.-]+@\d+\.\d+\.\d+")
PYTHON = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"bom-ref": "root", "name": "nextstudy", "type": "application"}},
    "components": [{"bom-ref": "rdflib", "name": "rdflib", "type": "library"}],
    "dependencies": [{"ref": "rdflib"}, {"ref": "root", "dependsOn": ["rdflib"]}],
}


@pytest.fixture
def bill():
    """A bill of one Python package, completed."""
    return SBOM["complete"](PYTHON, SBOM["vendored"]())


def faults(bill):
    """What is wrong with the references of a bill."""
    refs = [part["bom-ref"] for part in bill["components"]]
    known = {*refs, bill["metadata"]["component"]["bom-ref"]}
    yield from (f"{ref} is there twice" for ref in set(refs) if refs.count(ref) > 1)
    for entry in bill["dependencies"]:
        named = {entry["ref"], *entry.get("dependsOn", [])}
        yield from (f"{ref} is no component" for ref in named - known)
    needed = {ref for entry in bill["dependencies"] for ref in entry.get("dependsOn", [])}
    yield from (f"nothing needs {ref}" for ref in set(refs) - needed)


def test_every_vendored_package_is_a_component(bill):
    parts = [part for part in bill["components"] if "purl" in part]
    named = {unquote(part["purl"].removeprefix("pkg:npm/")) for part in parts}
    assert named == {f"{row['package']}@{row['version']}" for row in SBOM["vendored"]()}
    assert all(PURL.fullmatch(part["purl"]) and part["licenses"] for part in parts)
    assert "rdflib" in {part["name"] for part in bill["components"]}


def test_the_references_of_the_bill_hold(bill):
    assert list(faults(bill)) == []


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda bill: bill["components"].append(bill["components"][0]), "is there twice"),
        (lambda bill: bill["components"].pop(), "is no component"),
        (lambda bill: bill["dependencies"].pop(), "nothing needs"),
    ],
)
def test_a_broken_bill_is_found(bill, spoil, told):
    spoil(bill)
    assert any(told in fault for fault in faults(bill))


def test_the_bill_of_python_is_not_changed(bill):
    assert len(PYTHON["components"]) == 1 and len(bill["components"]) > 20
    assert {key: bill[key] for key in ("bomFormat", "specVersion", "metadata")} == {
        key: PYTHON[key] for key in ("bomFormat", "specVersion", "metadata")
    }
