"""Reads elements of FHIR resources defensively (codes, statuses, answers, quantities), and
holds the state of reading one record.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Envelope, Resource, as_list
from reasoner.intake.concepts import Meaning, concepts
from reasoner.intake.dates import Newest
from reasoner.intake.record import Record
from reasoner.intake.regions import Regions
from reasoner.intake.screens import screens
from reasoner.names import ia

VOID = ("entered-in-error", "cancelled")  # Observations of no weight
OPEN = (
    "registered",
    "partial",
    "preliminary",
    "unknown",
)  # of results: these open and warn, and close nothing
HL7 = "http://terminology.hl7.org/CodeSystem/"
STATUS_SYSTEMS = {
    "clinicalStatus": {HL7 + "condition-clinical", HL7 + "allergyintolerance-clinical"},
    "verificationStatus": {HL7 + "condition-ver-status", HL7 + "allergyintolerance-verification"},
}
STATUSES = ("status", "verificationStatus", "clinicalStatus")
ENDED = {"entered-in-error", "refuted", "resolved", "remission"}
DEEPEST = 60  # levels of a resource that are searched


@dataclass
class Reader:
    """What reading a record needs: what is known, the envelope, the record, and what is pending.

    `stated` holds the kinds of hazards that some code states, `warned` how many resources were
    warned of for their words, `foreign` the resources that are not about the patient or of no
    weight. `newest` is the newest date of the record; `asserted` holds the resources of whose codes
    facts were made, `stating` the paths of Observations that state or deny a sign or another fact
    of a presentation, `measured` the values of observables. `devices`, `removals` and `removed_by`
    are what `devices.py` and `device_removals.py` looked through once.
    """

    knowledge: Knowledge
    envelope: Envelope
    record: Record
    measurements: list[tuple[str, str, float, float]] = field(default_factory=list)
    gfr: list["Part"] = field(default_factory=list)
    measured: list[tuple[Any, "Part", Any]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    asserted: set[str] = field(default_factory=set)
    stated: set[str] = field(default_factory=set)
    warned: dict[str, int] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    newest: str = ""
    stating: set[str] = field(default_factory=set)
    devices: dict[str, str] | None = None
    removals: list[tuple[Resource, set[str]]] | None = None
    removed_by: dict[str, list[tuple[Resource, Newest]]] | None = None

    def __post_init__(self) -> None:
        self.regions = Regions(self.knowledge)
        self.concepts = concepts(self.knowledge)
        self.screens = screens(self.knowledge)

    def is_a(self, term: str, cls: str) -> bool:
        """Whether a class or static individual of the ontology is below a class."""
        return self.knowledge.is_a(term, ia(cls))

    def result_of(self, mapping: Mapping) -> str:
        """The result class that a mapped code stands for: its own, or that of its diagnosis."""
        return self.knowledge.facts.value(mapping.subject, ia("asResult")) or mapping.subject

    def is_suspicious(self, mapping: Mapping) -> bool:
        """Whether a mapped code stands for a suspicious result."""
        return self.is_a(self.result_of(mapping), "SuspiciousResult")

    def meaning(self, concept, path: str, about: str) -> Meaning:
        """What a CodeableConcept, or a list of them, says; an unknown code becomes a note."""
        meaning = self.concepts.meaning(concept)
        for severity, rest in meaning.unused:
            self.record.note(severity, about, path + rest)
        return meaning

    def mappings(self, concept, path: str, about: str) -> tuple[Mapping, ...]:
        """What a CodeableConcept, or a list of them, states; an unknown code becomes a note."""
        return self.meaning(concept, path, about).mappings

    def is_foreign(self, resource: Resource) -> bool:
        """Whether a resource is about somebody or something else than the patient."""
        if resource.key in self.foreign:
            return True
        return self.envelope.ownership(resource) == "other"

    def subject_is_patient(self, resource: Resource) -> bool:
        """Whether a resource is about the patient; one about somebody else becomes a note."""
        path, patient = resource.path, self.envelope.patient
        for name in ("subject", "patient"):
            given = resource.json.get(name)
            target = None if given is None else self.envelope.resolve(given, resource)
            if given is None or target == patient:
                continue
            if self.envelope.ownership(resource) == "other":
                self.record.note(
                    "warning",
                    resource.key,
                    f"{path}.{name} names {target}, not {patient}; it was not used.",
                )
                return False
            self.record.note(
                "warning",
                resource.key,
                f"{path}.{name} does not tell for sure whose "
                f"it is; it was taken to be of {patient}.",
            )
        return True

    def may_clear(self, resource: Resource) -> bool:
        """Whether a resource may clear or close something: it says that it is about the patient.

        What may be somebody else's, or has a modifier that is not understood, only opens and warns.
        """
        owner = resource.json.get("subject") or resource.json.get("patient")
        final = status(resource, "status") not in OPEN
        return (
            final
            and owner is not None
            and self.envelope.ownership(resource) == "own"
            and self.envelope.not_understood(resource) is None
        )

    def asserts(self, key: str, term: str) -> None:
        """Says that the codes of a resource state a hazard, or something harmless of its kind."""
        self.asserted.add(key)
        if kind := hazard_of(self.knowledge, term):
            self.stated.add(kind)


@dataclass(frozen=True)
class Part:
    """An Observation, or one of its components: the resource, the path, the JSON, and a name.

    The name tells the components of an Observation apart; that of the whole is empty.
    """

    resource: Resource
    path: str
    json: dict
    name: str = ""

    @property
    def key(self) -> str:
        """The key of the Observation."""
        return self.resource.key


def parts(resource: Resource) -> Iterator[Part]:
    """An Observation and its components."""
    yield Part(resource, resource.path, resource.json)
    for i, component in enumerate(as_list(resource.json.get("component"))):
        if isinstance(component, dict):
            yield Part(resource, f"{resource.path}.component[{i}]", component, f"component-{i}")


@memoized
def hazard_of(knowledge: Knowledge, term: str) -> str | None:
    """The kind of hazard words that a class of safety facts makes needless to screen for."""
    above = sorted(knowledge.definitions.superclasses(term) | {term})
    return next(filter(None, (knowledge.facts.value(c, ia("screenedAs")) for c in above)), None)


@memoized
def unread_kind(knowledge: Knowledge, hazard: str) -> str:
    """The class of unread items of a kind of hazard words."""
    return next(
        c
        for c in knowledge.facts.subjects(ia("screenedAs"), hazard)
        if ia("UnreadItem") in knowledge.definitions.superclasses(c)
    )


@memoized
def when_doubtful(knowledge: Knowledge, term: str) -> str | None:
    """The class that a code stands for when it only suggests a term."""
    above = [term, *sorted(knowledge.definitions.superclasses(term) - {term})]
    return next(filter(None, (knowledge.facts.value(c, ia("whenDoubtful")) for c in above)), None)


def status(resource: Resource, name: str) -> str:
    """The code of a status element, plain or a CodeableConcept; empty when absent.

    Of several codings the one of the element's own code system counts (FHIR R4, required
    binding), wherever it stands; a code of another system is none.
    """
    value = resource.json.get(name)
    if not isinstance(value, dict):
        return value if isinstance(value, str) else ""
    own = STATUS_SYSTEMS.get(name, set())
    codings = [c for c in as_list(value.get("coding")) if isinstance(c, dict)]
    codings = [c for c in codings if isinstance(c.get("code"), str)]
    fitting = [c for c in codings if isinstance(c.get("system"), str) and c["system"] in own]
    fitting = fitting or [c for c in codings if not own or c.get("system") is None]
    return fitting[0]["code"] if fitting else ""


def has_ended(resource: Resource) -> bool:
    """Whether a status says that a resource is in error, refuted, or no longer holds."""
    return any(status(resource, name) in ENDED for name in STATUSES)


def affirms(reader: Reader, part: Part, values: Sequence[Mapping]) -> bool | None:
    """Whether an Observation affirms what its code names: None when it does not say, or not so
    that it is understood.

    The code is the question and the value the answer (FHIR R4, Observation.value[x]): without a
    value nothing is stated.
    """
    given = part.json.get("valueBoolean")
    if isinstance(given, bool):
        return given
    text = part.json.get("valueString")
    answers = [m.subject for m in values]
    if isinstance(text, str) and (answer := reader.screens.answer(text)):
        answers.append(answer)
    concept = part.json.get("valueCodeableConcept")
    words = concept.get("text") if isinstance(concept, dict) else None
    if not answers and isinstance(words, str) and (answer := reader.screens.answer(words)):
        answers.append(answer)
    if any(reader.is_a(a, "NegativeAnswer") or reader.is_a(a, "NormalResult") for a in answers):
        return False
    if any(reader.is_a(a, "AffirmativeAnswer") for a in answers):
        return True
    return None


def has_value(json: dict) -> bool:
    """Whether an Observation gives a value of any kind."""
    return any(name.startswith("value") and json[name] is not None for name in json)


def number(quantity) -> float | None:
    """The value of a Quantity when it is a finite number; a text such as "25 mL" is none."""
    value = quantity.get("value") if isinstance(quantity, dict) else None
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < 1e15 else None


def objects(json) -> Iterator[tuple[str, dict]]:
    """Every object within a resource with its path, to a bounded depth."""
    todo: list[tuple[str, int, object]] = [("", 0, json)]
    while todo:
        path, depth, node = todo.pop()
        if isinstance(node, dict):
            yield path, node
            inner = [(f"{path}.{k}" if path else k, v) for k, v in node.items()]
        else:
            inner = [(f"{path}[{i}]", v) for i, v in enumerate(as_list(node))]
        if depth < DEEPEST:
            todo += [(p, depth + 1, v) for p, v in inner if isinstance(v, (dict, list))]


def coded(json, name: str) -> list[dict]:
    """The codings of a CodeableConcept, or of a list of them."""
    concepts = [c for c in as_list(json.get(name)) if isinstance(c, dict)]
    return [k for c in concepts for k in as_list(c.get("coding")) if isinstance(k, dict)]


def words_in(json, name: str, codes: bool = False) -> list[str]:
    """The texts of a concept, then the displays of its codings; with `codes` the code of a coding
    that has none.
    """
    words = [c.get("text") for c in as_list(json.get(name)) if isinstance(c, dict)]
    words += [k.get("display") or (k.get("code") if codes else None) for k in coded(json, name)]
    return list(dict.fromkeys(w for w in words if isinstance(w, str) and w))
