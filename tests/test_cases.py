"""The cases: a record beside what an answer to it must say.

An expectation states only what its case is about; `expectations` says what its keys demand.
Requests of CDS Hooks are cases too: `test_cases_cds` runs those.
"""

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from expectations import ELSEWHERE, LACKS, OF_ANSWER, WHOLE, of_answer, unsaid

from reasoner.answer.what_if import Parts
from reasoner.errors import InputError

OWN = ROOT / "tests" / "cases"
SHARED = ROOT.parent / "shared" / "cases"
SUFFIXES = (".json", ".ndjson", ".ttl", ".xml")
EXPECTED = [
    path
    for pattern in ("*/*.expected.json", "*.expected.json")
    for folder in (OWN, SHARED)
    for path in sorted(folder.glob(pattern))
    if "service" not in json.loads(path.read_text())
]
RECORDS = [
    path
    for folder in sorted({p.parent for p in EXPECTED})
    for path in sorted(folder.iterdir())
    if path.suffix in SUFFIXES and not path.name.endswith(".expected.json")
]
WORDS = ("either", "presentations", "every")


def expected(record: Path) -> Path:
    """The expectation beside a record."""
    return record.with_name(f"{record.stem}.expected.json")


def says_what_it_is_about(path: Path) -> bool:
    """Whether the name of an expectation tells what it demands, or its `why` does."""
    return path.name.startswith("should-") or bool(json.loads(path.read_text()).get("why"))


def service(record: Path) -> bool:
    """Whether a record is a request of CDS Hooks, with an expectation of its own kind."""
    path = expected(record)
    return path.is_file() and "service" in json.loads(path.read_text())


def demands(want: dict) -> set[str]:
    """The keys of an expectation about an answer, those of alternatives included."""
    return set(want).union(*(demands(one) for one in want.get("either", ())))


def of_presentations(want: dict):
    """What an expectation says of each presentation, in all its alternatives."""
    yield from want.get("presentations", {}).values()
    yield from [want["every"]] if "every" in want else []
    for one in want.get("either", ()):
        yield from of_presentations(one)


def parsed(record: Path):
    """A record as JSON; None for what is none, or for lines."""
    try:
        return json.loads(record.read_text(encoding="utf-8-sig"))
    except ValueError:
        return None


def shortcomings(reasoner, record: Path, want: dict):
    """What an answer to a record, or what is said instead of one, lacks of what is wanted."""
    if "instead" in want:
        return elsewhere(record, want)
    try:
        answer = reasoner.ask(record.read_bytes())
    except InputError as error:
        refusals = [one for one in (want, *want.get("either", ())) if "errorMentions" in one]
        said = [unsaid(one["errorMentions"], str(error)) for one in refusals]
        return [] if [] in said else [str(error), *said]
    if "errorMentions" in want:
        return ["there is an answer"]
    return of_answer(want, answer, parsed(record), twin_of(reasoner, record, want))


def twin_of(reasoner, record: Path, want: dict) -> dict | None:
    """The answer that the one to a record must be like, if it must be like another."""
    other = want.get("sameAnswerAs")
    return reasoner.ask(record.with_name(other).read_bytes()) if other else None


def silent(answer: dict) -> dict:
    """An answer with the same presentations, of which it says nothing."""
    empty = {list: [], str: "", dict: None}
    said = [
        {key: value if key == "id" else empty.get(type(value)) for key, value in p.items()}
        for p in answer["presentations"]
    ]
    return {**answer, "presentations": said, "notes": [], "unread": []}


def elsewhere(record: Path, want: dict):
    """What a run of another command on a copy of the record lacks."""
    import tempfile

    if "either" in want:
        raced = [elsewhere(record, one) for one in want["either"]]
        return raced if all(raced) else []
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(shutil.copy(record, Path(folder, f"record{record.suffix}")))
        command = [str(copied) if part == "{}" else part for part in want["instead"]]
        run = [sys.executable, "-m", "reasoner", *command]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
        lacks = unsaid(want.get("says", ()), done.stdout + done.stderr)
        lacks += [t for t in want.get("keeps", ()) if t not in copied.read_text("utf-8-sig")]
        if want.get("exit", done.returncode) != done.returncode:
            lacks.append(f"exit {done.returncode}")
        return lacks


