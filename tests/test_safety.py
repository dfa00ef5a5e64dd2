"""MRI is never made out to be clear by what a record leaves out or gets wrong, and no rating is invented."""

import copy
import csv
import dataclasses
import json

import pytest
from conftest import CASES
from hypothesis import given, settings
from patients import ICD, LOINC, SNOMED, below, bundles, concept, records, resource, turtle

from reasoner.errors import NextstudyError
from reasoner.intake import read
from reasoner.names import CASE, RDF_TYPE, SOURCE, home, ia

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
D = "ia:MassAfterInconclusiveRadiographAndUltrasoundMriContraindicated"
MRI, UNOFFERED = "ia:MriContraindicated", "usually-not-appropriate"
RATED = {(r["scenario"], r["procedure"]): r for path in (home() / "ontology" / "tables").glob("*.csv")
         for r in csv.DictReader(path.open(encoding="utf-8", newline="")) if r.get("category", "not-rated") != "not-rated"}


def clear(knowledge, answer):
    """The procedures in a magnetic field that an answer offers without a flag, an assumption or a question about it; usually not appropriate is no offer."""
    for shown in answer["presentations"]:
        asked = MRI in {q["id"] for q in shown["questions"]}
        assumed = MRI in {a["id"] for s in shown["scenarios"] if s["status"] == "applies" for a in s["assumptions"]}
        for r in shown["recommendations"]:
            exposed = knowledge.facts.holds(ia(r["generic"][3:]), ia("exposesTo"), ia("MagneticField"))
            if exposed and r["category"] != UNOFFERED and not r["setAside"] and not asked and not assumed and "ia:MagneticField" not in {f["hazard"] for f in r["safety"]}:
                yield shown["id"], r["generic"], r["scenario"]


def answered(reasoner, data):
    """The answer to a record, or None when the record is refused."""
    try:
        return reasoner.ask(data)
    except NextstudyError:
        return None


