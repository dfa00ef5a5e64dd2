"""Unread is never absent: what nobody could read blocks what would be assumed without it.

Each property has a checker that says what an answer lacks, and a twin that gives it a broken one.
"""

import copy
import json
import random

import pytest
from answers import (
    CROSS,
    DONE,
    MRI,
    MRI_ORDERS,
    OTHER_ORDERS,
    SIBLING,
    C,
    assumed,
    names,
    of_status,
    rows,
    sound,
    the,
    warned,
)
from bundles import DEEP, THIGH, bundle, condition, inconclusive, mass, observation
from packing import key
from safety_facts import combined
from spoil import CHANGES
from unread_records import (
    DEVICES,
    GUARDS,
    HAZARDS,
    IMAGING,
    NO,
    NO_IMAGING,
    OTHER,
    OTHER_HAZARDS,
    PLACES,
    QUESTIONS,
    UNKNOWN,
    YES,
)

# An unread resource of a safety type blocks its assumption


def unblocked(answer: dict, found: set[str]) -> list[str]:
    """What an answer lacks that must not assume that MRI is safe, beside something unread."""
    p = the(answer)
    of = rows(p) if p["id"] else {}
    lacks = {
        "scenario C does not apply": C in of_status(p, "applies"),
        "its sibling is not possible": SIBLING in of_status(p, "possible"),
        "the assumption is made": MRI not in assumed(p),
        "no question names it": any(
            q["id"] == MRI and names([q.get("about"), q.get("because")], found)
            for q in p["questions"]
        ),
        "no warning names it": warned(answer, found),
        "it is not among what is unread": names(p.get("unread"), found),
        "an MRI order has a rating": all(
            of.get(o, {}).get("category", "") is None for o in MRI_ORDERS
        ),
        "an order is set aside": not any(o["setAside"] for o in of.values()),
        "an order that it could not set aside has no rating": all(
            of.get(o, {}).get("category") for o in OTHER_ORDERS
        ),
    }
    return [lack for lack, met in lacks.items() if not met]


def known(pieces: list[dict]) -> set[str]:
    """The names that a warning about some resources may use, or about a device that they name."""
    return {key(r) for r in pieces} | {"Device/absent"} & {
        d for d in ("Device/absent",) if d in json.dumps(pieces)
    }


@pytest.mark.parametrize("kind", DEVICES)
def test_a_device_that_is_not_read_blocks_what_is_assumed_of_mri(reasoner, kind):
    assert unblocked(reasoner.ask(sound(*DEVICES[kind])), known(DEVICES[kind])) == []


@pytest.mark.parametrize("place", PLACES)
def test_a_hazard_word_blocks_what_is_assumed_of_mri_wherever_it_stands(reasoner, place):
    found = {
        words: unblocked(reasoner.ask(sound(*PLACES[place](words))), known(PLACES[place](words)))
        for words in HAZARDS
    }
    assert {words: lacks for words, lacks in found.items() if lacks} == {}


def disturbed(answer: dict, found: set[str]) -> list[str]:
    """How an answer heeds what bears on nothing: it must assume and rate as without it."""
    p = the(answer)
    of = rows(p) if p["id"] else {}
    lacks = {
        "scenario C does not apply": C in of_status(p, "applies"),
        "the assumption is not made": MRI in assumed(p),
        "an order has no rating": bool(of) and all(o["category"] for o in of.values()),
        "an order is set aside": not any(o["setAside"] for o in of.values()),
        "a warning names it": not warned(answer, found),
        "it is among what is unread": not names(p.get("unread", []), found),
    }
    return [lack for lack, met in lacks.items() if not met]


@pytest.mark.parametrize("kind", GUARDS)
def test_what_bears_on_no_hazard_disturbs_nothing(reasoner, kind):
    assert (
        disturbed(
            reasoner.ask(sound(*GUARDS[kind])),
            {key(r) for r in GUARDS[kind] if r.get("patient") != OTHER},
        )
        == []
    )


def unheeded(answer: dict, found: set[str]) -> list[str]:
    """What an answer lacks that must warn and ask, and withhold nothing."""
    p = the(answer)
    of = rows(p) if p["id"] else {}
    lacks = {
        "no warning names it": warned(answer, found),
        "no question is asked because of it": any(
            names([q.get("about"), q.get("because")], found) for q in p["questions"]
        ),
        "the assumption about MRI is gone": MRI in assumed(p),
        "an order has no rating": bool(of) and all(o["category"] for o in of.values()),
    }
    return [lack for lack, met in lacks.items() if not met]


@pytest.mark.parametrize("place", PLACES)
def test_words_about_contrast_kidneys_or_pregnancy_ask_and_withhold_nothing(reasoner, place):
    found = {
        words: unheeded(reasoner.ask(sound(*PLACES[place](words))), known(PLACES[place](words)))
        for words in OTHER_HAZARDS
    }
    assert {words: lacks for words, lacks in found.items() if lacks} == {}


def uncounted(answer: dict, assumptions: set[str], found: set[str]) -> list[str]:
    """What an answer lacks that must not assume that nothing was imaged, beside what may be."""
    p = the(answer)
    lacks = {
        "an assumption is made": not assumptions & assumed(p),
        "no warning names it": warned(answer, found),
        "there is no answer": p["id"],
    }
    return [lack for lack, met in lacks.items() if not met]


