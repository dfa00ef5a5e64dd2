"""The words for each resource of a record, shown to a reader in place of its reference."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from reasoner.answer.fact_wording import STUDIES, words_of_fact
from reasoner.answer.wording import NOWHERE
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement
from reasoner.inference.proof import resource
from reasoner.names import RDF_TYPE, ia


def record_words(
    knowledge: Knowledge,
    statements: Iterable[Statement],
    days: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """The words for each resource of a record, by its name in the answer.

    "US lower extremity: indeterminate result, 2026-04-18" for `DiagnosticReport/us-1`, where
    `days` has its day, and "order: image-guided biopsy" for `ServiceRequest/biopsy`. Where several
    resources say the same, the name stands behind the words in brackets.
    """
    facts, nodes = Index(), defaultdict(dict)
    facts.add((s, p, o if isinstance(o, str) else o.value) for s, p, o in statements)
    for subject, *_ in statements:
        nodes[resource(subject)][subject] = None
    words = {
        name: ", ".join(filter(None, (in_words(knowledge, facts, list(parts)), days.get(name))))
        for name, parts in nodes.items()
    }
    of = defaultdict(list)
    for name, said in words.items():
        of[said].append(name)
    return {
        name: said if len(of[said]) == 1 and said else f"{said} ({name})".strip()
        for name, said in words.items()
    }


def in_words(knowledge: Knowledge, facts: Index, nodes: list[str]) -> str:
    """What the nodes of one resource say: a study with its results, a finding, an order."""
    said = [one for node in nodes if (one := node_in_words(knowledge, facts, node))]
    bare = [one for node in nodes if (one := ", ".join(words_of_fact(knowledge, facts, node)))]
    return ": ".join(dict.fromkeys(said or bare))


def node_in_words(knowledge: Knowledge, facts: Index, node: str) -> str:
    """What one node says; nothing for a presentation, whose finding or order says it."""
    words = words_of_fact(knowledge, facts, node)
    if any(facts.value(node, ia(p)) for p in STUDIES):
        ordered = "order: " if facts.holds(node, RDF_TYPE, ia("Order")) else ""
        return ordered + words[0].replace(NOWHERE, "")
    if facts.holds(node, RDF_TYPE, ia("Presentation")):
        return ""
    return ", ".join(words)
