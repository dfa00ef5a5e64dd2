"""The graph is consistent, every term is declared and explained, what comes from a source says so,
and a bad table cell is named.
"""

import csv
import io
import re
import shutil
from collections import Counter

import pyoxigraph as ox
import pytest
from conftest import ROOT
from hermit import judge
from tables import unequal

from reasoner.curation.build import build, generated_documents, is_generated
from reasoner.curation.definitions.criteria import UNREFUTED
from reasoner.curation.tables.rows import NOT_RATED
from reasoner.errors import TableError
from reasoner.graph.store import catalog, read_turtle, text
from reasoner.names import (
    DCTERMS,
    IA,
    LABEL,
    OWL,
    RDF_TYPE,
    RDFS,
    SKOS,
    SOURCE,
    XSD,
    expand,
    home,
    ia,
)

ONTOLOGY = home() / "ontology"
DOCUMENTS = sorted(catalog(ONTOLOGY).values())
BY_HAND = [path for path in DOCUMENTS if not is_generated(path)]
RDF = RDF_TYPE.removesuffix("type")
NAMES = {str(path.relative_to(ONTOLOGY)): path for path in DOCUMENTS}
KINDS = {
    OWL + kind
    for kind in (
        "Class",
        "ObjectProperty",
        "DatatypeProperty",
        "AnnotationProperty",
        "NamedIndividual",
    )
}
TWIN = f"""
<{IA}Broken> <{RDF_TYPE}> <{OWL}Class> .
<{IA}Broken> <{RDFS}subClassOf> <{IA}NormalRadiograph> .
<{IA}Broken> <{RDFS}subClassOf> <{IA}SuspiciousResult> .
""".encode()


@pytest.fixture(scope="module")
def triples():
    """The triples of all documents, as text, literals as terms."""
    return [
        (
            text(t.subject),
            t.predicate.value,
            t.object if isinstance(t.object, ox.Literal) else text(t.object),
        )
        for path in DOCUMENTS
        for t in read_turtle(path)
    ]


@pytest.fixture(scope="module")
def declared(triples):
    """The terms that are declared, with the kinds they are declared as."""
    return {
        s: {o for x, p, o in triples if (x, p) == (s, RDF_TYPE)}
        for s, p, o in triples
        if p == RDF_TYPE and o in KINDS
    }


@pytest.fixture(scope="module")
def whole():
    """All documents as N-Triples."""
    return ox.serialize(
        (t for path in DOCUMENTS for t in read_turtle(path)), format=ox.RdfFormat.N_TRIPLES
    )


def test_hermit_finds_the_graph_consistent_and_every_class_satisfiable(whole, declared):
    verdict = judge(whole)
    assert verdict.consistent
    assert verdict.unsatisfiable == set()
    assert unequal(individuals(declared), verdict.types) == []


def individuals(declared):
    """The terms that are declared as individuals."""
    return {term for term, kinds in declared.items() if OWL + "NamedIndividual" in kinds}


def test_hermit_finds_the_class_without_members_in_a_broken_twin(whole):
    assert judge(whole + TWIN).unsatisfiable == {ia("Broken")}


def test_hermit_finds_a_twin_with_a_member_of_it_inconsistent(whole):
    assert not judge(whole + TWIN + f"<{IA}it> <{RDF_TYPE}> <{IA}Broken> .\n".encode()).consistent


@pytest.mark.parametrize("name", NAMES)
def test_every_term_of_a_document_is_declared(name, declared):
    used = {
        text(term)
        for t in read_turtle(NAMES[name])
        for term in (t.subject, t.predicate, t.object)
        if isinstance(term, ox.NamedNode)
    }
    assert sorted(t for t in used if t.startswith(IA) and t not in declared) == []


@pytest.mark.parametrize(
    "path",
    sorted([*(ROOT / "queries").rglob("*.rq"), *ONTOLOGY.rglob("*.csv"), *ONTOLOGY.rglob("*.tsv")]),
    ids=lambda p: p.name,
)
def test_every_term_of_a_query_or_table_is_declared(path, declared):
    body = "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    )
    assert (
        sorted(
            name
            for name in set(re.findall(r"(?<![\w/])ia:([A-Za-z]\w*)", body))
            if ia(name) not in declared
        )
        == []
    )


