"""Reading a patient: a FHIR R4 record or a Turtle patient graph becomes statements in the words of the ontology.

    bundle -> concepts, elements -> presentations, studies, orders, safety -> completion -> Record

Nothing is dropped in silence: what is not used becomes a note that names its place.
"""

from reasoner.intake.read import read
from reasoner.intake.record import Note, Record

__all__ = ["Note", "Record", "read"]
