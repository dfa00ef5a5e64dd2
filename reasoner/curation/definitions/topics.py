"""The folders of topics, `ontology/topics/<topic>/`, and what their tables are compiled to."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from reasoner.curation.definitions.criteria import Compiler, Criterion, read_criteria
from reasoner.curation.definitions.lexicon import Lexicon
from reasoner.curation.definitions.scenarios import Scenario, read_scenarios
from reasoner.curation.definitions.scenarios import statements as scenario_statements
from reasoner.curation.tables.ratings import ratings
from reasoner.curation.tables.recommendations import recommendations
from reasoner.errors import TableError
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, read_turtle, text
from reasoner.names import RDF_TYPE, SOURCE, ia

CRITERIA, SCENARIOS = "criteria.csv", "scenarios.csv"
RATINGS, RECOMMENDATIONS = "ratings.csv", "recommendations.csv"
TABLES = (CRITERIA, SCENARIOS, RATINGS, RECOMMENDATIONS)
Read = TypeVar("Read")


def topic_folders(ontology: Path) -> list[Path]:
    """The folders of topics that have a table."""
    folders = sorted((ontology / "topics").glob("*/"))
    return [folder for folder in folders if tables_of(folder)]


def tables_of(folder: Path) -> list[Path]:
    """The tables of a topic."""
    return [folder / name for name in TABLES if (folder / name).is_file()]


class Topics:
    """The tables of all topics, read once; `edited` are the documents edited by hand."""

    def __init__(self, ontology: Path, edited: Index):
        self.ontology = ontology
        self.lexicon = Lexicon(ontology, edited, ())
        self.criteria: dict[Path, list[Criterion]] = {}
        self.scenarios: dict[Path, list[Scenario]] = {}
        for folder in topic_folders(ontology):
            # a table with a bad cell is refused when its own topic is compiled
            self.criteria[folder] = unless_bad(partial(self._criteria, folder)) or []
            self.scenarios[folder] = unless_bad(partial(self._scenarios, folder)) or []
        for criteria in self.criteria.values():
            for criterion in criteria:
                self.lexicon.declare(criterion.declarations())
        for scenarios in self.scenarios.values():
            for scenario in scenarios:
                self.lexicon.declare(scenario.declarations())

    def _criteria(self, folder: Path) -> list[Criterion]:
        path = folder / CRITERIA
        if not path.is_file():
            return []
        return read_criteria(path, self._name(path), self.lexicon, self._sources(folder))

    def _scenarios(self, folder: Path) -> list[Scenario]:
        path = folder / SCENARIOS
        return read_scenarios(path, self._name(path), self.lexicon) if path.is_file() else []

    def _name(self, path: Path) -> str:
        """The path of a table as compiled terms name it, wherever the folder lies."""
        return f"ontology/{path.relative_to(self.ontology).as_posix()}"

    def _sources(self, folder: Path) -> list[str]:
        """The sources of the current editions that the document of a topic declares."""
        document = folder / "topic.ttl"
        subjects = {text(t.subject) for t in read_turtle(document)} if document.is_file() else ()
        known = self.lexicon.edited
        return sorted(
            {
                source
                for edition in subjects
                if known.holds(edition, RDF_TYPE, ia("Edition"))
                and known.holds(edition, ia("isCurrent"), "true")
                for source in known.objects(edition, SOURCE)
            }
        )

    @cached_property
    def compiler(self) -> Compiler:
        """The compiler of the criteria of all topics."""
        return Compiler(self.lexicon, first(row for rows in self.criteria.values() for row in rows))

    @cached_property
    def all_scenarios(self) -> dict[str, Scenario]:
        """The scenarios of all topics by IRI."""
        return first(row for rows in self.scenarios.values() for row in rows)

    def definitions(self, folder: Path) -> Iterator[Statement]:
        """The statements of a topic's criteria and scenarios. Raises TableError for a bad cell."""
        compiler, scenarios = self.compiler, self.all_scenarios
        for criterion in self.criteria[folder] or self._criteria(folder):
            yield from compiler.statements(criterion)
        for scenario in self.scenarios[folder] or self._scenarios(folder):
            yield from scenario_statements(scenario, scenarios, self.lexicon)

    def statements(self, folder: Path) -> Iterator[Statement]:
        """The statements of all tables of a topic. Raises TableError for a bad cell."""
        yield from self.definitions(folder)
        if (folder / RATINGS).is_file():
            yield from ratings(folder / RATINGS, self.lexicon.known)
        if (folder / RECOMMENDATIONS).is_file():
            yield from recommendations(folder / RECOMMENDATIONS, self.lexicon.known)


def first(rows) -> dict:
    """Rows by IRI; of two with one IRI the first."""
    by_iri: dict = {}
    for row in rows:
        by_iri.setdefault(row.iri, row)
    return by_iri


def unless_bad(read: Callable[[], Read]) -> Read | None:
    """What a table is read as; None for one with a bad cell."""
    try:
        return read()
    except TableError:
        return None
