"""What a conclusion rests on: a walk over `ia:because` down to the facts of the record.

This is never a second engine: every premise was written down by the rule or the classification
that drew the conclusion. `proof` tells the same to a reader, in numbered steps.
"""

from urllib.parse import unquote

from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement
from reasoner.names import CASE, DCTERMS, SKOS, curie, ia


def resource(iri: str) -> str:
    """The record's own name of a fact: the FHIR reference, or the IRI."""
    if not iri.startswith(CASE):
        return curie(iri)
    name = curie(iri.partition("#")[0])
    return unquote(name) if "%" in name else name


class Proofs:
    """The premises of what was concluded about one record."""

    def __init__(self, knowledge: Knowledge, record: list[Statement], facts: Index):
        self.knowledge, self.facts = knowledge, facts
        self.recorded = {s for s, _, _ in record}

    def evidence(self, node: str) -> list[str]:
        """The facts of the record that a conclusion rests on, by the record's own names, sorted."""
        recorded, visited, todo = set(), set(), [node]
        while todo:
            step = todo.pop()
            if step not in visited:
                visited.add(step)
                premises = self.facts.objects(step, ia("because"))
                if not premises and step in self.recorded:
                    recorded.add(resource(step))
                todo += premises
        return sorted(recorded)


def definition(knowledge: Knowledge, iri: str) -> str:
    """The definition of a term."""
    return knowledge.facts.value(iri, SKOS + "definition", "")


def variant(knowledge: Knowledge, scenario: str) -> str:
    """The number of a scenario in its edition, for sorting."""
    return knowledge.facts.value(scenario, DCTERMS + "identifier", "")
