"""Patients that nobody made up: hypothesis draws records in the words of the ontology, and FHIR
bundles, from what the graph declares.
"""

from hypothesis import strategies as st

from reasoner.graph.store import Statement, serialize
from reasoner.graph.turtle.format import WELL_KNOWN
from reasoner.names import CASE, IA, OWL, RDF_TYPE, ia

SNOMED, LOINC, ICD = (
    "http://snomed.info/sct",
    "http://loinc.org",
    "http://hl7.org/fhir/sid/icd-10-cm",
)
DEVICES = [
    "CardiacPacemaker",
    "CardiacResynchronizationDevice",
    "ImplantableDefibrillator",
    "CochlearImplant",
    "Neurostimulator",
    "AneurysmClip",
]
UNFIT = ["MrUnsafe", "MrNotLabeled"]


def below(knowledge, cls: str) -> list[str]:
    """The named classes below a class, itself included."""
    return [
        c
        for c in knowledge.facts.subjects(RDF_TYPE, OWL + "Class")
        if c.startswith(IA) and ia(cls) in knowledge.definitions.superclasses(c)
    ]


def members(knowledge, cls: str) -> list[str]:
    """The individuals of the graph in a class."""
    return sorted(
        x
        for x, classes in knowledge.definitions.static.items()
        if x.startswith(IA) and ia(cls) in classes
    )


def several(terms: list[str], most: int):
    """Up to so many different terms."""
    return st.lists(st.sampled_from(terms), max_size=most, unique=True)


def parts(knowledge) -> dict:
    """A strategy for the terms of each part of a record: class, then property to the terms it may
    point to.
    """
    find, named = (lambda cls: below(knowledge, cls)), (lambda cls: members(knowledge, cls))
    procedures = named("GenericProcedure") + named("OrderableProcedure")[::9]
    made_of = {
        "device": (find("Device"), 2, {"hasMrLabel": named("MrLabel")}),
        "condition": (find("PatientCondition"), 2, {"hasSeverity": named("Severity")}),
        "measurement": (find("Measurement"), 2, {}),
        "finding": (
            find("ClinicalFinding"),
            2,
            {
                "hasDepth": named("Depth"),
                "hasSite": named("BodyRegion"),
                "hasSymptomStatus": named("SymptomStatus"),
            },
        ),
        "study": (["Study"], 1, {"ofProcedure": procedures}),
        "order": (["Order"], 1, {"ofProcedure": procedures}),
        "result": (find("Result"), 2, {"namesDiagnosis": named("Diagnosis")}),
        "presentation": (find("Presentation")[::7], 1, {}),
    }
    strategies = {}
    for part, (classes, most, properties) in made_of.items():
        terms = [c if c.startswith(IA) else ia(c) for c in classes]
        strategies[part] = st.tuples(
            several(terms, most),
            *(
                st.tuples(st.just(ia(p)), several(values, 1 if p != "hasSite" else 2))
                for p, values in properties.items()
            ),
        )
    return strategies


def records(knowledge) -> st.SearchStrategy[list[Statement]]:
    """Records of one patient with up to two presentations, all of it optional but the patient and
    one presentation.
    """
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
            said += [
                (presentation, RDF_TYPE, ia("Presentation")),
                (presentation, ia("hasPatient"), patient),
            ]
            said += [(presentation, RDF_TYPE, cls) for cls in draw(strategies["presentation"])[0]]
            for finding in some(presentation, "hasFinding", "finding", 1):
                some(finding, "hasMeasurement", "measurement", 1)
            for study in some(presentation, "hasStudy", "study", 3) + some(
                presentation, "hasEarlierStudy", "study", 1
            ):
                some(study, "hasResult", "result", 1)
            some(presentation, "hasOrder", "order", 1)
        return list(dict.fromkeys(said))

    return record()


def turtle(statements: list[Statement]) -> bytes:
    """Statements as the bytes of a patient graph."""
    return serialize(statements, WELL_KNOWN)


