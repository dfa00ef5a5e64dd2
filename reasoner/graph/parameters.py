"""Describes the parameters of a SPARQL question in sentences for people: which terms they stand
for, and whether a term is of a class that can give no rows.
"""

from dataclasses import dataclass

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.lookup import find
from reasoner.graph.query_files import Query
from reasoner.names import RDF_TYPE, curie, expand, ia


@dataclass(frozen=True)
class Parameter:
    """What a parameter stands for, in a sentence, and what to name instead where it cannot fit."""

    sentence: str
    remedy: str = ""


def asked_about(knowledge: Knowledge, question: Query, given: dict[str, str]) -> list[Parameter]:
    """The parameters of a question with the terms that they stand for.

    `given` are values by parameter, as they were accepted; the others have their defaults.
    """
    return [
        parameter(knowledge, name, default, given.get(name))
        for name, default in question.parameters.items()
    ]


def parameter(knowledge: Knowledge, name: str, default: str, given: str | None) -> Parameter:
    """What one parameter is; a term of no kind of the default cannot fit."""
    term = term_named(knowledge, given or default)
    sentence = f"{name} is {curie(term)} ({knowledge.label(term)})"
    if given is None:
        return Parameter(f"{sentence}; another one with --set {name}=...")
    kinds, wanted = (kinds_of(knowledge, one) for one in (term, term_named(knowledge, default)))
    if kinds & wanted or not wanted:
        return Parameter(sentence)
    rated = knowledge.facts.objects(term, ia("specializes"))
    better = [g for g in rated if kinds_of(knowledge, g) & wanted]
    remedy = f"name {curie(better[0])}" if better else f"name one such as {curie(expand(default))}"
    labels = ", ".join(sorted(map(knowledge.label, wanted)))
    return Parameter(f"{sentence}, and the question is about a {labels}", remedy)


def term_named(knowledge: Knowledge, name: str) -> str:
    """The IRI of a term by its name; the name itself where there is none."""
    try:
        return find(knowledge, name)
    except InputError:
        return name.strip("<>")


def kinds_of(knowledge: Knowledge, term: str) -> set[str]:
    """The classes of the vocabulary that a term is declared a member of."""
    return {cls for cls in knowledge.facts.objects(term, RDF_TYPE) if curie(cls).startswith("ia:")}
