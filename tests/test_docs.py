"""The documentation: every term, scenario and query is there, every link leads somewhere, and
nothing comes from elsewhere.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from posixpath import dirname, join, normpath
from urllib.parse import unquote

import html5lib
import pytest

from reasoner.__main__ import main
from reasoner.docs import reference
from reasoner.docs.graph import Graph
from reasoner.docs.site import pages
from reasoner.docs.write import write_docs
from reasoner.errors import InputError
from reasoner.graph import query_files as queries
from reasoner.names import LABEL, ia

ROOT = Path(__file__).parent.parent
LOADING = {
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
    ("use", "href"),
    ("form", "action"),
}
NASTY = "<script>alert(\"1\")</script> & 'so' on"
DIGEST = """
from hashlib import sha256
from reasoner.docs.graph import Graph
from reasoner.docs.site import pages
for path, content in pages(Graph()).items():
    print(path, sha256(content).hexdigest())
"""


class Page(HTMLParser):
    """What a page has: its anchors, its links, what it loads, and its text."""

    def __init__(self, content: bytes):
        super().__init__()
        self.ids, self.links, self.loads, self.words = [], [], [], []
        self.feed(content.decode())

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            self.ids += [value] if key == "id" else []
            self.loads += [value] if (tag, key) in LOADING else []
            self.links += [value] if (tag, key) == ("a", "href") else []

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        """The text of the page, white space aside."""
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="session")
def graph():
    """The graph of this checkout."""
    return Graph()


@pytest.fixture(scope="session")
def site(graph):
    """Every file of the documentation by its path."""
    return pages(graph)


@pytest.fixture(scope="session")
def parsed(site):
    """Every page by its path."""
    return {path: Page(content) for path, content in site.items() if path.endswith(".html")}


def broken(parsed: dict[str, Page], files) -> list[tuple[str, str]]:
    """The links inside the documentation that lead nowhere, with the page they are on."""
    found = []
    for path, page in parsed.items():
        for link in page.links + page.loads:
            file, _, anchor = link.partition("#")
            target = normpath(join(dirname(path), unquote(file))) if file else path
            if not re.match(r"[a-z]+:", link) and (
                target not in files or (anchor and unquote(anchor) not in parsed[target].ids)
            ):
                found.append((path, link))
    return found


def fetched(parsed: dict[str, Page]) -> list[tuple[str, str]]:
    """What pages load from elsewhere when they are opened."""
    return [
        (path, load)
        for path, page in parsed.items()
        for load in page.loads
        if re.match(r"(?!data:)([a-z]+:|//)", load)
    ]


def test_no_internal_link_is_broken(parsed, site):
    assert broken(parsed, site) == []
    twin = {
        "a/b.html": Page(
            b'<a href="../c.html#x">1</a><a href="../c.html#y">2</a><a href="d.html">3</a><a '
            b'href="#z">4</a>'
        ),
        "c.html": Page(b"<p id=x>"),
    }
    assert [link for _, link in broken(twin, twin)] == ["../c.html#y", "d.html", "#z"]


def test_nothing_is_fetched_from_elsewhere(parsed, site):
    assert fetched(parsed) == []
    assert not re.search(rb"url\(|@import", site["style.css"])
    twin = {
        "a.html": Page(
            b'<script src="//x"></script><img src="http://x"><link href="data:,"><link '
            b'href="style.css"><a href="http://x">'
        )
    }
    assert [load for _, load in fetched(twin)] == ["//x", "http://x"]


def test_pages_are_valid_html(site, parsed):
    ours = [path for path in parsed if not path.startswith(("terms/", "properties/"))]
    for path in [
        *ours,
        "terms/index.html",
        *sorted(p for p in parsed if p.startswith(("terms/", "properties/")))[::25],
    ]:
        html5lib.HTMLParser(strict=True).parse(site[path].decode())
    with pytest.raises(html5lib.html5parser.ParseError):
        html5lib.HTMLParser(strict=True).parse("<!DOCTYPE html><p><table></p>")


def test_anchors_are_unique(parsed):
    assert {
        path: twice
        for path, page in parsed.items()
        if (twice := [i for i, n in Counter(page.ids).items() if n > 1])
    } == {}


def test_every_term_has_its_place(graph, site, parsed):
    assert {i for kind in ("Rating", "Scenario") for i in graph.members(kind)} <= set(graph.terms)
    for term in graph.terms:
        path, _, anchor = graph.place(term).partition("#")
        assert path in site and (not anchor or anchor in parsed[path].ids), term
        wanted = (
            [graph.label(graph.value(term, "ofProcedureRated"))]
            if anchor
            else [graph.label(term), graph.definition(term)]
        )
        assert [
            words for words in wanted if " ".join(words.split()) not in parsed[path].text
        ] == [], term


def test_every_scenario_shows_its_ratings_criteria_and_exclusions(graph, parsed):
    for scenario in graph.members("Scenario"):
        page = parsed[graph.place(scenario)]
        shown = [
            graph.label(c) for c in graph.knowledge.facts.objects(scenario, ia("hasCriterion"))
        ]
        for rating in (
            r for r in graph.subjects("ofScenario", scenario) if r in graph.members("Rating")
        ):
            shown += [
                graph.label(graph.value(rating, "hasCategory")),
                graph.value(graph.value(rating, "hasAdultRadiation"), "adultDose"),
            ]
        shown += [
            graph.label(graph.value(e, "excludes"))
            for e in graph.subjects("ofScenario", scenario)
            if e in graph.members("Exclusion")
        ]
        assert [words for words in shown if words not in page.text] == []


def test_radiation_signs_are_as_many_as_the_level_says(graph, site):
    page = site[graph.place(ia("DeepMassInitialImaging2017"))].decode()
    row = page[page.index('id="DeepMassInitialImaging2017_FdgPetCt"') :].partition("</tr>")[0]
    assert "☢☢☢☢</span>" in row and row.count("<svg") == 4 and "10-30 mSv" in row


def test_every_category_is_told_apart_without_color(graph, site):
    style = site["style.css"].decode()
    notation = "http://www.w3.org/2004/02/skos/core#notation"
    notations = [
        graph.knowledge.facts.value(category, notation)
        for category in graph.members("AppropriatenessCategory")
    ]
    signs = [re.search(rf'\.{n}::before {{ content: "(.+?)"', style)[1] for n in notations]
    assert notations and len(set(signs)) == len(notations)


def test_mappings_are_linked_out(graph, parsed):
    for term in graph.knowledge.codes.subjects():
        if term in graph.document:
            links = parsed[graph.place(term).partition("#")[0]].links
            assert [
                m.code
                for m in graph.knowledge.codes.of(term)
                if not any(link.endswith(m.code) for link in links)
            ] == [], term


def test_edition_shows_what_changed(graph, site):
    page = site["editions/SoftTissueMasses2022.html"].partition(b'id="grids"')[0]
    moved = [
        row[key]
        for row in graph.ask("what-changed-in-ratings")
        for key in ("scenarioLabel", "procedureLabel", "beforeLabel", "afterLabel")
    ]
    gone = [row["scenarioLabel"] for row in graph.ask("what-changed-in-scenarios")]
    assert (
        moved and gone and [words for words in moved + gone if words not in Page(page).text] == []
    )


@pytest.mark.parametrize("kind", queries.KINDS)
def test_every_query_has_a_page_and_a_copy(site, parsed, kind):
    for name in queries.names(kind):
        found = queries.named(kind, name)
        assert (
            site[f"queries/{kind}/{name}.rq"] == (queries.folder(kind) / f"{name}.rq").read_bytes()
        )
        page = parsed[f"queries/{kind}/{name}.html"]
        assert (
            found.header["summary"] in page.text
            and f"{name}.rq" in page.links
            and " ".join(found.text.split()) in page.text
        )


def test_paths_differ_also_where_case_does_not_count(site):
    assert len({path.casefold() for path in site}) == len(site)


def test_text_of_the_graph_is_escaped(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "available", lambda: False)
    ontology = Path(shutil.copytree(ROOT / "ontology", tmp_path / "ontology"))
    file = ontology / "vocabulary.ttl"
    text = file.read_text()
    assert text.count('"schwannoma"@en') == 1
    file.write_text(text.replace('"schwannoma"@en', '"""' + NASTY + '"""@en'))
    graph = Graph(ontology)
    made = pages(graph)
    assert graph.label(ia("Schwannoma")) == NASTY == graph.facts.value(ia("Schwannoma"), LABEL)
    using = [path for path, content in made.items() if b"alert(" in content]
    assert {
        "terms/Schwannoma.html",
        "terms/index.html",
        "scenarios/MassAfterInconclusiveRadiographAndUltrasound.html",
    } <= set(using)
    assert [path for path in using if b"<script>alert" in made[path]] == []
    assert NASTY in Page(made["terms/Schwannoma.html"]).text


def test_same_bytes_whatever_the_hash_seed(site):
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    other = subprocess.run(
        [sys.executable, "-c", DIGEST],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment,
    ).stdout
    assert dict(line.split() for line in other.splitlines()) == {
        path: sha256(content).hexdigest() for path, content in site.items()
    }


def test_folder_is_written_once_and_what_is_foreign_stays(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(reference, "available", lambda: False)
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["docs", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert "index.html" in out
    assert err.startswith("nextstudy: reference.html is left out")
    assert "pip install '.[docs]'" in err
    assert write_docs(tmp_path) == [] and (tmp_path / "mine.txt").read_text() == "mine"
    assert "reference.html" not in Page((tmp_path / "index.html").read_bytes()).links


def test_missing_library_is_named(graph, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(InputError, match=r"jinja2 is not installed.*pip install \."):
        pages(graph)


@pytest.mark.skipif(
    not find_spec("pylode"), reason="pyLODE is not installed: pip install '.[docs]'"
)
def test_reference_has_every_class_and_links_to_our_pages(graph, parsed):
    page = parsed["reference.html"]
    classes = [t for t in graph.terms if graph.kind(t).startswith("class")]
    assert [t for t in classes if t not in page.text] == []
    assert graph.place(ia("Presentation")) in page.links
