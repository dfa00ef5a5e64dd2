"""Tables of topics are compiled to definitions; each bad cell is refused with its place."""

import paper_cuts
import pytest

from reasoner.curation.build import GENERATED, build
from reasoner.curation.definitions.patterns import filled, read_patterns
from reasoner.curation.freshness import unbuilt
from reasoner.diff.terms import descriptions
from reasoner.errors import InputError, TableError
from reasoner.graph.knowledge import load
from reasoner.graph.turtle.format import format_file
from reasoner.names import LABEL, OWL, RDF_TYPE, RDFS, home, ia

EQUIVALENT, BELOW = OWL + "equivalentClass", RDFS + "subClassOf"


@pytest.fixture(scope="module")
def ontology(tmp_path_factory):
    """An ontology folder with the made-up topic, built."""
    folder = paper_cuts.copied(tmp_path_factory.mktemp("compiled"))
    build(folder)
    return folder


@pytest.fixture(scope="module")
def terms(ontology):
    """What the graph states of each term."""
    return descriptions(ontology)


def realized(ontology, *statements):
    """The classes of a presentation of which some statements are made, as local names."""
    knowledge = load(ontology)
    facts = [tuple(map(expanded, s.split())) for s in ("p a Presentation", *statements)]
    types = knowledge.definitions.realize(facts).types["urn:p"]
    return {t.rsplit("/", 1)[-1] for t in types if not t.startswith("_:")}


def expanded(word: str) -> str:
    """The IRI of a word of a test: `a`, a lower-case individual, or a term of the graph."""
    if word == "a":
        return RDF_TYPE
    return f"urn:{word}" if len(word) < 3 else ia(word)


def test_a_pattern_becomes_a_definition_with_its_words(terms):
    cut = terms[ia("PaperCutPresentation")]
    assert cut[EQUIVALENT] == ["(ia:Presentation and ia:hasFinding some ia:PaperCut)"]
    assert cut[ia("refutedBy")] == ["ia:NoPaperCutPresentation"]
    assert cut[ia("question")] == ["Is it a paper cut?"]
    assert cut["http://purl.org/dc/terms/source"] == ["ia:OriginatingArticle"]
    assert cut[ia("fromTable")] == ["ontology/topics/paper-cuts/criteria.csv"]
    assert cut[ia("fromRow")] == ["PaperCutPresentation"]
    assert {"ia:Anchor", "ia:Criterion"} <= set(cut[RDF_TYPE])
    assert terms[ia("Folded")][LABEL] == ["folding as mechanism of injury"]
    assert terms[ia("Folded")][ia("question")] == [
        "Did the injury come about in this way: folding?"
    ]


def test_alternatives_become_classes_below_a_named_criterion(ontology, terms):
    ways = ["ia:CutSigns_when_Bleeding", "ia:CutSigns_when_Swelling"]
    assert [curie for curie in ways if terms[ia(curie[3:])][BELOW] == ["ia:CutSigns"]] == ways
    assert EQUIVALENT not in terms[ia("CutSigns")]
    assert "CutSigns" in realized(ontology, "p hasSign s", "s a Swelling")
    assert "CutSigns" not in realized(ontology, "p hasSign s", "s a PaperCut")


def test_any_of_is_refuted_when_all_are(ontology, terms):
    assert terms[ia("NoCutSigns")][ia("refutedBy")] == ["ia:CutSigns"]
    denied = ("p lacksSign d", "d a Denial", "d denies Bleeding")
    assert "NoCutSigns" not in realized(ontology, *denied)
    both = (*denied, "p lacksSign e", "e a Denial", "e denies Swelling")
    assert "NoCutSigns" in realized(ontology, *both)


@pytest.fixture
def build_with(tmp_path):
    """A function that builds the topic with some rows changed."""

    def made(scenarios=None, **rows):
        criteria = paper_cuts.CRITERIA | rows
        ontology = paper_cuts.copied(
            tmp_path, {k: v for k, v in criteria.items() if v}, scenarios or paper_cuts.SCENARIOS
        )
        build(ontology)
        return ontology

    return made


def test_all_of_is_refuted_when_any_is(build_with):
    ontology = build_with(
        Both="criterion,both,,AllOf(Signs(Bleeding); Signs(Swelling); Finds(PaperCut)),,,,,,,"
    )
    denied = ("p lacksSign d", "d a Denial", "d denies Swelling")
    assert "NoBoth" in realized(ontology, *denied)
    assert "NoBoth" not in realized(ontology, "p hasSign s", "s a Swelling")
    assert "Both" in realized(
        ontology, "p hasSign s", "s a Swelling", "s a Bleeding", "p hasFinding f", "f a PaperCut"
    )


