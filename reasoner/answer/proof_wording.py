"""Words each conclusion of a proof: its text, what it is about, and the sources that state it."""

from reasoner.answer.record_wording import fact_in_words
from reasoner.inference.proof import Proofs, resource
from reasoner.names import IA, RDF_TYPE, SOURCE, curie, ia

Key = tuple[str | None, ...]  # the kind of a step, and what tells it from others of its kind
KIND = {
    "Recommendation": "recommendation",
    "AgreedStudy": "agreed",
    "ScenarioMatch": "scenario",
    "SourceMatch": "scenario",
    "SourceStatement": "source",
    "Assessment": "criterion",
    "Membership": "shown",
    "Assumption": "assumption",
    "OrderVerdict": "order",
    "OrderDecision": "decision",
    "OrderAlternatives": "order",
    "UnratedOrder": "unrated",
    "WithheldRating": "withheld",
    "SafetyFlag": "flag",
    "OrderFlag": "flag",
    "Alert": "alert",
    "StepConclusion": "next step",
    "ConflictConclusion": "conflict",
    "OpenQuestion": "question",
}
ANSWERED = (
    "ScenarioMatch",
    "Recommendation",
    "AgreedStudy",
    "SafetyFlag",
    "ConflictConclusion",
    "OrderVerdict",
    "OrderAlternatives",
    "Alert",
    "StepConclusion",
    "Assumption",
    "AskedQuestion",
    "SourceStatement",
)  # the conclusions in the answer; the other ones are premises of these
ABOUT = {
    "recommendation": "recommends",
    "agreed": "agreesOn",
    "scenario": "ofScenario",
    "criterion": "ofCriterion",
    "shown": "inClass",
    "assumption": "ofCriterion",
    "withheld": "ofCriterion",
    "flag": "hasHazard",
    "alert": "ofPitfall",
    "next step": "ofStep",
    "conflict": "recommends",
    "question": "ofCriterion",
    "source": "inEdition",
}  # the property that says what a step is about; for orders it is the order itself

RULES = {ia("Exclusion"): "rule"}  # whose own label would say that it holds


