"""Patients that nobody made up: hypothesis draws records in the words of the ontology, and FHIR bundles, from what the graph declares."""

from hypothesis import strategies as st

from reasoner.names import CASE, IA, OWL, RDF_TYPE, ia
from reasoner.store import Statement, serialize
from reasoner.turtle import WELL_KNOWN

SNOMED, LOINC, ICD, OWN = "http://snomed.info/sct", "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm", IA
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"


def below(knowledge, cls: str) -> list[str]:
    """The named classes below a class, itself included."""
    return [c for c in knowledge.facts.subjects(RDF_TYPE, OWL + "Class") if c.startswith(IA) and ia(cls) in knowledge.definitions.superclasses(c)]


def members(knowledge, cls: str) -> list[str]:
    """The individuals of the graph in a class."""
    return sorted(x for x, classes in knowledge.definitions.static.items() if x.startswith(IA) and ia(cls) in classes)


def several(terms: list[str], most: int):
    """Up to so many different terms."""
    return st.lists(st.sampled_from(terms), max_size=most, unique=True)


def parts(knowledge) -> dict:
    """A strategy for the terms of each part of a record: class, then property to the terms it may point to."""
    find, named = (lambda cls: below(knowledge, cls)), (lambda cls: members(knowledge, cls))
    procedures = named("GenericProcedure") + named("OrderableProcedure")[::9]
    made_of = {
        "device": (find("Device"), 2, {"hasMrLabel": named("MrLabel")}),
        "condition": (find("PatientCondition"), 2, {"hasSeverity": named("Severity")}),
        "measurement": (find("Measurement"), 2, {}),
        "finding": (find("ClinicalFinding"), 2, {"hasDepth": named("Depth"), "hasSite": named("BodyRegion"), "hasSymptomStatus": named("SymptomStatus")}),
        "study": (["Study"], 1, {"ofProcedure": procedures}),
        "order": (["Order"], 1, {"ofProcedure": procedures}),
        "result": (find("Result"), 2, {"namesDiagnosis": named("Diagnosis")}),
        "presentation": (find("Presentation")[::7], 1, {}),
    }
    strategies = {}
    for part, (classes, most, properties) in made_of.items():
        terms = [c if c.startswith(IA) else ia(c) for c in classes]
        strategies[part] = st.tuples(several(terms, most), *(st.tuples(st.just(ia(p)), several(values, 1 if p != "hasSite" else 2)) for p, values in properties.items()))
    return strategies


def records(knowledge) -> st.SearchStrategy[list[Statement]]:
    """Records of one patient with up to two presentations, all of it optional but the patient and one presentation."""
    strategies = parts(knowledge)

    @st.composite
    def record(draw) -> list[Statement]:
        said: list[Statement] = [(CASE + "patient", RDF_TYPE, ia("Patient"))]

        def some(owner: str, prop: str, part: str, most: int, least: int = 0) -> list[str]:
            names = [f"{owner}/{prop}{n}" for n in range(draw(st.integers(least, most)))]
            for name in names:
                classes, *properties = draw(strategies[part])
                said.append((owner, ia(prop), name))
                said.extend((name, RDF_TYPE, cls) for cls in classes)
                said.extend((name, p, value) for p, values in properties for value in values)
            return names

        patient = CASE + "patient"
        some(patient, "hasDevice", "device", 2)
        some(patient, "hasCondition", "condition", 2)
        some(patient, "hasMeasurement", "measurement", 1)
        for n in range(draw(st.integers(1, 2))):
            presentation = f"{CASE}presentation{n}"
            said += [(presentation, RDF_TYPE, ia("Presentation")), (presentation, ia("hasPatient"), patient)]
            said += [(presentation, RDF_TYPE, cls) for cls in draw(strategies["presentation"])[0]]
            for finding in some(presentation, "hasFinding", "finding", 1):
                some(finding, "hasMeasurement", "measurement", 1)
            for study in some(presentation, "hasStudy", "study", 3) + some(presentation, "hasEarlierStudy", "study", 1):
                some(study, "hasResult", "result", 1)
            some(presentation, "hasOrder", "order", 1)
        return list(dict.fromkeys(said))

    return record()


def turtle(statements: list[Statement]) -> bytes:
    """Statements as the bytes of a patient graph."""
    return serialize(statements, WELL_KNOWN)
