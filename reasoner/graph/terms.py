"""Prints what the graph says of a term, for `nextstudy show`."""

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.lookup import find
from reasoner.messages.escaping import visible
from reasoner.names import IA, LABEL, RDF_TYPE, SKOS, curie


def show(knowledge: Knowledge, name: str) -> str:
    """A term with its definition, statements, mappings and where it is used, as text."""
    iri, facts = find(knowledge, name), knowledge.facts
    lines = [
        f"{curie(iri)}  {knowledge.label(iri)}",
        f"  {facts.value(iri, SKOS + 'definition', '')}",
    ]
    statements = [
        (p, o)
        for p, o in facts.about(iri)
        if not p.startswith(SKOS) and p != LABEL and not o.startswith("_:")
    ]
    lines += [
        f"  {short(p)}: {curie(o)}{named(knowledge, o)}"
        for p, o in statements
        if not (p == RDF_TYPE and not o.startswith(IA))
    ]
    lines += [f"  {m.predicate}: {m.prefix}:{m.code} {m.label}" for m in knowledge.codes.of(iri)]
    used = [(s, p) for s, p in facts.pointing(iri) if s.startswith(IA)]
    lines += [f"  is {short(p)} of: {curie(s)}{named(knowledge, s)}" for s, p in used[:40]]
    lines += [f"  and of {len(used) - 40} more"] if len(used) > 40 else []
    return "".join(f"{visible(text)}\n" for text in lines)


def short(predicate: str) -> str:
    """A predicate in short."""
    return curie(predicate).removeprefix("ia:").rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def named(knowledge: Knowledge, iri: str) -> str:
    """The label of a term in brackets, nothing for a value."""
    return f" ({knowledge.label(iri)})" if iri.startswith(IA) else ""