def test_any_of_in_all_of_becomes_alternatives(build_with):
    ontology = build_with(
        Mixed="helper,mixed,,AllOf(Finds(PaperCut); AnyOf(Signs(Bleeding); Is(Folded))),,,,,,,"
    )
    cut = ("p hasFinding f", "f a PaperCut")
    assert "Mixed" in realized(ontology, *cut, "p hasMechanism m", "m a Folding")
    assert "Mixed" in realized(ontology, *cut, "p hasSign s", "s a Bleeding")
    assert "Mixed" not in realized(ontology, *cut)
    assert "refutedBy" not in str(descriptions(ontology)[ia("Mixed")])


def test_what_cannot_be_refuted_has_a_class_without_definition(terms):
    assert EQUIVALENT not in terms[ia("NoPaperCutPresentation")]
    assert terms[ia("NoPaperCutPresentation")][BELOW] == ["ia:Presentation"]


def test_an_alternative_that_is_a_name_is_below_the_criterion(build_with):
    ontology = build_with(
        Seen="criterion,seen,,Is(Folded) | Signs(Bleeding),,,,,,,",
        Named="helper,named,,Folded,,,,,,,",
    )
    assert set(descriptions(ontology)[ia("Folded")][BELOW]) == {"ia:Seen", "ia:Named"}
    assert {"Seen", "Named", "Folded"} <= realized(ontology, "p hasMechanism m", "m a Folding")


def test_numbers_become_bands_and_the_bands_beside_refute(ontology, terms):
    band = terms[ia("AgeFrom5Below18Band")]
    assert band[ia("bandClass")] == ["ia:AgeFrom5Below18"] and band[ia("ofObservable")] == [
        "ia:Age"
    ]
    assert (band[ia("atLeast")], band[ia("below")]) == (
        ["5 (xsd:decimal)"],
        ["18 (xsd:decimal)"],
    )
    assert terms[ia("AgeFrom5Below18")][LABEL] == ["age at least 5 and below 18 years"]
    assert terms[ia("SchoolAge")][LABEL] == ["age at least 5 and below 18 years"]
    assert ia("AgeBelow5Band") in terms and ia("AgeFrom18Band") in terms
    aged = ("p hasPatient q", "q hasMeasurement m")
    assert "SchoolAge" in realized(ontology, *aged, "m a AgeFrom5Below18")
    assert "NoSchoolAge" in realized(ontology, *aged, "m a AgeBelow5")
    assert "NoSchoolAge" in realized(ontology, *aged, "m a AgeFrom18")


def test_times_are_converted_to_the_unit_of_the_observable(ontology, terms):
    band = terms[ia("TimeSinceOnsetFrom3WeeksBand")]
    assert band[ia("atLeast")] == ["21 (xsd:decimal)"] and band[ia("unit")] == ["d"]
    recent = ("p hasMeasurement m", "m a TimeSinceOnsetBelow3Weeks")
    assert "NoCutLongAgo" in realized(ontology, *recent)


def test_a_band_of_the_graph_is_taken_where_its_bounds_are_the_same(build_with):
    ontology = build_with(
        BadKidney='criterion,bad kidney,,"Measures(EstimatedGfr, 0, 30)",,,,,,,',
        Wide='criterion,wide,,"Measures(PaperWidth, 2.5)",,,,,,,',
    )
    known = descriptions(ontology)
    assert "ia:EgfrBelow30" in known[ia("BadKidney")][EQUIVALENT][0]
    assert known[ia("PaperWidthFrom2Point5Band")][ia("unit")] == ["mm"]


@pytest.mark.parametrize(
    ("holder", "words"),
    {
        "patient": "ia:hasPatient some ia:hasMeasurement some ia:PaperWidthFrom2",
        "presentation": "(ia:Presentation and ia:hasMeasurement some ia:PaperWidthFrom2)",
        "finding": "ia:hasFinding some ia:hasMeasurement some ia:PaperWidthFrom2",
    }.items(),
)
def test_the_holder_of_an_observable_chooses_the_line(tmp_path, holder, words):
    rows = paper_cuts.CRITERIA | {"Wide": 'helper,wide,,"Measures(PaperWidth, 2)",,,,,,,'}
    ontology = paper_cuts.copied(tmp_path, rows)
    table = ontology / "tables" / "observables.csv"
    table.write_text(f"observable,unit,holder\nia:PaperWidth,mm,{holder}\n")
    build(ontology)
    assert words in descriptions(ontology)[ia("Wide")][EQUIVALENT][0]