class Words:
    """The words for the conclusions about one presentation."""

    def __init__(self, proofs: Proofs, presentation: str):
        self.facts, self.knowledge, self.recorded = proofs.facts, proofs.knowledge, proofs.recorded
        self.mine = set(self.facts.subjects(ia("ofPresentation"), presentation))
        self.met = {
            self.facts.value(node, ia("ofCriterion"))
            for node in self.of("Assessment")
            if self.facts.value(node, ia("status")) == "met"
        }

    def of(self, cls: str) -> list[str]:
        """The conclusions of a class about the presentation, sorted."""
        return sorted(n for n in self.mine if self.facts.holds(n, RDF_TYPE, ia(cls)))

    def conclusions(self) -> list[str]:
        """The conclusions that are part of the answer."""
        mine = [node for cls in ANSWERED for node in self.of(cls)]
        return mine + self.decisions()

    def decisions(self) -> list[str]:
        """The decisions on orders for several presentations, of which this is one.

        Of an order for one presentation the verdict says the same.
        """
        decided = self.facts.subjects(RDF_TYPE, ia("OrderDecision"))
        verdicts = {node: self.facts.objects(node, ia("because")) for node in decided}
        return [n for n, of in verdicts.items() if len(of) > 1 and not self.mine.isdisjoint(of)]

    def premises(self, node: str) -> list[str]:
        """What a conclusion rests on; a study that is offered is the rating that it rests on.

        The verdict of another presentation is proved with that one.
        """
        if self.is_elsewhere(node):
            return []
        premises = self.facts.objects(node, ia("because"))
        offered = {n for n in premises if self.facts.holds(n, RDF_TYPE, ia("OfferedStudy"))}
        rated = {n for study in offered for n in self.facts.objects(study, ia("because"))}
        return sorted({*premises, *rated} - offered)

    def is_elsewhere(self, node: str) -> bool:
        """Whether a conclusion is a verdict about another presentation."""
        return self.kind(node) == "order" and node not in self.mine

    def kind(self, node: str) -> str:
        """The kind of step that a conclusion, a fact of the record or a term of the graph is."""
        names = [t.removeprefix(IA) for t in self.facts.objects(node, RDF_TYPE)]
        if kinds := [KIND[name] for name in names if name in KIND]:
            return kinds[0]
        return "fact" if node in self.recorded else "knowledge"

    def value(self, node: str, name: str) -> str | None:
        """A value of a conclusion, by the local name of the property."""
        return self.facts.value(node, ia(name))

    def label(self, node: str, name: str) -> str:
        """The label of a value of a conclusion."""
        return self.knowledge.label(self.facts.value(node, ia(name)))

    def key(self, node: str) -> Key:
        """The key of a conclusion: conclusions with the same key are one step.

        That facts show a criterion, and that it is met, is one step.
        """
        kind = self.kind(node)
        if kind == "fact":
            return kind, resource(node)
        if kind == "knowledge":
            return kind, *self.ratings(node)
        about = self.about(node)
        if self.is_elsewhere(node):
            return kind, about, self.value(node, "ofPresentation")
        if kind == "shown" and self.value(node, "inClass") in self.met:
            return "criterion", about, "met"
        if kind == "criterion":
            return kind, about, self.value(node, "status")
        if kind == "flag":
            return kind, about, self.value(node, "severity"), self.value(node, "advice")
        if kind in ("recommendation", "assumption"):
            return kind, curie(self.value(node, "ofScenario") or ""), about
        if kind == "alert":
            order = self.value(node, "ofOrder")
            return kind, about, order and resource(order)
        return (kind, node) if kind in ("unrated", "withheld") else (kind, about)

    def ratings(self, node: str) -> tuple[str, ...]:
        """A term of the graph; for a rating what it shares with others: edition, date, source."""
        k = self.knowledge.facts
        if k.value(node, ia("hasCategory")) is None:
            return (node,)
        edition, day = (k.value(node, ia(name), "") for name in ("inEdition", "dateSeen"))
        return edition, day, *k.objects(node, SOURCE)

    def about(self, node: str) -> str:
        """The subject of a step: a term by its CURIE, a fact by the record's own name."""
        kind = self.kind(node)
        if kind in ("order", "unrated", "decision"):
            return resource(self.facts.value(node, ia("ofOrder")))
        named = self.value(node, ABOUT[kind]) if kind in ABOUT else None
        if kind == "knowledge" and len(parts := self.ratings(node)) > 1:
            return curie(parts[0])
        return curie(named) if named else resource(node)

    def sources(self, node: str) -> list[str]:
        """The publications that state a step; none for a fact of the record, or a definition."""
        if node in self.recorded:
            return []
        k = self.knowledge.facts
        if cited := self.facts.objects(node, SOURCE) or k.objects(node, SOURCE):
            return cited
        about = self.value(node, "ofCriterion") or self.value(node, "inClass")
        return k.objects(about, SOURCE) if about else []

    def text(self, node: str) -> str:
        """The text of a step; empty for a part of a fact that has no words of its own."""
        kind, value, label = self.kind(node), self.value, self.label
        if kind == "fact":
            return fact_in_words(self.knowledge, self.facts, node)
        if kind == "knowledge":
            return self.term(node)
        if kind in ("recommendation", "agreed"):
            rating = value(node, "ofRating")
            return self.knowledge.label(self.knowledge.facts.value(rating, ia("hasCategory")))
        if self.facts.holds(node, RDF_TYPE, ia("OrderAlternatives")):
            return ""  # the step of the order names them by their rows
        if kind == "order":
            judged = label(node, "judgedAs") if value(node, "judgedAs") else "not judged"
            alike = value(node, "agreedCategory")
            more = f"; whichever scenario applies: {self.knowledge.label(alike)}" if alike else ""
            presentation = resource(value(node, "ofPresentation") or "")
            elsewhere = f", for {presentation}" if self.is_elsewhere(node) else ""
            return f"{self.ordered(node)}{elsewhere}: {judged}{more}"
        if kind == "decision":
            judged = label(node, "judgedAs") if value(node, "judgedAs") else "not judged"
            reason = value(node, "unratedFor")
            why = f": {self.knowledge.facts.value(reason, ia('message'))}" if reason else ""
            return f"{self.ordered(node)}, for all its problems: {judged}{why}"
        if kind == "unrated":
            reason = self.knowledge.facts.value(value(node, "unratedFor"), ia("message"))
            return f"not rated, {self.ordered(node)}: {reason}"
        if kind == "question":
            asked = self.knowledge.facts.value(value(node, "ofCriterion"), ia("question"))
            return f"ask: {asked or label(node, 'ofCriterion')}"
        if kind == "conflict":
            least = label(node, "hasCategory")
            return f"the scenarios disagree: {label(node, 'recommends')}, ranked as {least}"
        if kind == "source":
            return self.quoted(node)
        if kind == "shown" and value(node, "inClass") in self.met:
            return f"criterion met: {label(node, 'inClass')}"
        return {
            "scenario": "scenario {status}: {about}",
            "criterion": "criterion {status}: {about}",
            "shown": "the facts show: {about}",
            "assumption": "assumed: {message}",
            "withheld": "rating withheld: {about} is not cleared",
            "flag": "{severity}: {advice}",
            "alert": "pitfall: {about}",
            "next step": "next step: {about}",
        }[kind].format(
            about=label(node, ABOUT[kind]),
            status=value(node, "status") or value(node, "standing"),
            **{n: value(node, n) for n in ("message", "severity", "advice")},
        )

    def quoted(self, node: str) -> str:
        """What a source beside the deciding edition says, or why it says nothing."""
        source, k = self.label(node, "inEdition"), self.knowledge.facts
        if recommendation := self.value(node, "quotes"):
            category = self.knowledge.label(k.value(recommendation, ia("hasCategory")))
            return f"{source}: {self.label(node, 'speaksOf')} {category}"
        lacking = ", ".join(map(self.knowledge.label, self.facts.objects(node, ia("lacksFact"))))
        if lacking:
            return f"{source} lacks: {lacking}"
        return f"{source} cannot be used: {self.label(node, 'excludedBy')}"

    def term(self, node: str) -> str:
        """A term of the graph in words: its class and its label; ratings are listed together."""
        k, label = self.knowledge.facts, self.knowledge.label
        if k.value(node, ia("hasCategory")) is not None:
            day = k.value(node, ia("dateSeen")) or "at a date not stated"
            return f"ratings of {label(k.value(node, ia('inEdition')))}, seen {day}"
        classes = [c for c in k.objects(node, RDF_TYPE) if c.startswith(IA)]
        kind = RULES.get(classes[0], label(classes[0])) if classes else ""
        return f"{kind}: {label(node)}" if kind else label(node)

    def ordered(self, node: str) -> str:
        """The order that a conclusion is about: what is ordered, and its name in the record."""
        order = self.facts.value(node, ia("ofOrder"))
        study = self.value(order, "ofOrderable") or self.value(order, "ofProcedure")
        named = self.knowledge.label(study) if study else "a study not known"
        return f"order of {named} ({resource(order)})"
