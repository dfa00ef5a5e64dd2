"""Writes the files of a new topic: its document, its tables, and the lines that name them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from reasoner.curation.build import GENERATED, LICENSE, Builder, Generated
from reasoner.curation.definitions import criteria, scenarios
from reasoner.curation.definitions.lexicon import Lexicon
from reasoner.curation.definitions.topics import CRITERIA, SCENARIOS
from reasoner.curation.scenario.new import as_table, hyphenated
from reasoner.curation.scenario.plan import named
from reasoner.curation.scenario.stubs import QUESTION, Cells
from reasoner.curation.tables.individuals import individual
from reasoner.errors import InputError
from reasoner.files import write_all
from reasoner.graph.placeholders import MARK, refuse_unfilled
from reasoner.graph.store import Statement, catalog, literal, serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.names import DCTERMS, DOCUMENTS, IA, LABEL, OWL, RDF_TYPE, SKOS, SOURCE, XSD, ia

ENTRY = DOCUMENTS + "appropriateness"
IMPORTED = "The ratings of this edition are the licensee's: a user imports them."
UNRATED = "scenario-without-ratings"  # the check that does not apply to such an edition


@dataclass(frozen=True)
class NewTopic:
    """What the command line says of a topic: names of terms without prefix, `year` of an edition.

    `source` may be new; `panel` may be empty where the graph has one panel only.
    """

    name: str
    label: str
    year: str
    source: str
    finding: str
    region: str = ""
    panel: str = ""


def new_topic(ontology: Path, given: NewTopic) -> tuple[list[Path], list[str]]:
    """Writes the files of a topic, all or none.

    Returns the files that were written, and what is left to do, a sentence each. Raises InputError
    for a name that does not fit.
    """
    builder = Builder(ontology)
    lexicon = builder.topics.lexicon
    topic, source = named("NAME", given.name), named("--source", given.source)
    stem = hyphenated(topic[len(IA) :])
    folder = ontology / "topics" / stem
    if lexicon.known.value(topic, LABEL) or folder.exists():
        hint = "Choose another name, such as one that ends in Topic."
        raise InputError(given.name, f"ia:{given.name} is there already", hint)
    if not given.label.strip():
        raise InputError("--label", "the label is empty", "Write the name of the topic.")
    if not (given.year.isascii() and given.year.isdigit() and len(given.year) == 4):
        raise InputError(f"--edition {given.year}", "this is no year", "Write one such as 2024.")
    refuse_unfilled(ontology)
    known = {iri: path.relative_to(ontology).as_posix() for iri, path in catalog(ontology).items()}
    iri = f"{DOCUMENTS}topics/{stem}"
    added = {iri: f"topics/{stem}/topic.ttl", f"{iri}/generated": f"topics/{stem}/{GENERATED}"}
    document = Generated(
        folder / GENERATED,
        f"topics/{stem}/generated",
        (folder / CRITERIA, folder / SCENARIOS),
    )
    imports = [(ENTRY, OWL + "imports", other) for other in added]
    entry = ontology / known[ENTRY]
    files = {
        folder / "topic.ttl": turtle(
            [*head(iri, given, builder), *terms(given, topic, source, lexicon)]
        ),
        folder / CRITERIA: as_table(criteria.COLUMNS, [anchor(given, topic, lexicon)]),
        folder / SCENARIOS: as_table(scenarios.COLUMNS, []),
        folder / GENERATED: turtle(builder.head(document)),
        entry: format_turtle(entry.read_bytes() + b"\n" + serialize(imports, WELL_KNOWN)),
        ontology / "catalog-v001.xml": extended(ontology / "catalog-v001.xml", added),
    }
    return write_all(files), left(stem, given)


def turtle(statements) -> bytes:
    """A document in canonical Turtle."""
    return format_turtle(serialize(statements, WELL_KNOWN))


def head(iri: str, given: NewTopic, builder: Builder) -> Iterator[Statement]:
    """The head of the document of the topic."""
    what = f"The topic {given.label}: topic and editions. Criteria and scenarios are in the tables."
    yield iri, RDF_TYPE, OWL + "Ontology"
    yield iri, OWL + "versionIRI", iri.replace(DOCUMENTS, f"{DOCUMENTS}{builder.version}/")
    yield iri, OWL + "imports", ENTRY
    yield iri, DCTERMS + "title", literal(given.label, "en")
    yield iri, DCTERMS + "license", LICENSE
    yield iri, DCTERMS + "description", literal(what, "en")


def terms(given: NewTopic, topic: str, source: str, lexicon: Lexicon) -> Iterator[Statement]:
    """The topic, its edition, and its source where that is new."""
    edition, label = f"{topic}{given.year}", given.label
    yield from individual(topic, "Topic", label, f"{MARK}: The topic about ...")
    yield topic, ia("ofPanel"), panel(given, lexicon)
    what = f"The edition of {given.year} of the topic {label}."
    yield from individual(edition, "Edition", f"{label} {given.year}", what)
    yield edition, ia("ofTopic"), topic
    yield edition, DCTERMS + "issued", literal(given.year)
    yield edition, SOURCE, source
    yield edition, ia("isCurrent"), literal("true", datatype=XSD + "boolean")
    yield edition, ia("exemptFrom"), literal(UNRATED)
    yield edition, SKOS + "editorialNote", literal(IMPORTED, "en")
    if not lexicon.known.holds(source, RDF_TYPE, ia("Source")):
        what = "A publication that this graph cites."
        yield from individual(source, "Source", f"{label}, {given.year}", what)
        yield source, DCTERMS + "bibliographicCitation", literal(f"{MARK}: its citation")
        yield source, ia("evidenceStrength"), literal(f"{MARK}: A, B or C")


def panel(given: NewTopic, lexicon: Lexicon) -> str:
    """The panel of the topic. Raises InputError where it is not clear."""
    panels = lexicon.known.subjects(RDF_TYPE, ia("Panel"))
    if given.panel:
        return lexicon.member(given.panel, "Panel")
    if len(panels) != 1:
        names = ", ".join(one[len(IA) :] for one in panels)
        raise InputError("--panel", "the panel is not known", f"Name one of: {names or 'none'}.")
    return panels[0]


def anchor(given: NewTopic, topic: str, lexicon: Lexicon) -> Cells:
    """The row of the anchor: the finding that the topic is about."""
    finding = lexicon.below(given.finding, "ClinicalFinding")
    region = lexicon.member(given.region, "BodyRegion") if given.region else ""
    place = f" of the {lexicon.label(region)}" if region else ""
    return dict.fromkeys(criteria.COLUMNS, "") | {
        "criterion": f"{topic[len(IA) :]}Presentation",
        "role": "anchor",
        "label": f"{lexicon.label(finding)}{place} present",
        "definition": f"{MARK}: A presentation with ... Say what sets it apart.",
        "met_when": f"Finds({finding[len(IA) :]}{', ' * bool(region)}{region[len(IA) :]})",
        "question": QUESTION,
        "ask_order": "1",
    }


def extended(path: Path, added: dict[str, str]) -> bytes:
    """The bytes of a catalog with the documents of the topic."""
    rows = "".join(
        f"  <uri name={quoteattr(iri)} uri={quoteattr(file)}/>\n" for iri, file in added.items()
    )
    return path.read_bytes().replace(b"</catalog>", f"{rows}</catalog>".encode())


def left(stem: str, given: NewTopic) -> list[str]:
    """What is left to do, a sentence each."""
    edition = f"{given.name}{given.year}"
    return [
        "Write each text that begins with FILL IN; `nextstudy build` lists those that are left.",
        f"Add its findings to mappings/*.sssom.tsv where they have no code yet: {given.finding}.",
        f"Add scenarios: nextstudy new scenario NAME --topic {stem} --edition {edition} "
        f"--criteria {given.name}Presentation,... --label '...'",
        "Run `nextstudy build && nextstudy fmt && nextstudy validate`.",
    ]
