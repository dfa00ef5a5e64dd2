"""MRI is never made out to be clear by what a record leaves out or gets wrong, and no rating is
invented.
"""

import copy
import csv
import json

import pytest
from conftest import CASES
from hypothesis import given, settings
from patients import LOINC, bundles, concept, records, resource, turtle

from reasoner.errors import NextstudyError
from reasoner.intake import read
from reasoner.names import CASE, home, ia

D = "ia:MassAfterInconclusiveRadiographAndUltrasoundMriContraindicated"
MRI, UNOFFERED = "ia:MriContraindicated", "usually-not-appropriate"
RATED = {
    (r["scenario"], r["procedure"]): r
    for path in (home() / "ontology" / "topics").glob("*/ratings.csv")
    for r in csv.DictReader(path.open(encoding="utf-8", newline=""))
    if r.get("category", "not-rated") != "not-rated"
}


def clear(knowledge, answer):
    """The procedures in a magnetic field that an answer offers without a flag, an assumption or a
    question about it; usually not appropriate is no offer.
    """
    for shown in answer["presentations"]:
        asked = MRI in {q["id"] for q in shown["questions"]}
        assumed = MRI in {
            a["id"]
            for s in shown["scenarios"]
            if s["status"] == "applies"
            for a in s["assumptions"]
        }
        for r in shown["recommendations"]:
            exposed = knowledge.facts.holds(
                ia(r["generic"][3:]), ia("exposesTo"), ia("MagneticField")
            )
            if (
                exposed
                and r["category"] != UNOFFERED
                and not r["setAside"]
                and not asked
                and not assumed
                and "ia:MagneticField" not in {f["hazard"] for f in r["safety"]}
            ):
                yield shown["id"], r["generic"], r["scenario"]


def answered(reasoner, data):
    """The answer to a record, or None when the record is refused."""
    try:
        return reasoner.ask(data)
    except NextstudyError:
        return None


def places(value, path=()):
    """The path of every element inside a JSON value."""
    for key, item in (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    ):
        yield (*path, key)
        yield from places(item, (*path, key))


def without(document, path):
    """A JSON document without one element."""
    spoiled = copy.deepcopy(document)
    holder = spoiled
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return spoiled


def below_resources(bundle):
    """The paths of the elements below the resources of a bundle; what has no type is no resource,
    and so left out as a whole.
    """
    return [path for path in places(bundle) if len(path) > 3 and path[-1] != "resourceType"]


def test_a_contraindication_sets_every_magnetic_procedure_aside(reasoner):
    @settings(max_examples=200)
    @given(bundles(reasoner.knowledge))
    def check(bundle):
        answer = reasoner.ask(bundle)
        exposed = [
            r
            for p in answer["presentations"]
            for r in p["recommendations"]
            if reasoner.knowledge.facts.holds(
                ia(r["generic"][3:]), ia("exposesTo"), ia("MagneticField")
            )
        ]
        assert all(r["setAside"] for r in exposed), bundle["entry"][-1]
        assert "ia:MassAfterInconclusiveRadiographAndUltrasound" not in {
            s["id"]
            for p in answer["presentations"]
            for s in p["scenarios"]
            if s["status"] == "applies"
        }

    check()


def test_leaving_out_one_element_never_makes_mri_clear(reasoner):
    @settings(max_examples=60)
    @given(bundles(reasoner.knowledge))
    def check(bundle):
        for path in below_resources(bundle):
            answer = answered(reasoner, without(bundle, path))
            assert answer is None or not list(clear(reasoner.knowledge, answer)), (
                path,
                bundle["entry"][path[1]],
            )

    check()


def test_leaving_out_one_element_of_a_case_with_a_contraindication_never_makes_mri_clear(reasoner):
    checked, faults = 0, []
    for name, path in CASES.items():
        document = json.loads(path.read_text()) if path.suffix == ".json" else None
        answer = document and answered(reasoner, document)
        if (
            not answer
            or "entry" not in document
            or D not in {s["leadsTo"] for p in answer["presentations"] for s in p["scenarios"]}
        ):
            continue
        for element in below_resources(document):
            checked += 1
            faults += [
                (name, element, c)
                for c in clear(
                    reasoner.knowledge,
                    answered(reasoner, without(document, element)) or {"presentations": []},
                )
            ]
    assert checked > 500 and faults == []


def test_leaving_out_a_whole_resource_leaves_an_assumption(reasoner):
    @settings(max_examples=60)
    @given(bundles(reasoner.knowledge))
    def check(bundle):
        answer = reasoner.ask({**bundle, "entry": bundle["entry"][:-1]})
        assert not list(clear(reasoner.knowledge, answer))

    check()


def contraindicated(reasoner, statements):
    """The presentations of a record that MRI is contraindicated for."""
    found = reasoner.knowledge.definitions.realize(
        (s, p, o) for s, p, o in statements if isinstance(o, str)
    )
    return [p for p in found.types if ia("MriContraindicated") in found.classes(p)]


def test_leaving_out_one_statement_never_makes_mri_clear(reasoner):
    checked = []

    @settings(max_examples=400)
    @given(records(reasoner.knowledge))
    def check(record):
        if not contraindicated(reasoner, read(reasoner.knowledge, turtle(record)).statements):
            return
        for statement in record:
            answer = answered(reasoner, turtle([s for s in record if s != statement]))
            assert answer is None or not list(clear(reasoner.knowledge, answer)), (
                statement,
                record,
            )
            checked.append(statement)

    check()
    assert len(checked) > 500


