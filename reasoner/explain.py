"""Why: a walk over `ia:because`, from a conclusion to the facts of the record and the knowledge it rests on.

This is never a second engine: every step was written down by the rule or the classification that made it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from reasoner.fact_words import fact_in_words
from reasoner.facts import Facts
from reasoner.knowledge import Knowledge
from reasoner.names import CASE, DCTERMS, IA, RDF_TYPE, SKOS, SOURCE, curie, ia
from reasoner.store import Statement


@dataclass(frozen=True)
class Step:
    """One step of a proof: what holds, where that is stated, and the steps it rests on."""

    text: str
    source: str
    because: list["Step"] = field(default_factory=list)

    def as_dict(self) -> dict:
        """The step as JSON data."""
        return {"text": self.text, "source": self.source, "because": [step.as_dict() for step in self.because]}

    def shown(self, made: Callable[[str], str]) -> "Step":
        """The step with its words made fit for the place where it is shown."""
        return Step(made(self.text), made(self.source), [step.shown(made) for step in self.because])

    def lines(self, depth: int = 0) -> list[str]:
        """The proof as an indented list."""
        return [f"{'  ' * depth}- {self.text} [{self.source}]"] + [line for step in self.because for line in step.lines(depth + 1)]


def resource(iri: str) -> str:
    """The record's own name of a fact: the FHIR reference, or the IRI."""
    if not iri.startswith(CASE):
        return curie(iri)
    name = curie(iri.partition("#")[0])
    return unquote(name) if "%" in name else name


class Proofs:
    """The proofs in what was concluded about one record."""

    def __init__(self, knowledge: Knowledge, record: list[Statement], facts: Facts):
        self.knowledge, self.facts = knowledge, facts
        self.recorded = {s for s, _, _ in record}

    def evidence(self, node: str) -> list[str]:
        """The facts of the record that a conclusion rests on, by the record's own names, sorted."""
        found, seen, todo = set(), set(), [node]
        while todo:
            step = todo.pop()
            if step not in seen:
                seen.add(step)
                premises = self.facts.objects(step, ia("because"))
                if not premises and step in self.recorded:
                    found.add(resource(step))
                todo += premises
        return sorted(found)

    def proof(self, node: str, above: tuple[str, ...] = ()) -> Step:
        """The proof of a conclusion, down to facts and knowledge; facts of one resource are one step."""
        premises = [p for p in self.facts.objects(node, ia("because")) if p not in above]
        steps = {step.text: step for step in (self.proof(p, (*above, node)) for p in premises)}
        return Step(self.describe(node), self.source(node), list(steps.values()))

    def of(self, presentation: str) -> list[str]:
        """The conclusions about a presentation that nothing else is concluded from: what is told to the reader."""
        told = {
            "Recommendation",
            "SafetyFlag",
            "OrderVerdict",
            "Alert",
            "StepConclusion",
            "Assumption",
        }
        return [n for n in self.facts.subjects(ia("ofPresentation"), presentation)
                if told & {k[len(IA):] for k in self.facts.objects(n, RDF_TYPE)}]

    def source(self, node: str) -> str:
        """Where a step is stated: a publication, the record, or the graph."""
        cited = self.facts.objects(node, SOURCE) or self.knowledge.facts.objects(node, SOURCE)
        if not cited:
            about = self.facts.value(node, ia("ofCriterion")) or self.facts.value(node, ia("inClass"))
            cited = self.knowledge.facts.objects(about, SOURCE) if about else []
        if cited:
            return "; ".join(self.knowledge.label(s) for s in cited)
        return f"record, {resource(node)}" if node in self.recorded else "definition in the graph"

    def describe(self, node: str) -> str:
        """A step in words."""
        value, label = self.facts.value, self.knowledge.label
        kinds = {k[len(IA):] for k in self.facts.objects(node, RDF_TYPE) if k.startswith(IA)}
        if "Recommendation" in kinds:
            return f"{label(value(node, ia('recommendsOrderable')) or value(node, ia('recommends')))}: {self.category(value(node, ia('ofRating')))}"
        if "ScenarioMatch" in kinds:
            return f"scenario {value(node, ia('status'))}: {label(value(node, ia('ofScenario')))}"
        if "Assessment" in kinds:
            return f"criterion {value(node, ia('status'))}: {label(value(node, ia('ofCriterion')))}"
        if "Membership" in kinds:
            return f"the facts show: {label(value(node, ia('inClass')))}"
        if "Assumption" in kinds:
            return f"assumed: {value(node, ia('message'))}"
        if "OrderVerdict" in kinds:
            judged = value(node, ia("judgedAs"))
            said = label(judged) if judged else "not judged"
            return f"order {resource(value(node, ia('ofOrder')))}: {said}"
        if "UnratedOrder" in kinds:
            reason = value(node, ia("unratedFor"))
            return f"not rated: {self.knowledge.facts.value(reason, ia('message'))}"
        if "WithheldRating" in kinds:
            return f"rating withheld: {label(value(node, ia('ofCriterion')))} is not cleared"
        if kinds & {"SafetyFlag", "OrderFlag"}:
            return f"{value(node, ia('severity'))}: {value(node, ia('advice'))}"
        if "Alert" in kinds:
            return f"pitfall: {label(value(node, ia('ofPitfall')))}"
        if "StepConclusion" in kinds:
            return f"next step: {label(value(node, ia('ofStep')))}"
        if node in self.recorded:
            return f"{resource(node)}: {fact_in_words(self.knowledge, self.facts, node)}"
        if (rating := self.knowledge.facts.value(node, ia("hasCategory"))) is not None:
            return f"rated {label(rating)}, {label(self.knowledge.facts.value(node, ia('inEdition')))}, seen {self.knowledge.facts.value(node, ia('dateSeen')) or 'at a date not stated'}"
        return label(node)

    def category(self, rating: str) -> str:
        """The appropriateness category of a rating, in words."""
        return self.knowledge.label(self.knowledge.facts.value(rating, ia("hasCategory")))


def definition(knowledge: Knowledge, iri: str) -> str:
    """The definition of a term."""
    return knowledge.facts.value(iri, SKOS + "definition", "")


def variant(knowledge: Knowledge, scenario: str) -> str:
    """The number of a scenario in its edition, for sorting."""
    return knowledge.facts.value(scenario, DCTERMS + "identifier", "")
