"""Renderings of an answer and of tables: text for a terminal, Markdown, JSON, Turtle, CSV."""

import csv
import io
import json
import sys

from reasoner import catalogue, queries, shown
from reasoner.ask import Reply
from reasoner.names import curie
from reasoner.proof_rendering import print_proof, proof_list
from reasoner.words import CATEGORY, NOTHING, SIGNS, capital

RED = ("warning", "conflict", "contraindicated")


def as_json(reply: Reply, explain: bool) -> str:
    """The answer as JSON; with `explain`, each presentation has the steps of its proof."""
    answer = reply.explained if explain else reply.answer
    return shown.as_json(json.dumps(answer, indent=1, ensure_ascii=False)) + "\n"


def as_turtle(reply: Reply, explain: bool) -> str:
    """The record and all conclusions, each with its premises, as Turtle."""
    return shown.as_turtle(reply.turtle().decode())


def title_of(presentation: dict) -> str:
    """What a presentation is about: its finding and its region."""
    finding, region = presentation["finding"], presentation["region"]
    named = finding["label"] if finding else "presentation without a covered finding"
    return capital(named) + (f" of the {region['label']}" if region else "")


def heading(presentation: dict) -> str:
    """What a presentation is about, and its name in the record."""
    return f"{title_of(presentation)} ({presentation['id']})"


def remarks(p: dict) -> list[tuple[str, str]]:
    """What follows the table of a presentation: (kind, sentence) pairs in reading order."""
    rows = [("scenario", f"{s['label']}: {s['status']}" + (f", because of {s['excludedBy']}" if s["excludedBy"] else "") + (f"; see {s['leadsTo']}" if s["leadsTo"] else ""))
            for s in p["scenarios"] if s["status"] != "applies"]
    rows += [
        ("unread", f'{" ".join(filter(None, (u["resource"], u["place"])))}: "{u["quote"]}"')
        for u in p["unread"]
    ]
    rows += [("assumed", a["label"]) for s in p["scenarios"] for a in s["assumptions"]]
    rows += [(a["severity"], a["message"] + (f" ({a['order']})" if a["order"] else "")) for a in p["alerts"]]
    rows += [row for o in p.get("orders", []) for row in ordered(o)]
    rows += [("next step", s["label"] + f" (because of {', '.join(s['because'])})") for s in p["nextSteps"]]
    rows += [("conflict", f"{c['procedure']}: " + " against ".join(f"{CATEGORY[r['category']][0]} in {r['scenario']}" for r in c["ratings"])) for c in p["conflicts"]]
    rows += [("consider", ", ".join(d["label"] + (" (must not be missed)" if d["mostConsequential"] else "") for d in p["differential"]))] if p["differential"] else []
    return rows + [("ask", q["text"] + because(q)) for q in p["questions"]]


def because(question: dict) -> str:
    """The resources that raise a question, in brackets; nothing for what the record is silent of.
    """
    return f" (because of {', '.join(question['because'])})" if question["because"] else ""


def ordered(o: dict) -> list[tuple[str, str]]:
    """What is said of an order: how it stands, then what safety says of it."""
    name = f"{o['id']}, {o['procedure']['label'] if o['procedure'] else 'procedure not known'}"
    warned = o["setAside"] or o["withheld"]
    return [("warning" if warned else "order", f"{name}: {'; '.join([standing(o), *o['why']])}"),
            *[(f["severity"], f"{f['advice']} ({o['id']})") for f in o["safety"]]]


def standing(o: dict) -> str:
    """How an order stands, in words."""
    if o["setAside"]:
        return "contraindicated, set aside"
    if o["withheld"]:
        return "its rating is withheld"
    return CATEGORY[o["category"]][0] if o["category"] else "not rated here"


def reason(recommendation: dict) -> str:
    """One reason for a recommendation: its safety flags first, else its rationale."""
    flags = "; ".join(f"{f['severity']}: {f['advice']}" for f in recommendation["safety"])
    return flags or recommendation["rationale"]


