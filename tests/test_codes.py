"""Codes: looked up as written or with those that contain them, outside every topic or not; rows."""

import re
import shutil
import time

import pytest
from conftest import ROOT
from tables import mapping_rows, members, unequal

from reasoner.errors import TableError
from reasoner.graph.knowledge import load
from reasoner.graph.terminology import CLASSIFIED, Classification, Codes, table
from reasoner.intake.regions import Regions
from reasoner.names import RDF_TYPE, ia
from reasoner.validation import codes_form

ONTOLOGY = ROOT / "ontology"
HL7 = "http://terminology.hl7.org/CodeSystem/"
ICD, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"
SYSTEMS = {
    "icd": ICD,
    "sct": SNOMED,
    "loinc": "http://loinc.org",
    "section": f"{HL7}v2-0074",
    "observed": f"{HL7}observation-category",
    "dicom": "http://dicom.nema.org/resources/ontology/DCM",
}
# masses of soft tissue in the list of reasons of cds-hooks/sandbox
SANDBOX = """
309527000 300863000 441124000 299703001 248521008 297960002 428786006 94805002 444905003 427746000
442098006 281398003 274751001 432525007 300848003 298349001 92394004 92401003""".split()
HELD = """
R22.0 = R22.0 R22
R220 = R22.0 R22
r22.0 = R22.0 R22
R22. = R22
D48.110 = D48.110 D48.11 D48.1 D48
T50.8X5A = T50.8X5A T50.8X5 T50.8X T50.8 T50
S72.001A = S72.001A S72.001 S72.00 S72.0 S72
M80.051A = M80.051A M80.051 M80.05 M80.0 M80
T81.40XA = T81.40XA T81.40 T81.4 T81
X58XXXA = X58.XXXA X58"""
NO_CODES = [
    "R22.7",
    "R227",
    "R22.01",
    "R22.0A",
    "R2",
    "",
    "ZZZ",
    "R22.0.0",
    "S72.001Z",
    "S72.0XXA",
    "T81.40A",
    "É22.0",
    "R22.0\n\x00",
]
READ = """
sct 309527000 SoftTissueMass fact site LowerExtremity
sct 300863000 SoftTissueMass fact site Axilla
sct 432525007 SoftTissueMass fact site Head
sct 300848003 SoftTissueMass question
icd M79.89 SoftTissueMass question
icd D49.2 SoftTissueMass question
icd R93.89 AbnormalResult question
sct 427285006 AtypicalLipomatousTumor fact
sct 6757004 Knee fact right
sct 61396006 Thigh fact left
sct 7569003 Hand fact
sct 69536005 Head fact
sct 76752008 Breast fact
sct 10200004 AbdominalOrgan fact
sct 86273004 Biopsy fact
sct 70871006 Biopsy fact
sct 277667006 ImageGuidedBiopsy fact
section CUS Ultrasonography fact
section NMS NuclearMedicine fact
section RAD ImagingOfUnknownKind fact
section LAB LaboratoryCategory fact
section PT OtherServiceCategory fact
dicom PT PositronEmissionTomography fact
dicom US Ultrasonography fact
dicom MR MagneticResonanceImaging fact
dicom SR OtherServiceCategory fact
loinc 18760-9 UltrasoundContrastNotStated fact
observed imaging ImagingOfUnknownKind fact
observed laboratory LaboratoryCategory fact
sct 363679005 ImagingOfUnknownKind fact
sct 108252007 LaboratoryCategory fact
loinc 18748-4 ImagingOfUnknownKind fact
loinc LP29684-5 ImagingOfUnknownKind fact
loinc LP29693-6 LaboratoryCategory fact
loinc 44136-0 Pet fact"""
FAULTS = {
    "no code": ("mappings/icd-10-cm.sssom.tsv", "ICD10CM:R22.0", "ICD10CM:R22.7", "object_id"),
    "no dot": ("mappings/icd-10-cm.sssom.tsv", "ICD10CM:R22.0", "ICD10CM:R220", "object_id"),
    "no use": ("mappings/snomed-ct.sssom.tsv", "\tfact\n", "\tfakt\n", "intake"),
    "no prefix": ("mappings/loinc.sssom.tsv", "\tLOINC:", "\tLOINK:", "object_id"),
    "no cells": ("tables/icd-10-cm.csv", "\nR22,,", "\nR22;,", "category"),
    "no category": ("tables/icd-10-cm.csv", "\nR22,,", "\nR22.0,,", "category"),
}
MAY_BE_MASS = re.compile(
    r"\bmass|lump|swell|tumou?r|neoplas|cyst\b|lesion|nodul|soft tissue"
    r"|sarcoma|lipoma|symptom|unspecified",
    re.I,
)


