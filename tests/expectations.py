"""What an answer lacks of what a case expects.

`WHOLE` says what each key demands of an answer, `LACKS` what each demands of a presentation; a
function returns what is lacking, and something empty when nothing is.
"""

import json
import re

from answers import assumed, of_status
from spoil import essence


def listed(value) -> list:
    """A value as a list."""
    return value if isinstance(value, list) else [value]


def rated(p, generic):
    """The last recommendation of a generic procedure; an empty one when there is none."""
    return next(
        (r for r in reversed(p["recommendations"]) if r["generic"] == generic),
        {"safety": [], "procedure": {}},
    )


def hazards(p, generic):
    """The hazards flagged on a generic procedure."""
    return {flag["hazard"] for flag in rated(p, generic)["safety"]}


def top(p):
    """The recommendation of rank 1."""
    return (
        p["recommendations"][0]
        if p["recommendations"]
        else {"generic": None, "procedure": {"label": None, "codes": []}}
    )


def ids(rows, key="id"):
    """What rows are about."""
    return {row[key] for row in rows}


def each(wanted, found):
    """What is wanted of some keys and found otherwise."""
    return {k: (v, found(k)) for k, v in wanted.items() if found(k) != v}


def generics(p, aside: bool) -> set[str]:
    """The generic procedures that are listed, and set aside or not."""
    return {r["generic"] for r in p["recommendations"] if r["setAside"] is aside}


def ordered(p, name: str) -> dict:
    """What is said of an order."""
    return next((o for o in p.get("orders", ()) if o["id"] == name), {})


def agreed(p, generic: str) -> dict:
    """What every scenario still possible says of a procedure; nothing where they differ."""
    return next((r for r in p["agreed"] if r["generic"] == generic), {})


def said_of(row: dict, wanted) -> bool:
    """Whether an order has a category, or what is wanted of some of its keys."""
    if isinstance(wanted, dict):
        return all(row.get(key, "not said") == value for key, value in wanted.items())
    return row.get("category", "not said") == wanted


def flags_of(row: dict) -> set:
    """The hazards flagged on an order, alone and with their severity."""
    found = row.get("safety", ())
    return {f["hazard"] for f in found} | {(f["hazard"], f["severity"]) for f in found}


def judged(p) -> set[str]:
    """The orders that have a rating or an alert."""
    return {a["order"] for a in p["alerts"]} | {
        o["id"] for o in p.get("orders", ()) if o.get("category")
    }


# Who is warned of what


def place_of(place: str, record) -> str | None:
    """`Type/id` of the resource in which a place such as Bundle.entry[3].resource.code lies."""
    name = None
    for step in re.findall(r"\w+|\[\d+\]", place.removeprefix("Bundle")):
        try:
            record = record[int(step[1:-1])] if step[0] == "[" else record[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(record, dict) and {"resourceType", "id"} <= set(record):
            name = f"{record['resourceType']}/{record['id']}"
    return name


def about(name: str, words: str, record) -> bool:
    """Whether words name a resource, or a place within it."""
    if re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w-])", words):
        return True
    return any(
        place_of(place, record) == name for place in re.findall(r"[\w.]*(?:\[\d+\][\w.]*)+", words)
    )


def warnings(p):
    """What warns in a presentation: pairs of severity and words."""
    for a in p["alerts"]:
        yield a["severity"], json.dumps([a.get("order"), a.get("because"), a["message"]])
    for q in p["questions"]:
        yield "warning", json.dumps([q.get("because"), q.get("about"), q["text"]])
    for o in p.get("orders", ()):
        yield "warning" if o.get("setAside") or o.get("safety") else "info", json.dumps(o)
    for r in p["recommendations"]:
        yield from (("warning", json.dumps([s["because"], s["advice"]])) for s in r["safety"])


def warned(name: str, answer, record) -> bool:
    """Whether anything graver than information is about a resource."""
    said = [(n["severity"], f"{n['about']} {n['message']}") for n in answer["notes"]]
    said += [pair for p in answer["presentations"] for pair in warnings(p)]
    return any(severity != "info" and about(name, words, record) for severity, words in said)


def noted(name: str, answer, record) -> bool:
    """Whether a note is about a resource or a place."""
    return any(
        n["about"] == name or about(name, f"{n['about']} {n['message']}", record)
        for n in answer["notes"]
    )


def unsaid(wanted, text: str) -> list:
    """The words of a list, or lists of words of which one is enough, that a text lacks."""
    return [w for w in wanted if not any(x.lower() in text.lower() for x in listed(w))]


def remarks(answer) -> str:
    """All words of an answer that warn or note."""
    return " ".join(
        [n["message"] for n in answer["notes"]]
        + [w for p in answer["presentations"] for _, w in warnings(p)]
    )