def test_a_judgment_that_no_record_holds_is_a_sign_that_an_answer_states(ontology, terms):
    assert terms[ia("PaperStillInside")][ia("askedOnly")] == ["true (xsd:boolean)"]
    assert terms[ia("PaperStillInsideJudged")][BELOW] == ["ia:Sign"]
    yes = ("p hasSign s", "s a PaperStillInsideJudged")
    no = ("p lacksSign d", "d a Denial", "d denies PaperStillInsideJudged")
    assert "PaperStillInside" in realized(ontology, *yes)
    assert "NoPaperStillInside" in realized(ontology, *no)


def test_a_criterion_that_nothing_refutes_says_why(terms):
    imaged = terms[ia("CutImaged")]
    assert ia("refutedBy") not in imaged
    assert imaged[ia("exemptFrom")] == ["criterion-without-refutation"]
    assert imaged["http://www.w3.org/2004/02/skos/core#editorialNote"] == ["made up"]


def test_a_scenario_is_the_intersection_of_its_criteria(terms):
    after = terms[ia("PaperCutNext")]
    assert after[EQUIVALENT] == ["(ia:CutSigns and ia:PaperCutPresentation)"]
    assert after[BELOW] == ["ia:PaperCutFirst"]
    assert after["http://purl.org/dc/terms/identifier"] == ["variant 2"]
    assert after[ia("joinKey")] == ["pc-2"] and after[ia("inPhase")] == ["ia:NextStudyPhase"]
    assert terms[ia("PaperCutFirst")][ia("aboutRegion")] == ["ia:Hand"]


def test_an_anchor_alone_is_a_definition(ontology):
    knowledge = load(ontology)
    facts = knowledge.facts
    assert facts.objects(ia("PaperCutFirst"), ia("hasCriterion")) == [ia("PaperCutPresentation")]
    assert {"PaperCutFirst"} <= realized(ontology, "p hasFinding f", "f a PaperCut")
    assert "PaperCutFirst" not in realized(ontology, "p hasSign s", "s a Swelling")


def test_exclusions_have_precedence_and_a_destination(terms):
    way = terms[ia("PaperCutFirst_unless_CutImaged")]
    assert way[ia("excludes")] == ["ia:CutImaged"] and way[ia("ofScenario")] == ["ia:PaperCutFirst"]
    assert way[ia("leadsTo")] == ["ia:PaperCutNext"] and way[ia("precedence")] == [
        "4 (xsd:integer)"
    ]
    assert ia("leadsTo") not in terms[ia("PaperCutFirst_unless_CutLongAgo")]


def test_words_of_the_document_stand(build_with, tmp_path):
    ontology = build_with()
    document = ontology / "topics" / paper_cuts.STEM / "topic.ttl"
    document.write_text(f'{document.read_text()}ia:Folded rdfs:label "folded by hand"@en .\n')
    build(ontology)
    assert descriptions(ontology)[ia("Folded")][LABEL] == ["folded by hand"]


def test_a_shared_criterion_serves_other_topics(tmp_path):
    own = {k: v for k, v in paper_cuts.CRITERIA.items() if k != "CutImaged"}
    ontology = paper_cuts.copied(tmp_path, own)
    paper_cuts.write(ontology, {"CutImaged": paper_cuts.CRITERIA["CutImaged"]}, stem="shared-cuts")
    written = build(ontology)
    assert {path.parent.name for path in written} == {"shared-cuts", paper_cuts.STEM}
    assert "ia:CutImaged" in (ontology / "topics" / paper_cuts.STEM / GENERATED).read_text()


def test_what_is_built_is_formatted_and_fresh(ontology):
    path = ontology / "topics" / paper_cuts.STEM / GENERATED
    assert not format_file(path, check=True)
    assert build(ontology) == [] and list(unbuilt(ontology)) == []


def test_a_changed_row_is_not_built(build_with):
    ontology = build_with()
    table = ontology / "topics" / paper_cuts.STEM / "criteria.csv"
    table.write_text(table.read_text().replace("Mechanism(Folding)", "Signs(Bleeding)"))
    (one,) = unbuilt(ontology)
    assert one.path == table and one.line == 6 and "ia:Folded" in one.message


