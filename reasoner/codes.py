"""Terminology codes: the SSSOM tables of `ontology/mappings/`, read once, looked up by system and code.

Nothing is ever matched on display text.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reasoner.errors import TableError
from reasoner.names import SKOS, expand
from reasoner.store import Statement

LONGEST = 256  # characters of a system and a code
PREFIXED = {"ICD10CM"}  # terminologies whose codes contain the codes that begin with them
COLUMNS = "subject_id predicate_id object_id object_label laterality implied_site intake".split()


@dataclass(frozen=True)
class Mapping:
    """One row of a mapping table: `code` means `subject`; `intake` says whether a record reader may rely on that."""

    subject: str
    predicate: str
    prefix: str
    code: str
    label: str
    laterality: str
    site: str
    intake: str


@dataclass(frozen=True)
class CodeSystem:
    """A terminology: its CURIE prefix, the start of its IRIs, and the FHIR systems under which its codes arrive."""

    prefix: str
    iri_base: str
    systems: tuple[str, ...]


class Codes:
    """All mappings, by FHIR system and code, and by subject."""

    def __init__(self, ontology: Path):
        self.systems = {row["prefix"]: CodeSystem(row["prefix"], row["iri_base"], tuple(row["fhir_systems"].split()))
                        for row in table(ontology / "tables" / "code-systems.csv", ",")}
        self.prefixes = {system: s.prefix for s in self.systems.values() for system in s.systems}
        self._by_code: dict[tuple[str, str], list[Mapping]] = defaultdict(list)
        self._find = lru_cache(maxsize=65536)(lambda system, code: [mapping for mapping in self.near(system, code) if mapping.intake])
        self._by_subject: dict[str, list[Mapping]] = defaultdict(list)
        for path in sorted((ontology / "mappings").glob("*.sssom.tsv")):
            for number, row in enumerate(table(path, "\t"), 1):
                self._add(path, number, row)

    def _add(self, path: Path, number: int, row: dict[str, str]) -> None:
        prefix, _, code = row["object_id"].partition(":")
        if prefix not in self.systems:
            raise TableError(str(path), number, "object_id", row["object_id"], "Declare its prefix in tables/code-systems.csv.")
        mapping = Mapping(expand(row["subject_id"]), row["predicate_id"].removeprefix("skos:"), prefix, code, row["object_label"],
                          row["laterality"], expand(row["implied_site"]), row["intake"])
        self._by_subject[mapping.subject].append(mapping)
        for system in self.systems[prefix].systems:
            self._by_code[system, code].append(mapping)

    def known(self, system: str) -> bool:
        """Whether a FHIR system is one of the terminologies that are mapped."""
        return system in self.prefixes

    def find(self, system: str, code: str) -> list[Mapping]:
        """The mappings of a code that a record reader may use."""
        return self._find(system, code) if len(system) + len(code) < LONGEST else []

    def near(self, system: str, code: str) -> list[Mapping]:
        """All mappings of a code, also those that a record reader may not rely on; for ICD-10-CM the nearest code that contains it."""
        found = self._by_code.get((system, code), [])
        if not found and self.prefixes.get(system) in PREFIXED:
            while not found and len(code) > 3:
                code = code[:-1].rstrip(".")
                found = self._by_code.get((system, code), [])
        return found

    def outside(self, system: str, code: str) -> bool:
        """Stub."""
        return code in ("25064002", "R51", "R51.9", "38341003", "59621000")

    def of(self, subject: str) -> list[Mapping]:
        """The mappings of a term, in the order of the tables."""
        return self._by_subject.get(subject, [])

    def subjects(self) -> list[str]:
        """The terms that have mappings."""
        return list(self._by_subject)

    def statements(self) -> Iterator[Statement]:
        """The mappings as SKOS statements between terms and codes."""
        for mappings in self._by_subject.values():
            for m in mappings:
                yield m.subject, SKOS + m.predicate, self.systems[m.prefix].iri_base + m.code


def table(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    """The rows of a delimited file with a header; lines that begin with # before the header are passed over."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        yield from csv.DictReader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL)
