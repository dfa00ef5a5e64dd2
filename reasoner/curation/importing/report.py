"""The report of an import: rows read, imported and dropped, and all faults of the table."""

import json
from collections import defaultdict
from collections.abc import Callable

from reasoner.curation.importing.join import JOINED, STATES, Join
from reasoner.curation.importing.survey import Survey
from reasoner.curation.importing.table_layouts import Fault
from reasoner.curation.importing.user_ratings import MARKS
from reasoner.graph.index import Index
from reasoner.messages.escaping import as_json as only_data
from reasoner.messages.escaping import markdown, visible
from reasoner.names import RDF_TYPE, curie, ia

KINDS = {
    "missing-first-row": "First rows that are missing",
    "missing-row": "Other rows that are missing",
    "repeated-scenario-name": "Scenario names that are repeated",
    "contradictory-under-one-name": "Contradictory ratings under one scenario name",
    "contradictory-rating": "Contradictory ratings of one scenario",
    "number-of-several-scenarios": "Scenario numbers with several texts",
    "topic-of-several-panels": "Topics that several panels list",
    "names-not-told-apart": "Procedure names that the grammar does not tell apart",
    "unknown-radiation": "Radiation levels that cannot be read",
    "scenario-as-procedure": "Scenario texts that stand as procedures",
    "no-procedure": "Rows without a procedure",
    "unknown-category": "Rows without a category",
    "empty-cell": "Rows with an empty cell",
    "short-row": "Rows with too few cells",
    "long-row": "Rows with too many cells",
    "repeated-rating": "Ratings that are repeated",
}


def as_dict(survey: Survey, origin, individuals: int, reused: int) -> dict:
    """The report as JSON data."""
    parsed = len(survey.readings) - len(survey.unparsed)
    return {
        "table": origin.file,
        "sha256": origin.digest,
        "layout": survey.layout,
        "edition": origin.edition,
        "rows": {"read": survey.read, "kept": len(survey.lines), "dropped": len(survey.dropped)},
        "topics": len(survey.topics),
        "scenarios": len(survey.scenarios),
        "procedures": {
            "names": len(survey.readings),
            "parsed": parsed,
            "parsedShare": round(parsed / len(survey.readings), 4) if survey.readings else 0.0,
            "individuals": individuals,
            "reusedFromGraph": reused,
            "unparsed": survey.unparsed,
        },
        "radiationNotStated": {
            group: sum(getattr(line, group) == "not-stated" for line in survey.lines)
            for group in ("adult", "pediatric")
        },
        "faults": by_kind(survey.faults),
        "dropped": by_kind(survey.dropped),
    }


def of_join(survey: Survey, origin, joined: Join, ratings, known: Index) -> dict:
    """The report on a join to the scenarios that are computed, as JSON data."""
    importable = [
        s
        for edition in known.subjects(ia("ratedByImport"), "true")
        for s in known.subjects(ia("inEdition"), edition)
        if known.holds(s, RDF_TYPE, ia("Scenario"))
    ]
    by_scenario = joined.by_scenario
    return {
        "table": origin.file,
        "sha256": origin.digest,
        "layout": survey.layout,
        "edition": origin.edition,
        "ratings": {"joined": ratings.ratings, "inferred": ratings.inferred},
        "scenarios": {
            "joined": sorted(curie(s) for s in importable if s in by_scenario),
            "withoutRatings": sorted(curie(s) for s in importable if s not in by_scenario),
            "incomplete": sorted(
                curie(s)
                for s, entries in by_scenario.items()
                if not all(e.is_whole for e in entries)
            ),
        },
        "entries": {
            status: [entry.place for entry in joined.entries if entry.status == status]
            for status in STATES
        },
        "vanished": joined.vanished,
        "topicsNotInTable": joined.absent_topics,
        "contradictions": ratings.contradictions,
        "dropped": by_kind(survey.dropped),
    }