def as_markdown(reply: Reply, explain: bool) -> str:
    """The answer as Markdown, in which no word of the record is markup."""
    lines, answer = [], shown.each(reply.answer, shown.markdown)
    for number, p in enumerate(answer["presentations"]):
        lines += [f"## {heading(p)}", "", p["headline"], ""]
        lines += [f"- **applies**: {s['label']} ({s['edition']}), because of {', '.join(b for c in s['criteria'] for b in c['because'])}" for s in p["scenarios"] if s["status"] == "applies"]
        if p["recommendations"]:
            lines += ["", "| | procedure | category | radiation adult / child | reason |", "|---|---|---|---|---|"]
            lines += [f"| {r['rank']} | {r['procedure']['label']}{' (set aside)' if r['setAside'] else ''} | {CATEGORY[r['category']][0]} | {SIGNS[r['adultRadiation']]} / {SIGNS[r['pediatricRadiation']]} | {reason(r)} |"
                      for r in p["recommendations"]] + ["", f"Source: {p['recommendations'][0]['source']}.", ""]
        lines += [f"- **{kind}**: {text}" for kind, text in remarks(p)] + [""]
        if explain:
            lines += ["### Proof", "", *proof_list(reply.proofs[number]), ""]
    lines += [NOTHING, ""] if not answer["presentations"] else []
    lines += [*catalogue.lines(answer), ""] if "catalogued" in answer else []
    lines += [f"- *{n['severity']}*, {n['about']}: {n['message']}" for n in answer["notes"]]
    return "\n".join(lines).rstrip() + "\n"


def as_text(reply: Reply, explain: bool) -> str:
    """The answer for a terminal, in color where the terminal shows color.

    No word of the record moves the cursor or colors anything.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text
    out = io.StringIO()
    console = Console(file=out, force_terminal=sys.stdout.isatty(), width=None if sys.stdout.isatty() else 120, highlight=False, emoji=False, markup=False)
    answer = shown.each(reply.answer, shown.line)
    for number, p in enumerate(answer["presentations"]):
        console.print(heading(p), style="bold")
        console.print(p["headline"])
        for s in (s for s in p["scenarios"] if s["status"] == "applies"):
            facts = list(dict.fromkeys(b for c in s["criteria"] for b in c["because"]))
            console.print(f"Scenario: {s['label']} ({s['edition']}), because of {', '.join(facts)}.")
        if p["recommendations"]:
            table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
            for name in ("", "procedure", "category", "adult", "child", "reason"):
                table.add_column(name, overflow="fold")
            for r in p["recommendations"]:
                words, style = CATEGORY[r["category"]]
                name = r["procedure"]["label"] + (" (set aside)" if r["setAside"] else "")
                table.add_row(str(r["rank"]), Text(name, style="strike" if r["setAside"] else ""), Text(words, style=style), SIGNS[r["adultRadiation"]], SIGNS[r["pediatricRadiation"]], reason(r))
            console.print(table)
            console.print(f"Source: {p['recommendations'][0]['source']}.", style="dim")
        for kind, text in remarks(p):
            console.print(
                Text(f"{kind}: ", style="red" if kind in RED else "cyan").append(
                    text, style="default"
                )
            )
        if explain:
            print_proof(console, reply.proofs[number])
        console.print()
    if not answer["presentations"]:
        console.print(NOTHING)
    for line in catalogue.lines(answer):
        console.print(line)
    for n in answer["notes"]:
        console.print(Text(f"note ({n['severity']}) ", style="dim").append(f"{n['about']}: {n['message']}"))
    return out.getvalue()


def cell(value) -> str:
    """A term or literal in a table."""
    return "" if value is None else curie(value.value)


def as_csv(names: list[str], rows: list[list]) -> str:
    """Rows as CSV that a spreadsheet opens and runs nothing of; `as_rows_json` has them exactly."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([names, *([shown.cell(cell(v)) for v in row] for row in rows)])
    return out.getvalue()


def as_rows_json(names: list[str], rows: list[list]) -> str:
    """Rows as a JSON list of objects, unbound variables left out."""
    found = [{n: cell(v) for n, v in zip(names, row) if v is not None} for row in rows]
    return shown.as_json(json.dumps(found, indent=1, ensure_ascii=False)) + "\n"


def as_table(names: list[str], rows: list[list]) -> str:
    """Rows as an aligned table; where a term has a column with its label, the label is shown."""
    from rich.console import Console
    from rich.table import Table
    out = io.StringIO()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    seen = [i for i, name in enumerate(names) if f"{name}Label" not in names]
    for i in seen:
        table.add_column(shown.line(names[i].removesuffix("Label")), overflow="fold")
    for row in rows:
        table.add_row(*(shown.line(cell(row[i])) for i in seen))
    Console(
        file=out,
        force_terminal=sys.stdout.isatty(),
        width=None if sys.stdout.isatty() else 200,
        highlight=False,
        emoji=False,
        markup=False,
    ).print(table)
    return out.getvalue() + f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}\n"


def questions() -> str:
    """The questions with their summaries and parameters."""
    found = [queries.named("questions", name) for name in queries.names("questions")]
    return "".join(f"{q.name}\n    {q.header['summary']}\n" + "".join(f"    --set {n}={d}\n" for n, d in q.parameters.items()) for q in found)


FORMATS = {"text": as_text, "json": as_json, "markdown": as_markdown, "turtle": as_turtle}
TABLES = {"table": as_table, "csv": as_csv, "json": as_rows_json}
