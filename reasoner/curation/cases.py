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
    """The test patients of the first checkout that has them: `tests/cases` beside its ontology folder."""
    found = (ontology.resolve().parent / "tests" / "cases" for ontology in ontologies if ontology)
    return next((place for place in found if place.is_dir()), None)
