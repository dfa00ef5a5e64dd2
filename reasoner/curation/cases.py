"""The test patients of an ontology folder: where they are, and which files are their records."""

from pathlib import Path

SUFFIXES = (".json", ".ndjson", ".ttl")


def records(cases: Path) -> list[Path]:
    """The records in a folder of cases; the expectations beside them are none."""
    return sorted(
        p
        for p in cases.rglob("*")
        if p.suffix in SUFFIXES and not p.name.endswith(".expected.json")
    )


def cases_beside(*ontologies: Path | None) -> Path | None:
    """The folder `tests/cases` beside the first of some ontology folders that has one."""
    folders = (ontology.resolve().parent / "tests" / "cases" for ontology in ontologies if ontology)
    return next((folder for folder in folders if folder.is_dir()), None)
