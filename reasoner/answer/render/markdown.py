"""An answer as Markdown, in which no word of the record is markup."""

from reasoner.answer.proof_steps import Proof
from reasoner.answer.render.document import Part, Remark, Table
from reasoner.answer.render.presentation import document
from reasoner.answer.render.replied import Replied
from reasoner.messages import escaping


def as_markdown(reply: Replied, explain: bool) -> str:
    """The answer as Markdown; with `explain`, the proofs of each presentation after it."""
    answer = escaping.each(document(reply), escaping.markdown)
    lines: list[str] = []
    for number, part in enumerate(answer.parts):
        lines += presentation(part)
        if explain:
            lines += ["### Proof", "", *proven(reply.proofs[number]), ""]
    lines += [answer.nothing, "", *listed(answer.warnings)] if answer.nothing else []
    lines += [*answer.catalogued[:1], "", *(f"- {row}" for row in answer.catalogued[1:]), ""]
    lines += listed(answer.notes)
    return "\n".join(lines).strip() + "\n"


def presentation(part: Part) -> list[str]:
    """The lines of one presentation."""
    lines = [f"## {part.title}", "", part.headline, "", *listed(part.warnings)]
    for table in part.tables:
        lines += tabled(table)
    return lines + listed(part.remarks)


def listed(remarks: list[Remark]) -> list[str]:
    """Remarks as a list, with the empty line after it."""
    return [*(f"- **{r.kind}**: {r.text}" for r in remarks), *([""] if remarks else [])]


def tabled(table: Table) -> list[str]:
    """The lines of a table."""
    heads = " | ".join(column.name for column in table.columns)
    return [
        *([table.above, ""] if table.above else []),
        f"| {heads} |",
        "|" + "---|" * len(table.columns),
        *(f"| {' | '.join(cell.text for cell in row)} |" for row in table.rows),
        "",
        *(line for under in table.under for line in (under, "")),
    ]


def proven(proof: Proof) -> list[str]:
    """The lines of a proof: a numbered list of the steps, and a list of the sources."""
    lines = proof.lines(escaping.markdown)
    steps, sources = lines[: len(proof.steps)], lines[len(proof.steps) :]
    return [*steps, *(["", "Sources:", ""] if sources else []), *(f"- {s}" for s in sources)]
