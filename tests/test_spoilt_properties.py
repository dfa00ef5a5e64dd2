"""Taking away clears nothing, doubt closes nothing, and what does not matter changes nothing.

Each property has a checker that says what went wrong, and a twin that gives it a broken answer.
"""

import copy
import itertools
import json
import random

import pytest
from answers import MRI, names, rows, sound, warned
from bundles import (
    DEEP,
    HEMANGIOMA,
    INDETERMINATE,
    LIPOMA,
    NORMAL,
    SUSPICIOUS,
    THIGH,
    US_LEG,
    XR_FEMUR,
    bundle,
    mass,
    report,
)
from conftest import CASES
from packing import key, resources
from safety_facts import FACTS, combined
from spoil import CHANGES, coded_again, essence, removals

from reasoner.synth import population

# Taking a fact away clears no hazard but the one that it states


def hazards(answer: dict) -> dict[tuple[str, str], set[str]]:
    """What speaks against each order, with the resources that it rests on.

    "kept back" stands for an order that is set aside, or whose rating is withheld.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for p in answer["presentations"]:
        withheld = {
            u["resource"] for u in p.get("unread", []) if MRI in json.dumps(u.get("blocks"))
        }
        for name, row in rows(p).items():
            for flag in row["safety"]:
                found.setdefault((name, flag["hazard"]), set()).update(flag["because"])
                if flag["severity"] == "contraindicated":
                    found.setdefault((name, "kept back"), set()).update(flag["because"])
            if row["setAside"]:
                found.setdefault((name, "kept back"), set())
            elif row["category"] is None and withheld:
                found.setdefault((name, "kept back"), set()).update(withheld)
    return found


def cleared(before: dict, after: dict, taken: str, whole: bool) -> list[str]:
    """The hazards that are gone after something was taken away on which they do not rest.

    An element that is taken away clears nothing: its hazard stays, or is asked for with a warning.
    """
    name, was, now = taken.split()[0], hazards(before), hazards(after)
    asked_of = [
        q
        for p in after["presentations"]
        for q in p["questions"]
        if names([q.get("about"), q.get("because")], {name})
    ]
    flagged = any(name in because for because in now.values())
    lost = []
    for (o, hazard), because in was.items():
        kept = hazard in ("ia:MagneticField", "kept back") and (o, "kept back") in now
        if (o, hazard) in now or kept:
            continue
        if name in because if whole else asked_of and (flagged or warned(after, {name})):
            continue
        lost.append(f"without {taken}: {hazard} of {o}, because of {sorted(because)}")
    return lost


def test_taking_a_fact_away_clears_no_hazard_but_its_own(reasoner):
    lost, seen = [], 0
    for facts, record in combined(60):
        before = reasoner.ask(record)
        seen += len(hazards(before))
        for taken, whole, rest in removals(record, facts):
            lost += cleared(before, reasoner.ask(rest), taken, whole)
    assert seen > 60
    assert (len(lost), lost[:8]) == (0, [])


def test_a_hazard_that_is_cleared_is_seen(reasoner):
    before = reasoner.ask(sound(FACTS["a low eGFR"], FACTS["an unsafe pacemaker"]))
    flag = {
        "hazard": "ia:GadoliniumContrast",
        "severity": "caution",
        "advice": "",
        "because": ["Observation/gfr-low"],
    }
    for p in before["presentations"]:
        for o in p["orders"]:
            o |= {
                "category": "usually-appropriate",
                "setAside": False,
                "safety": [flag] if o["id"] == "ServiceRequest/o-mri" else [],
            }
    after = copy.deepcopy(before)
    for p in after["presentations"]:
        next(o for o in p["orders"] if o["safety"])["safety"] = []
    assert cleared(before, after, "Observation/gfr-low", True) == []
    assert len(cleared(before, after, "Observation/gfr-low effectiveDateTime", False)) == 1
    assert len(cleared(before, after, "Device/d-unsafe", True)) == 1
    assert cleared(before, before, "Device/d-unsafe", True) == []


# A benign code ends nothing beside one that worries

KINDS = {"xr": XR_FEMUR, "us": US_LEG}
RESULTS = {
    "lipoma": LIPOMA,
    "hemangioma": HEMANGIOMA,
    "normal": NORMAL,
    "suspicious": SUSPICIOUS,
    "indeterminate": INDETERMINATE,
    "sarcoma": "sct:424952003",
}
WORRYING = {"suspicious", "indeterminate", "sarcoma"}
DAYS = ("2026-04-18", "2026-04-20", None)


def studied(*studies: tuple[str, str, str | None]) -> dict:
    """A record of a mass with initial studies, each given by kind, result and day."""
    made = []
    for n, (kind, result, day) in enumerate(studies):
        one = report(f"{kind}-{n}", KINDS[kind], RESULTS[result], day=day or "")
        made.append({k: v for k, v in one.items() if v != ""})
    return bundle(mass(THIGH, DEEP), *made)


def worries(studies) -> bool:
    """Whether a current study worries: the newest of its kind, or one that may be as new."""
    newest = {
        kind: max((d for k, _, d in studies if k == kind and d), default=None)
        for kind, _, _ in studies
    }
    return any(
        result in WORRYING and (day is None or day == newest[kind]) for kind, result, day in studies
    )


def ended(answer: dict) -> bool:
    """Whether a work-up has ended."""
    return any(
        p["outcome"] == "no-imaging" or "ia:NoFurtherWorkup" in {n["id"] for n in p["nextSteps"]}
        for p in answer["presentations"]
    )


def test_a_benign_study_ends_no_work_up_beside_one_that_worries(reasoner):
    one = list(itertools.product(KINDS, RESULTS, DAYS))
    many = [
        *itertools.combinations(one, 2),
        *random.Random(3).sample(list(itertools.combinations(one, 3)), 600),
    ]
    wrong = [
        studies for studies in many if worries(studies) and ended(reasoner.ask(studied(*studies)))
    ]
    assert (len(wrong), wrong[:5]) == (0, [])


def test_a_benign_study_alone_ends_a_work_up_and_the_checkers_see_it(reasoner):
    assert ended(reasoner.ask(studied(("us", "lipoma", DAYS[0]))))
    assert not ended(reasoner.ask(studied(("us", "indeterminate", DAYS[0]))))
    assert worries([("us", "lipoma", DAYS[1]), ("xr", "suspicious", DAYS[0])]) and worries(
        [("us", "lipoma", DAYS[1]), ("us", "sarcoma", None)]
    )
    assert not worries([("us", "lipoma", DAYS[1]), ("us", "suspicious", DAYS[0])])


# What does not matter changes nothing


def plain(document) -> bool:
    """Whether a document is a Bundle in which every resource has a name and one version."""
    if not isinstance(document, dict) or not isinstance(document.get("entry"), list):
        return False
    found = [e.get("resource") for e in document["entry"]]
    if not all(
        isinstance(r, dict) and "id" in r and r.get("resourceType") not in ("Bundle", None)
        for r in found
    ):
        return False
    return (
        len({key(r) for r in found}) == len(found)
        and "Patient?" not in json.dumps(document)
        and not any("meta" in r for r in found)
    )


@pytest.fixture(scope="module")
def everyday(reasoner):
    """Records to change, by name, each with its answer: the cases, and synthetic patients."""
    found = {
        name: json.loads(path.read_text(encoding="utf-8-sig"))
        for name, path in CASES.items()
        if path.suffix == ".json"
    }
    found |= {
        f"synthetic {n}": bundle(*person.resources) for n, person in enumerate(population(60, 5, 1))
    }
    return {
        name: (document, reasoner.ask(document))
        for name, document in found.items()
        if plain(document)
    }


@pytest.mark.parametrize("change", CHANGES)
def test_what_does_not_matter_changes_nothing(reasoner, everyday, change):
    dice, wrong = random.Random(7), []
    for name, (document, answer) in everyday.items():
        if essence(reasoner.ask(CHANGES[change](document, dice))) != essence(answer):
            wrong.append(name)
    assert len(everyday) > 120
    assert (len(wrong), wrong[:12]) == (0, [])


def test_a_problem_coded_again_is_the_same_problem(reasoner, everyday):
    dice, wrong, tried = random.Random(8), [], 0
    for name, (document, answer) in everyday.items():
        again = coded_again(document, dice)
        if again is None or not any(
            p["id"] in ("Condition/mass-1", "Condition/mass") for p in answer["presentations"]
        ):
            continue
        tried += 1
        found = reasoner.ask(again)
        shown = [(p["id"], *(p.get("alsoRecordedAs") or ())) for p in found["presentations"]]
        merged = [names for names in shown if "Condition/z-again" in names and len(names) > 1]
        if essence(found) != essence(answer) or len(merged) != 1:
            wrong.append(name)
    assert tried > 60
    assert (len(wrong), wrong[:12]) == (0, [])


def test_what_changes_an_answer_is_seen(everyday):
    document, answer = everyday["example"]
    for spoil in (
        lambda p: p.update(outcome="no-imaging"),
        lambda p: p["recommendations"].pop(),
        lambda p: p["questions"].clear(),
        lambda p: p["alerts"].clear(),
        lambda p: p["orders"].clear(),
        lambda p: p["scenarios"][0]["assumptions"].clear(),
    ):
        spoilt = copy.deepcopy(answer)
        spoil(spoilt["presentations"][0])
        assert essence(spoilt) != essence(answer)
    for change in CHANGES.values():
        changed = change(document, random.Random(1))
        assert changed != document
        assert len(resources(changed)) >= len(resources(document))
