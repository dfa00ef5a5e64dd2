"""At most three questions are asked, what separates most first, and none beside its opposite.

Urgent questions, those of safety and those that the record raises, are asked whatever else is.
"""

import pyoxigraph as ox
import pytest
from conftest import CASES

from reasoner.graph import query_files
from reasoner.graph.store import Store
from reasoner.names import RDF_TYPE, curie, ia
from reasoner.synth.smallest.patient_graph import as_turtle
from reasoner.synth.smallest.patients import Construction

KNEE = """@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix : <urn:case:> .
:p a ia:Patient {patient}.
:x a ia:Presentation ; ia:hasPatient :p ; ia:hasFinding :f {more}.
:f a ia:AcuteInjury ; ia:hasSite ia:Knee .
:age a ia:Measurement ; ia:ofObservable ia:Age ; ia:value {age} .
:fall a ia:Fall .
:none a ia:Denial ; ia:denies ia:JointEffusion .
:swollen a ia:JointEffusion .
"""
AGE, FALL, SIGNS = "ia:AgeFiveOrOlder", "ia:FallOrTwistInjury", "ia:KneeSignPresent"


def asked(reasoner, patient="", more="", age=30):
    """The questions about an injured knee, in order."""
    record = KNEE.format(patient=patient, more=more, age=age).encode()
    [presentation] = reasoner.reply(record).answer["presentations"]
    return [question["id"] for question in presentation["questions"]]


def test_the_question_that_separates_most_is_asked_first_and_three_in_all(reasoner):
    assert asked(reasoner) == [FALL, AGE, SIGNS]


def test_what_the_record_answers_is_not_asked(reasoner):
    known = asked(reasoner, "; ia:hasMeasurement :age ")
    assert AGE not in known and known[0] == FALL and len(known) == 3
    more = asked(reasoner, "; ia:hasMeasurement :age ", "; ia:hasMechanism :fall ")
    assert not {AGE, FALL, "ia:MechanismUnknown"}.intersection(more)


def test_one_of_two_opposites_is_asked(reasoner):
    for answers in (
        "",
        "; ia:hasMechanism :fall ",
        "; ia:hasSign :swollen ",
        "; ia:lacksSign :none ",
    ):
        ids = asked(reasoner, "; ia:hasMeasurement :age ", answers, 15)
        facts = reasoner.knowledge.facts
        opposed = [(a, b) for a in ids for b in ids if facts.holds(full(a), ia("opposes"), full(b))]
        assert ids and not opposed


def full(name):
    return ia(name.removeprefix("ia:"))


def test_criteria_oppose_each_other_where_one_refutes_the_other(reasoner):
    knowledge = reasoner.knowledge

    def opposes(one, other):
        return knowledge.facts.holds(ia(one), ia("opposes"), ia(other))

    assert opposes("SkeletallyMature", "SkeletallyImmature")
    assert opposes("FallOrTwistInjury", "SignificantKneeTrauma")  # by a class that others state
    assert not opposes("FocalTendernessDenied", "JointEffusionDenied")
    for one in knowledge.facts.having(ia("opposes")):
        assert one not in knowledge.facts.objects(one, ia("opposes"))
        assert all(
            knowledge.facts.holds(other, ia("opposes"), one)
            for other in knowledge.facts.objects(one, ia("opposes"))
        )


def test_no_case_asks_more_than_three_but_for_urgent_questions(replies):
    counted = 0
    for name in CASES:
        facts = replies[name].conclusions
        kinds = {k: {s for s, p, o in facts if p == RDF_TYPE and o == ia(k)} for k in KINDS}
        about = {s: o for s, p, o in facts if p == ia("ofPresentation") and s in kinds[OPEN]}
        assert kinds["UrgentQuestion"] <= kinds["AskedQuestion"] <= kinds[OPEN]
        for presentation in set(about.values()):
            of = {k: {q for q in kinds[k] if about[q] == presentation} for k in KINDS}
            others = of["AskedQuestion"] - of["UrgentQuestion"]
            assert len(others) <= max(1, 3 - len(of["UrgentQuestion"]))
            assert others or of[OPEN] == of["UrgentQuestion"]
            counted += len(of[OPEN]) > len(of["AskedQuestion"])
    assert counted  # some case leaves something for later


