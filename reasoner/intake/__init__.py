"""Reads a patient: a FHIR R4 record or a Turtle patient graph becomes triples of the ontology.

    bundle -> concepts, elements -> conditions, studies, orders, safety -> placeholders -> Record

Nothing is dropped silently: what is not used becomes a note that names its place.
"""

from reasoner.intake.read import read
from reasoner.intake.record import Note, Record

__all__ = ["Note", "Record", "read"]
