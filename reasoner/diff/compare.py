"""Compares two versions of the graph or two editions of a topic, and the answers of both.

Major: a test patient's answer changes, a term disappears, a rating that is in force changes, or a
table does not build.
Minor: something is added, or facts change that no test patient meets.
Patch: words only.
"""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from reasoner.api import Reasoner
from reasoner.curation.cases import cases_beside
from reasoner.curation.working_copy import checkout, packaged
from reasoner.diff import answers as patients
from reasoner.diff import editions, versions
from reasoner.diff.difference import Difference
from reasoner.diff.terms import WORDS, Description, Descriptions, descriptions, kind, label
from reasoner.errors import InputError
from reasoner.graph.editions import edition, siblings, twins
from reasoner.graph.knowledge import load
from reasoner.graph.lookup import is_term
from reasoner.graph.short_names import short
from reasoner.graph.terminology import Codes
from reasoner.names import LABEL, curie, ia


def diff(
    before: str, after: str, cases: Path | None = None, ontology: Path | None = None
) -> Difference:
    """The difference between two ontology folders or git revisions.

    Where both are named by CURIEs, they are editions of `ontology`. `cases` has the records that
    both answer, by default `tests/cases` beside an ontology folder. Raises InputError for a name
    that is none of these.
    """
    if before.startswith("ia:") and after.startswith("ia:"):
        return between_editions(before, after, cases, ontology or packaged())
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        difference, spares = Difference(before, after), (Path(one), Path(other))
        originals = [versions.folder(*named) for named in zip((before, after), spares, strict=True)]
        folders = built(difference, (before, after), originals, spares)
        terms(difference, *map(descriptions, folders))
        difference.mappings = mappings(*map(Codes, folders))
        cases = chosen(cases, *reversed(originals), ontology, checkout(), packaged())
        compare_patients(difference, *folders, cases)
    return difference


def between_editions(before: str, after: str, cases: Path | None, ontology: Path) -> Difference:
    """The difference between two editions of a topic.

    The records are answered with either edition in force.
    """
    with TemporaryDirectory() as spare:
        difference = Difference(before, after)
        (folder,) = built(difference, ("tables",), [ontology], [Path(spare)])
        return of_editions(difference, folder, chosen(cases, ontology, packaged()))


def of_editions(difference: Difference, ontology: Path, cases: Path | None) -> Difference:
    """Fills in what changed between the two editions that a difference is about."""
    before, after = difference.before, difference.after
    knowledge = load(ontology, unfinished=True, ratings=None)
    earlier, later = (edition(knowledge, name) for name in (before, after))
    if later not in siblings(knowledge, earlier):
        raise InputError(
            f"{before} {after}",
            "these are editions of different topics",
            "Compare two editions of one topic.",
        )
    names = twins(knowledge, earlier, later)
    described = descriptions(ontology)
    old = editions.of_edition(described, earlier, names)
    terms(difference, old, editions.of_edition(described, later, {}))
    for change, iri, text in editions.procedures(knowledge, earlier, later):
        (difference.came if change == "came" else difference.went).append(
            {"id": curie(iri), "label": text, "kind": "procedure"}
        )
    with (
        editions.with_current(ontology, knowledge, earlier) as one,
        editions.with_current(ontology, knowledge, later) as other,
    ):
        rename = editions.renaming({**names, earlier: later})
        compare_patients(difference, one, other, cases, rename)
    return difference


def built(
    difference: Difference, names: Iterable[str], folders: list[Path], spares: Iterable[Path]
) -> list[Path]:
    """The folders of versions as their tables make them; notes the tables that were not built."""
    results = []
    for name, folder, spare in zip(names, folders, spares, strict=True):
        result, tables = versions.built(name, folder, spare)
        results.append(result)
        difference.tables += tables
    return results


def entry(iri: str, *versions: Description) -> dict:
    """The row of a term; its label is that of the first version that has one."""
    return {"id": short(iri), "label": label(*versions), "kind": kind(versions[0])}


def terms(difference: Difference, old: Descriptions, new: Descriptions) -> None:
    """Fills in the terms that came, went and changed.

    The label of a rating does not count: it repeats those of its scenario and procedure.
    """
    difference.came = [entry(iri, new[iri]) for iri in sorted(new.keys() - old.keys())]
    difference.went = [
        entry(iri, old[iri]) for iri in sorted(old.keys() - new.keys()) if is_term(iri)
    ]
    for iri in sorted(old.keys() & new.keys()):
        rows = [
            {
                "property": short(p),
                "before": old[iri].get(p, []),
                "after": new[iri].get(p, []),
                "words": p in WORDS,
            }
            for p in sorted(old[iri].keys() | new[iri].keys())
            if old[iri].get(p) != new[iri].get(p)
            and not (p == LABEL and kind(new[iri]) == "rating")
        ]
        if rows:
            changes: dict[str, list[dict]] = {"words": [], "facts": []}
            for row in rows:
                changes["words" if row.pop("words") else "facts"].append(row)
            difference.changed.append(
                {**entry(iri, new[iri], old[iri]), "inForce": in_force(new, iri), **changes}
            )


def in_force(described: Descriptions, iri: str) -> bool:
    """Whether a term belongs to a current edition, or to none that is compared."""
    mine = described[iri].get(ia("inEdition"))
    return mine is None or any(
        "true (xsd:boolean)" in term.get(ia("isCurrent"), [])
        for name, term in described.items()
        if short(name) in mine
    )


def mappings(old: Codes, new: Codes) -> list[dict]:
    """The code mappings that came and went; one whose use changed does both."""
    rows = [
        {
            (m.subject, m.prefix, m.code, m.predicate, m.intake, m.laterality, m.site)
            for s in codes.subjects()
            for m in codes.of(s)
        }
        for codes in (old, new)
    ]
    gone, come = sorted(rows[0] - rows[1]), sorted(rows[1] - rows[0])
    return [
        {"subject": curie(r[0]), "code": f"{r[1]}:{r[2]}", "change": change, "intake": r[4]}
        for change, codes in (("went", gone), ("came", come))
        for r in codes
    ]


def chosen(cases: Path | None, *ontologies: Path | None) -> Path | None:
    """The folder of test patients: the one given, else that of the first checkout.

    Raises InputError for one that is no folder.
    """
    if cases and not cases.is_dir():
        raise InputError(
            str(cases),
            "there is no such folder of cases",
            "Give a folder with records, such as tests/cases.",
        )
    return cases or cases_beside(*ontologies)


def compare_patients(
    difference: Difference, before: Path, after: Path, cases: Path | None, rename=str
) -> None:
    """Fills in the test patients who get a different answer, where there are any."""
    if cases:
        one, other = (Reasoner(folder, unfinished=True, ratings=None) for folder in (before, after))
        difference.compared, difference.patients = patients.compare(one, other, cases, rename)
