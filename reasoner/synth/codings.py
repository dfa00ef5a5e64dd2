"""Codes for synthetic records, each looked up in the mapping tables when it is first used.

The dictionaries are shared between resources; whoever changes one changes all. Codes of problems
that no topic covers are of ICD-10-CM 2026, each checked in its published list (the PyPI package
simple-icd-10-cm 1.5.0) and absent from the mappings.
"""

from functools import cache

from reasoner.errors import TableError
from reasoner.graph.terminology import Codes
from reasoner.names import IA, home, ia

FHIR = "http://terminology.hl7.org/CodeSystem/"
LOCAL = "http://example.org/fhir/CodeSystem/local"  # a hospital's own list, that nobody else knows
IMAGING = [
    {"coding": [{"system": "http://snomed.info/sct", "code": "363679005", "display": "Imaging"}]}
]
UNCOVERED = {  # what no topic covers: ICD-10-CM code and its description
    "I10": "Essential (primary) hypertension",
    "E78.5": "Hyperlipidemia, unspecified",
    "J45.909": "Unspecified asthma, uncomplicated",
    "K21.9": "Gastro-esophageal reflux disease without esophagitis",
    "E03.9": "Hypothyroidism, unspecified",
    "F32.A": "Depression, unspecified",
    "M54.50": "Low back pain, unspecified",
    "J30.9": "Allergic rhinitis, unspecified",
    "R51.9": "Headache, unspecified",
    "G43.909": "Migraine, unspecified, not intractable, without status migrainosus",
    "J18.9": "Pneumonia, unspecified organism",
    "R07.9": "Chest pain, unspecified",
    "R10.9": "Unspecified abdominal pain",
    "N20.0": "Calculus of kidney",
}


@cache
def codes() -> Codes:
    """The mapping tables of the ontology that comes with the program."""
    return Codes(home() / "ontology")


@cache
def coding(code: str) -> dict:
    """The coding of a mapped code, such as SCTID:444905003.

    Raises TableError for a code that the mappings do not let a record use.
    """
    prefix, _, value = code.partition(":")
    system = codes().systems[prefix].systems[0] if prefix in codes().systems else ""
    matches = codes().find(system, value)
    if not matches or matches[0].code != value:
        raise TableError(
            "mappings",
            0,
            "object_id",
            code,
            "Take a code that a mapping table holds and says how to read.",
        )
    return {"system": system, "code": value, "display": matches[0].label}


@cache
def concept(*mapped: str) -> dict:
    """A CodeableConcept of mapped codes that mean the same."""
    return {"coding": [coding(code) for code in mapped]}


@cache
def own(name: str) -> dict:
    """A CodeableConcept of a term of the vocabulary itself."""
    return {"coding": [{"system": IA, "code": name}]}


@cache
def text(words: str) -> dict:
    """A CodeableConcept of words alone."""
    return {"text": words}


@cache
def uncovered(code: str) -> dict:
    """The CodeableConcept of a matter that no topic covers."""
    return {
        "coding": [
            {
                "system": "http://hl7.org/fhir/sid/icd-10-cm",
                "code": code,
                "display": UNCOVERED[code],
            }
        ]
    }


@cache
def local(code: str) -> dict:
    """A CodeableConcept of a code that only one hospital knows."""
    return {"coding": [{"system": LOCAL, "code": code}]}


@cache
def structural(system: str, code: str) -> dict:
    """A CodeableConcept of FHIR's own code systems, such as condition-clinical."""
    return {"coding": [{"system": FHIR + system, "code": code}]}


@cache
def procedure(name: str, side: str = "") -> dict | None:
    """The CodeableConcept of a procedure by its LOINC codes, of a side where there is such a code.

    None for a procedure without a LOINC code.
    """
    usable = [m for m in codes().of(ia(name)) if m.intake == "fact" and m.prefix == "LOINC"]
    mappings = [m for m in usable if m.laterality == side] or [
        m for m in usable if not m.laterality
    ]
    return concept(f"LOINC:{mappings[0].code}") if mappings else None
