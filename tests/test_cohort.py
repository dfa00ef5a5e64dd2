"""Cohorts: the same answers as for one patient, the same tables in every form, what is broken
named, and the truth found again.
"""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import orjson
import pytest
from cohorts import (
    ANSWERED,
    THIGH,
    bundle,
    compressed,
    contents,
    mass,
    ndjson,
    patient,
    rows,
    run,
    tables,
    unreadable,
)
from conftest import CASES

from reasoner.cohort import answer_partition, answering, partition, plan, sources
from reasoner.cohort import run as running
from reasoner.cohort.parquet import SCHEMAS
from reasoner.errors import InputError
from reasoner.intake.orders import INTENTS
from reasoner.synth import population
from reasoner.synth.archetypes import NAMED
from reasoner.synth.generate import generate

PERSONS, SEED = 400, 20


@pytest.fixture(scope="module")
def crowd():
    """Persons of every archetype."""
    found = list(population(PERSONS, SEED))
    assert {person.truth[0].archetype for person in found} == set(NAMED)
    return found


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The persons in every form, plain and compressed, each with its cohort."""
    made = {}
    for form in ("bulk", "bundles", "files"):
        for compress in (False, True):
            base = tmp_path_factory.mktemp("form")
            generate(PERSONS, SEED, base / "in", form, compress=compress)
            run(base / "in", base / "out", whole=True)
            made[form, compress] = base
    return made


@pytest.fixture(scope="module")
def bulk(folders):
    """The cohort of the bulk export."""
    return folders["bulk", False] / "out"


def test_every_form_gives_the_same_rows(folders):
    """But for notes, which name paths, and an age that only a resource of somebody else in the
    bundle dates.
    """

    def counts(out):
        return [
            (row["patient"], row["presentations"], row["orders"]) for row in rows(out, "patients")
        ]

    expected = tables(bulk := folders["bulk", False] / "out", "notes", "patients", "unreadable")
    assert all(expected[name] for name in ANSWERED if name in expected)
    for base in folders.values():
        assert tables(base / "out", "notes", "patients", "unreadable") == expected and sorted(
            counts(base / "out")
        ) == sorted(counts(bulk))


def test_equal_kinds_of_input_give_the_same_notes(folders):
    for kinds in (("bulk",), ("bundles", "files")):
        found = [
            rows(folders[form, compress] / "out", "notes")
            for form in kinds
            for compress in (False, True)
        ]
        assert found[0] and all(notes == found[0] for notes in found)
    about = [
        [
            (n["patient"], n["about"], n["severity"])
            for n in rows(folders[form, False] / "out", "notes")
            if "stranger" not in str(n["message"])
        ]
        for form in ("bulk", "files")
    ]
    assert len(about[0]) == pytest.approx(len(about[1]), rel=0.05)


def test_processes_change_nothing(folders, monkeypatch, tmp_path):
    monkeypatch.setattr(running, "SMALL", 0)
    monkeypatch.setattr(plan, "PARTITION", 100_000)
    given = folders["bulk", False] / "in"
    for jobs in (1, 2):
        run(given, tmp_path / str(jobs), jobs=jobs, whole=True)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert len(list((tmp_path / "1" / "orders").iterdir())) > 5
    assert tables(tmp_path / "1") == tables(folders["bulk", False] / "out")


def answers(out: Path) -> dict[str, bytes]:
    """The answers of a cohort by patient, as they stand."""
    lines = [
        line
        for path in sorted((out / "answers").iterdir())
        for line in path.read_bytes().splitlines()
    ]
    found = {orjson.loads(line)["patient"]: line for line in lines}
    assert len(found) == len(lines)
    return found


def by_patient(folder: Path) -> dict[str, list[dict]]:
    """The resources of a bulk export by patient, in the order of the input."""
    found = {}
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            resource = orjson.loads(line)
            whose = (
                f"Patient/{resource['id']}"
                if resource["resourceType"] == "Patient"
                else (resource.get("subject") or resource.get("patient") or {"reference": ""})[
                    "reference"
                ]
            )
            found.setdefault("/".join(whose.split("/")[-2:]), []).append(resource)
    return found


def test_lines_of_a_patient_that_follow_each_other_travel_as_one(tmp_path, monkeypatch):
    lines = [
        patient("a"),
        mass("m", "a"),
        mass("n", "a"),
        patient("b"),
        mass("o", "a"),
        b"{",
        mass("p", "a"),
    ]
    [piece] = sources.pieces(ndjson(tmp_path / "a.ndjson", *lines))[0]

    def runs():
        return [
            (key, number, len(orjson.loads(b"[%b]" % data)))
            for key, number, data in partition.joined_lines(piece, 0, partition.empty_report())
        ]

    assert runs() == [(b'"Patient/a"', 1, 3), (b'"Patient/b"', 4, 1), (b'"Patient/a"', 5, 2)]
    monkeypatch.setattr(partition, "RUN", 1)
    assert [size for _, _, size in runs()] == [1, 1, 1, 1, 1, 1]


def test_an_answer_is_that_of_the_single_patient_byte_for_byte(folders, reasoner, crowd):
    found, asked = (
        answers(folders["bulk", False] / "out"),
        by_patient(folders["bulk", False] / "in"),
    )
    assert set(found) == {f"Patient/{person.id}" for person in crowd}
    assert [
        name for name, line in found.items() if line != orjson.dumps(reasoner.ask(asked[name]))
    ] == []


def test_an_answer_to_a_bundle_is_that_of_the_bundle(folders, reasoner):
    asked = [
        orjson.loads(line)
        for line in (folders["bundles", False] / "in" / "bundles.ndjson").read_bytes().splitlines()
    ]
    found = answers(folders["bundles", False] / "out")
    assert [
        b["id"] for b in asked if found[f"Patient/{b['id']}"] != orjson.dumps(reasoner.ask(b))
    ] == []


def documents():
    """The test cases that are JSON, parsed, by name: those of lines become a list of resources."""
    for name, path in CASES.items():
        if path.suffix == ".ndjson":
            yield (
                name,
                [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()],
            )
        elif path.suffix == ".json":
            yield name, orjson.loads(path.read_bytes())


def test_every_case_is_answered_as_alone(tmp_path, reasoner):
    cases = dict(documents())
    counts = run(
        ndjson(tmp_path / "in" / "cases.ndjson", *cases.values()), tmp_path / "out", whole=True
    )
    assert counts["patients"] == len(cases) > 50
    lines = [
        line
        for path in sorted((tmp_path / "out" / "answers").iterdir())
        for line in path.read_bytes().splitlines()
    ]
    wrong = [
        name
        for (name, case), line in zip(cases.items(), lines, strict=True)
        if line != orjson.dumps(reasoner.ask(case))
    ]
    assert wrong == []


def expected(row) -> dict:
    """What a row of truth says of an order, in the columns of the table `orders`.

    Rated is appropriate or not, with its category; set aside is not appropriate, or, when too
    little is known, information missing.
    What the truth does not judge is an order whose code or reason nobody knows: information is
    missing, and `why` says which.
    """
    category = row.category or None
    code = {"usually-not-appropriate": "not-appropriate"}.get(row.category, "appropriate")
    little = row.outcome in ("more-information", "not-read")
    aside = "information-missing" if little else "not-appropriate"
    judgement = {"rated": code, "set-aside": aside, "no-criteria": "no-criteria-apply"}.get(
        row.verdict, "information-missing"
    )
    return {"judgement": judgement, "category": category, "set_aside": row.verdict == "set-aside"}


def disagreements(truth, out: Path) -> dict[str, tuple]:
    """The orders and presentations of which tables say otherwise than the truth."""
    orders = {row["order"]: row for row in rows(out, "orders")}
    seen = {row["presentation"]: row for row in rows(out, "presentations")}
    wrong = {}
    for row in truth:
        found = seen.get(row.presentation, {})
        if row.presentation and (found.get("outcome"), found.get("scenario") or "") != (
            row.outcome,
            row.scenario.split(" ")[0],
        ):
            wrong[row.presentation] = (found, row)
        if row.order:
            found = orders.get(row.order, {})
            said = {name: found.get(name) for name in expected(row)} | (
                {"set_aside": False}
                if found.get("judgement") == "information-missing" and row.verdict != "set-aside"
                else {}
            )
            if said != expected(row) or (
                row.verdict in ("not-judged", "information-missing") and not found["why"]
            ):
                wrong[row.order] = (found, row)
    return wrong


# where the truth takes the less favorable, or looks at no region
CAREFUL = "Two scenarios apply and rate this study differently.|The order is for another region"


def test_the_tables_agree_with_the_truth(bulk, crowd):
    truth = [row for person in crowd for row in person.truth]
    wrong = {
        name: (found.get("why"), row)
        for name, (found, row) in disagreements(truth, bulk).items()
        if not re.match(CAREFUL, found.get("why") or "")
    }
    assert wrong == {}
    assert len(disagreements(truth, bulk)) < 5
    assert {row["presentation"] for row in rows(bulk, "presentations")} == {
        row.presentation for row in truth
    } - {""}


ALTERED = {
    "verdict": "no-criteria",
    "category": "may-be-appropriate",
    "order": "ServiceRequest/none",
    "outcome": "next-step",
    "scenario": "ia:None",
}


@pytest.mark.parametrize("column", ALTERED)
def test_an_altered_truth_is_found(bulk, crowd, column):
    row = next(
        row
        for person in crowd
        for row in person.truth
        if row.category == "usually-appropriate" and row.verdict == "rated"
    )
    assert disagreements([row], bulk) == {}
    assert disagreements([row._replace(**{column: ALTERED[column]})], bulk) != {}


def test_every_order_is_judged_once(bulk, crowd):
    def open_(r):
        return (
            r["resourceType"] == "ServiceRequest"
            and r["status"] in ("draft", "active")
            and r["intent"] in INTENTS
        )

    ordered = Counter(
        f"ServiceRequest/{r['id']}" for person in crowd for r in person.resources if open_(r)
    )
    assert Counter(row["order"] for row in rows(bulk, "orders")) == ordered


def test_every_order_without_a_category_says_why(bulk):
    for row in rows(bulk, "orders"):
        assert row["category"] or row["why"], row
        assert bool(row["missing"]) == (
            row["judgement"] == "information-missing" and row["outcome"] == "more-information"
        ), row
        assert row["failed_status"] in ("unmet", "unknown", "excluded", None)
        assert not row["why"] or "[" not in row["why"], (
            "why names no path, so that equal reasons are counted together"
        )
    waiting = [
        row
        for row in rows(bulk, "orders")
        if row["why"] == "It is not known which scenario applies."
    ]
    assert waiting and all(row["nearest_scenario"] and row["failed_label"] for row in waiting)


def test_better_studies_are_named_for_what_is_rated_worse(bulk):
    worse = [row for row in rows(bulk, "orders") if row["category"] == "usually-not-appropriate"]
    assert worse and all(
        row["better"] and row["better_label"] and row["better_generic_label"] for row in worse
    )


HERE = [patient("a"), mass("m", "a")]
BROKEN = {
    "no JSON": (b"{not json", "Condition.ndjson:3", "the line is not JSON"),
    "truncated": (orjson.dumps(mass("n", "a"))[:-9], "Condition.ndjson:3", "the line is not JSON"),
    "no resource": ({"id": "x"}, "Condition.ndjson:3", "the line holds no FHIR resource"),
    "a number": (b"5", "Condition.ndjson:3", "a number is no record"),
    "two patients": (
        bundle(patient("p"), patient("q")),
        "Condition.ndjson:3",
        "there are 2 patients",
    ),
    "no patient": (bundle(mass("n", "z")), "Condition.ndjson:3", "there is no Patient resource"),
    "a stranger": (mass("n", "z"), "Condition.ndjson:3", "there is no Patient resource"),
    "not born": (
        bundle(patient("p", birthDate="2030-01-01"), mass("n", "p")),
        "Condition.ndjson:3",
        "the patient is born on 2030-01-01",
    ),
    "too deep": (
        b'{"resourceType":"Condition","x":' + b"[" * 2000 + b"]" * 2000 + b"}",
        "Condition.ndjson:3",
        "the line is not JSON",
    ),
    "not UTF-8": (
        b'{"resourceType":"Condition","id":"\xff"}',
        "Condition.ndjson:3",
        "the line is not JSON",
    ),
}


@pytest.mark.parametrize("line, place, message", BROKEN.values(), ids=BROKEN)
def test_a_broken_line_is_reported_with_its_place_and_the_rest_goes_on(
    tmp_path, line, place, message
):
    ndjson(
        tmp_path / "in" / "Condition.ndjson",
        mass("m", "a"),
        b"",
        line,
        mass("m2", "a") | {"bodySite": THIGH},
    )
    ndjson(tmp_path / "in" / "Patient.ndjson", patient("a"))
    counts = run(tmp_path / "in", tmp_path / "out")
    assert (counts["patients"], counts["unreadable"]) == (1, 1)
    assert [name for name in unreadable(tmp_path / "out")] == [place] and message in unreadable(
        tmp_path / "out"
    )[place]
    assert {row["presentation"] for row in rows(tmp_path / "out", "presentations")} == {
        "Condition/m",
        "Condition/m2",
    }
    assert "1 line or record could not be read" in (tmp_path / "out" / "summary.md").read_text()


def test_a_line_or_document_that_is_too_long_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LONGEST", 4000)
    long = mass("long", "a") | {"note": [{"text": "x" * 9000}]}
    ndjson(tmp_path / "in" / "a.ndjson", patient("a"), long, mass("m", "a"))
    (tmp_path / "in" / "b.json").write_bytes(
        orjson.dumps(bundle(patient("b"), mass("n", "b") | {"note": long["note"]}))
    )
    counts = run(tmp_path / "in", tmp_path / "out")
    assert set(unreadable(tmp_path / "out")) == {"a.ndjson:2", "b.json"} and counts["patients"] == 1
    assert [row["presentation"] for row in rows(tmp_path / "out", "presentations")] == [
        "Condition/m"
    ]


def test_a_record_that_is_too_large_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(answer_partition, "LARGEST", 5000)
    ndjson(
        tmp_path / "in" / "a.ndjson",
        patient("b"),
        *(mass(f"m{n}", "a") for n in range(100)),
        mass("n", "b"),
    )
    counts = run(tmp_path / "in", tmp_path / "out")
    assert (
        counts["patients"] == 1 and "it has more than" in unreadable(tmp_path / "out")["a.ndjson:2"]
    )


def test_a_record_that_the_program_fails_on_does_not_stop_the_rest(tmp_path, monkeypatch):
    whole = answering.read_document
    monkeypatch.setattr(
        answering,
        "read_document",
        lambda k, document, *given: (
            1 / 0 if document[0]["id"] == "b" else whole(k, document, *given)
        ),
    )
    ndjson(tmp_path / "in" / "a.ndjson", *(patient(name) for name in "abc"))
    assert run(tmp_path / "in", tmp_path / "out")["patients"] == 2
    assert "please report it (ZeroDivisionError" in unreadable(tmp_path / "out")["a.ndjson:2"]


def test_resources_of_nobody_are_counted(tmp_path):
    organization, group = (
        {"resourceType": "Organization", "id": "o"},
        {"resourceType": "Observation", "id": "g", "subject": {"reference": "Group/g"}},
    )
    counts = run(
        ndjson(tmp_path / "in" / "a.ndjson", *HERE, organization, organization, group),
        tmp_path / "out",
    )
    assert (
        counts["ownerless"] == {"Observation": 1, "Organization": 2} and counts["unreadable"] == 0
    )
    assert (
        "Resources that name no patient were not used: 1 Observation, 2 Organization."
        in (tmp_path / "out" / "summary.md").read_text()
    )


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "DocumentReference", "context": {"period": {}}},
        {"resourceType": "MedicationAdministration", "context": {"reference": "Encounter/e"}},
        {"resourceType": "List", "entry": [{"item": {"reference": "Condition/m"}}]},
    ],
    ids=lambda r: r["resourceType"],
)
def test_a_resource_with_an_entry_or_a_context_is_no_record_of_its_own(tmp_path, resource):
    counts = run(
        ndjson(
            tmp_path / "in" / "a.ndjson",
            *HERE,
            {**resource, "id": "x", "subject": {"reference": "Patient/a"}},
        ),
        tmp_path / "out",
    )
    assert counts == counts | {"patients": 1, "unreadable": 0, "ownerless": {}}


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/a",
        "http://example.org/fhir/Patient/a",
        "Patient/a/_history/2",
        "https://example.org/Patient/a/_history/1",
    ],
)
def test_a_patient_is_the_same_however_referred_to(tmp_path, reference):
    run(
        ndjson(
            tmp_path / "in" / "a.ndjson",
            patient("a"),
            mass("m", "a") | {"subject": {"reference": reference}},
        ),
        tmp_path / "out",
    )
    assert [row["patient"] for row in rows(tmp_path / "out", "presentations")] == ["Patient/a"]


def test_a_cds_hooks_request_and_a_list_are_records(tmp_path):
    request = {
        "hook": "order-select",
        "context": {"patientId": "a"},
        "prefetch": {"p": patient("a"), "c": bundle(mass("m", "a"))},
    }
    assert (
        run(
            ndjson(tmp_path / "in" / "a.ndjson", request, [patient("b"), mass("n", "b")]),
            tmp_path / "out",
        )["patients"]
        == 2
    )
    assert [row["patient"] for row in rows(tmp_path / "out", "presentations")] == [
        "Patient/a",
        "Patient/b",
    ]


LINES = [orjson.dumps(r) for who in "abc" for r in (patient(who), mass(f"m-{who}", who))]
WRITTEN = {
    "CRLF": ("x.ndjson", b"\r\n".join(LINES) + b"\r\n"),
    "a byte order mark": ("x.ndjson", b"\xef\xbb\xbf" + b"\n".join(LINES)),
    "blank lines": ("x.ndjson", b"\n\n".join(LINES) + b"\n \n\n"),
    "no end of line": ("x.ndjson", b"\n".join(LINES)),
    "lines in .json": ("x.json", b"\n".join(LINES)),
    "lines in .json with a mark": ("x.json", b"\xef\xbb\xbf\n" + b"\r\n".join(LINES)),
    "a broken second line in .json": ("x.json", b"\n".join([LINES[0], b"oops", *LINES[1:]])),
    "another name": ("x.jsonl", b"\n".join(LINES)),
}


@pytest.mark.parametrize("name, data", WRITTEN.values(), ids=WRITTEN)
def test_lines_are_read_however_they_are_written(tmp_path, name, data):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data)
    counts = run(tmp_path / "in", tmp_path / "out")
    assert (counts["patients"], counts["unreadable"]) == (3, b"oops" in data)
    assert [row["presentation"] for row in rows(tmp_path / "out", "presentations")] == [
        "Condition/m-a",
        "Condition/m-b",
        "Condition/m-c",
    ]


PRETTY = orjson.dumps(bundle(*HERE), option=orjson.OPT_INDENT_2)
DOCUMENTS = {
    "pretty": PRETTY,
    "pretty with CRLF": PRETTY.replace(b"\n", b"\r\n"),
    "with a mark": b"\xef\xbb\xbf" + PRETTY,
    "a list": orjson.dumps(HERE, option=orjson.OPT_INDENT_2),
    "a list on one line": orjson.dumps(HERE) + b"\n",
    "a list of lines": b"[\n" + b",\n".join(map(orjson.dumps, HERE)) + b"\n]\n",
    "one line": orjson.dumps(bundle(*HERE)),
}


@pytest.mark.parametrize("data", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("pack", [False, True])
def test_a_document_is_read_however_it_is_written(tmp_path, data, pack):
    path = tmp_path / "x.json"
    path.write_bytes(data)
    assert run(compressed(path) if pack else path, tmp_path / "out") == run(
        path if not pack else path.with_name("x.json.gz"), tmp_path / "again"
    )
    assert [row["presentation"] for row in rows(tmp_path / "out", "presentations")] == [
        "Condition/m"
    ]


def test_a_broken_document_is_named_with_the_line_in_it(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_bytes(PRETTY)
    (tmp_path / "in" / "b.json").write_bytes(PRETTY[:-20])
    assert run(tmp_path / "in", tmp_path / "out")["patients"] == 1
    assert (
        unreadable(tmp_path / "out")["b.json"].startswith("the document is not JSON: ")
        and " at line " in unreadable(tmp_path / "out")["b.json"]
    )


@pytest.mark.parametrize("piece", [100, 137, 1000, 4000])
def test_a_file_cut_into_pieces_is_read_as_one(tmp_path, monkeypatch, piece):
    path = ndjson(
        tmp_path / "in" / "a.ndjson",
        *(
            r
            for n in range(20)
            for r in (patient(f"p{n}"), b"broken" if n % 7 == 3 else mass(f"m{n}", f"p{n}"), b"")
        ),
    )
    run(path, tmp_path / "one")
    monkeypatch.setattr(sources, "PIECE", piece)
    run(path, tmp_path / "many")
    assert len(sources.pieces(path)[0]) > 1
    assert tables(tmp_path / "one") == tables(tmp_path / "many")
    assert set(unreadable(tmp_path / "many")) == {f"a.ndjson:{3 * n + 2}" for n in (3, 10, 17)}


def test_documents_in_pieces_keep_their_names(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "GROUP", 1000)
    for n in range(20):
        ndjson(
            tmp_path / "in" / f"{n:02}.json",
            b"broken" if n == 13 else bundle(patient(f"p{n}"), mass("m", f"p{n}")),
        )
    assert 1 < len(sources.pieces(tmp_path / "in")[0]) < 20
    assert run(tmp_path / "in", tmp_path / "out")["patients"] == 19
    assert set(unreadable(tmp_path / "out")) == {"13.json"}


def test_hidden_and_other_files_are_not_read(tmp_path):
    ndjson(tmp_path / "in" / ".hidden.ndjson", patient("h"))
    ndjson(tmp_path / "in" / ".folder" / "a.ndjson", patient("h"))
    ndjson(tmp_path / "in" / "below" / "a.ndjson", *HERE)
    (tmp_path / "in" / "notes.txt").write_text("words")
    counts = run(tmp_path / "in", tmp_path / "out")
    assert counts["patients"] == 1 and [Path(p).name for p in counts["passed_over"]] == [
        "notes.txt"
    ]
    assert (
        "Files that are of no kind that is read: notes.txt."
        in (tmp_path / "out" / "summary.md").read_text()
    )


def test_a_file_that_is_given_is_read_whatever_its_name(tmp_path):
    assert run(ndjson(tmp_path / "export", *HERE), tmp_path / "out")["patients"] == 1


def test_the_day_of_asking_decides_the_age(tmp_path):
    path = ndjson(tmp_path / "a.ndjson", *HERE)
    run(path, tmp_path / "child", on=date(1980, 1, 1))
    run(path, tmp_path / "adult")
    assert [
        rows(tmp_path / out, "presentations")[0]["age_group"] for out in ("child", "adult")
    ] == ["child", "adult"]


def test_the_truth_of_the_folder_is_that_of_the_persons(folders, crowd):
    found = list(csv.reader((folders["bulk", False] / "in" / "truth.csv").open()))
    assert [tuple(row) for row in found[1:]] == [
        tuple(row) for person in crowd for row in person.truth
    ]


def test_an_input_without_patients_gives_every_table(tmp_path):
    (tmp_path / "empty.ndjson").touch()
    assert run(tmp_path / "empty.ndjson", tmp_path / "out")["patients"] == 0
    assert {
        name for name in SCHEMAS if (tmp_path / "out" / name / "part-00000.parquet").exists()
    } == set(SCHEMAS)
    assert "0 imaging orders were judged." in (tmp_path / "out" / "summary.md").read_text()


@pytest.mark.parametrize("name", [None, "notes.txt"])
def test_a_folder_without_data_is_refused(tmp_path, name):
    (tmp_path / "in").mkdir()
    if name:
        (tmp_path / "in" / name).touch()
    with pytest.raises(InputError, match="there is no file of FHIR data") as error:
        run(tmp_path / "in", tmp_path / "out")
    assert error.value.hint and not (tmp_path / "out").exists()


def test_links_are_named_and_a_resource_whose_patient_cannot_be_followed_is_unreadable(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "gone.ndjson").symlink_to(tmp_path / "nothing")
    device = {"resourceType": "Device", "id": "d", "patient": {"reference": "urn:uuid:1"}}
    ndjson(
        folder / "all.ndjson", patient("p1"), device, {"resourceType": "Organization", "id": "o"}
    )
    counts = run(folder, tmp_path / "out")
    assert sorted(Path(p).name for p in counts["passed_over"]) == ["gone.ndjson", "linked"]
    assert counts["ownerless"] == {"Organization": 1}
    [row] = rows(tmp_path / "out", "unreadable")
    assert row["place"].endswith("all.ndjson:2") and "names no patient" in row["message"]


def test_a_patient_in_two_bundles_is_counted(tmp_path):
    ndjson(
        tmp_path / "in" / "a.ndjson",
        bundle(patient("a"), mass("m", "a")),
        bundle(patient("b")),
        bundle(patient("a")),
    )
    assert run(tmp_path / "in", tmp_path / "out")["patients"] == 3
    assert sorted(row["patient"] for row in rows(tmp_path / "out", "patients")) == [
        "Patient/a",
        "Patient/a",
        "Patient/b",
    ]
    text = (tmp_path / "out" / "summary.md").read_text()
    assert (
        "| records | patients |\n|---:|---:|\n| 2 | 1 |" in text
        and "none knows what the others say" in text
    )
