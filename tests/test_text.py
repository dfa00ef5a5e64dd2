"""What the answer says in words, and where: the study first, what warns right under it, labels and
never identifiers; and how text is laid out for a terminal, a narrow one, and a pipe.
"""

import copy
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter

import pytest
from bundles import (
    DEEP,
    MRI_THIGH,
    NORMAL,
    PACEMAKER,
    THIGH,
    UNSAFE,
    XR_FEMUR,
    bundle,
    device,
    inconclusive,
    mass,
    order,
    patient,
    report,
)
from conftest import CASES, ROOT
from pyoxigraph import Literal

from reasoner.answer import render
from reasoner.answer.render.presentation import document
from reasoner.answer.reply import Reply
from reasoner.answer.wording import CATEGORY, NO_REASON, NO_REASONS, REASONS_MISSING, SIGNS
from reasoner.intake.opening import example
from reasoner.terminal.console import Screen, rich_console, screen

STUDY = "MRI thigh without and with IV contrast"
PIPE = Screen()
TERM = re.compile(r"\bia:\w|\b(?:rdfs?|skos|owl|dcterms):\w|imaging-appropriateness")
REFERENCE = re.compile(r"\b(?:[A-Z][A-Za-z]+)/[A-Za-z0-9.-]+")
ESCAPE = "\x1b"
NAMES = sorted(CASES)


def shown(reply: Reply, columns: int | None = None) -> list[str]:
    """The lines of an answer at a width, or in a pipe."""
    return render.laid_out(reply, False, Screen(columns)).splitlines()


def in_words(reply: Reply) -> str:
    """An answer as text and as Markdown."""
    return render.laid_out(reply, False, PIPE) + render.as_markdown(reply, False)


def with_answer(reply: Reply, answer: dict) -> Reply:
    """A reply with another answer."""
    return Reply(reply.knowledge, reply.record, answer)


@pytest.mark.parametrize("columns", [None, 80, 100, 120])
def test_the_example_says_study_and_biopsy_first(replies, columns):
    lines = shown(replies["example"], columns)
    assert lines[0] == "Soft tissue mass of the thigh"
    assert lines[1].startswith(f"{STUDY} is usually appropriate for")
    ends = lines.index("")
    assert ends <= 8 and [line for line in lines[:ends] if line.startswith("warning: A biopsy")]
    said = " ".join(" ".join(lines[:ends]).split())
    assert said.endswith("Image first. Ordered: image-guided biopsy.")
    assert next(n for n, line in enumerate(lines) if re.match("1 +MRI thigh", line)) > ends


def test_the_example_says_the_same_in_markdown(replies):
    lines = [line for line in render.as_markdown(replies["example"], False).splitlines() if line]
    assert lines[0] == "## Soft tissue mass of the thigh" and lines[1].startswith(STUDY)
    assert lines[2].startswith("- **warning**: A biopsy") and lines[3].startswith("| ")


@pytest.mark.parametrize("case", NAMES)
def test_no_term_is_named_by_its_identifier(case, replies):
    assert TERM.findall(in_words(replies[case])) == []


def test_the_check_of_identifiers_finds_one(replies):
    answer = copy.deepcopy(replies["example"].answer)
    answer["presentations"][0]["alerts"][0]["message"] = "See ia:PrematureBiopsy."
    assert TERM.findall(in_words(with_answer(replies["example"], answer)))


def bare(text: str) -> list[str]:
    """The references outside of brackets in what is said of presentations, notes apart."""
    found = []
    for line in text.splitlines():
        if line.startswith("note"):  # which quote the record and its places
            continue
        apart = re.sub(r"\([^()]*\)|\"[^\"]*\"|https?://\S+|FDG-PET/CT", "", line)
        found += REFERENCE.findall(apart)
    return found


@pytest.mark.parametrize("case", NAMES)
def test_a_reference_stands_in_brackets_behind_words(case, replies):
    assert bare(render.laid_out(replies[case], False, PIPE)) == []


def test_the_check_of_references_finds_one():
    assert bare("next step: wait, because of Condition/mass") == ["Condition/mass"]
    assert bare('order: MRI (ServiceRequest/a)\nunread reason: "Condition/x" (Basic/b)') == []


def test_evidence_is_said_in_words_with_its_day(replies):
    [applies] = [line for line in shown(replies["example"]) if line.startswith("applies: ")]
    assert "because of soft tissue mass, deep to fascia, thigh (Condition/mass); " in applies
    assert (
        "Radiography femur: normal radiograph, 2026-09-14 (DiagnosticReport/radiograph); "
        in applies
    )
    assert applies.endswith("indeterminate result, 2026-09-21 (DiagnosticReport/ultrasound)")


