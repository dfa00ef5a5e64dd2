"""The topic Paper Cuts, made up to test what tables of topics are compiled to."""

from pathlib import Path

from one_topic import of_masses

from reasoner.names import DOCUMENTS

STEM = "paper-cuts"
HEAD = f"""
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{DOCUMENTS}topics/{STEM}> a owl:Ontology ; dcterms:title "Paper cuts"@en .
"""
CLASSES = {  # a class of the topic, and the one above it
    "PaperCut": "ClinicalFinding",
    "Bleeding": "Sign",
    "Swelling": "Sign",
    "Folding": "InjuryMechanism",
    "EarlierPaperCut": "PastEvent",
    "PaperAllergy": "PatientCondition",
    "PaperSeen": "Result",
}
BASES = ("Sign", "Denial", "InjuryMechanism", "PastEvent", "Purpose", "Course", "Symptom")
PROPERTIES = (
    "hasSign lacksSign denies hasMechanism lacksMechanism hasHistory lacksHistory hasPurpose "
    "hasCourse withinRegion lacksCondition"
).split()
MEMBERS = {"Age": "Observable", "TimeSinceOnset": "Observable", "PaperWidth": "Observable"} | {
    "FollowUp": "Purpose",
    "AcuteCourse": "Course",
}
UNITS = {"Age": "a", "TimeSinceOnset": "d", "PaperWidth": "mm"}
TOPIC = (
    HEAD
    + "".join(f"ia:{name} a owl:Class .\n" for name in BASES)
    + "".join(f"ia:{name} a owl:ObjectProperty .\n" for name in PROPERTIES)
    + "".join(
        f'ia:{name} a owl:Class ; rdfs:label "{name.lower()}"@en ; rdfs:subClassOf ia:{above} .\n'
        for name, above in CLASSES.items()
    )
    + "".join(f"ia:{name} a owl:NamedIndividual , ia:{cls} .\n" for name, cls in MEMBERS.items())
    + "".join(f'ia:{name} ia:unit "{unit}" .\n' for name, unit in UNITS.items())
    + """
ia:PaperCuts a owl:NamedIndividual , ia:Topic ; rdfs:label "Paper Cuts"@en .
ia:PaperCuts2026 a owl:NamedIndividual , ia:Edition ; rdfs:label "Paper Cuts 2026"@en ;
    dcterms:source ia:OriginatingArticle ; dcterms:issued "2026" ; ia:isCurrent true ;
    ia:ofTopic ia:PaperCuts .
"""
)
CRITERIA_HEADER = (
    "criterion,role,label,definition,met_when,refuted_when,question,assumption,ask_order,source,"
    "asked_only,note"
)
SCENARIOS_HEADER = (
    "scenario,edition,variant,key,phase,label,definition,criteria,unless,regions,source,note"
)
CRITERIA = {  # rows by criterion
    "PaperCutPresentation": ("anchor,paper cut present,,Finds(PaperCut),,Is it a paper cut?,,1,,,"),
    "CutSigns": "criterion,,,Signs(Bleeding) | Signs(Swelling),,,,2,,,",
    "NoCutSigns": (
        "criterion,nothing to see,,AllOf(Denies(Bleeding); Denies(Swelling)),CutSigns,,,3,,,"
    ),
    "SchoolAge": 'criterion,,,"Age(5, 18)",,,,4,,,',
    "Folded": "criterion,,,Mechanism(Folding),,,,5,,,",
    "PaperStillInside": "criterion,paper still inside,,,,Does a clinician think so?,,6,,yes,",
    "CutImaged": (
        "criterion,cut imaged,,hasStudy some ImagingStudy,none: made up,,no imaging is recorded,,,,"
    ),
    "CutLongAgo": "criterion,,,DurationAtLeast(3 weeks),,,the cut is recent,,,,",
}
SCENARIOS = {  # rows by scenario
    "PaperCutFirst": (
        "PaperCuts2026,1,pc-1,InitialImagingPhase,paper cut,A presentation with a paper cut.,"
        "PaperCutPresentation,CutImaged:4:PaperCutNext CutLongAgo:1:,Hand,,"
    ),
    "PaperCutNext": (
        "PaperCuts2026,2,pc-2,NextStudyPhase,paper cut with signs,A presentation with signs.,"
        "PaperCutPresentation CutSigns,,,,"
    ),
}


def table(header: str, rows: dict[str, str]) -> str:
    """A table of rows by their first cell."""
    return "\n".join([header, *(f"{name},{rest}" for name, rest in rows.items()), ""])


def write(ontology: Path, criteria=None, scenarios=None, stem: str = STEM) -> Path:
    """Writes the tables of the topic; its folder."""
    folder = ontology / "topics" / stem
    folder.mkdir(exist_ok=True)
    (folder / "criteria.csv").write_text(table(CRITERIA_HEADER, criteria or CRITERIA))
    if stem == STEM:
        (folder / "scenarios.csv").write_text(table(SCENARIOS_HEADER, scenarios or SCENARIOS))
    return folder


def copied(folder: Path, criteria=None, scenarios=None) -> Path:
    """A copy of the ontology folder with the topic, which is not built yet."""
    ontology = of_masses(folder / "ontology")
    path = write(ontology, criteria, scenarios)
    (path / "topic.ttl").write_text(TOPIC)
    rows = "".join(
        f'  <uri name="{DOCUMENTS}topics/{STEM}{name}" uri="topics/{STEM}/{file}"/>\n'
        for name, file in (("", "topic.ttl"), ("/generated", "generated.ttl"))
    )
    catalog = ontology / "catalog-v001.xml"
    catalog.write_text(catalog.read_text().replace("</catalog>", f"{rows}</catalog>"))
    return ontology
