"""Writes the rows of a listing of ratings into `topics/<topic>/listing.csv`, texts as hashes.

    python benchmarks/listing.py TABLE YEAR

A row that is new gets the scenario of a row with the same hash, else FILL-IN: read its text, which
is printed, and write the scenarios that it is about; nothing where it is about an older edition.
"""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from reasoner.curation.importing.identifiers import same
from reasoner.curation.importing.listings import COLUMNS, LISTING, key_of, topic_of
from reasoner.curation.importing.survey import examine
from reasoner.curation.importing.table_layouts import read
from reasoner.files import read_csv, write
from reasoner.names import home

OPEN = "FILL-IN"
Row = tuple[str, ...]  # the cells of a known row, in the order of COLUMNS


def main(table: Path, year: str, ontology: Path) -> Iterator[str]:
    """Updates the listing of each topic that a table lists; yields each row to be filled in."""
    survey = examine(read(table))
    for folder in sorted(path.parent for path in (ontology / "topics").glob("*/topic.ttl")):
        names = set(map(same, topic_of(folder)[1]))
        entries = [s for s in survey.scenarios if same(s[1]) in names]
        if entries and (folder / "scenarios.csv").is_file():
            yield from update(folder / LISTING, year, entries, survey)


def update(path: Path, year: str, entries: list, survey) -> Iterator[str]:
    """Updates the listing of one topic."""
    old = [tuple(cells) for _, cells in read_csv(path)][1:] if path.is_file() else []
    by_place = {row[1:4]: row for row in old}
    by_key = {row[4]: row[0] for row in old}
    rows = [row for row in old if row[1] != year]
    for entry in entries:
        number, scenario = entry[2:]
        area = survey.topics[entry[:2]][entry][0].cells.get("area", "")
        key, known = key_of(scenario, area), by_place.get((year, number, area))
        name = known[0] if known and known[4] == key else by_key.get(key, OPEN)
        if name == OPEN:
            yield f"{path}: {number}, {area or 'no area'}: {scenario}"
        rows.append((name, year, number, area, key))
    rows.sort(key=lambda row: (row[1], int(row[2]) if row[2].isdigit() else 0, row[2:]))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    write(path, out.getvalue().encode())


if __name__ == "__main__":
    for sentence in main(Path(sys.argv[1]), sys.argv[2], home() / "ontology"):
        print(sentence)