def places(value, path=()):
    """The path of every element inside a JSON value."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
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
    """The paths of the elements below the resources of a bundle; what has no type is no resource, and so left out as a whole."""
    return [path for path in places(bundle) if len(path) > 3 and path[-1] != "resourceType"]


def test_a_contraindication_sets_every_magnetic_procedure_aside(reasoner):
    @settings(max_examples=200)
    @given(bundles(reasoner.knowledge))
    def check(bundle):
        answer = reasoner.ask(bundle)
        exposed = [r for p in answer["presentations"] for r in p["recommendations"] if reasoner.knowledge.facts.holds(ia(r["generic"][3:]), ia("exposesTo"), ia("MagneticField"))]
        assert all(r["setAside"] for r in exposed), bundle["entry"][-1]
        assert "ia:MassAfterInconclusiveRadiographAndUltrasound" not in {s["id"] for p in answer["presentations"] for s in p["scenarios"] if s["status"] == "applies"}

    check()


def test_leaving_out_one_element_never_makes_mri_clear(reasoner):
    @settings(max_examples=60)
    @given(bundles(reasoner.knowledge))
    def check(bundle):
        for path in below_resources(bundle):
            answer = answered(reasoner, without(bundle, path))
            assert answer is None or not list(clear(reasoner.knowledge, answer)), (path, bundle["entry"][path[1]])

    check()


def test_leaving_out_one_element_of_a_case_with_a_contraindication_never_makes_mri_clear(reasoner):
    checked, faults = 0, []
    for name, path in CASES.items():
        document = json.loads(path.read_text()) if path.suffix == ".json" else None
        answer = document and answered(reasoner, document)
        if not answer or "entry" not in document or D not in {s["leadsTo"] for p in answer["presentations"] for s in p["scenarios"]}:
            continue
        for element in below_resources(document):
            checked += 1
            faults += [(name, element, c) for c in clear(reasoner.knowledge, answered(reasoner, without(document, element)) or {"presentations": []})]
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
    found = reasoner.knowledge.definitions.realize((s, p, o) for s, p, o in statements if isinstance(o, str))
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
            assert answer is None or not list(clear(reasoner.knowledge, answer)), (statement, record)
            checked.append(statement)

    check()
    assert len(checked) > 500


def patient_with(*more):
    """A bundle of a mass that radiograph and ultrasound did not settle, with more resources."""
    report = lambda name, code, result: resource("DiagnosticReport", name, status="final", code=concept(LOINC, code), effectiveDateTime="2026-04-18", conclusionCode=[concept("http://snomed.info/sct", result)])
    mass = resource("Condition", "mass", code=concept("http://snomed.info/sct", "444905003"), onsetDateTime="2026-04-01", bodySite=[concept("http://snomed.info/sct", "68367000")])
    found = [{"resourceType": "Patient", "id": "p"}, mass, report("xr", "24704-9", "168541005"), report("us", "80861-8", "280416009"), *more]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in found]}


def kidney(answer):
    """Whether gadolinium is flagged, or kidney function asked for."""
    shown = answer["presentations"][0]
    flagged = [r for r in shown["recommendations"] for f in r["safety"] if f["hazard"] == "ia:GadoliniumContrast"]
    return bool(flagged) or "ia:ReducedKidneyFunction" in {q["id"] for q in shown["questions"]}


def egfr(value, **elements):
    """An eGFR of some value."""
    return resource("Observation", "gfr", status="final", code=concept(LOINC, "98979-8"), effectiveDateTime="2026-04-20", valueQuantity={"value": value, "unit": "mL/min/{1.73_m2}", "code": "mL/min/{1.73_m2}", **elements})


def test_a_low_egfr_is_flagged_and_a_high_one_is_not(reasoner):
    assert kidney(reasoner.ask(patient_with(egfr(22)))) and not kidney(reasoner.ask(patient_with(egfr(88))))


@pytest.mark.parametrize("value", ["25 mL", "abc", "88", "NaN", float("nan"), float("inf"), True, False, None, {"value": 88}, [88], "", -5], ids=repr)
def test_an_egfr_that_is_no_number_is_unknown_and_asked_for(reasoner, value):
    assert kidney(reasoner.ask(patient_with(egfr(value))))


@pytest.mark.parametrize("elements", [{"code": "mg/dL", "unit": "mg/dL"}, {"comparator": "~"}, {"comparator": "<"}, {"code": None, "unit": None}, {"code": 5}], ids=repr)
def test_an_egfr_in_another_unit_or_an_open_range_is_unknown_and_asked_for(reasoner, elements):
    assert kidney(reasoner.ask(patient_with(egfr(88, **elements))))


PREFIXES = "@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix c: <" + CASE + "> .\n"
GRAPH = PREFIXES + """c:p a ia:Patient ; ia:hasMeasurement c:m . c:m a ia:Measurement ; ia:ofObservable ia:EstimatedGfr ; ia:value %s .
c:x a ia:Presentation ; ia:hasPatient c:p ; ia:hasFinding c:f ; ia:hasStudy c:r , c:u . c:f a ia:SoftTissueMass ; ia:hasSite ia:Thigh .
c:r a ia:Study ; ia:ofProcedure ia:Radiography ; ia:hasResult c:rr . c:rr a ia:NormalRadiograph .
c:u a ia:Study ; ia:ofProcedure ia:Ultrasound ; ia:hasResult c:ur . c:ur a ia:IndeterminateResult ."""


def test_a_number_in_a_patient_graph_is_read(reasoner):
    assert kidney(reasoner.ask((GRAPH % "22.0").encode())) and not kidney(reasoner.ask((GRAPH % "88.0").encode()))


@pytest.mark.parametrize("value", ['"yes"^^xsd:boolean', '"abc"^^xsd:decimal', '"25 mL"^^xsd:decimal', '"NaN"^^xsd:double', '"x"^^xsd:integer'])
def test_an_ill_typed_value_in_a_patient_graph_is_refused(reasoner, value):
    with pytest.raises(NextstudyError):
        reasoner.ask((GRAPH % value).encode())


@pytest.mark.parametrize("value", ['"88"', '"88 mL"', "true", "ia:Thigh", "[]", '"88"@en', '"INF"^^xsd:double', '"88"^^xsd:float', '"8800000"^^xsd:int', '"88"^^<http://example.org/x>', "-5.0", "88.0 , 12.0"])
def test_a_value_that_is_no_usable_number_is_refused_or_unknown(reasoner, value):
    answer = answered(reasoner, (GRAPH % value).encode())
    assert answer is None or kidney(answer)


def rows(answer):
    """The recommendations of an answer."""
    return [r for p in answer["presentations"] for r in p["recommendations"]]


def is_row(r):
    """Whether a recommendation says what a row of the table says."""
    row = RATED[r["scenario"], r["generic"]]
    return (r["category"], r["adultRadiation"], r["pediatricRadiation"], r["edition"]) == (row["category"], row["adult_radiation"], row["pediatric_radiation"], row["edition"])


def test_a_rating_is_never_invented(reasoner, replies):
    for reply in replies.values():
        assert all(map(is_row, rows(reply.answer)))
        for shown in reply.answer["presentations"]:
            for scenario in {r["scenario"] for r in shown["recommendations"]}:
                offered = sorted(r["generic"] for r in shown["recommendations"] if r["scenario"] == scenario)
                assert offered == sorted(procedure for s, procedure in RATED if s == scenario)

    @settings(max_examples=200)
    @given(records(reasoner.knowledge))
    def check(record):
        answer = answered(reasoner, turtle(record))
        assert answer is None or all(map(is_row, rows(answer)))

    check()


UNLABELED = "ia:hasDevice [ a ia:%s ]"
STATE = "ia:hasCondition [ a ia:%s ]"
GRADED = "ia:hasCondition [ a ia:%s ; ia:hasSeverity ia:%s ]"
DIALYSIS = STATE % "DialysisDependence"
REACHED = {  # what a patient graph says so that a rule speaks
    "AnuricDialysisIodinatedRule": f"{DIALYSIS} , [ a ia:Anuria ]", "BleedingRiskRule": STATE % "AnticoagulantUse",
    "BreastFeedingGadoliniumRule": STATE % "Lactation", "BreastFeedingIodinatedRule": STATE % "Lactation",
    "CardiacLeadRule": UNLABELED % "CardiacLead", "CerebrospinalFluidShuntRule": UNLABELED % "CerebrospinalFluidShunt",
    "ClaustrophobiaRule": GRADED % ("Claustrophobia", "Mild"), "DeviceWithoutRuleRule": UNLABELED % "VentricularAssistDevice",
    "ConditionalDeviceRule": "ia:hasDevice [ a ia:CardiacPacemaker ; ia:hasMrLabel ia:MrConditional ]",
    "DialysisGadoliniumRule": DIALYSIS, "DialysisIodinatedRule": DIALYSIS, "GadoliniumKidneyRule": STATE % "EndStageRenalDisease",
    "GadoliniumReactionRule": GRADED % ("AllergyToGadoliniumContrast", "Mild"), "GlucoseSensorRule": UNLABELED % "GlucoseSensor",
    "InfusionPumpRule": UNLABELED % "InfusionPump", "InsulinPumpRule": UNLABELED % "InsulinPump", "IodinatedKidneyRule": STATE % "AcuteKidneyInjury",
    "IodinatedReactionRule": GRADED % ("AllergyToIodinatedContrast", "Mild"), "LoopRecorderRule": UNLABELED % "ImplantableLoopRecorder",
    "MetforminKidneyRule": f"{STATE % 'MetforminUse'} , [ a ia:ChronicKidneyDiseaseStage4 ]", "MetforminRule": STATE % "MetforminUse",
    "ModerateGadoliniumReactionRule": GRADED % ("AllergyToGadoliniumContrast", "Moderate"),
    "ModerateIodinatedReactionRule": GRADED % ("AllergyToIodinatedContrast", "Moderate"),
    "MriContraindicatedRule": UNLABELED % "CardiacResynchronizationDevice", "NephrogenicSystemicFibrosisRule": STATE % "NephrogenicSystemicFibrosis",
    "PregnancyGadoliniumRule": STATE % "Pregnancy", "PregnancyRadiationRule": STATE % "Pregnancy", "RetainedMetalRule": STATE % "RetainedMetal",
    "SevereClaustrophobiaRule": GRADED % ("Claustrophobia", "Severe"), "SevereGadoliniumReactionRule": GRADED % ("AllergyToGadoliniumContrast", "Severe"),
    "SevereIodinatedReactionRule": GRADED % ("AllergyToIodinatedContrast", "Severe"), "TissueExpanderRule": UNLABELED % "TissueExpander",
}
PARTS = [  # a rule about two facts is silent when one of them is missing
    ("AnuricDialysisIodinatedRule", DIALYSIS), ("AnuricDialysisIodinatedRule", STATE % "Anuria"), ("MetforminKidneyRule", STATE % "MetforminUse"),
    ("MetforminKidneyRule", STATE % "ChronicKidneyDiseaseStage4"), ("ModerateIodinatedReactionRule", GRADED % ("AllergyToIodinatedContrast", "Mild")),
    ("SevereGadoliniumReactionRule", GRADED % ("AllergyToGadoliniumContrast", "Moderate")), ("SevereClaustrophobiaRule", GRADED % ("Claustrophobia", "Mild")),
    ("TissueExpanderRule", "ia:hasDevice [ a ia:TissueExpander ; ia:hasMrLabel ia:MrSafe ]"), ("BleedingRiskRule", STATE % "Pregnancy")]


def patient_graph(said):
    """A patient graph of a mass that radiograph and ultrasound did not settle, with more about the patient."""
    more = f"c:p {said} .\n" if said else ""
    return ((GRAPH % "88.0") + more).encode()


def advised(reasoner, said):
    """The advice that stands beside the studies of a deep mass, before imaging and after radiograph and ultrasound, with what each is about."""
    late = patient_graph(said)
    early = late.replace(b" ; ia:hasStudy c:r , c:u", b"").replace(b"c:f a ia:SoftTissueMass", b"c:f a ia:SoftTissueMass ; ia:hasDepth ia:DeepToFascia")
    return {(f["hazard"], f["advice"]) for graph in (early, late) for r in rows(reasoner.ask(graph)) for f in r["safety"]}


def speaks(reasoner, rule, said):
    """Whether a safety rule speaks for a patient of whom so much is said."""
    value = lambda p: reasoner.knowledge.facts.value(ia(rule), ia(p))
    return ("ia:" + value("hasHazard").removeprefix(ia("")), value("advice")) in advised(reasoner, said)


@pytest.mark.parametrize("rule", sorted(REACHED))
def test_a_safety_rule_speaks_for_whom_it_is_about(reasoner, rule):
    assert speaks(reasoner, rule, REACHED[rule]) and not speaks(reasoner, rule, "")


@pytest.mark.parametrize("rule, said", PARTS)
def test_a_safety_rule_is_silent_for_others(reasoner, rule, said):
    assert not speaks(reasoner, rule, said)


def test_every_safety_rule_is_reached_and_cites_a_source_or_says_that_none_was_read(reasoner):
    facts = reasoner.knowledge.facts
    rules = {r.removeprefix(ia("")) for r in facts.subjects(RDF_TYPE, ia("SafetyRule"))}
    assert rules == set(REACHED)
    for rule in rules:
        unread = ia("NoRuleRead") in set(facts.objects(ia(rule), SOURCE))
        assert unread == ("o rule on" in facts.value(ia(rule), ia("advice"))), rule


def test_severe_claustrophobia_names_what_to_try_where_no_mri_is_listed(reasoner):
    answer = reasoner.ask(patient_graph(REACHED["SevereClaustrophobiaRule"]))
    assert [n for n in answer["notes"] if "wide-bore" in n["message"] and n["severity"] == "warning"] and D in {s["id"] for s in answer["presentations"][0]["scenarios"] if s["status"] == "applies"}
    assert not [n for n in reasoner.ask(patient_graph(REACHED["ClaustrophobiaRule"]))["notes"] if "wide-bore" in n["message"]]


def classes_of(reasoner, said):
    """The classes that the presentation of a patient graph is in."""
    statements = read(reasoner.knowledge, patient_graph(said)).statements
    found = reasoner.knowledge.definitions.realize((s, p, o) for s, p, o in statements if isinstance(o, str))
    return found.classes(CASE + "x")


def of_classes(reasoner, said, annotation):
    """What the classes of a patient's presentation are annotated with."""
    return {o for c in classes_of(reasoner, said) for o in reasoner.knowledge.facts.objects(c, ia(annotation))}


