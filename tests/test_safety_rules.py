"""Each safety rule speaks for whom it is about and for nobody else; each kind of device, and each
state, withholds, asks and sets aside what it should."""

import pytest
from patients import below
from tables import classes_below, unequal
from test_safety import GRAPH, D, rows

from reasoner.intake import read
from reasoner.names import CASE, RDF_TYPE, SOURCE, ia

MRI = ia("MriContraindicated")
DEVICE, STATE = "ia:hasDevice [ a ia:%s ]", "ia:hasCondition [ a ia:%s ]"
LABELED = "ia:hasDevice [ a ia:%s ; ia:hasMrLabel ia:%s ]"
GRADED = "ia:hasCondition [ a ia:%s ; ia:hasSeverity ia:%s ]"
TWO = "ia:hasCondition [ a ia:%s ] , [ a ia:%s ]"
IODINATED, GADOLINIUM = "AllergyToIodinatedContrast", "AllergyToGadoliniumContrast"
FEAR = "Claustrophobia"
REACHED = {  # what a patient graph says so that a rule speaks
    "AnuricDialysisIodinatedRule": TWO % ("DialysisDependence", "Anuria"),
    "BleedingRiskRule": STATE % "AnticoagulantUse",
    "BreastFeedingGadoliniumRule": STATE % "Lactation",
    "BreastFeedingIodinatedRule": STATE % "Lactation",
    "CardiacLeadRule": DEVICE % "CardiacLead",
    "CerebrospinalFluidShuntRule": DEVICE % "CerebrospinalFluidShunt",
    "ClaustrophobiaRule": GRADED % (FEAR, "Mild"),
    "ConditionalDeviceRule": LABELED % ("CardiacPacemaker", "MrConditional"),
    "DeviceWithoutRuleRule": DEVICE % "VentricularAssistDevice",
    "DialysisGadoliniumRule": STATE % "DialysisDependence",
    "DialysisIodinatedRule": STATE % "DialysisDependence",
    "GadoliniumKidneyRule": STATE % "EndStageRenalDisease",
    "GadoliniumReactionRule": GRADED % (GADOLINIUM, "Mild"),
    "GlucoseSensorRule": DEVICE % "GlucoseSensor",
    "InfusionPumpRule": DEVICE % "InfusionPump",
    "InsulinPumpRule": DEVICE % "InsulinPump",
    "IodinatedKidneyRule": STATE % "AcuteKidneyInjury",
    "IodinatedReactionRule": GRADED % (IODINATED, "Mild"),
    "LoopRecorderRule": DEVICE % "ImplantableLoopRecorder",
    "MetforminKidneyRule": TWO % ("MetforminUse", "ChronicKidneyDiseaseStage4"),
    "MetforminRule": STATE % "MetforminUse",
    "ModerateGadoliniumReactionRule": GRADED % (GADOLINIUM, "Moderate"),
    "ModerateIodinatedReactionRule": GRADED % (IODINATED, "Moderate"),
    "MriContraindicatedRule": DEVICE % "CardiacResynchronizationDevice",
    "NephrogenicSystemicFibrosisRule": STATE % "NephrogenicSystemicFibrosis",
    "PregnancyGadoliniumRule": STATE % "Pregnancy",
    "PregnancyRadiationRule": STATE % "Pregnancy",
    "RetainedMetalRule": STATE % "RetainedMetal",
    "SevereClaustrophobiaRule": GRADED % (FEAR, "Severe"),
    "SevereGadoliniumReactionRule": GRADED % (GADOLINIUM, "Severe"),
    "SevereIodinatedReactionRule": GRADED % (IODINATED, "Severe"),
    "TissueExpanderRule": DEVICE % "TissueExpander",
}
SILENT = [  # a rule about two facts says nothing of one; a rule for one grade nothing of another
    ("AnuricDialysisIodinatedRule", STATE % "DialysisDependence"),
    ("AnuricDialysisIodinatedRule", STATE % "Anuria"),
    ("BleedingRiskRule", STATE % "Pregnancy"),
    ("MetforminKidneyRule", STATE % "MetforminUse"),
    ("MetforminKidneyRule", STATE % "ChronicKidneyDiseaseStage4"),
    ("ModerateIodinatedReactionRule", GRADED % (IODINATED, "Mild")),
    ("SevereClaustrophobiaRule", GRADED % (FEAR, "Mild")),
    ("SevereGadoliniumReactionRule", GRADED % (GADOLINIUM, "Moderate")),
    ("TissueExpanderRule", LABELED % ("TissueExpander", "MrSafe")),
]
NAMED = {
    "AneurysmClip",
    "CardiacPacemaker",
    "CardiacPulseGenerator",
    "CochlearImplant",
    "CardiacResynchronizationDevice",
    "ImplantableDefibrillator",
    "Neurostimulator",
}


def patient_graph(said):
    """A mass that radiograph and ultrasound did not settle, with more about the patient."""
    return ((GRAPH % "88.0") + (f"c:p {said} .\n" if said else "")).encode()


def before_imaging(graph):
    """The same patient before any study: a deep mass, so that MRI is rated whatever is known."""
    deep = b"c:f a ia:SoftTissueMass ; ia:hasDepth ia:DeepToFascia"
    unimaged = graph.replace(b" ; ia:hasStudy c:r , c:u", b"")
    return unimaged.replace(b"c:f a ia:SoftTissueMass", deep)


