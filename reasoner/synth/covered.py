"""Generates one synthetic person of some topics: a model patient among what hospitals see besides,
or a person with nothing that a topic covers.
"""

from datetime import date
from random import Random
from typing import Any, NamedTuple

from reasoner.synth import persons, unrelated
from reasoner.synth.codings import text
from reasoner.synth.models import FACT_LESS, REFUTED, WHOLE, Known, Model, Models
from reasoner.synth.persons import Person
from reasoner.synth.record import RecordBuilder
from reasoner.synth.smallest.fhir import PERSON, TODAY
from reasoner.synth.weighted_choice import Weighted, one_of

KIND = Weighted({WHOLE: 60, FACT_LESS: 20, REFUTED: 20})
ADULT = 18  # years of somebody of whom no age is recorded: nothing before is added to the record


class Row(NamedTuple):
    """One line of truth.csv: the patient, and what is known of it."""

    patient: str
    topic: str
    scenario: str
    change: str
    changed: str
    status: str
    applies: str
    other_sources: str


def person(models: Models, share: float, seed: int, number: int) -> Person:
    """A person of a seed by number; `share` is that of persons with a covered problem."""
    rng = Random(f"{seed}/{number}")
    if rng.random() >= share:
        other = persons.person(seed, number, 0.0)
        return other._replace(truth=[Row(other.id, *Known())])
    builder = RecordBuilder(number, rng, ADULT)
    chosen = choose(models, rng)
    first, *resources = (owned(r, builder.patient) for r in chosen.resources)
    if "birthDate" in first:
        builder.born = date.fromisoformat(first["birthDate"]).toordinal()
    name = [{"text": f"Patient {number:06d}"}]
    builder.resources += [{**first, "name": name}, *resources]
    builder.add(  # so that the newest date of the record is the day of asking
        "Observation",
        "today",
        status="final",
        category=unrelated.LAB,
        code=text("Hemoglobin"),
        effectiveDateTime=TODAY.isoformat(),
        valueQuantity={"value": builder.within(90, 170) / 10, "unit": "g/dL"},
    )
    unrelated.add_unrelated(builder, imaged=False)
    return Person(builder.patient, builder.resources, [Row(builder.patient, *chosen.known)])


def choose(models: Models, rng: Random) -> Model:
    """A model: each topic as often as another, and within it each scenario."""
    of_each = one_of(rng, one_of(rng, list(models.values())))
    return one_of(rng, of_each.get(KIND.pick(rng), of_each[WHOLE]))


def owned(value: Any, patient: str) -> Any:
    """A resource of a model as one of a patient: its id, and its references to others."""
    if isinstance(value, list):
        return [owned(one, patient) for one in value]
    if not isinstance(value, dict):
        return value
    changed = {key: owned(part, patient) for key, part in value.items()}
    if "resourceType" in value:
        is_person = value["resourceType"] == "Patient"
        changed["id"] = patient if is_person else f"{patient}-{value['id']}"
    if "reference" in value:
        kind, name = value["reference"].split("/")
        changed["reference"] = f"{kind}/{patient}" + ("" if value == PERSON else f"-{name}")
    return changed
