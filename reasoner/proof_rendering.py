"""The proof of an answer for a terminal and in Markdown: each step once, then the sources."""

from typing import TYPE_CHECKING

from reasoner import shown
from reasoner.proof import Proof

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 4  # columns for the number of a step


def print_proof(console: "Console", proof: Proof) -> None:
    """Prints a proof; on a terminal a step that does not fit goes on below its text."""
    from rich.table import Table

    console.print("Proof", style="bold")
    for line in proof.lines():
        number, _, text = line.partition(" ")
        if console.is_terminal:
            row = Table.grid(padding=(0, 1))
            row.add_column(justify="right", width=WIDTH)
            row.add_column(overflow="fold")
            row.add_row(number, text)
            console.print(row)
        else:
            console.print(f"{number:>{WIDTH}} {text}", soft_wrap=True)


def proof_list(proof: Proof) -> list[str]:
    """The lines of a proof in Markdown: a numbered list of the steps, a list of the sources."""
    lines = proof.lines(shown.markdown)
    steps, sources = lines[: len(proof.steps)], lines[len(proof.steps) :]
    return [*steps, *(["", "Sources:", ""] if sources else []), *(f"- {s}" for s in sources)]