def test_orders_are_named_by_their_study_and_told_apart_by_reference(reasoner):
    one = reasoner.reply(bundle(*inconclusive(), order("o1", XR_FEMUR)))
    [said] = [line for line in shown(one) if line.startswith("order: ")]
    assert said.startswith("order: Radiography femur: ") and "o1" not in said
    two = reasoner.reply(bundle(*inconclusive(), order("o1", XR_FEMUR), order("o2", XR_FEMUR)))
    said = [line.split(": ")[1] for line in shown(two) if line.startswith("order: ")]
    assert said == [f"Radiography femur (ServiceRequest/o{n})" for n in (1, 2)]


def test_masses_with_the_same_words_are_told_apart_by_reference(reasoner):
    other = mass(THIGH, DEEP, name="mass-2", onset="2020-01-01")
    reply = reasoner.reply(bundle(mass(THIGH, DEEP), other))
    titles = [part.title for part in document(reply).parts]
    assert titles == [f"Soft tissue mass of the thigh (Condition/mass-{n})" for n in (1, 2)]
    assert [part.title for part in document(reasoner.reply(bundle(mass(THIGH)))).parts] == [
        "Soft tissue mass of the thigh"
    ]


@pytest.mark.parametrize("case", NAMES)
def test_warnings_stand_before_every_table(case, replies):
    said = document(replies[case])
    text = render.laid_out(replies[case], False, PIPE)
    for part, p in zip(said.parts, replies[case].answer["presentations"], strict=True):
        block = text[text.index(f"{part.title}\n") :]
        table = re.search(r"^ +procedure +category", block, re.MULTILINE)
        place = table.start() if table and p["recommendations"] else len(block)
        for alert in (a["message"] for a in p["alerts"] if a["severity"] == "warning"):
            assert block.index(alert) < place
        flags = [f for r in [*p["recommendations"], *p["orders"]] for f in r["safety"]]
        for flag in flags:
            if flag["severity"] == "contraindicated":
                assert block.index(flag["advice"]) < place
        graves = [r.text for r in part.warnings]
        assert len([o for o in p["orders"] if o["setAside"] or o["withheld"]]) == sum(
            "set aside" in t or "withheld until" in t for t in graves
        )
        for unread in (u for u in p["unread"] if u["blocks"]):
            assert any(unread["resource"] in t and unread["quote"] in t for t in graves)
        assert len(graves) == len(set(graves)) and not any(r.grave for r in part.remarks)


@pytest.mark.parametrize("case", NAMES)
def test_nothing_of_the_record_is_left_out(case, replies):
    text = render.laid_out(replies[case], False, PIPE)
    answer = replies[case].answer
    said = [n["message"] for n in answer["notes"]]
    for p in answer["presentations"]:
        said += [q["text"] for q in p["questions"]] + [a["message"] for a in p["alerts"]]
        said += [s["label"] for s in [*p["scenarios"], *p["nextSteps"], *p["differential"]]]
        said += [a["label"] for s in p["scenarios"] for a in s["assumptions"]]
        said += [r["procedure"]["label"] for r in p["recommendations"]]
        said += [f["advice"] for r in [*p["recommendations"], *p["orders"]] for f in r["safety"]]
        said += [why.rstrip(".") for o in p["orders"] for why in o["why"]]
        said += [u["quote"] for u in p["unread"]]
    assert [words for words in said if words not in text] == []


@pytest.mark.parametrize("case", NAMES)
def test_a_missing_reason_is_said_once_for_a_table(case, replies):
    text, found = in_words(replies[case]), replies[case].answer["presentations"]
    assert NO_REASON not in text
    some = [p for p in found if NO_REASON in {r["rationale"] for r in p["recommendations"]}]
    all_ = [p for p in some if {r["rationale"] for r in p["recommendations"]} == {NO_REASON}]
    assert text.count(NO_REASONS) == 2 * len(all_)
    assert text.count(REASONS_MISSING) == 2 * (len(some) - len(all_))