OPEN = "OpenQuestion"
KINDS = (OPEN, "UrgentQuestion", "AskedQuestion")
ONE = (
    "<urn:q:{0}> a ia:OpenQuestion{kind} ; ia:ofPresentation <urn:p> ; ia:ofCriterion <urn:c:{0}> ."
)
WEIGHT = "<urn:q:{0}> ia:separates {1} ; ia:askOrder {2} ; ia:completes {3} ."


def concluded(rule, *lines):
    """The names of the questions that a rule concludes something of, from lines of Turtle."""
    prefix = "@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .\n"
    text = query_files.named("rules", rule).text
    made = ox.parse((prefix + "\n".join(lines)).encode(), format=ox.RdfFormat.TURTLE)
    store = Store(list(made))
    return {s.rpartition(":")[2] for s, p, _ in store.construct(text) if p == RDF_TYPE}


def questions(*rows, urgent=(), completing=()):
    """Lines of Turtle: a question each, by its name, what it separates, and its place."""
    for name, separates, order in rows:
        kind = " , ia:UrgentQuestion" if name in urgent else ""
        yield ONE.format(name, kind=kind)
        yield WEIGHT.format(name, separates, order, int(name in completing))


FIVE = (("a", 1, 1), ("b", 3, 4), ("c", 3, 2), ("d", 2, 9), ("e", 0, 3))


@pytest.mark.parametrize(
    ("urgent", "expected"),
    [
        ("", "bcd"),
        ("e", "ebc"),
        ("ea", "eac"),
        ("ead", "eadc"),  # one that separates, whatever is urgent
        ("abcde", "abcde"),
    ],
)
def test_urgent_questions_stay_and_the_others_fill_up_to_three(urgent, expected):
    assert concluded("choose-questions", *questions(*FIVE, urgent=urgent)) == set(expected)


def test_what_alone_completes_a_scenario_is_among_the_three():
    assert concluded("choose-questions", *questions(*FIVE, completing="a")) == set("abc")
    assert concluded("choose-questions", *questions(*FIVE, completing="ade")) == set("ade")
    assert concluded("choose-questions", *questions(*FIVE, completing="abcde")) == set("bcd")


def test_a_fact_taken_away_from_the_smallest_patient_of_a_scenario_is_asked(reasoner):
    """Unless another scenario of its edition applies then, or its opposite is asked."""
    knowledge, built = reasoner.knowledge, Construction(reasoner.knowledge)
    facts, tried = knowledge.facts, 0
    for scenario in built.scenarios:
        patients = built.patients(scenario)
        for fact in patients[0].facts if patients else ():
            fewer = [f for f in patients[0].facts if f != fact]
            answer = reasoner.reply(as_turtle(knowledge, fewer)).answer["presentations"]
            for p in answer[:1] if answer else ():
                [row] = [s for s in p["scenarios"] if s["id"] == curie(scenario)] or [{}]
                lacking = [c["id"] for c in row.get("criteria", ()) if c["status"] == "unknown"]
                alone = len(lacking) == 1 and p["outcome"] == "more-information"
                if not alone or row["status"] != "possible":
                    continue
                ids = {q["id"] for q in p["questions"]}
                opposite = set(map(curie, facts.objects(full(lacking[0]), ia("opposes"))))
                assert ids & {*lacking, *opposite}, (scenario, fact.term)
                tried += 1
    assert tried > 40


def test_a_postponed_question_takes_no_place():
    lines = [*questions(*FIVE), "<urn:q:b> a ia:PostponedQuestion ."]
    assert concluded("choose-questions", *lines) == set("cda")


def test_the_opposite_waits_that_separates_less_or_stands_later():
    pair = "<urn:c:{0}> ia:opposes <urn:c:{1}> . <urn:c:{1}> ia:opposes <urn:c:{0}> ."
    rows = list(questions(*FIVE))
    assert concluded("postpone-questions", *rows) == set()
    assert concluded("postpone-questions", *rows, pair.format("a", "b")) == {"a"}
    assert concluded("postpone-questions", *rows, pair.format("b", "c")) == {"b"}
    held = [*questions(*FIVE, urgent="a"), pair.format("a", "b")]
    assert concluded("postpone-questions", *held) == set()  # neither an urgent one nor its opposite
