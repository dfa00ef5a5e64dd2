"""Measures how the time of an answer grows with the graph: 1, 10, 100 and 200 topics.

Topics are catalogued or computable. Prints Markdown.

    python benchmarks/growth.py [--topics 1 10 100 200]

Each graph is loaded in a process of its own, so that its memory is its own. Generated files go to a
temporary folder.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import orjson
from generated import catalogued, computable, shared
from timing import median, milliseconds, resident, table

from reasoner.api import Reasoner
from reasoner.intake.opening import example
from reasoner.names import home

LIMIT = 3.0
KINDS = {
    "catalogued": ("imported from a generated rating table", catalogued),
    "shared": ("computable, criteria on studies shared", shared),
    "computable": ("computable, every criterion of its own", computable),
}
WARM, RUNS = 20, 200


def measure(ontology: Path, base: Path) -> dict:
    """Load seconds, statements, MB, milliseconds of an answer without and with the cache.

    Also whether both answer as the one-topic graph does.

    The one-topic graph is asked in turn with the other, so that both meet the same noise.
    """
    document = orjson.loads(example())
    start = time.perf_counter()
    reasoner = Reasoner(ontology, memory=0)
    loading = {
        "load": time.perf_counter() - start,
        "first": milliseconds(lambda: reasoner.ask(document), 1)[0],
        "mb": resident(),
    }
    one, remembering = Reasoner(base, memory=0), copy(reasoner)
    remembering.memory = type(reasoner.memory)(reasoner.knowledge)
    asked = {"one": one, "off": reasoner, "on": remembering}
    taken = {name: [] for name in asked}
    for turn in range(-WARM, RUNS):
        for name, each in asked.items():
            took = milliseconds(lambda each=each: each.ask(document), 1)
            taken[name] += took if turn >= 0 else []
    answers = {
        orjson.dumps(
            {k: v for k, v in each.ask(document).items() if k not in ("knowledge", "catalogued")}
        )
        for each in asked.values()
    }
    return {
        **loading,
        **{name: median(times) for name, times in taken.items()},
        "least": min(taken["off"]),
        "same": len(answers) == 1,
        "statements": len(reasoner.knowledge.store.dump().splitlines()),
    }


def in_own_process(ontology: Path, base: Path) -> dict:
    """What `measure` finds, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", str(ontology), str(base)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def rows(kind: str, topics: list[int], base: Path, folder: Path) -> Iterator[list]:
    """A row for each number of topics of a kind, beside the one-topic graph."""
    for number in topics:
        measures = in_own_process(base if number == 1 else KINDS[kind][1](folder, number), base)
        ratio = measures["off"] / measures["one"]
        yield [
            number,
            f"{measures['statements']:,}",
            measures["load"],
            measures["mb"],
            measures["first"],
            measures["one"],
            measures["off"],
            measures["least"],
            measures["on"],
            ratio,
            "yes" if measures["same"] else "NO",
            "PASS" if measures["same"] and ratio <= LIMIT else "FAIL",
        ]


def main() -> None:
    """Prints a table for each kind of topic."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--topics", type=int, nargs="+", default=[1, 10, 100, 200])
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options.add_argument("--measure", type=Path, nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.measure:
        print(json.dumps(measure(*given.measure)))
        return
    header = [
        "topics",
        "statements",
        "load s",
        "MB",
        "first answer ms",
        "one-topic answer ms",
        "answer ms",
        "least",
        "answer ms, memory on",
        "ratio",
        "same answer",
        f"within {LIMIT:g} times",
    ]
    with tempfile.TemporaryDirectory() as name:
        for kind in given.kinds:
            shown = table(header, list(rows(kind, given.topics, home() / "ontology", Path(name))))
            print(f"\nTopics {KINDS[kind][0]}:\n\n{shown}", flush=True)


if __name__ == "__main__":
    main()
