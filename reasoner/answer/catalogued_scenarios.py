"""Finds catalogued scenarios by words, for what a record asks and no scenario answers.

They are rated, but not computable. Words find labels to read on; they never decide anything, and
display text is never matched against codes.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.intake.bundle import Resource, as_list, open_envelope, parse
from reasoner.intake.conditions import DENIED, ENDED
from reasoner.intake.elements import status
from reasoner.intake.orders import INTENTS
from reasoner.names import curie, ia

EMPTY = set(
    "a an and any are as at be by for from has in into is it its no not of on or other site such "
    "than that the this to unspecified was with without disorder disease finding situation".split()
)
NOT_COMPUTABLE = (
    "not computable yet: it is rated, but its criteria are not in the graph; read it, and decide "
    "whether it fits"
)


def words(text: str) -> set[str]:
    """The words of a text that carry meaning, in lower case, plurals as singulars."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return {
        w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith(("ss", "us", "is")) else w
        for w in re.findall(r"[a-z][a-z0-9]+", plain)
    } - EMPTY


class Catalog:
    """The catalogued scenarios of a graph, by the words of their label and topic."""

    def __init__(self, knowledge: Knowledge):
        facts = knowledge.facts
        self.entries: dict[str, tuple[str, str]] = {}
        self.having: dict[str, set[str]] = defaultdict(set)
        for scenario in knowledge.members("ia:CataloguedScenario"):
            topic = facts.value(facts.value(scenario, ia("inEdition"), ""), ia("ofTopic"), "")
            self.entries[scenario] = (knowledge.label(scenario), topic)
            for word in words(f"{knowledge.label(scenario)} {knowledge.label(topic)}"):
                self.having[word].add(scenario)
        self._label = knowledge.label

    def find(self, text: str, every: bool) -> list[str]:
        """The scenarios with every word of a text.

        Unless `every`, those that share the rarest words with it where none has all.
        """
        wanted = words(text)
        if not wanted or every and not wanted <= self.having.keys():
            return []
        weight = {
            word: math.log(1 + len(self.entries) / len(self.having[word]))
            for word in wanted & self.having.keys()
        }
        scores: dict[str, float] = defaultdict(float)
        for word in sorted(weight):
            for scenario in self.having[word]:
                scores[scenario] += weight[word]
        best = max(scores.values(), default=0)
        hits = [s for s, score in scores.items() if score > best - 1e-9]
        if every:
            hits = [s for s in hits if all(s in self.having[word] for word in wanted)]
        return sorted(hits, key=self._order)

    def _order(self, scenario: str) -> tuple:
        """Topics by label, scenarios by number."""
        number = scenario.rsplit("_", 1)[-1]
        return (
            self._label(self.entries[scenario][1]),
            scenario.rsplit("_", 1)[0],
            int(number) if number.isdecimal() and len(number) < 10 else 0,
            scenario,
        )

    def as_dict(self, scenario: str, about: list[str]) -> dict:
        """A catalogued scenario in an answer."""
        label, topic = self.entries[scenario]
        return {
            "id": curie(scenario),
            "label": label,
            "topic": curie(topic),
            "topicLabel": self._label(topic),
            "computable": False,
            "about": about,
        }


@memoized
def catalog(knowledge: Knowledge) -> Catalog:
    """The catalogued scenarios of a graph, indexed at the first search."""
    return Catalog(knowledge)


def matches(knowledge: Knowledge, data, answer: dict, text: str | None) -> list[dict]:
    """The catalogued scenarios that fit what no scenario answers, and those that fit a text.

    Each row names in `about` what it fits: resources of the record, or `--words`.
    """
    if not knowledge.members("ia:CataloguedScenario"):
        return []
    hits: dict[str, dict[str, None]] = {}
    find = catalog(knowledge).find
    for about, phrases in asked(knowledge, data, answer):
        for scenario in next(filter(None, (find(phrase, every=True) for phrase in phrases)), []):
            hits.setdefault(scenario, {})[about] = None
    for scenario in find(text or "", every=False):
        hits.setdefault(scenario, {})["--words"] = None
    return [catalog(knowledge).as_dict(scenario, list(about)) for scenario, about in hits.items()]


def asked(knowledge: Knowledge, data, answer: dict) -> Iterator[tuple[str, list[str]]]:
    """What no scenario answers, each with the phrases to look up in turn.

    That are presentations without criteria, and problems that no topic covers.
    """
    presentations = {p["id"]: p for p in answer["presentations"]}
    texts = dict(recorded(knowledge, data, presentations))
    for about, p in presentations.items():
        if p["outcome"] in ("no-criteria", "not-read"):
            finding, region = (p[key]["label"] if p[key] else "" for key in ("finding", "region"))
            yield (
                about,
                [*([f"{finding} {region}", finding] if finding else []), *texts.get(about, [])],
            )
    yield from ((about, phrases) for about, phrases in texts.items() if about not in presentations)


def recorded(knowledge: Knowledge, data, presentations) -> Iterator[tuple[str, list[str]]]:
    """The labels and texts of the reasons of orders, and of active problems that nothing uses."""
    if isinstance(data, bytes):
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            return
        data = parse(data)
    for resource in open_envelope(data).of("Condition", "ServiceRequest"):
        if resource.type == "ServiceRequest":
            if resource.key in presentations and status(resource, "intent") in INTENTS:
                yield resource.key, phrases_of(knowledge, resource, "reasonCode")[1]
        elif (
            status(resource, "verificationStatus") not in DENIED
            and status(resource, "clinicalStatus") not in ENDED
        ):
            used, phrases = phrases_of(knowledge, resource, "code")
            if not used or resource.key in presentations:
                yield resource.key, phrases


def phrases_of(knowledge: Knowledge, resource: Resource, element: str) -> tuple[bool, list[str]]:
    """Whether a code of an element is mapped, and its texts: labels of its terms, then its own."""
    concepts = [c for c in as_list(resource.json.get(element)) if isinstance(c, dict)]
    codings = [k for c in concepts for k in as_list(c.get("coding")) if isinstance(k, dict)]
    mapped = [
        m
        for k in codings
        if isinstance(k.get("system"), str) and isinstance(k.get("code"), str)
        for m in knowledge.codes.find(k["system"], k["code"])
    ]
    texts = (
        [t for m in mapped for t in (knowledge.label(m.subject), m.label)]
        + [k.get("display") for k in codings]
        + [c.get("text") for c in concepts]
    )
    return bool(mapped), list(dict.fromkeys(t for t in texts if isinstance(t, str) and t))


def lines(answer: dict, most: int = 10) -> list[str]:
    """The catalogued scenarios of an answer, one a line, nothing when none was looked for."""
    if "catalogued" not in answer:
        return []
    rows = answer["catalogued"]
    if not rows:
        return ["No catalogued scenario matches these words."]
    lines = [f"Catalogued scenarios that match by words, each {NOT_COMPUTABLE}:"]
    for row in rows[:most]:
        lines.append(f"  {row['topicLabel']}: {row['label']} ({', '.join(row['about'])})")
    if len(rows) > most:
        remedy = "narrow the search with --words, or read them with --format json"
        lines.append(f"  and {len(rows) - most} more: {remedy}")
    return lines
