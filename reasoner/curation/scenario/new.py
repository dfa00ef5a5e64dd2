"""New: the stubs of a scenario, put where they belong, so that a curator writes only what a curator must know."""

import csv
import difflib
import io
import json
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from reasoner.answer.cache.answer_cache import Memory
from reasoner.curation.build import edited_facts
from reasoner.curation.cases import cases_beside
from reasoner.curation.scenario.stubs import Plan, case, criterion, definition, exclusions, rows
from reasoner.curation.tables.ratings import RATINGS
from reasoner.curation.tables.rows import rows as table_rows
from reasoner.errors import InputError
from reasoner.files import write_all
from reasoner.graph.index import Index
from reasoner.graph.store import serialize
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.intake.screens import load
from reasoner.names import IA, LABEL, RDF_TYPE, RDFS, curie, expand, ia

NAME = re.compile(r"[A-Z][A-Za-z0-9]*")


def scenario(
    ontology: Path,
    name: str,
    topic: str,
    edition: str,
    criteria: list[str],
    label: str,
    like: str | None = None,
    refuted_by: dict[str, str] | None = None,
    define: dict[str, str] | None = None,
    seen: str = "",
    basis: str = "",
    cases: Path | None = None,
) -> tuple[list[Path], list[str]]:
    """Writes the stubs of a scenario, all files or none; the files written, and what is left to do, a sentence each.

    `topic` is the stem of a file in `topics/`, the other names are CURIEs or local names; `refuted_by` gives the refuting
    class of new criteria, `define` what new classes are equivalent to, in the manner of Protégé; `seen` and `basis` fill those
    columns of the rating rows. Raises InputError for a name that does not fit.
    """
    document = topic_file(ontology, topic)
    known, table = edited_facts(ontology), ontology / "tables" / f"{document.stem}.csv"
    rated = [row.cells for row in table_rows(table, RATINGS, known)] if table.is_file() else []
    plan = planned(known, name, edition, criteria, label, like, refuted_by or {}, define or {})
    statements = [
        *definition(plan, known),
        *(s for c in plan.criteria if is_criterion(known, c) for s in criterion(c, plan, known)),
        *exclusions(plan, known),
    ]
    text = format_turtle(document.read_bytes() + b"\n" + serialize(statements, WELL_KNOWN))
    answers = with_document(ontology, document, text)
    facts = answers.knowledge.facts
    mine = facts.objects(plan.name, ia("hasCriterion"))
    if equal := [
        s
        for s in facts.subjects(ia("inEdition"), plan.edition)
        if s != plan.name and facts.objects(s, ia("hasCriterion")) == mine
    ]:
        raise InputError(
            "--criteria",
            f"{curie(equal[0])} has the same criteria in this edition",
            "Add the criterion that sets the new scenario apart.",
        )
    folder = (
        cases or cases_beside(ontology) or ontology.resolve().parent / "tests" / "cases"
    ) / document.stem
    stem = folder / (
        "should-find-" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", plan.name[len(IA) :]).lower()
    )
    if taken := next(
        (
            path
            for path in (stem.with_suffix(".json"), stem.with_suffix(".expected.json"))
            if path.exists()
        ),
        None,
    ):
        raise InputError(
            str(taken),
            "this case is there already",
            "Choose another name for the scenario, or move the case away.",
        )
    record, expected, unmet = case(plan, answers, [folder.parent])
    made = {
        document: text,
        table: extended(table, rows(plan, rated, seen, basis)),
        stem.with_suffix(".json"): as_json(record),
        stem.with_suffix(".expected.json"): as_json(expected),
    }
    cells = ["category", *(["date_seen"] if not seen else []), *(["basis"] if not basis else [])]
    return write_all(made), left(
        plan, known, table, stem.with_suffix(".json"), unmet, statements, ", ".join(cells)
    )


def topic_file(ontology: Path, topic: str) -> Path:
    """The document of a topic, by file name or by CURIE."""
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", topic.removeprefix("ia:")).lower()
    stems = sorted(path.stem for path in (ontology / "topics").glob("*.ttl"))
    if stem not in stems:
        raise InputError(
            f"--topic {topic}",
            "there is no such topic",
            f"Topics are: {', '.join(stems) or 'none'}.",
        )
    return ontology / "topics" / f"{stem}.ttl"


def planned(
    known: Index,
    name: str,
    edition: str,
    criteria: list[str],
    label: str,
    like: str | None,
    refuted_by: dict[str, str],
    define: dict[str, str],
) -> Plan:
    """The plan of a scenario, every name checked."""
    iri, names = (
        named("NAME", name),
        tuple(dict.fromkeys(named("--criteria", c) for c in criteria if c)),
    )
    taken = known.subjects(LABEL, label)
    if known.value(iri, LABEL) or taken or not label.strip():
        raise InputError(
            name if known.value(iri, LABEL) else "--label",
            f"{curie(iri if known.value(iri, LABEL) else taken[0])} is there already"
            if label.strip()
            else "the label is empty",
            "Choose another name and label.",
        )
    of = member(known, "--edition", edition, "Edition")
    model = member(known, "--like", like, "Scenario") if like else None
    starts = [
        c
        for c in names
        if known.holds(c, RDF_TYPE, ia("Anchor")) or known.holds(c, RDF_TYPE, ia("Scenario"))
    ]
    if not starts:
        anchors = ", ".join(map(curie, known.subjects(RDF_TYPE, ia("Anchor"))))
        raise InputError(
            "--criteria",
            "no criterion is an anchor, so the scenario would never be considered",
            f"Name one of: {anchors}.",
        )
    for c in names:
        if known.value(c, LABEL) and ia("Presentation") not in above(known, c):
            raise InputError(
                f"--criteria {curie(c)}",
                "this is no class of presentations",
                "Name a class below ia:Presentation, or a new name.",
            )
    refuting = {named("--refuted-by", c): named("--refuted-by", r) for c, r in refuted_by.items()}
    plan = Plan(
        iri,
        label.strip(),
        of,
        names,
        model,
        {c: refuting.get(c, f"{c}Refuted") for c in names},
        {named("--define", c): text for c, text in define.items()},
    )
    for option, mine, allowed in (
        ("--refuted-by", refuting, names),
        ("--define", plan.defined, (*names, *plan.refuting.values())),
    ):
        if odd := next(
            (
                c
                for c in mine
                if c not in allowed or (option == "--define" and known.value(c, LABEL))
            ),
            None,
        ):
            raise InputError(
                f"{option} {curie(odd)}",
                "this is no criterion that the command makes",
                "Name a new criterion, or the class that refutes one.",
            )
    return plan


