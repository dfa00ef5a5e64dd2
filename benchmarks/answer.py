"""How fast one patient is answered, beside HermiT on the same classification, in one run. Prints a Markdown table.

    python benchmarks/answer.py [BUNDLE]
"""

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import orjson

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pyoxigraph as ox  # noqa: E402
from hermit import judge  # noqa: E402

from reasoner.ask import Reasoner, example  # noqa: E402
from reasoner.intake import read  # noqa: E402
from reasoner.names import home  # noqa: E402
from reasoner.store import catalog, quads, read_turtle  # noqa: E402


def milliseconds(run, times: int) -> list[float]:
    """The time of each of some runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def main() -> None:
    """Prints the table."""
    data = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else example()
    document = orjson.loads(data)
    reasoner = Reasoner()
    record = read(reasoner.knowledge, document)
    facts = [(s, p, o) for s, p, o in record.statements if isinstance(o, str)]
    forgetful = Reasoner(memory=0)
    milliseconds(lambda: forgetful.ask(document), 50)
    answer = milliseconds(lambda: forgetful.ask(document), 500)
    reasoner.ask(document)
    again = milliseconds(lambda: reasoner.ask(document), 500)
    realize = milliseconds(lambda: reasoner.knowledge.definitions.realize(facts), 500)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cold = milliseconds(lambda: subprocess.run([sys.executable, "-m", "reasoner", "ask", "--format", "json"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL), 5)
    triples = [t for path in catalog(home() / "ontology").values() if path.parent.name != "generated" for t in read_turtle(path)]
    graph = ox.serialize([*triples, *(q.triple for q in quads(facts))], format=ox.RdfFormat.N_TRIPLES)
    hermit = milliseconds(lambda: judge(graph), 3)
    print("| what | median | least | note |\n|---|---|---|---|")
    rows = [("answer, warm, from parsed JSON to answer object, facts never seen before", answer, "500 runs, memory off"),
            ("the same, facts seen before in any patient", again, "500 runs"), ("classification alone, compiled", realize, "500 runs"),
            ("classification alone, HermiT through owlready2", hermit, "3 runs, Java start included"), ("whole command, cold", cold, "5 runs")]
    for what, taken, note in rows:
        print(f"| {what} | {statistics.median(taken):.2f} ms | {min(taken):.2f} ms | {note} |")
    print(f"| memory of a process that answered | {memory:.0f} MB | | before HermiT ran |")
    print(f"\nThe compiled classification is {statistics.median(hermit) / statistics.median(realize):,.0f} times as fast as HermiT; "
          f"the whole answer {statistics.median(hermit) / statistics.median(answer):,.0f} times.")


if __name__ == "__main__":
    main()