LACKS = {
    "outcome": lambda p, v: p["outcome"] != v,
    "outcomeIn": lambda p, v: p["outcome"] not in v,
    "outcomeNot": lambda p, v: p["outcome"] in listed(v),
    "region": lambda p, v: (p["region"] and p["region"]["id"]) != v,
    "applies": lambda p, v: of_status(p, "applies") ^ set(v),
    "possible": lambda p, v: set(v) - of_status(p, "possible"),
    "possibleOrApplies": lambda p, v: set(v) - of_status(p, "possible") - of_status(p, "applies"),
    "excluded": lambda p, v: each(
        v, {s["id"]: s["excludedBy"] for s in p["scenarios"] if s["status"] == "excluded"}.get
    ),
    "top": lambda p, v: top(p)["generic"] != v,
    "topIn": lambda p, v: top(p)["generic"] not in v,
    "notTop": lambda p, v: top(p)["generic"] in listed(v),
    "topLabel": lambda p, v: top(p)["procedure"]["label"] != v,
    "topCode": lambda p, v: {v} - ids(top(p)["procedure"]["codes"], "code"),
    "label": lambda p, v: each(v, lambda g: rated(p, g)["procedure"].get("label")),
    "ratings": lambda p, v: each(v, lambda g: rated(p, g).get("category")),
    "radiation": lambda p, v: each(
        v, lambda g: [rated(p, g).get("adultRadiation"), rated(p, g).get("pediatricRadiation")]
    ),
    "setAside": lambda p, v: set(v) - generics(p, True),
    "notSetAside": lambda p, v: set(v) - generics(p, False),
    "notRecommended": lambda p, v: set(v) & generics(p, False),
    "assumes": lambda p, v: (
        set(v)
        - {a["id"] for s in p["scenarios"] if s["status"] == "applies" for a in s["assumptions"]}
    ),
    "notAssumed": lambda p, v: set(v) & assumed(p),
    "asks": lambda p, v: set(v) - ids(p["questions"]),
    "alerts": lambda p, v: set(v) - ids(p["alerts"], "pitfall"),
    "noAlerts": lambda p, v: set(v) & ids(p["alerts"], "pitfall"),
    "nextSteps": lambda p, v: ids(p["nextSteps"]) ^ set(v),
    "hasNextSteps": lambda p, v: set(v) - ids(p["nextSteps"]),
    "noNextSteps": lambda p, v: set(v) & ids(p["nextSteps"]),
    "notJudged": lambda p, v: set(v) & judged(p),
    "cautions": lambda p, v: {g: hs for g, hs in v.items() if not set(hs) <= hazards(p, g)},
    "noCautions": lambda p, v: [[g, h] for g, h in v if h in hazards(p, g)],
    "flagged": lambda p, v: {
        g: h
        for g, h in v.items()
        if g != "not" and (h not in hazards(p, g) or h in hazards(p, v.get("not")))
    },
    # of the project's own cases besides: orders by their ids, and what was not read
    "orders": lambda p, v: {o: w for o, w in v.items() if not said_of(ordered(p, o), w)},
    "verdicts": lambda p, v: each(v, lambda o: {key: ordered(p, o).get(key) for key in v[o]}),
    "orderFlags": lambda p, v: each(
        v, lambda o: [[f["hazard"], f["severity"]] for f in ordered(p, o).get("safety", ())]
    ),
    "ordersAside": lambda p, v: [o for o in v if ordered(p, o).get("setAside") is not True],
    "orderHazards": lambda p, v: {
        o: hs
        for o, hs in v.items()
        if not {tuple(h) if isinstance(h, list) else h for h in hs} <= flags_of(ordered(p, o))
    },
    "unread": lambda p, v: set(v) - ids(p.get("unread", ()), "resource"),
    "notUnread": lambda p, v: set(v) & ids(p.get("unread", ()), "resource"),
    "agreed": lambda p, v: each(v, lambda g: agreed(p, g).get("category")),
    "agreedAside": lambda p, v: [g for g in v if agreed(p, g).get("setAside") is not True],
    "headlineSays": lambda p, v: unsaid(v, p["headline"]),
    "alsoRecordedAs": lambda p, v: set(v) ^ set(p.get("alsoRecordedAs", ())),
}
OF_ANSWER = {
    "warned",
    "notWarned",
    "noted",
    "notesMention",
}  # keys that may also stand in a presentation
WHOLE = {
    "noted": lambda a, v, record: [name for name in v if not noted(name, a, record)],
    "warned": lambda a, v, record: [name for name in v if not warned(name, a, record)],
    "notWarned": lambda a, v, record: [name for name in v if warned(name, a, record)],
    "notesMention": lambda a, v, record: unsaid(v, remarks(a)),
}
ELSEWHERE = {"why", "mayAlso", "errorMentions", "instead", "exit", "says", "keeps", "sameAnswerAs"}


def of_presentation(want: dict, p: dict, answer: dict, record) -> dict:
    """What a presentation lacks, by key."""
    found = {}
    for key, value in want.items():
        if key == "either":
            lack = alternatives([of_presentation(one, p, answer, record) for one in value])
        elif key in OF_ANSWER:
            lack = WHOLE[key](answer, value, record)
        else:
            lack = LACKS[key](p, value)
        if lack:
            found[key] = (value, lack)
    return found


def alternatives(lacks: list) -> list:
    """What several alternatives lack when none of them holds."""
    return lacks if all(lacks) else []


def of_answer(want: dict, answer: dict, record, twin=None) -> dict:
    """What an answer lacks, by key; `twin` is the answer that it must be like, if any."""
    found = {}
    shown = {p["id"]: p for p in answer["presentations"]}
    for key, value in want.items():
        if key == "presentations":
            lack = {name: "is not there" for name in set(value) - set(shown)}
            lack |= {
                name: "is not wanted"
                for name in set(shown) - set(value) - set(want.get("mayAlso", ()))
            }
            lack |= {
                name: few
                for name in set(value) & set(shown)
                if (few := of_presentation(value[name], shown[name], answer, record))
            }
        elif key == "every":
            lack = (
                {
                    name: few
                    for name, p in shown.items()
                    if (few := of_presentation(value, p, answer, record))
                }
                if shown
                else "no presentation"
            )
        elif key == "either":
            lack = alternatives(
                [
                    of_answer(one, answer, record)
                    if "errorMentions" not in one
                    else "there is an answer"
                    for one in value
                ]
            )
        elif key == "sameAnswerAs":
            lack = essence(answer) != essence(twin)
        else:
            lack = WHOLE[key](answer, value, record) if key in WHOLE else None
        if lack:
            found[key] = lack
    return found