BAD_CRITERIA = {  # a cell that does not fit: row, column, the value that is named, the hint
    "no such pattern": ("Sings(Bleeding)", "met_when", "Sings(Bleeding)", "nearest is Signs"),
    "no such sign": ("Signs(Bleding)", "met_when", "Bleding", "nearest is Bleeding"),
    "a sign of another kind": ("Signs(Hand)", "met_when", "Hand", "class below Sign or Symptom"),
    "no such region": ('"Signs(Bleeding, Hnd)"', "met_when", "Hnd", "nearest is Hand"),
    "too many arguments": ('"Mechanism(Folding, Hand)"', "met_when", "Mechanism", "Mechanism(M)"),
    "too few arguments": ("Signs()", "met_when", "Signs()", "Signs(S[, R])"),
    "a bracket too few": ("Signs(Bleeding", "met_when", "Signs(Bleeding", "brackets"),
    "an empty alternative": ("Signs(Bleeding) | ", "met_when", "", "alternative is empty"),
    "no number": ('"Age(five, )"', "met_when", "Age(five, )", "no quantity in a"),
    "an empty range": ('"Age(5, 5)"', "met_when", "Age(5, 5)", "No value lies in this range"),
    "no bounds": ('"Age(, )"', "met_when", "Age(, )", "no bounds"),
    "no unit of time": ("DurationAtLeast(3)", "met_when", "3", "has no unit"),
    "no such class": ("Is(Foldd)", "met_when", "Foldd", "nearest is Folded"),
    "a Manchester fault": ("hasStdy some Study", "met_when", "hasStdy some", "ia:hasStudy"),
    "nothing that meets it": ("", "met_when", "", "Say what meets it"),
}


def refused(tmp_path, criteria=None, scenarios=None):
    """The error about a bad cell; nothing was written."""
    ontology = paper_cuts.copied(tmp_path, criteria, scenarios)
    with pytest.raises(TableError) as caught:
        build(ontology)
    assert not (ontology / "topics" / paper_cuts.STEM / GENERATED).exists()
    assert [u for u in unbuilt(ontology) if not u.builds]
    return caught.value


@pytest.mark.parametrize("fault", BAD_CRITERIA)
def test_a_bad_expression_is_refused(tmp_path, fault):
    text, column, value, hint = BAD_CRITERIA[fault]
    error = refused(tmp_path, paper_cuts.CRITERIA | {"Bad": f"criterion,bad,,{text},,,,,,,"})
    assert error.path.endswith("paper-cuts/criteria.csv") and error.line == 10
    assert error.column == column and value in error.value and hint in error.hint


BAD_ROWS = {
    "a bad name": ("bad,criterion,bad,,Signs(Bleeding),,,,,,,", "criterion", "UpperCamel"),
    "no such role": ("Bad,critter,bad,,Signs(Bleeding),,,,,,,", "role", "anchor, criterion"),
    "no such source": ("Bad,criterion,bad,,Signs(Bleeding),,,,,Origin,,", "source", "nearest"),
    "no place": ("Bad,criterion,bad,,Signs(Bleeding),,,,soon,,,", "ask_order", "whole number"),
    "no yes": ("Bad,criterion,bad,,Signs(Bleeding),,,,,,no,", "asked_only", "Write yes"),
    "no label": ("Bad,criterion,,,hasSign some Bleeding,,,,,,,", "label", "Give a label"),
    "no reason": ("Bad,criterion,bad,,Signs(Bleeding),none:,,,,,,", "refuted_when", "why nothing"),
    "no refuter": ("Bad,criterion,bad,,Signs(Bleeding),Foldd,,,,,,", "refuted_when", "Folded"),
    "a row twice": ("Folded,criterion,bad,,Signs(Bleeding),,,,,,,", "criterion", "declares it"),
    "a class of a document": ("SiteCovered,criterion,bad,,Signs(Bleeding),,,,,,,", "criterion", ""),
}


@pytest.mark.parametrize("fault", BAD_ROWS)
def test_a_bad_row_of_criteria_is_refused(tmp_path, fault):
    text, column, hint = BAD_ROWS[fault]
    first, _, rest = text.partition(",")
    rows = "\n".join(f"{k},{v}" for k, v in paper_cuts.CRITERIA.items())
    error = refused(tmp_path, {rows + f"\n{first}": rest})
    assert error.column == column and hint in error.hint


