"""From bytes or parsed JSON to a record."""

from collections.abc import Iterable
from datetime import date

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.intake import (
    attachment,
    devices,
    kidney,
    orders,
    presentations,
    problems,
    safety,
    suspicions,
)
from reasoner.intake.bounds import refuse_vast
from reasoner.intake.bundle import Envelope, Resource, as_list, open_envelope, parse
from reasoner.intake.dates import day, whole_years
from reasoner.intake.elements import VOID, Reader, coded, parts, status
from reasoner.intake.encoding import DEEP
from reasoner.intake.missing import Missing, state_missing
from reasoner.intake.notes import arranged
from reasoner.intake.patient_graph import read_graph
from reasoner.intake.placeholders import complete
from reasoner.intake.presentations import Problem
from reasoner.intake.record import ADULT, Record, Unread, node
from reasoner.intake.studies import read_studies
from reasoner.intake.unread import screen_words, understood
from reasoner.names import RDF_TYPE, ia

READ = {
    "Patient",
    "Condition",
    "Procedure",
    "Observation",
    "AllergyIntolerance",
    "Device",
    "DeviceUseStatement",
    "DiagnosticReport",
    "ImagingStudy",
    "ServiceRequest",
    "MedicationStatement",
    "MedicationRequest",
    "Medication",
}
DATED = (
    "effectiveDateTime effectivePeriod effectiveInstant issued onsetDateTime onsetPeriod "
    "recordedDate authoredOn performedDateTime performedPeriod started"
).split()
DATES = ("birthDate", *DATED)
UNDONE = ("not-done", "entered-in-error", "stopped", "preparation")


