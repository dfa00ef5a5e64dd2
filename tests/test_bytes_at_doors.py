"""Bytes are read alike at every door: command line, HTTP, the page for a dropped record, CDS Hooks,
Turtle, formatting and validation.
"""

import gzip
import json
import sys

import pytest
from bundles import bundle, inconclusive, patient

from reasoner import __main__
from reasoner.graph.turtle.format import comments
from reasoner.validation import validate

pytest.importorskip("fastapi", reason="the serve extra is not installed")


BOM = b"\xef\xbb\xbf"
RECORD = json.dumps(bundle(*inconclusive())).encode()
REQUEST = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"patientId": "p1"},
    "prefetch": {"patient": patient(), "conditions": bundle(*inconclusive())},
}
VIEW = "/cds-services/imaging-patient-view"
TURTLE = b"""@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
@prefix case: <https://w3id.org/imaging-appropriateness/case/> .
case:p a ia:Patient .
case:m a ia:Presentation ; ia:hasPatient case:p ; ia:hasFinding [ a ia:SoftTissueMass ;
  ia:hasSite ia:Thigh ] .
"""


WAYS = {
    "plain": bytes,
    "a byte order mark": lambda data: BOM + data,
    "CRLF": lambda data: json.dumps(json.loads(data), indent=1).replace("\n", "\r\n").encode(),
    "compressed": gzip.compress,
    "compressed with a mark": lambda data: gzip.compress(BOM + data),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_record_is_read_alike_over_http(client, way):
    sent = WAYS[way](RECORD)
    assert (
        client.post("/api/answer", content=sent).json()
        == client.post("/api/answer", content=RECORD).json()
    )
    assert client.post("/drop", content=sent).text == client.post("/drop", content=RECORD).text
    assert client.post("/drop", content=RECORD).status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_request_of_cds_hooks_is_read_alike(client, way):
    sent = json.dumps(REQUEST).encode()
    plain, other = (client.post(VIEW, content=data) for data in (sent, WAYS[way](sent)))
    assert plain.status_code == other.status_code == 200 and plain.json()["cards"]
    assert other.json() == plain.json()


TWICE = b'{"context": {"patientId": "a", "patientId": "b"}}'


@pytest.mark.parametrize("path", ["/api/answer", VIEW, "/drop"])
def test_a_key_that_stands_twice_is_refused_with_its_place(client, path):
    refused = client.post(path, content=TWICE)
    assert refused.status_code == 400
    assert "input.context" in refused.text and "stands twice" in refused.text


@pytest.mark.parametrize("path", ["/api/answer", "/drop"])
def test_fhir_xml_is_named(client, path):
    refused = client.post(path, content=b"<Bundle xmlns='http://hl7.org/fhir'/>")
    assert refused.status_code == 400 and "FHIR XML" in refused.text


@pytest.mark.parametrize(
    "kind, release",
    [
        ("application/fhir+json; fhirVersion=5.0", "R5"),
        ('application/fhir+json;charset=utf-8; fhirVersion="3.0"', "STU3"),
        ("application/fhir+json; fhirVersion=4.0", None),
        ("application/fhir+json", None),
        ("text/plain; x=5.0", None),
    ],
)
def test_another_release_of_fhir_in_the_media_type_is_named(client, kind, release):
    reply = client.post("/api/answer", content=RECORD, headers={"Content-Type": kind})
    assert reply.status_code == (400 if release else 200)
    assert not release or f"FHIR {release}" in reply.text


def run(monkeypatch, capsys, *arguments):
    """The exit code, output and errors of the command."""
    monkeypatch.setattr(sys, "argv", ["nextstudy", *map(str, arguments)])
    code = __main__.main()
    return code, *capsys.readouterr()


@pytest.mark.parametrize("way", [name for name in WAYS if name != "CRLF"])
def test_the_command_reads_alike(monkeypatch, capsys, tmp_path, way):
    for name, data in (("plain", RECORD), ("other", WAYS[way](RECORD))):
        (tmp_path / name).write_bytes(data)
    plain, other = (run(monkeypatch, capsys, "ask", tmp_path / n) for n in ("plain", "other"))
    assert plain == other and plain[0] == 0


def findings(path, data):
    """The findings in Turtle, as pairs of check and property."""
    path.write_bytes(data)
    return {(f.check, f.property) for f in validate.validate([path]).findings}


def test_a_property_that_is_no_term_is_found_below_a_blank_node(tmp_path):
    wrong = TURTLE.replace(b"ia:hasSite", b"ia:site")
    assert (
        findings(tmp_path / "a.ttl", TURTLE) == findings(tmp_path / "b.ttl", BOM + TURTLE) == set()
    )
    assert ("property-undeclared", "ia:site") in findings(tmp_path / "c.ttl", wrong)


COMMENTED = b"""# License: keep this line
@prefix ex: <https://example.org/a/> . # one
ex:A ex:says "# none", '# none', \"\"\"
# none "" \\" \"\"\" ; ex:of ex:a\\#none, <https://example.org/a#none> . # two
"""


def test_comments_are_found_where_they_are():
    assert comments(COMMENTED) == [(1, "# License: keep this line"), (2, "# one"), (4, "# two")]
    assert comments(TURTLE) == []


def test_formatting_says_what_comments_it_drops(monkeypatch, capsys, tmp_path):
    file = tmp_path / "a.ttl"
    file.write_bytes(COMMENTED)
    code, out, err = run(monkeypatch, capsys, "fmt", "--check", file)
    assert code == 1 and "3 comments to drop" in err and file.read_bytes() == COMMENTED
    code, out, err = run(monkeypatch, capsys, "fmt", file)
    assert code == 0 and f"{file}:1: 3 comments dropped, the first is '# License" in err
    assert run(monkeypatch, capsys, "fmt", file) == (0, "every file is formatted\n", "")