@pytest.mark.parametrize("path", BY_HAND, ids=lambda p: p.stem)
def test_every_term_has_one_label_and_one_definition_that_is_not_circular(path, declared):
    said = {}
    for t in read_turtle(path):
        if t.predicate.value in (LABEL, SKOS + "definition") and text(t.subject).startswith(IA):
            said.setdefault((text(t.subject), t.predicate.value), []).append(t.object)
    here = {
        text(t.subject)
        for t in read_turtle(path)
        if t.predicate.value == RDF_TYPE
        and text(t.object) in KINDS
        and text(t.subject).startswith(IA)
    }
    faults = []
    for term in sorted(here):
        labels, definitions = said.get((term, LABEL), []), said.get((term, SKOS + "definition"), [])
        if [o.language for o in labels] != ["en"] or [o.language for o in definitions] != ["en"]:
            faults.append((term, labels, definitions))
            continue
        first = re.sub(r"^(an?|the) ", "", definitions[0].value.lower())
        if re.match(re.escape(labels[0].value.lower()) + r"\b", first):
            faults.append((term, definitions[0].value))
    assert faults == []


@pytest.mark.parametrize("kind", ["Scenario", "Rating", "Exclusion", "Pitfall", "SafetyRule"])
def test_what_a_guideline_says_names_its_source(kind, triples):
    sources = {s for s, p, o in triples if p == RDF_TYPE and o == ia("Source")}
    sourced = {s for s, p, o in triples if p == SOURCE and o in sources}
    members = {s for s, p, o in triples if p == RDF_TYPE and o == ia(kind)}
    assert members and sorted(members - sourced) == []


def test_the_editions_have_the_ratings_of_the_tables(triples):
    ratings = {s for s, p, o in triples if p == RDF_TYPE and o == ia("Rating")}
    of_graph = Counter(o for s, p, o in triples if p == ia("inEdition") and s in ratings)
    of_tables = Counter(
        expand(row["edition"])
        for path in sorted((ONTOLOGY / "topics").glob("*/ratings.csv"))
        for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        if row["category"] != NOT_RATED
    )
    assert of_tables and of_graph == of_tables
    assert len(ratings) == of_tables.total()


def test_lists_occur_only_inside_class_expressions(triples):
    heads = {s for s, p, _ in triples if p in (RDF + "first", RDF + "rest")} - {
        o for _, p, o in triples if p == RDF + "rest"
    }
    assert heads
    assert {p for _, p, o in triples if o in heads} == {OWL + "intersectionOf"}


def test_every_criterion_of_a_current_scenario_can_be_asked_and_refuted(reasoner):
    facts = reasoner.knowledge.facts
    current = [
        s
        for e in reasoner.knowledge.editions
        for s in facts.subjects(ia("inEdition"), e)
        if facts.holds(s, RDF_TYPE, ia("Scenario"))
    ]
    criteria = {c for s in current for c in facts.objects(s, ia("hasCriterion"))}
    anchors = {c for c in criteria if facts.holds(c, RDF_TYPE, ia("Anchor"))}
    editions = set(reasoner.knowledge.editions)
    rows = [
        row
        for path in sorted((ONTOLOGY / "topics").glob("*/scenarios.csv"))
        for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    ]
    written = {ia(row["scenario"]) for row in rows if ia(row["edition"]) in editions}
    assert unequal(current, written) == [] and unequal(current[1:], written) == current[:1]
    assert anchors and anchors < criteria
    lacking = [
        (c, p)
        for c in sorted(criteria - anchors)
        for p in ("question", "refutedBy")
        if not facts.value(c, ia(p))
        and not (p == "refutedBy" and facts.holds(c, ia("exemptFrom"), UNREFUTED))
    ]
    assert lacking == []


@pytest.fixture
def copy(tmp_path):
    """A copy of the ontology folder that a test may spoil."""
    return shutil.copytree(ONTOLOGY, tmp_path / "ontology")


