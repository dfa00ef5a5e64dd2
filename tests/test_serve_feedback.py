"""Feedback: about cards that were sent, from who may send it, in a file that stays whole."""

import json
import logging
import os
import uuid

import pytest
from bundles import inconclusive
from hook_requests import SELECT, draft, hook

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from fastapi.testclient import TestClient  # noqa: E402

from reasoner.errors import InputError  # noqa: E402
from reasoner.names import IA  # noqa: E402
from reasoner.serve import Settings, create_app  # noqa: E402
from reasoner.serve.cds_hooks.feedback import MOST, Sent, ids_of, of_cards_sent  # noqa: E402
from reasoner.serve.cds_hooks.feedback_file import FeedbackFile, append  # noqa: E402
from reasoner.serve.problems import Problem  # noqa: E402

FEEDBACK = SELECT + "/feedback"
EHR = "https://ehr.example.org"
CARD = "86f886c1-d2e9-4c5e-9d2f-0f3d1c9be555"
ROW = {"card": CARD, "outcome": "accepted"}


def feedback(card: str, **more) -> dict:
    """One piece of feedback."""
    moment = "2026-11-22T10:05:31.123+01:00"
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": moment, **more}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the service keeps feedback."""
    return tmp_path_factory.mktemp("kept") / "feedback.ndjson"


@pytest.fixture(scope="module")
def running(kept):
    """A service that keeps feedback, from pages of one other origin too."""
    with TestClient(create_app(Settings(feedback=kept, origins=EHR))) as opened:
        yield opened


@pytest.fixture
def path(kept):
    """Where feedback is kept; nothing is yet."""
    kept.unlink(missing_ok=True)
    return kept


@pytest.fixture
def service(running, path):
    """The service, which has kept nothing yet."""
    return running


def sent_card(service) -> dict:
    """A card that the service has sent."""
    return service.post(SELECT, json=hook(draft(), record=inconclusive())).json()["cards"][0]


def test_feedback_is_kept_without_patient_data(service, path):
    card = sent_card(service)
    mine, suggestion = card["uuid"], card["suggestions"][0]["uuid"]
    accepted = [{"id": suggestion}, {"id": "Jane Doe"}, {"id": str(uuid.uuid4())}]
    reason = {"code": "patient-declines", "system": IA + "override-reason", "display": "Jane Doe"}
    sent = {
        "feedback": [
            feedback(mine, outcome="accepted", acceptedSuggestions=accepted, patient="Jane Doe"),
            feedback(mine, overrideReason={"reason": reason, "userComment": "Jane Doe, 555-1234"}),
            feedback(
                mine, overrideReason={"reason": {"code": "MRN12345"}}, outcomeTimestamp="Jane Doe"
            ),
        ]
    }
    assert service.post(FEEDBACK, json=sent).json() == {"received": 3, "kept": 3, "unknown": 0}
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert rows[0] == {
        "service": "imaging-order-select",
        "version": "0.1.0",
        "card": mine,
        "outcome": "accepted",
        "acceptedSuggestions": [suggestion],
        "outcomeTimestamp": "2026-11-22T09:05:31Z",
    }
    assert [r.get("overrideReason") for r in rows] == [
        None,
        "patient-declines",
        "not of this service",
    ]
    assert not any(word in path.read_text() for word in ("Jane", "555", "MRN"))
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        {"feedback": []},
        {"feedback": [{"card": "Jane Doe", "outcome": "accepted"}]},
        {"feedback": [feedback(CARD, outcome="thrown away")]},
        {"feedback": [1]},
        {"feedback": [feedback(CARD)] * (MOST + 1)},
    ],
    ids=lambda w: str(w)[:40],
)
def test_what_is_no_feedback_is_refused(service, path, wrong):
    response = service.post(FEEDBACK, json=wrong)
    assert response.status_code == 400 and "Send" in response.json()["detail"]
    assert not path.exists()


def test_a_key_that_stands_twice_is_refused(service):
    body = '{"feedback": [{"card": "%s", "outcome": "accepted", "outcome": "overridden"}]}'
    said = service.post(
        FEEDBACK,
        content=body % uuid.uuid4(),
        headers={"Content-Type": "application/json"},
    )
    assert said.status_code == 400 and 'the key "outcome" stands twice' in said.json()["detail"]


def test_feedback_of_cards_that_were_not_sent_is_counted_and_not_kept(service, path):
    mine = sent_card(service)["uuid"]
    sent = {"feedback": [feedback(str(uuid.uuid4())), feedback(mine.upper())]}
    assert service.post(FEEDBACK, json=sent).json() == {"received": 2, "kept": 1, "unknown": 1}
    assert [json.loads(line)["card"] for line in path.read_text().splitlines()] == [mine]


def test_feedback_is_not_kept_unless_asked_for(client):
    response = client.post(SELECT, json=hook(draft(), record=inconclusive()))
    assert not any("cards" in name for name in response.headers)
    sent = {"feedback": [feedback(response.json()["cards"][0]["uuid"])]}
    assert client.post(FEEDBACK, json=sent).json() == {"received": 1, "kept": 0}


