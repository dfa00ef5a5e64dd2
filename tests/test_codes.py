"""Codes: looked up as they are written or with those that contain them; what lies outside every topic; what each row may say."""

import re
import shutil
import time

import pytest
from conftest import ROOT

from reasoner.codes import CLASSIFIED, Classification, Codes, table
from reasoner.errors import TableError
from reasoner.intake.regions import Regions
from reasoner.knowledge import load
from reasoner.names import RDF_TYPE, ia
from reasoner.validation import codes_form

ONTOLOGY = ROOT / "ontology"
ICD, SNOMED, LOINC = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct", "http://loinc.org"
SECTIONS, DICOM = "http://terminology.hl7.org/CodeSystem/v2-0074", "http://dicom.nema.org/resources/ontology/DCM"
OBSERVED = "http://terminology.hl7.org/CodeSystem/observation-category"
SANDBOX = ("309527000 300863000 441124000 299703001 248521008 297960002 428786006 94805002 444905003 427746000 442098006 281398003 "
           "274751001 432525007 300848003 298349001 92394004 92401003").split()  # masses of soft tissue in the list of reasons of cds-hooks/sandbox


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


def terms(knowledge, system, code):
    """The terms that a record reader may take a code for, each with what the row says of its use, side and site."""
    return {(m.subject.rsplit("/", 1)[-1], m.intake, m.laterality, m.site.rsplit("/", 1)[-1]) for m in knowledge.codes.find(system, code)}


@pytest.mark.parametrize("written, holding", [
    ("R22.0", ["R22.0", "R22"]), ("R220", ["R22.0", "R22"]), (" r22.0 ", ["R22.0", "R22"]), ("R22", ["R22"]), ("R22.", ["R22"]),
    ("D48.110", ["D48.110", "D48.11", "D48.1", "D48"]), ("T50.8X5A", ["T50.8X5A", "T50.8X5", "T50.8X", "T50.8", "T50"]),
    ("S72.001A", ["S72.001A", "S72.001", "S72.00", "S72.0", "S72"]), ("M80.051A", ["M80.051A", "M80.051", "M80.05", "M80.0", "M80"]),
    ("T81.40XA", ["T81.40XA", "T81.40", "T81.4", "T81"]), ("X58XXXA", ["X58.XXXA", "X58"])])
def test_a_code_is_held_by_itself_and_by_its_real_parents(classification, written, holding):
    assert classification.holding(written) == holding


@pytest.mark.parametrize("written", ["R22.7", "R227", "R22.01", "R22.0A", "R2", "", "ZZZ", "R22.0.0", "S72.001Z", "S72.0XXA", "T81.40A", "É22.0", "R22.0\n\x00"])
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
    assert terms(knowledge, ICD, "R220") == terms(knowledge, ICD, "R22.0") == {("SoftTissueMass", "fact", "", "Head")}
    assert terms(knowledge, ICD, "r2241") == {("SoftTissueMass", "fact", "right", "LowerExtremity")}
    assert terms(knowledge, ICD, "R22.7") == set(), "no code of the classification, so not R22 of any site"
    assert terms(knowledge, ICD, "M71211") == set() and terms(knowledge, ICD, "N17.2") == terms(knowledge, ICD, "N17"), "cut at a real parent, and nowhere else"


def test_every_code_that_a_row_takes_from_icd_is_one(knowledge, classification):
    mapped = [m.code for s in knowledge.codes.subjects() for m in knowledge.codes.of(s) if m.prefix == CLASSIFIED]
    assert mapped and [code for code in mapped if classification.holding(code)[:1] != [code]] == []


@pytest.mark.parametrize("file, before, after, column", [
    ("mappings/icd-10-cm.sssom.tsv", "ICD10CM:R22.0", "ICD10CM:R22.7", "object_id"), ("mappings/icd-10-cm.sssom.tsv", "ICD10CM:R22.0", "ICD10CM:R220", "object_id"),
    ("mappings/snomed-ct.sssom.tsv", "\tfact\n", "\tfakt\n", "intake"), ("mappings/loinc.sssom.tsv", "\tLOINC:", "\tLOINK:", "object_id"),
    ("tables/icd-10-cm.csv", "\nR22,,", "\nR22;,", "category"), ("tables/icd-10-cm.csv", "\nR22,,", "\nR22.0,,", "category")])
