"""Says which imported ratings a graph was loaded with, and how the listing was joined."""

import csv
import io
import json
from collections.abc import Callable

from reasoner.curation.importing.join import JOINED, STATES
from reasoner.graph.knowledge import Knowledge
from reasoner.messages.escaping import as_json as only_data
from reasoner.messages.escaping import visible
from reasoner.names import DCTERMS, RDF_TYPE, curie, ia

HEADER = ("scenario", "topic", "scenario_no", "body_area")
NOTHING = "no ratings are imported: nextstudy import brings in a table that you are licensed to use"


def as_dict(knowledge: Knowledge) -> dict:
    """What is loaded, as JSON data; `table` is None where no ratings are imported."""
    facts = knowledge.facts
    importable = [
        s
        for edition in facts.subjects(ia("ratedByImport"), "true")
        for s in facts.subjects(ia("inEdition"), edition)
        if facts.holds(s, RDF_TYPE, ia("Scenario"))
    ]
    states = ("complete", "incomplete", "inferred", "disagreement-not-recorded", "not-loaded")
    rows = entries(knowledge)
    return {
        "table": table(knowledge),
        "scenarios": {
            state: [curie(s) for s in importable if facts.holds(s, ia("ratingState"), state)]
            for state in states
        },
        "inferred": [
            knowledge.label(rating) for rating in facts.subjects(ia("isInferred"), "true")
        ],
        "entries": {
            status: [place(row) for row in rows if row["status"] == status] for status in STATES
        },
    }


def table(knowledge: Knowledge) -> dict | None:
    """The table that was imported: its file, hash, edition, and the day it was seen."""
    facts = knowledge.facts
    tables = facts.subjects(RDF_TYPE, ia("ImportedTable"))
    if not tables:
        return None
    return {
        "file": facts.value(tables[0], ia("fileName")),
        "sha256": facts.value(tables[0], ia("fileDigest")),
        "edition": facts.value(tables[0], DCTERMS + "issued"),
        "seen": facts.value(tables[0], ia("dateSeen")),
    }


def entries(knowledge: Knowledge) -> list[dict]:
    """The rows of the listing that was imported, in its order."""
    facts = knowledge.facts
    rows = sorted(
        facts.subjects(RDF_TYPE, ia("ListingEntry")), key=lambda iri: int(iri.rpartition("_")[2])
    )
    return [
        {
            "scenario": " ".join(map(curie, facts.objects(row, ia("joinedTo")))),
            "topic": facts.value(row, ia("topicListed")),
            "scenario_no": facts.value(row, ia("listingNumber")),
            "body_area": facts.value(row, ia("bodyArea")),
            "status": facts.value(row, ia("joinStatus")),
        }
        for row in rows
    ]


def place(row: dict) -> str:
    """A row of a listing in words."""
    area = f", {row['body_area']}" if row["body_area"] else ""
    return f"{row['topic']} {row['scenario_no']}{area}"


def join_csv(knowledge: Knowledge) -> str:
    """The join as CSV: a line for each row of the listing, with the scenarios that it belongs to.

    A row that the listing does not tell apart has several, separated by spaces; one that was not
    joined has none.
    """
    out = io.StringIO()
    lines = ([row[name] for name in HEADER] for row in entries(knowledge))
    csv.writer(out, lineterminator="\n").writerows([HEADER, *lines])
    return out.getvalue()


def as_json(report: dict) -> bytes:
    """What is loaded as JSON."""
    return (only_data(json.dumps(report, indent=1, ensure_ascii=False)) + "\n").encode()


def as_text(report: dict) -> str:
    """What is loaded in words."""
    scenarios, loaded = report["scenarios"], report["table"]
    every = sum(len(scenarios[state]) for state in ("complete", "incomplete", "not-loaded"))
    rated = every - len(scenarios["not-loaded"])
    lines = [NOTHING]
    if loaded:
        lines = [
            f"{loaded['file']}: edition {loaded['edition']}, seen {loaded['seen']}",
            f"SHA-256 {loaded['sha256']}",
        ]
    lines.append(f"scenarios with ratings: {rated} of {every} whose ratings are imported")
    for title, names in (
        ("incomplete, because the table lacks rows", scenarios["incomplete"]),
        ("not loaded", scenarios["not-loaded"] if loaded else []),
        ("inferred, because the table lost the row", report["inferred"]),
    ):
        if names:
            lines += [f"{title}: {len(names)}", *(f"  {name}" for name in names)]
    if unmarked := scenarios["disagreement-not-recorded"]:
        lines.append(f"disagreement not recorded: {len(unmarked)} scenarios")
    for status, places in report["entries"].items():
        if places:
            lines.append(f"{len(places)} rows of the listing {STATES[status]}")
        if status != JOINED:
            lines += [f"  {name}" for name in places]
    return "".join(f"{visible(line)}\n" for line in lines)


FORMATS: dict[str, Callable[[dict], str | bytes]] = {"text": as_text, "json": as_json}
