"""Which types of FHIR resources are read, and by what: a new type is a module and a line here."""

from collections.abc import Callable

from reasoner.intake import safety
from reasoner.intake.elements import Reader
from reasoner.intake.resource_types import STAGED

# States what all resources of a type say about the patient, whose IRI comes second. Each function
# runs once a record, in this order, after the problems and before the studies and orders.
READERS: dict[str, Callable[[Reader, str], None]] = {
    "AllergyIntolerance": safety.allergies,
    "MedicationStatement": safety.medications,
    "MedicationRequest": safety.medications,
}
READ = STAGED | READERS.keys()
