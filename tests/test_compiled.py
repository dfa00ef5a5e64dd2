"""Compiled, the package answers every record as it does uncompiled, byte for byte, and refuses what
it refuses in the same words.
"""

import copy
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CASES
from hypothesis import given, settings
from patients import bundles

from reasoner.synth import population

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
from compiled import compiled  # noqa: E402

OUTCOMES = ROOT / "tests" / "outcomes.py"
JUNK = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "2026-13-01",
    "Patient/other",
    [],
    [None],
    [[]],
    {},
    {"coding": 5},
    {"coding": [5]},
    {"reference": 5},
    [{"reference": "Condition/none"}],
]
UNCAUGHT = (
    "TypeError",
    "AttributeError",
    "KeyError",
    "IndexError",
    "ValueError",
    "ZeroDivisionError",
    "OverflowError",
)
pytestmark = pytest.mark.skipif(
    not (shutil.which("cc") or shutil.which("gcc")), reason="there is no C compiler here"
)


def outcomes(package: Path, records: Path) -> list[str]:
    """What the package in a folder makes of records."""
    done = subprocess.run(
        [sys.executable, str(OUTCOMES), str(records)],
        cwd=records.parent,
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def spoilt(document, dice: random.Random):
    """A record with some values replaced by what does not belong there."""
    document = copy.deepcopy(document)
    for _ in range(dice.randint(1, 3)):
        holder = dice.choice(
            document if isinstance(document, list) else [e["resource"] for e in document["entry"]]
        )
        while isinstance(holder, (dict, list)) and holder:
            key = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            if not isinstance(holder[key], (dict, list)) or not holder[key] or dice.random() < 0.3:
                holder[key] = copy.deepcopy(dice.choice(JUNK))
                break
            holder = holder[key]
    return document


@pytest.fixture(scope="module")
def records(reasoner, tmp_path_factory) -> Path:
    """A file of records: the cases, synthetic and random patients, and the same with what does not
    belong there.
    """
    found = [json.loads(path.read_bytes()) for path in CASES.values() if path.suffix == ".json"]
    found += [person.resources for masses in (0.1, 1) for person in population(250, 5, masses)]

    @given(bundles(reasoner.knowledge))
    @settings(max_examples=150)
    def draw(bundle):
        found.append(bundle)

    draw()
    dice, whole = (
        random.Random(3),
        [
            d
            for d in found
            if isinstance(d, list)
            or isinstance(d.get("entry"), list)
            and all(isinstance(e, dict) and isinstance(e.get("resource"), dict) for e in d["entry"])
        ],
    )
    found += [spoilt(dice.choice(whole), dice) for _ in range(2500)]
    path = tmp_path_factory.mktemp("records") / "records.ndjson"
    path.write_text("".join(json.dumps(document) + "\n" for document in found))
    return path


def test_compiled_and_uncompiled_answers_are_the_same(records, tmp_path):
    package = compiled(tmp_path)
    (module, *plain), (built, *fast) = outcomes(ROOT, records), outcomes(package, records)
    assert module.endswith(".py") and built.endswith((".so", ".pyd")) and str(package) in built
    assert len(plain) == len(records.read_text().splitlines()) > 3000
    assert [line for line in plain if line.startswith(UNCAUGHT)] == []
    assert [(one, other) for one, other in zip(plain, fast, strict=True) if one != other] == []


def test_another_answer_would_be_seen(records, tmp_path):
    shutil.copytree(
        ROOT / "reasoner", tmp_path / "reasoner", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("ontology", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    changed = tmp_path / "reasoner" / "intake" / "concepts.py"
    changed.write_text(changed.read_text().replace("text is not interpreted", "text is nothing"))
    (some := tmp_path / "some.ndjson").write_text(
        "".join(records.read_text().splitlines(keepends=True)[-200:])
    )
    (_, *plain), (_, *other) = outcomes(ROOT, some), outcomes(tmp_path, some)
    assert (
        len(plain) == len(other) == 200
        and 0 < sum(one != two for one, two in zip(plain, other, strict=True)) < 200
    )
