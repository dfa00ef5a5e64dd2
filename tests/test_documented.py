"""What a user can call is documented: commands and options, settings, routes, methods.

`UPDATE_EXPECTED=1` writes the part of each page anew that is made from the code.
"""

import argparse
import ast
import os
import re
from dataclasses import dataclass

import documented
import pytest
from conftest import ROOT
from documented import MARK
from test_architecture import floors, needs_of_folders

import reasoner as package
from reasoner.__main__ import parser
from reasoner.answer.proof_steps import Explanation
from reasoner.answer.reply import Reply
from reasoner.api import Reasoner
from reasoner.intake.readers import READ
from reasoner.serve import command
from reasoner.serve.settings import Settings

DOCS = ROOT / "docs"
HELP = {  # with the flags of every command
    **command.HELP,
    "ontology": "the ontology folder to serve",
    "ratings": "the folder of the ratings that were imported, or none to leave them out",
}
UPDATE = os.environ.get("UPDATE_EXPECTED") == "1"
PYTHON = {
    "reasoner": package,
    "Reasoner": Reasoner,
    "Reply": Reply,
    "Explanation": Explanation,
}


def served():
    """The routes of the service."""
    pytest.importorskip("fastapi", reason="the serve extra is not installed")
    from reasoner.serve import create_app

    return create_app(Settings()).routes


PAGES = {
    "commands": lambda: documented.commands(parser()),
    "settings": lambda: documented.settings(Settings, HELP),
    "http": lambda: documented.routes(served()),
    "python": lambda: documented.python(PYTHON),
    "architecture": lambda: documented.floors(floors(needs_of_folders())),
}


def lacking(page, made):
    """The lines made from the code that a page lacks, and those of the page that nothing makes."""
    there = [line for line in page.partition(MARK)[2].splitlines() if line]
    wanted = [line for line in made.splitlines() if line]
    missing = [line for line in wanted if line not in there]
    return missing, [line for line in there if line not in wanted]


def text_of(page):
    """The text of a page."""
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_all_that_can_be_called_is_documented(page):
    made = PAGES[page]()
    if UPDATE:
        head = text_of(page).partition(MARK)[0]
        (DOCS / f"{page}.md").write_text(f"{head}{MARK}\n\n{made}", encoding="utf-8")
    missing, stale = lacking(text_of(page), made)
    assert (missing, stale) == ([], []), "run UPDATE_EXPECTED=1 pytest tests/test_documented.py"
    assert text_of(page).endswith(f"{MARK}\n\n{made}")


def test_all_that_can_be_called_is_explained():
    """No row without words."""
    made = [make() for name, make in PAGES.items() if name not in ("python", "architecture")]
    rows = [line for text in made for line in text.splitlines() if line.startswith("| ")]
    assert [row for row in rows if row.endswith("|  |")] == []
    methods = [
        row
        for owner in PYTHON.values()
        for row in documented.methods(owner, documented.public(owner))
    ]
    assert [call for call, text in methods if not text.endswith(".")] == []


def test_each_environment_variable_that_the_program_reads_is_documented():
    read = documented.environment_variables(ROOT / "reasoner")
    assert {"COLUMNS", "NO_COLOR", "JAVA_HOME"} <= read
    text = text_of("settings")
    assert sorted(name for name in read if f"`{name}`" not in text) == []


def test_an_environment_variable_is_noticed_however_it_is_read():
    ways = ("os.environ['A']", "os.environ.get('B', '')", "os.getenv('C')", "'D' in os.environ")
    assert documented.read_in(ast.parse("\n".join(ways))) == {"A", "B", "C", "D"}
    assert documented.read_in(ast.parse("options.get('E'); rows['F']")) == set()


def test_a_command_and_an_option_that_are_not_documented_are_noticed():
    top = parser()
    [every] = [a for a in top._actions if isinstance(a, argparse._SubParsersAction)]
    every.choices["ask"].add_argument("--loud", help="say it in capitals")
    every.add_parser("sing", description="sing it").epilog = "Example: nextstudy sing"
    missing, _ = lacking(text_of("commands"), documented.commands(top))
    assert [line for line in missing if "--loud" in line]
    assert "## nextstudy sing" in missing


def test_a_setting_that_is_not_documented_is_noticed():
    @dataclass(frozen=True)
    class More(Settings):
        volume: int = 11

    missing, _ = lacking(text_of("settings"), documented.settings(More, HELP))
    assert len(missing) == 1 and "`NEXTSTUDY_VOLUME`" in missing[0]


def test_a_route_that_is_not_documented_is_noticed():
    from fastapi import APIRouter, FastAPI

    router, app = APIRouter(), FastAPI()
    router.get("/songs")(served)
    app.include_router(router)
    missing, _ = lacking(text_of("http"), documented.routes([*served(), *app.routes]))
    assert [line for line in missing if "GET /songs" in line]


def test_a_method_that_is_not_documented_is_noticed():
    class Louder(Reasoner):
        """A reasoner with one more method."""

        def sing(self, song: str) -> None:
            """Sings."""

    missing, _ = lacking(text_of("python"), documented.python({**PYTHON, "Reasoner": Louder}))
    assert "### `sing(song)`" in missing


def test_what_is_documented_and_no_longer_there_is_noticed():
    _, stale = lacking(text_of("python"), documented.python({"reasoner": package}))
    assert "## Reply" in stale


NAMED = re.compile(r"`(reasoner/[\w/.]+|tests/[\w/.]+|benchmarks/[\w/.]+|queries/[\w/.]+)`")


def absent(text):
    """The files and folders that a page names and that are not there."""
    return sorted(name for name in NAMED.findall(text) if not (ROOT / name).exists())


@pytest.mark.parametrize(
    "path",
    [*DOCS.rglob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md"],
    ids=lambda p: p.name,
)
def test_every_file_that_a_page_names_is_there(path):
    assert absent(path.read_text(encoding="utf-8")) == []


def test_a_file_that_is_not_there_is_noticed():
    assert absent("see `reasoner/api.py` and `reasoner/moved.py`") == ["reasoner/moved.py"]


def types_read(text):
    """The types of resources that the table of the README says are read."""
    [row] = re.findall(r"^\| read \| .* in ([\w, ()]+) \| facts \|$", text, re.M)
    return set(re.split(r", | and ", re.sub(r" \([^)]*\)", "", row)))


def test_every_type_of_resource_that_is_read_is_in_the_readme():
    assert types_read((ROOT / "README.md").read_text(encoding="utf-8")) == set(READ)
    assert types_read("| read | codes, in Goal, Patient and Flag | facts |") != set(READ)


def test_every_page_of_the_documents_is_linked():
    """From the README or from a page that it links."""
    start = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = sorted(str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md"))
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    architecture = text_of("architecture")
    linked = [
        page
        for page in pages
        if f"({page})" in start + contributing or f"({page.removeprefix('docs/')})" in architecture
    ]
    assert pages and linked == pages