def concept(system: str, code: str) -> dict:
    """A CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def resource(kind: str, name: str, **elements) -> dict:
    """A resource about the one patient."""
    whose = "patient" if kind in ("Device", "AllergyIntolerance") else "subject"
    return {"resourceType": kind, "id": name, whose: {"reference": "Patient/p"}, **elements}


def codings(knowledge, name: str) -> list[dict]:
    """The codes of a term that a record reader may use, as CodeableConcepts; the project's own code
    is one of them.
    """
    found = [
        concept(knowledge.codes.systems[m.prefix].systems[0], m.code)
        for m in knowledge.codes.of(ia(name))
        if m.intake == "fact"
    ]
    return [*found, concept(IA, name)]


def contraindications(knowledge) -> st.SearchStrategy[dict]:
    """One resource that contraindicates MRI: a device without a label or with a bad one, severe
    claustrophobia, metal in the eye, restlessness.
    """

    def coded(names):
        return st.sampled_from([c for name in names for c in codings(knowledge, name)])

    active = {
        "clinicalStatus": concept(
            "http://terminology.hl7.org/CodeSystem/condition-clinical", "active"
        ),
        "verificationStatus": concept(
            "http://terminology.hl7.org/CodeSystem/condition-ver-status", "confirmed"
        ),
    }
    device = st.builds(
        lambda kind, label: resource(
            "Device", "why", status="active", type=kind, **({"safety": [label]} if label else {})
        ),
        coded(DEVICES),
        st.none() | coded(UNFIT),
    )
    in_place = st.builds(
        lambda kind, code: resource(
            kind, "why", code=code, **({"status": "completed"} if kind == "Procedure" else active)
        ),
        st.sampled_from(["Condition", "Procedure"]),
        coded(DEVICES),
    )
    claustrophobia = st.builds(
        lambda code, grade: resource("Condition", "why", code=code, severity=grade, **active),
        coded(["Claustrophobia"]),
        coded(["Severe"]),
    )
    other = st.builds(
        lambda code: resource("Condition", "why", code=code, **active),
        coded(["IntraocularMetallicForeignBody", "InabilityToRemainStill"]),
    )
    return device | in_place | claustrophobia | other


def bundles(knowledge) -> st.SearchStrategy[dict]:
    """FHIR bundles of a patient with a mass, the work-up so far, and one contraindication of MRI
    (the resource called why).
    """

    def result(name):
        return st.sampled_from(codings(knowledge, name))

    site, depth = (
        st.sampled_from(["68367000", "8205005", "14975008"]),
        st.sampled_from(["26283006", "795002"]),
    )
    mass = st.builds(
        lambda s, d: resource(
            "Condition",
            "mass",
            code=concept(SNOMED, "444905003"),
            onsetDateTime="2026-04-01",
            bodySite=[concept(SNOMED, s), concept(SNOMED, d)],
        ),
        site,
        depth,
    )

    def report(name, code, results):
        return st.builds(
            lambda conclusion: resource(
                "DiagnosticReport",
                name,
                status="final",
                code=concept(LOINC, code),
                effectiveDateTime="2026-04-18",
                conclusionCode=[conclusion],
                extension=[
                    {
                        "url": "http://example.org/reason",
                        "valueReference": {"reference": "Condition/mass"},
                    }
                ],
            ),
            results,
        )

    radiograph, ultrasound = (
        report("xr", "24704-9", result("NormalRadiograph") | result("IndeterminateResult")),
        report("us", "80861-8", result("IndeterminateResult")),
    )
    egfr = st.just(
        resource(
            "Observation",
            "gfr",
            status="final",
            code=concept(LOINC, "98979-8"),
            effectiveDateTime="2026-04-20",
            valueQuantity={"value": 22, "unit": "mL/min/{1.73_m2}", "code": "mL/min/{1.73_m2}"},
        )
    )
    done = st.sampled_from([(), ("xr",), ("xr", "us"), ("xr", "us"), ("xr", "us", "gfr")])

    @st.composite
    def bundle(draw) -> dict:
        pieces = {"xr": radiograph, "us": ultrasound, "gfr": egfr}
        found = [
            {"resourceType": "Patient", "id": "p", "birthDate": "1981-03-04"},
            draw(mass),
            *(draw(pieces[name]) for name in draw(done)),
            draw(contraindications(knowledge)),
        ]
        return {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": r} for r in found],
        }

    return bundle()
