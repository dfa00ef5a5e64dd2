"""What a stranger may do to the service by heads, bodies, connections and records.

Each attack is a function of a running service; it gives what came back, in a word or a number.
"""

import contextlib
import json
import socket
import threading
import time

import httpx

MEGABYTE = b"a" * (1 << 20)
HEAD = b"Host: localhost\r\n"
JSON = {"Content-Type": "application/json"}


def connect(found):
    """A connection of its own."""
    return socket.create_connection(("127.0.0.1", found.port), timeout=20)


def flood(found, start, megabytes=300):
    """The status of what is answered to a request that goes on and on."""
    with connect(found) as one:
        with contextlib.suppress(OSError):
            one.sendall(start)
            for _ in range(megabytes):
                one.sendall(MEGABYTE)
        return status(one)


def status(one):
    """The status in what comes back, or that there is none."""
    try:
        told = one.recv(200)
    except OSError:
        return "closed"
    return int(told.split()[1]) if told else "closed"


def hold(found, number, start):
    """The status of a proper request while so many others are begun and never ended."""
    held = []
    try:
        for _ in range(number):
            one = connect(found)
            one.sendall(start)
            held.append(one)
        return post(found, b"{}")
    finally:
        for one in held:
            one.close()


def post(found, body, door="/api/answer", **headers):
    """The status of a POST in a connection of its own."""
    kind = {"Content-Type": headers.pop("kind", "application/fhir+json"), **headers}
    return httpx.post(found.address + door, content=body, headers=kind, timeout=60).status_code


def once(found, sent):
    """The status of what is answered to some bytes."""
    with connect(found) as one:
        with contextlib.suppress(OSError):
            one.sendall(sent)
        return status(one)


def multipart(body):
    """A multipart form sent to the page for records."""
    return lambda found: post(found, body, "/drop", kind="multipart/form-data; boundary=x")


def nested(opening, closing, number, inner=b"1"):
    """A JSON or Turtle text within itself."""
    return opening * number + inner + closing * number


def orders(number):
    """An order-select request with so many draft orders."""
    drafts = [
        {
            "resource": {
                "resourceType": "ServiceRequest",
                "id": f"d{n}",
                "status": "draft",
                "code": {"text": "MRI thigh"},
            }
        }
        for n in range(number)
    ]
    return json.dumps(
        {
            "hook": "order-select",
            "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "context": {
                "patientId": "p1",
                "draftOrders": {"resourceType": "Bundle", "entry": drafts},
            },
            "prefetch": {"patient": {"resourceType": "Patient", "id": "p1"}, "conditions": None},
        }
    ).encode()


def conditions(number):
    """A record with so many masses."""
    coding = [{"system": "http://snomed.info/sct", "code": "444905003"}]
    return json.dumps(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {"resource": {"resourceType": "Patient", "id": "p1"}},
                *(
                    {
                        "resource": {
                            "resourceType": "Condition",
                            "id": f"c{n}",
                            "code": {"coding": coding},
                            "subject": {"reference": "Patient/p1"},
                        }
                    }
                    for n in range(number)
                ),
            ],
        }
    ).encode()


def patient_graph(inner):
    """A Turtle patient graph."""
    return (
        b"@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .\n"
        b"<urn:p> a ia:Patient . <urn:m> a ia:Presentation ; ia:hasPatient <urn:p> .\n" + inner
    )