def join_summary(report: dict) -> str:
    """The figures of a join, one a line, and the rows that need a look."""
    ratings, scenarios = report["ratings"], report["scenarios"]
    every = len(scenarios["joined"]) + len(scenarios["withoutRatings"])
    lines = [
        f"{report['table']}: layout {report['layout']}, edition {report['edition']}",
        f"scenarios: {len(scenarios['joined'])} of {every} have ratings now",
        f"ratings: {ratings['joined']}, of which {ratings['inferred']} inferred, because the "
        "table lost their rows",
    ]
    if report["layout"] != MARKS:
        lines.append("disagreement of the panel: not recorded in this layout")
    for status, places in report["entries"].items():
        if places:
            lines.append(f"{len(places)} rows of the listing {STATES[status]}")
        if status != JOINED:
            lines += [f"  {place}" for place in places]
    named = {
        "rows of the listing that the table lacks": report["vanished"],
        "topics that are computed and not in the table": report["topicsNotInTable"],
        "scenarios without ratings": scenarios["withoutRatings"],
        "scenarios that lack rows": scenarios["incomplete"],
        "rows that contradict each other": report["contradictions"],
    }
    for title, names in named.items():
        if names:
            lines += [f"{title}: {len(names)}", *(f"  {name}" for name in names)]
    lines += [
        f"dropped, {KINDS[kind].lower()}: {len(faults)}"
        for kind, faults in report["dropped"].items()
    ]
    return "".join(f"{visible(line)}\n" for line in lines)


def by_kind(faults: list[Fault]) -> dict[str, list[dict]]:
    """Faults by kind, in the order of `KINDS`."""
    groups: dict[str, list[dict]] = defaultdict(list)
    for fault in sorted(
        faults, key=lambda fault: (list(KINDS).index(fault.kind), fault.line, fault.message)
    ):
        groups[fault.kind].append({"line": fault.line, "message": fault.message})
    return dict(groups)


def as_json(report: dict) -> bytes:
    """The report as JSON."""
    return (only_data(json.dumps(report, indent=1, ensure_ascii=False)) + "\n").encode()


def summary(report: dict) -> str:
    """The figures of a report, one a line."""
    rows, procedures = report["rows"], report["procedures"]
    unstated = report["radiationNotStated"]
    lines = [
        f"{report['table']}: layout {report['layout']}, edition {report['edition']}",
        f"rows: {rows['read']} read, {rows['kept']} kept, {rows['dropped']} dropped",
        f"{report['topics']} topics, {report['scenarios']} scenarios, {rows['kept']} ratings",
        f"procedure names: {procedures['names']}, of which {procedures['parsed']} parsed "
        f"({procedures['parsedShare']:.1%}), {len(procedures['unparsed'])} not parsed",
        f"radiation not stated: {unstated['adult']} adult, {unstated['pediatric']} pediatric",
    ]
    lines += [f"{KINDS[kind].lower()}: {len(faults)}" for kind, faults in report["faults"].items()]
    lines += [
        f"dropped, {KINDS[kind].lower()}: {len(faults)}"
        for kind, faults in report["dropped"].items()
    ]
    return "".join(f"{visible(line)}\n" for line in lines)


def as_markdown(report: dict) -> bytes:
    """The report as Markdown, every finding with its line."""
    lines = [
        f"# Import of {markdown(report['table'])}",
        "",
        *(f"- {markdown(line)}" for line in summary(report).splitlines()[1:]),
        f"- SHA-256 of the table: {report['sha256']}",
        "",
        "## Procedure names that are not parsed",
        "",
        "Each is kept as an individual without attributes; nothing is guessed.",
        "",
        *(f"- {markdown(name)}" for name in report["procedures"]["unparsed"]),
    ]
    for title, faults in (("", report["faults"]), ("Dropped: ", report["dropped"])):
        for kind, rows in faults.items():
            lines += [
                "",
                f"## {title}{KINDS[kind]}",
                "",
                *(f"- line {row['line']}: {markdown(row['message'])}" for row in rows),
            ]
    return ("\n".join(lines) + "\n").encode()


def join_markdown(report: dict) -> bytes:
    """The report of a join as Markdown."""
    title, *lines = join_summary(report).splitlines()
    shown = [f"  - {markdown(x.strip())}" if x[:1] == " " else f"- {markdown(x)}" for x in lines]
    return ("\n".join([f"# Import of {markdown(title)}", "", *shown]) + "\n").encode()


Format = Callable[[dict], str | bytes]
FORMATS: dict[str, Format] = {"text": summary, "markdown": as_markdown, "json": as_json}
JOIN_FORMATS: dict[str, Format] = {"text": join_summary, "markdown": join_markdown, "json": as_json}
