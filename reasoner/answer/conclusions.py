"""The conclusions about one record, looked up by presentation and kind."""

from typing import Any

from reasoner.answer.recommendations import number
from reasoner.graph.index import Index
from reasoner.graph.knowledge import Knowledge
from reasoner.inference.proof import Proofs, resource
from reasoner.intake import Record
from reasoner.names import RDF_TYPE, curie, ia

OF = ia("ofPresentation")
KINDS = (
    "OutcomeConclusion",
    "ScenarioMatch",
    "ExclusionConclusion",
    "Assessment",
    "Assumption",
    "Recommendation",
    "AgreedStudy",
    "ConflictConclusion",
    "Alert",
    "StepConclusion",
    "AskedQuestion",
    "SourceStatement",
)


class Conclusions:
    """What was concluded of a record, and the premises of it."""

    def __init__(self, knowledge: Knowledge, record: Record, facts: Index):
        self.knowledge, self.record, self.facts = knowledge, record, facts
        self.proofs = Proofs(knowledge, record.statements, facts)
        self._concluded: dict[tuple[str, str], list[str]] = {
            (p, kind): [] for p in record.presentations for kind in KINDS
        }
        for kind in KINDS:
            for node in facts.subjects(RDF_TYPE, ia(kind)):
                self._concluded[facts.value(node, OF), kind].append(node)

    def concluded(self, presentation: str, kind: str) -> list[str]:
        """The conclusions of a kind about a presentation, sorted."""
        return self._concluded[presentation, kind]

    def evidence(self, p: str, cls: str) -> list[str]:
        """The facts that put a presentation into a class; the presentation when none is known."""
        memberships = set(self.facts.subjects(ia("inClass"), cls))
        mine = memberships.intersection(self.facts.subjects(OF, p))
        return sorted({e for m in mine for e in self.proofs.evidence(m)}) or [resource(p)]

    def term(self, iri: str | None) -> "dict | Any":
        """A term with its label; None for none."""
        return {"id": curie(iri), "label": self.knowledge.label(iri)} if iri else None

    def number(self, iri: str | None, predicate: str, default: float) -> float:
        """A number of the graph, for sorting."""
        return number(self.knowledge, iri, predicate, default)

    def short(self, node: str, predicate: str) -> str | None:
        """The CURIE of a value, if there is one."""
        value = self.facts.value(node, ia(predicate))
        return value and curie(value)

    def is_membership(self, node: str) -> bool:
        """Whether a conclusion says that facts put a presentation into a class."""
        return self.facts.holds(node, RDF_TYPE, ia("Membership"))

    def criterion_order(self, node: str) -> tuple:
        """The order in which criteria are asked for."""
        criterion = self.facts.value(node, ia("ofCriterion"))
        return self.number(criterion, "askOrder", 99), criterion

    def applying(self, matches: list[str]) -> list[str]:
        """The scenarios that apply."""
        return [
            self.facts.value(m, ia("ofScenario"))
            for m in matches
            if self.facts.value(m, ia("status")) == "applies"
        ]
