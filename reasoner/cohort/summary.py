"""The summary of a cohort: each question of `queries/cohort/` asked of the tables, as Markdown with plots beside it.

The one door to DuckDB. The same questions run on Spark, and anywhere else that has SQL and the tables as views.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from reasoner.cohort.plots import PLOTS, draw
from reasoner.cohort.tables import TABLES
from reasoner.files import write
from reasoner.names import home

ORDER = ("orders-by-judgement", "orders-by-scenario", "orders-by-region", "orders-with-better-studies", "orders-without-category", "facts-that-orders-lack",
         "reasons-without-criteria", "presentations-by-outcome", "alerts-by-pitfall")
MEMORY = "256MB"
PREAMBLE = ("Decision support for professionals; not a medical device. "
            "Ratings: American College of Radiology, ACR Appropriateness Criteria; this project is not endorsed by the ACR.")


@dataclass(frozen=True)
class Asked:
    """A question of a cohort and its answer."""

    name: str
    summary: str
    columns: list[str]
    rows: list[tuple]


def question(name: str) -> tuple[str, str]:
    """The summary and the SQL of a question of `queries/cohort/`."""
    text = (home() / "queries" / "cohort" / f"{name}.sql").read_text(encoding="utf-8")
    return text.splitlines()[0].removeprefix("-- summary:").strip(), text


def ask(folder: Path) -> list[Asked]:
    """The answers to all questions, from the tables in a folder."""
    with duckdb.connect(config={"memory_limit": MEMORY, "threads": 2, "preserve_insertion_order": False}) as database:
        for name in TABLES:
            database.read_parquet(str(folder / name / "*.parquet")).create_view(name)
        made = []
        for name in ORDER:
            summary, sql = question(name)
            found = database.execute(sql)
            made.append(Asked(name, summary, [column[0] for column in found.description], found.fetchall()))
        return made


def write_summary(folder: Path, counts: dict) -> None:
    """Writes `summary.md` and the plots into a folder of tables."""
    asked = ask(folder)
    for answer in asked:
        if answer.name in PLOTS and answer.rows:
            for form, data in draw(answer.name, answer.summary, answer.rows).items():
                write(folder / "plots" / f"{answer.name}.{form}", data)
    write(folder / "summary.md", markdown(asked, counts).encode())


def markdown(asked: list[Asked], counts: dict) -> str:
    """The summary in Markdown."""
    orders = {answer.name: answer for answer in asked}["orders-by-judgement"].rows
    total, rated = sum(row[-1] for row in orders), sum(row[-1] for row in orders if row[1] or row[2])
    lines = ["# Cohort", "", PREAMBLE, "", f"nextstudy {counts['versions']['nextstudy']}, graph {counts['versions']['graph']}.", "",
             f"- {counts['patients']:,} patients were answered." + (f" {counts['unreadable']:,} lines or records could not be read: see the table `unreadable`." if counts["unreadable"] else ""),
             f"- {total:,} imaging orders were judged; {rated:,} ({share(rated, total)}) have a category or are set aside in a scenario that applies."]
    lines += [f"- Resources that name no patient were not used: {', '.join(f'{n:,} {kind}' for kind, n in counts['ownerless'].items())}."] if counts["ownerless"] else []
    lines += [f"- Files that are of no kind that is read: {', '.join(Path(p).name for p in counts['passed_over'])}."] if counts["passed_over"] else []
    for answer in asked:
        lines += ["", f"## {answer.summary}", ""]
        lines += [f"![{answer.summary}](plots/{answer.name}.svg)", ""] if answer.name in PLOTS and answer.rows else []
        lines += ["| " + " | ".join(c.replace("_", " ") for c in answer.columns) + " |", "|" + "---|" * len(answer.columns)] if answer.rows else ["None."]
        lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in answer.rows]
    return "\n".join(lines) + "\n"


def share(part: int, whole: int) -> str:
    """A share in percent."""
    return f"{part / whole:.1%}" if whole else "none"


def cell(value) -> str:
    """A value in a Markdown table."""
    return f"{value:,}" if type(value) is int else "" if value is None else {True: "yes", False: "no"}.get(value, str(value).replace("|", "\\|"))
