"""What is built from a checkout: the sdist has all that git tracks, the wheel what a user needs."""

import importlib.util
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MADE = {"PKG-INFO"}  # what the build adds
LEFT_OUT: set[str] = set()  # what is tracked, and of no use to a packager

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("hatchling"),
    reason="hatchling is not installed: pip install '.[test]'",
)


def tracked():
    """The files that git tracks or would, those that are deleted aside."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is not a git checkout")
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()}


def build(target, folder):
    """The file that is built of a kind: sdist or wheel. Takes no network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(Path(folder).glob("*.tar.gz" if target == "sdist" else "*.whl"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The members of the sdist, without the folder they stand in."""
    with tarfile.open(build("sdist", tmp_path_factory.mktemp("sdist"))) as packed:
        return {m.name.split("/", 1)[1] for m in packed.getmembers() if m.isfile()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, open."""
    with zipfile.ZipFile(build("wheel", tmp_path_factory.mktemp("wheel"))) as packed:
        yield packed


def test_the_sdist_is_what_git_tracks(sdist):
    assert sorted(tracked() - sdist - LEFT_OUT) == []
    assert sorted(sdist - tracked() - MADE) == []
    assert LEFT_OUT <= tracked()


def test_a_packager_finds_what_building_and_testing_takes(sdist):
    assert {
        "pyproject.toml",
        "LICENSE",
        "NOTICE",
        "README.md",
        ".ci/run",
        "action.yml",
        "benchmarks/__main__.py",
        "tests/conftest.py",
        "ontology/appropriateness.ttl",
    } <= sdist


def unlike(cited, project):
    """The fields of a citation that say something else than the project does."""
    same = {"version": "version", "license": "license", "keywords": "keywords"}
    return [name for name, other in same.items() if not agree(cited.get(name), project[other])]


def agree(cited, given):
    """Whether a citation says what the project says; of keywords, nothing that it does not."""
    return set(cited or ["?"]) <= set(given) if isinstance(given, list) else cited == given


def test_the_citation_is_of_this_release():
    """The fields that the Citation File Format 1.2.0 requires, and no other version."""
    yaml = pytest.importorskip("yaml", reason="pyyaml is not installed")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert cited["cff-version"] == "1.2.0" and cited["authors"] == [
        {"name": "The nextstudy authors"}
    ]
    assert unlike(cited, PROJECT) == []
    assert unlike({**cited, "version": "0.0.9"}, PROJECT) == ["version"]


def test_the_wheel_has_the_graph_the_questions_and_every_license(wheel):
    names = set(wheel.namelist())
    folder = next(name.split("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
    assert {
        "reasoner/data/ontology/appropriateness.ttl",
        "reasoner/data/examples/record.json",
        "reasoner/serve/static/vendor/yasgui/NOTICES",
        "reasoner/answer/answer.schema.json",
        "reasoner/py.typed",
    } <= names
    assert not {name.split("/")[0] for name in names} - {"reasoner", folder}
    kept = {name.removeprefix(f"{folder}/licenses/") for name in names if "/licenses/" in name}
    vendored = "reasoner/serve/static/vendor"
    assert {"LICENSE", "NOTICE"} | {
        str(p.relative_to(ROOT))
        for p in (ROOT / vendored).rglob("*")
        if p.name.startswith(("LICENSE", "NOTICES"))
    } == kept


def test_each_extra_that_another_names_is_there(wheel):
    metadata = wheel.read(next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA")))
    given = set(re.findall(r"^Provides-Extra: (\S+)$", metadata.decode(), re.M))
    extras = PROJECT["optional-dependencies"]
    named = {
        extra
        for needs in extras.values()
        for need in needs
        for extra in re.findall(r"[\w-]+", "".join(re.findall(r"^nextstudy\[(.*)\]$", need)))
    }
    assert named and named <= given == set(extras)


def texts():
    """The files whose words a user reads."""
    files = [
        *ROOT.glob("*.md"),
        *ROOT.glob("examples/*.md"),
        *ROOT.glob("*.yml"),
        *(ROOT / "notebooks").glob("*.ipynb"),
        *(ROOT / "benchmarks").glob("*.*"),
        *(ROOT / "docs").rglob("*.md"),
    ]
    return [
        *files,
        *(
            p
            for p in (ROOT / "reasoner").rglob("*")
            if p.suffix in (".py", ".md", ".html", ".json")
            and "data" not in p.parts
            and "vendor" not in p.parts
        ),
    ]


@pytest.mark.parametrize("path", texts(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_names_a_package_that_no_index_has(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"nextstudy\[|(?i:pip install[^\n|&]* nextstudy\b)", text)
    for extras in re.findall(r"pip install '\.\[([\w,-]+)\]'", text):
        assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])


def test_every_text_that_tells_an_extra_is_looked_at():
    assert ROOT / "README.md" in texts() and ROOT / "reasoner" / "errors.py" in texts()
    assert ROOT / "notebooks" / "01-ask.ipynb" in texts()