@pytest.mark.parametrize("case", NAMES)
def test_nothing_is_said_twice_of_a_presentation(case, replies):
    parts = document(replies[case]).parts
    for part, p in zip(parts, replies[case].answer["presentations"], strict=True):
        said = [r.text for r in [*part.warnings, *part.remarks]]
        said += [
            row[-1].text
            for t in part.tables
            if p["recommendations"]
            for row in t.rows
            if t.columns[-1].name == "reason" and row[-1].text
        ]
        assert [text for text, often in Counter(said).items() if often > 1] == []
        for flag in (f for r in [*p["recommendations"], *p["orders"]] for f in r["safety"]):
            assert " ".join(said).count(flag["advice"]) == 1


@pytest.mark.parametrize("case", NAMES)
def test_the_legend_has_the_signs_of_the_table_and_no_others(case, replies):
    knowledge = replies[case].knowledge
    for part, p in zip(
        document(replies[case]).parts, replies[case].answer["presentations"], strict=True
    ):
        legend = [t for table in part.tables for t in table.under if t.startswith("Radiation: ")]
        rows = p["recommendations"] or p["agreed"]
        assert len(legend) == bool(rows)
        used = {SIGNS[r[key]] for r in rows for key in ("adultRadiation", "pediatricRadiation")}
        told = {s for s in SIGNS.values() if legend and re.search(rf"(: |; ){s} is ", legend[0])}
        assert told == used
    assert knowledge.members("ia:RelativeRadiationLevel")


def test_the_legend_says_the_doses_of_the_graph(replies):
    text = render.laid_out(replies["example"], False, PIPE)
    assert "O is 0 mSv; ☢☢☢☢ is adult 10-30 mSv, child 3-10 mSv; varies is " in text


@pytest.mark.parametrize("case", NAMES)
def test_the_order_of_ratings_is_that_of_the_answer(case, replies):
    found = replies[case].answer["presentations"]
    rated = [r for p in found for r in [*p["agreed"], *p["recommendations"]]]
    labels = [r["procedure"]["label"] for r in rated]
    for said, start in (
        (render.laid_out(replies[case], False, PIPE), r"^ *\d+ +(\S.*)$"),
        (render.as_markdown(replies[case], False), r"^\| \d+ \| (.*)$"),
    ):
        rows = re.findall(start, said, re.MULTILINE)
        assert len(rows) == len(labels)
        assert all(row.startswith(label) for row, label in zip(rows, labels, strict=True))


def test_ratings_of_two_scenarios_say_which(replies):
    reply = replies["soft-tissue-masses/should-not-judge-an-order-that-two-scenarios-rate-apart"]
    [table] = document(reply).parts[0].tables
    place = [column.name for column in table.columns].index("scenario")
    assert len({row[place].text for row in table.rows}) == 2
    [table] = document(replies["example"]).parts[0].tables
    assert "scenario" not in [column.name for column in table.columns]


UNLESS = {
    "id": "ia:InitialImagingDone",
    "label": "initial imaging done",
    "assumed": "no earlier imaging is recorded",
}


def agreeing(replies, unless: list[list[dict]]) -> Reply:
    """The example, as if it were not known which scenario applies, and some studies agreed."""
    reply = replies["example"]
    answer = copy.deepcopy(reply.answer)
    p = answer["presentations"][0]
    rows = p["recommendations"][: len(unless)]
    p["agreed"] = [
        {**row, "scenarios": [], "unless": said} for row, said in zip(rows, unless, strict=True)
    ]
    p["recommendations"], p["outcome"] = [], "more-information"
    return with_answer(reply, answer)


def test_what_all_scenarios_agree_on_stands_after_the_warnings(replies):
    lines = shown(agreeing(replies, [[UNLESS], [UNLESS]]))
    above = lines.index("Whichever scenario applies (assumed: no earlier imaging is recorded):")
    assert lines[above - 2].startswith("warning: ") and lines[above - 1] == ""
    assert lines[above + 2].startswith(f"1  {STUDY}") and "recorded" not in lines[above + 2]
    assert lines[above + 4].startswith("Radiation: ")


def test_what_they_agree_on_under_conditions_names_each(replies):
    reply = agreeing(replies, [[UNLESS], []])
    lines = shown(reply)
    above = lines.index("Whichever scenario applies:")
    assert lines[above + 2].endswith("imaging is recorded") and "recorded" not in lines[above + 3]
    assert "assumed: no earlier imaging is recorded" in "\n".join(shown(reply, 60))


def test_what_is_agreed_says_what_it_assumes(replies):
    reply = replies["soft-tissue-masses/should-say-what-all-possible-scenarios-agree-on"]
    [p] = reply.answer["presentations"]
    lines = shown(reply)
    [above] = [n for n, line in enumerate(lines) if line.startswith("Whichever scenario ")]
    assert lines[above].endswith(" (assumed: no earlier imaging is recorded):")
    assert lines[above + 2].startswith(f"1  {p['agreed'][0]['procedure']['label']}")


