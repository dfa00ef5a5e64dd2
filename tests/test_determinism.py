"""The same record gives the same bytes, whatever Python's hash seed, and the order of the entries
of a bundle does not matter.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import CASES, ROOT

from reasoner.answer.render import FORMATS
from reasoner.intake import read

BUNDLES = [
    name
    for name, path in CASES.items()
    if path.suffix == ".json" and len(json.loads(path.read_text()).get("entry", ())) > 2
]
DIGEST = """
import hashlib, json, sys
from pathlib import Path
from reasoner.api import Reasoner
from reasoner.answer.render import FORMATS
from reasoner.intake import read
reasoner, digests = Reasoner(), {}
for name in sys.argv[1:]:
    reply = reasoner.reply(Path(name).read_bytes())
    for form, render in FORMATS.items():
        shown = render(reply, True)
        shown = shown if isinstance(shown, bytes) else shown.encode()
        digests[f"{name} {form}"] = hashlib.sha256(shown).hexdigest()
print(json.dumps(digests))
"""


def digests(seed):
    """The digests of every case in every format, proofs included, in a process of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", DIGEST, *map(str, CASES.values())],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


def test_the_hash_seed_changes_no_byte_of_any_format():
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(digests, ["0", "1"])
    assert len(one) == len(FORMATS) * len(CASES)
    assert sorted(key for key in one if one[key] != other[key]) == []


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", FORMATS)
def test_asking_again_changes_no_byte(form, case, reasoner, replies):
    assert FORMATS[form](reasoner.reply(CASES[case].read_bytes()), True) == FORMATS[form](
        replies[case], True
    )


def unordered(answer):
    """An answer with its notes and presentations in an order of their own; notes without the place
    in the bundle.
    """

    def place(text):
        return "".join(c for c in text if not c.isdigit())

    notes = sorted(
        json.dumps({**note, "message": place(note["message"]), "about": place(note["about"])})
        for note in answer["notes"]
    )
    return {
        **answer,
        "notes": notes,
        "presentations": sorted(answer["presentations"], key=lambda p: p["id"]),
    }


@pytest.mark.parametrize(
    "turned",
    [
        lambda entries: entries[::-1],
        lambda entries: entries[1:] + entries[:1],
        lambda entries: entries[::2] + entries[1::2],
    ],
    ids=["reversed", "rotated", "riffled"],
)
@pytest.mark.parametrize("case", BUNDLES)
def test_the_order_of_entries_changes_only_the_order_of_notes_and_presentations(
    case, turned, reasoner, replies
):
    document = json.loads(CASES[case].read_text())
    answer = reasoner.ask({**document, "entry": turned(document["entry"])})
    assert unordered(answer) == unordered(replies[case].answer)


def test_a_record_states_nothing_whose_name_differs_between_runs(reasoner):
    """Oxigraph names blank nodes anew each time that the graph is loaded."""
    nameless = [
        (name, statement)
        for name, path in CASES.items()
        for statement in read(reasoner.knowledge, path.read_bytes()).statements
        if any(isinstance(term, str) and term.startswith("_:") for term in statement)
    ]
    assert nameless == []
