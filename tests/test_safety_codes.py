"""Codes of safety that real records use are read as what they mean; what resembles them is not."""

import dataclasses

import pytest
from patients import below
from tables import mapping_rows, unequal

from reasoner.names import ia

HL7 = "http://terminology.hl7.org/CodeSystem/"
SYSTEMS = {
    "loinc": "http://loinc.org",
    "sct": "http://snomed.info/sct",
    "icd": "http://hl7.org/fhir/sid/icd-10-cm",
    "rx": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "yes-no": HL7 + "v2-0136",
    "expanded": HL7 + "v2-0532",
    "absent": HL7 + "data-absent-reason",
    "null": HL7 + "v3-NullFlavor",
    "ips": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
}
MEANT = {  # codes of real records, under the only term that each is read as
    "EstimatedGfr": "loinc:33914-3 loinc:48642-3 loinc:48643-1 loinc:88293-6 loinc:88294-4"
    " loinc:50044-7 loinc:70969-1",
    "AffirmativeAnswer": "loinc:LA33-6 yes-no:Y",
    "NegativeAnswer": "loinc:LA32-8 sct:373067005 expanded:N",
    "UnknownAnswer": "loinc:LA4489-6 absent:asked-unknown null:UNK",
    "CardiacPacemaker": "sct:706004007 sct:307280005 icd:Z45.010 icd:Z95.0",
    "CardiacPacemakerRemoved": "sct:62881002",
    "CardiacPulseGenerator": "icd:T82.111A",
    "CardiacResynchronizationDevice": "sct:447365002 sct:704707009",
    "ImplantableDefibrillator": "icd:Z45.02",
    "CochlearImplant": "icd:Z45.321",
    "Neurostimulator": "icd:Z96.82 icd:T85.113A",
    "CardiacLead": "icd:T82.110D",
    "InsulinPump": "icd:Z96.41",
    "GlucoseSensor": "sct:701750003",
    "OtherCardiacElectronicDevice": "icd:Z45.09 icd:T82.119A",
    "DeviceOfUnknownKind": "icd:Z95.818",
    "CardiacValveProsthesis": "icd:Z95.2",
    "JointProsthesis": "icd:Z96.651",
    "DentalDevice": "icd:Z97.2",
    "ExternalAid": "sct:337414009 sct:58938008",
    "NoDeviceStated": "ips:no-known-devices",
    "IntraocularMetallicForeignBody": "icd:H44.623",
    "RetainedMetal": "icd:Z18.11",
    "DialysisDependence": "sct:236435004 sct:105502003 icd:Z99.2 icd:Z49.31",
    "EndStageRenalDisease": "sct:46177005 icd:N18.6",
    "AcuteKidneyInjury": "icd:N17.0 icd:N14.11",
    "RenalInsufficiency": "icd:N14.19",
    "ChronicKidneyDiseaseStage3": "icd:N18.31",
    "ChronicKidneyDiseaseStage4": "icd:N18.4",
    "Pregnancy": "loinc:LA15173-0 sct:72892002 icd:Z34.83 icd:Z3A.20 icd:O09.521 icd:O24.410"
    " icd:O99.341",
    "NotPregnant": "loinc:LA26683-5 sct:60001007",
    "Lactation": "icd:Z39.1",
    "Puerperium": "icd:O24.420 icd:O99.345 icd:O14.05 icd:Z37.0",
    "AllergyToIodinatedContrast": "icd:Z91.041",
    "IodinatedContrastAgent": "rx:5956",
    "IodineAllergy": "sct:294913003",
    "NoAllergyStated": "sct:716186003",
    "OtherAllergen": "sct:91936005 sct:232346004 icd:Z88.0 icd:Z91.010 rx:7980",
    "MetforminUse": "rx:860975",
    "AnticoagulantUse": "rx:855332 rx:1364430",
    "AntiplateletUse": "rx:309362",
    "BleedingDisorder": "icd:D66 icd:D68.01",
}
RESEMBLE = (
    "icd:D68.51 icd:H44.711 icd:Z18.33 icd:Z32.3 icd:R34 icd:Z87.821 sct:233187001 sct:171496007"
).split()
CONTRAST = (
    "IodinatedContrastAgent",
    "GadoliniumBasedContrastAgent",
    "AllergyToContrastMedia",
    "AllergyToIodinatedContrast",
    "AllergyToGadoliniumContrast",
)