BAD_SCENARIOS = {
    "edition": ("PaperCuts2025", "nearest is PaperCuts2026"),
    "phase": ("InitialPhase", "nearest is InitialImagingPhase"),
    "label": ("", "words of your own"),
    "definition": ("", "words of your own"),
    "criteria": ("CutSigns", "No criterion is an anchor"),
    "unless": ("CutImaged", "no exclusion"),
    "regions": ("Hnd", "nearest is Hand"),
    "source": ("Origin", "nearest is"),
}
MORE_BAD = {
    "no such criterion": ("criteria", "PaperCutPresentation CutSgns", "nearest is CutSigns"),
    "no such exclusion": ("unless", "CutImged:1:", "nearest is CutImaged"),
    "no precedence": ("unless", "CutImaged:soon:", "no exclusion"),
    "no destination": ("unless", "CutImaged:1:Nowhere", "nearest is"),
    "the same criteria": ("criteria", "PaperCutPresentation", "the same criteria"),
}
COLUMNS = paper_cuts.SCENARIOS_HEADER.split(",")[1:]


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [(c, v, h) for c, (v, h) in BAD_SCENARIOS.items()] + list(MORE_BAD.values()),
)
def test_a_bad_row_of_scenarios_is_refused(tmp_path, column, value, hint):
    cells = dict(zip(COLUMNS, paper_cuts.SCENARIOS["PaperCutNext"].split(","), strict=True))
    cells[column] = value
    first = ",".join(cells[c] for c in COLUMNS)
    error = refused(tmp_path, None, paper_cuts.SCENARIOS | {"PaperCutNext": first})
    assert error.path.endswith("scenarios.csv") and error.line == 3
    assert error.column == column and hint in error.hint


def test_every_pattern_says_how_it_is_written():
    patterns = read_patterns(home() / "ontology")
    assert len(patterns) == len(list((home() / "ontology" / "patterns").glob("*")))
    assert all(p.summary and p.label and p.question for p in patterns.values())
    assert patterns["Signs"].usage == "Signs(S[, R])"


def test_a_new_pattern_is_one_file(tmp_path):
    rows = paper_cuts.CRITERIA | {"Worried": "criterion,,,Worries(PaperCut),,,,,,,"}
    ontology = paper_cuts.copied(tmp_path, rows)
    (ontology / "patterns" / "Worries.txt").write_text(
        "# Somebody worries about a finding.\nargument: C below ClinicalFinding\n"
        "met: Suspects({C}) | Finds({C})\nquestion: Does {C} worry anybody?\nlabel: {C} worries\n"
    )
    build(ontology)
    worried = descriptions(ontology)[ia("Worried")]
    assert worried[LABEL] == ["papercut worries"]
    assert worried[ia("question")] == ["Does papercut worry anybody?"]
    assert "Worried" in realized(ontology, "p suspects f", "f a PaperCut")


BAD_PATTERNS = {
    "no label": ("met: hasSign some Sign\nquestion: So?\n", "no line label"),
    "a line of prose": ("met: a\nlabel: b\nquestion: c\nIt is so.\n", "no line of a pattern"),
    "a bad argument": ("argument: S Sign\nmet: a\nlabel: b\nquestion: c\n", "is not understood"),
    "an unknown place": ("met: {S}\nlabel: b\nquestion: c\n", "{S} is no argument"),
    "a key twice": ("met: a\nmet: a\nlabel: b\nquestion: c\n", "met stands twice"),
    "a bad band": ("band: Age\nmet: a\nlabel: b\nquestion: c\n", "the band Age"),
}


@pytest.mark.parametrize("fault", BAD_PATTERNS)
def test_a_bad_pattern_is_refused(tmp_path, fault):
    text, words = BAD_PATTERNS[fault]
    ontology = paper_cuts.copied(tmp_path)
    (ontology / "patterns" / "Bad.txt").write_text(text)
    with pytest.raises(InputError, match="Bad.txt") as caught:
        build(ontology)
    assert words in str(caught.value)


def test_a_part_in_brackets_needs_its_arguments():
    assert filled("a {S}[ of {R}]", {"S": "s"}) == "a s"
    assert filled("a {S}[ of {R}]", {"S": "s", "R": "r"}) == "a s of r"
    assert filled("a {S}[ of {R}]", {"R": "r"}) is None
