"""What the scenarios that apply consider, and what follows the results of studies."""

from reasoner.answer.conclusions import Conclusions
from reasoner.inference.proof import resource
from reasoner.names import curie, ia


def differential(known: Conclusions, matches: list[str]) -> list[dict]:
    """The diagnoses that the applying scenarios consider, the most consequential first."""
    k, scenarios = known.knowledge.facts, known.applying(matches)
    worst = {d for s in scenarios for d in k.objects(s, ia("mostConsequentialDiagnosis"))}
    diagnoses = {d for s in scenarios for d in k.objects(s, ia("considersDiagnosis"))}
    return [
        {**known.term(d), "mostConsequential": d in worst}
        for d in sorted(diagnoses, key=lambda d: (d not in worst, known.knowledge.label(d)))
    ]


def next_steps(known: Conclusions, p: str) -> list[dict]:
    """What follows the results in the record."""
    steps: dict[str, set[str]] = {}
    for node in known.concluded(p, "StepConclusion"):
        premises = known.facts.objects(node, ia("because"))
        shown = {resource(n) for n in premises if n in known.proofs.recorded}
        shown.update(*(known.proofs.evidence(n) for n in premises if known.is_membership(n)))
        steps.setdefault(known.facts.value(node, ia("ofStep")), set()).update(shown)
    return [
        {**known.term(s), "because": sorted(steps[s])}
        for s in sorted(steps, key=lambda s: (known.number(s, "rank", 99), s))
    ]


def pathways(known: Conclusions, matches: list[str], stage: str | None) -> list[dict]:
    """What will follow each result of the study that decides next."""
    k = known.knowledge.facts
    led: set[str | None] = {
        s
        for scenario in known.applying(matches)
        for e in k.subjects(ia("ofScenario"), scenario)
        for s in k.objects(e, ia("leadsTo"))
    }
    stages = {s for s in {*led, stage} if s and k.value(s, ia("outcome")) == "next-step"}
    steps: dict[str, set[str]] = {}
    for pathway in (w for s in stages for w in k.subjects(ia("atStage"), s)):
        steps.setdefault(k.value(pathway, ia("afterResult")), set()).update(
            k.objects(pathway, ia("takesStep"))
        )
    return [
        {
            "when": curie(r),
            "steps": [
                curie(s) for s in sorted(steps[r], key=lambda s: (known.number(s, "rank", 99), s))
            ],
        }
        for r in sorted(steps)
    ]
