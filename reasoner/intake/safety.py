"""What bears on safety: devices, conditions, reactions to contrast, kidney function, pregnancy, and screening."""

import math
from collections.abc import Sequence
from typing import Any

from reasoner.codes import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import Reader, affirms, first_moment, latest, number, status
from reasoner.intake.presentations import counts
from reasoner.intake.record import node
from reasoner.names import RDF_TYPE, ia

LABELS = [ia(n) for n in ("MrUnsafe", "MrNotLabeled", "MrConditional", "MrSafe")]  # the worst first
CLEARED = ia("MriSafetyScreeningPassed")
GRADES = {"severe": ia("Severe"), "moderate": ia("Moderate"), "mild": ia("Mild")}
COMPARATORS = (None, "<", "<=", ">", ">=")
GFR_UNITS = {"mL/min/{1.73_m2}", "mL/min/1.73_m2", "mL/min/1.73 m2", "mL/min/1.73m2", "ml/min/1.73m2", "mL/min"}


def devices(reader: Reader, patient: str) -> None:
    """States each device of the patient with its kind and MR label; what is not recorded stays open."""
    say = reader.record.say
    for resource in reader.envelope.of("Device"):
        if status(resource, "status") == "entered-in-error" or not reader.subject_is_patient(resource):
            reader.record.note("info", resource.key, f"{resource.path} is entered in error or of another person; it counts for nothing.")
            continue
        iri = node(resource.key)
        kind = resource.json.get("type")
        found = reader.mappings(kind, f"{resource.path}.type", resource.key)
        kinds = sorted({m.subject for m in found if reader.is_a(m.subject, "Device") and m.intake == "fact"})
        coded = any(isinstance(c, dict) and c.get("code") for k in as_list(kind) if isinstance(k, dict) for c in as_list(k.get("coding")))
        if status(resource, "status") == "inactive":
            kinds = [ia("InactiveDevice")]
        say(patient, ia("hasDevice"), iri)
        for cls in kinds or [ia("UnrecognizedDevice" if coded else "DeviceOfUnknownKind")]:
            say(iri, RDF_TYPE, cls)
        labels = [m.subject for m in reader.mappings(resource.json.get("safety"), f"{resource.path}.safety", resource.key)]
        worst = next((label for label in LABELS if label in labels), None)
        if worst and kinds != [ia("InactiveDevice")]:
            say(iri, ia("hasMrLabel"), worst)


def states(reader: Reader, resource: Resource, codes: Sequence[Mapping], patient: str) -> bool:
    """Whether a Condition or Procedure, whose code says so much, states something that bears on safety; it is then stated."""
    used = False
    for m in codes:
        if reader.is_a(m.subject, "Device"):
            used |= in_place(reader, resource, m.subject if m.intake == "fact" else None, patient)
        elif reader.is_a(m.subject, "PatientCondition"):
            cls = m.subject if m.intake == "fact" else reader.knowledge.facts.value(m.subject, ia("whenDoubtful"))
            unfinished = cls == CLEARED and resource.type == "Procedure" and status(resource, "status") != "completed"
            used |= cls is not None and not unfinished and suffers(reader, resource, cls, patient)
    return used


def in_place(reader: Reader, resource: Resource, cls: str | None, patient: str) -> bool:
    """States a device that a Condition or Procedure says is in place, unless the record lists that device itself."""
    if cls is None:
        return suffers(reader, resource, ia("PossibleMriContraindication"), patient)
    listed = {s for s, p, o in reader.record.statements if p == RDF_TYPE and o == cls}
    if not any((patient, ia("hasDevice"), device) in reader.record.statements for device in listed):
        device = node(resource.key, "device")
        reader.record.say(patient, ia("hasDevice"), device)
        reader.record.say(device, RDF_TYPE, cls)
    else:
        reader.record.note("info", resource.key, f"{resource.path} names a device that the record states elsewhere, with its label if there is one.")
    return True


def suffers(reader: Reader, resource: Resource, cls: str, patient: str) -> bool:
    """States a condition of the patient with its severity, if recorded."""
    iri, grade = node(resource.key), resource.json.get("severity")
    reader.record.say(patient, ia("hasCondition"), iri)
    reader.record.say(iri, RDF_TYPE, cls)
    if grade is not None:
        for m in reader.mappings(grade, f"{resource.path}.severity", resource.key):
            if reader.is_a(m.subject, "Severity"):
                reader.record.say(iri, ia("hasSeverity"), m.subject)
    return True