@pytest.mark.parametrize("kind", IMAGING)
def test_imaging_that_has_no_name_blocks_what_is_assumed_of_imaging(reasoner, kind):
    early = reasoner.ask(bundle(mass(THIGH, DEEP), *IMAGING[kind]))
    late = reasoner.ask(bundle(*inconclusive(), *IMAGING[kind]))
    found = {key(r) for r in IMAGING[kind]}
    assert (uncounted(early, {DONE, CROSS}, found), uncounted(late, {CROSS}, found)) == ([], [])


@pytest.mark.parametrize("kind", NO_IMAGING)
def test_what_is_no_imaging_of_the_region_blocks_no_assumption(reasoner, kind):
    p, q = (
        the(reasoner.ask(bundle(*first, *NO_IMAGING[kind])))
        for first in ([mass(THIGH, DEEP)], inconclusive())
    )
    assert DONE in assumed(p) and CROSS in assumed(q)


def test_an_assumption_that_is_put_back_is_seen(reasoner):
    silent = reasoner.ask(sound())
    for p in silent["presentations"]:
        for o in p["orders"]:
            o |= {"category": "usually-appropriate", "setAside": False, "safety": []}
    lacks = unblocked(silent, {"Device/x"})
    assert {
        "the assumption is made",
        "no warning names it",
        "an MRI order has a rating",
        "no question names it",
    } <= set(lacks)
    assert disturbed(silent, {"Device/x"}) == []
    assert unheeded(silent, {"Device/x"}) == [
        "no warning names it",
        "no question is asked because of it",
    ]
    assert uncounted(silent, {CROSS}, {"DiagnosticReport/x"}) == [
        "an assumption is made",
        "no warning names it",
    ]
    aside = copy.deepcopy(silent)
    aside["notes"].append({"severity": "warning", "about": "Device/x", "message": "not read"})
    for p in aside["presentations"]:
        next(o for o in p["orders"] if o["id"] == "ServiceRequest/o-mri").update(
            category=None, setAside=True
        )
    assert "an order is set aside" in unblocked(aside, {"Device/x"})
    assert {"an order has no rating", "an order is set aside", "a warning names it"} <= set(
        disturbed(aside, {"Device/x"})
    )


# A question that was answered no, or not, states nothing


def states(answer: dict) -> list[str]:
    """What follows from the Observation x: flags, criteria met, and studies set aside."""
    p = the(answer)
    found = [
        f["hazard"]
        for r in [*p["recommendations"], *rows(p).values()]
        for f in r["safety"]
        if "Observation/x" in f["because"]
    ]
    found += [
        c["id"] for s in p["scenarios"] for c in s["criteria"] if "Observation/x" in c["because"]
    ]
    return found + [r["generic"] for r in p["recommendations"] if r["setAside"]]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_answered_no_or_not_states_nothing(reasoner, question):
    said = {
        f"{kind}: {spelling}": states(
            reasoner.ask(sound(observation("x", QUESTIONS[question], **value)))
        )
        for kind, values in (("no", NO), ("unknown", UNKNOWN))
        for spelling, value in values.items()
    }
    assert {spelling: found for spelling, found in said.items() if found} == {}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_answered_yes_states_its_hazard_or_asks_more(reasoner, question):
    def heeded(value: dict) -> bool:
        answer = reasoner.ask(sound(observation("x", QUESTIONS[question], **value)))
        return bool(states(answer)) or any(
            names([q.get("about"), q.get("because")], {"Observation/x"})
            for q in the(answer)["questions"]
        )

    assert [spelling for spelling, value in YES.items() if not heeded(value)] == []


def test_a_no_that_is_taken_for_yes_is_seen(reasoner):
    eye = reasoner.ask(sound(condition("c-eye", "sct:3426005")))
    for o in (o for p in eye["presentations"] for o in p["orders"]):
        o |= {
            "category": None,
            "setAside": False,
            "safety": [{"hazard": "ia:StrongMagneticField", "because": ["Observation/x"]}],
        }
    assert "ia:StrongMagneticField" in states(eye)


# A cohort answers as a single patient is answered


def test_a_cohort_answers_all_of_these_as_one_is_answered(reasoner, tmp_path):
    pytest.importorskip("pyarrow", reason="the cohort extra is not installed")
    from cohorts import ndjson, run

    found = [sound(*pieces) for pieces in (*DEVICES.values(), *GUARDS.values(), *IMAGING.values())]
    found += [sound(*PLACES[place](HAZARDS[n % len(HAZARDS)])) for n, place in enumerate(PLACES)]
    found += [record for _, record in combined(20)] + [
        change(sound(), random.Random(2)) for change in CHANGES.values()
    ]
    run(ndjson(tmp_path / "in" / "all.ndjson", *found), tmp_path / "out", whole=True)
    answers = [json.loads(line) for line in answers_of(tmp_path / "out")]
    assert unequal([reasoner.ask(record) for record in found], answers) == []


def answers_of(out) -> list[str]:
    """The whole answers of a cohort, one a line."""
    return [
        line
        for path in sorted(out.rglob("*.ndjson"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def unequal(ones: list[dict], many: list[dict]) -> list[str]:
    """The answers to single records that a cohort does not give, and those that only it gives."""
    single, together = (
        sorted(json.dumps(a, sort_keys=True) for a in answers) for answers in (ones, many)
    )
    return [a[:200] for a in {*single} ^ {*together}] + ["not so many"] * (
        len(single) != len(together)
    )


def test_an_answer_that_only_a_cohort_gives_is_seen(reasoner):
    answer = reasoner.ask(sound())
    assert (
        unequal([answer], [{**answer, "notes": [{"severity": "info"}]}])
        and unequal([answer], [])
        and not unequal([answer], [copy.deepcopy(answer)])
    )