def device_classes(reasoner, cls):
    """The names of the classes of devices below a class."""
    return sorted(c.removeprefix(ia("")) for c in below(reasoner.knowledge, cls))


def test_each_device_to_clear_withholds_and_asks_and_sets_nothing_aside(reasoner):
    names = [*device_classes(reasoner, "DeviceToClear"), "DeviceOfUnknownKind", "UnrecognizedDevice"]
    assert len(names) > 15
    for name in names:
        said = UNLABELED % name
        assert of_classes(reasoner, said, "withholds") == of_classes(reasoner, said, "raisesQuestion") == {ia("MriContraindicated")}, name
        assert ia("MriContraindicated") not in classes_of(reasoner, said), name
        labeled = f"ia:hasDevice [ a ia:{name} ; ia:hasMrLabel ia:MrSafe ]"
        assert not of_classes(reasoner, labeled, "withholds"), name


def test_each_device_of_the_named_kinds_is_mr_unsafe_until_its_label_is_known(reasoner):
    names = [n for n in device_classes(reasoner, "MrRelevantDevice") if n != "MrRelevantDevice"]
    assert set(names) == {"AneurysmClip", "CardiacPacemaker", "CardiacPulseGenerator", "CardiacResynchronizationDevice", "CochlearImplant", "ImplantableDefibrillator", "Neurostimulator"}
    for name in names:
        assert ia("MriContraindicated") in classes_of(reasoner, UNLABELED % name)
        assert ia("MriContraindicated") not in classes_of(reasoner, f"ia:hasDevice [ a ia:{name} ; ia:hasMrLabel ia:MrConditional ]")


