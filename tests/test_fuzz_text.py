"""Nothing that a stranger wrote acts where it is shown: on a terminal, in Markdown, in a table, in
a page. Every text of a record is poisoned, and every door is looked at.
"""

import csv
import io
import json
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bundles import INDETERMINATE, US_LEG, XR_FEMUR, bundle, inconclusive, mass, order, report
from conftest import CASES, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pyoxigraph import RdfFormat, parse

from reasoner.__main__ import main
from reasoner.answer.render import FORMATS, TABLES
from reasoner.curation.importing import report as importing
from reasoner.diff import render as rendering
from reasoner.diff.difference import Difference
from reasoner.messages import escaping as shown
from reasoner.terminal.console import complain
from reasoner.validation import reports
from reasoner.validation.findings import Finding

ARABIC = range(0x600, 0x8E3)  # signs in front of numbers, which are seen
ACTING = ("Cc", "Cf", "Cs", "Zl", "Zp")
CLEAR = "\x1b[2J\x1b]0;title\x07\x9b31m\x7f\x00\r\b"
TROJAN = "\u202e\u2066\u2069\u200b\u200d\ufeff\u2028\u2029\u00ad\u3164\ufe0f\U000e0041"
LINES = "\n# heading\n\n| a | b |\n|---|---|\n```\n</td></tr>\n"
LINKS = "[x](javascript:alert(1)) ![y](http://e.org/z) <img src=x> <b> https://e.org www.e.org"
RICH = "[red]no[/red] [/] [link=http://e.org]z[/link] :skull: {{7*7}} ${x} $x^$ __b__ ~~s~~ *e* `c`"
POISONS = (CLEAR, TROJAN, LINES, LINKS, RICH)
MARKUP = {"link_open", "image", "html_inline", "html_block", "code_inline", "fence", "code_block"}
MARKS = MARKUP | {"table_open", "heading_open", "s_open", "em_open", "strong_open", "hr"}
PLAIN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
pieces = st.sampled_from(
    [*"\x1b\x9b\r\n\t\0\x7f[]()<>#|`*_~!:/.=+-@{}$&\\ ", *POISONS, "FAKE", *TROJAN]
)
poisons = st.lists(pieces | st.characters(), max_size=12).map("".join)


def acting(text: str, apart: str = "\n") -> set[str]:
    """The characters of a text that act on a terminal or are not seen."""
    return {
        c
        for c in text
        if c not in apart
        and ord(c) not in ARABIC
        and (unicodedata.category(c) in ACTING or c in TROJAN)
    }


def poisoned(
    data, poison: str, keys=("id", "reference", "text", "display", "fullUrl", "conclusion")
):
    """A record with a poison at the end of every text under some keys, in references too."""
    if isinstance(data, dict):
        return {
            key: value + poison
            if isinstance(value, str) and key in keys
            else poisoned(value, poison, keys)
            for key, value in data.items()
        }
    return [poisoned(value, poison, keys) for value in data] if isinstance(data, list) else data


def everywhere(data, poison: str):
    """A record with a poison at the end of every text but for types and statuses."""
    if isinstance(data, dict):
        return {
            key: value if key in KEPT else everywhere(value, poison) for key, value in data.items()
        }
    if isinstance(data, list):
        return [everywhere(value, poison) for value in data]
    return data + poison if isinstance(data, str) else data


KEPT = ("resourceType", "status", "intent")
RECORD = bundle(
    *inconclusive(),
    order("o1", XR_FEMUR),
    report("us-2", US_LEG, INDETERMINATE),
    mass(name="mass-2", code="icd:X99.9", note=[{"text": "has a pacemaker"}]),
    {"resourceType": "Basic", "id": "b", "extension": [{"valueString": "pacemaker"}]},
)


def marks(markdown: str) -> dict[str, int]:
    """How often each kind of markup opens in Markdown."""
    counts: dict[str, int] = {}
    for token in PLAIN.parse(markdown):
        for part in [token, *(token.children or [])]:
            if part.type in MARKS:
                counts[part.type] = counts.get(part.type, 0) + 1
    return counts


def bare(text: str, poison: str) -> str:
    """A text without blanks and without the escapes of a poison."""

    def squeeze(given):
        return "".join(given.split())

    return squeeze(text).replace(squeeze(shown.line(poison)), "")