CHUNKED = b"POST /api/answer HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNFINISHED = b"POST /api/answer HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000\r\n\r\n{"
CONNECTIONS = {
    "endless header": lambda f: flood(f, b"GET /health HTTP/1.1\r\n" + HEAD + b"X: "),
    "endless address": lambda f: flood(f, b"GET /"),
    "endless empty lines": lambda f: once(f, b"\r\n" * 5_000_000),
    "endless trailer": lambda f: flood(f, CHUNKED + b"1\r\na\r\n0\r\nX: "),
    "endless extension of a chunk": lambda f: flood(f, CHUNKED + b"1;"),
    "many headers": lambda f: once(
        f, b"GET /health HTTP/1.1\r\n" + HEAD + b"a: b\r\n" * 9000 + b"\r\n"
    ),
    "tiny chunks": lambda f: once(f, CHUNKED + b"1\r\na\r\n" * 500_000 + b"0\r\n\r\n"),
    "too large a body": lambda f: once(
        f,
        b"POST /api/answer HTTP/1.1\r\n"
        + HEAD
        + b"Content-Length: 90000000\r\n\r\n"
        + MEGABYTE * 90,
    ),
    "half-open requests": lambda f: hold(f, 1100, b"GET /health HTTP/1.1\r\n"),
    "unfinished bodies": lambda f: hold(f, 1100, UNFINISHED),
    "silent connections": lambda f: hold(f, 1100, b""),
    "many at once in one connection": lambda f: once(
        f, (b"GET /health HTTP/1.1\r\n" + HEAD + b"\r\n") * 20_000
    ),
}
FORMS = {
    "parts without end": multipart(
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n" * 60_000
    ),
    "headers of a part": multipart(b"--x\r\n" + b"a: b\r\n" * 700_000 + b"\r\nv\r\n--x--\r\n"),
    "one endless header of a part": multipart(b"--x\r\na: " + b"b" * (10 << 20)),
    "almost boundaries": multipart(
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"\r\n--" * 1_500_000
    ),
    "forms in forms": multipart(
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n"
        b"--y\r\n\r\n{}\r\n--y--\r\n--x--\r\n"
    ),
    "no boundary": lambda f: post(f, b"--x", "/drop", kind="multipart/form-data"),
    "form of percent signs": lambda f: post(
        f, b"query=" + b"%41" * 5_000_000, "/sparql", kind="application/x-www-form-urlencoded"
    ),
    "form of many fields": lambda f: post(
        f, b"a=b&" * 250_000, "/sparql", kind="application/x-www-form-urlencoded"
    ),
}
RECORDS = {
    "triple terms": lambda f: post(
        f, b"<a:p> <a:b> " + nested(b"<<(<a:a> <a:b> ", b")>>", 25_000) + b" ."
    ),
    "one triple term": lambda f: post(f, b"<a:p> <a:b> <<( <a:a> <a:b> 1 )>> ."),
    "reifiers": lambda f: post(
        f, b"<a:p> <a:b> 1 " + b"{| <a:c> 1 " * 20_000 + b"|}" * 20_000 + b" ."
    ),
    "blank nodes": lambda f: post(
        f, patient_graph(b"<urn:m> ia:hasStudy [ a ia:Study ] .\n" * 6000)
    ),
    "nested blank nodes": lambda f: post(
        f, patient_graph(b"<urn:m> ia:hasStudy " + nested(b"[ ia:hasStudy ", b" ]", 50_000) + b" .")
    ),
    "a long list": lambda f: post(
        f, patient_graph(b"<urn:m> ia:hasStudy (" + b" <urn:s>" * 100_000 + b" ) .")
    ),
    "unclosed texts": lambda f: post(f, patient_graph(b"<urn:m> ia:hasStudy " + b'\\"' * 500_000)),
    "nested JSON": lambda f: post(f, nested(b'{"a":', b"}", 200_000)),
    "nested lists": lambda f: post(f, nested(b"[", b"]", 2_000_000)),
    "a long number": lambda f: post(
        f, b'{"resourceType":"Bundle","total":' + b"9" * 5_000_000 + b"}"
    ),
    "keys that stand twice": lambda f: post(f, b'{"a":1,' + b'"a":1,' * 500_000 + b'"a":1}'),
    "many masses": lambda f: post(f, conditions(4000)),
    "many masses on the page": lambda f: post(f, conditions(400), "/drop"),
    "many draft orders": lambda f: post(f, orders(16_000), "/cds-services/imaging-order-select"),
    "a bomb of gzip": lambda f: post(f, bomb(), "/api/answer"),
    "spaces": lambda f: post(f, b" " * (15 << 20)),
    "a long form of a patient": lambda f: (
        httpx.get(f.address + "/patient?" + "study=Radiography&" * 3000).status_code
    ),
}
DOORS = {"CONNECTIONS": CONNECTIONS, "FORMS": FORMS, "RECORDS": RECORDS}


def bomb():
    """Ten gigabytes of blanks, compressed."""
    import gzip

    return gzip.compress(gzip.compress(b" " * (1 << 28)))


class Health:
    """Asks for `/health` again and again; `longest` is the longest time that an answer took."""

    def __init__(self, found):
        self.address, self.longest, self.failed = found.address, 0.0, 0
        self.done = threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.thread.join()

    def watch(self):
        """Asks on, and once more at the end."""
        with httpx.Client(base_url=self.address, timeout=60) as client:
            last = False
            while not last:
                last, began = self.done.is_set(), time.monotonic()
                try:
                    client.get("/health")
                    self.longest = max(self.longest, time.monotonic() - began)
                except httpx.TransportError:
                    self.failed += 1
                time.sleep(0.005)


def healthy(found, within=1.0):
    """Whether the service answers a record a moment later."""
    time.sleep(within)
    return post(found, conditions(1)) == 200