def test_a_passive_device_raises_nothing(reasoner):
    names = device_classes(reasoner, "PassiveDevice")
    assert len(names) > 10
    for name in [*names, "NoDeviceStated"]:
        assert classes_of(reasoner, UNLABELED % name) == classes_of(reasoner, ""), name
    assert classes_of(reasoner, UNLABELED % "InsulinPump") != classes_of(reasoner, "")


def test_not_pregnant_is_recorded_beside_a_pregnancy_and_clears_none(reasoner):
    assert reasoner.knowledge.facts.value(ia("PregnancyPresent"), ia("refutedBy")) == ia("NotPregnantRecorded")
    both = classes_of(reasoner, "ia:hasCondition [ a ia:NotPregnant ] , [ a ia:Pregnancy ]")
    assert {ia("NotPregnantRecorded"), ia("PregnancyPresent")} <= both
    assert ia("PregnancyPresent") not in classes_of(reasoner, STATE % "NotPregnant")


def test_each_removal_says_what_it_removes_and_no_code_of_it_puts_a_device_in_place(reasoner):
    facts, codes = reasoner.knowledge.facts, reasoner.knowledge.codes
    removals = [c for c in below(reasoner.knowledge, "DeviceRemoval") if c != ia("DeviceRemoval")]
    assert len(removals) > 5
    devices = set(below(reasoner.knowledge, "Device"))
    assert set(facts.objects(ia("CardiacPacemakerRemoved"), ia("mayLeave"))) == {ia("CardiacLead")}
    for removal in removals:
        assert set(facts.objects(removal, ia("removes"))) <= devices and facts.value(removal, ia("removes")), removal
        assert codes.of(removal), removal
        for m in codes.of(removal):
            meant = {x.subject for x in codes.near(codes.systems[m.prefix].systems[0], m.code)}
            assert not meant & devices, m


