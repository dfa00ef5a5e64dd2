"""Which fields the patient form shows for what is chosen: those in question first.

They follow from the finding, its region and the questions that are still open.
"""

from reasoner.answer.reply import Reply
from reasoner.graph.knowledge import Knowledge
from reasoner.intake.observables import age
from reasoner.names import ia
from reasoner.serve.explorer.patient_form import Form, options
from reasoner.serve.explorer.topic_fields import (
    Field,
    TopicFields,
    criteria,
    in_question,
    mentioned,
    near,
)

ATTRIBUTES = ("depth", "palpable", "symptoms")  # of a finding, where its topic speaks of them
ELSEWHERE = ("condition", "kidney", "allergy", "device", "pregnant")  # fields of every form


def asked_fields(knowledge: Knowledge, form: Form, reply: Reply | None) -> dict:
    """The fields that a topic adds: in question, further ones, and attributes of the finding."""
    offered = options(knowledge)
    finding = form.single.get("finding", offered["finding"][0][0] if form.empty else "")
    region = form.single.get("region", "")
    anchors = near(knowledge, ia(finding), ia(region) if region else "") if finding else []
    relevant, every = mentioned(knowledge, anchors), criteria(knowledge, anchors)
    covered = {ia(key) for name in ELSEWHERE for key, _ in offered[name]}
    covered |= {age(knowledge)}
    fields = TopicFields(knowledge, ia(finding), ia(region) if region else "", covered)
    groups = fields.groups(every)
    open_now = fields.of((c for c in in_question(reply) if c in every), groups)
    others = [f for f in fields.of(every, groups) if f not in open_now]
    chosen = [f for f in others if is_chosen(form, f)]
    return {
        "asked": open_now + chosen,
        "further": [f for f in others if f not in chosen],
        "attributes": [
            name
            for name in ATTRIBUTES
            if name in form.single or relevant.intersection(key for key, _ in offered[name])
        ],
        "unshown": unshown(form, open_now + others),
    }


def is_chosen(form: Form, field: Field) -> bool:
    """Whether a form has a value for a field."""
    if not field.values:
        return field.name in form.numbers
    return not {value for value, _ in field.values}.isdisjoint(form.several[field.name])


def unshown(form: Form, fields: list[Field]) -> list[tuple[str, str]]:
    """What is chosen and has no field now, by name and value, so that it stays in the form."""
    values = {(f.name, value) for f in fields for value, _ in f.values}
    names = {f.name for f in fields if not f.values}
    pairs = [(name, v) for name in ("fact", "suspected") for v in form.several[name]]
    rows = [pair for pair in pairs if pair not in values]
    return rows + [(name, text) for name, text in form.numbers.items() if name not in names]
