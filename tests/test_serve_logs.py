"""The log holds nothing of a request: names, numbers and tokens are sent at every door, also
broken, hostile and too large, and looked for.

CI sends 1,200 requests; `benchmarks/logs.py` sends 10,000.
"""

import json

import pytest

pytest.importorskip("httpx")
pytest.importorskip("uvicorn")
pytest.importorskip("jwt", reason="PyJWT is not installed")
from seeded import BROKEN, sender  # noqa: E402

ROUTES = {
    "sparql",
    "unmatched",
    "/",
    "/terms/{name}",
    "/scenarios/{name}",
    "/search",
    "/patient",
    "/patient/answer",
    "/drop",
    "/query",
    "/static/{name:path}",
    "/health",
    "/api/answer",
    "/api/terms",
    "/api/scenarios",
    "/api/scenarios/{id}",
    "/cds-services",
    "/cds-services/{service}",
    "/cds-services/{service}/feedback",
}
TWINS = {
    "the path instead of the route": (
        "from reasoner.serve import logs\nlogs.route = lambda scope: scope['path']"
    ),
    "the message of an error": BROKEN
    + (
        "from reasoner.serve import logs\nformat = logs.Lines.format\n"
        "logs.Lines.format = lambda self, r: format(self, r) + str((r.exc_info or ['', ''])[1])"
    ),
    "the headers": (
        "from reasoner.serve import logs\nlogs.route = lambda scope: str(scope['headers'])"
    ),
}


def test_the_log_holds_nothing_of_a_request(tmp_path):
    with sender(tmp_path) as sent:
        sent.send_all(1200)
        lines = [json.loads(line) for line in sent.found.logged().splitlines()]
        assert sent.leaked() == [] and sent.found.client.get("/health").status_code == 200
    assert {line["route"] for line in lines if "route" in line} == ROUTES
    assert {200, 400, 401, 403, 404, 405, 413, 421, 422, 499, 500, 503} <= {
        line.get("status") for line in lines
    } and {line.get("error") for line in lines} == {None, "ValueError", "OSError"}


@pytest.mark.parametrize("twin", TWINS)
def test_a_log_that_holds_more_would_be_seen(tmp_path, twin):
    with sender(tmp_path, first=TWINS[twin]) as sent:
        sent.send_all(120)
        assert sent.leaked()