def test_the_newest_cards_are_remembered():
    sent = Sent(most=3)
    names = [str(uuid.uuid4()) for _ in range(5)]
    sent.note(ids_of({"cards": [{"uuid": name} for name in names[:3]]}))
    sent.note(ids_of({"cards": [{"uuid": names[0]}, {"uuid": names[3]}]}))
    assert len(sent) == 3
    kept = of_cards_sent([{**ROW, "card": name} for name in names], sent)
    assert [row["card"] for row in kept] == [names[0], names[2], names[3]]


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "text/plain;application/json", "application/x-www-form-urlencoded", ""],
)
def test_what_a_page_can_send_without_being_allowed_to_is_refused(service, path, kind):
    body = json.dumps({"feedback": [feedback(sent_card(service)["uuid"])]})
    said = service.post(FEEDBACK, content=body, headers={"Content-Type": kind})
    assert said.status_code == 415 and "application/json" in said.json()["detail"]
    assert not path.exists()
    told = {"Content-Type": "application/json; charset=utf-8"}
    assert service.post(FEEDBACK, content=body, headers=told).json()["kept"] == 1


def preflight(origin: str) -> dict:
    """The headers of a preflight from a page."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,authorization",
    }


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://testserver.evil.example", f"{EHR}:444"]
)
def test_pages_of_other_origins_send_no_feedback(service, path, origin):
    sent = {"feedback": [feedback(sent_card(service)["uuid"])]}
    for door in (FEEDBACK, FEEDBACK + "/", "/cds-services/no-such/feedback"):
        asked = service.options(door, headers=preflight(origin))
        said = service.post(door, json=sent, headers={"Origin": origin})
        for response in (asked, said):
            assert response.status_code == 403
            assert response.headers["content-type"] == "application/problem+json"
            assert "access-control-allow-origin" not in response.headers
    assert not path.exists()
    assert service.options(SELECT, headers=preflight(origin)).status_code == 200  # which reads


@pytest.mark.parametrize("origin", [EHR, "http://testserver"])
def test_pages_that_may_send_feedback(service, origin):
    sent = {"feedback": [feedback(sent_card(service)["uuid"])]}
    said = service.post(FEEDBACK, json=sent, headers={"Origin": origin})
    assert said.json()["kept"] == 1
    if origin == EHR:
        asked = service.options(FEEDBACK, headers=preflight(origin))
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == origin
        assert said.headers["access-control-allow-origin"] == origin


def test_pages_of_the_base_url_may_send_feedback(path):
    given = Settings(feedback=path, base_url="https://cds.example.org/nextstudy")
    with TestClient(create_app(given)) as service:
        sent = {"feedback": [feedback(sent_card(service)["uuid"])]}
        said = service.post(FEEDBACK, json=sent, headers={"Origin": "https://cds.example.org"})
        assert said.json()["kept"] == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_said_and_logged_once(caplog):
    from pathlib import Path

    given = Settings(feedback=Path("/dev/full"))
    with (
        TestClient(create_app(given)) as service,
        caplog.at_level(logging.ERROR, logger="nextstudy.feedback"),
    ):
        sent = {"feedback": [feedback(sent_card(service)["uuid"])]}
        for _ in range(3):
            said = service.post(FEEDBACK, json=sent)
            assert said.status_code == 503 and "nothing was kept" in said.json()["detail"]
    assert [r.name for r in caplog.records].count("nextstudy.feedback") == 1


def test_a_file_that_is_full_keeps_what_it_has(path, caplog):
    file = FeedbackFile(path, 1 / 1024)
    line = len(json.dumps(ROW, separators=(",", ":"))) + 1
    with caplog.at_level(logging.ERROR, logger="nextstudy.feedback"):
        for _ in range(1024 // line):
            assert file.keep([ROW]) == 1
        for _ in range(2):
            with pytest.raises(Problem) as full:
                file.keep([ROW])
            assert full.value.status == 507 and "feedback_megabytes" in full.value.detail
    assert len(caplog.records) == 1
    assert path.stat().st_size == 1024 // line * line


def test_a_torn_line_swallows_no_other(path):
    path.write_bytes(b'{"card":"torn')
    FeedbackFile(path, 1).keep([ROW, ROW])
    lines = path.read_bytes().split(b"\n")
    assert lines[0] == b'{"card":"torn' and lines[3] == b""
    assert [json.loads(line) for line in lines[1:3]] == [ROW, ROW]


def test_what_is_written_in_part_is_taken_back(path, monkeypatch):
    """A disk that is full in the middle of a line."""
    FeedbackFile(path, 1).keep([ROW])
    before, write, calls = path.read_bytes(), os.write, []

    def torn(handle, data):
        calls.append(1)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return write(handle, bytes(data)[:10])

    monkeypatch.setattr(os, "write", torn)
    with pytest.raises(Problem):
        FeedbackFile(path, 1).keep([ROW])
    monkeypatch.undo()
    assert len(calls) == 2 and path.read_bytes() == before
    append(path, b"{}\n", 1 << 20)
    assert path.read_bytes() == before + b"{}\n"


def test_a_path_that_can_be_no_file_stops_the_start(tmp_path):
    for wrong in (tmp_path, tmp_path / "no-such-folder" / "feedback.ndjson"):
        with pytest.raises(InputError, match="cannot be kept there"):
            create_app(Settings(feedback=wrong))
