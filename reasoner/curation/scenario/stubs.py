"""The stubs of a new scenario as statements, rating rows and a case; the rest is to fill in."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from reasoner.answer.cache.answer_cache import Memory
from reasoner.curation.cases import records
from reasoner.curation.definitions.manchester import definition as expression
from reasoner.curation.definitions.manchester import listed
from reasoner.curation.scenario.plan import Plan
from reasoner.curation.tables.ratings import RATINGS
from reasoner.curation.tables.rows import NOT_RATED
from reasoner.errors import NextstudyError
from reasoner.graph.index import Index
from reasoner.graph.placeholders import MARK
from reasoner.graph.store import Statement, literal
from reasoner.names import DCTERMS, IA, LABEL, OWL, RDF_TYPE, RDFS, SKOS, SOURCE, XSD, curie, ia

ACRONYMS = {"MRI", "MRA", "CT", "CTA", "PET", "FDG", "IV", "US"}
DEFINITION = SKOS + "definition"


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
    what = "Say what sets it apart from the other scenarios of the edition."
    yield plan.name, DEFINITION, english(f"{MARK}: A presentation with ... {what}")
    number = f"{MARK}: variant and its number in the edition"
    yield plan.name, DCTERMS + "identifier", literal(number)
    yield plan.name, ia("inEdition"), plan.edition
    for phase in known.objects(plan.like, ia("inPhase")) if plan.like else ():
        yield plan.name, ia("inPhase"), phase
    for source in known.objects(plan.edition, SOURCE):
        yield plan.name, SOURCE, source
    yield plan.name, RDFS + "subClassOf", ia("Presentation")
    yield plan.name, OWL + "equivalentClass", "_:newscenario"
    yield "_:newscenario", RDF_TYPE, OWL + "Class"
    yield "_:newscenario", OWL + "intersectionOf", "_:newcriterion0"
    yield from listed("_:newcriterion", plan.criteria)


def criterion(iri: str, plan: Plan, known: Index) -> Iterator[Statement]:
    """The statements that a class lacks to be a criterion.

    All of them for a new class, else its question or its refuting class.
    """
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
    """A class of presentations, its definition in words to be filled in.

    It is defined formally where the plan says how.
    """
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
    """The exclusions of the scenario: those of the one that it resembles.

    Without one, those that all scenarios of its edition share.
    """
    for excluded, leads, precedence in ways_out(plan, known):
        iri = f"{plan.name}_unless_{excluded[len(IA) :]}"
        why = known.value(excluded, LABEL, curie(excluded))
        yield iri, RDF_TYPE, OWL + "NamedIndividual"
        yield iri, RDF_TYPE, ia("Exclusion")
        yield iri, LABEL, english(f"{plan.label}: {why}")
        what = f"The exclusion of presentations with {why} from the scenario {plan.label}."
        yield iri, DEFINITION, english(what)
        yield iri, ia("ofScenario"), plan.name
        yield iri, ia("excludes"), excluded
        yield iri, ia("precedence"), literal(precedence, datatype=XSD + "integer")
        for source in known.objects(plan.edition, SOURCE):
            yield iri, SOURCE, source
        for place in leads:
            yield iri, ia("leadsTo"), place


def ways_out(plan: Plan, known: Index) -> list[tuple[str, tuple[str, ...], str]]:
    """The shared exclusions: what excludes, where it leads, and its precedence."""

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
    """The rating rows of the scenario, one for each procedure that its edition rates.

    The category is left empty; radiation is that of all other rows if they agree.
    """
    edition, like = curie(plan.edition), curie(plan.like) if plan.like else None
    mine = [row for row in table if row["edition"] == edition]
    ordered = sorted(
        mine + [row for row in table if row["scenario"] == like],
        key=lambda row: row["scenario"] != like,
    )
    new = []
    for procedure in dict.fromkeys(
        row["procedure"] for row in ordered if row["category"] != NOT_RATED
    ):
        rated = [
            row for row in ordered if row["procedure"] == procedure and row["category"] != NOT_RATED
        ]
        levels = {(row["adult_radiation"], row["pediatric_radiation"]) for row in rated}
        adult, child = levels.pop() if len(levels) == 1 else ("", "")
        new.append(
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
    return new


def case(plan: Plan, answers: Memory, folders: list[Path]) -> tuple[dict, dict, list[str]]:
    """A record to start from, what its answer must say, and the criteria that it does not meet.

    Of the Bundles with one presentation it is the one that meets most criteria, of these the
    smallest; one in the scenario that the new one resembles comes first.
    """
    from reasoner.answer.reply import replied

    candidates = []
    for data in example_and_records(folders):
        try:
            reply = replied(answers, data)
        except NextstudyError:
            continue
        presentations = reply.answer["presentations"]
        if len(presentations) != 1 or b'"Bundle"' not in data:
            continue
        (one,) = presentations
        types = reply.facts.objects(reply.record.presentations[0], RDF_TYPE)
        unmet = [c for c in plan.criteria if c not in types]
        is_near = plan.like and any(
            s["id"] == curie(plan.like) and s["status"] == "applies" for s in one["scenarios"]
        )
        has_place = one["region"] and one["id"].startswith("Condition/")
        rank = (len(unmet), not is_near, not has_place, len(data), data)
        candidates.append((*rank, one["id"], unmet))
    data, presentation, unmet = min(candidates)[4:]
    expected = {"presentations": {presentation: {"applies": [curie(plan.name)]}}}
    return json.loads(data), expected, unmet


def example_and_records(folders: list[Path]) -> Iterator[bytes]:
    """The bundled example, then the JSON records of some folders of cases."""
    from reasoner.intake.opening import example

    yield example()
    for folder in folders:
        if folder.is_dir():
            yield from (p.read_bytes() for p in records(folder) if p.suffix == ".json")