def lines(text):
    """The lines of a table above."""
    return text.strip().split("\n")


@pytest.fixture(scope="module")
def knowledge():
    """The graph of this checkout, loaded."""
    return load()


@pytest.fixture(scope="module")
def classification():
    """The classification of this checkout."""
    return Classification(ONTOLOGY / "tables" / "icd-10-cm.csv")


@pytest.fixture
def copy(tmp_path):
    """The tables and mappings of a working copy, to be broken."""
    for name in ("tables", "mappings"):
        shutil.copytree(ONTOLOGY / name, tmp_path / name)
    return tmp_path


def read(knowledge, system, code):
    """What a record reader may take a code for, in the words of the table above."""
    local = {m: m.subject.rsplit("/", 1)[-1] for m in knowledge.codes.find(system, code)}
    sites = {m: f"site {m.site.rsplit('/', 1)[-1]}" if m.site else "" for m in local}
    return [" ".join(filter(None, (local[m], m.intake, m.laterality, sites[m]))) for m in local]


@pytest.mark.parametrize("row", lines(HELD))
def test_a_code_is_held_by_itself_and_by_its_real_parents(classification, row):
    written, _, holding = row.partition(" = ")
    assert classification.holding(f" {written} ") == holding.split()


@pytest.mark.parametrize("written", NO_CODES)
def test_a_code_that_the_classification_has_not_is_held_by_none(classification, written):
    assert classification.holding(written) == []


def test_the_classification_is_read_fast():
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        Classification(ONTOLOGY / "tables" / "icd-10-cm.csv")
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.005


def test_a_code_without_its_dot_is_the_same_code(knowledge):
    assert read(knowledge, ICD, "R220") == read(knowledge, ICD, "R22.0")
    assert read(knowledge, ICD, "R22.0") == ["SoftTissueMass fact site Head"]
    assert read(knowledge, ICD, "r2241") == ["SoftTissueMass fact right site LowerExtremity"]


def test_a_code_is_cut_at_a_real_parent_and_nowhere_else(knowledge):
    near = knowledge.codes.near
    assert [m.code for m in near(ICD, "C49A2")] == ["C49.A"]
    assert near(ICD, "R22.7") == near(ICD, "M71211") == []


