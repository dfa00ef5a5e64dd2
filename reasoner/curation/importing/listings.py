"""The keys by which rows of a listing are known: a hash of the text of a scenario, by body area.

The texts of a listing are its publisher's, so `topics/<topic>/listing.csv` holds hashes alone: a
row of it says which scenarios of the topic a row of the listing of a year is about.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reasoner.curation.importing.identifiers import same
from reasoner.curation.tables.rows import Row, rows
from reasoner.errors import InputError
from reasoner.graph.index import Index
from reasoner.graph.store import read_turtle, text
from reasoner.names import LABEL, RDF_TYPE, SKOS, ia

LISTING = "listing.csv"
COLUMNS = "scenario listing scenario_no body_area text_hash".split()
DIGITS = 16  # of a hash, in hexadecimal


@dataclass(frozen=True)
class Known:
    """A row of a listing that is known: its year, number, body area and hash.

    `scenarios` are IRIs: several where the listing cannot tell them apart, none where the row is
    about an older edition than the one that can be computed.
    """

    topic: str
    scenarios: tuple[str, ...]
    listing: str
    number: str
    area: str
    key: str


def key_of(scenario: str, area: str) -> str:
    """The hash of the text of a scenario, its words in lower case and the body area taken out."""
    words = f" {same(scenario)} "
    if area:
        words = words.replace(f" {same(area)} ", " ")
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:DIGITS]


def listed(ontology: Path, known: Index) -> dict[str, list[Known]]:
    """The known rows of each topic that has a listing, by the names of the topic in `same` form.

    Raises TableError for a bad cell.
    """
    topics: dict[str, list[Known]] = {}
    for path in sorted((ontology / "topics").glob(f"*/{LISTING}")):
        topic, names = topic_of(path.parent)
        lines = list(read_listing(path, topic, known))
        topics.update(dict.fromkeys(map(same, names), lines))
    return topics


def read_listing(path: Path, topic: str, known: Index) -> Iterator[Known]:
    """The rows of a table of known rows. Raises TableError for a bad cell."""
    for row in rows(path, COLUMNS, known):
        row.matching("listing", r"(19|20)\d\d", "Write the year of the listing, such as 2026.")
        row.matching("scenario_no", ".+", "Write the number that the listing gives the row.")
        row.matching("text_hash", f"[0-9a-f]{{{DIGITS}}}", f"A hash has {DIGITS} digits.")
        yield Known(
            topic,
            tuple(scenario_named(row, name) for name in row.cells["scenario"].split()),
            row.cells["listing"],
            row.cells["scenario_no"],
            row.cells["body_area"],
            row.cells["text_hash"],
        )


def topic_of(folder: Path) -> tuple[str, list[str]]:
    """The topic that the document of a folder declares, and its names.

    Raises InputError where there is none.
    """
    facts = Index(
        (text(t.subject), text(t.predicate), text(t.object))
        for t in read_turtle(folder / "topic.ttl")
    )
    topics = facts.subjects(RDF_TYPE, ia("Topic"))
    if not topics:
        raise InputError(str(folder / "topic.ttl"), "it declares no topic", "Declare one.")
    names = [name for p in (LABEL, SKOS + "altLabel") for name in facts.objects(topics[0], p)]
    return topics[0], names


def scenario_named(row: Row, name: str) -> str:
    """The scenario of a name without prefix. Raises TableError where there is none."""
    iri = ia(name)
    if not row.known.holds(iri, RDF_TYPE, ia("Scenario")):
        raise row.fail("scenario", f"{name} is no scenario; write names without prefix.")
    return iri
