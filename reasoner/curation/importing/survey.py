"""Examines a rating table as a whole: its topics, scenarios, procedures, and faults across rows."""

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
    """The ratings of a table by topic and scenario, readings of its procedure names, and faults.

    `used` counts the rows of each procedure name; `alone` are names that the grammar reads like
    another name of the same scenario, which stay procedures of their own.
    """

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
        """The rows that are imported, topic by topic."""
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


def examine(rows: Rows) -> Survey:
    """The survey of the rows of a table."""
    survey = Survey(rows.layout, rows.read, dropped=list(rows.dropped), faults=list(rows.faults))
    texts = {line.cells["scenario"] for line in rows.lines}
    lines = []
    for line in rows.lines:
        procedure = line.cells["procedure"]
        if procedure in texts:
            message = f"The procedure is the text of a scenario: {procedure!r}."
            survey.dropped.append(Fault("scenario-as-procedure", line.number, message))
        else:
            lines.append(line)
    for name in sorted({line.cells["procedure"] for line in lines}):
        survey.readings[name] = parse(name)
    _group(survey, lines)
    survey.used = Counter(line.cells["procedure"] for line in survey.lines)
    survey.faults += [
        *_rows_missing(rows),
        *_topics_twice(survey),
        *_numbers_twice(survey),
        *_names_twice(survey),
    ]
    survey.dropped.sort(key=lambda fault: fault.line)
    survey.faults.sort(key=lambda fault: (fault.kind, fault.line))
    return survey


def _group(survey: Survey, lines: list[Line]) -> None:
    """Puts rows below their topic and scenario, one row a procedure.

    Rows that contradict each other are all dropped.
    """
    grid: dict[Scenario, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        grid[line.scenario][line.cells["procedure"]].append(line)
    for scenario, procedures in grid.items():
        rated = [rows[0] for rows in procedures.values() if _agree(survey, rows)]
        if rated:
            survey.topics.setdefault(scenario[:2], {})[scenario] = rated
        by_reading: dict[Reading, list[str]] = defaultdict(list)
        for name in procedures:
            if reading := survey.readings[name]:
                by_reading[reading].append(name)
        for names in by_reading.values():
            if len(names) > 1:
                survey.alone.update(names)
                first, second = (procedures[name][0] for name in names[:2])
                message = (
                    f"The grammar reads these as one procedure, but {where(first)} rates each; "
                    f"they are kept apart by name: {'; '.join(names)}."
                )
                survey.faults.append(Fault("names-not-told-apart", second.number, message))


def _agree(survey: Survey, rows: list[Line]) -> bool:
    """Whether the rows of one scenario and procedure rate it alike.

    A repetition is dropped; of contradictory rows all are.
    """
    first, rest = rows[0], rows[1:]
    procedure = first.cells["procedure"]
    if len({(row.category, row.adult, row.pediatric) for row in rows}) == 1:
        message = f"Line {first.number} says the same of {procedure}."
        survey.dropped += [Fault("repeated-rating", row.number, message) for row in rest]
        return True
    ratings = "; ".join(
        f"line {row.number} {row.category}, {row.adult} / {row.pediatric}" for row in rows
    )
    kind, message = "contradictory-rating", f"Another row rates {procedure} otherwise."
    whole = f"{procedure} in {where(first)}: {ratings}. None was imported."
    survey.faults.append(Fault(kind, first.number, whole))
    survey.dropped += [Fault(kind, row.number, message) for row in rows]
    return False


def _rows_missing(rows: Rows) -> Iterator[Fault]:
    """The scenarios whose numbered rows have gaps.

    A first row is named by itself, because it holds what is rated highest.
    """
    for (_, topic, number, text), lines in rows.numbered.items():
        numbers = {int(row) for row in lines if NUMBER.fullmatch(row)}
        line = min(lines.values(), default=0)
        place = f"scenario {number} of {topic}, {text!r}"
        if numbers and 1 not in numbers or not lines:
            yield Fault("missing-first-row", line, f"The first row is missing from {place}.")
        if gaps := list(islice(absent(numbers), NAMED + 1)):
            more = ", ..." if len(gaps) > NAMED else ""
            named = f"{', '.join(map(str, gaps[:NAMED]))}{more}"
            yield Fault("missing-row", line, f"Rows {named} are missing from {place}.")


def absent(numbers: set[int]) -> Iterator[int]:
    """The numbers above 1 that are left out below the greatest of some."""
    for before, after in pairwise(sorted(numbers | {1})):
        yield from range(before + 1, after)


def _topics_twice(survey: Survey) -> Iterator[Fault]:
    """The topics that several panels list; each stays a topic of its own."""
    panels: dict[str, list[str]] = defaultdict(list)
    for panel, topic in survey.topics:
        panels[topic].append(panel)
    for topic, names in panels.items():
        if len(names) > 1:
            first = survey.topics[names[0], topic]
            line = min(line.number for lines in first.values() for line in lines)
            is_same = len({_grid(survey.topics[panel, topic]) for panel in names}) == 1
            yield Fault(
                "topic-of-several-panels",
                line,
                f"{topic}: {', '.join(names)}; their ratings are "
                f"{'the same' if is_same else 'NOT the same'}. Each is imported as a topic of its "
                "own.",
            )


def _grid(scenarios: dict[Scenario, list[Line]]) -> frozenset[tuple]:
    """The ratings of a topic, whatever panel lists it: number, text, procedure, category."""
    return frozenset(
        (scenario[2:], line.cells["procedure"], line.category)
        for scenario, lines in scenarios.items()
        for line in lines
    )


def _numbers_twice(survey: Survey) -> Iterator[Fault]:
    """The scenario numbers that have several texts."""
    texts: dict[tuple, list[Scenario]] = defaultdict(list)
    for scenario in survey.scenarios:
        texts[scenario[:3]].append(scenario)
    for (panel, topic, number), scenarios in texts.items():
        if len(scenarios) > 1:
            line = survey.topics[panel, topic][scenarios[1]][0].number
            listed = "; ".join(repr(s[3]) for s in scenarios)
            message = f"Scenario {number} of {topic} has {len(scenarios)} texts: {listed}."
            yield Fault("number-of-several-scenarios", line, message)


def _names_twice(survey: Survey) -> Iterator[Fault]:
    """The scenario texts that stand under several numbers of a topic, and what they contradict."""
    numbers: dict[tuple, list[Scenario]] = defaultdict(list)
    for scenario in survey.scenarios:
        numbers[scenario[0], scenario[1], scenario[3]].append(scenario)
    for (panel, topic, text), scenarios in numbers.items():
        if len({s[2] for s in scenarios}) > 1:
            listed = ", ".join(s[2] for s in scenarios)
            line = survey.topics[panel, topic][scenarios[1]][0].number
            message = f"{text!r} is the text of scenarios {listed} of {topic}."
            yield Fault("repeated-scenario-name", line, message)
            categories: dict[str, set[str]] = defaultdict(set)
            for scenario in scenarios:
                for row in survey.topics[panel, topic][scenario]:
                    categories[row.cells["procedure"]].add(row.category)
            if odd := sorted(name for name, rated in categories.items() if len(rated) > 1):
                message = (
                    f"{text!r} of {topic} (scenarios {listed}) rates differently: {'; '.join(odd)}."
                )
                yield Fault("contradictory-under-one-name", line, message)
