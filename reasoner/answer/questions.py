"""What to ask about a presentation, and what raises each question."""

from reasoner.answer.conclusions import Conclusions
from reasoner.answer.recommendations import number
from reasoner.graph.knowledge import Knowledge
from reasoner.names import RDF_TYPE, curie, ia


def questions(known: Conclusions, p: str) -> list[dict]:
    """What to ask, in the order in which to ask it: urgent questions by their place alone."""

    def order(node: str) -> tuple:
        urgent = known.facts.holds(node, RDF_TYPE, ia("UrgentQuestion"))
        separates = 0 if urgent else int(known.facts.value(node, ia("separates"), "0"))
        return -separates, known.criterion_order(node)

    return [question(known, q) for q in sorted(known.concluded(p, "AskedQuestion"), key=order)]


def question(known: Conclusions, node: str) -> dict:
    """A question, with the facts of the record that raise it, if any do."""
    criterion = known.facts.value(node, ia("ofCriterion"))
    text = known.knowledge.facts.value(criterion, ia("question"))
    grounds = [g for g in known.facts.objects(node, ia("because")) if known.is_membership(g)]
    because = sorted({e for g in grounds for e in known.proofs.evidence(g)})
    row = {
        "id": curie(criterion),
        "text": text or known.knowledge.label(criterion),
        "decides": [curie(s) for s in known.facts.objects(node, ia("decides"))],
        "because": because,
    }
    parts = question_parts(known.knowledge, criterion)
    return {**row, "parts": parts} if parts else row


def question_parts(knowledge: Knowledge, criterion: str) -> list[dict]:
    """The parts of a question that holds more than one fact: text, and what answers put it into."""
    facts = knowledge.facts
    parts = sorted(
        facts.subjects(ia("partOfQuestion"), criterion),
        key=lambda part: (number(knowledge, part, "askOrder", 99), part),
    )
    return [
        {
            "id": curie(part),
            "text": facts.value(part, ia("question")),
            "supposes": [curie(c) for c in facts.objects(part, ia("supposes"))],
        }
        for part in parts
    ]
