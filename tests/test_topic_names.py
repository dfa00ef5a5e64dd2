"""No module and no template of the program names a term of a topic: a finding, a sign, an
observable, a diagnosis, a scenario; what it must know of one it reads from the graph.
"""

import ast
import re

import pytest
from conftest import ROOT

from reasoner.graph.store import catalog, read_turtle, text
from reasoner.names import IA, OWL, RDF_TYPE, home, ia

PACKAGE = ROOT / "reasoner"
ROOTS = (
    "ClinicalFinding",
    "Sign",
    "InjuryMechanism",
    "PastEvent",
    "Disease",
    "Diagnosis",
    "Observable",
    "ImagingFeature",
    "Scenario",
)
TOPICAL = ("topics", "musculoskeletal")  # documents whose terms are all of topics
SHARED = {"Symptom", "CataloguedScenario", "Specialty"}  # roots, and what topics share
FHIR = {"ImagingStudy"}  # names that are types of resources too
MADE_UP = PACKAGE / "synth"  # made-up patients of one topic
EXAMPLES = {"serve/json_api/routes.py", "serve/sparql/description.py", "diff/command.py"}
NAME = re.compile(r"(?:ia:)?([A-Z]\w+)")


@pytest.fixture(scope="module")
def terms(reasoner):
    """The local names of the terms of topics, and of those below what topics are about."""
    definitions = reasoner.knowledge.definitions
    names = set()
    for path in catalog(home() / "ontology").values():
        if any(part.removesuffix(".ttl") in TOPICAL for part in path.parts):
            rows = [(text(t.subject), t.predicate.value, text(t.object)) for t in read_turtle(path)]
            kinds = (OWL + "Class", OWL + "NamedIndividual")
            names |= {s for s, p, o in rows if p == RDF_TYPE and o in kinds}
    roots = set(map(ia, ROOTS))
    for term in definitions.static:
        name = term.removeprefix("canonical:")
        above = definitions.superclasses(name) | definitions.static.get(name, set())
        names |= {name} if roots & above and name not in roots else set()
    return {n.removeprefix(IA) for n in names if n.startswith(IA)} - SHARED - FHIR


def named(source, terms):
    """The terms that constants of a Python source name: alone, or in a list of words."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = set()
    for node in ast.walk(tree):
        constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if constant and id(node) not in docstrings:
            words = node.value.split()
            names = [m[1] for w in words if (m := NAME.fullmatch(w))]
            found |= terms.intersection(names) if len(names) == len(words) else set()
    return found


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(PACKAGE.rglob("*.py")) if MADE_UP not in p.parents],
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_no_module_names_a_term_of_a_topic(path, terms):
    if str(path.relative_to(PACKAGE)) not in EXAMPLES:
        assert named(path.read_text(encoding="utf-8"), terms) == set()


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(PACKAGE.rglob("*.html")) if p.name != "index.html"],  # whose link is one
    ids=lambda p: p.name,
)
def test_no_template_names_a_term_of_a_topic(path, terms):
    words = set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", path.read_text(encoding="utf-8")))
    assert words & terms == set()


@pytest.mark.parametrize(
    "source",
    ['x = ia("PalpableMass")', 'X = "MassSize"', 'X = "hasSite JointEffusion".split()'],
)
def test_a_module_that_names_one_is_noticed(source, terms):
    assert named(source.replace("hasSite ", "Knee "), terms)


def test_words_that_only_speak_of_one_are_none(terms):
    assert named('"""Like ia:SoftTissueMass."""\nX = "such as ia:SoftTissueMass"', terms) == set()
