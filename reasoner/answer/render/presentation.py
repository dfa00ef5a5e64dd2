"""Puts an answer into words: the headline first, warnings right under it, then the ratings, and all
else at the end.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from reasoner.answer import catalogued_scenarios
from reasoner.answer.render.document import Document, Part, Remark
from reasoner.answer.render.naming import Names, title_of
from reasoner.answer.render.ratings import agreed, recommended
from reasoner.answer.render.replied import Replied
from reasoner.answer.wording import CATEGORY, NOTHING, is_unmet, not_loaded, quoted, states


def document(reply: Replied) -> Document:
    """The answer to a record in words."""
    names, answer = Names(reply), reply.answer
    presentations = answer["presentations"]
    titles = Counter(map(title_of, presentations))
    owner, above = owners(presentations, names), defaultdict[int, list[Remark]](list)
    rest = []
    for n in answer["notes"]:
        if n["severity"] == "warning":
            above[owner.get(n["about"], 0)].append(note(n))
        else:
            rest.append(note(n))
    parts = [
        part(p, names, titles[title_of(p)] > 1, above[place])
        for place, p in enumerate(presentations)
    ]
    catalogued = catalogued_scenarios.lines(answer)
    if not presentations:
        return Document(parts, NOTHING, above[0], catalogued, rest)
    return Document(parts, "", [], catalogued, rest)


def owners(presentations: list[dict], names: Names) -> dict[str, int]:
    """The resources of the record, by their references, with the first presentation of each."""
    owner: dict[str, int] = {}
    for place, p in enumerate(presentations):
        for reference in (p["id"], *p["alsoRecordedAs"], *names.parts_of(p["id"])):
            owner.setdefault(reference, place)
    return owner


def note(n: dict) -> Remark:
    """A note on the record."""
    grave = n["severity"] == "warning"
    return Remark("note, warning" if grave else "note", f"{n['message']} ({n['about']})", grave)


def part(p: dict, names: Names, named: bool, above: list[Remark]) -> Part:
    """One presentation in words, with notes that warn.

    `named` says that its title needs its reference.
    """
    title = title_of(p)
    if not p["finding"]:
        title = f"{title}: {names.cite([p['id']])}"
    elif named:
        title = f"{title} ({p['id']})"
    return Part(
        title,
        p["headline"],
        warnings(p, names) + above,
        [table for table in (agreed(p, names), recommended(p, names)) if table],
        remarks(p, names),
    )


def warnings(p: dict, names: Names) -> list[Remark]:
    """The remarks to be read before anything is ordered."""
    return [
        *(r for r in alerts(p, names) if r.grave),
        *conflicts(p, names),
        *flags(p, names, "contraindicated"),
        *(r for r in orders(p, names) if r.grave),
        *(r for r in unread(p, names) if r.grave),
    ]


def remarks(p: dict, names: Names) -> list[Remark]:
    """The remarks after the table: cautions, scenarios, orders and questions."""
    return [
        *flags(p, names, "caution"),
        *scenarios(p, names),
        *other_sources(p),
        *ratings(p, names),
        *steps(p, names),
        *(r for r in orders(p, names) if not r.grave),
        *(r for r in alerts(p, names) if not r.grave),
        *(r for r in unread(p, names) if not r.grave),
        *considered(p),
        *questions(p, names),
    ]


def alerts(p: dict, names: Names) -> list[Remark]:
    """The pitfalls that orders and facts reveal."""
    return [
        Remark(a["severity"], a["message"] + raised_by(a, p, names), a["severity"] == "warning")
        for a in p["alerts"]
    ]


def raised_by(alert: dict, p: dict, names: Names) -> str:
    """The order that an alert is about; empty for one that is about none."""
    if not alert["order"]:
        return ""
    return f" Ordered: {names.orders(p).get(alert['order']) or names.cite([alert['order']])}."


def conflicts(p: dict, names: Names) -> list[Remark]:
    """The studies that two scenarios rate differently, those alike together."""
    studies: dict[str, list[str]] = {}
    for c in p["conflicts"]:
        ratings = " against ".join(
            f"{CATEGORY[r['category']][0]} in {names.term(r['scenario'])}" for r in c["ratings"]
        )
        studies.setdefault(ratings, []).append(names.study(c["procedure"], p))
    return [
        Remark("conflict", f"{', '.join(labels)}: {ratings}", True)
        for ratings, labels in studies.items()
    ]


def flags(p: dict, names: Names, severity: str) -> list[Remark]:
    """Each safety advice once, with the studies and orders that it is about."""
    about: dict[str, dict[str, None]] = {}
    because: dict[str, set[str]] = {}
    rated = [(r["procedure"]["label"], r) for r in [*p["recommendations"], *p["agreed"]]]
    for name, row in [*rated, *((names.orders(p)[o["id"]], o) for o in p["orders"])]:
        for flag in row["safety"]:
            if flag["severity"] == severity:
                about.setdefault(flag["advice"], {})[name] = None
                because.setdefault(flag["advice"], set()).update(flag["because"])
    merged: dict[tuple, list[str]] = {}
    for advice, studies in about.items():
        key = (tuple(studies), tuple(sorted(because[advice])))
        merged.setdefault(key, []).append(advice)
    return [
        Remark(
            severity,
            f"{' '.join(advices)} This is about {', '.join(studies)}{names.because(reasons)}.",
            severity == "contraindicated",
        )
        for (studies, reasons), advices in merged.items()
    ]


def orders(p: dict, names: Names) -> list[Remark]:
    """How each order stands, and what to order instead."""
    remarks = []
    for o in p["orders"]:
        grave = bool(o["setAside"] or o["withheld"])
        instead = ", ".join(names.study(x, p) for x in o["alternatives"])
        sentences = [standing(o, names), *(why.rstrip(".") for why in o["why"])]
        sentences += [f"Instead: {instead}"] if instead else []
        text = f"{names.orders(p)[o['id']]}: {'. '.join(sentences)}."
        remarks.append(Remark("warning, order" if grave else "order", text, grave))
    return remarks


def standing(o: dict, names: Names) -> str:
    """How an order stands, in words."""
    if o["setAside"]:
        return "contraindicated, set aside"
    if o["withheld"]:
        return f"its rating is withheld until this is known: {names.terms(o['withheld'])}"
    return CATEGORY[o["category"]][0] if o["category"] else "not rated here"


def unread(p: dict, names: Names) -> list[Remark]:
    """The elements that could not be read, by quote; grave if one takes back an assumption."""
    rows: dict[tuple[str, str], list[dict]] = {}
    for u in p["unread"]:
        rows.setdefault((u["resource"], u["quote"]), []).append(u)
    remarks = []
    for (reference, quote), mine in rows.items():
        kinds = dict.fromkeys(names.term(u["kind"]) for u in mine)
        places = dict.fromkeys(u["place"] for u in mine if u["place"])
        blocks = sorted({b for u in mine for b in u["blocks"]})
        where = ", ".join([reference, *places])
        leaves = f"; leaves open: {names.terms(blocks)}" if blocks else ""
        quoted = f'"{quote}" ({where})' if quote else f"nothing to quote ({where})"
        remarks.append(Remark(", ".join(kinds), quoted + leaves, bool(blocks)))
    return remarks


def scenarios(p: dict, names: Names) -> list[Remark]:
    """The scenarios that apply, with what they assume, and the others by what is in the way."""
    remarks: list[Remark] = []
    assumed: dict[str, None] = {}
    others: dict[tuple, list[str]] = {}
    for s in p["scenarios"]:
        if s["status"] == "applies":
            facts = [b for c in s["criteria"] for b in c["because"]]
            text = f"{s['label']} ({names.term(s['edition'])}){names.because(facts)}"
            remarks.append(Remark("applies", text))
        else:
            key = (s["status"], is_unmet(s), s["excludedBy"], s["leadsTo"])
            others.setdefault(key, []).append(s["label"])
        assumed.update(dict.fromkeys(a["label"] for a in s["assumptions"]))
    if assumed:
        remarks.append(Remark("assumed", "; ".join(assumed)))
    for (status, unmet, by, leads), labels in others.items():
        why = [f"{'not met' if unmet else 'because of'}: {names.term(by)}"] if by else []
        why += [f"leads to: {names.term(leads)}"] if leads else []
        text = "; ".join(labels) + (f" ({'; '.join(why)})" if why else "")
        remarks.append(Remark(status, text))
    return remarks


def other_sources(p: dict) -> list[Remark]:
    """What sources beside the deciding edition say, each in its own words."""
    return [Remark("source", f"{s['label']}: {quoted(s)}") for s in p["otherSources"]]


def ratings(p: dict, names: Names) -> list[Remark]:
    """What must be known of the ratings: what they lack, or where to read those not loaded."""
    where = not_loaded(p, names.knowledge.label)
    lacking = [f"not loaded. {where}"] if where else []
    return [Remark("ratings", text) for text in [*states(p), *lacking]]


def steps(p: dict, names: Names) -> list[Remark]:
    """The next steps after the result in the record; without one, the steps after each result."""
    now: dict[tuple[str, ...], list[str]] = {}
    for step in p["nextSteps"]:
        now.setdefault(tuple(step["because"]), []).append(step["label"])
    if not now:
        return [
            Remark(f"on {names.term(way['when'])}", "; ".join(map(names.term, way["steps"])))
            for way in p["pathways"]
        ]
    return [
        Remark("next step", "; ".join(labels) + names.because(because))
        for because, labels in now.items()
    ]


def considered(p: dict) -> Iterable[Remark]:
    """The diagnoses to consider."""
    diagnoses = [
        d["label"] + (" (must not be missed)" if d["mostConsequential"] else "")
        for d in p["differential"]
    ]
    return [Remark("consider", ", ".join(diagnoses))] if diagnoses else []


def questions(p: dict, names: Names) -> list[Remark]:
    """The questions to ask, with the resources that raise them."""
    remarks = []
    for q in p["questions"]:
        cited = names.cite(q["because"])
        remarks.append(Remark("ask", q["text"] + (f" Because of {cited}." if cited else "")))
    return remarks
