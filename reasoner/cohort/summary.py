"""Summarizes a cohort: asks each question of `queries/cohort/`, and writes Markdown with plots.

The only module that imports DuckDB. The questions are plain SQL, and run on Spark and elsewhere too
where the tables are views.
"""

import glob
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reasoner.answer.order_verdicts import NO_CRITERIA
from reasoner.cohort.plots import PLOTS, draw, get_ready
from reasoner.cohort.tables import MISSING, TABLES
from reasoner.cohort.workers import Workers
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.messages.escaping import markdown as plain
from reasoner.names import home

ORDER = (
    "orders-by-judgement",
    "orders-by-scenario",
    "orders-by-region",
    "orders-with-better-studies",
    "orders-without-category",
    "orders-agreed-on",
    "facts-that-orders-lack",
    "reasons-without-criteria",
    "presentations-by-topic",
    "presentations-by-outcome",
    "alerts-by-pitfall",
    "patients-in-several-records",
)
SUMMARY = re.compile(r"^-- summary: *(.*)$", re.M)  # may stand on several lines, as in headers
MEMORY = "256MB"
TYPES = 40  # types of resources, by name
NAMED = 10  # files of no kind that is read, by name
CUT = (
    "- What these files say of patients is not known: each answer that is put together from "
    "lines of several files says so, and takes back what it would have assumed."
)
PREAMBLE = (
    "Decision support for professionals; not a medical device. "
    "Ratings: American College of Radiology, ACR Appropriateness Criteria; "
    "this project is not endorsed by the ACR."
)


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question of a cohort with its answer: title, further explanation, and rows."""

    name: str
    title: str
    more: str
    columns: list[str]
    rows: list[tuple]

    @property
    def has_plot(self) -> bool:
        """Whether it has a plot."""
        return self.name in PLOTS and bool(self.rows)


def question(name: str) -> tuple[str, str]:
    """The summary and the SQL of a question of `queries/cohort/`."""
    text = (home() / "queries" / "cohort" / f"{name}.sql").read_text(encoding="utf-8")
    return " ".join(SUMMARY.findall(text)), text


def ask(folder: Path, spill: Path | None = None) -> list[AnsweredQuestion]:
    """The answers to all questions, from the tables in a folder.

    What does not fit into memory is written into `spill`. Raises InputError for a question that
    cannot be answered.
    """
    with duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": 2,
            "preserve_insertion_order": False,
            "temp_directory": str(spill or ""),
        }
    ) as database:
        for name in TABLES:
            database.read_parquet(glob.escape(str(folder / name)) + "/*.parquet").create_view(name)
        return [answer(database, name) for name in ORDER]


def answer(database: duckdb.DuckDBPyConnection, name: str) -> AnsweredQuestion:
    """The answer to a question."""
    summary, sql = question(name)
    title, _, more = summary.removesuffix(".").partition(": ")
    try:
        result = database.execute(sql)
        return AnsweredQuestion(
            name, title, more, [column[0] for column in result.description], result.fetchall()
        )
    except duckdb.Error as error:
        raise InputError(
            f"queries/cohort/{name}.sql",
            f"the question has no answer ({str(error).splitlines()[0]})",
            "Mend it, or make room; then run the same command again.",
        ) from None


def write_summary(tables: Path, counts: dict, folder: Path, workers: Workers) -> None:
    """Writes `summary.md` and `plots` on a folder of tables into another folder."""
    workers.prepare(get_ready)
    asked = ask(tables, folder / "spilled")
    plotted = [item for item in asked if item.has_plot]
    for n, files in workers.each(
        draw,
        [(item.name, item.title, item.columns, item.rows) for item in plotted],
        range(len(plotted)),
    ):
        for form, data in files.items():
            write(folder / "plots" / f"{plotted[n].name}.{form}", data)
    write(folder / "summary.md", markdown(asked, counts).encode())


def markdown(asked: list[AnsweredQuestion], counts: dict) -> str:
    """The summary in Markdown."""
    lines = [
        "# Cohort",
        "",
        PREAMBLE,
        "",
        f"nextstudy {counts['versions']['nextstudy']}, graph {counts['versions']['graph']}.",
        "",
        f"- {several(counts['patients'], 'patient was', 'patients were')} answered."
        + unread(counts["unreadable"] - len(counts["faults"])),
        f"- {totals(asked)}",
    ]
    lines += unread_files(counts["faults"])
    if counts["ownerless"]:
        lines.append(f"- Resources that name no patient were not used: {ownerless(counts)}.")
    if passed := [Path(path).name for path in counts["passed_over"]]:
        named = ", ".join(map(plain, passed[:NAMED]))
        more = f" and {len(passed) - NAMED:,} more" if len(passed) > NAMED else ""
        lines.append(f"- Files that are of no kind that is read: {named}{more}.")
    for item in asked:
        lines += ["", f"## {item.title}", ""]
        lines += [f"{item.more[0].upper()}{item.more[1:]}.", ""] if item.more else []
        lines += [f"![{item.title}](plots/{item.name}.svg)", ""] if item.has_plot else []
        lines += table(item) if item.rows else ["None."]
    return "\n".join(lines) + "\n"


def totals(asked: list[AnsweredQuestion]) -> str:
    """How many orders were judged, and by what, in a sentence."""
    rows = {item.name: item.rows for item in asked}
    total, without, lacking = (
        sum(n for judgement, _, n in rows["orders-by-judgement"] if only in (None, judgement))
        for only in (None, NO_CRITERIA, MISSING)
    )
    alike = sum(row[-1] for row in rows["orders-agreed-on"])
    shares = [
        f"{n:,} ({n / total:.1%}) {what}"
        for n, what in (
            (total - without - lacking, "by a scenario that applies"),
            (without, "of which no criteria speak"),
            (lacking, "of which too little is known"),
        )
        if total
    ]
    sentence = f"{several(total, 'imaging order was', 'imaging orders were')} judged"
    sentence += f": {', '.join(shares)}." if shares else "."
    return sentence + (
        f" Of {alike:,} of the last all scenarios still possible say the same." if alike else ""
    )


def several(n: int, one: str, more: str) -> str:
    """A number with its noun."""
    return f"{n:,} {one if n == 1 else more}"


def unread(n: int) -> str:
    """A sentence on lines and records that could not be read; empty when there are none."""
    if not n:
        return ""
    count = several(n, "line or record", "lines or records")
    return f" {count} could not be read: see the table `unreadable`."


def ownerless(counts: dict) -> str:
    """The types of resources that name no patient, each with its number."""
    by_type = counts["ownerless"]
    types = [f"{n:,} {plain(kind)}" for kind, n in list(by_type.items())[:TYPES]]
    more = sum(list(by_type.values())[TYPES:])
    return ", ".join(types + ([f"and {more:,} of other types"] if more else []))


def unread_files(faults: list) -> list[str]:
    """The lines of Markdown on files that could not be read, each with its path and why."""
    if not faults:
        return []
    shown = [f"- {plain(path)}: {plain(message)}" for path, message, _ in faults[:NAMED]]
    more = [f"- and {len(faults) - NAMED:,} more"] if len(faults) > NAMED else []
    headline = f"- {several(len(faults), 'file', 'files')} could not be read:"
    cut = [CUT] if any(cuts for *_, cuts in faults) else []
    return [headline, *(f"  {line}" for line in shown + more), *cut]


def table(item: AnsweredQuestion) -> list[str]:
    """The lines of a Markdown table, numbers to the right."""
    numeric = [all(type(row[n]) is int for row in item.rows) for n in range(len(item.columns))]
    return [
        "| " + " | ".join(column.replace("_", " ") for column in item.columns) + " |",
        "|" + "".join("---:|" if n else "---|" for n in numeric),
        *("| " + " | ".join(map(cell, row)) + " |" for row in item.rows),
    ]


def cell(value) -> str:
    """A value in a Markdown table."""
    return f"{value:,}" if type(value) is int else "" if value is None else plain(str(value))
