"""Reads bytes or parsed JSON into a Record: decides the format and runs the readers of each
resource type in order.
"""

from collections.abc import Iterable
from datetime import date

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.intake import (
    attachment,
    conditions,
    devices,
    facts,
    joining,
    kidney,
    measures,
    observed_facts,
    orders,
    presentations,
    problems,
    safety,
    suspicions,
)
from reasoner.intake.bounds import refuse_vast
from reasoner.intake.bundle import Envelope, Resource, as_list, open_envelope, parse
from reasoner.intake.conditions import outside, say_unread
from reasoner.intake.dates import DAY
from reasoner.intake.elements import Reader
from reasoner.intake.encoding import DEEP
from reasoner.intake.facts import Fact
from reasoner.intake.hazard_words import screen_words
from reasoner.intake.missing import Missing, state_missing
from reasoner.intake.notes import arranged
from reasoner.intake.observations import observe
from reasoner.intake.patient import age, died, newest_date
from reasoner.intake.patient_graph import read_graph
from reasoner.intake.placeholders import complete
from reasoner.intake.presentations import Problem
from reasoner.intake.procedures import read_procedure
from reasoner.intake.readers import READ, READERS
from reasoner.intake.record import Record, node
from reasoner.intake.studies import read_studies
from reasoner.intake.unread import understood
from reasoner.names import RDF_TYPE, ia


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
    record.notes = arranged(record.notes, keys, unread(envelope, record.read_besides))
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
    stated = observed_facts.facts_of_observations(reader)
    presented, not_read = read_problems(reader, patient, stated)
    for read_all in dict.fromkeys(READERS.values()):
        read_all(reader, patient)
    done = read_studies(reader)
    stated += facts.facts_of_others(reader) + facts.facts_of_encounters(reader)
    stated += orders.read_orders(reader, presented, patient)
    say_unread(reader, not_read, patient)
    for resource in envelope.of("Observation"):
        observe(reader, presented, resource, patient)
    kidney.read_kidney(reader, patient)
    attachment.adopt_site(reader, presented, done)
    attachment.attach(reader, presented, done)
    suspicions.weigh_suspicions(reader, presented, done)
    joining.join_facts(reader, presented, stated, patient)
    for problem in presented:
        problems.settle(reader, problem)
    measures.state_measures(reader, presented, patient)
    screen_words(reader)
    contained(reader)
    complete(knowledge, record, reader.measurements)
    record.state_age_group()
    refuse_vast(record)
    return record


def read_problems(
    reader: Reader, patient: str, stated_facts: list[Fact]
) -> tuple[list[Problem], list[Resource]]:
    """Reads devices, Conditions and Procedures, and states the problems among them.

    With the problems come the Conditions that could not be read. Other facts that they state are
    added to `stated_facts`, of which the symptoms that are of no other problem become problems.
    """
    devices.read_devices(reader, patient)
    stated_problems: list[Problem] = []
    not_read: list[Resource] = []
    for resource in reader.envelope.of("Condition", "Procedure"):
        if resource.type == "Procedure":
            stated_facts += read_procedure(reader, resource, patient)
            continue
        beside = facts_of(reader, resource)
        stated_facts += beside
        if counts_as(reader, resource, beside) and understood(reader, resource):
            code = reader.meaning(resource.json.get("code"), f"{resource.path}.code", resource.key)
            problem = conditions.condition(reader, resource, code.mappings)
            stated_problems += [problem] if problem else []
            stated = safety.states(reader, resource, code.mappings, patient)
            if not problem and not stated:
                unread_code = not outside(reader, resource)
                not_read += [resource] if unread_code and not beside else []
                if not beside and (code.mappings or not (code.unused or unread_code)):
                    reader.record.note(
                        "info",
                        resource.key,
                        f"{resource.path} states no finding "
                        "that a topic covers and nothing that bears on safety.",
                    )
    stated_problems += symptoms_observed(reader, stated_facts)
    merged = problems.merge(reader, stated_problems)
    for problem in merged:
        presentations.add_finding(reader, problem, patient)
    return merged, not_read


def facts_of(reader: Reader, resource: Resource) -> list[Fact]:
    """What a Condition states or denies beside a finding, whether it holds now or not."""
    terms = observed_facts.stating_terms(reader.knowledge)
    mappings = reader.concepts.meaning(resource.json.get("code")).mappings
    codes = [m for m in mappings if m.subject in terms]
    holds = bool(codes) and conditions.holds(resource)
    return facts.facts_of_condition(reader, resource, codes, holds) if codes else []


def counts_as(reader: Reader, resource: Resource, beside: list[Fact]) -> bool:
    """Whether a Condition counts now; the note about one that does not says what it states."""
    denied = any(fact.denied for fact in beside)
    as_what = "as a denial" if denied else "as a past event" if beside else "for nothing"
    return conditions.counts(reader, resource, as_what)


def symptoms_observed(reader: Reader, stated_facts: list[Fact]) -> list[Problem]:
    """The problems that Observations of symptoms are; their facts are taken out of the list."""
    rows = []
    for fact in [f for f in stated_facts if not f.denied and reader.is_a(f.term, "Symptom")]:
        stated_facts.remove(fact)
        rows.append(
            Problem(
                fact.resource.key,
                regions=list(fact.regions),
                sides=list(fact.sides),
                recorded=fact.moment[:DAY],
                classes=[fact.term],
                encounters={fact.encounter} if fact.encounter else set(),
            )
        )
    return rows


def unread(envelope: Envelope, besides: set[str]) -> dict[str, int]:
    """How many resources there are of each type that is not read, and not of those `besides`."""
    known = READ | besides
    return {kind: len(resources) for kind, resources in envelope.types.items() if kind not in known}


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
