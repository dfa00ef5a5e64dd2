"""The cases of CDS Hooks: a request beside what the reply to it must hold.

Keys of an expectation: `service` (its id), `status` (else 200), `cardsAtLeast`, `cardsAtMost`,
`indicatorAtLeast` (of some card), `rating` (of all system actions; null: it has none), `ratingNot`,
`actionsOnlyOn` (ids of orders), `mentions` (words, or lists of which one is enough, in summary or
detail), `mentionsNot`, `noCardAbout` (words in no summary), `either` (alternatives), and `why`,
which is not compared.
"""

import json
from pathlib import Path

import pytest
from conftest import ROOT
from expectations import unsaid

pytest.importorskip("fastapi", reason="the serve extra is not installed")


FOLDERS = (
    *sorted((ROOT / "tests" / "cases").glob("*/cds")),
    ROOT.parent / "shared" / "cases" / "field",
)
CASES = [
    e
    for f in FOLDERS
    for e in sorted(f.glob("*.expected.json"))
    if "service" in json.loads(e.read_text())
]
INDICATORS = ("info", "warning", "critical")
KEYS = {
    "service",
    "status",
    "cardsAtLeast",
    "cardsAtMost",
    "indicatorAtLeast",
    "rating",
    "ratingNot",
    "actionsOnlyOn",
    "mentions",
    "mentionsNot",
    "noCardAbout",
    "either",
    "why",
}


def actions(document: dict) -> list[dict]:
    """The system actions of a reply, in either place, each once."""
    found = document.get("systemActions", []) + document.get("extension", {}).get(
        "systemActions", []
    )
    return [json.loads(one) for one in dict.fromkeys(json.dumps(a, sort_keys=True) for a in found)]


def ratings(document: dict) -> set[str]:
    """The PAMA ratings that a reply writes into orders."""
    extensions = [e for a in actions(document) for e in a.get("resource", {}).get("extension", [])]
    of_pama = [
        e["valueCodeableConcept"]["coding"]
        for e in extensions
        if e.get("url", "").endswith("/pama-rating")
    ]
    return {
        c["code"] for codings in of_pama for c in codings if "pama-rating" in c.get("system", "")
    }


def lacks(want: dict, status: int, document: dict) -> list[str]:
    """What a reply lacks of what is wanted."""
    cards = document.get("cards", [])
    words = " ".join(f"{c.get('summary', '')} {c.get('detail', '')}" for c in cards).lower()
    summaries = " ".join(c.get("summary", "") for c in cards).lower()
    graver = INDICATORS[INDICATORS.index(want.get("indicatorAtLeast", "info")) :]
    written = ratings(document)
    others = {a.get("resource", {}).get("id") for a in actions(document)} - set(
        want.get("actionsOnlyOn", ())
    )
    tried = [lacks(one, status, document) for one in want.get("either", ())]
    met = {
        f"status {status}": status == want.get("status", 200)
        or ("either" in want and "status" not in want),
        f"{len(cards)} cards": want.get("cardsAtLeast", 0)
        <= len(cards)
        <= want.get("cardsAtMost", len(cards)),
        "no such indicator": "indicatorAtLeast" not in want
        or any(c.get("indicator") in graver for c in cards),
        f"rating {sorted(written)}": "rating" not in want or written == {want["rating"]} - {None},
        f"unwanted rating {sorted(written)}": not written & set(want.get("ratingNot", ())),
        f"actions on {sorted(map(str, others))}": "actionsOnlyOn" not in want or not others,
        f"silent of {unsaid(want.get('mentions', ()), words)}": not unsaid(
            want.get("mentions", ()), words
        ),
        "a card says it": not any(w.lower() in words for w in want.get("mentionsNot", ())),
        "a card is about it": not any(w.lower() in summaries for w in want.get("noCardAbout", ())),
        f"neither {tried}": not tried or not all(tried),
    }
    return [lack for lack, holds in met.items() if not holds]


def reply(client, request: Path, service: str) -> tuple[int, dict]:
    """The status and the document that a request gets, sent as it is."""
    sent = client.post(
        f"/cds-services/{service}",
        content=request.read_bytes(),
        headers={"Content-Type": "application/json"},
    )
    try:
        return sent.status_code, sent.json()
    except ValueError:
        return sent.status_code, {}


def of(path: Path) -> Path:
    """The request of an expectation."""
    return path.with_name(path.name.replace(".expected", ""))


@pytest.mark.parametrize(
    "path", CASES, ids=lambda p: f"{p.parent.name}/{p.name.removesuffix('.expected.json')}"
)
def test_a_request_gets_the_reply_that_its_case_expects(client, path):
    want = json.loads(path.read_text())
    assert lacks(want, *reply(client, of(path), want["service"])) == []


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.name)
def test_every_expectation_has_a_request_and_demands_something(path):
    want = json.loads(path.read_text())
    assert of(path).is_file() and (path.name.startswith("should-") or want["why"])
    assert set(want) <= KEYS and set(want) - {"service", "why"}


@pytest.mark.parametrize("path", [c for c in CASES if c.is_relative_to(ROOT)], ids=lambda p: p.name)
def test_a_reply_without_cards_meets_a_case_only_where_none_is_wanted(path):
    want = json.loads(path.read_text())
    assert want.get("cardsAtMost") == 0 or lacks(want, 200, {"cards": []})


def test_there_are_cases_of_our_own():
    assert len([c for c in CASES if c.is_relative_to(ROOT)]) >= 100


@pytest.mark.parametrize(
    "want",
    [
        {"status": 412},
        {"cardsAtLeast": 2},
        {"cardsAtMost": 0},
        {"indicatorAtLeast": "critical"},
        {"rating": None},
        {"ratingNot": ["appropriate"]},
        {"actionsOnlyOn": ["o2"]},
        {"mentions": ["stimulator"]},
        {"mentionsNot": ["MRI"]},
        {"noCardAbout": ["thigh"]},
        {"either": [{"status": 412}, {"cardsAtMost": 0}]},
    ],
    ids=lambda want: next(iter(want)),
)
def test_a_reply_that_falls_short_is_seen(want):
    rating = [
        {
            "url": "http://x/pama-rating",
            "valueCodeableConcept": {
                "coding": [{"system": "http://x/pama-rating", "code": "appropriate"}]
            },
        }
    ]
    card = {"summary": "MRI thigh: appropriate", "detail": "", "indicator": "info"}
    document = {"cards": [card], "systemActions": [{"resource": {"id": "o1", "extension": rating}}]}
    assert lacks(want, 200, document)
    assert not lacks(
        {"rating": "appropriate", "actionsOnlyOn": ["o1"], "mentions": [["MRI", "CT"]]},
        200,
        document,
    )
