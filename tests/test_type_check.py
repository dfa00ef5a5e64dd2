"""The check of types compares each module with the errors it may have, and hides none."""

import runpy
from collections import Counter

from conftest import ROOT

TYPES = runpy.run_path(str(ROOT / ".ci" / "types"))
REPORT = """reasoner/api.py:34: error: Missing a type annotation  [no-untyped-def]
reasoner/api.py:41: note: a note is no error
reasoner/graph/__init__.py:2:9: error: Name "x" is not defined: error: twice  [name-defined]
"""


def test_the_errors_of_a_module_are_counted():
    assert TYPES["count_errors"](REPORT) == {"reasoner.api": 1, "reasoner.graph": 1}


def test_more_errors_and_fewer_are_both_seen():
    errors, allowed = (
        Counter({"new": 1, "worse": 3, "same": 2}),
        Counter({"better": 1, "worse": 2, "same": 2}),
    )
    worse, better = TYPES["differences"](errors, allowed)
    assert [line.split(":")[0] for line in worse] == ["new", "worse"]
    assert [line.split(":")[0] for line in better] == ["better"]
    assert TYPES["differences"](errors, errors) == ([], [])


def test_each_module_of_the_table_is_there_and_has_errors():
    table = TYPES["read_table"]()
    files = [ROOT / name.replace(".", "/") for name in table]
    assert [f for f in files if not (f.with_suffix(".py").exists() or f.is_dir())] == []
    assert all(number > 0 for number in table.values())