def pairs(option: str, texts: list[str]) -> dict[str, str]:
    """The names and values of options such as `--define A=EXPRESSION`."""
    found = {}
    for text in texts:
        name, _, value = map(str.strip, text.partition("="))
        if not name or not value:
            raise InputError(
                f"{option} {text}", "this names nothing", f"Write {option} NAME=VALUE."
            )
        found[name] = value
    return found


def named(place: str, name: str) -> str:
    """The IRI of a class name such as `MassAfterBiopsy` or `ia:MassAfterBiopsy`."""
    local = name.strip().removeprefix("ia:")
    if not NAME.fullmatch(local):
        raise InputError(
            f"{place} {name}".strip(),
            "this is no name of a class",
            "Write UpperCamel words without blanks, such as MassAfterBiopsy.",
        )
    return ia(local)


def member(known: Index, place: str, name: str, cls: str) -> str:
    """The IRI of a declared member of a class."""
    iri = expand(name) if ":" in name else ia(name)
    members = known.subjects(RDF_TYPE, ia(cls))
    if iri not in members:
        near = difflib.get_close_matches(curie(iri), map(curie, members), 1, 0)
        raise InputError(
            f"{place} {name}",
            f"the graph has no such {cls.lower()}",
            f"The nearest is {near[0]}." if near else f"Declare an ia:{cls} first.",
        )
    return iri


def above(known: Index, cls: str) -> set[str]:
    """The named classes above a class, as far as subclass axioms say."""
    seen, todo = set(), [cls]
    while todo:
        if (here := todo.pop()) not in seen:
            seen.add(here)
            todo += known.objects(here, RDFS + "subClassOf")
    return seen


def is_criterion(known: Index, cls: str) -> bool:
    """Whether a class in a definition is a criterion itself; a scenario stands for its own."""
    return not known.holds(cls, RDF_TYPE, ia("Scenario"))


def with_document(ontology: Path, document: Path, text: bytes) -> Memory:
    """Answers by an ontology in which one document is another; the folder itself stays as it is."""
    with TemporaryDirectory() as spare:
        copy = Path(shutil.copytree(ontology, Path(spare) / "ontology"))
        (copy / document.relative_to(ontology)).write_bytes(text)
        return Memory(load(copy, unfinished=True), 0)


def extended(table: Path, new: list[dict[str, str]]) -> bytes:
    """The bytes of a table with rows added at its end."""
    before = table.read_bytes() if table.is_file() else ",".join(RATINGS).encode() + b"\n"
    ending = "\r\n" if b"\r\n" in before else "\n"
    text = io.StringIO()
    csv.DictWriter(text, RATINGS, lineterminator=ending).writerows(new)
    return before + (b"" if before.endswith(b"\n") else ending.encode()) + text.getvalue().encode()


def as_json(data: dict) -> bytes:
    """Data as the cases spell it."""
    return json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n"


def left(
    plan: Plan,
    known: Index,
    table: Path,
    record: Path,
    unmet: list[str],
    statements: list,
    cells: str,
) -> list[str]:
    """What a curator still has to do, in order."""
    new = [c for c in plan.criteria if not known.value(c, LABEL)]
    classes = sorted(
        {s for s, p, _ in statements if p == RDFS + "subClassOf"} - {plan.name, *plan.defined}
    )
    todo = [
        f"{curie(c)} is new{f' (the nearest there is: {near[0]})' if (near := difflib.get_close_matches(curie(c), map(curie, known.subjects(RDF_TYPE, ia('Criterion'))), 1, 0.8)) else ''}."
        for c in new
    ]
    todo += (
        [
            f"Define {', '.join(map(curie, classes))}: what puts a presentation into each (Equivalent To)."
        ]
        if classes
        else []
    )
    ways = [curie(o) for _, p, o in statements if p == ia("excludes")]
    todo += [
        "Write each text that begins with FILL IN; `nextstudy build` lists those that are left.",
        f"Fill in the rows of {curie(plan.name)} at the end of {table} ({cells}), and compare the radiation levels with the guideline.",
        f"Exclusions made: {', '.join(ways)}. Remove what does not hold, add what is missing."
        if ways
        else "Add the ways out of the scenario as individuals of ia:Exclusion.",
    ]
    change = f": it does not meet {', '.join(map(curie, unmet))} yet" if unmet else ""
    return [
        *todo,
        f"Make {record} the record of a patient in the scenario{change}.",
        f"Run `nextstudy build && nextstudy fmt && nextstudy validate`, then `nextstudy diff HEAD {table.parent.parent}`.",
    ]