def contents(folder):
    """The bytes of every file of a folder."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_generated_documents_are_fresh(copy):
    before = contents(copy)
    assert build(copy) == []
    assert contents(copy) == before


def test_building_makes_generated_documents_that_are_missing(copy):
    before = contents(copy)
    documents = generated_documents(copy)
    for document in documents:
        document.path.unlink()
    assert set(build(copy)) == {document.path for document in documents}
    assert contents(copy) == before


RATINGS, ORDERABLES = "topics/soft-tissue-masses/ratings.csv", "tables/orderables.csv"
SPOILED = {  # table, line, column, what it says, what the hint names
    "unknown procedure": (
        RATINGS,
        5,
        "procedure",
        "ia:MriWithoutIvContrst",
        "ia:MriWithoutIvContrast",
    ),
    "unknown scenario": (
        RATINGS,
        4,
        "scenario",
        "ia:DeepMassInitialImagin",
        "ia:DeepMassInitialImaging",
    ),
    "procedure that is a scenario": (
        RATINGS,
        4,
        "procedure",
        "ia:DeepMassInitialImaging",
        "GenericProcedure",
    ),
    "empty procedure": (RATINGS, 3, "procedure", "", "GenericProcedure"),
    "wrong scenario label": (
        RATINGS,
        7,
        "scenario_label",
        "soft tissue mess",
        "soft tissue mass",
    ),
    "wrong procedure label": (
        RATINGS,
        7,
        "procedure_label",
        "MRI",
        "area of interest",
    ),
    "bad category": (
        RATINGS,
        3,
        "category",
        "usualy-appropriate",
        "usually-appropriate",
    ),
    "bad adult radiation": (RATINGS, 2, "adult_radiation", "6", "1, 2, 3"),
    "bad pediatric radiation": (
        RATINGS,
        2,
        "pediatric_radiation",
        "variess",
        "varies",
    ),
    "wrong edition": (
        RATINGS,
        2,
        "edition",
        "ia:SoftTissueMasses2017",
        "ia:SoftTissueMasses2022",
    ),
    "unknown edition": (
        RATINGS,
        2,
        "edition",
        "ia:SoftTissueMasses202",
        "ia:SoftTissueMasses20",
    ),
    "bad final rating": (RATINGS, 2, "final_rating", "10", "1 to 9"),
    "bad median": (RATINGS, 2, "median", "8.25", "1 to 9"),
    "bad tabulation": (RATINGS, 2, "tabulation", "0 0 1 2", "nine counts"),
    "bad date": (RATINGS, 2, "date_seen", "last year", "2026-01"),
    "no basis": (RATINGS, 2, "basis", "", "from what"),
    "unknown generic": (ORDERABLES, 5, "generic", "ia:Ctt", "ia:Ct"),
    "unknown region": (ORDERABLES, 5, "region", "ia:Thihg", "ia:Thigh"),
    "bad orderable": (ORDERABLES, 5, "orderable", "ct", "ia:Mri"),
    "no label": (ORDERABLES, 5, "label", "", "label"),
    "bad area": (ORDERABLES, 5, "area", "maybe", "yes"),
}


def spoil(path, change):
    """Changes the rows of a table."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    change(rows)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")


def refused(folder, table, change):
    """The error about a spoiled table; nothing has been written."""
    spoil(folder / table, change)
    before = contents(folder)
    with pytest.raises(TableError) as caught:
        build(folder)
    assert contents(folder) == before
    assert caught.value.path.endswith(table) and caught.value.path in str(caught.value)
    return caught.value


@pytest.mark.parametrize("fault", SPOILED)
def test_a_bad_cell_is_named_with_its_remedy(fault, copy):
    table, line, column, value, named = SPOILED[fault]

    def change(rows):
        rows[line - 1][rows[0].index(column)] = value

    error = refused(copy, table, change)
    assert (error.line, error.column, error.value) == (line, column, value)
    assert (
        named in error.hint
        and (repr(value) in str(error) or not value)
        and f":{line}:" in str(error)
    )


@pytest.mark.parametrize("table", [RATINGS, ORDERABLES])
def test_a_row_that_is_there_twice_is_named(table, copy):
    error = refused(copy, table, lambda rows: rows.append(rows[4]))
    assert error.line == len((ONTOLOGY / table).read_text().splitlines()) + 1
    assert error.column in ("procedure", "region") and "5" in error.hint


def test_a_missing_column_is_named(copy):
    error = refused(copy, RATINGS, lambda rows: [row.pop(4) for row in rows])
    assert (error.line, error.column) == (1, "category")


def test_columns_in_another_order_are_refused(copy):
    error = refused(copy, ORDERABLES, lambda rows: [row.insert(4, row.pop(3)) for row in rows])
    assert error.line == 1


@pytest.mark.parametrize(
    "change",
    [lambda row: row.append("extra"), lambda row: row.pop()],
    ids=["extra cell", "missing cell"],
)
def test_a_row_of_another_length_is_named(change, copy):
    assert refused(copy, RATINGS, lambda rows: change(rows[5])).line == 6


def test_a_fault_in_one_table_keeps_a_good_one_from_being_written(copy):
    spoil(copy / ORDERABLES, lambda rows: rows.pop())
    refused(copy, RATINGS, lambda rows: rows[3].__setitem__(4, "never"))


def test_literals_of_the_graph_are_of_their_datatype(triples):
    forms = {
        XSD + "integer": r"-?\d+",
        XSD + "decimal": r"-?\d+(\.\d+)?",
        XSD + "boolean": "true|false",
    }
    assert [
        (s, p, o)
        for s, p, o in triples
        if isinstance(o, ox.Literal)
        and not re.fullmatch(forms.get(o.datatype.value, r"(?s).*"), o.value)
    ] == []


def test_every_document_says_its_license_and_version(triples):
    documents = {s for s, p, o in triples if p == RDF_TYPE and o == OWL + "Ontology"}
    assert len(documents) == len(DOCUMENTS)
    for predicate in (DCTERMS + "license", OWL + "versionIRI", DCTERMS + "title"):
        assert documents == {s for s, p, _ in triples if p == predicate}
