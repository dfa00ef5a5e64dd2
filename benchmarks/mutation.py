"""Mutation testing: whether some case fails when a rule or a check says something else. Markdown.

    python benchmarks/mutation.py [rules] [checks] [shapes] [--only NAME ...]
                                  [--trials N] [--floor PERCENT]

Each mutant lacks one construct of a query, or has one operator turned (see `mutants.py`). A mutant
that makes some case, or some broken twin, fail is killed; one that none fails for has survived: it
is a gap of the tests, or a line that is not needed. Exits 1 when fewer than PERCENT are killed.
"""

import argparse
import multiprocessing
import sys
import time
from dataclasses import dataclass

from mutants import Mutant
from mutated_checks import Checks, Shapes
from mutated_rules import Rules
from timing import table

KINDS = {"rules": Rules, "checks": Checks, "shapes": Shapes}
CHUNK = 8  # mutants that a process takes at a time
JUDGES: dict = {}  # what processes share: they are forked when all is known


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: the trial that failed, nothing, or that it is no query."""

    kind: str
    name: str
    mutant: Mutant
    failed: str
    runs: bool = True
    seconds: float = 0.0


def judged(task: tuple[str, str, list[Mutant]]) -> list[Outcome]:
    """What becomes of some mutants of one file."""
    kind, name, some = task
    outcomes = []
    for mutant in some:
        start = time.perf_counter()
        try:
            failed, runs = JUDGES[kind].failing(name, mutant.text), True
        except SyntaxError:
            failed, runs = "", False
        took = time.perf_counter() - start
        outcomes.append(Outcome(kind, name, mutant, failed, runs, took))
    return outcomes


def run(judges: dict, processes: int, quiet: bool = False) -> list[Outcome]:
    """What becomes of all mutants that some judges know, in the order of the files."""
    tasks = []
    JUDGES.update(judges)
    for kind in judges:
        for name, some in JUDGES[kind].mutants().items():
            tasks += [(kind, name, some[n : n + CHUNK]) for n in range(0, len(some), CHUNK)]
    total, outcomes, start = sum(len(some) for _, _, some in tasks), [], time.perf_counter()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for some in pool.imap(judged, tasks):
            outcomes += some
            if not quiet:
                lived = [o for o in some if o.runs and not o.failed]
                print(
                    f"{len(outcomes)} of {total} mutants, {time.perf_counter() - start:.0f} s",
                    *map(line, lived),
                    sep="\n",
                    file=sys.stderr,
                    flush=True,
                )
    return outcomes


def line(one: Outcome) -> str:
    """A mutant that was not killed, as a line of a list."""
    fate = "survived" if one.runs else "not removable"
    return f"- `{JUDGES[one.kind].file(one.name)}:{one.mutant.line}` {fate}: `{one.mutant.words}`"


def report(outcomes: list[Outcome]) -> str:
    """The table of files, the mutants that survived, and those that are no queries."""
    rows, lines = [], []
    for kind, name in dict.fromkeys((o.kind, o.name) for o in outcomes):
        some = [o for o in outcomes if (o.kind, o.name) == (kind, name)]
        ran = [o for o in some if o.runs]
        killed = sum(1 for o in ran if o.failed)
        removed = [o for o in ran if o.mutant.removal]
        rows.append(
            [
                JUDGES[kind].file(name),
                len(removed),
                len(ran) - len(removed),
                killed,
                len(ran) - killed,
                len(some) - len(ran),
            ]
        )
        lines += [line(one) for one in some if not one.failed]
    header = ["file", "removals", "other changes", "killed", "survived", "not removable"]
    return "\n".join([table(header, rows), "", *lines])


def share(outcomes: list[Outcome]) -> float:
    """The percentage of mutants that were killed, of those that are queries."""
    ran = [o for o in outcomes if o.runs]
    return 100 * sum(1 for o in ran if o.failed) / len(ran) if ran else 100.0


def main() -> int:
    """Prints the tables and the figure; 1 when it is below the floor."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("kinds", nargs="*", choices=[*KINDS, []], help="all without one")
    options.add_argument("--only", nargs="+", default=[], help="the stems of some files")
    options.add_argument("--floor", type=float, default=0.0, help="percent that must be killed")
    options.add_argument("--trials", type=int, help="of a mutant of a rule at most so many")
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--quiet", action="store_true", help="no progress")
    given = options.parse_args()
    judges = {kind: KINDS[kind](given.only) for kind in given.kinds or KINDS}
    if "rules" in judges:
        judges["rules"].most = given.trials
    outcomes = run(judges, given.processes, given.quiet)
    print(report(outcomes))
    removed = [o for o in outcomes if o.mutant.removal]
    print(
        f"\nKilled: {share(outcomes):.1f} % of {len(outcomes)} mutants; "
        f"of {len(removed)} removals {share(removed):.1f} %."
    )
    return int(share(outcomes) < given.floor)


if __name__ == "__main__":
    sys.exit(main())
