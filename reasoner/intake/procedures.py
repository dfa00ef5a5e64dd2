"""Reads Procedures (FHIR): devices put in or taken out, and what bears on safety."""

from reasoner.intake import devices, safety
from reasoner.intake.bundle import Resource
from reasoner.intake.elements import Reader, status
from reasoner.intake.facts import Fact, facts_of_procedure, planned_facts
from reasoner.intake.unread import understood

UNDONE = ("not-done", "entered-in-error", "stopped", "preparation")


def read_procedure(reader: Reader, resource: Resource, patient: str) -> list[Fact]:
    """Reads a Procedure for devices and for what bears on safety; returns its past events."""
    if status(resource, "status") in UNDONE:
        reader.record.note(
            "info", resource.key, f"{resource.path} was not carried out; it counts for nothing."
        )
        reader.used.add(resource.key)
        if status(resource, "status") == "preparation" and not reader.is_foreign(resource):
            return planned_facts(reader, resource)
    elif reader.subject_is_patient(resource) and understood(reader, resource):
        codes = reader.mappings(resource.json.get("code"), f"{resource.path}.code", resource.key)
        if safety.states(reader, resource, codes, patient):
            reader.used.add(resource.key)
        else:
            devices.unread_implant(reader, resource)
        return facts_of_procedure(reader, resource)
    return []
