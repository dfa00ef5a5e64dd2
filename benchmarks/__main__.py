"""All benchmarks in turn, as one Markdown document.

    python benchmarks [NAME ...]

A measurement counts as a ratio within its own run: the machine is another each time.
"""

import subprocess
import sys
from pathlib import Path

from timing import machine

HERE = Path(__file__).parent
PARTS = {
    "answer": "Answer",
    "reasoners": "Against OWL reasoners",
    "queries": "Questions: Oxigraph and rdflib",
    "validation": "Validation",
    "growth": "Growth of the graph",
    "removal": "Why each record has a store of its own",
    "serve": "SPARQL endpoint",
    "cds": "CDS Hooks",
    "cohort": "Cohort",
    "hostile": "Attacks",
    "inputs": "Growth of inputs",
    "mutation": "Mutation testing of rules, checks and shapes",
    "graph_mutations": "Slips in the graph that validation notices",
}


def main() -> int:
    """How many of the scripts failed; what each prints stands under its title."""
    names = sys.argv[1:] or [name for name in PARTS if (HERE / f"{name}.py").exists()]
    print(f"# Benchmarks\n\n{machine()}", flush=True)
    failed = 0
    for name in names:
        print(f"\n## {PARTS.get(name, name)}\n", flush=True)
        done = subprocess.run([sys.executable, str(HERE / f"{name}.py")])
        if done.returncode:
            failed += 1
            print(f"`{name}` failed with exit code {done.returncode}.", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
