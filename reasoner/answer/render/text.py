"""An answer as text for a terminal, in which no word of the record moves the cursor or colors
anything.
"""

from typing import TYPE_CHECKING

from reasoner.answer.proof_steps import Proof
from reasoner.answer.render.document import Part, Remark
from reasoner.answer.render.presentation import document
from reasoner.answer.render.replied import Replied
from reasoner.messages import escaping
from reasoner.terminal.console import Screen, screen

if TYPE_CHECKING:
    from reasoner.answer.render.layout import Paper

NUMBER = 4  # columns for the number of a step


def as_text(reply: Replied, explain: bool) -> str:
    """The answer as standard output shows it: as wide as a terminal, and in its colors."""
    return laid_out(reply, explain, screen())


def laid_out(reply: Replied, explain: bool, at: Screen) -> str:
    """The answer as it is shown at a place."""
    from reasoner.answer.render.layout import Paper

    paper = Paper(at)
    answer = escaping.each(document(reply), escaping.line)
    for number, part in enumerate(answer.parts):
        presentation(paper, part)
        if explain:
            proven(paper, reply.proofs[number])
        paper.put("")
    if answer.nothing:
        paper.put(answer.nothing)
    remarks(paper, answer.warnings)
    for number, line in enumerate(answer.catalogued):
        paper.put(line, indented=2 if number else 0, hanging=2)
    remarks(paper, answer.notes)
    return paper.shown().rstrip("\n") + "\n"


def presentation(paper: "Paper", part: Part) -> None:
    """Writes one presentation."""
    paper.put(part.title, style="bold")
    paper.put(part.headline)
    remarks(paper, part.warnings)
    for table in part.tables:
        paper.put("")
        if table.above:
            paper.put(table.above)
        paper.table(table)
        for line in table.under:
            paper.put(line, hanging=2, style="dim")
    if part.tables:
        paper.put("")
    remarks(paper, part.remarks)


def proven(paper: "Paper", proof: Proof) -> None:
    """Writes a proof: its numbered steps, then its numbered sources."""
    paper.put("")
    paper.put("Proof", style="bold")
    for line in proof.lines():
        number, _, words = line.partition(" ")
        paper.put(f"{number:>{NUMBER}} {words}", hanging=NUMBER + 1)


def remarks(paper: "Paper", listed: list[Remark]) -> None:
    """Writes remarks, each with its kind in front."""
    from rich.text import Text

    for remark in listed:
        style = "red" if remark.grave else "cyan"
        paper.put(Text.assemble((f"{remark.kind}: ", style), remark.text), hanging=2)
