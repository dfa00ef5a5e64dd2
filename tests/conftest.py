"""What the tests share: the knowledge, loaded once, and every case there is."""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
settings.register_profile("steady", derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
settings.load_profile("steady")
FOLDERS = [*sorted((ROOT / "tests" / "cases").glob("*")), ROOT.parent / "shared" / "cases"]
CASES = {f"{folder.name}/{path.stem}": path for folder in FOLDERS for path in sorted(folder.glob("should-*.*"))
         if path.suffix in (".json", ".ttl", ".ndjson") and not path.stem.endswith(".expected")}
CASES["example"] = ROOT / "reasoner" / "example.json"


@pytest.fixture(scope="session")
def reasoner():
    """The reasoner on the graph of this checkout."""
    from reasoner.ask import Reasoner
    return Reasoner()


@pytest.fixture(scope="session")
def replies(reasoner):
    """The reply to every case, by its name."""
    return {name: reasoner.reply(path.read_bytes()) for name, path in CASES.items()}