def speaks(reasoner, rule, said):
    """Whether a safety rule speaks beside a study, before or after initial imaging."""
    facts, late = reasoner.knowledge.facts, patient_graph(said)
    hazard = "ia:" + facts.value(ia(rule), ia("hasHazard")).removeprefix(ia(""))
    advice = facts.value(ia(rule), ia("advice"))
    answers = [reasoner.ask(graph) for graph in (late, before_imaging(late))]
    flags = [f for answer in answers for r in rows(answer) for f in r["safety"]]
    return (hazard, advice) in {(f["hazard"], f["advice"]) for f in flags}


@pytest.mark.parametrize("rule", sorted(REACHED))
def test_a_safety_rule_speaks_for_whom_it_is_about(reasoner, rule):
    assert speaks(reasoner, rule, REACHED[rule]) and not speaks(reasoner, rule, "")


@pytest.mark.parametrize("rule, said", SILENT)
def test_a_safety_rule_is_silent_for_others(reasoner, rule, said):
    assert not speaks(reasoner, rule, said)


def test_every_rule_is_reached_and_one_without_a_source_says_so(reasoner):
    facts = reasoner.knowledge.facts
    rules = {r.removeprefix(ia("")) for r in facts.subjects(RDF_TYPE, ia("SafetyRule"))}
    assert rules == set(REACHED)
    for rule in rules:
        unread = ia("NoRuleRead") in set(facts.objects(ia(rule), SOURCE))
        assert unread == ("o rule on" in facts.value(ia(rule), ia("advice"))), rule


def test_severe_claustrophobia_names_what_to_try_where_no_mri_is_listed(reasoner):
    def tried(answer):
        return [n for n in answer["notes"] if "wide-bore" in n["message"]]

    severe = reasoner.ask(patient_graph(REACHED["SevereClaustrophobiaRule"]))
    scenarios = severe["presentations"][0]["scenarios"]
    assert D in {s["id"] for s in scenarios if s["status"] == "applies"}
    assert [n["severity"] for n in tried(severe)] == ["warning"]
    assert not tried(reasoner.ask(patient_graph(REACHED["ClaustrophobiaRule"])))


def classes_of(reasoner, said):
    """The classes that the presentation of a patient graph is in."""
    statements = read(reasoner.knowledge, patient_graph(said)).statements
    terms = ((s, p, o) for s, p, o in statements if isinstance(o, str))
    return reasoner.knowledge.definitions.realize(terms).classes(CASE + "x")


def said_of(reasoner, said, annotation):
    """What the classes of a patient's presentation are annotated with."""
    facts = reasoner.knowledge.facts
    return {o for c in classes_of(reasoner, said) for o in facts.objects(c, ia(annotation))}


def names_below(reasoner, cls):
    """The names of the classes below a class, itself left out."""
    return sorted({c.removeprefix(ia("")) for c in below(reasoner.knowledge, cls)} - {cls})


def differing(cls, names):
    """The classes that are below a class in the graph or in the files, and not in both."""
    return unequal(map(ia, names), classes_below(cls))


@pytest.mark.parametrize("cls", ["DeviceToClear", "PassiveDevice"])
def test_a_class_that_is_not_read_is_seen(reasoner, cls):
    first, *others = names_below(reasoner, cls)
    assert differing(cls, others) == [ia(first)]
    with pytest.raises(ValueError):
        differing("NoSuchClass", [])


def test_each_device_to_clear_withholds_and_asks_and_sets_nothing_aside(reasoner):
    kinds = names_below(reasoner, "DeviceToClear")
    assert differing("DeviceToClear", kinds) == []
    for name in [*kinds, "DeviceOfUnknownKind", "UnrecognizedDevice"]:
        said = DEVICE % name
        assert said_of(reasoner, said, "withholds") == {MRI}, name
        assert said_of(reasoner, said, "raisesQuestion") == {MRI}, name
        assert MRI not in classes_of(reasoner, said), name
        assert not said_of(reasoner, LABELED % (name, "MrSafe"), "withholds"), name


@pytest.mark.parametrize(
    "said",
    [STATE % "RetainedMetal", STATE % "PossibleMriContraindication", DEVICE % "InactiveDevice"],
)
def test_metal_and_an_inactive_device_withhold_too(reasoner, said):
    assert said_of(reasoner, said, "withholds") == {MRI}
    assert not said_of(reasoner, STATE % "PossibleInabilityToRemainStill", "withholds")


def test_each_device_of_the_named_kinds_is_mr_unsafe_until_labeled(reasoner):
    assert set(names_below(reasoner, "MrRelevantDevice")) == NAMED
    for name in NAMED:
        assert MRI in classes_of(reasoner, DEVICE % name)
        assert MRI not in classes_of(reasoner, LABELED % (name, "MrConditional"))


def test_a_passive_device_raises_nothing(reasoner):
    names = names_below(reasoner, "PassiveDevice")
    assert differing("PassiveDevice", names) == []
    for name in [*names, "NoDeviceStated"]:
        assert classes_of(reasoner, DEVICE % name) == classes_of(reasoner, ""), name
    assert classes_of(reasoner, DEVICE % "InsulinPump") != classes_of(reasoner, "")


def test_not_pregnant_beside_a_pregnancy_clears_none(reasoner):
    refuting = reasoner.knowledge.facts.value(ia("PregnancyPresent"), ia("refutedBy"))
    assert refuting == ia("NotPregnantRecorded")
    both = classes_of(reasoner, TWO % ("NotPregnant", "Pregnancy"))
    assert {refuting, ia("PregnancyPresent")} <= both
    assert ia("PregnancyPresent") not in classes_of(reasoner, STATE % "NotPregnant")
