"""The competency questions: each runs as it stands, says the same on two engines, and gives the
rows that a person reviewed.

`UPDATE_EXPECTED=1` rewrites the golden rows and the index; review the difference before you keep
it.

`#+ statements:` numbers the statements of the originating article (`ia:OriginatingArticle`) that a
question answers, from 1 to 31; a question that answers none of them has no such line.
"""

import csv
import io
import os
import re
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from reasoner.graph import query_files as queries
from reasoner.graph.knowledge import load
from reasoner.names import LABEL, OWL, RDF_TYPE, curie, expand

ROOT = Path(__file__).parent.parent
EXPECTED = ROOT / "tests" / "expected"
README = ROOT / "queries" / "README.md"
NAMED = re.compile(r"\bia:\w+")
FACTS = ROOT.parent / "shared" / "facts" / "soft-tissue-masses-2022-by-area.csv"
UPDATE = os.environ.get("UPDATE_EXPECTED") == "1"
QUESTIONS = queries.names("questions")
STATEMENTS = set(range(1, 32))
SUMMARIZED = {
    "ratings-by-area": ("area", "category")
}  # golden rows count these columns: the full table stays with its publisher
DECLARED = re.compile(r"^PREFIX\s+(\w+):", re.MULTILINE)
ORDER = re.compile(r"^ORDER BY ((?:\?\w+ ?)+)$", re.MULTILINE)
SCENARIOS = {
    "ia:SuperficialMassInitialImaging": "1",
    "ia:DeepMassInitialImaging": "2",
    "ia:MassAfterInconclusiveRadiographAndUltrasound": "3",
    "ia:MassAfterInconclusiveRadiographAndUltrasoundMriContraindicated": "4",
}
MRI_FOR_CT = {
    ("1", "hip"),
    ("2", "hip"),
    ("3", "hip"),
    ("3", "shoulder"),
    ("4", "hip"),
    ("4", "shoulder"),
}  # PET/MRI printed


@pytest.fixture(scope="session")
def knowledge():
    """The graph, on Oxigraph."""
    return load()


@pytest.fixture(scope="session")
def twin(knowledge):
    """The same triples, on rdflib."""
    triples = knowledge.store._store.dump(
        format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()
    )
    return rdflib.Graph().parse(data=triples, format="nt")


def on_oxigraph(knowledge, sparql):
    """The header and rows that Oxigraph gives, as its terms."""
    return knowledge.store.select(sparql)


def on_rdflib(twin, sparql):
    """The header and rows that rdflib gives, each cell as text."""
    result = twin.query(sparql)
    return [str(v) for v in result.vars], [
        tuple("" if cell is None else curie(str(cell)) for cell in row) for row in result
    ]


def as_text(rows):
    """Rows of Oxigraph terms as rows of text, terms of the vocabulary as CURIEs."""
    return [tuple("" if cell is None else curie(cell.value) for cell in row) for row in rows]


def golden(name, header, rows):
    """The text of the golden file: the rows themselves, or how often the columns of a summary
    occur.
    """
    if name in SUMMARIZED:
        columns = [header.index(column) for column in SUMMARIZED[name]]
        counts = Counter(tuple(row[i] for i in columns) for row in rows)
        header, rows = (
            [*SUMMARIZED[name], "rows"],
            [(*key, str(count)) for key, count in sorted(counts.items())],
        )
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def body(question):
    """The text of a query without its header and prefixes, IRIs and strings."""
    lines = [line for line in question.text.splitlines() if not line.startswith(("#+", "PREFIX"))]
    return re.sub(r'<[^>]*>|"[^"]*"', "", "\n".join(lines))