@pytest.mark.parametrize("poison", POISONS)
def test_the_answer_of_a_poisoned_record_is_that_of_the_clean_one_on_a_terminal(reasoner, poison):
    clean, answer = (
        FORMATS["text"](reasoner.reply(record), True)
        for record in (RECORD, poisoned(RECORD, poison, ("id", "reference")))
    )
    assert not acting(answer) and shown.line(poison)[:20] in answer.replace("\n", "")[:9000]
    assert bare(answer, poison) == bare(clean, poison)


@given(poison=poisons)
@settings(max_examples=10)
def test_no_text_of_a_record_acts_in_any_format(reasoner, poison):
    for record in (poisoned(RECORD, poison), everywhere(RECORD, poison)):
        reply = reasoner.reply(json.loads(json.dumps(record).encode("utf-8", "replace")))
        for format in ("text", "markdown", "json", "turtle"):
            made = FORMATS[format](reply, True)
            text = made.decode() if isinstance(made, bytes) else made
            assert not acting(text, "\n\t"), format
            if format == "json":
                assert json.loads(text)["presentations"] is not None
            if format == "turtle":
                assert list(parse(text.encode(), RdfFormat.TURTLE))


@pytest.mark.parametrize("poison", POISONS)
def test_no_text_of_a_record_is_markup(reasoner, poison):
    clean, answer = (
        marks(FORMATS["markdown"](reasoner.reply(record), True))
        for record in (RECORD, poisoned(RECORD, poison, ("id", "reference")))
    )
    assert answer == clean
    assert not set(answer) & MARKUP


@given(text=poisons)
@settings(max_examples=300)
def test_markdown_of_any_text_is_that_text(text):
    for line in (shown.markdown(text), f"- {shown.markdown(text)}", f"## a {shown.markdown(text)}"):
        assert not marks(line).keys() - ({"heading_open"} if line.startswith("## ") else set())
        assert not acting(line, "")
    assert "://" not in shown.markdown(text) and "www.e" not in shown.markdown(text)


@given(text=poisons)
@settings(max_examples=300)
def test_a_line_is_one_line_and_json_is_the_same_data(text):
    assert not acting(shown.line(text), "") and shown.line(shown.line(text)) == shown.line(text)
    assert not acting(shown.visible(text), "")
    told = json.dumps([text], indent=1, ensure_ascii=False)
    assert json.loads(shown.as_json(told)) == [text] and not acting(shown.as_json(told))


@given(text=poisons)
@settings(max_examples=300)
def test_no_cell_of_csv_is_a_formula(text):
    cell = shown.cell(text)
    assert cell.lstrip()[:1] not in tuple("=+-@") or not shown.is_formula(cell)
    assert not acting(cell, "")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =x", "\t=x", "\uff1dx", "-1-1", "=-5"],
)
def test_what_a_spreadsheet_runs_is_a_formula(text):
    assert shown.is_formula(text) and shown.cell(text).startswith("'")


@pytest.mark.parametrize("text", ["-5", "+1.5", "-.5", "-5%", "1e-5", "-", "a=b", "ia:Thigh", ""])
def test_numbers_and_words_are_no_formulas(text):
    assert not shown.is_formula(text) and shown.cell(text) == text


class Term:
    """A term of a row, as the graph gives it."""

    def __init__(self, value: str):
        self.value = value


@given(text=poisons)
@settings(max_examples=60)
def test_no_cell_of_a_table_acts(text):
    for format, made in TABLES.items():
        told = made(["a", "b"], [[Term(text), None], [Term("x"), Term(text)]])
        assert not acting(told), format
    rows = list(csv.reader(io.StringIO(TABLES["csv"](["a"], [[Term(text)]]))))
    assert rows == [["a"], [shown.cell(text)]] or rows[:1] == [["a"]] and not shown.cell(text)
    assert (
        "red" not in text
        or "[red]" not in text
        or "[red]" in TABLES["table"](["a"], [[Term(text)]])
    )


TURTLE = """@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<http://e.org/x> rdfs:label {0}, {0}@en, {0}@en-GB ; ia:hasSite {0} ; ia:noSuch {0} .
"""
TABLE = (
    "topic,variant_no,variant_text,procedure,category\n"
    "{0},1,{0},{0},{0}\n{0},2,{0},US {0},Usually appropriate\n"
)


