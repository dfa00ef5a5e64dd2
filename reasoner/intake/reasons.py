"""Reads the reasons of an order: reasonCode and reasonReference (FHIR ServiceRequest)."""

from dataclasses import dataclass, field

from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import Reader, words_in
from reasoner.intake.facts import is_beside
from reasoner.intake.presentations import Problem


@dataclass
class Reason:
    """Why an order was written, as far as it was read.

    `covered` are codes of findings that a topic covers, `beside` those of signs, purposes and what
    else is stated beside a finding, each with its place; `conditions` are the Conditions that it
    names, `unread` places and quotes of what could not be read, `outside` what no topic covers.
    """

    covered: list[Mapping] = field(default_factory=list)
    beside: list[tuple[Mapping, str]] = field(default_factory=list)
    conditions: set[str] = field(default_factory=set)
    unread: list[tuple[str, str]] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    @property
    def stated(self) -> bool:
        """Whether any reason is given."""
        return bool(self.covered or self.conditions or self.unread or self.outside)


def reason_of(reader: Reader, resource: Resource, problems: list[Problem]) -> Reason:
    """The reason of an order, from reasonCode and reasonReference.

    The element `reason` is of FHIR R5; it is said to be unread, because this reads R4.
    """
    reason, json, path = Reason(), resource.json, resource.path
    given = [(c, f"{path}.reasonCode[{i}]") for i, c in enumerate(as_list(json.get("reasonCode")))]
    references = [
        (r, f"{path}.reasonReference[{i}]")
        for i, r in enumerate(as_list(json.get("reasonReference")))
    ]
    if json.get("reason"):
        reason.unread.append((f"{path}.reason", "reason of FHIR R5; R4 is read"))
    for concept, at in given:
        read_concept(reader, reason, concept, at, resource.key)
    for reference, at in references:
        target = reader.envelope.resolve(reference, resource)
        if condition := reader.envelope.held(target, "Condition"):
            reason.conditions.add(condition.key)
            active = any(p.is_named({condition.key}) for p in problems)
            read_concept(
                reader,
                reason,
                condition.json.get("code"),
                f"{condition.path}.code",
                condition.key,
                active,
            )
        else:
            quote = target or words_of_reference(reference)
            reason.unread.append((at, quote))
            sent = "is no Condition that is read" if condition else "is not in the record"
            reader.record.note(
                "warning", resource.key, f"{at} names {quote or 'something'}, which {sent}."
            )
    return reason


def words_of_reference(reference) -> str:
    """What a reference that cannot be followed says of its target."""
    if not isinstance(reference, dict):
        return ""
    identifier = reference.get("identifier")
    value = identifier.get("value") if isinstance(identifier, dict) else None
    words = reference.get("display") or value or ""
    return words if isinstance(words, str) else ""


def read_concept(
    reader: Reader, reason: Reason, concept, path: str, about: str, active: bool | None = None
) -> None:
    """Reads one concept of a reason.

    `active` says of a Condition whether it is a problem that holds now: such a one is known
    already, and a finding that does not hold now is no reason that can be judged.
    """
    if active:
        return
    if not isinstance(concept, dict):
        reason.unread.append((path, ""))
        return
    meaning = reader.meaning(concept, path, about)
    findings = [m for m in meaning.mappings if reader.is_a(m.subject, "ClinicalFinding")]
    facts = [m for m in findings if m.intake == "fact"]
    beside = [m for m in meaning.mappings if m.intake == "fact" and is_beside(reader, m.subject)]
    if active is None:  # of a Condition that is no problem, what stands beside one may not hold
        reason.beside += [(m, path) for m in beside]
    codings = [k for k in as_list(concept.get("coding")) if isinstance(k, dict) and k]
    coded_ = [(k.get("system"), k.get("code")) for k in codings]
    outside = [
        f"{code} of {system}"
        for system, code in coded_
        if isinstance(system, str)
        and isinstance(code, str)
        and reader.knowledge.codes.outside(system, code)
    ]
    if facts and active is None:
        reason.covered += facts
    elif facts:
        reason.unread.append((path, "not recorded as a problem that holds now"))
    elif outside and not findings:
        reason.outside += outside
    elif not beside:
        quote = ", ".join(words_in({"reason": concept}, "reason", codes=True))
        if quote or codings:
            reason.unread.append((path, quote))
