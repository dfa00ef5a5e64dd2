"""From bytes or parsed JSON to a record."""

from datetime import date

from reasoner.errors import InputError
from reasoner.intake import orders, presentations, safety, studies
from reasoner.intake.bundle import Envelope, Resource, open_envelope, parse
from reasoner.intake.completion import complete
from reasoner.intake.elements import VOID, Reader, day, status, whole_years
from reasoner.intake.notes import arranged
from reasoner.intake.record import Record, node
from reasoner.intake.turtle_graph import read_graph
from reasoner.knowledge import Knowledge
from reasoner.names import RDF_TYPE, ia

READ = {"Patient", "Condition", "Procedure", "Observation", "AllergyIntolerance", "Device", "DiagnosticReport", "ImagingStudy", "ServiceRequest"}
DATED = "effectiveDateTime effectivePeriod issued onsetDateTime onsetPeriod recordedDate authoredOn performedDateTime performedPeriod started".split()
DATES = ("birthDate", *DATED)


def read(knowledge: Knowledge, data, on: date | None = None) -> Record:
    """The record in bytes (FHIR JSON, NDJSON or Turtle) or in parsed JSON; `on` is the day of asking, for the age.

    Raises InputError for what is no record of one patient.
    """
    if isinstance(data, bytes):
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[", b"") and b"<" in data:
            return read_graph(knowledge, data, on)
        data = parse(data)
    return read_document(knowledge, data, on)[0]


def read_document(knowledge: Knowledge, document, on: date | None = None) -> tuple[Record, Envelope]:
    """The record in parsed JSON, and its resources. Raises InputError for what is no record of one patient."""
    try:
        envelope = open_envelope(document)
        record = read_fhir(knowledge, envelope, on)
    except RecursionError:
        raise InputError("input", "it is nested too deeply to be read", "No element of a record is a hundred levels deep.") from None
    record.notes = arranged(record.notes, [r.key for r in envelope.resources], unread(envelope))
    return record, envelope


def read_fhir(knowledge: Knowledge, envelope: Envelope, on: date | None) -> Record:
    """The record of an envelope of FHIR resources, its notes as they arise."""
    record = Record(envelope.patient, notes=list(envelope.notes))
    reader = Reader(knowledge, envelope, record)
    patient = node(envelope.patient)
    record.say(patient, RDF_TYPE, ia("Patient"))
    newest = newest_date(reader)
    age(reader, on.isoformat() if on else newest)
    problems: list[presentations.Problem] = []
    safety.devices(reader, patient)
    for resource in envelope.of("Condition", "Procedure"):
        if resource.type == "Procedure" and status(resource, "status") in ("not-done", "entered-in-error", "stopped", "preparation"):
            record.note("info", resource.key, f"{resource.path} was not carried out; it counts for nothing.")
            reader.used.add(resource.key)
        elif resource.type == "Condition" and presentations.counts(reader, resource):
            code = reader.said(resource.json.get("code"), f"{resource.path}.code", resource.key)
            problem = presentations.condition(reader, resource, code.mappings, patient)
            problems += [problem] if problem else []
            if not problem and not safety.states(reader, resource, code.mappings, patient) and (code.mappings or not code.unused):
                record.note("info", resource.key, f"{resource.path} states no finding that a topic covers and nothing that bears on safety.")
        elif resource.type == "Procedure" and reader.subject_is_patient(resource):
            codes = reader.mappings(resource.json.get("code"), f"{resource.path}.code", resource.key)
            if safety.states(reader, resource, codes, patient):
                reader.used.add(resource.key)
    safety.allergies(reader, patient)
    found = studies.read_studies(reader)
    orders.read_orders(reader, problems, patient)
    for resource in envelope.of("Observation"):
        observe(reader, problems, resource, patient)
    safety.kidney(reader, patient)
    for problem in problems:
        presentations.settle_sites(reader, problem)
    studies.adopt_site(reader, problems, found)
    studies.attach(reader, problems, found)
    for problem in problems:
        presentations.settle(reader, problem)
    complete(knowledge, record, reader.measurements)
    return record


def unread(envelope: Envelope) -> dict[str, int]:
    """How many resources there are of each type that is not read."""
    return {kind: len(found) for kind, found in envelope.types.items() if kind not in READ}


def observe(reader: Reader, problems: list[presentations.Problem], resource, patient: str) -> None:
    """Reads one Observation for whatever it can say."""
    state = status(resource, "status")
    if state in VOID:
        reader.record.note("info", resource.key, f"{resource.path}.status is {state}; it counts for nothing.")
    elif resource.key not in reader.used and reader.subject_is_patient(resource):
        code = reader.said(resource.json.get("code"), f"{resource.path}.code", resource.key)
        value = reader.said(resource.json.get("valueCodeableConcept"), f"{resource.path}.valueCodeableConcept", resource.key)
        mapped, used = bool(code.mappings or value.mappings), False
        if mapped:
            described = presentations.observation(reader, problems, resource, code.mappings, value.mappings)
            used = safety.observation(reader, resource, code.mappings, value.mappings, patient) or described
        if not used and (mapped or not (code.unused or value.unused)):
            reader.record.note("info", resource.key, f"{resource.path} bears on nothing that is decided here; it was not used.")


def newest_date(reader: Reader) -> str:
    """The newest date of the record but for the birth date, empty when it has none; what a resource that is read holds inside itself, or gives as a date that cannot be read, becomes a note."""
    newest = ""
    for resource in reader.envelope.resources:
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
        if matters and (not readable or json.get("contained")):
            question(reader, resource)
    return newest


def question(reader: Reader, resource: Resource) -> None:
    """Notes each date of a resource that cannot be read, and what it holds inside itself, which is not read."""
    for name, value in resource.json.items():
        if name in DATES and value is not None and not day(value):
            reader.record.note("warning", resource.key, f"{resource.path}.{name} is no date that can be read; it was not used.")
    if resource.json.get("contained"):
        reader.record.note("warning", resource.key, f"{resource.path}.contained is not read; give its resources entries of their own.")


def age(reader: Reader, newest: str) -> None:
    """Sets the age in whole years on the day of asking, or on the newest date of the record, which is given; never by the clock."""
    patient = next(iter(reader.envelope.of("Patient")), None)
    if not patient:
        return
    born = day(patient.json.get("birthDate"))
    if not born or not newest:
        reader.record.note("info", patient.key, "The age is not known; radiation levels for adults decide the order of equals.")
        return
    reader.record.age = whole_years(born, newest)
    if reader.record.age < 0:
        raise InputError(f"{patient.path}.birthDate", f"the patient is born on {born}, after {newest}", "Correct the birth date, or the date given with --on.")