def every_command(folder: Path, poison: str) -> list[list[str]]:
    """Commands that are given poisoned files, names and values."""
    (folder / "record.json").write_text(json.dumps(poisoned(RECORD, poison)))
    (folder / "all.json").write_text(json.dumps(everywhere(RECORD, poison)))
    (folder / "twice.json").write_text(f"{{{json.dumps(poison)}: 1, {json.dumps(poison)}: 2}}")
    (folder / "x.ttl").write_text(TURTLE.format(json.dumps(poison)), encoding="utf-8")
    quoted = '"a' + poison.replace('"', '""').replace("\0", "") + '"'
    (folder / "t-2020.csv").write_text(TABLE.format(quoted), encoding="utf-8")
    argument = poison.replace("\0", "")
    return [
        ["ask", "record.json"],
        ["ask", "record.json", "--format", "markdown"],
        ["ask", "all.json", "--explain"],
        ["ask", "twice.json"],
        ["ask", f"x{argument}"],
        ["ask", "record.json", "--on", argument],
        ["axe" + argument],
        ["show", argument],
        ["query", argument],
        ["query", "differential-of-a-scenario", "--set", argument],
        ["query", "differential-of-a-scenario", "--set", f"scenario={argument}"],
        ["ask", "record.json", "--words", argument],
        ["ask", "record.json", "x" + argument],
        ["validate", "x.ttl"],
        ["validate", f"x{argument}.ttl"],
        ["fmt", "--check", f"x{argument}.ttl"],
        ["import", "t-2020.csv"],
        ["import", "t-2020.csv", "--format", "markdown"],
        ["import", "t-2020.csv", "--format", "json"],
        ["diff", argument, "x" + argument],
        ["cohort", f"in{argument}", "--out", "out"],
    ]


@given(poison=poisons | st.sampled_from(POISONS))
@settings(max_examples=60)
def test_no_finding_acts_in_any_report(poison):
    found = Finding("a-check", "violation", *[f"x{poison}"] * 4, poison, f"{poison}.ttl", 3)
    for format, made in reports.FORMATS.items():
        assert not acting(made([found], 5), "\n\t"), format
    told = marks(reports.FORMATS["markdown"]([found], 5))
    assert told == {"strong_open": 1, "table_open": 1}
    assert len(reports.FORMATS["github"]([found], 5).splitlines()) == 2
    ElementTree.fromstring(reports.FORMATS["junit"]([found], 5))
    list(parse(reports.FORMATS["turtle"]([found], 5).encode(), RdfFormat.TURTLE))


def difference(poison: str) -> Difference:
    """What changed, in words that somebody else wrote."""
    row = {"id": f"x{poison}", "label": poison, "kind": "scenario", "inForce": True}
    change = {"property": f"p{poison}", "before": [poison], "after": [f"x{poison}"]}
    found = Difference(f"x{poison}", poison)
    found.came, found.went = [row], [{**row, "kind": "term"}]
    found.changed = [{**row, "facts": [change], "words": [change]}]
    found.mappings = [{"subject": poison, "code": poison, "change": "came", "intake": "fact"}]
    moved = {"where": f"w{poison}", "before": poison, "after": f"x{poison}"}
    found.patients, found.compared = [{"case": f"c{poison}", "changes": [moved]}], 1
    return found


@given(poison=poisons | st.sampled_from(POISONS))
@settings(max_examples=40)
def test_no_difference_acts_in_any_report(poison):
    found = difference(poison)
    clean = marks(rendering.FORMATS["markdown"](difference("x")))
    for format, made in rendering.FORMATS.items():
        assert not acting(made(found)), format
    assert marks(rendering.FORMATS["markdown"](found)) == clean


@given(poison=poisons | st.sampled_from(POISONS))
@settings(max_examples=40)
def test_no_import_acts_in_any_report(poison):
    rows = {"repeated-rating": [{"line": 3, "message": f"x{poison}"}]}
    counts = {"read": 1, "kept": 1, "dropped": 0}
    names = {"names": 1, "parsed": 0, "parsedShare": 0.0, "unparsed": [f"x{poison}"]}
    told = {
        "table": f"x{poison}",
        "sha256": "0",
        "layout": "2020",
        "edition": "2020",
        "rows": counts,
        "topics": 1,
        "scenarios": 1,
        "procedures": names,
        "radiationNotStated": {"adult": 0, "pediatric": 0},
        "faults": rows,
        "dropped": rows,
    }
    for format, made in importing.FORMATS.items():
        text = made(told)
        assert not acting(text.decode() if isinstance(text, bytes) else text), format
    assert marks(importing.FORMATS["markdown"](told).decode()) == {"heading_open": 4}


