"""What the page of a query shows."""

from reasoner.docs.graph import Graph
from reasoner.graph import query_files
from reasoner.graph.store import is_blank, is_literal, text

ROWS_SHOWN = 12  # a page shows the first rows of an answer; the query gives them all


def query(graph: Graph, kind: str, name: str) -> dict:
    """What the page of a query shows: header, text, and of a question the first rows."""
    file = query_files.named(kind, name)
    names, rows = graph.knowledge.store.select(file.text) if kind == "questions" else ([], [])
    labels = {n for n in names if n.endswith("Label") and n.removesuffix("Label") in names}
    shown = [n for n in names if n not in labels]
    cells = [{n: cell(row[names.index(n)]) for n in shown} for row in rows[:ROWS_SHOWN]]
    return {
        "query": file,
        "kind": kind,
        "meaning": query_files.KINDS[kind],
        "columns": shown,
        "rows": cells,
        "total": len(rows),
    }


def cell(term) -> tuple[str, bool]:
    """A term in a row as text, and whether it is an IRI; empty for an unbound variable."""
    return ("", False) if term is None else (text(term), not (is_literal(term) or is_blank(term)))