def test_a_row_that_cannot_be_meant_is_refused_with_its_place(copy, file, before, after, column):
    Codes(copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert before in text
    (copy / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(TableError) as refused:
        Codes(copy)
    assert refused.value.column == column and refused.value.path.endswith(file) and refused.value.line


def test_an_ontology_without_the_tables_has_exact_codes_and_nothing_outside(copy):
    (copy / "tables" / "icd-10-cm.csv").unlink()
    (copy / "tables" / "reasons.csv").unlink()
    codes = Codes(copy)
    assert codes.find(ICD, "R22.0") and not codes.find(ICD, "R22.01") and not codes.find(ICD, "R22.7")
    assert not codes.outside(ICD, "I10") and not codes.outside(SNOMED, "25064002")


@pytest.mark.parametrize("code", ["R51.9", "R519", "i10", "E11.9", "M54.50", "Z33.1", "N18.6", "S72.001A", "C64.9", "N63.0"])
def test_a_code_of_a_category_that_no_topic_maps_lies_outside(knowledge, code):
    assert knowledge.codes.outside(ICD, code)


@pytest.mark.parametrize("code", ["R22.0", "R22.7", "M79.9", "M79.671", "R19.00", "R19.7", "L02.91", "R93.1", "R69", "Z09", "M25.99", "I1", "", "D18.02", "C49.9"])
def test_a_code_that_may_be_about_a_topic_or_is_none_does_not_lie_outside(knowledge, code):
    assert not knowledge.codes.outside(ICD, code)


def test_known_problems_of_snomed_lie_outside(knowledge):
    for code in ("25064002", "38341003", "73211009", "386661006", "161891005", "77386006"):
        assert knowledge.codes.outside(SNOMED, code), code
    for system, code in ((SNOMED, "1"), (SNOMED, "I10"), (ICD, "25064002"), ("http://example.org/local", "I10"), (LOINC, "24703-1"), (ICD, "I10" * 200)):
        assert not knowledge.codes.outside(system, code), (system, code)


def test_no_code_that_means_a_finding_lies_outside(knowledge):
    topical = [m for s in knowledge.codes.topical for m in knowledge.codes.of(s)]
    systems = knowledge.codes.systems
    assert len(topical) > 300
    assert [(m.prefix, m.code) for m in topical for system in systems[m.prefix].systems if knowledge.codes.outside(system, m.code)] == []


@pytest.mark.parametrize("code", SANDBOX)
def test_no_mass_in_the_list_of_reasons_of_the_sandbox_lies_outside(knowledge, code):
    assert not knowledge.codes.outside(SNOMED, code)


def test_listed_reasons_are_sound():
    rows = list(table(ONTOLOGY / "tables" / "reasons.csv", ","))
    assert 1000 < len(rows) < 5000 and len({r["code"] for r in rows}) == len(rows)
    assert [r for r in rows if not codes_form.snomed(r["code"]) or r["license"] != "CC-BY-4.0 (GPS subset)" or not r["source"]] == []
    assert [r for r in rows if not r["display"].endswith(("(disorder)", "(finding)"))] == []
    may_be_mass = re.compile(r"\bmass|lump|swell|tumou?r|neoplas|cyst\b|lesion|nodul|soft tissue|sarcoma|lipoma|symptom|unspecified", re.I)
    assert [r["display"] for r in rows if may_be_mass.search(r["display"])] == []


def test_a_listed_reason_that_a_topic_comes_to_map_lies_outside_no_more(copy):
    path = copy / "mappings" / "snomed-ct.sssom.tsv"
    text = path.read_text(encoding="utf-8")
    assert Codes(copy).outside(SNOMED, "25064002")
    path.write_text(text.replace("SCTID:309527000", "SCTID:25064002", 1), encoding="utf-8")
    assert not Codes(copy).outside(SNOMED, "25064002")


@pytest.mark.parametrize("system, code, read", [
    (SNOMED, "309527000", ("SoftTissueMass", "fact", "", "LowerExtremity")), (SNOMED, "300863000", ("SoftTissueMass", "fact", "", "Axilla")),
    (SNOMED, "432525007", ("SoftTissueMass", "fact", "", "Head")), (SNOMED, "300848003", ("SoftTissueMass", "question", "", "")),
    (ICD, "M79.89", ("SoftTissueMass", "question", "", "")), (ICD, "D49.2", ("SoftTissueMass", "question", "", "")),
    (ICD, "R93.89", ("AbnormalResult", "question", "", "")), (SNOMED, "427285006", ("AtypicalLipomatousTumor", "fact", "", "")),
    (SNOMED, "6757004", ("Knee", "fact", "right", "")), (SNOMED, "61396006", ("Thigh", "fact", "left", "")), (SNOMED, "7569003", ("Hand", "fact", "", "")),
    (SNOMED, "69536005", ("Head", "fact", "", "")), (SNOMED, "76752008", ("Breast", "fact", "", "")), (SNOMED, "10200004", ("AbdominalOrgan", "fact", "", "")),
    (SNOMED, "86273004", ("Biopsy", "fact", "", "")), (SNOMED, "70871006", ("Biopsy", "fact", "", "")), (SNOMED, "277667006", ("ImageGuidedBiopsy", "fact", "", "")),
    (SECTIONS, "CUS", ("Ultrasonography", "fact", "", "")), (SECTIONS, "NMS", ("NuclearMedicine", "fact", "", "")), (SECTIONS, "RAD", ("ImagingOfUnknownKind", "fact", "", "")),
    (SECTIONS, "LAB", ("LaboratoryCategory", "fact", "", "")), (SECTIONS, "PT", ("OtherServiceCategory", "fact", "", "")),
    (DICOM, "PT", ("PositronEmissionTomography", "fact", "", "")), (DICOM, "US", ("Ultrasonography", "fact", "", "")), (DICOM, "MR", ("MagneticResonanceImaging", "fact", "", "")),
    (OBSERVED, "imaging", ("ImagingOfUnknownKind", "fact", "", "")), (OBSERVED, "laboratory", ("LaboratoryCategory", "fact", "", "")),
    (SNOMED, "363679005", ("ImagingOfUnknownKind", "fact", "", "")), (SNOMED, "108252007", ("LaboratoryCategory", "fact", "", "")),
    (LOINC, "18748-4", ("ImagingOfUnknownKind", "fact", "", "")), (LOINC, "LP29684-5", ("ImagingOfUnknownKind", "fact", "", "")),
    (LOINC, "LP29693-6", ("LaboratoryCategory", "fact", "", "")), (LOINC, "44136-0", ("Pet", "fact", "", ""))])
def test_what_a_code_is_read_as(knowledge, system, code, read):
    assert terms(knowledge, system, code) == {read}


@pytest.mark.parametrize("system, code, term", [(ICD, "D18.03", "Hemangioma"), (ICD, "C49A2", "MalignantSoftTissueNeoplasm"), (ICD, "D17.71", "Lipoma"), (SNOMED, "93469006", "Hemangioma"), (LOINC, "24590-2", "Mri")])
def test_what_lies_in_an_organ_is_known_and_not_relied_upon(knowledge, system, code, term):
    near = [m for m in knowledge.codes.near(system, code) if m.subject == ia(term)]
    assert len(near) == 1 and knowledge.is_a(near[0].site, ia("SiteOutsideTopic")) and not knowledge.codes.find(system, code)


def test_every_modality_has_a_procedure_of_which_no_more_is_known(knowledge):
    facts, regions = knowledge.facts, knowledge.members("ia:Modality")
    assert len(regions) >= 11
    for modality in regions:
        procedure = facts.value(modality, ia("unstatedProcedure"))
        assert procedure and knowledge.is_a(procedure, ia("GenericProcedure")), modality
        assert facts.value(procedure, ia("hasModality")) == modality or modality == ia("PetCt"), modality
        assert facts.value(procedure, ia("studyKind")), modality
        if facts.value(modality, ia("usesAgent")):
            assert facts.holds(procedure, ia("hasContrast"), ia("ContrastNotStated")), "where contrast may be given, it is left open"


def test_ultrasound_of_unstated_contrast_falls_together_with_the_plain_one(knowledge):
    kinds = {name: knowledge.facts.value(ia(name), ia("studyKind")) for name in ("Ultrasound", "UltrasoundContrastNotStated", "UltrasoundWithIvContrast")}
    assert kinds["Ultrasound"] == kinds["UltrasoundContrastNotStated"] != kinds["UltrasoundWithIvContrast"]


def test_a_biopsy_takes_tissue_whether_or_not_it_says_how_it_is_guided(knowledge):
    for name in ("Biopsy", "ImageGuidedBiopsy", "ImageGuidedFineNeedleAspiration"):
        assert knowledge.is_a(ia(name), ia("TissueSamplingProcedure")), name
    assert not knowledge.is_a(ia("Ultrasound"), ia("TissueSamplingProcedure"))
    assert not knowledge.facts.subjects(ia("ofProcedureRated"), ia("Biopsy")), "no source rates it"


def test_a_site_outside_the_topic_lies_in_a_region_and_is_not_covered(knowledge):
    outside = knowledge.members("ia:SiteOutsideTopic")
    assert {ia(n) for n in ("Head", "Breast", "Face", "Scalp", "Skull", "Brain", "Mouth", "AbdominalOrgan", "ThoracicOrgan", "PelvicOrgan")} <= outside
    assert outside.isdisjoint(knowledge.members("ia:CoveredSite")) and ia("Neck") in knowledge.members("ia:CoveredSite")
    assert ia("HeadAndNeck") not in outside | knowledge.members("ia:CoveredSite"), "head is outside, neck is not"
    regions = Regions(knowledge)
    assert regions.inside(ia("Breast"), ia("Chest")) and regions.inside(ia("Brain"), ia("Head")) and not regions.inside(ia("Breast"), ia("Abdomen"))


@pytest.mark.parametrize("path", sorted((ONTOLOGY / "mappings").glob("*.sssom.tsv")), ids=lambda p: p.name)
def test_every_row_says_what_it_means_whose_it_is_and_where_it_was_read(knowledge, path):
    for row in table(path, "\t"):
        term = ia(row["subject_id"].removeprefix("ia:"))
        assert row["subject_label"] == knowledge.label(term) and knowledge.facts.objects(term, RDF_TYPE), row["object_id"]
        assert row["object_label"] and row["license"] and row["evidence"] and row["object_source"], row["object_id"]
        assert row["laterality"] in ("", "left", "right", "bilateral") and row["intake"] in ("", "fact", "question"), row["object_id"]
