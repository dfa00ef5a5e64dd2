"""The summary of a cohort: each question of `queries/cohort/` asked of the tables, as Markdown with plots beside it.

The one door to DuckDB. The same questions run on Spark, and anywhere else that has SQL and the tables as views.
"""

import glob
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reasoner.answer.order_verdicts import NO_CRITERIA
from reasoner.cohort.plots import PLOTS, draw, get_ready
from reasoner.cohort.rows import MISSING, TABLES
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
    "presentations-by-outcome",
    "alerts-by-pitfall",
    "patients-in-several-records",
)
MEMORY = "256MB"
TYPES = 40  # types of resources, by name
NAMED = 10  # files of no kind that is read, by name
CUT = (
    "- What these files say of patients is not known: each answer that is put together from "
    "lines of several files says so, and takes back what it would have assumed."
)
PREAMBLE = (
    "Decision support for professionals; not a medical device. "
    "Ratings: American College of Radiology, ACR Appropriateness Criteria; this project is not endorsed by the ACR."
)


@dataclass(frozen=True)
class Asked:
    """A question of a cohort and its answer: what it asks as a title, and what more there is to say of it."""

    name: str
    title: str
    more: str
    columns: list[str]
    rows: list[tuple]

    @property
    def drawn(self) -> bool:
        """Whether it has a plot."""
        return self.name in PLOTS and bool(self.rows)


def question(name: str) -> tuple[str, str]:
    """The summary and the SQL of a question of `queries/cohort/`."""
    text = (home() / "queries" / "cohort" / f"{name}.sql").read_text(encoding="utf-8")
    return text.splitlines()[0].removeprefix("-- summary:").strip(), text


def ask(folder: Path, spill: Path | None = None) -> list[Asked]:
    """The answers to all questions, from the tables in a folder; what memory does not hold is put into another, if there is one. Raises InputError for one that has none."""
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


def answer(database: duckdb.DuckDBPyConnection, name: str) -> Asked:
    """The answer to a question."""
    summary, sql = question(name)
    title, _, more = summary.removesuffix(".").partition(": ")
    try:
        found = database.execute(sql)
        return Asked(
            name, title, more, [column[0] for column in found.description], found.fetchall()
        )
    except duckdb.Error as error:
        raise InputError(
            f"queries/cohort/{name}.sql",
            f"the question has no answer ({str(error).splitlines()[0]})",
            "Mend it, or make room; then run the same command again.",
        ) from None


def write_summary(tables: Path, counts: dict, folder: Path, workers: Workers) -> None:
    """Writes `summary.md` and `plots` on a folder of tables into another folder."""
    workers.ready(get_ready)
    asked = ask(tables, folder / "spilled")
    drawn = [found for found in asked if found.drawn]
    for n, made in workers.each(
        draw,
        [(found.name, found.title, found.columns, found.rows) for found in drawn],
        range(len(drawn)),
    ):
        for form, data in made.items():
            write(folder / "plots" / f"{drawn[n].name}.{form}", data)
    write(folder / "summary.md", markdown(asked, counts).encode())


def markdown(asked: list[Asked], counts: dict) -> str:
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
    for found in asked:
        lines += ["", f"## {found.title}", ""]
        lines += [f"{found.more[0].upper()}{found.more[1:]}.", ""] if found.more else []
        lines += [f"![{found.title}](plots/{found.name}.svg)", ""] if found.drawn else []
        lines += table(found) if found.rows else ["None."]
    return "\n".join(lines) + "\n"


def totals(asked: list[Asked]) -> str:
    """How many orders were judged, and by what, in a sentence."""
    rows = {found.name: found.rows for found in asked}
    total, without, lacking = (
        sum(n for judgement, _, n in rows["orders-by-judgement"] if only in (None, judgement))
        for only in (None, NO_CRITERIA, MISSING)
    )
    alike = sum(row[-1] for row in rows["orders-agreed-on"])
    told = [
        f"{n:,} ({n / total:.1%}) {what}"
        for n, what in (
            (total - without - lacking, "by a scenario that applies"),
            (without, "of which no criteria speak"),
            (lacking, "of which too little is known"),
        )
        if total
    ]
    said = f"{several(total, 'imaging order was', 'imaging orders were')} judged"
    said += f": {', '.join(told)}." if told else "."
    return said + (
        f" Of {alike:,} of the last all scenarios still possible say the same." if alike else ""
    )


def several(n: int, one: str, more: str) -> str:
    """A number with its noun."""
    return f"{n:,} {one if n == 1 else more}"


def unread(n: int) -> str:
    """A sentence on what could not be read, if there was any."""
    return (
        f" {several(n, 'line or record', 'lines or records')} could not be read: see the table `unreadable`."
        if n
        else ""
    )


def ownerless(counts: dict) -> str:
    """The types of resources that name no patient, each with its number."""
    found = counts["ownerless"]
    told = [f"{n:,} {plain(kind)}" for kind, n in list(found.items())[:TYPES]]
    more = sum(list(found.values())[TYPES:])
    return ", ".join(told + ([f"and {more:,} of other types"] if more else []))


def unread_files(faults: list) -> list[str]:
    """What is said of the files that could not be read, each with its path and why."""
    if not faults:
        return []
    shown = [f"- {plain(path)}: {plain(message)}" for path, message, _ in faults[:NAMED]]
    more = [f"- and {len(faults) - NAMED:,} more"] if len(faults) > NAMED else []
    told = f"- {several(len(faults), 'file', 'files')} could not be read:"
    cut = [CUT] if any(cuts for *_, cuts in faults) else []
    return [told, *(f"  {line}" for line in shown + more), *cut]


def table(found: Asked) -> list[str]:
    """The lines of a Markdown table, numbers to the right."""
    numeric = [all(type(row[n]) is int for row in found.rows) for n in range(len(found.columns))]
    return [
        "| " + " | ".join(column.replace("_", " ") for column in found.columns) + " |",
        "|" + "".join("---:|" if n else "---|" for n in numeric),
        *("| " + " | ".join(map(cell, row)) + " |" for row in found.rows),
    ]


def cell(value) -> str:
    """A value in a Markdown table."""
    return f"{value:,}" if type(value) is int else "" if value is None else plain(str(value))
