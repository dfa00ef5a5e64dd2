"""Stubs of a new scenario: what a program can write of it, with the rest left to fill in. Statements, rows and a case; no files."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reasoner.answer.cache.answer_cache import Memory
from reasoner.curation.cases import records
from reasoner.curation.scenario.manchester import definition as expression
from reasoner.curation.scenario.manchester import listed
from reasoner.curation.tables.ratings import RATINGS
from reasoner.curation.tables.rows import NOT_RATED
from reasoner.errors import NextstudyError
from reasoner.graph.index import Index
from reasoner.graph.placeholders import MARK
from reasoner.graph.store import Statement, literal
from reasoner.names import DCTERMS, IA, LABEL, OWL, RDF_TYPE, RDFS, SKOS, SOURCE, XSD, curie, ia

ACRONYMS = {"MRI", "MRA", "CT", "CTA", "PET", "FDG", "IV", "US"}
DEFINITION = SKOS + "definition"


@dataclass(frozen=True)
class Plan:
    """A scenario to be: IRIs, its label, the scenario that it resembles, and of new criteria the refuting class and the definition."""

    name: str
    label: str
    edition: str
    criteria: tuple[str, ...]
    like: str | None = None
    refuting: dict[str, str] = field(default_factory=dict)
    defined: dict[str, str] = field(default_factory=dict)


def english(text: str):
    """An English text."""
    return literal(text, language="en")


def words(iri: str) -> str:
    """The words of an UpperCamel name, acronyms as such: `MRI inconclusive`."""
    return " ".join(
        word.upper() if word.upper() in ACRONYMS else word.lower()
        for word in re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", iri[len(IA) :]).split()
    )


def declared(iri: str, *types: str) -> Iterator[Statement]:
    """The types of a class that is also an individual."""
    for cls in (OWL + "Class", OWL + "NamedIndividual", *types):
        yield iri, RDF_TYPE, cls


def definition(plan: Plan, known: Index) -> Iterator[Statement]:
    """The scenario as a class equivalent to the intersection of its criteria."""
    yield from declared(plan.name, ia("Scenario"))
    yield plan.name, LABEL, english(plan.label)
    yield (
        plan.name,
        DEFINITION,
        english(
            f"{MARK}: A presentation with ... Say what sets it apart from the other scenarios of the edition."
        ),
    )
    yield (
        plan.name,
        DCTERMS + "identifier",
        literal(f"{MARK}: variant and its number in the edition"),
    )
    yield plan.name, ia("inEdition"), plan.edition
    if plan.like:
        yield from (
            (plan.name, ia("inPhase"), phase) for phase in known.objects(plan.like, ia("inPhase"))
        )
    for source in known.objects(plan.edition, SOURCE):
        yield plan.name, SOURCE, source
    yield plan.name, RDFS + "subClassOf", ia("Presentation")
    yield plan.name, OWL + "equivalentClass", "_:newscenario"
    yield "_:newscenario", RDF_TYPE, OWL + "Class"
    yield "_:newscenario", OWL + "intersectionOf", "_:newcriterion0"
    yield from listed("_:newcriterion", plan.criteria)


def criterion(iri: str, plan: Plan, known: Index) -> Iterator[Statement]:
    """What a class lacks to be a criterion: all of it for a new class, else its question or refuting class."""
    refuting = plan.refuting[iri]
    if not known.value(iri, LABEL):
        yield from new_class(
            iri, f"{MARK}: A presentation with ... Say what sets it apart.", plan, known
        )
    for cls in (ia("Criterion"), OWL + "NamedIndividual"):
        if not known.holds(iri, RDF_TYPE, cls):
            yield iri, RDF_TYPE, cls
    if not known.value(iri, ia("question")):
        yield (
            iri,
            ia("question"),
            english(f"{MARK}: What to ask a person who knows the patient, as one question?"),
        )
    if not known.value(iri, ia("refutedBy")):
        yield iri, ia("refutedBy"), refuting
        if not known.value(refuting, LABEL):
            yield from new_class(
                refuting,
                f"{MARK}: A presentation known not to be one of {words(iri)}. Say what shows it.",
                plan,
                known,
            )
        for cls in (ia("Criterion"), OWL + "NamedIndividual"):
            if not known.holds(refuting, RDF_TYPE, cls):
                yield refuting, RDF_TYPE, cls


def new_class(iri: str, text: str, plan: Plan, known: Index) -> Iterator[Statement]:
    """A class of presentations with a definition in words to fill in, defined formally when the plan says how."""
    yield iri, RDF_TYPE, OWL + "Class"
    yield iri, LABEL, english(words(iri))
    yield iri, DEFINITION, english(text)
    yield iri, RDFS + "subClassOf", ia("Presentation")
    if iri in plan.defined:
        yield from expression(
            iri,
            plan.defined[iri],
            known,
            {*plan.criteria, *plan.refuting.values()},
            f"new{iri[len(IA) :]}",
        )


def exclusions(plan: Plan, known: Index) -> Iterator[Statement]:
    """The ways out of the scenario: those of the one that it resembles, else those that all scenarios of its edition share."""
    for excluded, leads, precedence in ways_out(plan, known):
        iri = f"{plan.name}_unless_{excluded[len(IA) :]}"
        why = known.value(excluded, LABEL, curie(excluded))
        yield iri, RDF_TYPE, OWL + "NamedIndividual"
        yield iri, RDF_TYPE, ia("Exclusion")
        yield iri, LABEL, english(f"{plan.label}: {why}")
        yield (
            iri,
            DEFINITION,
            english(f"The exclusion of presentations with {why} from the scenario {plan.label}."),
        )
        yield iri, ia("ofScenario"), plan.name
        yield iri, ia("excludes"), excluded
        yield iri, ia("precedence"), literal(precedence, datatype=XSD + "integer")
        for source in known.objects(plan.edition, SOURCE):
            yield iri, SOURCE, source
        for place in leads:
            yield iri, ia("leadsTo"), place


def ways_out(plan: Plan, known: Index) -> list[tuple[str, tuple[str, ...], str]]:
    """What excludes, where it leads and its precedence; never what is a criterion of the scenario itself."""

    def of(scenario: str) -> set:
        return {
            (
                known.value(e, ia("excludes")),
                tuple(known.objects(e, ia("leadsTo"))),
                known.value(e, ia("precedence"), "9"),
            )
            for e in known.subjects(ia("ofScenario"), scenario)
            if known.value(e, ia("excludes"))
        }

    others = [
        s
        for s in known.subjects(ia("inEdition"), plan.edition)
        if known.holds(s, RDF_TYPE, ia("Scenario"))
    ]
    models = [plan.like] if plan.like else others
    shared = set.intersection(*map(of, models)) if models else set()
    return sorted(
        (way for way in shared if way[0] not in plan.criteria),
        key=lambda way: (int(way[2]), way[0]),
    )


def rows(plan: Plan, table: list[dict[str, str]], seen: str, basis: str) -> list[dict[str, str]]:
    """One row for each procedure that the edition rates; the category is left empty, radiation is that of all other rows if they agree."""
    edition, like = curie(plan.edition), curie(plan.like) if plan.like else None
    mine = [row for row in table if row["edition"] == edition]
    ordered = sorted(
        mine + [row for row in table if row["scenario"] == like],
        key=lambda row: row["scenario"] != like,
    )
    made = []
    for procedure in dict.fromkeys(
        row["procedure"] for row in ordered if row["category"] != NOT_RATED
    ):
        rated = [
            row for row in ordered if row["procedure"] == procedure and row["category"] != NOT_RATED
        ]
        levels = {(row["adult_radiation"], row["pediatric_radiation"]) for row in rated}
        adult, child = levels.pop() if len(levels) == 1 else ("", "")
        made.append(
            dict.fromkeys(RATINGS, "")
            | {
                "scenario": curie(plan.name),
                "scenario_label": plan.label,
                "procedure": procedure,
                "procedure_label": rated[0]["procedure_label"],
                "adult_radiation": adult,
                "pediatric_radiation": child,
                "edition": edition,
                "date_seen": seen,
                "basis": basis,
            }
        )
    return made


def case(plan: Plan, answers: Memory, folders: list[Path]) -> tuple[dict, dict, list[str]]:
    """A record to start from, what the answer to it must say, and the criteria that it does not meet yet.

    It is the smallest Bundle, of those with one presentation, that meets most criteria; one in the scenario that it resembles comes first.
    """
    from reasoner.answer.reply import replied
    from reasoner.intake.opening import example

    found = []
    for data in [
        example(),
        *(
            p.read_bytes()
            for folder in folders
            if folder.is_dir()
            for p in records(folder)
            if p.suffix == ".json"
        ),
    ]:
        try:
            reply = replied(answers, data)
        except NextstudyError:
            continue
        shown = reply.answer["presentations"]
        if len(shown) == 1 and b'"Bundle"' in data:
            unmet = [
                c
                for c in plan.criteria
                if c not in reply.facts.objects(reply.record.presentations[0], RDF_TYPE)
            ]
            near = plan.like and any(
                s["id"] == curie(plan.like) and s["status"] == "applies"
                for s in shown[0]["scenarios"]
            )
            found.append(
                (
                    len(unmet),
                    not near,
                    not (shown[0]["region"] and shown[0]["id"].startswith("Condition/")),
                    len(data),
                    data,
                    shown[0]["id"],
                    unmet,
                )
            )
    data, presentation, unmet = min(found)[4:]
    return (
        json.loads(data),
        {"presentations": {presentation: {"applies": [curie(plan.name)]}}},
        unmet,
    )