def alternatives(knowledge, default):
    """Other values of a parameter: terms of the same kind as its default, or codes of the same
    system.
    """
    if default.startswith("<"):
        base = default[1:].rsplit("/", 1)[0] + "/"
        codes = {
            s.object.value
            for s in knowledge.store._store
            if isinstance(s.object, ox.NamedNode) and s.object.value.startswith(base)
        }
        return [f"<{code}>" for code in sorted(codes) if f"<{code}>" != default]
    iri = expand(default)
    kinds = [kind for kind in knowledge.facts.objects(iri, RDF_TYPE) if not kind.startswith(OWL)]
    kinds = kinds or [OWL + "Class"]
    found = {curie(term) for kind in kinds for term in knowledge.facts.subjects(RDF_TYPE, kind)}
    return sorted(term for term in found if term.startswith("ia:") and term != default)


@pytest.mark.parametrize("name", QUESTIONS)
def test_header_and_form(name):
    question = queries.named("questions", name)
    assert list(question.header)[:2] == ["summary", "why"], "summary first, then why"
    assert question.text.startswith("#+ summary: ")
    assert all(question.header.values()), "a line of the header is empty"
    prefixes = DECLARED.findall(question.text)
    assert prefixes == sorted(prefixes)
    assert set(prefixes) == set(re.findall(r"(?<![\w:])([a-z]+):(?=\w)", body(question))), (
        "every prefix is used, every used one declared"
    )
    order = ORDER.search(question.text)
    assert order, "ORDER BY must stand on a line of its own and name variables: ORDER BY ?a ?b"
    assert len(question.parameters) == len(
        question.header.get("parameters", "").replace(",", " ").split()
    )


@cache
def declared() -> dict[str, set[str]]:
    """The terms that each topic declares, by the name of its folder."""
    subject = re.compile(r"^(ia:\w+) ", re.MULTILINE)
    return {
        folder.name: {
            term
            for path in folder.glob("*.ttl")
            for term in subject.findall(path.read_text(encoding="utf-8"))
        }
        for folder in (ROOT / "ontology" / "topics").iterdir()
    }


def without_new_topics(text: str, written: str) -> str:
    """Rows without those that name a term of a topic that the written rows never name: a topic
    that is added turns no question red.
    """
    known = set(NAMED.findall(written))
    new = set().union(*(terms for terms in declared().values() if known.isdisjoint(terms)))
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if new.isdisjoint(NAMED.findall(line)))


def test_only_rows_of_topics_not_written_yet_are_passed_over():
    (new, *_), (old, *_) = (sorted(declared()[t]) for t in ("osteonecrosis", "soft-tissue-masses"))
    written = f"a,b\n{old},1\n"
    assert without_new_topics(f"a,b\n{old},1\n{new},2\n", written) == written
    assert without_new_topics(f"a,b\n{old},1\n{old},2\n", written) != written
    assert without_new_topics(f"a,b\n{new},2\n", written) != written


@pytest.mark.parametrize("name", QUESTIONS)
def test_rows(knowledge, twin, name):
    question = queries.named("questions", name)
    header, found = on_oxigraph(knowledge, question.text)
    rows = as_text(found)
    assert (header, rows) == on_rdflib(twin, question.text), "Oxigraph and rdflib differ"
    assert len(set(rows)) == len(rows), "a row comes twice"
    assert not any(isinstance(cell, ox.BlankNode) for row in found for cell in row)
    for column, variable in enumerate(header):
        if any(isinstance(row[column], ox.NamedNode) for row in found):
            assert f"{variable}Label" in header, f"?{variable} is an IRI and has no label beside it"
    path, text = EXPECTED / f"{name}.csv", golden(name, header, rows)
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert path.exists(), "no golden file; UPDATE_EXPECTED=1 makes one"
    written = path.read_text(encoding="utf-8")
    same = without_new_topics(text, written)
    assert same == written, "read what changed; UPDATE_EXPECTED=1 writes"
    assert rows or question.header.get("empty") == "true", "a question without an answer"