def patient_with(*more):
    """A bundle of a mass that radiograph and ultrasound did not settle, with more resources."""

    def report(name, code, result):
        return resource(
            "DiagnosticReport",
            name,
            status="final",
            code=concept(LOINC, code),
            effectiveDateTime="2026-04-18",
            conclusionCode=[concept("http://snomed.info/sct", result)],
        )

    mass = resource(
        "Condition",
        "mass",
        code=concept("http://snomed.info/sct", "444905003"),
        onsetDateTime="2026-04-01",
        bodySite=[concept("http://snomed.info/sct", "68367000")],
    )
    found = [
        {"resourceType": "Patient", "id": "p"},
        mass,
        report("xr", "24704-9", "168541005"),
        report("us", "80861-8", "280416009"),
        *more,
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for r in found],
    }


def kidney(answer):
    """Whether gadolinium is flagged, or kidney function asked for."""
    shown = answer["presentations"][0]
    flagged = [
        r
        for r in shown["recommendations"]
        for f in r["safety"]
        if f["hazard"] == "ia:GadoliniumContrast"
    ]
    return bool(flagged) or "ia:ReducedKidneyFunction" in {q["id"] for q in shown["questions"]}


def egfr(value, **elements):
    """An eGFR of some value."""
    return resource(
        "Observation",
        "gfr",
        status="final",
        code=concept(LOINC, "98979-8"),
        effectiveDateTime="2026-04-20",
        valueQuantity={
            "value": value,
            "unit": "mL/min/{1.73_m2}",
            "code": "mL/min/{1.73_m2}",
            **elements,
        },
    )


def test_a_low_egfr_is_flagged_and_a_high_one_is_not(reasoner):
    assert kidney(reasoner.ask(patient_with(egfr(22)))) and not kidney(
        reasoner.ask(patient_with(egfr(88)))
    )


@pytest.mark.parametrize(
    "value",
    [
        "25 mL",
        "abc",
        "88",
        "NaN",
        float("nan"),
        float("inf"),
        True,
        False,
        None,
        {"value": 88},
        [88],
        "",
        -5,
    ],
    ids=repr,
)
def test_an_egfr_that_is_no_number_is_unknown_and_asked_for(reasoner, value):
    assert kidney(reasoner.ask(patient_with(egfr(value))))


@pytest.mark.parametrize(
    "elements",
    [
        {"code": "mg/dL", "unit": "mg/dL"},
        {"comparator": "~"},
        {"comparator": "<"},
        {"code": None, "unit": None},
        {"code": 5},
    ],
    ids=repr,
)
def test_an_egfr_in_another_unit_or_an_open_range_is_unknown_and_asked_for(reasoner, elements):
    assert kidney(reasoner.ask(patient_with(egfr(88, **elements))))


PREFIXES = f"""@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix c: <{CASE}> .
"""
GRAPH = (
    PREFIXES
    + """c:p a ia:Patient ; ia:hasMeasurement c:m .
c:m a ia:Measurement ; ia:ofObservable ia:EstimatedGfr ; ia:value %s .
c:x a ia:Presentation ; ia:hasPatient c:p ; ia:hasFinding c:f ; ia:hasStudy c:r , c:u .
c:f a ia:SoftTissueMass ; ia:hasSite ia:Thigh .
c:r a ia:Study ; ia:ofProcedure ia:Radiography ; ia:hasResult c:rr . c:rr a ia:NormalRadiograph .
c:u a ia:Study ; ia:ofProcedure ia:Ultrasound ; ia:hasResult c:ur .
c:ur a ia:IndeterminateResult ."""
)


def test_a_number_in_a_patient_graph_is_read(reasoner):
    assert kidney(reasoner.ask((GRAPH % "22.0").encode())) and not kidney(
        reasoner.ask((GRAPH % "88.0").encode())
    )


@pytest.mark.parametrize(
    "value",
    [
        '"yes"^^xsd:boolean',
        '"abc"^^xsd:decimal',
        '"25 mL"^^xsd:decimal',
        '"NaN"^^xsd:double',
        '"x"^^xsd:integer',
    ],
)
def test_an_ill_typed_value_in_a_patient_graph_is_refused(reasoner, value):
    with pytest.raises(NextstudyError):
        reasoner.ask((GRAPH % value).encode())


@pytest.mark.parametrize(
    "value",
    [
        '"88"',
        '"88 mL"',
        "true",
        "ia:Thigh",
        "[]",
        '"88"@en',
        '"INF"^^xsd:double',
        '"88"^^xsd:float',
        '"8800000"^^xsd:int',
        '"88"^^<http://example.org/x>',
        "-5.0",
        "88.0 , 12.0",
    ],
)
def test_a_value_that_is_no_usable_number_is_refused_or_unknown(reasoner, value):
    answer = answered(reasoner, (GRAPH % value).encode())
    assert answer is None or kidney(answer)


def rows(answer):
    """The recommendations of an answer."""
    return [r for p in answer["presentations"] for r in p["recommendations"]]


def is_row(r):
    """Whether a recommendation says what a row of the table says."""
    row = RATED[r["scenario"], r["generic"]]
    return (r["category"], r["adultRadiation"], r["pediatricRadiation"], r["edition"]) == (
        row["category"],
        row["adult_radiation"],
        row["pediatric_radiation"],
        row["edition"],
    )


def test_a_rating_is_never_invented(reasoner, replies):
    for reply in replies.values():
        assert all(map(is_row, rows(reply.answer)))
        for shown in reply.answer["presentations"]:
            for scenario in {r["scenario"] for r in shown["recommendations"]}:
                offered = sorted(
                    r["generic"] for r in shown["recommendations"] if r["scenario"] == scenario
                )
                assert offered == sorted(procedure for s, procedure in RATED if s == scenario)

    @settings(max_examples=200)
    @given(records(reasoner.knowledge))
    def check(record):
        answer = answered(reasoner, turtle(record))
        assert answer is None or all(map(is_row, rows(answer)))

    check()
