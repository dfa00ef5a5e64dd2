"""Protégé may save every document of the ontology: after `nextstudy fmt` the bytes are those that
were there.

Proven with Protégé's own serializer in two versions; each habit that this rests on has a twin
without it, which does change.
"""

import difflib
import random
import shutil
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import protege
import pytest

from reasoner.graph.store import catalog, read_turtle, text
from reasoner.graph.turtle.format import format_turtle
from reasoner.names import DOCUMENTS, LABEL, OWL

ONTOLOGY = Path(__file__).parent.parent / "ontology"
DOCUMENTS_OF_ENTRY = sorted(str(path.relative_to(ONTOLOGY)) for path in catalog(ONTOLOGY).values())
VERSIONS = sorted(protege.WHEELS)
PREFIXES = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix doc: <https://w3id.org/imaging-appropriateness/ontology/> .
"""
ENTRY = (
    PREFIXES
    + """
doc:entry a owl:Ontology ; owl:imports doc:part ;
  owl:versionIRI <https://w3id.org/imaging-appropriateness/ontology/1/entry> ;
  dcterms:description "What opens."@en .
dcterms:description a owl:AnnotationProperty .
ia:score a owl:DatatypeProperty .
ia:has a owl:ObjectProperty .
ia:Mass a owl:Class ; rdfs:label "mass"@en ; owl:disjointWith ia:Order .
ia:Order a owl:Class .
"""
)
PART = (
    PREFIXES
    + """
doc:part a owl:Ontology ; owl:imports doc:entry ; dcterms:description "What is imported."@en .
ia:DeepMass a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
  [ a owl:Restriction ; owl:onProperty ia:has ; owl:someValuesFrom ia:Order ] ia:Mass ) ] .
