"""The list of released terms, which only grows, so that no IRI that others use can vanish."""

from pathlib import Path

from reasoner.graph.index import Index
from reasoner.graph.knowledge import load
from reasoner.names import IA, RDF_TYPE, curie, ia
from reasoner.validation.graph_under_test import RELEASED


def listed(ontology: Path) -> dict[str, str]:
    """The released terms as CURIEs, each with the version that brought it."""
    path = ontology / RELEASED
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split(" ", 1) for line in lines)


def declared(facts: Index) -> list[str]:
    """The terms that a release promises to keep, as CURIEs.

    Ratings are left out: their IRIs follow from scenario and procedure.
    """
    typed = {s for s in facts.having(RDF_TYPE) if s.startswith(IA)}
    return sorted(curie(s) for s in typed if not facts.holds(s, RDF_TYPE, ia("Rating")))


def renewed(ontology: Path) -> str:
    """The text of the list with the terms added that are new; nothing is ever taken out."""
    knowledge, known = load(ontology, ratings=None), listed(ontology)
    terms = {**dict.fromkeys(declared(knowledge.facts), knowledge.version), **known}
    return "".join(f"{term} {version}\n" for term, version in sorted(terms.items()))
