"""Cohorts of several servers: patients with one id are told apart, and lines are read alike."""

import orjson
import pytest
from cohorts import THIGH, compressed, mass, ndjson, patient, rows, run, unreadable

LINES = [orjson.dumps(r) for who in "abc" for r in (patient(who), mass(f"m-{who}", who))]


def of(server: str, resource: dict, name: str = "1") -> dict:
    """A resource about a patient of a server."""
    return resource | {"subject": {"reference": f"https://{server}/fhir/Patient/{name}"}}


TWO_SERVERS = {  # files and their lines, the patients that are answered
    "in one file": (
        {
            "a.ndjson": [
                patient("1"),
                of("a.example", mass("c", "1")),
                of("b.example", mass("d", "1")),
            ]
        },
        {"Patient/1": []},
    ),
    "in a file each": (
        {
            "a.ndjson": [patient("1"), of("a.example", mass("c", "1"))],
            "b.ndjson": [of("b.example", mass("d", "1")), patient("1")],
        },
        {
            "https://a.example/fhir/Patient/1": ["Condition/c"],
            "https://b.example/fhir/Patient/1": ["Condition/d"],
        },
    ),
    "in a folder each": (
        {
            f"{n}/{name}.ndjson": [line]
            for n in "ab"
            for name, line in (
                ("Patient", patient("1")),
                ("Condition", of(f"{n}.example", mass(f"c{n}", "1"))),
            )
        },
        {
            "https://a.example/fhir/Patient/1": ["Condition/ca"],
            "https://b.example/fhir/Patient/1": ["Condition/cb"],
        },
    ),
    "of other ids": (
        {
            "a.ndjson": [
                patient("1"),
                patient("2"),
                of("a.example", mass("c", "1")),
                of("b.example", mass("d", "2"), "2"),
            ]
        },
        {"Patient/1": ["Condition/c"], "Patient/2": ["Condition/d"]},
    ),
    "one, by two protocols": (
        {
            "a.ndjson": [
                patient("1"),
                of("a.example", mass("c", "1")),
                mass("d", "1")
                | {"subject": {"reference": "http://a.example/fhir/Patient/1"}, "bodySite": THIGH},
            ]
        },
        {"Patient/1": ["Condition/c", "Condition/d"]},
    ),
    "none": (
        {
            "a.ndjson": [patient("1"), mass("c", "1")],
            "b.ndjson": [mass("d", "1") | {"bodySite": THIGH}],
        },
        {"Patient/1": ["Condition/c", "Condition/d"]},
    ),
}


@pytest.mark.parametrize("name", TWO_SERVERS)
def test_patients_of_two_servers_with_one_id_are_two(tmp_path, name):
    given, wanted = TWO_SERVERS[name]
    for path, lines in given.items():
        ndjson(tmp_path / "in" / path, *lines)
    run(tmp_path / "in", tmp_path / "out")
    assert [row["patient"] for row in rows(tmp_path / "out", "patients")] == sorted(wanted)
    found = [
        (row["patient"], row["presentation"]) for row in rows(tmp_path / "out", "presentations")
    ]
    assert sorted(found) == sorted(
        (who, p) for who, presentations in wanted.items() for p in presentations
    )
    lost = {row["patient"]: row["message"] for row in rows(tmp_path / "out", "unreadable")}
    assert lost == (
        {f"https://{n}.example/fhir/Patient/1": m for n, m in zip("ab", lost.values(), strict=True)}
        if not any(wanted.values())
        else {}
    ) and all("no Patient" in m for m in lost.values())


def test_the_patient_of_a_file_is_of_the_server_that_its_lines_name(tmp_path):
    ndjson(tmp_path / "in" / "a.ndjson", patient("1"), of("a.example", mass("c", "1")))
    ndjson(tmp_path / "in" / "b.ndjson", of("b.example", mass("d", "1")))
    counts = run(tmp_path / "in", tmp_path / "out")
    assert (counts["patients"], counts["unreadable"]) == (1, 1) and "no Patient" in unreadable(
        tmp_path / "out"
    )["b.ndjson:1"]
    assert [
        (row["patient"], row["presentation"]) for row in rows(tmp_path / "out", "presentations")
    ] == [("https://a.example/fhir/Patient/1", "Condition/c")]


def test_lines_are_read_by_what_they_are_not_by_their_names(tmp_path):
    mark = b"\xef\xbb\xbf"
    made = ndjson(tmp_path / "in" / "a.ndjson", *(mark + line for line in LINES))
    made.write_bytes(compressed(made).read_bytes())
    for path in (tmp_path / "in").glob("*.gz"):
        path.unlink()
    assert run(tmp_path / "in", tmp_path / "out")["patients"] == 3


def test_a_line_that_gives_a_key_twice_is_named(tmp_path):
    twice = (
        b'{"resourceType": "Condition", "id": "x", "subject": {"reference": "Patient/a"}, '
        b'"id": "y"}'
    )
    counts = run(
        ndjson(tmp_path / "in" / "a.ndjson", patient("a"), twice, mass("m", "a")), tmp_path / "out"
    )
    assert (counts["patients"], counts["unreadable"]) == (
        1,
        1,
    ) and 'the key "id" stands twice' in unreadable(tmp_path / "out")["a.ndjson:2"]


@pytest.mark.parametrize(
    "servers, names",
    [
        ("ab", ["https://a.example/fhir/Patient/1", "https://b.example/fhir/Patient/1"]),
        ("aa", ["Patient/1", "Patient/1"]),
        ("a ", ["Patient/1", "Patient/1"]),
    ],
)
def test_bundles_of_two_servers_are_of_two_patients(tmp_path, servers, names):
    for n, place in enumerate(servers):
        urls = (
            [f"https://{place}.example/fhir/{kind}" for kind in ("Patient/1", "Condition/c")]
            if place.strip()
            else [None, None]
        )
        made = {
            "resourceType": "Bundle",
            "entry": [
                {"fullUrl": url, "resource": r}
                for url, r in zip(urls, (patient("1"), mass("c", "1")), strict=True)
            ],
        }
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{n}.json").write_bytes(orjson.dumps(made))
    assert run(tmp_path / "in", tmp_path / "out", whole=True)["patients"] == 2
    assert [row["patient"] for row in rows(tmp_path / "out", "presentations")] == names