def allergies(reader: Reader, patient: str) -> None:
    """States reactions to contrast agents with the worst severity recorded."""
    facts = reader.knowledge.facts
    for resource in reader.envelope.of("AllergyIntolerance"):
        if not counts(reader, resource):
            continue
        reactions = [r for r in as_list(resource.json.get("reaction")) if isinstance(r, dict)]
        concepts = [(resource.json.get("code"), f"{resource.path}.code")]
        concepts += [(r.get("substance"), f"{resource.path}.reaction[{i}].substance") for i, r in enumerate(reactions)]
        kinds = set()
        for concept, path in concepts:
            for m in reader.mappings(concept, path, resource.key) if concept is not None else ():
                kinds |= {m.subject} if reader.is_a(m.subject, "ContrastAllergy") and m.intake == "fact" else set(facts.subjects(ia("allergen"), m.subject))
        if not kinds:
            reader.record.note("info", resource.key, f"{resource.path} names no contrast agent; it was not used.")
            continue
        iri = node(resource.key)
        reader.record.say(patient, ia("hasCondition"), iri)
        for cls in sorted(kinds):
            reader.record.say(iri, RDF_TYPE, cls)
        recorded = {r.get("severity") for r in reactions if isinstance(r.get("severity"), str)}
        worst = next((grade for word, grade in GRADES.items() if word in recorded), None)
        if resource.json.get("criticality") == "high":
            worst = GRADES["severe"]
        if worst:
            reader.record.say(iri, ia("hasSeverity"), worst)


def observation(reader: Reader, resource: Resource, codes: Sequence[Mapping], values: Sequence[Mapping], patient: str) -> bool:
    """Whether an Observation, whose code and value say so much, bears on safety: kidney function, pregnancy, or a coded state of the patient."""
    if any(m.subject == ia("EstimatedGfr") for m in codes):
        reader.gfr.append(resource)
        return True
    conditions = [m for m in (*codes, *values) if reader.is_a(m.subject, "PatientCondition")]
    if not conditions:
        return False
    affirmed = affirms(resource, values)
    if affirmed is False:
        reader.record.note("info", resource.key, f"{resource.path} denies a state of the patient; it counts for nothing.")
        return True
    for m in conditions:
        cls = m.subject if m.intake == "fact" else reader.knowledge.facts.value(m.subject, ia("whenDoubtful"))
        if cls == CLEARED and m in codes and (not affirmed or values):
            reader.record.note("warning", resource.key, f"{resource.path} does not plainly say that the screening was passed; it was not used.")
        elif cls:
            suffers(reader, resource, cls, patient)
    return True


def kidney(reader: Reader, patient: str) -> None:
    """States each eGFR than which none that can be read is surely newer: the newest, and what may be as new; one that cannot be read is said to be so."""
    if not reader.gfr:
        return
    moments = [first_moment(r, "effectiveDateTime", "effectivePeriod", "issued") for r in reader.gfr]
    newest = latest(moments, [moment for r, moment in zip(reader.gfr, moments, strict=True) if usable(r) is not None])
    for resource, _, counts_still in sorted(zip(reader.gfr, moments, newest, strict=True), key=lambda row: (not row[1], row[1], row[0].key), reverse=True):
        if not counts_still:
            reader.record.note("info", resource.key, f"{resource.path} is older than the eGFR that decides; it was not used.")
            continue
        quantity: Any = resource.json.get("valueQuantity")
        value = usable(resource)
        iri = node(resource.key)
        reader.record.say(patient, ia("hasMeasurement"), iri)
        reader.record.say(iri, RDF_TYPE, ia("Measurement"))
        reader.record.say(iri, ia("ofObservable"), ia("EstimatedGfr"))
        if value is not None:
            reader.measurements.append((iri, ia("EstimatedGfr"), *bounds(value, quantity.get("comparator"))))
            continue
        reader.record.say(iri, RDF_TYPE, ia("UnreadableEgfr"))
        place = f"{resource.path}.valueQuantity" + (".value" if isinstance(quantity, dict) and number(quantity) is None else ".code" if isinstance(quantity, dict) else "")
        reader.record.note("warning", resource.key, f"{place} is no usable eGFR in mL/min/{{1.73_m2}}; kidney function is unknown until it is read.")


def usable(resource: Resource) -> float | None:
    """The eGFR that an Observation gives as a number in the unit of its kind, if it does."""
    quantity: Any = resource.json.get("valueQuantity")
    value = number(quantity)
    if value is None or value < 0 or str(quantity.get("code") or quantity.get("unit")) not in GFR_UNITS or quantity.get("comparator") not in COMPARATORS:
        return None
    return value


def bounds(value: float, sign: str | None) -> tuple[float, float]:
    """The least and the greatest that a value with a comparator can be: "<30" ends just below 30."""
    least = math.nextafter(value, math.inf) if sign == ">" else 0.0 if sign in ("<", "<=") else value
    return least, math.nextafter(value, 0.0) if sign == "<" else math.inf if sign in (">", ">=") else value
