"""What an answer says of an order and of its problem, the cards of CDS Hooks say too.

The record of each case is packed again as a request: its drafts as context, all else as prefetch.
"""

import copy
import html
import re

import pytest
from bundles import CT_THIGH, MRI_THIGH, order
from doors import bundles, outcome
from packing import is_draft, key, order_sign, resources
from spoil import essence

from reasoner.answer.wording import CATEGORY

pytest.importorskip("fastapi", reason="the serve extra is not installed")


SIGN, VIEW = "/cds-services/imaging-order-sign", "/cds-services/imaging-patient-view"
PLACE = re.compile(
    r"(?:Bundle|prefetch\.\w+|context\.draftOrders)(?:\.entry)?(?:\[\d+\])?(?:\.resource)?"
)


@pytest.fixture(scope="module")
def documents():
    """The records that are plain Bundles, by name."""
    return bundles()


def drafted(document: dict) -> dict:
    """A record with an MRI and a CT drafted for its first problem, unless something is drafted."""
    made = copy.deepcopy(document)
    problem = next(
        (
            e
            for e in made["entry"]
            if e["resource"].get("resourceType") == "Condition" and "id" in e["resource"]
        ),
        None,
    )
    if problem is None or any(map(is_draft, resources(made))):
        return made
    url = str(problem.get("fullUrl", "")).removesuffix(key(problem["resource"]))
    for name, study in (("door-mri", MRI_THIGH), ("door-ct", CT_THIGH)):
        draft = {
            **order(name, study, key(problem["resource"])),
            "subject": problem["resource"].get("subject"),
        }
        made["entry"].append(
            {"resource": draft}
            | ({"fullUrl": f"{url}{key(draft)}"} if url and url != problem["fullUrl"] else {})
        )
    return made


def warnings(answer: dict) -> set[tuple[str, str]]:
    """What an answer warns of, without places."""
    return {
        (n["about"] if "/" in n["about"] else "a place", PLACE.sub("@", n["message"]))
        for n in answer["notes"]
        if n["severity"] == "warning"
    }


def test_a_record_that_is_packed_as_a_request_gets_the_same_answer(reasoner, documents):
    wrong = []
    for name, document in documents.items():
        one, other = (
            outcome(reasoner, d) for d in (drafted(document), order_sign(drafted(document)))
        )
        if (
            ("refused" in one) != ("refused" in other)
            or "refused" not in one
            and (essence(one), warnings(one)) != (essence(other), warnings(other))
        ):
            wrong.append(name)
    assert (len(wrong), wrong[:10]) == (0, [])


def plain(text: str) -> str:
    """Words without the signs of Markdown and HTML, in small letters."""
    return " ".join(html.unescape(re.sub(r"\\(.)", r"\1", text)).replace("*", "").lower().split())


def words(reply: dict) -> str:
    """All words of the cards of a reply."""
    return plain(" ".join(f"{c['summary']} {c.get('detail', '')}" for c in reply["cards"]))


def concerned(answer: dict, drafts: set[str] | None) -> list[dict]:
    """The presentations that have one of some orders; all of them where none are given."""
    return [
        p
        for p in answer["presentations"]
        if drafts is None or drafts & {o["id"] for o in p["orders"]}
    ]


def silent(answer: dict, reply: dict, drafts: set[str] | None) -> list[str]:
    """What an answer says of some orders, or of all problems, and no card says."""
    said, wanted = words(reply), []
    for p in concerned(answer, drafts):
        for o in p["orders"] if drafts else ():
            if o["id"] not in drafts:
                continue
            wanted += [f["advice"] for f in o.get("safety", ())]
            wanted += (
                [CATEGORY[o["category"]][0]] if o.get("category") and not o.get("setAside") else []
            )
            wanted += ["contraindicated"] if o.get("setAside") else []
        wanted += [
            a["message"]
            for a in p["alerts"]
            if drafts is None or a["order"] is None or a["order"] in drafts
        ]
        wanted += [u.get("quote") or u.get("code") or u["resource"] for u in p.get("unread", ())]
        about = {
            p["id"],
            *(p.get("alsoRecordedAs") or ()),
            *(u["resource"] for u in p.get("unread", ())),
            *(drafts or ()),
        }
        wanted += [
            n["message"]
            for n in answer["notes"]
            if n["severity"] == "warning" and n["about"] in about
        ]
    return [w for w in dict.fromkeys(wanted) if plain(w) not in said]


def test_the_cards_of_an_order_say_what_the_answer_says(reasoner, client, documents):
    wrong, asked_of = {}, 0
    for name, document in documents.items():
        request = order_sign(drafted(document))
        drafts = {key(r) for r in resources(drafted(document)) if is_draft(r)}
        answer, reply = outcome(reasoner, request), client.post(SIGN, json=request)
        if "refused" in answer or not concerned(answer, drafts):
            continue
        asked_of += 1
        lacks = (
            silent(answer, reply.json(), drafts) if reply.status_code == 200 else [reply.text[:200]]
        )
        if lacks:
            wrong[name] = lacks
    assert asked_of > 100
    assert (len(wrong), dict(list(wrong.items())[:5])) == (0, {})


def test_the_cards_of_a_chart_say_what_the_answer_says(reasoner, client, documents):
    wrong = {}
    for name, document in documents.items():
        request = order_sign(document, "patient-view")
        answer, reply = outcome(reasoner, request), client.post(VIEW, json=request)
        if "refused" not in answer and (
            lacks := silent(answer, reply.json(), None)
            if reply.status_code == 200
            else [reply.text[:200]]
        ):
            wrong[name] = lacks
    assert (len(wrong), dict(list(wrong.items())[:5])) == (0, {})


def test_a_card_that_is_silent_is_seen():
    flag = {
        "severity": "caution",
        "advice": "Check the *kidneys* first.",
        "hazard": "ia:GadoliniumContrast",
        "because": [],
    }
    row = {
        "id": "ServiceRequest/o1",
        "category": "usually-appropriate",
        "setAside": False,
        "safety": [flag],
    }
    alert = {
        "pitfall": "ia:PrematureBiopsy",
        "severity": "warning",
        "order": None,
        "message": "Image first.",
    }
    p = {
        "id": "Condition/m",
        "orders": [row],
        "alerts": [alert],
        "unread": [{"resource": "Device/d", "quote": "pacer (2019)"}],
    }
    answer = {
        "presentations": [p],
        "notes": [
            {"severity": "warning", "about": "Device/d", "message": "Device/d was not read."}
        ],
    }
    card = {
        "summary": "MRI: Usually appropriate",
        "detail": "Check the \\*kidneys\\* first. Image  first. pacer \\(2019\\); "
        "Device/d was not read.",
    }
    assert silent(answer, {"cards": [card]}, {"ServiceRequest/o1"}) == []
    assert len(silent(answer, {"cards": [{**card, "detail": ""}]}, {"ServiceRequest/o1"})) == 4
    assert (
        silent(answer, {"cards": []}, {"ServiceRequest/other"}) == []
        and len(silent(answer, {"cards": []}, None)) == 3
    )
    row |= {"setAside": True}
    assert silent(answer, {"cards": [card]}, {"ServiceRequest/o1"}) == ["contraindicated"]
