"""Paragraphs and tables laid out for a place: wrapped to its width where it has one, and tables as
lists where it is narrow. Imported only where text is shown, because rich takes its time.
"""

import io
from itertools import pairwise

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table as Grid
from rich.text import Text

from reasoner.answer.render.document import Cell, Column, Table
from reasoner.terminal.console import Screen, rich_console

NARROW = 90  # columns below which a table that does not fit is a list
SLIM = 10  # columns that a paragraph has at least
APART = 2  # blanks between columns


class Paper:
    """The lines of a text for a place."""

    def __init__(self, at: Screen):
        self.at, self.lines, self.out = at, list[Text](), io.StringIO()
        self.console = rich_console(at, self.out)

    def shown(self) -> str:
        """The text, with the codes of its colors where the place shows colors."""
        if not self.at.colored:
            return "".join(f"{line.plain}\n" for line in self.lines)
        self.console.print(Text("\n").join(self.lines), soft_wrap=True)
        return self.out.getvalue()

    def put(
        self, text: str | Text, *, indented: int = 0, hanging: int = 0, style: str = ""
    ) -> None:
        """Adds a paragraph; all but its first line stand `hanging` further right."""
        paragraph = text if isinstance(text, Text) else Text(text, style)
        if self.at.columns is None:
            lines = [paragraph]
        else:
            width = max(self.at.columns - indented - hanging, SLIM)
            lines = list(paragraph.wrap(self.console, width)) or [paragraph]
        for number, line in enumerate(lines):
            self.add(Text(" " * (indented + (hanging if number else 0))).append_text(line))

    def add(self, line: Text) -> None:
        """Adds a line without the blanks at its end."""
        line.rstrip()
        self.lines.append(line)

    def table(self, table: Table) -> None:
        """Adds a table, or a list where it would not fit a narrow place."""
        rows = [[Text(cell.text, cell.style) for cell in row] for row in table.rows]
        heads = [Text(column.name, "bold") for column in table.columns]
        lengths = [
            max(cell_len(row[place].plain) for row in [heads, *rows]) for place in range(len(heads))
        ]
        needed, columns = sum(lengths) + APART * (len(heads) - 1), self.at.columns
        if columns is None or needed <= columns:
            self.aligned([heads, *rows], lengths)
        elif columns < NARROW:
            self.listed(table)
        else:
            self.folded(heads, rows)

    def aligned(self, rows: list[list[Text]], lengths: list[int]) -> None:
        """Adds a table of which each row is one line."""
        for row in rows:
            line = Text()
            for text, length in zip(row, lengths, strict=True):
                blanks = length - cell_len(text.plain) + APART
                line.append_text(text).append(" " * blanks)
            self.add(line)

    def folded(self, heads: list[Text], rows: list[list[Text]]) -> None:
        """Adds a table whose cells are wrapped to fit."""
        grid = Grid(box=None, pad_edge=False, padding=(0, APART, 0, 0))
        for head in heads:
            grid.add_column(head, overflow="fold")
        for row in rows:
            grid.add_row(*row)
        self.block(grid)

    def block(self, renderable: RenderableType) -> None:
        """Adds the lines of what rich lays out by itself."""
        for segments in self.console.render_lines(renderable, pad=False):
            self.add(Text.assemble(*((s.text, s.style or "") for s in segments)))

    def listed(self, table: Table) -> None:
        """Adds each row of a table as a paragraph of its own, what is apart on lines below."""
        numbered = not table.columns[0].name
        width = max((len(row[0].text) for row in table.rows), default=0) if numbered else 0
        for row in table.rows:
            first, *others = paragraphs(table.columns, row)
            self.put(first, hanging=width + APART)
            for paragraph in others:
                self.put(paragraph, indented=width + APART)


def paragraphs(columns: list[Column], row: list[Cell]) -> list[Text]:
    """The cells of a row as paragraphs; empty cells are left out."""
    texts = [Text(columns[0].lead).append(row[0].text, row[0].style)]
    for (before, column), cell in zip(pairwise(columns), row[1:], strict=True):
        if not cell.text:
            continue
        text = Text(column.lead).append(cell.text, cell.style)
        if column.apart:
            texts.append(text)
        else:
            texts[-1].append("; " if before.name else "  ").append_text(text)
    return texts
