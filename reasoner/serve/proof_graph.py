"""The proof of an answer as a drawing: facts of the record, criteria, scenarios, and what is told, in columns from left to right."""

from reasoner.ask import Reply
from reasoner.explain import Proofs, Step, resource
from reasoner.names import IA, RDF_TYPE, SKOS, ia

COLUMN = {
    "fact": 0,
    "criterion": 1,
    "scenario": 2,
    "recommendation": 3,
    "assumption": 3,
    "alert": 3,
    "step": 3,
    "flag": 4,
    "order": 5,
}
KINDS = {
    "Assessment": "criterion",
    "ScenarioMatch": "scenario",
    "Recommendation": "recommendation",
    "Assumption": "assumption",
    "Alert": "alert",
    "StepConclusion": "step",
    "SafetyFlag": "flag",
    "OrderFlag": "flag",
    "OrderVerdict": "order",
}


class Drawing:
    """The nodes and edges of one presentation's proof; steps that only tie others together are passed through."""

    def __init__(self, reply: Reply, presentation: str):
        self.proofs, self.facts, self.knowledge = Proofs(reply.knowledge, reply.record.statements, reply.facts), reply.facts, reply.knowledge
        self.nodes: dict[str, dict] = {}
        self.edges: dict[tuple[str, str], None] = {}
        for node in self.proofs.of(presentation):
            self.draw(node)

    def kind(self, node: str) -> str | None:
        """What a node is drawn as, if it is."""
        types = [t.removeprefix(IA) for t in self.facts.objects(node, RDF_TYPE)]
        return next((KINDS[t] for t in types if t in KINDS), "fact" if node in self.proofs.recorded else None)

    def draw(self, node: str) -> str:
        """The key of a node, drawn with all that it rests on."""
        kind = self.kind(node)
        text = self.proofs.describe(node)
        key = f"fact:{resource(node)}" if kind == "fact" else text if kind == "criterion" else node
        known = self.nodes.get(key)
        if known is None:
            known = self.nodes[key] = {"id": f"n{len(self.nodes)}", "kind": kind, "column": COLUMN[kind], "text": text, "category": self.category(node), "source": self.proofs.source(node)}
        elif kind == "fact" and node not in known.get("parts", ()):
            known["text"] = known["text"] if text in known["text"] else known["text"] + ", " + text.split(": ", 1)[-1]
        known.setdefault("parts", set())
        if node not in known["parts"]:
            known["parts"].add(node)
            for premise in self.premises(node, set()):
                other = self.draw(premise)
                if other != key:
                    self.edges[other, key] = None
        return key

    def premises(self, node: str, seen: set[str]) -> list[str]:
        """The nearest drawn nodes that a node rests on."""
        found = []
        for premise in self.facts.objects(node, ia("because")):
            if premise not in seen:
                seen.add(premise)
                found += [premise] if self.kind(premise) else self.premises(premise, seen)
        return found

    def category(self, node: str) -> str | None:
        """The category of a recommendation, or the one that an order was judged to have."""
        rated = self.facts.value(node, ia("hasCategory"))
        if not rated and self.kind(node) != "order":
            rating = self.facts.value(node, ia("ofRating"), "")
            rated = self.knowledge.facts.value(rating, ia("hasCategory"))
        return self.knowledge.facts.value(rated, SKOS + "notation") if rated else None

    def as_dict(self) -> dict:
        """The drawing as JSON data; ranked rows keep their order inside a column."""
        order = list(CATEGORIES)
        nodes = sorted(self.nodes.values(), key=lambda n: (n["column"], n["kind"], order.index(n["category"]) if n["category"] in order else 9, n["text"]))
        return {"nodes": [{k: v for k, v in n.items() if k != "parts"} for n in nodes],
                "edges": sorted([self.nodes[a]["id"], self.nodes[b]["id"]] for a, b in self.edges)}


CATEGORIES = ("usually-appropriate", "may-be-appropriate", "may-be-appropriate-disagreement", "usually-not-appropriate")


def unrepeated(steps: list[Step], seen: set[str] | None = None) -> list[dict]:
    """Proofs as JSON data, in which a step that stands above already is only named: `again` says so."""
    top = seen is None
    seen = set() if top else seen
    rows = []
    for step in steps:
        if top and step.text in seen:
            continue
        again = step.text in seen and bool(step.because)
        seen.add(step.text)
        rows.append({"text": step.text, "source": step.source, "again": again, "because": [] if again else unrepeated(step.because, seen)})
    return rows


def drawing(reply: Reply, presentation: str) -> dict:
    """The nodes and edges of the proof of a presentation (its IRI)."""
    return Drawing(reply, presentation).as_dict()
