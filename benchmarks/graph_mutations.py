"""Whether `nextstudy validate` notices slips in the graph, and lets sound edits pass. Markdown.

    python benchmarks/graph_mutations.py [--only WORD ...] [--no-answers] [--floor PERCENT]

Each edit of `graph_slips.py` is made to a copy of the ontology, which is validated and then asked
for the answer to every record of `tests/cases`. Exits 1 when fewer than PERCENT of the slips are
noticed, when a sound edit is, or when an edit no longer applies.
"""

import argparse
import multiprocessing
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from graph_edits import Unfit
from graph_slips import SLIPS, SOUND
from timing import ROOT, table

from reasoner.api import Reasoner
from reasoner.diff.answers import facts, records
from reasoner.errors import NextstudyError
from reasoner.names import home
from reasoner.validation.validate import validate

SOUND_KIND = "sound edit"
CASES = ROOT / "tests" / "cases"
ANSWERS: list[dict[str, str]] = []  # to each record, before any edit: forked processes share it


@dataclass(frozen=True)
class Outcome:
    """What became of an edit: the checks that found it, and how many answers it changed.

    `unfit` says why the edit could not be made, and is empty when it was.
    """

    kind: str
    name: str
    checks: tuple[str, ...] = ()
    changed: int = 0
    unfit: str = ""

    @property
    def row(self) -> list:
        """The outcome as a row of the table."""
        reason = ", ".join(self.checks) or self.unfit or "nothing"
        return [self.kind, self.name, reason, self.changed]


def failed_checks(ontology: Path) -> tuple[str, ...]:
    """The checks that find a violation in an ontology folder, or the error that refuses it."""
    try:
        findings = validate([ontology]).findings
    except NextstudyError as error:
        return (type(error).__name__,)
    return tuple(sorted({f.check for f in findings if f.severity == "violation"}))


def answers(ontology: Path) -> list[dict[str, str]]:
    """The answer to each record of the cases; one that says so where the graph does not load."""
    paths = records(CASES)
    try:
        reasoner = Reasoner(ontology)
    except NextstudyError as error:
        return [{"graph": type(error).__name__} for _ in paths]
    return [facts(reasoner, path.read_bytes()) for path in paths]


def outcome(task: tuple[str, str]) -> Outcome:
    """What becomes of an edit, given with its kind, of a copy of the graph."""
    kind, name = task
    steps = SOUND[name] if kind == SOUND_KIND else SLIPS[kind][name]
    with TemporaryDirectory() as spare:
        copy = Path(shutil.copytree(home() / "ontology", Path(spare) / "ontology"))
        try:
            for step in steps:
                step(copy)
        except Unfit as error:
            return Outcome(kind, name, unfit=f"does not apply: {error}")
        now = answers(copy) if ANSWERS else []
        changed = sum(old != new for old, new in zip(ANSWERS, now, strict=True))
        return Outcome(kind, name, failed_checks(copy), changed)


def outcomes(tasks: list[tuple[str, str]], processes: int) -> list[Outcome]:
    """What becomes of some edits, in their order; progress goes to standard error."""
    results, start = [], time.perf_counter()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for one in pool.imap(outcome, tasks):
            results.append(one)
            seconds = time.perf_counter() - start
            print(f"{len(results)} of {len(tasks)}, {seconds:.0f} s", file=sys.stderr, flush=True)
    return results


def chosen(only: list[str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The slips and the sound edits whose kind or name has one of some words; all without one."""
    slips = [(kind, name) for kind, edits in SLIPS.items() for name in edits]
    sound = [(SOUND_KIND, name) for name in SOUND]
    wanted = [
        [task for task in tasks if not only or any(word in " ".join(task) for word in only)]
        for tasks in (slips, sound)
    ]
    return wanted[0], wanted[1]


def main() -> int:
    """Prints the table, what is missed and what is flagged though sound; 1 when it falls short."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="+", default=[], help="edits with one of these words")
    options.add_argument("--no-answers", action="store_true", help="ask for no answers")
    options.add_argument("--floor", type=float, default=0.0, help="percent that must be noticed")
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    if not given.no_answers:
        ANSWERS.extend(answers(home() / "ontology"))
    slips, sound = (outcomes(tasks, given.processes) for tasks in chosen(given.only))
    print(table(["kind", "edit", "found by", "answers changed"], [o.row for o in slips + sound]))
    missed = [o for o in slips if not o.checks and not o.unfit]
    unfit = [o for o in slips + sound if o.unfit]
    flagged = [o for o in sound if o.checks]
    noticed = len(slips) - len(missed) - sum(1 for o in slips if o.unfit)
    print(
        f"\nNoticed: {noticed} of {len(slips)} slips; {sum(1 for o in slips if o.changed)} of them "
        f"change an answer to one of {len(records(CASES))} records. "
        f"Flagged though sound: {len(flagged)} of {len(sound)}."
    )
    for title, some in (("Missed", missed), ("Flagged", flagged), ("Unfit", unfit)):
        for one in some:
            print(f"- {title}: {one.kind}: {one.name}; it changes {one.changed} answers")
    short = 100 * noticed < given.floor * len(slips)
    return int(short or bool(flagged) or bool(unfit))


if __name__ == "__main__":
    sys.exit(main())