@given(poison=poisons | st.sampled_from(POISONS))
@settings(max_examples=40)
def test_no_summary_of_a_cohort_acts(poison):
    summary = pytest.importorskip("reasoner.cohort.summary")
    judged = [(f"x{poison}", f"x{poison}", 3), (None, poison, 4)]
    asked = [
        summary.AnsweredQuestion(
            "orders-by-judgement", "How", "by what", ["a", "b", "orders"], judged
        ),
        summary.AnsweredQuestion("orders-agreed-on", "What", "", ["a", "b", "orders"], judged),
    ]
    counts = {
        "versions": {"nextstudy": "1", "graph": "1"},
        "patients": 1,
        "unreadable": 3,
        "faults": [[f"/in/x{poison}", f"x{poison}", True]],
        "ownerless": {f"x{poison}": 2},
        "passed_over": [f"/in/x{poison}"],
    }
    told = summary.markdown(asked, counts)
    assert not acting(told)
    assert marks(told) == {"heading_open": 3, "table_open": 2, "image": 1, "code_inline": 1}


def test_no_plot_acts_or_fails_on_a_label():
    plots = pytest.importorskip("reasoner.cohort.plots")
    rows = [("".join(POISONS), 1, 2, 3, 4, 10), ("$x^$", 1, 0, 0, 0, 1)]
    columns = [
        "region",
        "appropriate",
        "not_appropriate",
        "no_criteria_apply",
        "information_missing",
        "orders",
    ]
    svg = plots.draw("orders-by-region", "$t^$", columns, rows)["svg"].decode()
    assert not acting(svg) and "<script" not in svg
    ElementTree.fromstring(svg)


@pytest.mark.parametrize("poison", ["".join(POISONS)])
def test_no_command_lets_its_input_act(tmp_path, monkeypatch, capfdbinary, poison):
    monkeypatch.chdir(tmp_path)
    for arguments in every_command(tmp_path, poison):
        try:
            code = main(arguments)
        except SystemExit as stop:  # argparse leaves this way
            code = stop.code
        told = [part.decode() for part in capfdbinary.readouterr()]
        assert code in (0, 1, 2) and any(told), arguments
        assert not acting("".join(told)), arguments
        assert "Traceback" not in told[1], arguments
        # an error and its remedy stand on one line, whatever they quote
        assert len([line for line in told[1].splitlines() if line.startswith("nextstudy: ")]) <= 1


def test_the_attacks_that_were_found(reasoner):
    for path in sorted((ROOT.parent / "shared" / "attacks").glob("*.json")):
        for format in ("text", "markdown"):
            told = FORMATS[format](reasoner.reply(path.read_bytes()), True)
            assert not acting(told) and (format == "text" or not set(marks(told)) & MARKUP)


def test_the_check_finds_what_acts(reasoner, monkeypatch):
    """The broken twin: without the module, the same record acts."""
    monkeypatch.setattr(shown, "each", lambda data, made: data)
    reply = reasoner.reply(poisoned(RECORD, CLEAR + LINKS, ("id", "reference")))
    assert "\x1b" in FORMATS["text"](reply, True)
    assert set(marks(FORMATS["markdown"](reply, True))) & MARKUP


def test_an_error_is_bounded(capsys):
    complain("place: " + "x" * 1_000_000 + ". The remedy.")
    told = capsys.readouterr().err
    assert len(told) < 4100 and told.startswith("nextstudy: place: ") and "The remedy." in told


def test_clean_answers_stay_as_they_are(reasoner):
    for name in ("example", *list(CASES)[:20]):
        answer = reasoner.ask(CASES[name].read_bytes())
        assert shown.each(answer, shown.line) == answer, name


def test_pages_hold_nothing_that_acts():
    pytest.importorskip("jinja2", reason="the serve extra is not installed")
    from reasoner.serve.explorer.pages import environment

    page = environment().from_string('<p title="{{ x }}">{{ x }}</p>{% if x %}{{ 5 }}{% endif %}')
    for poison in POISONS:
        made = page.render(x=poison)
        assert not acting(made, "\n\t") and made.count("<") == 2
