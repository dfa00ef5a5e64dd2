"""The benchmark of slips in the graph sees what is caught and what is not; each slip applies."""

import shutil
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import graph_mutations  # noqa: E402
from graph_edits import VOCABULARY, Unfit, row, term, text  # noqa: E402
from graph_slips import SLIPS, SOUND  # noqa: E402

ONTOLOGY = ROOT / "ontology"
EDITS = {name: steps for edits in (*SLIPS.values(), SOUND) for name, steps in edits.items()}


@pytest.fixture
def copy(tmp_path):
    """A copy of the ontology folder that an edit may spoil."""
    return shutil.copytree(ONTOLOGY, tmp_path / "ontology")


def test_there_are_many_slips_of_many_kinds_each_with_a_name_of_its_own():
    assert len(EDITS) == sum(map(len, SLIPS.values())) + len(SOUND)
    assert len(EDITS) - len(SOUND) >= 48 and len(SLIPS) >= 13 and len(SOUND) >= 10


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_applies_and_changes_something(copy, name):
    for step in EDITS[name]:
        step(copy)
    changed = [
        p
        for p in copy.rglob("*.*")
        if p.read_bytes() != (ONTOLOGY / p.relative_to(copy)).read_bytes()
    ]
    assert changed


@pytest.mark.parametrize(
    "step",
    [
        text("tables/hazards.csv", "no such words", ""),
        term(VOCABULARY, "Thigh", "a", "b"),
        term(VOCABULARY, "NoSuchTerm", "a", "b"),
        row("mappings/ncit.sssom.tsv", "NCIT:C0", list),
    ],
)
def test_an_edit_that_does_not_apply_is_an_error(copy, step):
    with pytest.raises(Unfit):
        step(copy)


def test_a_slip_is_noticed_a_sound_edit_passes_and_an_unfit_one_counts_as_neither(monkeypatch):
    found = graph_mutations.outcome(("safety rule", "contraindicated mri is a caution"))
    assert found.checks == ("patient-against-assertion",) and not found.unfit
    assert not graph_mutations.outcome((graph_mutations.SOUND_KIND, "another label")).checks
    monkeypatch.setitem(SLIPS, "unfit", {"it": [term(VOCABULARY, "NoSuchTerm", "a", "b")]})
    unfit = graph_mutations.outcome(("unfit", "it"))
    assert unfit.unfit and not unfit.checks and "does not apply" in " ".join(map(str, unfit.row))