def test_nothing_agreed_is_nothing_said(replies):
    reply = agreeing(replies, [])
    assert "Whichever" not in in_words(reply) and "Radiation: " not in in_words(reply)


@pytest.mark.parametrize("case", NAMES)
def test_a_narrow_terminal_gets_a_list(case, replies):
    lines = shown(replies[case], 60)
    assert max(map(len, lines)) <= 60
    assert not any(re.match(r" +procedure +category", line) for line in lines)
    assert "".join("".join(lines).split()).startswith("".join(shown(replies[case])[0].split()))


def test_the_list_has_each_study_on_lines_of_its_own(replies):
    assert max(map(len, shown(replies["example"], 30))) <= 30
    lines = shown(replies["example"], 60)
    place = lines.index(f"1  {STUDY}")
    assert lines[place + 1] == "   usually appropriate; adult O; child O"
    assert lines[place + 2].startswith("   MRI characterizes") and lines[place + 3][:3] == "   "
    assert f"4  {'CT thigh without and with IV contrast'}" in lines


@pytest.mark.parametrize("case", NAMES)
def test_a_pipe_gets_full_lines(case, replies):
    lines = shown(replies[case])
    assert not any(line != line.rstrip() for line in lines)
    for p in replies[case].answer["presentations"]:
        for row in p["recommendations"]:
            words = CATEGORY[row["category"]][0]
            assert [line for line in lines if row["procedure"]["label"] in line and words in line]
        assert any(p["headline"] == line for line in lines)


@pytest.mark.parametrize("columns", [90, 120, 200])
def test_a_table_fits_its_terminal(columns, replies):
    lines = shown(replies["example"], columns)
    assert max(map(len, lines)) <= columns
    assert [line for line in lines if re.match(r" +procedure +category +adult +child +reas", line)]


@pytest.mark.parametrize("columns", [None, 60, 100])
def test_colors_change_no_word_and_no_word_of_a_record_is_a_color(reasoner, columns):
    poison = "\x1b[31m\x9b2J [red]x[/] \u202e \u6f22\u5b57"
    named = {"id": f"mass-1{poison}", "note": [{"text": f"has a pacemaker {poison}"}]}
    reply = reasoner.reply(bundle({**mass(THIGH, DEEP), **named}, order("o1", XR_FEMUR, None)))
    plain, colored = (
        render.laid_out(reply, True, Screen(columns, shows)) for shows in (False, True)
    )
    assert plain == re.sub(r"\x1b\[[0-9;]*m", "", colored) and ESCAPE not in plain
    assert r"\x1b[31m" in "".join(plain.split()) and "[red]x[/]" in "".join(plain.split())


def run(*arguments: str, **environment: str) -> str:
    """What the command prints into a pipe, under some settings of the environment."""
    names = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-m", "reasoner", *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**kept, **environment}, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_the_command_prints_full_lines_into_a_pipe_and_columns_wrap_them(replies):
    wide, narrow = run("ask"), run("ask", COLUMNS="60")
    assert wide.splitlines() == shown(replies["example"])
    assert narrow.splitlines() == shown(replies["example"], 60)
    assert ESCAPE not in wide + narrow


def test_color_is_forced_into_a_pipe_and_no_color_wins():
    plain, forced = run("ask"), run("ask", FORCE_COLOR="1")
    assert ESCAPE in forced and re.sub(r"\x1b\[[0-9;]*m", "", forced) == plain
    assert run("ask", FORCE_COLOR="1", NO_COLOR="1") == plain
    assert run("ask", FORCE_COLOR="", NO_COLOR="") == plain


def test_a_question_is_wrapped_and_listed_alike():
    wide = run("query", "radiation-levels")
    assert "radiation level two signs    0.1-1 mSv      0.03-0.3 mSv" in wide
    narrow = run("query", "radiation-levels", COLUMNS="40").splitlines()
    assert "level: radiation level two signs" in narrow and "  adultDose: 0.1-1 mSv" in narrow
    assert max(map(len, narrow)) <= 40


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It says so."""
        return True


@pytest.fixture
def bare_environment(monkeypatch):
    """An environment without settings of width and color."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("settings, colored", [
    ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True),
    ({"FORCE_COLOR": "1", "TERM": "dumb"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
])  # fmt: skip
def test_a_terminal_shows_colors_unless_told_otherwise(bare_environment, settings, colored):
    for name, value in settings.items():
        bare_environment.setenv(name, value)
    assert screen(Terminal()) == Screen(80, colored, True)


