"""Measures every question of `queries/questions/` on Oxigraph and on rdflib, on the same graph.

Prints Markdown.

python benchmarks/queries.py [--each]
"""

import argparse
from collections import Counter

import rdflib
from timing import median, milliseconds, table

from reasoner.graph import query_files as queries
from reasoner.graph.knowledge import load


def as_text(rows) -> Counter:
    """Rows with each cell as text, in any order."""
    return Counter(
        tuple(
            ""
            if cell is None
            else str(
                getattr(cell, "value", cell)
                if not isinstance(cell, rdflib.term.Identifier)
                else cell
            )
            for cell in row
        )
        for row in rows
    )


def main() -> None:
    """Prints the totals, and with --each a row for each question."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--each", action="store_true", help="a row for each question")
    store = load().store
    twin = rdflib.Graph().parse(data=store.dump(), format="nt")
    rows, equal = [], 0
    for name in queries.names("questions"):
        text = queries.named("questions", name).text
        slow = milliseconds(lambda text=text: list(twin.query(text)), 1)
        fast = milliseconds(lambda text=text: store.select(text), 7)
        same = as_text(store.select(text)[1]) == as_text(twin.query(text))
        equal += same
        rows.append(
            [
                name,
                len(store.select(text)[1]),
                median(fast),
                median(slow),
                median(slow) / median(fast),
                "yes" if same else "NO",
            ]
        )
    if options.parse_args().each:
        print(
            table(["question", "rows", "Oxigraph ms", "rdflib ms", "ratio", "same rows"], rows)
            + "\n"
        )
    fast, slow = [row[2] for row in rows], [row[3] for row in rows]
    print(
        table(
            [f"{len(rows)} questions", "Oxigraph ms", "rdflib ms", "ratio"],
            [
                ["all together", sum(fast), sum(slow), sum(slow) / sum(fast)],
                ["median question", median(fast), median(slow), median([row[4] for row in rows])],
                ["slowest question", max(fast), max(slow), max(slow) / max(fast)],
            ],
        )
    )
    print(f"\n{equal} of {len(rows)} questions give the same rows on both.")


if __name__ == "__main__":
    main()
