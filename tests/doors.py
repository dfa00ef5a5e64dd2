"""The records that every door is tried with, and what Python gets for them."""

import json
from collections import Counter

from conftest import CASES, ROOT
from packing import resources

from reasoner.errors import InputError

FIELD = ROOT.parent / "shared" / "cases" / "field"
TYPES = {
    ".json": "application/fhir+json",
    ".ndjson": "application/x-ndjson",
    ".ttl": "text/turtle",
    ".xml": "application/fhir+xml",
}


def is_hook(path) -> bool:
    """Whether a record of a case is a request of CDS Hooks, with an expectation of that kind."""
    expected = path.with_name(f"{path.stem}.expected.json")
    return expected.is_file() and "service" in json.loads(expected.read_text())


RECORDS = CASES | {
    f"field/{path.stem}": path
    for path in sorted(FIELD.glob("should-*"))
    if path.suffix in TYPES and ".expected" not in path.name and not is_hook(path)
}


def outcome(reasoner, data) -> dict:
    """The answer to a record, or what is said instead."""
    try:
        return reasoner.ask(data)
    except InputError as error:
        return {"refused": str(error)}


def whole(document) -> bool:
    """Whether a document is a plain Bundle of one patient, whose entries hold no Bundle."""
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        return False
    if not isinstance(document.get("entry"), list):
        return False
    kinds = Counter(str(r.get("resourceType")) for r in resources(document))
    return kinds["Patient"] == 1 and not kinds["Bundle"] and not kinds["None"]


def bundles() -> dict[str, dict]:
    """The records that are plain Bundles, by name."""
    found = {
        name: json.loads(path.read_text(encoding="utf-8-sig"))
        for name, path in RECORDS.items()
        if path.suffix == ".json"
    }
    return {name: document for name, document in found.items() if whole(document)}
