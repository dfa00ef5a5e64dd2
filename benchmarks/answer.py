"""Measures the time and the memory of the answer to one patient, warm and cold.

Prints a Markdown table.

python benchmarks/answer.py [BUNDLE]
"""

import resource
import subprocess
import sys
from pathlib import Path

import orjson
from timing import ROOT, median, milliseconds, table

from reasoner.api import Reasoner
from reasoner.intake import read
from reasoner.intake.opening import example


def main() -> None:
    """Prints the table."""
    data = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else example()
    document = orjson.loads(data)
    reasoner = Reasoner()
    facts = [
        (s, p, o) for s, p, o in read(reasoner.knowledge, document).statements if isinstance(o, str)
    ]
    forgetful = Reasoner(memory=0)
    milliseconds(lambda: forgetful.ask(document), 50)
    answer = milliseconds(lambda: forgetful.ask(document), 500)
    reasoner.ask(document)
    again = milliseconds(lambda: reasoner.ask(document), 500)
    realize = milliseconds(lambda: reasoner.knowledge.definitions.realize(facts), 500)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    command = [sys.executable, "-m", "reasoner", "ask", "--format", "json"]
    cold = milliseconds(
        lambda: subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL), 5
    )
    rows = [
        [
            "answer, warm, from parsed JSON to answer object, facts never seen before",
            answer,
            "500 runs, memory off",
        ],
        ["the same, facts seen before in any patient", again, "500 runs"],
        ["classification alone", realize, "500 runs"],
        ["whole command, cold", cold, "5 runs"],
    ]
    print(
        table(
            ["what", "median ms", "least ms", "note"],
            [[what, median(taken), min(taken), note] for what, taken, note in rows],
        )
    )
    print(f"\nA process that answered holds {memory:.0f} MB.")


if __name__ == "__main__":
    main()
