"""Each command line of README.md is run as it is written, in a copy, or is listed with the reason
why it is not. Those that test_examples.py runs are not run twice.
"""

import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest
from conftest import ROOT
from installed import environment
from test_examples import COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM = re.compile(r"(?:nextstudy|pip|curl|pre-commit|jupyter|python|[A-Z_]+=\S+ pip)\b.*")
INSTALL = re.compile(r"^pip install \S+(?: \w+)? && ")  # what the tests run in has it already
NOT_RUN = {  # by how they begin
    "pytest": "these tests",
    "jupyter lab": "test_notebooks.py runs the notebooks",
    "pre-commit try-repo": "takes a package index; test_validate.py runs the hooks",
    "HATCH_BUILD_HOOK_ENABLE_MYPYC=1": "takes a compiler; test_compiled.py builds it",
    "nextstudy serve --base-url https://": "takes the keys of an issuer; test_serve_tokens.py",
    "nextstudy diff HEAD ontology": "takes a repository; test_diff.py",
    "nextstudy synth 10000": "takes minutes, as the cohort of it; test_synth.py, test_cohort.py",
    "nextstudy cohort export": "takes the 10,000 patients of the line before",
    "nextstudy validate path/to/checkout": "names a checkout of the reader's",
    "nextstudy ask": "test_text.py compares what the first example prints",
}
IN_BACKGROUND = "nextstudy serve"


def command_lines(text):
    """The command lines of the code blocks of a page, without remarks and installation."""
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    written = [line for line in lines if PROGRAM.fullmatch(line)]
    commands = [INSTALL.sub("", line.split("  #")[0].strip()) for line in written]
    return [line for line in dict.fromkeys(commands) if not line.startswith("pip install ")]


def reason_not_run(line):
    """Why a command line is not run, or nothing; `nextstudy ask` alone, not what begins with it."""
    if line == "nextstudy ask":
        return NOT_RUN[line]
    starts = [start for start in NOT_RUN if start != "nextstudy ask" and line.startswith(start)]
    return NOT_RUN[starts[0]] if starts else None


LINES = command_lines(README)
ELSEWHERE = {f"nextstudy {command}" for command in COMMANDS}
REQUESTS = [line for line in LINES if line.startswith("curl ")]
HERE = [
    line
    for line in LINES
    if line not in {*ELSEWHERE, *REQUESTS, IN_BACKGROUND} and not reason_not_run(line)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of what the commands of the README read."""
    copy = tmp_path_factory.mktemp("readme") / "checkout"
    for name in ("examples", "ontology", "queries"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copytree(ROOT / "tests" / "cases", copy / "tests" / "cases")
    return copy


def shell(line, folder, packages):
    """Runs a line in a shell in which the installed program is the command."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=environment(packages),
        capture_output=True,
        text=True,
        timeout=300,
    )


@contextmanager
def running(packages, folder, port):
    """The service of the README, in the background, until the block ends."""
    script = packages.parent.parent / "bin" / "nextstudy"
    command = [script, *IN_BACKGROUND.split()[1:]]
    with open(folder / "serve.log", "wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment(packages), stdout=log, stderr=log
        )
    try:
        for _ in range(600):
            assert process.poll() is None, (folder / "serve.log").read_text()
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("line", HERE)
def test_a_command_runs_as_it_is_written(folder, packages, line):
    done = shell(line, folder, packages)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout + done.stderr


def test_the_service_answers_the_requests_as_they_are_written(folder, packages):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    ports = {int(port) for line in REQUESTS for port in re.findall(r"localhost:(\d+)/", line)}
    (port,) = ports
    with socket.socket() as tried:
        if tried.connect_ex(("127.0.0.1", port)) == 0:
            pytest.skip(f"something else listens on port {port}")
    with running(packages, folder, port):
        for line in REQUESTS:
            done = shell(line.replace("curl ", "curl -sSf ", 1), folder, packages)
            assert done.returncode == 0 and '"cards":[{' in done.stdout, done.stdout + done.stderr


def test_every_line_is_run_or_has_a_reason_that_is_needed():
    assert HERE and REQUESTS and IN_BACKGROUND in LINES
    assert ELSEWHERE & set(LINES)
    for start in NOT_RUN:
        assert any(line.startswith(start) for line in LINES), f"{start} is not in README.md"


def test_a_line_that_the_readme_gets_is_run():
    text = "Words.\n\n    pip install '.[docs]' && nextstudy docs a    # pages\n    SELECT 1\n"
    assert command_lines(text) == ["nextstudy docs a"]
    assert reason_not_run("nextstudy docs a") is None
