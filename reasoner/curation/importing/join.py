"""Joins the rows of a rating table to the scenarios that the graph can compute, by hashed text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reasoner.curation.importing.identifiers import same
from reasoner.curation.importing.listings import Known, key_of
from reasoner.curation.importing.survey import NUMBER, Survey, absent
from reasoner.curation.importing.table_layouts import Line

JOINED, AMBIGUOUS, OLDER = "joined", "ambiguous", "older"
REWORDED, NEW = "reworded", "new"
STATES = {
    JOINED: "joined to one scenario",
    AMBIGUOUS: "joined to several scenarios, which the listing itself does not tell apart",
    OLDER: "of an older edition than the one that is computed; not joined",
    REWORDED: "known by number, but of another text; not joined",
    NEW: "not known; not joined",
}


@dataclass(frozen=True)
class Entry:
    """A row of a listing as a table has it, its ratings, and the scenarios that it is joined to.

    `is_whole` says that no row of its ratings is lost.
    """

    topic: str
    number: str
    area: str
    lines: tuple[Line, ...]
    status: str
    scenarios: tuple[str, ...]
    is_whole: bool

    @property
    def place(self) -> str:
        """Its topic, number and body area in words."""
        return f"{self.topic} {self.number}" + (f", {self.area}" if self.area else "")


@dataclass
class Join:
    """The entries of the topics that can be computed, and the known rows that a table lacks."""

    entries: list[Entry] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    absent_topics: list[str] = field(default_factory=list)

    @property
    def by_scenario(self) -> dict[str, list[Entry]]:
        """The entries of each scenario that has any."""
        scenarios: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for scenario in entry.scenarios:
                scenarios.setdefault(scenario, []).append(entry)
        return scenarios


def join(survey: Survey, listings: dict[str, list[Known]]) -> Join:
    """The join of a table to the known rows of its topics; these are given by name in `same` form.

    A row of another text than is known is not joined: its meaning has to be read by somebody.
    """
    result, present = Join(), set()
    for (_, topic), scenarios in survey.topics.items():
        if (known := listings.get(same(topic))) is None:
            continue
        present.add(same(topic))
        entries = [
            entry(topic, number, text, tuple(lines), known, survey.layout)
            for (_, _, number, text), lines in scenarios.items()
        ]
        result.entries += entries
        result.vanished += vanished(topic, known, scenarios, survey.layout)
    result.absent_topics = sorted(set(listings) - present)
    return result


def entry(
    topic: str, number: str, text: str, lines: tuple[Line, ...], known: list[Known], listing: str
) -> Entry:
    """A row of a listing, joined by its text and body area."""
    area = lines[0].cells.get("area", "")
    key = key_of(text, area)
    alike = [k for k in known if k.key == key and same(k.area) == same(area)]
    scenarios = tuple(sorted({s for k in alike for s in k.scenarios}))
    numbered = any(k.listing == listing and k.number == number for k in known)
    if alike:
        status = AMBIGUOUS if len(scenarios) > 1 else JOINED if scenarios else OLDER
    else:
        status = REWORDED if numbered else NEW
    return Entry(topic, number, area, lines, status, scenarios, whole(lines))


def whole(lines: tuple[Line, ...]) -> bool:
    """Whether the numbers of the rows begin with 1 and leave none out; so if there are none."""
    numbers = {int(n) for line in lines if NUMBER.fullmatch(n := line.cells["row"])}
    return not numbers or 1 in numbers and not any(absent(numbers))


def vanished(topic: str, known: list[Known], scenarios: dict, listing: str) -> Iterator[str]:
    """The known rows of the listing of a table that it does not hold any more, in words."""
    held = {
        (key_of(scenario[3], lines[0].cells.get("area", "")), same(lines[0].cells.get("area", "")))
        for scenario, lines in scenarios.items()
    }
    for k in known:
        if k.listing == listing and (k.key, same(k.area)) not in held:
            yield f"{topic} {k.number}" + (f", {k.area}" if k.area else "")
