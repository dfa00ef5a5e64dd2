"""Procedures (FHIR): what each says of devices and of safety."""

from reasoner.intake import devices, safety
from reasoner.intake.bundle import Resource
from reasoner.intake.elements import Reader, status
from reasoner.intake.unread import understood

UNDONE = ("not-done", "entered-in-error", "stopped", "preparation")


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
