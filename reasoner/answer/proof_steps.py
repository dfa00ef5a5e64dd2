"""The proof of an answer as a graph of numbered steps, each listed once, with numbered sources.

Conclusions that say the same to a reader are one step: the facts of one resource, a criterion that
several scenarios ask for, the ratings of one edition. No premise is lost by that: a step rests on
all that its conclusions rest on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from reasoner.answer.proof_wording import Key, Words
from reasoner.graph.knowledge import Knowledge
from reasoner.inference.proof import Proofs
from reasoner.messages import escaping
from reasoner.names import DCTERMS, curie

KINDS = (
    "fact",
    "shown",
    "criterion",
    "knowledge",
    "scenario",
    "withheld",
    "flag",
    "recommendation",
    "agreed",
    "conflict",
    "source",
    "unrated",
    "order",
    "decision",
    "alert",
    "next step",
    "assumption",
    "question",
)  # in reading order: each rests on what comes before it
STATUSES = ("met", "unmet", "unknown")
LISTS = {
    "scenarios": "scenario",
    "recommendations": "recommendation",
    "agreed": "agreed",
    "conflicts": "conflict",
    "otherSources": "source",
    "orders": "order",
    "alerts": "alert",
    "nextSteps": "next step",
    "questions": "question",
}  # the lists of an answer whose rows are conclusions


@dataclass(frozen=True)
class Proof:
    """The proof of one presentation: its steps and their sources as JSON data, in reading order.

    `ids` has the number of the step for each row of the answer.
    """

    steps: list[dict]
    sources: list[dict]
    ids: dict[Key, int] = field(compare=False)

    def lines(self, escape: Callable[[str], str] = escaping.line) -> list[str]:
        """The steps, then the sources, one a line; `escape` is applied to every text.

        What a step rests on stands behind it in round brackets; in square ones where it is stated,
        unless a step that it rests on says that already.
        """
        steps, sources = (escaping.each(rows, escape) for rows in (self.steps, self.sources))
        lines = [f"{s['id']}. {s['text']}{rests(s, steps)}" for s in steps]
        return lines + [f"[{s['id']}] {s['citation'] or s['label']}" for s in sources]

    def named(self, presentation: dict) -> dict:
        """A presentation of an answer with the steps, each row of it with the number of its own."""
        lists = {
            name: [self.row(kind, row) for row in presentation[name]]
            for name, kind in LISTS.items()
        }
        return {**presentation, **lists, "steps": self.steps, "sources": self.sources}

    def row(self, kind: str, row: dict) -> dict:
        """A row of an answer with the number of its step, and so the rows inside it."""
        inner = {
            name: [{**part, **self.number(key)} for part, key in parts]
            for name, parts in inside(kind, row).items()
        }
        numbered = {**row, **inner, **self.number(row_key(kind, row))}
        if kind == "order":
            numbered |= self.number(("decision", row["id"]), "decisionStep")
        return numbered

    def number(self, key: Key, name: str = "step") -> dict:
        """The number of a step as a part of a row."""
        return {name: self.ids[key]} if key in self.ids else {}


def rests(step: dict, steps: list[dict]) -> str:
    """The premises and sources of a step, in brackets behind its text."""
    because = f" ({', '.join(map(str, step['because']))})" if step["because"] else ""
    below = {n for number in step["because"] for n in steps[number - 1]["sources"]}
    return because + "".join(f" [{n}]" for n in step["sources"] if n not in below)


def row_key(kind: str, row: dict) -> Key:
    """The key of the step for a row of an answer."""
    if kind == "recommendation":
        return kind, row["scenario"], row["generic"]
    if kind == "alert":
        return kind, row["pitfall"], row["order"]
    name = {"conflict": "procedure", "agreed": "generic", "source": "edition"}.get(kind, "id")
    return kind, row[name]


def inside(kind: str, row: dict) -> dict[str, list[tuple[dict, Key]]]:
    """The conclusions inside a row of an answer, by their list, each with the key of its step."""
    if kind == "scenario":
        return {
            "criteria": [(c, ("criterion", c["id"], c["status"])) for c in row["criteria"]],
            "assumptions": [(a, ("assumption", row["id"], a["id"])) for a in row["assumptions"]],
        }
    flags: list[tuple[dict, Key]] = [
        (f, ("flag", f["hazard"], f["severity"], f["advice"])) for f in row.get("safety", ())
    ]
    return {"safety": flags} if "safety" in row else {}


def rows(presentation: dict) -> Iterator[tuple[Key, dict]]:
    """The conclusions in a presentation of an answer, in its order, by the key of their step."""
    for name, kind in LISTS.items():
        for row in presentation[name]:
            yield row_key(kind, row), row
            for parts in inside(kind, row).values():
                for part, key in parts:
                    yield key, part


@dataclass
class Draft:
    """A step before it has a number: its texts, what it is about, its premises and sources."""

    texts: dict[str, None] = field(default_factory=dict)
    about: str = ""
    because: dict[Key, None] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)


class Drafting:
    """The steps of the proof of one presentation while they are put together."""

    def __init__(self, proofs: Proofs, iri: str, presentation: dict):
        self.facts, self.knowledge = proofs.facts, proofs.knowledge
        self.words = Words(proofs, iri)
        keyed = list(rows(presentation))
        self.row: dict[Key, dict] = dict(reversed(keyed))
        self.place = {key: place for place, (key, _) in reversed(list(enumerate(keyed)))}
        self.drafts: dict[Key, Draft] = {}
        self.drafted: set[str] = set()
        for node in self.words.conclusions():
            self.draft(node)
        self.add_flags()

    def draft(self, node: str) -> Key:
        """Drafts the step of a conclusion, with all that it rests on, and returns its key."""
        key = self.words.key(node)
        if node in self.drafted:
            return key
        self.drafted.add(node)
        draft = self.drafts.setdefault(key, Draft())
        draft.texts[self.words.text(node)] = None
        draft.about = draft.about or self.words.about(node)
        for premise in self.words.premises(node):
            below = self.draft(premise)
            if below != key:
                draft.because[below] = None
        draft.sources.update(dict.fromkeys(self.words.sources(node)))
        return key

    def add_flags(self) -> None:
        """Lets rows of the table rest on their safety flags too, which rank them and set them
        aside.
        """
        for key, row in self.row.items():
            if key[0] in ("recommendation", "agreed") and key in self.drafts:
                flags = [flag for _, flag in inside(key[0], row).get("safety", ())]
                self.drafts[key].because.update((f, None) for f in flags if f in self.drafts)

    def order(self, key: Key) -> tuple:
        """The place of a step: by its kind, then as the answer has it."""
        kind, draft = key[0], self.drafts[key]
        status = STATUSES.index(key[-1]) if kind == "criterion" else 0
        place = self.place.get(key, len(self.place)) if kind != "flag" else key[2] == "caution"
        named = draft.about if kind == "fact" else ""
        return KINDS.index(kind), status, place, named, *draft.texts, draft.about

    def text(self, key: Key) -> str:
        """The text of a step; that of a row of the table begins with its rank and its study."""
        kind, texts = key[0], list(self.drafts[key].texts)
        if kind == "fact":
            distinct = [t for n, t in enumerate(texts) if not any(t in u for u in texts[:n])]
            return f"recorded: {', '.join(distinct) or 'named only'} ({key[1]})"
        if kind in ("recommendation", "agreed") and key in self.row:
            row = self.row[key]
            suffix = ", set aside" if row["setAside"] else ""
            place = f"row {row['rank']}" if "rank" in row else "whichever scenario applies"
            return f"{place}: {row['procedure']['label']}: {texts[0]}{suffix}"
        if kind == "order" and key in self.row:
            texts += self.instead(self.row[key])
        return "; ".join(filter(None, texts))

    def instead(self, order: dict) -> list[str]:
        """The rows of the studies to order instead of an order, in words."""
        studies = [row for key, row in self.row.items() if key[0] == "recommendation"]
        offered = [row for row in studies if row["generic"] in order["alternatives"]]
        ranks = sorted(row["rank"] for row in offered)
        return [f"instead: row {', row '.join(map(str, ranks))}"] if ranks else []

    def proof(self) -> Proof:
        """The proof, steps and sources numbered."""
        numbers: dict[Key, int] = {}
        cited: dict[str, int] = {}
        steps: dict[tuple, dict] = {}
        for key in self.ordered():
            draft, text = self.drafts[key], self.text(key)
            because = sorted({numbers[k] for k in draft.because if k in numbers})
            sources = sorted({cited.setdefault(s, len(cited) + 1) for s in draft.sources})
            content = (text, tuple(because), tuple(sources))
            if content not in steps:
                steps[content] = {
                    "id": len(steps) + 1,
                    "kind": key[0],
                    "text": text,
                    "about": draft.about,
                    "because": because,
                    "sources": sources,
                }
            numbers[key] = steps[content]["id"]
        listed = [source(self.knowledge, iri, number) for iri, number in cited.items()]
        return Proof(list(steps.values()), listed, numbers)

    def ordered(self) -> list[Key]:
        """The keys of the steps in reading order, each after all that it rests on."""
        keys: dict[Key, None] = {}
        visited: set[Key] = set()

        def add(key: Key) -> None:
            if key not in visited:
                visited.add(key)
                for below in sorted(self.drafts[key].because, key=self.order):
                    add(below)
                keys[key] = None

        for key in sorted(self.drafts, key=self.order):
            add(key)
        return list(keys)


def source(knowledge: Knowledge, iri: str, number: int) -> dict:
    """A source of a proof as JSON data; null for a citation that the graph does not have."""
    citation = knowledge.facts.value(iri, DCTERMS + "bibliographicCitation")
    return {"id": number, "about": curie(iri), "label": knowledge.label(iri), "citation": citation}


def proof(proofs: Proofs, iri: str, presentation: dict) -> Proof:
    """The proof of a presentation, given by its IRI and its part of the answer."""
    return Drafting(proofs, iri, presentation).proof()


def title(presentation: dict) -> str:
    """The title of a proof: the finding, and the name of the presentation in the record."""
    finding = presentation["finding"]
    return f"{finding['label'] if finding else 'presentation'} ({presentation['id']})"


class Explanation(list[str]):
    """The proofs of an answer: a list of lines to read, and `presentations`, the same as data.

    Each of `presentations` has its `id`, and `steps` and `sources` as in `answer.schema.json`.
    """

    def __init__(self, presentations: list[dict], proofs: list[Proof]):
        self.presentations = [
            {"id": p["id"], "steps": proof.steps, "sources": proof.sources}
            for p, proof in zip(presentations, proofs, strict=True)
        ]
        super().__init__(
            line
            for p, proof in zip(presentations, proofs, strict=True)
            for line in (escaping.line(title(p)), *proof.lines())
        )

    def __str__(self) -> str:
        return "\n".join(self)