def placed(code):
    """The system and the code of `system:code`."""
    prefix, _, plain = code.partition(":")
    return SYSTEMS[prefix], plain


PAIRS = [(code, term) for term, codes in MEANT.items() for code in codes.split()]


@pytest.mark.parametrize("code, term", PAIRS)
def test_a_code_of_real_records_is_read_as_what_it_means(reasoner, code, term):
    mappings = reasoner.knowledge.codes.find(*placed(code))
    terms = [m.subject for m in mappings if not reasoner.knowledge.is_a(m.subject, ia("PastEvent"))]
    assert terms == [ia(term)]


@pytest.mark.parametrize("code", RESEMBLE)
def test_a_code_that_resembles_one_of_safety_is_not_read_as_it(reasoner, code):
    codes = reasoner.knowledge.codes
    assert codes.near(*placed(code)) and not codes.find(*placed(code))


def ineffective(knowledge, mappings):
    """The rows about devices and states that are to ask, of terms that do not say what."""
    asked = {c for top in ("Device", "PatientCondition") for c in below(knowledge, top)}

    def says(term):
        return knowledge.facts.value(term, ia("whenDoubtful"))

    asking = [m for m in mappings if m.intake == "question" and m.subject in asked]
    return [m for m in asking if not says(m.subject)]


def test_a_row_that_asks_has_something_to_ask(reasoner):
    knowledge = reasoner.knowledge
    every = [m for subject in knowledge.codes.subjects() for m in knowledge.codes.of(subject)]
    asking = [(m.subject, m.prefix, m.code) for m in every if m.intake == "question"]
    rows = [row for row in mapping_rows() if row["intake"] == "question"]
    written = [(row["subject"], row["prefix"], row["code"]) for row in rows]
    assert unequal(asking, written) == [] and unequal(asking[1:], written) == asking[:1]
    assert ineffective(knowledge, every) == []
    lactation = next(m for m in every if m.subject == ia("Lactation"))
    twin = dataclasses.replace(lactation, intake="question")
    assert ineffective(knowledge, [twin]) == [twin]


def test_no_code_is_both_a_contrast_agent_and_another_allergen(reasoner):
    codes = reasoner.knowledge.codes
    contrast = {(m.prefix, m.code) for name in CONTRAST for m in codes.of(ia(name)) if m.intake}
    others = {(m.prefix, m.code) for m in codes.of(ia("OtherAllergen"))}
    rows = [row for row in mapping_rows() if row["intake"]]
    for loaded, names in ((contrast, CONTRAST), (others, ["OtherAllergen"])):
        subjects = set(map(ia, names))
        written = {(row["prefix"], row["code"]) for row in rows if row["subject"] in subjects}
        one = min(loaded)
        assert unequal(loaded, written) == [] and unequal(loaded - {one}, written) == [one]
    assert not contrast & others


def test_a_removal_says_what_it_removes_and_no_code_of_it_puts_a_device_in_place(reasoner):
    knowledge, facts, codes = reasoner.knowledge, reasoner.knowledge.facts, reasoner.knowledge.codes
    removals = set(below(knowledge, "DeviceRemoval")) - {ia("DeviceRemoval")}
    devices = set(below(knowledge, "Device"))
    assert len(removals) > 5
    assert set(facts.objects(ia("CardiacPacemakerRemoved"), ia("mayLeave"))) == {ia("CardiacLead")}
    for removal in removals:
        removed = set(facts.objects(removal, ia("removes")))
        assert removed and removed <= devices and codes.of(removal), removal
        for m in codes.of(removal):
            system = codes.systems[m.prefix].systems[0]
            assert not {x.subject for x in codes.near(system, m.code)} & devices, m
