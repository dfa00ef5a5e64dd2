"""Looks up terminology codes by system and code in the SSSOM tables of `ontology/mappings/`.

Nothing is ever matched on display text. A code of ICD-10-CM stands for the codes below it, so it is
looked up with those that contain it, each of which must be a code of the classification; one that
the classification does not have means nothing. A code of a later encounter stands for what is past.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from reasoner.errors import InputError, TableError
from reasoner.files import text_of
from reasoner.graph.store import Statement
from reasoner.names import SKOS, expand, ia

LONGEST = 256  # characters of a system and a code
CLASSIFIED = "ICD10CM"  # the classification whose codes contain codes
LISTED = "SCTID"  # the terminology of the listed reasons
CATEGORY, STEM = 3, 6  # characters of a category of ICD-10-CM, and of a code that takes a seventh
INTAKES = ("", "fact", "question")
WORD, CAMEL = re.compile(r"[a-z]+"), re.compile(r"(?<=[a-z])([A-Z])")
PLAIN = frozenset(  # words of labels that say nothing more of a finding
    "a an and at body bone disorder encounter entire extremity finding for in initial joint limb "
    "limbs lower observable of on part region right left side site structure the to unspecified "
    "upper".split()
)


def says_no_more(row: dict[str, str]) -> bool:
    """Whether the label of a code says no more than the label, the site and the side of its row.

    A hemarthrosis that is denied leaves an effusion possible; an effusion of the knee that is
    denied leaves none at the knee.
    """
    said, known = (
        {word for name in names for word in WORD.findall(CAMEL.sub(r" \1", row[name]).lower())}
        for names in (("object_label",), ("subject_label", "laterality", "implied_site"))
    )
    return said <= known | PLAIN


@dataclass(frozen=True)
class Mapping:
    """A row of a mapping table: `code` means `subject`.

    `intake` says whether a record with the code states that as a fact, or only raises the question;
    `denies`, whether who denies the code denies the subject.
    """

    subject: str
    predicate: str
    prefix: str
    code: str
    label: str
    laterality: str
    site: str
    intake: str
    denies: bool = True

    @property
    def side(self) -> str | None:
        """The laterality that the code states, as a term."""
        return ia(self.laterality.capitalize()) if self.laterality else None


@dataclass(frozen=True)
class CodeSystem:
    """A terminology: its CURIE prefix, the start of its IRIs, its title, and the FHIR systems under
    which its codes arrive.
    """

    prefix: str
    iri_base: str
    systems: tuple[str, ...]
    title: str = ""


class Classification:
    """The codes of ICD-10-CM: which there are, and which contain which.

    Raises TableError for a row that is no category.
    """

    def __init__(self, path: Path):
        # of each category, where a seventh character is asked for, and the ends of its codes
        self._rows: dict[str, tuple[str, str]] = {}
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        for number, line in enumerate(lines[1:], 1):
            cells = line.split(",")
            if len(cells) != 3 or len(cells[0]) != CATEGORY:
                hint = "Write a category, its seventh characters and the ends of its codes."
                raise TableError(str(path), number, "category", line[:20], hint)
            self._rows[cells[0]] = cells[1], f" {cells[2]} "

    def __bool__(self) -> bool:
        """Whether there is a classification to look into."""
        return bool(self._rows)

    def holding(self, code: str) -> list[str]:
        """A code and those that contain it, the narrowest first; none of what is no code."""
        bare = "".join(code.split()).upper().replace(".", "", 1)
        category, end = bare[:CATEGORY], bare[CATEGORY:]
        if category not in self._rows or not bare.isalnum():
            return []
        ends = self._rows[category][1]
        stem = end if not end or f" {end} " in ends else self._stem(category, end)
        if stem is None:
            return []
        stems = [stem[:n] for n in range(len(stem), 0, -1) if f" {stem[:n]} " in ends]
        return [f"{category}.{e}" for e in ([end] if end != stem else []) + stems] + [category]

    def _stem(self, category: str, end: str) -> str | None:
        """The end of the code that a seventh character was added to, without the X that fill it up.

        None where no seventh character is asked for.
        """
        if CATEGORY + len(end) != STEM + 1:
            return None
        seventh, ends = self._rows[category]
        listed = ends.split()
        stem = end[:-1] if end[:-1] in listed else end[:-1].rstrip("X")
        if stem and stem not in listed:
            return None
        if any(other.startswith(stem) and other != stem for other in listed):
            return None  # one with codes below it
        rules = dict(rule.split(":") for rule in seventh.split())
        narrowest = max((begin for begin in rules if stem.startswith(begin)), key=len, default=None)
        return stem if narrowest is not None and end[-1] in rules[narrowest] else None


class Codes:
    """All mappings, by FHIR system and code, and by subject.

    `topical` holds the mapped terms that topics are about; until it is told, every term may be one.
    `past` holds, of mapped terms, the one that a code of a later encounter stands for instead.
    """

    def __init__(self, ontology: Path):
        self.topical: frozenset[str] | None = None
        self.past: dict[str, str] = {}
        self.classification = Classification(ontology / "tables" / "icd-10-cm.csv")
        reasons = ontology / "tables" / "reasons.csv"
        self._listed = {row["code"] for row in table(reasons, ",")} if reasons.exists() else set()
        encounters = ontology / "tables" / "encounters.csv"
        rows = table(encounters, ",") if encounters.exists() else ()
        self._later = {row["character"] for row in rows if row["encounter"] != "initial"}
        self.systems = {
            row["prefix"]: CodeSystem(
                row["prefix"],
                row["iri_base"],
                tuple(row["fhir_systems"].split()),
                row.get("title", ""),
            )
            for row in table(ontology / "tables" / "code-systems.csv", ",")
        }
        self.prefixes = {system: s.prefix for s in self.systems.values() for system in s.systems}
        self._by_code: dict[tuple[str, str], list[Mapping]] = defaultdict(list)
        self._find = lru_cache(maxsize=65536)(
            lambda system, code: [mapping for mapping in self.near(system, code) if mapping.intake]
        )
        self._by_subject: dict[str, list[Mapping]] = defaultdict(list)
        for path in sorted((ontology / "mappings").glob("*.sssom.tsv")):
            for number, row in enumerate(table(path, "\t"), 1):
                self._add(path, number, row)

    def _add(self, path: Path, number: int, row: dict[str, str]) -> None:
        prefix, _, code = row["object_id"].partition(":")
        column, hint = "object_id", ""
        if prefix not in self.systems:
            hint = "Declare its prefix in tables/code-systems.csv."
        elif row["intake"] not in INTAKES:
            column, hint = "intake", "Write fact, question or nothing."
        elif prefix == CLASSIFIED and self.classification:
            if self.classification.holding(code)[:1] != [code]:
                hint = "Take a code that tables/icd-10-cm.csv holds, with its point."
        if hint:
            raise TableError(str(path), number, column, row[column], hint)
        mapping = Mapping(
            expand(row["subject_id"]),
            row["predicate_id"].removeprefix("skos:"),
            prefix,
            code,
            row["object_label"],
            row["laterality"],
            expand(row["implied_site"]),
            row["intake"],
            row["predicate_id"] != "skos:narrowMatch" or says_no_more(row),
        )
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
        """All mappings of a code, also those that a record reader may not rely on.

        Of ICD-10-CM those of the nearest code that contains it; an injury whose seventh character
        says that it was treated before is a past one.
        """
        if self.prefixes.get(system) != CLASSIFIED or not self.classification:
            return self._by_code.get((system, code.strip()), [])
        codes = self.classification.holding(code)
        mappings = next(filter(None, (self._by_code.get((system, one)) for one in codes)), [])
        full = codes[0].replace(".", "") if codes else ""
        if len(full) > STEM and full[-1] in self._later:
            return self._at_later_encounter(mappings)
        return mappings

    def _at_later_encounter(self, mappings: list[Mapping]) -> list[Mapping]:
        """What the mappings of a code mean once it was treated before; a term once, with a site
        where any of them gives one.
        """
        later: dict[str, Mapping] = {}
        for mapping in mappings:
            subject = self.past.get(mapping.subject, mapping.subject)
            if subject not in later or (mapping.site and not later[subject].site):
                later[subject] = replace(mapping, subject=subject)
        return list(later.values())

    def outside(self, system: str, code: str) -> bool:
        """Whether a code is known and surely lies outside every topic.

        Of ICD-10-CM a code of a category in which nothing is mapped to a term that topics are
        about; of SNOMED CT one of the list `tables/reasons.csv` that is not mapped to such a term.
        A mapped finding at a site that a topic leaves out is not meant: the graph decides that.
        """
        if len(system) + len(code) >= LONGEST:
            return False
        prefix = self.prefixes.get(system)
        if prefix == CLASSIFIED:
            holding = self.classification.holding(code)
            return bool(holding) and holding[-1] not in self._beyond[0]
        return prefix == LISTED and code.strip() in self._beyond[1]

    @cached_property
    def _beyond(self) -> tuple[set[str], set[str]]:
        """The categories of ICD-10-CM that topics are about, and the SNOMED CT codes outside."""
        covered = {code[:CATEGORY] for code in self._about_topics(CLASSIFIED)}
        return covered, self._listed - self._about_topics(LISTED)

    def _about_topics(self, prefix: str) -> set[str]:
        """The codes of a terminology that are mapped to a term that topics are about."""
        every = (m for mappings in self._by_subject.values() for m in mappings)
        return {
            m.code
            for m in every
            if m.prefix == prefix and (self.topical is None or m.subject in self.topical)
        }

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
    """The rows of a delimited file with a header.

    Lines that begin with # before the header are passed over.

    Raises InputError for what is no text in UTF-8, or no table.
    """
    given = io.StringIO(text_of(path), newline="")
    lines = (line for line in given if not line.startswith("#"))
    try:
        yield from csv.DictReader(
            lines,
            delimiter=delimiter,
            quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        )
    except csv.Error as error:
        raise InputError(str(path), f"this is no table ({error})", "Correct it there.") from None