@pytest.mark.parametrize(
    "record", [r for r in RECORDS if not service(r)], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_a_record_gets_the_answer_that_its_case_expects(reasoner, record):
    want = json.loads(expected(record).read_text())
    instead = any("instead" in one for one in want.get("either", ()))
    lacks = elsewhere(record, want) if instead else shortcomings(reasoner, record, want)
    assert not lacks


@pytest.mark.parametrize("path", EXPECTED, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_expectation_has_a_record_and_demands_something(path):
    want = json.loads(path.read_text())
    assert [r for r in RECORDS if expected(r) == path]
    assert demands(want) <= {*WORDS, *WHOLE, *ELSEWHERE}
    assert all(demands(p) <= {"either", *LACKS, *OF_ANSWER} for p in of_presentations(want))
    said = demands(want) - {"why", "mayAlso"}
    own = path.is_relative_to(OWN) and "presentations" in want
    assert not own or all(want["presentations"].values()) or said > {"presentations"}
    assert any(want.get(key) for key in said if key in want)


@pytest.mark.parametrize(
    "path",
    [p for p in EXPECTED if p.is_relative_to(OWN)],
    ids=lambda p: f"{p.parent.name}/{p.name}",
)
def test_an_answer_that_says_nothing_falls_short(reasoner, path):
    want = json.loads(path.read_text())
    if {"errorMentions", "instead"} & demands(want):
        return
    for record in [r for r in RECORDS if expected(r) == path]:
        answer = silent(reasoner.ask(record.read_bytes()))
        assert of_answer(want, answer, parsed(record), twin_of(reasoner, record, want))


def test_every_record_has_an_expectation_and_a_name_that_says_it():
    topics = {path.parent.name for path in (ROOT / "ontology" / "topics").glob("*/topic.ttl")}
    assert topics and topics <= {record.parent.name for record in RECORDS}
    for record in RECORDS:
        assert expected(record).is_file(), f"{record} has no twin"
        assert says_what_it_is_about(expected(record))


def bundles():
    """The cases of our own that are plain Bundles, whose entries have no address of their own."""
    found = [r for r in RECORDS if r.is_relative_to(OWN) and r.suffix == ".json"]
    return [
        r
        for r in found
        if isinstance(b := parsed(r), dict)
        and b.get("resourceType") == "Bundle"
        and not any("fullUrl" in e for e in b["entry"])
    ]


@pytest.mark.parametrize("record", bundles(), ids=lambda p: p.stem)
def test_a_list_and_lines_of_resources_are_answered_like_the_bundle(reasoner, record):
    bundle = json.loads(record.read_text())
    resources = [e["resource"] for e in bundle["entry"]]
    lines = "\n".join(map(json.dumps, resources)).encode()
    answers = [reasoner.ask(document) for document in (bundle, resources, lines)]
    for answer in answers:
        answer["notes"] = [(n["severity"], n["about"]) for n in answer["notes"]]
        for holder in (answer, *answer["presentations"]):
            for unread in holder.get("unread", ()):
                unread.pop("place", None)  # places differ, and messages name them
    assert answers[0] == answers[1] == answers[2]


SPOILS = {
    "outcome": ({"outcome": "recommendation"}, lambda p: p.update(outcome="no-imaging")),
    "notAssumed": ({"notAssumed": ["ia:MriContraindicated"]}, lambda p: None),
    "unread": ({"unread": ["Device/x"]}, lambda p: None),
    "orders": ({"orders": {"ServiceRequest/none": None}}, lambda p: None),
    "verdicts": (
        {"verdicts": {"ServiceRequest/biopsy": {"judgement": "appropriate"}}},
        lambda p: p["orders"][0].update(judgement=None),
    ),
    "orderFlags": (
        {"orderFlags": {"ServiceRequest/biopsy": [["ia:MagneticField", "caution"]]}},
        lambda p: p["orders"][0].update(safety=[]),
    ),
    "warned": (
        {"warned": ["Condition/mass"]},
        lambda p: p.update(questions=[], alerts=[], orders=[]),
    ),
    "asks": ({"asks": ["ia:MriContraindicated"]}, lambda p: p.update(questions=[])),
    "setAside": ({"setAside": ["ia:MriWithIvContrast"]}, lambda p: None),
    "notTop": ({"notTop": "ia:MriWithoutAndWithIvContrast"}, lambda p: None),
    "either": ({"either": [{"outcome": "not-read"}, {"region": "ia:Knee"}]}, lambda p: None),
    "hasNextSteps": ({"hasNextSteps": ["ia:ReferToSarcomaCenter"]}, lambda p: None),
}


@pytest.mark.parametrize("key", SPOILS)
def test_an_answer_that_falls_short_is_seen(reasoner, key):
    wanted, spoil = SPOILS[key]
    answer = reasoner.ask((ROOT / "examples" / "record.json").read_bytes())
    spoilt = copy.deepcopy(answer)
    spoil(spoilt["presentations"][0])
    assert of_answer({"every": wanted}, spoilt, None)
    assert of_answer({"presentations": {}}, answer, None) and of_answer(
        {"noted": ["Device/x"]}, answer, None
    )
    assert of_answer({"either": [{"notesMention": ["no such words"]}]}, answer, None)
    assert not of_answer(
        {"notWarned": ["Device/x"], "every": {"outcome": "recommendation"}}, answer, None
    )


def test_a_presentation_alone_is_answered_as_among_others(reasoner, replies):
    several = [reply for reply in replies.values() if len(reply.record.presentations) > 1]
    assert len(several) >= 8
    for reply in several:
        parts = Parts(reply.record)
        for iri, whole in zip(
            reply.record.presentations, reply.answer["presentations"], strict=True
        ):
            alone = reasoner.memory.answer(parts.of(iri))["presentations"]
            assert alone == [whole], reply.answer["patient"]
