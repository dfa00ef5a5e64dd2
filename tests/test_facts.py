"""What a record states of a problem besides its finding: signs, denials, suspicions, mechanism,
history, purpose, diseases and measurements, read by the annotations of a made-up topic.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.answer.record_wording import fact_in_words
from reasoner.api import Reasoner
from reasoner.errors import InputError, TableError
from reasoner.graph.knowledge import known
from reasoner.graph.store import catalog, parse, read_turtle
from reasoner.inference.rules import index
from reasoner.intake import read
from reasoner.intake.annotations import below, inherited
from reasoner.intake.observables import checked, observables
from reasoner.names import CASE, IA, RDF_TYPE, curie, home, ia

TODAY = date(2026, 11, 20)
SCENARIO = "ia:QuietWobble"
KNEE = {"bodySite": [{"coding": [{"system": IA, "code": "Knee"}]}]}
ABSENT = {"valueCodeableConcept": {"coding": [{"system": IA, "code": "NegativeAnswer"}]}}
PRESENT = {"valueCodeableConcept": {"coding": [{"system": IA, "code": "AffirmativeAnswer"}]}}
GRAPH = (
    f"@prefix ia: <{IA}> . @prefix : <{CASE}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . "
    ":p a ia:Patient ; ia:birthDate '1980-01-01'^^xsd:date . "
)


@pytest.fixture(scope="module")
def topic():
    """A reasoner whose graph holds the made-up topic too."""
    ontology = home() / "ontology"
    triples = [t for path in catalog(ontology).values() for t in read_turtle(path)]
    triples += parse((ROOT / "tests" / "made_up_topic.ttl").read_bytes())[0]
    reasoner = Reasoner()
    reasoner.knowledge = known(ontology, triples)
    squeak = replace(observables(reasoner.knowledge)[ia("TimeSinceOnset")], follows="", months=1)
    squeak = replace(squeak, iri=ia("Squeak"), name="squeak", units={"dB": 1.0, "B": 10.0})
    observables(reasoner.knowledge)[ia("Squeak")] = squeak
    reasoner.memory = type(reasoner.memory)(reasoner.knowledge)
    return reasoner


def concept(name):
    """A CodeableConcept that names a term of the vocabulary."""
    return {"coding": [{"system": IA, "code": name}]}


def resource(kind, key, **more):
    """A resource of the patient."""
    return {"resourceType": kind, "id": key, "subject": {"reference": "Patient/p"}, **more}


def condition(key, name, verification="confirmed", clinical="active", **more):
    """A Condition with a status, of a class of the vocabulary."""
    return resource(
        "Condition",
        key,
        code=concept(name),
        verificationStatus={"coding": [{"code": verification}]},
        clinicalStatus={"coding": [{"code": clinical}]},
        **more,
    )


def observation(key, name, **more):
    """A final Observation, of a class of the vocabulary."""
    return resource("Observation", key, status="final", code=concept(name), **more)


def order(key="o", **more):
    """A draft order of a radiograph of the knee."""
    code = concept("RadiographyKnee")
    return resource("ServiceRequest", key, status="draft", intent="order", code=code, **more)


def record(topic, *resources, born="1980-01-01"):
    """The record of some resources, asked about on one day."""
    patient = {"resourceType": "Patient", "id": "p", "birthDate": born}
    entries = [{"resource": r} for r in (patient, *resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return read(topic.knowledge, bundle, TODAY)


def stated(record, predicate):
    """The classes of what presentations and the patient state with a property, by their names."""
    things = {o for _, p, o in record.statements if p == ia(predicate)}
    types = {curie(o) for s, p, o in record.statements if s in things and p == RDF_TYPE}
    terms = {curie(o) for o in things if o.startswith(IA)}
    return {name.removeprefix("ia:") for name in types | terms}


def denied(record):
    """The names of the classes that a record denies."""
    return {curie(o).removeprefix("ia:") for _, p, o in record.statements if p == ia("denies")}


def status(topic, record):
    """The status of the scenario of the made-up topic for the only presentation, cached or not."""
    direct, cached = topic.memory.direct(record), topic.memory.answer(record)
    assert direct == cached
    (presentation,) = direct["presentations"]
    return next((s["status"] for s in presentation["scenarios"] if s["id"] == SCENARIO), None)


def notes(record):
    """The messages of a record."""
    return " ".join(note.message for note in record.notes)


def wobble(**more):
    """A wobble of the knee that began yesterday."""
    return condition("w", "Wobble", onsetDateTime="2026-11-19", **KNEE, **more)


def silent(**more):
    """An Observation that no creak is heard."""
    return observation("c", "Creak", valueBoolean=False, **more)


def test_the_scenario_applies_when_all_is_stated_and_asks_for_what_is_not(topic):
    assert status(topic, record(topic, wobble(), silent())) == "applies"
    assert status(topic, record(topic, wobble())) == "possible"
    assert status(topic, record(topic, wobble(), silent(), born="2021-11")) == "possible"


@given(born=st.dates(date(1930, 1, 1), TODAY), digits=st.sampled_from([4, 7, 10]))
@settings(max_examples=60, deadline=None)
def test_a_child_below_five_never_gets_what_is_for_five_and_older(topic, born, digits):
    text = born.isoformat()[:digits]
    answer = status(topic, record(topic, wobble(), silent(), born=text))
    first = date.fromisoformat((text + "-01-01")[:10] if digits < 10 else text)
    last = first.replace(month=12, day=31) if digits == 4 else first + timedelta(days=27)
    last = first if digits == 10 else last
    fifth = TODAY.replace(year=TODAY.year - 5)
    if first > fifth:
        assert answer == "excluded"
    elif last <= fifth - timedelta(days=4):
        assert answer == "applies"
    else:
        assert answer in {"possible", "applies", "excluded"}


def test_an_age_that_the_birth_date_does_not_decide_lies_in_no_band(topic):
    assert (
        stated(record(topic, wobble(), born="2021"), "hasMeasurement")
        & {
            "AgeOfFiveOrMore",
            "AgeBelowFive",
        }
        == set()
    )
    assert "AgeBelowFive" in stated(record(topic, wobble(), born="2024-11-20"), "hasMeasurement")


@given(ago=st.integers(0, 6000), name=st.sampled_from(["onsetDateTime", "recordedDate"]))
@settings(max_examples=60, deadline=None)
def test_a_problem_of_long_ago_is_not_recent(topic, ago, name):
    day = (TODAY - timedelta(days=ago)).isoformat()
    problem = condition("w", "Wobble", **KNEE, **{name: day})
    bands = stated(record(topic, problem), "hasMeasurement") & {"NewWobble", "OldWobble"}
    sure = {"OldWobble"} if ago >= 28 else {"NewWobble"} if name == "onsetDateTime" else set()
    assert bands == sure
    expected = "excluded" if ago >= 28 else "applies"
    assert status(topic, record(topic, problem, silent())) == expected


def test_a_problem_without_dates_is_assumed_to_be_recent_and_says_so(topic):
    answer = topic.memory.direct(record(topic, condition("w", "Wobble", **KNEE), silent()))
    (presentation,) = answer["presentations"]
    (scenario,) = [s for s in presentation["scenarios"] if s["id"] == SCENARIO]
    assert [a["label"] for a in scenario["assumptions"]] == ["the wobble is recent"]


def test_an_onset_of_a_year_is_as_precise_as_that(topic):
    precise = record(topic, condition("w", "Wobble", onsetDateTime="2026", **KNEE))
    assert not stated(precise, "hasMeasurement") & {"NewWobble", "OldWobble"}
    old = record(topic, condition("w", "Wobble", onsetDateTime="2012", **KNEE))
    assert "OldWobble" in stated(old, "hasMeasurement")


@pytest.mark.parametrize("value", [{"valueBoolean": False}, ABSENT])
def test_a_denied_sign_is_denied_with_all_below_it(topic, value):
    found = record(topic, wobble(), observation("c", "Creak", **value))
    assert stated(found, "lacksSign") == {"Denial"}
    assert denied(found) == {"Creak", "LoudCreak"}
    assert stated(found, "hasSign") == set()


@pytest.mark.parametrize("value", [{"valueBoolean": True}, PRESENT])
def test_a_sign_that_is_present_is_stated_at_the_site_of_its_problem(topic, value):
    found = record(topic, wobble(), observation("c", "LoudCreak", **value))
    assert stated(found, "hasSign") == {"LoudCreak"}
    within = {curie(o) for s, p, o in found.statements if "/c" in s and p == ia("withinRegion")}
    assert {"ia:Knee", "ia:LowerExtremity"} <= within
    assert status(topic, found) == "excluded"


def test_a_sign_may_be_the_value_of_an_observation(topic):
    seen = observation("c", "Squeak", valueCodeableConcept=concept("Creak"))
    assert stated(record(topic, wobble(), seen), "hasSign") == {"Creak"}


@pytest.mark.parametrize("value", [{}, {"valueString": "somewhat"}])
def test_an_answer_that_is_neither_yes_nor_no_states_nothing_and_is_a_note(topic, value):
    found = record(topic, wobble(), observation("c", "Creak", **value))
    assert not stated(found, "hasSign") | stated(found, "lacksSign")
    assert "does not say yes or no" in notes(found)


def test_a_denial_of_what_is_narrower_denies_nothing_broader(topic):
    found = record(topic, wobble(), observation("c", "LoudCreak", valueBoolean=False))
    assert denied(found) == {"LoudCreak"}
    assert status(topic, found) == "possible"


@pytest.mark.parametrize(("yes", "no"), [("Creak", "Creak"), ("LoudCreak", "Creak")])
def test_a_sign_that_is_stated_and_denied_is_neither(topic, yes, no):
    found = record(
        topic,
        wobble(),
        observation("y", yes, valueBoolean=True),
        observation("n", no, valueBoolean=False),
    )
    assert not stated(found, "hasSign") | stated(found, "lacksSign")
    assert "neither was used" in notes(found)
    assert status(topic, found) == "possible"


def test_a_sign_and_the_denial_of_a_narrower_one_both_hold(topic):
    found = record(
        topic,
        wobble(),
        observation("y", "Creak", valueBoolean=True),
        observation("n", "LoudCreak", valueBoolean=False),
    )
    assert stated(found, "hasSign") == {"Creak"}
    assert denied(found) == {"LoudCreak"}


def test_a_sign_coded_as_a_condition_is_no_problem_of_its_own(topic):
    found = record(topic, wobble(), condition("c", "Creak", **KNEE))
    assert len(found.presentations) == 1
    assert stated(found, "hasSign") == {"Creak"}
    answer = topic.memory.direct(found)["presentations"][0]
    assert answer["finding"]["label"] == "wobble"


def test_a_refuted_condition_of_a_sign_denies_it_and_one_not_confirmed_says_nothing(topic):
    refuted = record(topic, wobble(), condition("c", "Creak", "refuted", **KNEE))
    assert denied(refuted) == {"Creak", "LoudCreak"}
    assert "it counts as a denial" in notes(refuted)
    unsure = record(topic, wobble(), condition("c", "Creak", "provisional", **KNEE))
    assert not stated(unsure, "hasSign") | stated(unsure, "lacksSign")
    wrong = record(topic, wobble(), condition("c", "Creak", "entered-in-error", **KNEE))
    assert not stated(wrong, "hasSign") | stated(wrong, "lacksSign")


def test_a_sign_of_another_region_side_or_time_is_a_note(topic):
    hip = {"bodySite": [concept("Hip")]}
    for other in (
        condition("c", "Creak", **hip),
        observation("c", "Creak", valueBoolean=True, effectiveDateTime="2020-01-01"),
    ):
        found = record(topic, wobble(), other)
        assert stated(found, "hasSign") == set()
        assert "was not used" in notes(found)


def test_a_sign_without_a_region_joins_by_focus_or_encounter_else_the_only_problem(topic):
    hip = condition(
        "h", "Wobble", bodySite=[concept("Hip")], encounter={"reference": "Encounter/1"}
    )
    sign = observation("c", "Creak", valueBoolean=True)
    both = record(topic, wobble(), hip, sign)
    assert stated(both, "hasSign") == set()
    assert "cannot be told to be about one" in notes(both)
    for link in (
        {"focus": [{"reference": "Condition/h"}]},
        {"encounter": {"reference": "Encounter/1"}},
    ):
        found = record(topic, wobble(), hip, {**sign, **link})
        assert [s for s, p, _ in found.statements if p == ia("hasSign")] == [CASE + "Condition/h"]


def test_a_symptom_joins_the_problem_of_its_region_and_else_is_one(topic):
    itch = condition("i", "Itch", **KNEE)
    joined = record(topic, wobble(), itch)
    assert joined.presentations == [CASE + "Condition/w"]
    assert stated(joined, "hasSign") == {"Itch"}
    beside = record(topic, condition("s", "Rot", "provisional", **KNEE), itch)
    assert (stated(beside, "suspects"), stated(beside, "hasSign")) == ({"Rot"}, {"Itch"})
    alone = record(topic, itch)
    assert stated(alone, "hasFinding") == {"Itch"}
    assert topic.memory.direct(alone)["presentations"][0]["finding"]["label"] == "itch"
    observed = record(topic, observation("i", "Itch", valueBoolean=True, **KNEE))
    assert stated(observed, "hasFinding") == {"Itch"}
    free = record(topic, wobble(), observation("i", "Itch", valueBoolean=False))
    assert denied(free) == {"Itch"}


@pytest.mark.parametrize("verification", ["provisional", "differential", "unconfirmed"])
def test_what_is_suspected_is_not_confirmed(topic, verification):
    found = record(topic, condition("w", "Wobble", verification, **KNEE), silent())
    assert (stated(found, "suspects"), stated(found, "hasFinding")) == ({"Wobble"}, set())
    assert status(topic, found) is None


def test_a_suspicion_joins_the_confirmed_problem_of_its_region(topic):
    quake = condition("q", "Quake", "provisional", bodySite=[concept("Patella")])
    found = record(topic, wobble(), quake)
    assert found.presentations == [CASE + "Condition/w"]
    assert (stated(found, "hasFinding"), stated(found, "suspects")) == ({"Wobble"}, {"Quake"})
    apart = record(
        topic, wobble(), condition("q", "Quake", "provisional", bodySite=[concept("Hip")])
    )
    assert len(apart.presentations) == 2


def test_two_masses_never_join(topic):
    mass = condition("a", "SoftTissueMass", **KNEE)
    other = condition("b", "SoftTissueMass", "provisional", **KNEE)
    assert len(record(topic, mass, other).presentations) == 2


def test_findings_of_one_injury_are_one_problem(topic):
    sprung = condition("t", "Tremble", onsetDateTime="2026-11-18", bodySite=[concept("Patella")])
    found = record(topic, wobble(), sprung)
    assert len(found.presentations) == 1
    assert stated(found, "hasFinding") == {"Wobble", "Tremble"}
    assert status(topic, found) == "possible"
    old = condition("t", "Tremble", onsetDateTime="2012-01-01", **KNEE)
    assert len(record(topic, wobble(), old).presentations) == 2
    left, right = (
        condition(side, "Wobble", bodySite=[concept("Knee"), concept(side)])
        for side in ("Left", "Right")
    )
    assert len(record(topic, left, right).presentations) == 2


@pytest.mark.parametrize("kind", ["condition", "observation"])
def test_a_mechanism_joins_the_injury(topic, kind):
    slip = condition("m", "Slip") if kind == "condition" else observation("m", "Slip", **PRESENT)
    found = record(topic, wobble(), condition("r", "Rot", bodySite=[concept("Hip")]), slip)
    assert stated(found, "hasMechanism") == {"Slip"}
    assert [s for s, p, _ in found.statements if p == ia("hasMechanism")] == [CASE + "Condition/w"]
    unlikely = record(topic, wobble(), observation("m", "Slip", valueBoolean=False))
    assert stated(unlikely, "lacksMechanism") == {"Denial"}


def test_history_comes_from_procedures_conditions_devices_and_drugs(topic):
    done = resource("Procedure", "b", status="completed", code=concept("Bolting"), **KNEE)
    assert stated(record(topic, wobble(), done), "hasHistory") == {"Bolting"}
    undone = {**done, "status": "not-done"}
    assert stated(record(topic, wobble(), undone), "hasHistory") == set()
    over = condition("o", "Wobble", clinical="resolved", **KNEE)
    past = record(topic, condition("i", "Itch", **KNEE), over)
    assert stated(past, "hasHistory") == {"WobbleOfOld"}
    assert "it counts as a past event" in notes(past)
    drug = resource("MedicationStatement", "d", status="completed")
    drug["medicationCodeableConcept"] = concept("Bolting")
    assert stated(record(topic, wobble(), drug), "hasHistory") == {"Bolting"}
    never = observation("n", "Bolting", valueBoolean=False)
    assert stated(record(topic, wobble(), never), "lacksHistory") == {"Denial"}
    elsewhere = {**done, "bodySite": [concept("Hip")]}
    assert stated(record(topic, wobble(), elsewhere), "hasHistory") == set()


def test_the_reason_of_an_order_is_a_suspicion_unless_the_graph_says_that_it_is_a_fact(topic):
    asked = record(topic, order(reasonCode=[concept("Quake")]))
    assert (stated(asked, "suspects"), stated(asked, "hasFinding")) == ({"Quake"}, set())
    known_ = record(topic, order(reasonCode=[concept("Wobble")]), silent())
    assert stated(known_, "hasFinding") == {"Wobble"}
    assert status(topic, known_) == "applies"
    both = record(topic, order(reasonCode=[concept("Wobble"), concept("Quake")]))
    assert (stated(both, "suspects"), stated(both, "hasFinding")) == ({"Quake"}, {"Wobble"})
    beside = record(topic, wobble(), order(reasonCode=[concept("Quake"), concept("Creak")]))
    assert (stated(beside, "suspects"), stated(beside, "hasSign")) == ({"Quake"}, {"Creak"})


def test_a_purpose_comes_from_the_order_its_encounter_or_a_planned_operation(topic):
    for reason in ({"reasonCode": [concept("FollowUp")]}, {"category": [concept("FollowUp")]}):
        assert stated(record(topic, wobble(), order(**reason)), "hasPurpose") == {"FollowUp"}
    visit = resource("Encounter", "v", status="in-progress", type=[concept("Surveillance")])
    found = record(topic, wobble(), visit)
    assert stated(found, "hasPurpose") == {"Surveillance"}
    assert "not read" not in notes(found)
    over = record(topic, wobble(), {**visit, "status": "finished"})
    assert stated(over, "hasPurpose") == set()
    assert "1 Encounter resource is of a type that is not read" in notes(over)
    plan = {**order("s"), "code": concept("Operation")}
    assert stated(record(topic, wobble(), plan), "hasPurpose") == {"TreatmentPlanning"}


def test_a_disease_is_of_the_patient_whether_it_is_there_or_denied(topic):
    assert stated(record(topic, wobble(), condition("r", "Rust")), "hasCondition") == {"Rust"}
    assert stated(record(topic, wobble(), observation("r", "Rust", **PRESENT)), "hasCondition") == {
        "Rust"
    }
    for no in (condition("r", "Rust", "refuted"), observation("r", "Rust", valueBoolean=False)):
        found = record(topic, wobble(), no)
        holders = [s for s, p, _ in found.statements if p == ia("lacksCondition")]
        assert holders == [CASE + "Patient/p"]


@pytest.mark.parametrize(
    ("quantity", "loud"),
    [
        ({"value": 61, "code": "dB"}, True),
        ({"value": 6.1, "unit": "B"}, True),
        ({"value": 59, "code": "dB"}, False),
        ({"value": 61, "code": "Hz"}, False),
        ({"value": 61}, False),
        ({"value": 60, "code": "dB", "comparator": ">"}, True),
        ({"value": 60, "code": "dB", "comparator": "<"}, False),
        ({"value": 50, "code": "dB", "comparator": ">"}, False),
    ],
)
def test_a_quantity_is_read_in_the_units_of_the_table(topic, quantity, loud):
    value = observation("s", "Squeak", valueQuantity=quantity, effectiveDateTime="2026-11-19")
    found = record(topic, wobble(), value)
    assert ("SqueakOver60" in stated(found, "hasMeasurement")) is loud


def test_the_newest_value_counts_and_none_that_is_too_old(topic):
    old, new = (
        observation(
            day, "Squeak", valueQuantity={"value": value, "code": "dB"}, effectiveDateTime=day
        )
        for day, value in (("2026-11-19", 80), ("2026-11-20", 10))
    )
    assert "SqueakOver60" not in stated(record(topic, wobble(), old, new), "hasMeasurement")
    assert "SqueakOver60" in stated(record(topic, wobble(), old), "hasMeasurement")
    ancient = {**old, "effectiveDateTime": "2026-01-01"}
    found = record(topic, condition("w", "Wobble", **KNEE), ancient)
    assert "SqueakOver60" not in stated(found, "hasMeasurement")
    assert "is older than 1 months" in notes(found)


GOOD = dict(observable="ia:Age", unit="a", factor="1", holder="patient", months="", name="age")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("observable", "ia:Knee"),
        ("unit", ""),
        ("factor", "-1"),
        ("holder", "nobody"),
        ("follows", "lunch"),
        ("months", "many"),
        ("name", ""),
    ],
)
def test_a_cell_of_the_table_of_observables_that_cannot_be_read_is_named(topic, column, value):
    cells = {**GOOD, "follows": "", column: value}
    with pytest.raises(TableError) as error:
        checked(topic.knowledge, ROOT / "observables.csv", 3, cells)
    assert (error.value.line, error.value.column) == (3, column)


def test_a_site_is_within_each_region_that_contains_it(topic):
    found = record(topic, condition("w", "Wobble", bodySite=[concept("Patella")]), silent())
    assert status(topic, found) == "applies"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("ia:lacksSign [ a ia:Denial ; ia:denies ia:Creak ]", "applies"),
        ("ia:lacksSign [ a ia:Denial ; ia:denies ia:LoudCreak ]", "possible"),
        ("ia:hasSign [ a ia:LoudCreak ]", "excluded"),
        (
            "ia:hasSign [ a ia:LoudCreak ] ; ia:lacksSign [ a ia:Denial ; ia:denies ia:Creak ]",
            "possible",
        ),
        (
            "ia:lacksSign [ a ia:Denial ; ia:denies ia:Creak ] ; ia:onsetOn '2012-01-01'^^xsd:date",
            "excluded",
        ),
    ],
)
def test_a_patient_graph_states_the_same_facts(topic, facts, expected):
    graph = GRAPH + (
        ":m a ia:Presentation ; ia:hasPatient :p ; ia:hasFinding [ a ia:Wobble ; "
        f"ia:hasSite ia:Patella ] ; {facts} ."
    )
    assert status(topic, read(topic.knowledge, graph.encode(), TODAY)) == expected


def test_a_patient_graph_may_give_one_problem_several_findings_but_not_two_masses(topic):
    several = GRAPH + ":m a ia:Presentation ; ia:hasPatient :p ; ia:hasFinding %s ."
    wobbles = several % "[ a ia:Wobble ] , [ a ia:Tremble ]"
    assert stated(read(topic.knowledge, wobbles.encode()), "hasFinding") == {"Wobble", "Tremble"}
    masses = several % "[ a ia:SoftTissueMass ] , [ a ia:SoftTissueMass ]"
    with pytest.raises(InputError, match="2 findings"):
        read(topic.knowledge, masses.encode())


def test_a_patient_graph_may_not_use_a_property_that_is_no_fact(topic):
    graph = GRAPH + ":m a ia:Presentation ; ia:hasPatient :p ; ia:assumption 'all is well' ."
    with pytest.raises(InputError, match="knowledge, not a fact"):
        read(topic.knowledge, graph.encode())


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        ([silent()], "no creak"),
        ([observation("c", "Creak", **PRESENT)], "creak, knee"),
        ([condition("q", "Quake", "provisional", **KNEE)], "suspected quake, knee"),
        ([condition("m", "Slip")], "mechanism: slip"),
        ([condition("o", "Bolting", **KNEE)], "history: bolting, knee"),
        ([], "age: 46 years"),
        ([], "time since onset: 1 day"),
        ([order(reasonCode=[concept("FollowUp")])], "purpose: follow-up"),
    ],
)
def test_a_proof_words_each_fact_plainly(topic, resources, words):
    found = record(topic, wobble(), *resources)
    facts = index(found.statements)
    nodes = {s for s, _, _ in found.statements}
    assert words in {fact_in_words(topic.knowledge, facts, node) for node in nodes}


def test_the_proof_of_a_scenario_names_its_facts(topic):
    found = record(topic, wobble(), silent())
    (presentation,) = topic.memory.direct(found)["presentations"]
    because = {c["id"]: c["because"] for s in presentation["scenarios"] for c in s["criteria"]}
    assert because["ia:NoCreak"] == ["Observation/c"]
    assert because["ia:OfFiveOrMore"] == ["Patient/p"]


def test_a_message_speaks_of_a_problem_by_the_noun_of_its_finding(topic):
    scan = resource("DiagnosticReport", "r", status="final", code={"text": "MRI"})
    mass = record(topic, condition("m", "SoftTissueMass", **KNEE), scan)
    assert "that the mass has not been imaged is not known" in notes(mass)
    other = record(topic, wobble(), scan)
    assert "that the wobble has not been imaged is not known" in notes(other)
    none = record(topic, condition("r", "Rot", **KNEE), scan)
    assert "that the problem has not been imaged is not known" in notes(none)


def test_the_nearest_annotation_decides(topic):
    assert inherited(topic.knowledge, ia("Tremble"), "reasonStates") == "true"
    assert inherited(topic.knowledge, ia("Quake"), "reasonStates") == "false"
    assert inherited(topic.knowledge, ia("Knee"), "reasonStates") is None
    assert below(topic.knowledge, ia("Creak")) == (ia("Creak"), ia("LoudCreak"))
