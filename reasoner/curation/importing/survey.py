"""What a rating table holds as a whole: its topics, scenarios and procedures, and the faults that single rows do not show."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

from reasoner.curation.importing.procedure_names import Reading, parse
from reasoner.curation.importing.table_layouts import Fault, Line, Rows, where

Scenario = tuple[str, str, str, str]
NUMBER = re.compile("[0-9]{1,9}")  # of a row
NAMED = 50  # rows that are missing, by number


@dataclass
class Survey:
    """The ratings of a table by topic and scenario, what its procedure names mean, and all that is wrong with it."""

    layout: str
    read: int
    topics: dict[tuple[str, str], dict[Scenario, list[Line]]] = field(default_factory=dict)
    readings: dict[str, Reading | None] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    alone: set[str] = field(default_factory=set)
    dropped: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """The rows that are kept, topic by topic."""
        return [
            line
            for scenarios in self.topics.values()
            for lines in scenarios.values()
            for line in lines
        ]

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios that have a rating."""
        return [scenario for scenarios in self.topics.values() for scenario in scenarios]

    @property
    def unparsed(self) -> list[str]:
        """The procedure names that the grammar does not read, sorted."""
        return sorted(name for name, reading in self.readings.items() if reading is None)


def survey(rows: Rows) -> Survey:
    """The survey of the rows of a table."""
    found = Survey(rows.layout, rows.read, dropped=list(rows.dropped), faults=list(rows.faults))
    texts = {line.cells["scenario"] for line in rows.lines}
    lines = []
    for line in rows.lines:
        if line.cells["procedure"] in texts:
            found.dropped.append(
                Fault(
                    "scenario-as-procedure",
                    line.number,
                    f"The procedure is the text of a scenario: {line.cells['procedure']!r}.",
                )
            )
        else:
            lines.append(line)
    for name in sorted({line.cells["procedure"] for line in lines}):
        found.readings[name] = parse(name)
    _group(found, lines)
    found.used = Counter(line.cells["procedure"] for line in found.lines)
    found.faults += [
        *_rows_missing(rows),
        *_topics_twice(found),
        *_numbers_twice(found),
        *_names_twice(found),
    ]
    found.dropped.sort(key=lambda fault: fault.line)
    found.faults.sort(key=lambda fault: (fault.kind, fault.line))
    return found