def test_every_code_that_a_row_takes_from_icd_is_one(knowledge, classification):
    of = knowledge.codes.of
    mapped = [m.code for s in knowledge.codes.subjects() for m in of(s) if m.prefix == CLASSIFIED]
    assert mapped
    assert [code for code in mapped if classification.holding(code)[:1] != [code]] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_row_that_cannot_be_meant_is_refused_with_its_place(copy, fault):
    file, before, after, column = FAULTS[fault]
    Codes(copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert before in text
    (copy / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(TableError) as refused:
        Codes(copy)
    assert refused.value.column == column and refused.value.line
    assert refused.value.path.endswith(file)


def test_an_ontology_without_the_tables_has_exact_codes_and_nothing_outside(copy):
    (copy / "tables" / "icd-10-cm.csv").unlink()
    (copy / "tables" / "reasons.csv").unlink()
    codes = Codes(copy)
    assert codes.find(ICD, "R22.0")
    assert not codes.find(ICD, "R22.01") and not codes.find(ICD, "R22.7")
    assert not codes.outside(ICD, "I10") and not codes.outside(SNOMED, "25064002")


@pytest.mark.parametrize(
    "code", "R51.9 R519 i10 E11.9 M54.50 Z33.1 N18.6 S52.501A C64.9 N63.0".split()
)
def test_a_code_of_a_category_that_no_topic_maps_lies_outside(knowledge, code):
    assert knowledge.codes.outside(ICD, code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        *"R22.0 R22.7 M79.9 M79.671 R19.00 R19.7 L02.91 R93.1 R69 Z09 M25.99 I1".split(),
        "D18.02",
        "C49.9",
    ],
)
def test_a_code_that_may_be_about_a_topic_or_is_none_does_not_lie_outside(knowledge, code):
    assert not knowledge.codes.outside(ICD, code)


@pytest.mark.parametrize("code", "25064002 38341003 73211009 386661006 161891005 77386006".split())
def test_a_known_problem_of_snomed_lies_outside(knowledge, code):
    assert knowledge.codes.outside(SNOMED, code)


@pytest.mark.parametrize(
    "system, code",
    [
        (SNOMED, "1"),
        (SNOMED, "I10"),
        (ICD, "25064002"),
        ("http://example.org/local", "I10"),
        ("http://loinc.org", "24703-1"),
        (ICD, "I10" * 200),
    ],
)
def test_a_code_that_is_not_known_does_not_lie_outside(knowledge, system, code):
    assert not knowledge.codes.outside(system, code)


def test_no_code_that_means_a_finding_lies_outside(knowledge):
    codes = knowledge.codes
    topical = [(m.prefix, m.code) for s in codes.topical for m in codes.of(s)]
    rows = [row for row in mapping_rows() if row["subject"] in codes.topical]
    written = [(row["prefix"], row["code"]) for row in rows]
    assert unequal(topical, written) == [] and unequal(topical[1:], written) == topical[:1]
    pairs = [(s, code) for prefix, code in topical for s in codes.systems[prefix].systems]
    assert [pair for pair in pairs if codes.outside(*pair)] == []


@pytest.mark.parametrize("code", SANDBOX)
def test_no_mass_in_the_list_of_reasons_of_the_sandbox_lies_outside(knowledge, code):
    assert not knowledge.codes.outside(SNOMED, code)


@pytest.mark.parametrize(
    "code, terms",
    [
        ("S82.001A", ["Fracture"]),
        ("S82001B", ["Fracture"]),
        ("S82.001D", ["PastFracture"]),
        ("S82.001S", ["PastFracture"]),
        ("S91.331A", ["PunctureWound", "PunctureWoundInjury"]),
        ("S91.331D", ["PunctureWoundHistory"]),
        ("W01.0XXA", ["Fall"]),
        ("W01.0XXD", ["PastInjury"]),
        ("T84.53XD", ["Arthroplasty", "ImplantInfection", "SepticArthritis"]),
        ("T50.8X5D", ["AllergyToContrastMedia"]),
    ],
)
def test_an_injury_of_a_later_encounter_is_a_past_one(knowledge, code, terms):
    mappings = knowledge.codes.find(ICD, code)
    assert sorted(m.subject for m in mappings) == sorted(map(ia, terms))
    sites = {m.site for m in knowledge.codes.find(ICD, code[:-1] + "A")} - {""}
    assert {m.site for m in mappings} - {""} == sites, "a past injury lies where it lay"


def test_without_a_table_of_encounters_no_injury_is_past(copy):
    codes = Codes(copy)
    assert codes._later
    (copy / "tables" / "encounters.csv").unlink()
    assert not Codes(copy)._later


def test_no_listed_reason_is_a_problem_of_a_topic(knowledge):
    listed = {row["code"] for row in table(ONTOLOGY / "tables" / "reasons.csv", ",")}
    problems = {ia("ClinicalFinding"), ia("Diagnosis")}
    mapped = {
        m.code
        for term in knowledge.codes.subjects()
        if problems & {c for c in problems if knowledge.is_a(term, c)}
        for m in knowledge.codes.of(term)
        if m.prefix == "SCTID" and m.intake
    }
    assert mapped and listed
    assert listed & mapped == set()


def test_listed_reasons_are_sound():
    rows = list(table(ONTOLOGY / "tables" / "reasons.csv", ","))
    assert 1000 < len(rows) < 5000 and len({r["code"] for r in rows}) == len(rows)
    told = {(r["source"], r["license"]) for r in rows}
    assert told == {("GPS 2020-09", "CC-BY-4.0 (GPS subset)")}
    assert [r["code"] for r in rows if not codes_form.snomed(r["code"])] == []
    displays = [r["display"] for r in rows]
    assert all(d.endswith(("(disorder)", "(finding)")) for d in displays)
    assert [d for d in displays if MAY_BE_MASS.search(d)] == []


def test_a_listed_reason_that_a_topic_comes_to_map_lies_outside_no_more(copy):
    path = copy / "mappings" / "snomed-ct.sssom.tsv"
    text = path.read_text(encoding="utf-8")
    assert Codes(copy).outside(SNOMED, "25064002")
    path.write_text(text.replace("SCTID:309527000", "SCTID:25064002", 1), encoding="utf-8")
    assert not Codes(copy).outside(SNOMED, "25064002")


@pytest.mark.parametrize("row", lines(READ))
def test_what_a_code_is_read_as(knowledge, row):
    system, code, wanted = row.split(" ", 2)
    assert read(knowledge, SYSTEMS[system], code) == [wanted]


@pytest.mark.parametrize(
    "row",
    [
        "icd D18.03 Hemangioma",
        "icd C49A2 MalignantSoftTissueNeoplasm",
        "icd D17.71 Lipoma",
        "sct 93469006 Hemangioma",
        "loinc 24590-2 Mri",
    ],
)
def test_what_lies_in_an_organ_is_known_and_not_relied_upon(knowledge, row):
    system, code, term = row.split()
    near = [m for m in knowledge.codes.near(SYSTEMS[system], code) if m.subject == ia(term)]
    assert [knowledge.is_a(m.site, ia("SiteOutsideTopic")) for m in near] == [True]
    assert not knowledge.codes.find(SYSTEMS[system], code)


def test_every_modality_has_a_procedure_of_which_no_more_is_known(knowledge):
    value, modalities = knowledge.facts.value, knowledge.members("ia:Modality")
    first, *others = modalities
    assert unequal(modalities, members("Modality")) == []
    assert unequal(others, members("Modality")) == [first]
    for modality in modalities:
        procedure = value(modality, ia("unstatedProcedure"))
        assert procedure and knowledge.is_a(procedure, ia("GenericProcedure")), modality
        assert value(procedure, ia("hasModality")) == modality or modality == ia("PetCt")
        assert value(procedure, ia("studyKind")), modality
        if value(modality, ia("usesAgent")):  # where contrast may be given, it is left open
            assert value(procedure, ia("hasContrast")) == ia("ContrastNotStated"), modality


def test_ultrasound_of_unstated_contrast_falls_together_with_the_plain_one(knowledge):
    names = ("Ultrasound", "UltrasoundContrastNotStated", "UltrasoundWithIvContrast")
    plain, unstated, given = (knowledge.facts.value(ia(n), ia("studyKind")) for n in names)
    assert plain == unstated != given


def test_a_biopsy_takes_tissue_whether_or_not_it_says_how_it_is_guided(knowledge):
    for name in ("Biopsy", "ImageGuidedBiopsy", "ImageGuidedFineNeedleAspiration"):
        assert knowledge.is_a(ia(name), ia("TissueSamplingProcedure")), name
    assert not knowledge.is_a(ia("Ultrasound"), ia("TissueSamplingProcedure"))
    assert not knowledge.facts.subjects(ia("ofProcedureRated"), ia("Biopsy")), "no source rates it"


def test_a_procedure_that_leaves_something_open_says_what_it_may_mean(knowledge):
    holds, objects = knowledge.facts.holds, knowledge.facts.objects
    left = [
        p
        for p in knowledge.members("ia:GenericProcedure")
        if holds(p, ia("hasContrast"), ia("ContrastNotStated"))
        or holds(p, ia("hasGuidance"), ia("GuidanceNotStated"))
    ]
    assert {ia(n) for n in ("Ct", "Mri", "UltrasoundContrastNotStated", "Biopsy")} <= set(left)
    for procedure in set(left) - {ia("FluoroscopicStudy")}:  # no other one is declared
        meant = objects(procedure, ia("mayMean"))
        assert meant and not set(meant) & set(left), procedure
        modality = set(objects(procedure, ia("hasModality")))
        assert all(set(objects(m, ia("hasModality"))) == modality for m in meant), procedure


def test_a_site_outside_the_topic_lies_in_a_region_and_is_not_covered(knowledge):
    outside, covered = knowledge.members("ia:SiteOutsideTopic"), knowledge.members("ia:CoveredSite")
    names = "Head Breast Face Scalp Skull Brain Mouth AbdominalOrgan ThoracicOrgan PelvicOrgan"
    assert {ia(name) for name in names.split()} <= outside
    assert outside.isdisjoint(covered) and ia("Neck") in covered
    assert ia("HeadAndNeck") not in outside | covered, "head is outside, neck is not"
    inside = Regions(knowledge).inside
    assert inside(ia("Breast"), ia("Chest")) and inside(ia("Brain"), ia("Head"))
    assert not inside(ia("Breast"), ia("Abdomen"))


@pytest.mark.parametrize(
    "path", sorted((ONTOLOGY / "mappings").glob("*.sssom.tsv")), ids=lambda path: path.name
)
def test_every_row_says_what_it_means_whose_it_is_and_where_it_was_read(knowledge, path):
    for row in table(path, "\t"):
        term, code = ia(row["subject_id"].removeprefix("ia:")), row["object_id"]
        assert row["subject_label"] == knowledge.label(term), code
        assert knowledge.facts.objects(term, RDF_TYPE), code
        assert all(row[c] for c in ("object_label", "license", "evidence", "object_source")), code
        assert row["laterality"] in ("", "left", "right", "bilateral"), code
        assert row["intake"] in ("", "fact", "question"), code