MEANT = [  # codes of real records, each with the only term that it is read as
    (LOINC, "33914-3", "EstimatedGfr"), (LOINC, "48642-3", "EstimatedGfr"), (LOINC, "48643-1", "EstimatedGfr"), (LOINC, "88293-6", "EstimatedGfr"),
    (LOINC, "88294-4", "EstimatedGfr"), (LOINC, "50044-7", "EstimatedGfr"), (LOINC, "70969-1", "EstimatedGfr"), (LOINC, "LA15173-0", "Pregnancy"),
    (LOINC, "LA26683-5", "NotPregnant"), (LOINC, "LA33-6", "AffirmativeAnswer"), (LOINC, "LA32-8", "NegativeAnswer"), (LOINC, "LA4489-6", "UnknownAnswer"),
    (SNOMED, "706004007", "CardiacPacemaker"), (SNOMED, "307280005", "CardiacPacemaker"), (SNOMED, "62881002", "CardiacPacemakerRemoved"),
    (SNOMED, "447365002", "CardiacResynchronizationDevice"), (SNOMED, "704707009", "CardiacResynchronizationDevice"),
    (SNOMED, "701750003", "GlucoseSensor"), (SNOMED, "337414009", "ExternalAid"), (SNOMED, "58938008", "ExternalAid"), (SNOMED, "236435004", "DialysisDependence"), (SNOMED, "105502003", "DialysisDependence"),
    (SNOMED, "46177005", "EndStageRenalDisease"), (SNOMED, "72892002", "Pregnancy"), (SNOMED, "60001007", "NotPregnant"), (SNOMED, "294913003", "IodineAllergy"),
    (SNOMED, "91936005", "OtherAllergen"), (SNOMED, "232346004", "OtherAllergen"), (SNOMED, "716186003", "NoAllergyStated"), (SNOMED, "373067005", "NegativeAnswer"),
    (ICD, "Z99.2", "DialysisDependence"), (ICD, "Z49.31", "DialysisDependence"), (ICD, "N18.6", "EndStageRenalDisease"), (ICD, "N17.0", "AcuteKidneyInjury"),
    (ICD, "N14.11", "AcuteKidneyInjury"), (ICD, "N14.19", "RenalInsufficiency"), (ICD, "N18.31", "ChronicKidneyDiseaseStage3"), (ICD, "N18.4", "ChronicKidneyDiseaseStage4"),
    (ICD, "Z34.83", "Pregnancy"), (ICD, "Z3A.20", "Pregnancy"), (ICD, "O09.521", "Pregnancy"), (ICD, "O24.410", "Pregnancy"), (ICD, "O24.420", "Puerperium"),
    (ICD, "O99.345", "Puerperium"), (ICD, "O99.341", "Pregnancy"), (ICD, "O14.05", "Puerperium"), (ICD, "Z37.0", "Puerperium"), (ICD, "Z39.1", "Lactation"),
    (ICD, "Z45.010", "CardiacPacemaker"), (ICD, "Z45.02", "ImplantableDefibrillator"), (ICD, "Z45.09", "OtherCardiacElectronicDevice"), (ICD, "Z45.321", "CochlearImplant"),
    (ICD, "Z95.0", "CardiacPacemaker"), (ICD, "Z95.2", "CardiacValveProsthesis"), (ICD, "Z95.818", "DeviceOfUnknownKind"), (ICD, "Z96.651", "JointProsthesis"),
    (ICD, "Z96.82", "Neurostimulator"), (ICD, "Z96.41", "InsulinPump"), (ICD, "T82.111A", "CardiacPulseGenerator"), (ICD, "T82.110D", "CardiacLead"),
    (ICD, "T82.119A", "OtherCardiacElectronicDevice"), (ICD, "T85.113A", "Neurostimulator"), (ICD, "Z97.2", "DentalDevice"), (ICD, "H44.623", "IntraocularMetallicForeignBody"),
    (ICD, "Z18.11", "RetainedMetal"), (ICD, "Z88.0", "OtherAllergen"), (ICD, "Z91.010", "OtherAllergen"), (ICD, "Z91.041", "AllergyToIodinatedContrast"),
    (ICD, "D66", "BleedingDisorder"), (ICD, "D68.01", "BleedingDisorder"), (RXNORM, "5956", "IodinatedContrastAgent"), (RXNORM, "7980", "OtherAllergen"),
    (RXNORM, "860975", "MetforminUse"), (RXNORM, "855332", "AnticoagulantUse"), (RXNORM, "1364430", "AnticoagulantUse"), (RXNORM, "309362", "AntiplateletUse"),
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y", "AffirmativeAnswer"), ("http://terminology.hl7.org/CodeSystem/v2-0532", "N", "NegativeAnswer"),
    ("http://terminology.hl7.org/CodeSystem/data-absent-reason", "asked-unknown", "UnknownAnswer"),
    ("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK", "UnknownAnswer"), ("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "no-known-devices", "NoDeviceStated")]
PASSED_OVER = [(ICD, "D68.51"), (ICD, "H44.711"), (ICD, "Z18.33"), (ICD, "Z32.3"), (ICD, "R34"), (ICD, "Z87.821"), (SNOMED, "233187001"), (SNOMED, "171496007")]


@pytest.mark.parametrize("system, code, term", MEANT)
def test_a_code_of_real_records_is_read_as_what_it_means(reasoner, system, code, term):
    assert [m.subject for m in reasoner.knowledge.codes.find(system, code)] == [ia(term)]


@pytest.mark.parametrize("system, code", PASSED_OVER)
def test_a_code_that_resembles_one_of_safety_is_not_read_as_it(reasoner, system, code):
    assert reasoner.knowledge.codes.near(system, code) and not reasoner.knowledge.codes.find(system, code)


def ineffective(knowledge, mappings):
    """The rows that are to ask a question about a device or a state of the patient whose term does not say which."""
    asked = {c for top in ("Device", "PatientCondition") for c in below(knowledge, top)}
    return [m for m in mappings if m.intake == "question" and m.subject in asked and not knowledge.facts.value(m.subject, ia("whenDoubtful"))]


def test_a_row_that_asks_has_something_to_ask(reasoner):
    knowledge = reasoner.knowledge
    every = [m for subject in knowledge.codes.subjects() for m in knowledge.codes.of(subject)]
    assert len([m for m in every if m.intake == "question"]) > 50 and ineffective(knowledge, every) == []
    twin = dataclasses.replace(next(m for m in every if m.subject == ia("Lactation")), intake="question")
    assert ineffective(knowledge, [twin]) == [twin]


def test_no_code_is_both_a_contrast_agent_and_another_allergen(reasoner):
    codes = reasoner.knowledge.codes
    contrast = {(m.prefix, m.code) for name in ("IodinatedContrastAgent", "GadoliniumBasedContrastAgent", "AllergyToContrastMedia", "AllergyToIodinatedContrast", "AllergyToGadoliniumContrast")
                for m in codes.of(ia(name)) if m.intake}
    others = {(m.prefix, m.code) for m in codes.of(ia("OtherAllergen"))}
    assert len(others) > 150 and len(contrast) > 60 and not contrast & others