@pytest.mark.parametrize("given, columns", [
    ("60", 60), ("1", 20), ("0", None), ("-5", None), ("wide", None), ("9" * 5000, None),
    ("", None),
])  # fmt: skip
def test_columns_count_in_a_pipe_where_they_are_a_width(bare_environment, given, columns):
    bare_environment.setenv("COLUMNS", given)
    assert screen(io.StringIO()) == Screen(columns)


def test_a_terminal_is_as_wide_as_it_is(bare_environment):
    main, other = pty.openpty()
    with open(other, "w") as stream, open(main, "rb", buffering=0):
        assert screen(stream) == Screen(80, True, True)  # a terminal that says 0 columns
        closed = io.StringIO()
        closed.close()
        assert screen(closed) == Screen()


def test_every_console_is_made_by_one_function():
    made = [
        path.name
        for path in sorted((ROOT / "reasoner").rglob("*.py"))
        if re.search(r"\bConsole\(", path.read_text(encoding="utf-8"))
    ]
    assert made == ["console.py"]


def test_progress_does_not_move_in_a_pipe_that_is_colored(bare_environment):
    bare_environment.setenv("FORCE_COLOR", "1")
    at = screen(io.StringIO())
    assert at.colored and not rich_console(at, io.StringIO()).is_terminal


def test_an_answer_in_python_says_the_same(replies):
    reply = replies["example"]
    assert reply.text() == str(reply) == repr(reply) == render.laid_out(reply, False, PIPE)
    assert reply.markdown() == reply._repr_markdown_() == render.as_markdown(reply, False)
    assert len(reply.markdown(explain=True)) > len(reply.markdown())


def test_text_does_not_reason_again(reasoner):
    reply = reasoner.reply(json.loads(example()))
    assert in_words(reply) and "conclusions" not in vars(reply) and "facts" not in vars(reply)


def test_what_safety_says_is_said_once_with_its_studies(reasoner):
    records = [*inconclusive(), device("d1", PACEMAKER, UNSAFE), order("o1", MRI_THIGH)]
    part = document(reasoner.reply(bundle(*records))).parts[0]
    [flag] = [r for r in part.warnings if r.kind == "contraindicated"]
    assert flag.text.count("Do not send the patient into the scanner") == 1
    assert flag.text.endswith(f"{STUDY}, because of cardiac pacemaker, MR Unsafe (Device/d1).")


def test_what_is_unread_is_quoted_with_its_place(replies):
    reply = replies["soft-tissue-masses/should-heed-a-pacemaker-in-the-form-of-a-report"]
    [unread] = [line for line in shown(reply) if line.startswith("unread MRI hazard: ")]
    assert '"Dual chamber pacemaker." (DiagnosticReport/ecg, presentedForm[0])' in unread
    assert unread.endswith("; leaves open: MRI contraindicated")


def test_a_note_that_warns_stands_under_the_headline_of_what_it_is_about(reasoner):
    undated = report("xr-9", XR_FEMUR, NORMAL, day=None)
    reply = reasoner.reply(bundle(mass(THIGH, DEEP), undated))
    part = document(reply).parts[0]
    assert [r.kind for r in part.warnings if "has no date" in r.text] == ["note, warning"]
    assert not [n for n in document(reply).notes if n.grave]


def test_without_a_presentation_the_warnings_follow_at_once(reasoner):
    died = {"deceasedBoolean": True}
    lines = shown(reasoner.reply(bundle({**patient(), **died})))
    assert lines[0].startswith("No presentation: ") and lines[1].startswith("note, warning: ")


def test_a_number_that_a_record_states_is_no_reference(reasoner):
    reply, clean = (reasoner.reply(bundle(*inconclusive())) for _ in range(2))
    reply.record.say(reply.record.presentations[0], "http://e.org/x", Literal("3"))
    assert shown(reply) == shown(clean)


def test_the_first_example_of_the_readme_is_what_is_printed(replies):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.findall(
        r"^    (.*\S)$", readme.split("nextstudy ask\n", 1)[1].split("\n## ")[0], re.MULTILINE
    )
    lines = shown(replies["example"], 120)
    assert told[:2] == lines[:2] and len(told) > 10
    cut = [line.split(" ...")[0].strip() for line in told if line.strip() != "..."]
    assert [line for line in cut if not any(s.strip().startswith(line) for s in lines)] == []