ia:mass a owl:NamedIndividual , ia:Mass ; ia:score 5.0 ; ia:has ia:other .
ia:other a owl:NamedIndividual , ia:Mass .
"""
)
TWINS = {  # the habit that is missing: what to replace, by what
    "a part does not import the entry": ("owl:imports doc:entry ;", ""),
    "a decimal has no point": ("5.0", '"5"^^xsd:decimal'),
    "a list is data": ("ia:score 5.0", "ia:score ( 5.0 6.0 )"),
}
CATALOG = (
    f'<catalog><uri name="{DOCUMENTS}entry" uri="entry.ttl"/><uri name="{DOCUMENTS}part" '
    'uri="part.ttl"/></catalog>'
)


def drawn(seed: int) -> str:
    """A document with class definitions drawn at random from what scenarios may be made of, and
    unions and enumerations.
    """
    rng = random.Random(seed)

    def expression(depth: int):
        """A class name, a restriction as (predicate, property, filler), or a set of members with
        their predicate.
        """
        kind = rng.choice(["someValuesFrom", "hasValue", "intersectionOf", "unionOf", "oneOf"])
        if depth == 3 or rng.random() < 0.3:
            return f"ia:C{rng.randrange(12)}"
        if kind in ("someValuesFrom", "hasValue"):
            return (
                kind,
                f"ia:{rng.choice('pqr')}",
                expression(depth + 1) if kind == "someValuesFrom" else f"ia:i{rng.randrange(5)}",
            )
        members = frozenset(
            f"ia:i{i}" if kind == "oneOf" else expression(depth + 1)
            for i in rng.sample(range(5), 4)
        )
        return (kind, members) if len(members) > 1 else "ia:C0"

    def spelled(node) -> str:
        """An expression as Turtle, its members in any order."""
        if isinstance(node, str):
            return node
        if len(node) == 3:
            return (
                f"[ a owl:Restriction ; owl:onProperty {node[1]} ; owl:{node[0]} "
                f"{spelled(node[2])} ]"
            )
        members = sorted(map(spelled, node[1]))
        return f"[ a owl:Class ; owl:{node[0]} ( {' '.join(rng.sample(members, len(members)))} ) ]"

    lines = [f"ia:{p} a owl:ObjectProperty ." for p in "pqr"] + [
        f"ia:i{i} a owl:NamedIndividual ." for i in range(5)
    ]
    for i in range(12):
        definition = "intersectionOf", frozenset({f"ia:C{i}", *(expression(0) for _ in range(4))})
        lines += [
            f"ia:C{i} a owl:Class ; owl:disjointWith ia:C{(i + 5) % 12} .",
            f"ia:D{i} a owl:Class ; owl:equivalentClass {spelled(definition)} .",
        ]
    return PREFIXES + "doc:part a owl:Ontology ; owl:imports doc:entry .\n" + "\n".join(lines)


def folder(path: Path, entry: str, part: str) -> Path:
    """An ontology folder of two documents in canonical Turtle; the entry."""
    path.mkdir(parents=True)
    (path / "catalog-v001.xml").write_text(CATALOG)
    for name, document in (("entry", entry), ("part", part)):
        (path / f"{name}.ttl").write_bytes(format_turtle(document.encode()))
    return path / "entry.ttl"


def first_labels() -> dict[str, str]:
    """A new label for the first term of each document that no other document labels too."""
    labelled = {
        name: {t.subject.value for t in read_turtle(ONTOLOGY / name) if t.predicate.value == LABEL}
        for name in DOCUMENTS_OF_ENTRY
    }
    documents = Counter(term for terms in labelled.values() for term in terms)
    return {
        min(t for t in terms if documents[t] == 1): f"another name, given in {name}"
        for name, terms in labelled.items()
    }


@pytest.fixture(scope="session", params=VERSIONS)
def saved(request, tmp_path_factory):
    """The folder with all that a version of OWLAPI saved, by job; before it, the folder of what it
    was given.
    """
    if not find_spec("jpype"):
        pytest.skip("OWLAPI needs jpype1: pip install '.[test]'")
    try:
        jars = protege.jars(request.param, request.config.cache.mkdir("owlapi"))
    except protege.Offline as error:
        pytest.skip(f"the jars of OWLAPI cannot be downloaded: {error}")
    given, out = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("saved")
    entry = Path(shutil.copytree(ONTOLOGY, given / "ontology")) / "appropriateness.ttl"
    entries = {"ontology": entry, "label": entry, "sound": folder(given / "sound", ENTRY, PART)}
    entries |= {
        twin: folder(given / twin, ENTRY, PART.replace(*change)) for twin, change in TWINS.items()
    }
    entries |= {
        f"drawn {seed}": folder(given / f"drawn {seed}", ENTRY, drawn(seed)) for seed in range(5)
    }
    protege.save(
        jars,
        [
            {
                "entry": str(entry),
                "out": str(out / job),
                "labels": first_labels() if job == "label" else {},
            }
            for job, entry in entries.items()
        ],
    )
    return given, out


def after_fmt(path: Path) -> str:
    """A saved file as `nextstudy fmt` leaves it."""
    return format_turtle(path.read_bytes()).decode()


@pytest.mark.parametrize("document", DOCUMENTS_OF_ENTRY)
def test_document_survives_protege(saved, document):
    assert (
        after_fmt(saved[1] / "ontology" / document)
        == (saved[0] / "ontology" / document).read_text()
    )


@pytest.mark.parametrize("document", DOCUMENTS_OF_ENTRY)
def test_new_label_is_a_difference_of_one_line(saved, document):
    before, after = (
        (saved[0] / "ontology" / document).read_text(),
        after_fmt(saved[1] / "label" / document),
    )
    changed = [
        line
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    ][3:]
    assert [line[0] for line in changed] == ["-", "+"] and f"given in {document}" in changed[1]


@pytest.mark.parametrize("job", ["sound", *(f"drawn {seed}" for seed in range(5))])
def test_definitions_survive_protege(saved, job):
    for name in ("entry.ttl", "part.ttl"):
        assert after_fmt(saved[1] / job / name) == (saved[0] / job / name).read_text()


@pytest.mark.parametrize("twin", TWINS)
def test_twin_without_the_habit_is_changed(saved, twin):
    assert after_fmt(saved[1] / twin / "part.ttl") != (saved[0] / twin / "part.ttl").read_text()


def test_a_list_as_data_is_lost(saved):
    assert "6.0" in (saved[0] / "a list is data" / "part.ttl").read_text()
    assert "6.0" not in (saved[1] / "a list is data" / "part.ttl").read_text()


def closure(ontology: Path) -> set[Path]:
    """The files that the entry document reaches by imports, as the catalog says."""
    files, reached, waiting = catalog(ontology), set(), [DOCUMENTS + "appropriateness"]
    while waiting:
        path = files[waiting.pop()]
        if path not in reached:
            reached.add(path)
            waiting += [
                text(t.object) for t in read_turtle(path) if t.predicate.value == OWL + "imports"
            ]
    return reached


def astray(ontology: Path) -> set[str]:
    """The Turtle files on the wrong side: shapes that the imports reach or the catalog names,
    documents that they miss.
    """
    shapes = {path for path in ontology.rglob("*.ttl") if "shapes" in path.parts}
    reached = closure(ontology)
    wrong = (shapes & (reached | set(catalog(ontology).values()))) | (
        set(ontology.rglob("*.ttl")) - shapes - reached
    )
    return {path.name for path in wrong}


def test_imports_reach_every_document_and_no_shapes(tmp_path):
    assert astray(ONTOLOGY) == set()
    twin = tmp_path / "ontology"
    (twin / "shapes").mkdir(parents=True)
    (twin / "shapes" / "case.ttl").write_text(PREFIXES + "doc:case a owl:Ontology .")
    (twin / "stray.ttl").write_text(PREFIXES + "doc:stray a owl:Ontology .")
    (twin / "appropriateness.ttl").write_text(
        PREFIXES + "doc:appropriateness a owl:Ontology ; owl:imports doc:case ."
    )
    (twin / "catalog-v001.xml").write_text(
        f'<catalog><uri name="{DOCUMENTS}appropriateness" uri="appropriateness.ttl"/><uri '
        f'name="{DOCUMENTS}case" uri="shapes/case.ttl"/></catalog>'
    )
    assert astray(twin) == {"case.ttl", "stray.ttl"}