@pytest.mark.parametrize("name", QUESTIONS)
def test_order_is_total(knowledge, name):
    """No two rows share the ORDER BY keys that are shown, so the order of the rows is fixed."""
    question = queries.named("questions", name)
    keys = ORDER.search(question.text)[1].split()
    header, rows = on_oxigraph(knowledge, question.text)
    shown = [header.index(key[1:]) for key in keys if key[1:] in header]
    assert len({tuple(row[i] for i in shown) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "name, parameter", [(n, p) for n in QUESTIONS for p in queries.named("questions", n).parameters]
)
def test_parameter_takes_another_value(knowledge, twin, name, parameter):
    question = queries.named("questions", name)
    default = question.parameters[parameter]
    header, rows = on_oxigraph(knowledge, question.text)
    others = alternatives(knowledge, default) or ["ia:NothingOfThisKind"]
    for value in islice(others, 3):
        changed = question.with_values(**{parameter: value})
        assert queries.Query(name, changed, question.header).parameters == {
            **question.parameters,
            parameter: value,
        }
        other_header, other_rows = on_oxigraph(knowledge, changed)
        assert other_header == header
        assert (other_header, as_text(other_rows)) == on_rdflib(twin, changed)
    assert any(
        as_text(on_oxigraph(knowledge, question.with_values(**{parameter: value}))[1])
        != as_text(rows)
        for value in others
    ), "the parameter changes nothing"


def test_every_question_has_golden_rows_and_the_reverse():
    assert sorted(path.stem for path in EXPECTED.glob("*.csv")) == QUESTIONS


def test_every_statement_is_answered():
    claimed = {
        int(n)
        for name in QUESTIONS
        for n in queries.named("questions", name).header.get("statements", "").split(",")
        if n
    }
    assert claimed == STATEMENTS


def test_labels_of_what_is_asked_for(knowledge):
    defaults = {
        v
        for n in QUESTIONS
        for v in queries.named("questions", n).parameters.values()
        if v.startswith("ia:")
    }
    assert all(knowledge.facts.value(expand(value), LABEL) for value in defaults)


def test_every_rating_of_an_edition_is_given_in_every_area(knowledge):
    question = queries.named("questions", "ratings-by-area")
    header, rows = on_oxigraph(knowledge, question.text)
    areas = Counter(row[header.index("area")].value for row in rows)
    in_edition = knowledge.facts.subjects(
        expand("ia:inEdition"), expand(question.parameters["edition"])
    )
    ratings = set(in_edition) & set(knowledge.members("ia:Rating"))
    assert set(areas) == set(knowledge.members("ia:AreaOfInterest"))
    assert ratings and set(areas.values()) == {len(ratings)}


@pytest.mark.skipif(
    not FACTS.exists(),
    reason="the by-area table lies beside the checkout only while the project is built",
)
def test_ratings_by_area_are_the_printed_ones(knowledge):
    """Row by row against the printed tables, but for known slips of the print, which are listed."""
    header, found = on_oxigraph(knowledge, queries.named("questions", "ratings-by-area").text)
    rows = [dict(zip(header, row, strict=True)) for row in as_text(found)]
    ours = Counter(
        as_printed(
            SCENARIOS[r["scenario"]], r["areaLabel"], r["orderableLabel"], r["categoryLabel"]
        )
        for r in rows
    )
    with FACTS.open(encoding="utf-8", newline="") as file:
        printed = Counter(
            (r["variant"], r["area"], r["procedure"], r["category"].lower())
            for r in csv.DictReader(file)
        )
    assert ours == printed


def as_printed(variant, area, procedure, category):
    """A row as the source prints it: PET/MRI for PET/CT in six rows, and arm and leg without upper
    and lower in aspirations.
    """
    if procedure.startswith("Image-guided fine needle aspiration"):
        procedure = procedure.replace("upper arm", "arm").replace("lower leg", "leg")
    if (variant, area) in MRI_FOR_CT:
        procedure = procedure.replace("FDG-PET/CT", "FDG-PET/MRI")
    return variant, area, procedure, category


def test_index_is_fresh():
    if UPDATE:
        README.write_text(queries.index(), encoding="utf-8")
    assert README.read_text(encoding="utf-8") == queries.index(), "UPDATE_EXPECTED=1 rewrites it"
