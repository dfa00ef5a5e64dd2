"""Renderings of an answer and of tables: text for a terminal, Markdown, JSON, Turtle, CSV.

What text and Markdown say is put together once, as a document, and laid out twice.
"""

from reasoner.answer.render.data import as_json, as_turtle
from reasoner.answer.render.markdown import as_markdown
from reasoner.answer.render.naming import heading, title_of
from reasoner.answer.render.rows import as_csv, as_rows_json, as_table, questions
from reasoner.answer.render.text import as_text, laid_out

FORMATS = {"text": as_text, "json": as_json, "markdown": as_markdown, "turtle": as_turtle}
TABLES = {"table": as_table, "csv": as_csv, "json": as_rows_json}

__all__ = ["FORMATS", "TABLES", "as_markdown", "heading", "laid_out", "questions", "title_of"]
