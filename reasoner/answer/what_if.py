"""Finds what would change an answer, by answering the record again under suppositions.

Each open criterion is settled, each assumption overturned, and each hazard that the record leaves
out is added, one at a time.
"""

from collections import defaultdict
from dataclasses import replace
from operator import itemgetter

from reasoner.answer.cache.answer_cache import Memory
from reasoner.answer.wording import CATEGORY, OUTCOME, capital
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement
from reasoner.intake import Record
from reasoner.names import RDF_TYPE, curie, expand, ia

MOST = 24  # records asked again for one presentation


def what_if(memory: Memory, parts: "Parts", presentation: str, before: dict) -> list[dict]:
    """The suppositions about one presentation, given by its IRI and its part of the answer.

    Each is `{if, about, criterion, changes}`, changes in sentences; those that would change
    something come first.
    """
    rows, alone = [], parts.of(presentation)
    for supposition, criterion, about in suppositions(memory.knowledge, alone, before)[:MOST]:
        statements = [*alone.statements, (presentation, RDF_TYPE, criterion)]
        after = memory.answer(replace(alone, statements=statements))["presentations"][0]
        rows.append(
            {
                "if": supposition,
                "about": about,
                "criterion": curie(criterion),
                "changes": differences(before, after),
            }
        )
    return sorted(rows, key=lambda r: not r["changes"])


class Parts:
    """A record split by presentation.

    The part of a presentation has every node that it reaches: all that its answer rests on.
    """

    def __init__(self, record: Record):
        self.record = record
        self.about: dict[str, list[tuple[int, Statement]]] = defaultdict(list)
        for place, statement in enumerate(record.statements):
            self.about[statement[0]].append((place, statement))

    def of(self, presentation: str) -> Record:
        """The record with one presentation."""
        reached, rows = {presentation}, []
        for node in (waiting := [presentation]):
            rows += self.about.get(node, ())
            for _, (_, _, thing) in self.about.get(node, ()):
                if isinstance(thing, str) and thing in self.about and thing not in reached:
                    reached.add(thing)
                    waiting.append(thing)
        statements = [statement for _, statement in sorted(rows, key=itemgetter(0))]
        return replace(self.record, statements=statements, presentations=[presentation], notes=[])


def suppositions(knowledge: Knowledge, record: Record, before: dict) -> list[tuple[str, str, str]]:
    """The suppositions: in words, the class that each adds, and the question that it settles."""

    def label(name: str) -> str:
        return knowledge.label(expand(name))

    assumed = {a["id"]: a["label"] for s in before["scenarios"] for a in s["assumptions"]}
    rows = [(label(c), expand(c), f"Assumed now: {text}.") for c, text in assumed.items()]
    for question in before["questions"]:
        if "parts" in question:
            rows += [
                (label(c), expand(c), part["text"])
                for part in question["parts"]
                for c in part["supposes"]
                if c not in assumed
            ]
        elif question["id"] not in assumed:
            criterion = expand(question["id"])
            rows.append((f"{label(question['id'])}: yes", criterion, question["text"]))
            rows += [
                (f"{label(question['id'])}: no", other, question["text"])
                for other in knowledge.facts.objects(criterion, ia("refutedBy"))[:1]
            ]
    if before["recommendations"]:
        rows += [
            (knowledge.label(c), c, "Not recorded.")
            for c in hazards(knowledge, record)
            if curie(c) not in assumed
        ]
    return rows


def hazards(knowledge: Knowledge, record: Record) -> list[str]:
    """The safety concerns that a record leaves out."""
    types = knowledge.definitions.realize(
        [s for s in record.statements if isinstance(s[2], str)]
    ).types
    held = {c for p in record.presentations for c in types.get(p, ())}
    known = knowledge.facts.subjects(RDF_TYPE, ia("SafetyConcern"))
    refuted = {c for c in known if set(knowledge.facts.objects(c, ia("refutedBy"))) & held}
    return [c for c in known if c not in held | refuted]


def applying(presentation: dict) -> dict[str, str]:
    """The labels of the scenarios that apply, by CURIE."""
    return {s["id"]: s["label"] for s in presentation["scenarios"] if s["status"] == "applies"}


def first_choice(rows: list[dict]) -> str | None:
    """The label of the first recommendation, unless it is set aside."""
    return rows[0]["procedure"]["label"] if rows and not rows[0]["setAside"] else None


def differences(before: dict, after: dict) -> list[str]:
    """The differences between two answers about a presentation, as sentences."""
    sentences = []
    if before["outcome"] != after["outcome"]:
        sentences.append(OUTCOME[after["outcome"]])
    old, new = applying(before), applying(after)
    sentences += [
        f"The scenario that applies becomes: {text}." for key, text in new.items() if key not in old
    ]
    sentences += [f"No longer applies: {text}." for key, text in old.items() if key not in new]
    sentences += choices(before["recommendations"], after["recommendations"])
    sentences += [
        f"Next step: {s['label']}."
        for s in after["nextSteps"]
        if s["id"] not in {t["id"] for t in before["nextSteps"]}
    ]
    messages = {a["message"] for a in before["alerts"]}
    sentences += [
        f"Pitfall: {a['message']}" for a in after["alerts"] if a["message"] not in messages
    ]
    sentences += [
        f"No longer a pitfall: {message}"
        for message in sorted(messages - {a["message"] for a in after["alerts"]})
    ]
    return list(dict.fromkeys(sentences))


def choices(before: list[dict], after: list[dict]) -> list[str]:
    """The differences between two lists of recommendations: order, ratings and safety."""
    sentences = []
    first = first_choice(after)
    if first and first != first_choice(before):
        sentences.append(f"First in the list: {first} ({CATEGORY[after[0]['category']][0]}).")
    old, flagged = {r["generic"]: r for r in before}, {}
    for row in after:
        was, label = old.get(row["generic"]), row["procedure"]["label"]
        if was and was["category"] != row["category"]:
            old_words, new_words = (CATEGORY[r["category"]][0] for r in (was, row))
            sentences.append(f"{label}: {new_words} instead of {old_words}.")
        if row["setAside"] and not (was and was["setAside"]):
            sentences.append(f"Set aside: {label}.")
        if was and was["setAside"] and not row["setAside"]:
            sentences.append(f"No longer set aside: {label}.")
        known = {f["advice"] for f in was["safety"]} if was else set()
        for flag in row["safety"]:
            if flag["advice"] not in known:
                flagged.setdefault((flag["severity"], flag["advice"]), []).append(label)
    return sentences + [
        f"{capital(severity)} for {', '.join(labels)}: {advice}"
        for (severity, advice), labels in flagged.items()
    ]
