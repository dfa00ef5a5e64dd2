"""What the tests share: the knowledge, loaded once, and every case there is."""

import os
import sys
from itertools import groupby
from pathlib import Path

import pytest
from fast import PARTS, WHOLE, is_fast, is_sampled
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):  # of the terminal that runs the tests
    os.environ.pop(name, None)
os.environ["NEXTSTUDY_RATINGS"] = "none"  # whatever the user who runs the tests has imported
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("steady")
FOLDERS = [*sorted((ROOT / "tests" / "cases").glob("*")), ROOT.parent / "shared" / "cases"]
CASES = {
    f"{folder.name}/{path.stem}": path
    for folder in FOLDERS
    for path in sorted(folder.glob("should-*.*"))
    if path.suffix in (".json", ".ttl", ".ndjson") and not path.stem.endswith(".expected")
}
CASES["example"] = ROOT / "examples" / "record.json"


def pytest_configure(config):
    """Refuses to test a checkout with compiled modules in it, which would be tested in place of the
    source beside them.
    """
    if found := sorted(
        path.name for pattern in ("*.so", "*.pyd") for path in (ROOT / "reasoner").rglob(pattern)
    ):
        raise pytest.UsageError(
            f"compiled modules lie in the checkout ({found[0]} and {len(found) - 1} more); "
            "remove them with: git clean -fX reasoner"
        )


def pytest_ignore_collect(collection_path, config):
    """Leaves out the files without a fast test when only those are asked for: half the time."""
    if config.getoption("markexpr") == "fast" and collection_path.name.startswith("test_"):
        return collection_path.stem.removeprefix("test_") not in {*WHOLE, *PARTS} or None
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector, name):
    """Makes no cases of the functions without a fast one when only those are asked for."""
    if collector.config.getoption("markexpr") == "fast" and name.startswith("test_"):
        return None if is_fast(file_of(collector), name) else []
    return None


def pytest_collection_modifyitems(items):
    """Marks the tests that `pytest -m fast` runs."""
    for (file, function), cases in groupby(items, lambda item: (file_of(item), function_of(item))):
        cases = list(cases)
        for place, item in enumerate(cases):
            if is_fast(file, function) and is_sampled(place, len(cases)):
                item.add_marker("fast")


def file_of(node):
    """The name of the file of a test, without `test_` and `.py`."""
    return node.path.stem.removeprefix("test_")


def function_of(item):
    """The name of the function of a test, without its case."""
    return getattr(item, "originalname", None) or item.name


@pytest.fixture(scope="session")
def reasoner():
    """The reasoner on the graph of this checkout."""
    from reasoner.api import Reasoner

    return Reasoner()


@pytest.fixture(scope="session")
def client():
    """A client of the service as it stands without settings, in one event loop."""
    from fastapi.testclient import TestClient

    from reasoner.serve import Settings, create_app

    with TestClient(create_app(Settings())) as opened:
        yield opened


@pytest.fixture(scope="session")
def replies(reasoner):
    """The reply to every case, by its name."""
    return {name: reasoner.reply(path.read_bytes()) for name, path in CASES.items()}


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The site-packages of the program, installed and not editable."""
    from installed import install

    return install(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def copy(tmp_path):
    """A checkout of its own."""
    from installed import checkout

    return checkout(tmp_path / "checkout")
