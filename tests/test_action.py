"""The action and the hooks, run as their hosts run them, on sound and on broken checkouts.

The program is installed, as it is there, so that its own graph is another than the one to check.
"""

import json
import re
import shlex
import shutil
import subprocess

import pytest
import yaml
from conftest import ROOT
from installed import environment, run

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
GIVEN = re.compile(r"\$\{\{\s*inputs\.([\w-]+)\s*\}\}")
TABLE = "ontology/topics/soft-tissue-masses/ratings.csv"
TOPIC = "ontology/topics/soft-tissue-masses/topic.ttl"


def replaced(path, old, new):
    """Replaces the first occurrence of a text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def sound(copy):
    """A checkout as it is."""


def undefined(copy):
    """A term without a definition."""
    replaced(copy / TOPIC, "skos:definition", "skos:note")


def unbuilt(copy):
    """A changed rating that was not built."""
    replaced(copy / TABLE, ",usually-appropriate,", ",usually-not-appropriate,")


def misspelt(copy):
    """A category that there is none of."""
    replaced(copy / TABLE, ",usually-appropriate,", ",usualy-appropriate,")


def nothing(copy):
    """A folder without an ontology."""
    for path in (copy / "ontology").rglob("*"):
        path.unlink() if path.is_file() else None


STATES = {sound: (0, ""), undefined: (1, TOPIC), unbuilt: (1, TABLE), misspelt: (1, TABLE)}
STATES[nothing] = (2, "there is no checkout")


def act(packages, folder, temporary, **inputs):
    """Runs the steps of the action after Install in a folder: exit code, what is printed, files."""
    values = {name: str(given["default"]) for name, given in ACTION["inputs"].items()} | inputs
    files = {name: temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    temporary.mkdir()
    for path in files.values():
        path.write_text("")
    (step,) = (step for step in ACTION["runs"]["steps"] if step.get("id") == "validate")
    assert step["shell"] == "bash"
    given = {name: GIVEN.sub(lambda m: values[m[1]], text) for name, text in step["env"].items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={
            **environment(packages),
            **given,
            **{name: str(path) for name, path in files.items()},
            "RUNNER_TEMP": str(temporary),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    summary, said = (files[name].read_text() for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"))
    return done.returncode, done.stdout + done.stderr, summary, said


def test_the_steps_are_those_that_are_played_here():
    steps = ACTION["runs"]["steps"]
    assert [s.get("id") or s.get("name") or s["uses"].split("@")[0] for s in steps] == [
        "actions/setup-python",
        "Install",
        "validate",
    ]
    assert steps[1]["run"] == 'python -m pip install --quiet "$HERE"'
    assert steps[1]["env"] == {"HERE": "${{ github.action_path }}"}
    assert ACTION["inputs"]["paths"]["default"] == ""


@pytest.mark.parametrize("state", STATES)
def test_the_action_checks_the_checkout_it_runs_in(packages, copy, tmp_path, state):
    code, words = STATES[state]
    state(copy)
    done, told, summary, said = act(packages, copy, tmp_path / "runner")
    assert bool(done) is bool(code) and words in told, told
    if code < 2:
        assert summary.startswith("**") and (words or "0 violations") in summary
        report = json.loads((tmp_path / "runner" / "nextstudy.sarif").read_text())
        errors = [r for r in report["runs"][0]["results"] if r["level"] == "error"]
        assert bool(errors) is bool(code)
        assert said == f"sarif={tmp_path / 'runner' / 'nextstudy.sarif'}\n"


def test_the_action_takes_paths_and_a_severity(packages, copy, tmp_path):
    undefined(copy)
    twin = ROOT / "tests" / "broken" / "finding-has-site.ttl"
    inputs = {"paths": f"{ROOT / 'ontology'} {twin}", "fail-on": "info"}
    assert act(packages, copy, tmp_path / "strict", **inputs)[0] == 1
    inputs["fail-on"] = "violation"
    assert act(packages, copy, tmp_path / "lenient", **inputs)[0] == 0


def hook(packages, copy, name):
    """Runs a hook as pre-commit does for a commit of every file: exit code, what is printed.

    Nothing is run where no file of the commit concerns the hook.
    """
    (given,) = (hook for hook in HOOKS if hook["id"] == name)
    listed = sorted(str(p.relative_to(copy)) for p in copy.rglob("*") if p.is_file())
    concerned = [
        path
        for path in listed
        if re.search(given["files"], path)
        and not ("exclude" in given and re.search(given["exclude"], path))
    ]
    assert concerned, "the hook would not run"
    program, *words = shlex.split(given["entry"])
    assert program == "nextstudy"
    files = concerned if given.get("pass_filenames", True) else []
    code, out, err = run(packages, copy, *words, *files)
    return code, out + err


@pytest.mark.parametrize("state", STATES)
def test_the_hook_checks_the_checkout_it_runs_in(packages, copy, state):
    code, words = STATES[state]
    state(copy)
    (copy / "patient.ttl").write_text("")
    done, told = hook(packages, copy, "nextstudy-validate")
    assert done == code and words in told, told


@pytest.mark.parametrize("spoilt", [False, True])
def test_the_hook_for_files_checks_those_of_the_commit(packages, copy, spoilt):
    cases, twins = (ROOT / "tests" / name for name in ("cases/soft-tissue-masses", "broken"))
    patient = twins / "orderable-has-region.ttl" if spoilt else next(iter(cases.glob("*.ttl")))
    (copy / "patients").mkdir()
    shutil.copy(patient, copy / "patients" / "p.ttl")
    code, told = hook(packages, copy, "nextstudy-validate-files")
    assert code == spoilt and ("patients/p.ttl" in told) is spoilt
