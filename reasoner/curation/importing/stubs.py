"""Topic tables and scenario stubs: what an imported rating table becomes in an ontology folder."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from reasoner.curation.build import GENERATED
from reasoner.curation.definitions.topics import RATINGS as RATED
from reasoner.curation.importing.identifiers import Mint, same, slug
from reasoner.curation.importing.procedures import Procedures
from reasoner.curation.importing.survey import Scenario, Survey
from reasoner.curation.importing.table_layouts import Line
from reasoner.curation.tables.individuals import individual
from reasoner.curation.tables.ratings import RATINGS
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, literal, serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import (
    DCTERMS,
    DOCUMENTS,
    IA,
    LABEL,
    OWL,
    RDF_TYPE,
    SKOS,
    SOURCE,
    XSD,
    curie,
    ia,
)

PUBLISHER = "American College of Radiology"
TERMS = "Those of the rating table, which its user is licensed to use; not to be published"
CATALOG = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<catalog prefer="public" xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">\n{}</catalog>\n'
)


@dataclass(frozen=True)
class Origin:
    """Where an imported table is from: file name, digest, edition, and the date it was seen."""

    file: str
    digest: str
    edition: str
    seen: str


class Stubs:
    """The files of an import by path in the ontology folder, and its documents by IRI."""

    def __init__(self, survey: Survey, known: Index, origin: Origin, stems: set[str]):
        self.survey, self.known, self.origin = survey, known, origin
        self.mint = Mint({s for s in known.having(RDF_TYPE) if s.startswith(IA)})
        self.stems = Mint(stems)
        entry = DOCUMENTS + "appropriateness"
        self.version = known.value(entry, OWL + "versionIRI", "/0/").split("/")[-2]
        self.files: dict[str, bytes] = {}
        self.documents: dict[str, str] = {}
        self.procedures = Procedures(survey, known, self.mint)
        self.source = self.mint.iri(f"RatingTable{origin.edition}")
        shared = [*self._source(), *self.procedures.statements, *self._panels()]
        topics = Counter(topic for _, topic in survey.topics)
        for panel, topic in survey.topics:
            self._topic(panel, topic, f"{topic} ({panel})" if topics[topic] > 1 else topic)
        self.document(
            f"imported-{origin.edition}-vocabulary",
            "Vocabulary of an import",
            "Procedures, regions and techniques that an imported rating table names.",
            shared,
        )

    def document(
        self,
        path: str,
        title: str,
        comment: str,
        statements: list[Statement],
        imports: tuple[str, ...] = (),
        file: str = "",
    ) -> None:
        """Adds a document in canonical Turtle; its file is by default named as its IRI ends."""
        iri = DOCUMENTS + path
        head = [
            (iri, RDF_TYPE, OWL + "Ontology"),
            (iri, OWL + "versionIRI", f"{DOCUMENTS}{self.version}/{path}"),
            (iri, DCTERMS + "title", literal(title, "en")),
            (iri, DCTERMS + "description", literal(comment, "en")),
            (iri, DCTERMS + "license", literal(TERMS)),
        ]
        head += [(iri, OWL + "imports", other) for other in imports]
        file = file or f"{path}.ttl"
        self.files[file] = format_turtle(serialize(head + statements, WELL_KNOWN))
        self.documents[iri] = file

    def entry(self, shipped: dict[str, str]) -> None:
        """Adds the document that imports all others, and the catalog of all.

        `shipped` has the documents of the folder that is imported into.
        """
        every = tuple(sorted([*shipped, *self.documents]))
        self.document(
            f"imported-{self.origin.edition}",
            "Imported ratings",
            "Open this one in Protégé: it imports the project's documents and the imported ones. "
            "The imported texts are the user's own licensed copy; do not publish them.",
            [],
            every,
        )
        rows = "".join(
            f"  <uri name={quoteattr(iri)} uri={quoteattr(path)}/>\n"
            for iri, path in (shipped | self.documents).items()
        )
        self.files["catalog-v001.xml"] = CATALOG.format(rows).encode()

    def _source(self) -> Iterator[Statement]:
        """The publication that the ratings are from."""
        o = self.origin
        yield from individual(
            self.source,
            "Source",
            f"ACR Appropriateness Criteria, ratings of edition {o.edition}, imported",
            "A rating table that its user is licensed to use.",
        )
        citation = (
            f"{PUBLISHER}. ACR Appropriateness Criteria. Ratings of edition {o.edition} as the "
            f"file {o.file} lists them (SHA-256 {o.digest}), seen {o.seen}."
        )
        yield self.source, DCTERMS + "bibliographicCitation", literal(citation)
        yield self.source, DCTERMS + "publisher", literal(PUBLISHER)
        yield self.source, DCTERMS + "issued", literal(o.edition)
        yield self.source, ia("evidenceStrength"), literal("B")

    def _panels(self) -> list[Statement]:
        """The panels that the graph lacks; fills `panels`."""
        self.panels, statements = {}, []
        for name in sorted({panel for panel, _ in self.survey.topics if panel}):
            self.panels[name] = self._known(name, "Panel") or self.mint.iri(name + " panel")
            if not self.known.value(self.panels[name], LABEL):
                statements += individual(
                    self.panels[name], "Panel", name, "A panel that an imported rating table names."
                )
        return statements

    def _known(self, label: str, cls: str) -> str | None:
        """The member of a class that the graph has under a label already."""
        return next(
            (
                iri
                for iri in self.known.subjects(RDF_TYPE, ia(cls))
                if same(self.known.value(iri, LABEL, "")) == same(label)
            ),
            None,
        )

    def _topic(self, panel: str, topic: str, name: str) -> None:
        """Adds the document and the table of a topic."""
        iri = self._known(name, "Topic") or self.mint.iri(name)
        edition = self.mint.iri(f"{name} {self.origin.edition}")
        statements = (
            []
            if self.known.value(iri, LABEL)
            else [
                *individual(iri, "Topic", name, "A topic that an imported rating table rates."),
                (iri, DCTERMS + "publisher", literal(PUBLISHER)),
            ]
            + [(iri, ia("ofPanel"), p) for p in [self.panels.get(panel)] if p]
        )
        statements += individual(
            edition,
            "Edition",
            f"{name} {self.origin.edition} (catalogued)",
            "An imported edition whose scenarios are catalogued; it decides no answer.",
        )
        statements += [
            (edition, ia("ofTopic"), iri),
            (edition, DCTERMS + "issued", literal(self.origin.edition)),
            (edition, SOURCE, self.source),
            (edition, ia("isCurrent"), literal("false", datatype=XSD + "boolean")),
        ]
        rows = []
        for scenario, lines in self.survey.topics[panel, topic].items():
            stub = self.mint.fresh(f"{edition}_{slug(scenario[2])}")
            label = self._label(scenario, panel if name != topic else "")
            statements += self._scenario(stub, label, lines[0], edition)
            rows += [self._row(stub, label, line, edition) for line in lines]
        stem = (
            slug(name)
            if slug(name) not in self.stems.taken
            else f"{slug(name)}-{self.origin.edition}"
        )
        stem = self.stems.fresh(stem)
        self.document(
            f"topics/{stem}",
            name,
            "A topic as an imported rating table lists it: scenarios without definitions yet. A "
            "definition makes a scenario computable.",
            statements,
            file=f"topics/{stem}/topic.ttl",
        )
        self.documents[f"{DOCUMENTS}topics/{stem}/generated"] = f"topics/{stem}/{GENERATED}"
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(
            [RATINGS, *([row.get(column, "") for column in RATINGS] for row in rows)]
        )
        self.files[f"topics/{stem}/{RATED}"] = out.getvalue().encode()

    def _label(self, scenario: Scenario, panel: str) -> str:
        """The text of a scenario without its last period.

        What sets it apart is added where its topic is listed twice or has the same name.
        """
        apart = [panel] * bool(panel) + [f"variant {scenario[2]}"] * (
            same(scenario[3]) == same(scenario[1])
        )
        return scenario[3].rstrip(". ") + f" ({', '.join(apart)})" * bool(apart)

    def _scenario(self, iri: str, label: str, line: Line, edition: str) -> Iterator[Statement]:
        """The stub of a scenario: rated and findable, without computable criteria."""
        yield from individual(
            iri, "CataloguedScenario", label, "A variant that an imported rating table lists."
        )
        yield iri, RDF_TYPE, ia("Scenario")
        yield iri, ia("inEdition"), edition
        yield iri, SOURCE, self.source
        yield iri, DCTERMS + "identifier", literal(line.cells["number"])
        for column, word in (("area", "Body area"), ("phase", "Phase")):
            if line.cells.get(column):
                yield (
                    iri,
                    SKOS + "editorialNote",
                    literal(f"{word} in the table: {line.cells[column]}.", "en"),
                )

    def _row(self, scenario: str, label: str, line: Line, edition: str) -> dict[str, str]:
        """The row of a rating in the topic's table."""
        procedure = self.procedures.iris[line.cells["procedure"]]
        recovered = (
            f"; procedure name recovered: {line.cells['recovered']}"
            if line.cells.get("recovered")
            else ""
        )
        return {
            "scenario": curie(scenario),
            "scenario_label": label,
            "procedure": curie(procedure),
            "procedure_label": self.procedures.labels[procedure],
            "category": line.category,
            "adult_radiation": line.adult,
            "pediatric_radiation": line.pediatric,
            "edition": curie(edition),
            "date_seen": self.origin.seen,
            "basis": f"imported from {self.origin.file}, line {line.number}{recovered}",
        }
