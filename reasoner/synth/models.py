"""The model patients of topics, made of the definitions of their scenarios: somebody whom a
scenario applies to, one of whom a fact is not recorded, and one with a fact that refutes it.

What must be answered of each follows from its classes and the definitions alone, not from rules.
"""

from typing import NamedTuple

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.terminology import table
from reasoner.names import RDF_TYPE, curie, expand, ia
from reasoner.synth.smallest import sayings
from reasoner.synth.smallest.facts import Fact
from reasoner.synth.smallest.fhir import as_fhir
from reasoner.synth.smallest.patients import Construction, Facts

ALL = "all"
WHOLE, FACT_LESS, REFUTED = "none", "fact-less", "refuted"
APPLIES, POSSIBLE, EXCLUDED = "applies", "possible", "excluded"


class Known(NamedTuple):
    """What is known of a patient: a line of truth.csv after the patient.

    `scenario` is the one whose definition the patient was made of, `status` what must be concluded
    of it, `change` and `changed` what was left out or added. `applies` are all scenarios that
    apply, `other_sources` those of sources that stand beside, with a space between two. All are
    empty for a patient with nothing that a topic covers.
    """

    topic: str = ""
    scenario: str = ""
    change: str = ""
    changed: str = ""
    status: str = ""
    applies: str = ""
    other_sources: str = ""


class Model(NamedTuple):
    """A model patient: the resources, with the Patient first, and what is known."""

    resources: list[dict]
    known: Known


Models = dict[str, list[dict[str, list[Model]]]]  # by topic, by scenario, by change


def scenarios_of(knowledge: Knowledge, topics: str) -> dict[str, list[str]]:
    """The scenarios of some topics, by the name of the folder of the topic.

    `topics` are such names with commas between them, or "all". Raises InputError for another name.
    """
    tables = {p.parent.name: p for p in (knowledge.ontology / "topics").glob("*/scenarios.csv")}
    names = sorted(tables) if topics == ALL else sorted({t.strip() for t in topics.split(",")})
    for name in names:
        if name not in tables:
            known = ", ".join(sorted(tables))
            fault = f"there is no topic {name!r}"
            raise InputError("--topics", fault, f"Name some of: {known}; or {ALL}.")
    return {name: [ia(row["scenario"]) for row in table(tables[name], ",")] for name in names}


def models(knowledge: Knowledge, topics: str) -> Models:
    """The model patients of some topics.

    Raises InputError for a topic that is not there, and for one without anybody.
    """
    built = Construction(knowledge)
    made: Models = {}
    for topic, scenarios in scenarios_of(knowledge, topics).items():
        of_each = [
            changes(built, topic, scenario)
            for scenario in scenarios
            if scenario in built.scenarios and built.patients(scenario)
        ]
        if not of_each:
            fault = f"no scenario of {topic} applies to anybody"
            raise InputError("--topics", fault, "Leave this topic out.")
        made[topic] = of_each
    return made


def changes(built: Construction, topic: str, scenario: str) -> dict[str, list[Model]]:
    """The models of a scenario by their change: one for each way to meet it, the plainest of them
    without each fact that decides, and one for each criterion that a record can refute.
    """
    patients = [patient.facts for patient in built.patients(scenario)]
    rows = [(WHOLE, "", facts) for facts in patients]
    for fact in patients[0]:
        fewer = tuple(other for other in patients[0] if other != fact)
        if status(built, scenario, built.classes(fewer)) == POSSIBLE:
            rows.append((FACT_LESS, fact.term or fact.procedure or "", fewer))
    for criterion in built.criteria(scenario)[1:]:
        facts = built.refuted(scenario, criterion)
        if facts and all(is_recorded(built.knowledge, fact) for fact in facts):
            rows.append((REFUTED, criterion, facts))
    of_each: dict[str, list[Model]] = {}
    for change, changed, facts in rows:
        one = model(built, Known(topic, curie(scenario), change, changed and curie(changed)), facts)
        of_each.setdefault(change, []).append(one)
    return of_each


def is_recorded(knowledge: Knowledge, fact: Fact) -> bool:
    """Whether a code says a fact. One that means more than a class does not deny the class."""
    if fact.property == RDF_TYPE:
        return False
    if fact.denied:
        code = sayings.denied(knowledge, fact.term).code
        system = code and knowledge.codes.systems[code.prefix].systems[0]
        return bool(code) and len(knowledge.codes.find(system, code.code)) == 1
    say = sayings.resulting if fact.procedure else sayings.stated
    return fact.number is not None or not fact.term or say(knowledge, fact.term).code is not None


def model(built: Construction, known: Known, facts: Facts) -> Model:
    """A model patient of some facts, with the scenarios that the definitions conclude of them."""
    classes = built.classes(facts)
    applying = [s for s in built.scenarios if status(built, s, classes) == APPLIES]
    beside = {s for s in applying if stands_beside(built.knowledge, s)}
    entries = as_fhir(built.knowledge, facts)["entry"]
    whole = known._replace(
        status=status(built, expand(known.scenario), classes),
        applies=" ".join(sorted(map(curie, set(applying) - beside))),
        other_sources=" ".join(sorted(map(curie, beside))),
    )
    return Model([entry["resource"] for entry in entries], whole)


def status(built: Construction, scenario: str, classes: set[str]) -> str:
    """What the definitions conclude of a scenario for a presentation of some classes; nothing where
    it is not considered.
    """
    facts, criteria = built.knowledge.facts, built.criteria(scenario)
    if criteria[0] not in classes:
        return ""
    lost = [c for c in criteria if c not in classes]
    if any(classes.intersection(facts.objects(c, ia("refutedBy"))) for c in lost):
        return EXCLUDED
    exclusions = built.exclusions(scenario)
    if any(
        cls in classes and not classes.intersection(facts.objects(cls, ia("overruledBy")))
        for cls in exclusions
    ):
        return EXCLUDED
    doubted = any(classes.intersection(facts.subjects(ia("suspends"), cls)) for cls in exclusions)
    return POSSIBLE if lost or doubted else APPLIES


def stands_beside(knowledge: Knowledge, scenario: str) -> bool:
    """Whether a scenario is of a source that stands beside the guideline, such as a rule."""
    facts = knowledge.facts
    return any(
        facts.holds(scheme, ia("standsBeside"), "true")
        for edition in facts.objects(scenario, ia("inEdition"))
        for scheme in facts.objects(edition, ia("usesScheme"))
    )