def _group(found: Survey, lines: list[Line]) -> None:
    """Puts rows below their topic and scenario, one row a procedure; rows that contradict each other are all dropped."""
    grid: dict[Scenario, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        grid[line.scenario][line.cells["procedure"]].append(line)
    for scenario, procedures in grid.items():
        kept = [rows[0] for rows in procedures.values() if _agree(found, rows)]
        if kept:
            found.topics.setdefault(scenario[:2], {})[scenario] = kept
        same: dict[Reading, list[str]] = defaultdict(list)
        for name in procedures:
            if reading := found.readings[name]:
                same[reading].append(name)
        for names in (names for names in same.values() if len(names) > 1):
            found.alone.update(names)
            found.faults.append(
                Fault(
                    "names-not-told-apart",
                    procedures[names[1]][0].number,
                    f"The grammar reads these as one procedure, but {where(procedures[names[0]][0])} rates each; they are kept apart by name: {'; '.join(names)}.",
                )
            )


def _agree(found: Survey, rows: list[Line]) -> bool:
    """Whether the rows of one scenario and procedure say the same; a repetition is dropped, contradictory rows are all dropped."""
    first, rest = rows[0], rows[1:]
    if all(
        (row.category, row.adult, row.pediatric) == (first.category, first.adult, first.pediatric)
        for row in rest
    ):
        found.dropped += [
            Fault(
                "repeated-rating",
                row.number,
                f"Line {first.number} says the same of {row.cells['procedure']}.",
            )
            for row in rest
        ]
        return True
    said = "; ".join(
        f"line {row.number} {row.category}, {row.adult} / {row.pediatric}" for row in rows
    )
    found.faults.append(
        Fault(
            "contradictory-rating",
            first.number,
            f"{first.cells['procedure']} in {where(first)}: {said}. None was imported.",
        )
    )
    found.dropped += [
        Fault(
            "contradictory-rating",
            row.number,
            f"Another row rates {row.cells['procedure']} otherwise.",
        )
        for row in rows
    ]
    return False


def _rows_missing(rows: Rows) -> Iterator[Fault]:
    """The scenarios whose numbered rows have gaps; a first row is named apart, because it holds what is rated highest."""
    for (_, topic, number, text), seen in rows.numbered.items():
        numbers = {int(row) for row in seen if NUMBER.fullmatch(row)}
        line = min(seen.values(), default=0)
        place = f"scenario {number} of {topic}, {text!r}"
        if numbers and 1 not in numbers or not seen:
            yield Fault("missing-first-row", line, f"The first row is missing from {place}.")
        if gaps := list(islice(absent(numbers), NAMED + 1)):
            more = ", ..." if len(gaps) > NAMED else ""
            yield Fault(
                "missing-row",
                line,
                f"Rows {', '.join(map(str, gaps[:NAMED]))}{more} are missing from {place}.",
            )


def absent(numbers: set[int]) -> Iterator[int]:
    """The numbers above 1 that are left out below the greatest of some."""
    for before, after in pairwise(sorted(numbers | {1})):
        yield from range(before + 1, after)


def _topics_twice(found: Survey) -> Iterator[Fault]:
    """The topics that several panels list; they are kept apart."""
    panels: dict[str, list[str]] = defaultdict(list)
    for panel, topic in found.topics:
        panels[topic].append(panel)
    for topic, names in panels.items():
        if len(names) > 1:
            lines = [
                min(line.number for lines in found.topics[panel, topic].values() for line in lines)
                for panel in names
            ]
            same = (
                len(
                    {
                        frozenset(
                            (s[2:], line.cells["procedure"], line.category)
                            for s, lines in found.topics[panel, topic].items()
                            for line in lines
                        )
                        for panel in names
                    }
                )
                == 1
            )
            yield Fault(
                "topic-of-several-panels",
                lines[0],
                f"{topic}: {', '.join(names)}; their ratings are {'the same' if same else 'NOT the same'}. Each is imported as a topic of its own.",
            )


def _numbers_twice(found: Survey) -> Iterator[Fault]:
    """The scenario numbers that have several texts."""
    texts: dict[tuple, list[Scenario]] = defaultdict(list)
    for scenario in found.scenarios:
        texts[scenario[:3]].append(scenario)
    for (panel, topic, number), scenarios in texts.items():
        if len(scenarios) > 1:
            line = found.topics[panel, topic][scenarios[1]][0].number
            yield Fault(
                "number-of-several-scenarios",
                line,
                f"Scenario {number} of {topic} has {len(scenarios)} texts: {'; '.join(repr(s[3]) for s in scenarios)}.",
            )


def _names_twice(found: Survey) -> Iterator[Fault]:
    """The scenario texts that stand under several numbers of a topic, and what they rate differently."""
    numbers: dict[tuple, list[Scenario]] = defaultdict(list)
    for scenario in found.scenarios:
        numbers[scenario[0], scenario[1], scenario[3]].append(scenario)
    for (panel, topic, text), scenarios in numbers.items():
        if len({s[2] for s in scenarios}) > 1:
            grids = [
                {line.cells["procedure"]: line.category for line in found.topics[panel, topic][s]}
                for s in scenarios
            ]
            line = found.topics[panel, topic][scenarios[1]][0].number
            yield Fault(
                "repeated-scenario-name",
                line,
                f"{text!r} is the text of scenarios {', '.join(s[2] for s in scenarios)} of {topic}.",
            )
            said: dict[str, set[str]] = defaultdict(set)
            for name, rated in (pair for grid in grids for pair in grid.items()):
                said[name].add(rated)
            odd = sorted(name for name, rated in said.items() if len(rated) > 1)
            if odd:
                yield Fault(
                    "contradictory-under-one-name",
                    line,
                    f"{text!r} of {topic} (scenarios {', '.join(s[2] for s in scenarios)}) rates differently: {'; '.join(odd)}.",
                )
