"""What a stranger sends is refused, answered or ended in time, and nobody else notices."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

httpx = pytest.importorskip("httpx")
pytest.importorskip("uvicorn")
import hostile_doors  # noqa: E402
from hostile_doors import CHUNKED, CONNECTIONS, DOORS, HEAD, conditions, flood, post  # noqa: E402
from serving import service  # noqa: E402

BUDGET = 3.0
ATTACKS = {
    f"{kind.lower()}: {name}": attack
    for kind, attacks in DOORS.items()
    for name, attack in attacks.items()
}
FAIR = {200, 400, 413, 415, 431, 503, "closed"}


@pytest.fixture(scope="module")
def served():
    """A service with a short budget."""
    flags = ["--answer-seconds", str(BUDGET), "--query-seconds", "1.5", "--connections", "200"]
    with service(*flags) as found:
        yield found


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_answered_and_harms_nobody(served, name):
    assert ATTACKS[name](served) in FAIR
    assert hostile_doors.healthy(served, 0.2) and served.process.poll() is None


def test_without_a_bound_an_endless_header_is_read_on_and_on():
    start = b"GET /health HTTP/1.1\r\n" + HEAD + b"X: "
    unbound = "import reasoner.serve.connections as c; c.HEAD_BYTES, c.HEAD_SECONDS = 10**12, 2.0"
    with service(first=unbound) as found:
        assert flood(found, start, 3) == "closed"
    with service() as found:
        assert flood(found, start, 3) == 431


def test_an_answer_that_takes_too_long_is_ended_and_others_are_answered(served):
    with ThreadPoolExecutor(4) as threads:
        slow = [threads.submit(post, served, conditions(400), "/drop") for _ in range(3)]
        time.sleep(0.3)
        assert [post(served, conditions(1)) for _ in range(20)] == [200] * 20
        assert {one.result() for one in slow} <= {200, 503}


def test_an_early_answer_is_not_lost_in_a_reset(served):
    assert [CONNECTIONS["too large a body"](served) for _ in range(5)] == [413] * 5


def test_a_client_that_waits_for_100_continue_gets_it(served):
    with hostile_doors.connect(served) as one:
        one.sendall(
            b"POST /api/answer HTTP/1.1\r\n"
            + HEAD
            + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert one.recv(100).startswith(b"HTTP/1.1 100 ")
        one.sendall(b"{}")
        assert b"400" in one.recv(100)


def test_requests_that_come_together_are_answered_in_turn(served):
    with hostile_doors.connect(served) as one:
        one.sendall((b"GET /health HTTP/1.1\r\n" + HEAD + b"\r\n") * 50)
        told, end = b"", time.monotonic() + 20
        while told.count(b"200 OK") < 50 and time.monotonic() < end:
            told += one.recv(1 << 16)
    assert told.count(b"200 OK") == 50


def test_a_chunked_body_is_read_whatever_its_parts(served):
    body = conditions(1)
    parts = b"".join(
        b"%x\r\n%s\r\n" % (len(body[i : i + 100]), body[i : i + 100])
        for i in range(0, len(body), 100)
    )
    with hostile_doors.connect(served) as one:
        one.sendall(
            CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + parts + b"0\r\n\r\n"
        )
        told = b""
        while part := one.recv(1 << 16):
            told += part
    assert told.startswith(b"HTTP/1.1 200") and b"presentations" in told