def read(knowledge: Knowledge, data, on: date | None = None) -> Record:
    """The record in bytes (FHIR JSON, NDJSON or Turtle) or in parsed JSON.

    `on` is the day of asking, for the age. Raises InputError for what is no record of one patient.
    """
    if isinstance(data, bytes):
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[", b"") and b"<" in data:
            return read_graph(knowledge, data, on)
        data = parse(data)
    return read_document(knowledge, data, on)[0]


def read_document(
    knowledge: Knowledge, document, on: date | None = None, missing: Iterable[Missing] = ()
) -> tuple[Record, Envelope]:
    """The record in parsed JSON, and its resources; `missing` are files that may hold more of it.

    Raises InputError for what is no record.
    """
    try:
        envelope = open_envelope(document)
        record = read_fhir(knowledge, envelope, on)
        state_missing(record, missing)
    except RecursionError:
        raise InputError("input", "it is nested too deeply to be read", DEEP) from None
    keys = [r.key for r in envelope.resources]
    record.notes = arranged(record.notes, keys, unread(envelope))
    return record, envelope


def read_fhir(knowledge: Knowledge, envelope: Envelope, on: date | None) -> Record:
    """The record of an envelope of FHIR resources, its notes as they arise."""
    record = Record(envelope.patient, notes=list(envelope.notes))
    reader = Reader(knowledge, envelope, record)
    patient = node(envelope.patient)
    record.say(patient, RDF_TYPE, ia("Patient"))
    newest = newest_date(reader)  # and notes the dates that cannot be read
    reader.newest = on.isoformat() if on else newest
    age(reader)
    for who in envelope.of("Patient"):
        understood(reader, who)
    if died(reader):
        return record
    found, not_read = read_problems(reader, patient)
    safety.allergies(reader, patient)
    safety.medications(reader, patient)
    done = read_studies(reader)
    orders.read_orders(reader, found, patient)
    say_unread(reader, not_read, patient)
    for resource in envelope.of("Observation"):
        observe(reader, found, resource, patient)
    kidney.read_kidney(reader, patient)
    attachment.adopt_site(reader, found, done)
    attachment.attach(reader, found, done)
    suspicions.weigh_suspicions(reader, found, done)
    for problem in found:
        problems.settle(reader, problem)
    screen_words(reader)
    contained(reader)
    complete(knowledge, record, reader.measurements)
    record.state_age_group()
    refuse_vast(record)
    return record


def read_problems(reader: Reader, patient: str) -> tuple[list[Problem], list[Resource]]:
    """Reads devices, Conditions and Procedures, and states the problems among them.

    With the problems come the Conditions that could not be read.
    """
    devices.read_devices(reader, patient)
    found: list[Problem] = []
    not_read: list[Resource] = []
    for resource in reader.envelope.of("Condition", "Procedure"):
        if resource.type == "Procedure":
            read_procedure(reader, resource, patient)
        elif presentations.counts(reader, resource) and understood(reader, resource):
            code = reader.said(resource.json.get("code"), f"{resource.path}.code", resource.key)
            problem = presentations.condition(reader, resource, code.mappings)
            found += [problem] if problem else []
            stated = safety.states(reader, resource, code.mappings, patient)
            if not problem and not stated:
                unread_code = not outside(reader, resource)
                not_read += [resource] if unread_code else []
                if code.mappings or not (code.unused or unread_code):
                    reader.record.note(
                        "info",
                        resource.key,
                        f"{resource.path} states no finding "
                        "that a topic covers and nothing that bears on safety.",
                    )
    merged = problems.merge(reader, found)
    for problem in merged:
        presentations.add_finding(reader, problem, patient)
    return merged, not_read


def say_unread(reader: Reader, not_read: list[Resource], patient: str) -> None:
    """Makes each Condition that could not be read a presentation, in a record that makes no other."""
    alone = not reader.record.presentations
    for resource in not_read:
        words = presentations.words_of(resource, "code")
        if alone:
            unread_problem(reader, resource, words, patient)
        elif not words:
            reader.record.note("info", resource.key, f"{resource.path} says nothing that is read.")


def outside(reader: Reader, resource: Resource) -> bool:
    """Whether the code of a Condition is known and lies outside of every topic."""
    return any(
        reader.knowledge.codes.outside(str(k.get("system")), str(k.get("code")))
        for k in coded(resource.json, "code")
    ) or bool(reader.concepts.said(resource.json.get("code")).mappings)


def unread_problem(reader: Reader, resource: Resource, words: str, patient: str) -> None:
    """States a problem that could not be read as a presentation that says so."""
    problem = Problem(resource.key)
    presentations.add_finding(reader, problem, patient)
    reader.record.say(problem.iri, RDF_TYPE, ia("UnreadPresentation"))
    item = Unread(ia("UnreadReason"), resource.key, "code", words, problem.iri)
    reader.record.withhold(
        item,
        f"{resource.path}.code states a problem that could not be read"
        f"{f' ({words})' if words else ''}; whether criteria cover it is not "
        "known.",
    )


def read_procedure(reader: Reader, resource: Resource, patient: str) -> None:
    """Reads a Procedure for devices and for what bears on safety."""
    if status(resource, "status") in UNDONE:
        reader.record.note(
            "info", resource.key, f"{resource.path} was not carried out; it counts for nothing."
        )
        reader.used.add(resource.key)
    elif reader.subject_is_patient(resource) and understood(reader, resource):
        codes = reader.mappings(resource.json.get("code"), f"{resource.path}.code", resource.key)
        if safety.states(reader, resource, codes, patient):
            reader.used.add(resource.key)
        else:
            devices.unread_implant(reader, resource)


def unread(envelope: Envelope) -> dict[str, int]:
    """How many resources there are of each type that is not read."""
    return {kind: len(found) for kind, found in envelope.types.items() if kind not in READ}


def observe(reader: Reader, found: list[Problem], resource: Resource, patient: str) -> None:
    """Reads one Observation, and each of its components, for whatever it can say."""
    state = status(resource, "status")
    if state in VOID:
        if state == "entered-in-error":
            reader.foreign.add(resource.key)
        reader.record.note(
            "info", resource.key, f"{resource.path}.status is {state}; it counts for nothing."
        )
        return
    if resource.key in reader.used or not reader.subject_is_patient(resource):
        return
    if not understood(reader, resource):
        return
    for part in parts(resource):
        code = reader.said(part.json.get("code"), f"{part.path}.code", resource.key)
        value = reader.said(
            part.json.get("valueCodeableConcept"), f"{part.path}.valueCodeableConcept", resource.key
        )
        mapped, used = bool(code.mappings or value.mappings), False
        if mapped:
            described = presentations.observation(
                reader, found, part, code.mappings, value.mappings
            )
            used = (
                safety.observation(reader, part, code.mappings, value.mappings, patient)
                or described
            )
        if not used and (mapped or not (code.unused or value.unused)):
            reader.record.note(
                "info",
                resource.key,
                f"{part.path} bears on nothing that is decided here; it was not used.",
            )


def contained(reader: Reader) -> None:
    """Notes what a resource holds inside itself and nothing in it refers to."""
    keys = [r.key for r in reader.envelope.resources if "#" in r.key]
    known = {name for key in keys for name in (key.partition("#")[2], key.rpartition("#")[2])}
    for resource in reader.envelope.resources:
        for i, inner in enumerate(as_list(resource.json.get("contained"))):
            name = inner.get("id") if isinstance(inner, dict) else None
            if f"{name}" not in known:
                reader.record.note(
                    "warning",
                    resource.key,
                    f"{resource.path}.contained[{i}] is "
                    "referred to by nothing that is read; it was not used.",
                )


def newest_date(reader: Reader) -> str:
    """The newest date of the record but for the birth date, empty when it has none.

    A date of a resource that is read, and that cannot be read itself, becomes a note.
    """
    newest = ""
    for resource in reader.envelope.resources:
        if reader.is_foreign(resource):
            continue
        json, readable, matters = resource.json, True, resource.type in READ
        for name in DATES:
            value = json.get(name)
            if value is None or (not matters and isinstance(value, str) and value <= newest):
                continue
            if found := day(value):
                if found > newest and name != "birthDate":
                    newest = found
            else:
                readable = False
        if matters and not readable:
            question(reader, resource)
    return newest


def question(reader: Reader, resource: Resource) -> None:
    """Notes each date of a resource that cannot be read."""
    for name, value in resource.json.items():
        if name in DATES and value is not None and not day(value):
            reader.record.note(
                "warning",
                resource.key,
                f"{resource.path}.{name} is no date that can be read; it was not used.",
            )


def age(reader: Reader) -> None:
    """Sets the age on the day of asking, or on the newest date of the record; never by the clock.

    It is as precise as the birth date. Raises InputError when the patient is surely not born yet.
    """
    patient, newest = next(iter(reader.envelope.of("Patient")), None), reader.newest
    if not patient:
        return
    born = day(patient.json.get("birthDate"))
    if not born or not newest:
        reader.record.note(
            "info",
            patient.key,
            "The age is not known; radiation levels for adults decide the order of equals.",
        )
        return
    least, greatest = whole_years(born, newest)
    if greatest < 0:
        raise InputError(
            f"{patient.path}.birthDate",
            f"the patient is born on {born}, after {newest}",
            "Correct the birth date, or the date given with --on.",
        )
    reader.record.age = greatest if least == greatest else None
    reader.record.minor = greatest < ADULT
    if (least < ADULT) != (greatest < ADULT):
        reader.record.note(
            "warning",
            patient.key,
            f"{patient.path}.birthDate does not tell whether the patient is a "
            "child; radiation levels for adults decide the order of equals.",
        )


def died(reader: Reader) -> bool:
    """Whether the record says that the patient has died; then nothing is advised."""
    for patient in reader.envelope.of("Patient"):
        for name in ("deceasedBoolean", "deceasedDateTime"):
            if patient.json.get(name):
                reader.record.note(
                    "warning",
                    patient.key,
                    f"{patient.path}.{name} says that the patient has died; nothing is advised.",
                )
                return True
    return False
