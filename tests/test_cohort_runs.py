"""Runs of a cohort: stopped anywhere and begun again, refused where they would mix, and clear about
what a disk or a file does not give.
"""

import errno
import gzip
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from cohorts import bundle, compressed, contents, mass, ndjson, patient, rows, run
from conftest import ROOT

from reasoner.__main__ import main
from reasoner.cohort import answer_partition, faults, local, partition, plan, sources, summary
from reasoner.cohort import parquet as columns
from reasoner.cohort import run as running
from reasoner.cohort.lock import locked
from reasoner.cohort.workers import Workers
from reasoner.errors import InputError
from reasoner.synth.generate import generate

PERSONS = 60


class Stop(BaseException):
    """What stops a run at a chosen point, as nothing in the program catches it."""


@pytest.fixture(autouse=True)
def many_pieces(monkeypatch):
    """Makes a small population many pieces and partitions."""
    monkeypatch.setattr(sources, "PIECE", 20_000)
    monkeypatch.setattr(plan, "PARTITION", 20_000)


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A population with two lines that cannot be read."""
    folder = tmp_path_factory.mktemp("in") / "population"
    generate(PERSONS, 7, folder)
    with (folder / "Condition.ndjson").open("ab") as file:
        file.write(b"broken\n{}\n")
    return folder


@pytest.fixture(scope="module")
def whole(given, tmp_path_factory):
    """What an uninterrupted run writes."""
    out = tmp_path_factory.mktemp("whole") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "PIECE", 20_000)
        patch.setattr(plan, "PARTITION", 20_000)
        run(given, out, whole=True)
    return contents(out)


def stopped_at(monkeypatch, module, name: str, times: int):
    """Lets a function of a module stop the run when it is called so often, before or after its
    work.
    """
    calls, function = [], getattr(module, name)

    def stopping(*arguments, **named):
        calls.append(1)
        if len(calls) == times:
            raise Stop
        found = function(*arguments, **named)
        if len(calls) == times - 1:
            calls.append(1)
            raise Stop
        return found

    monkeypatch.setattr(module, name, stopping)


POINTS = [
    (partition, "flush", 1),
    (partition, "flush", 4),
    (local, "write_report", 3),
    (local, "partition", 5),
    (os, "replace", 4),
    (os, "replace", 9),
    (answer_partition, "records", 2),
    (answer_partition, "write_table", 10),
    (running, "write", 1),
    (os, "replace", 40),
    (os, "replace", 70),
    (running, "write_summary", 1),
    (summary, "draw", 2),
    (summary, "write", 3),
    (running, "clear", 1),
    (shutil, "rmtree", 30),
]


@pytest.mark.parametrize(
    "module, name, times", POINTS, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_run_that_was_stopped_goes_on_to_the_same(
    given, whole, tmp_path, monkeypatch, module, name, times
):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        stopped_at(patch, module, name, times)
        try:
            run(given, out, whole=True)
            pytest.fail("the run was not stopped")
        except Stop:
            assert (
                any(path.name != ".work" for path in out.iterdir())
                or not (out / "summary.md").exists()
            )
    counts = run(given, out, whole=True)
    assert contents(out) == whole and not (out / ".work").exists()
    assert counts["patients"] == PERSONS


def test_a_run_that_is_stopped_again_and_again_comes_to_an_end(given, whole, tmp_path, monkeypatch):
    out, stops = tmp_path / "out", 0
    for _ in range(200):
        with monkeypatch.context() as patch:
            stopped_at(patch, os, "replace", 6)
            try:
                run(given, out, whole=True)
                break
            except Stop:
                stops += 1
    assert stops > 5 and contents(out) == whole


CHILD = """
import sys
from pathlib import Path
from reasoner.cohort import plan, run, sources
sources.PIECE = plan.PARTITION = 20_000
run.SMALL = 0
if __name__ == "__main__":
    run.run(Path(sys.argv[1]), Path(sys.argv[2]), jobs=2, whole=True)
"""


def alive(group: int) -> bool:
    """Whether a process of a group runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    states = [
        path.read_text().rsplit(")", 1)[1].split()
        for path in Path("/proc").glob("[0-9]*/stat")
        if path.exists()
    ]
    return any(int(state[2]) == group and state[0] != "Z" for state in states)


@pytest.mark.skipif(
    not hasattr(os, "killpg") or not Path("/proc").exists(),
    reason="this system has no such processes",
)
@pytest.mark.parametrize("group", [True, False], ids=["with its processes", "alone"])
@pytest.mark.parametrize("moment", ["partitioned/00001", "answered/00003", "result"])
def test_a_run_that_is_killed_leaves_no_process_and_goes_on_to_the_same(
    given, whole, tmp_path, monkeypatch, moment, group
):
    out = tmp_path / "out"
    (tmp_path / "child.py").write_text(CHILD)
    child = subprocess.Popen(
        [sys.executable, str(tmp_path / "child.py"), str(given), str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while (
        not (out / ".work" / moment).exists()
        and child.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.001)
    (os.killpg if group else os.kill)(child.pid, signal.SIGKILL)
    child.wait()
    while alive(child.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child.pid)
    run(given, out, whole=True)
    assert contents(out) == whole


def test_another_run_is_not_mixed_with_one_that_was_stopped(given, whole, tmp_path, monkeypatch):
    out, copy = tmp_path / "out", tmp_path / "copy"
    shutil.copytree(given, copy)
    with monkeypatch.context() as patch:
        stopped_at(patch, answer_partition, "records", 2)
        with pytest.raises(Stop):
            run(copy, out, whole=True)
    for settings in (
        {"whole": False},
        {"whole": True, "on": __import__("datetime").date(2026, 1, 1)},
    ):
        with pytest.raises(
            InputError, match="another run was begun here, of other input, options or versions"
        ):
            run(copy, out, **settings)
    with pytest.raises(InputError, match="another run was begun here"):
        run(given, out, whole=True)
    os.utime(copy / "Condition.ndjson", ns=(1, 1))
    with pytest.raises(InputError, match="another run was begun here") as error:
        run(copy, out, whole=True)
    assert str(out / ".work") in error.value.hint


def test_a_graph_that_changed_begins_another_run(given, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    with monkeypatch.context() as patch:
        stopped_at(patch, answer_partition, "records", 1)
        with pytest.raises(Stop):
            run(given, tmp_path / "out", ontology=tmp_path / "ontology")
    with (
        tmp_path / "ontology" / "codes.ttl"
        if (tmp_path / "ontology" / "codes.ttl").exists()
        else next((tmp_path / "ontology").rglob("*.ttl"))
    ).open("a") as file:
        file.write("\n# changed\n")
    with pytest.raises(InputError, match="another run was begun here"):
        run(given, tmp_path / "out", ontology=tmp_path / "ontology")


def test_a_folder_with_something_in_it_is_refused(given, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(InputError, match="the folder is not empty"):
        run(given, tmp_path / "out")
    with pytest.raises(InputError, match="this is a file, not a folder"):
        run(given, tmp_path / "out" / "mine.txt")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_run_that_is_complete_is_not_repeated(given, tmp_path):
    run(given, tmp_path / "out")
    before = contents(tmp_path / "out")
    with pytest.raises(InputError, match="the folder is not empty"):
        run(given, tmp_path / "out")
    assert contents(tmp_path / "out") == before


def test_an_empty_folder_is_used_and_one_where_a_run_hardly_began(given, whole, tmp_path):
    (tmp_path / "out" / ".work").mkdir(parents=True)
    (tmp_path / "out" / ".work" / ".plan.json.x").touch()
    run(given, tmp_path / "out", whole=True)
    assert contents(tmp_path / "out") == whole


def test_output_in_the_input_is_refused(given, tmp_path):
    for out in (given, given / "below" / "out"):
        with pytest.raises(InputError, match="the folder lies in the input"):
            run(given, out)
    assert not (given / "below").exists()


def test_two_runs_at_a_time_are_refused(given, tmp_path, monkeypatch):
    work = plan.begin(tmp_path / "out", plan.make_plan(given, None, False, None))
    with locked(work), pytest.raises(InputError, match="another run is at work here"):
        run(given, tmp_path / "out")
    run(given, tmp_path / "out")


GZIP = gzip.compress(
    b"".join(
        orjson.dumps(r) + b"\n"
        for n in range(400)
        for r in (patient(f"p{n}"), mass(f"m{n}", f"p{n}"))
    ),
    mtime=0,
)
DAMAGED = {
    "truncated": GZIP[: len(GZIP) // 2],
    "flipped": GZIP[:900] + bytes(b ^ 0xFF for b in GZIP[900:960]) + GZIP[960:],
    "not compressed": b'{"resourceType":"Patient","id":"a"}\n',
    "a wrong sum": GZIP[:-6] + b"\0\0" + GZIP[-4:],
}


@pytest.mark.parametrize("name", ["a.ndjson.gz", "a.json.gz"])
@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_compressed_file_is_named_and_the_rest_is_answered(tmp_path, capsys, name, data):
    ndjson(tmp_path / "in" / "0.ndjson", bundle(patient("a")))
    (tmp_path / "in" / name).write_bytes(data)
    out = tmp_path / "out"
    assert main(["cohort", str(tmp_path / "in"), "--out", str(out), "--jobs", "1"]) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("nextstudy: ")]
    assert (
        len(said) == 1
        and f"{name}: the file could not be read: the compressed file is damaged (" in said[0]
    )
    assert "nothing of it was used" in said[0] and "Fetch the file again" in said[0]
    assert [row["place"] for row in rows(out, "unreadable")] == [str(tmp_path / "in" / name)]
    assert [row["patient"] for row in rows(out, "patients")] == ["Patient/a"]
    assert f"  - {tmp_path / 'in' / name}: the file" in (out / "summary.md").read_text()
    assert not rows(out, "notes") or "could not be read" not in str(rows(out, "notes"))


LOST = [
    ("AllergyIntolerance", "ia:UnreadAllergy"),
    ("Device", "ia:UnreadDevice"),
    ("Observation", "ia:UnreadKidneyHazard"),
]


@pytest.mark.parametrize("kind, item", LOST)
def test_a_record_that_a_damaged_file_may_hold_more_of_is_not_answered_as_if_whole(
    tmp_path, kind, item
):
    folder = tmp_path / "in"
    ndjson(folder / "Patient.ndjson", patient("a"), patient("b"))
    ndjson(folder / "Condition.ndjson", mass("m", "a"))
    ndjson(folder / "bundles.ndjson", bundle(patient("whole"), mass("w", "whole")))
    line = orjson.dumps({"resourceType": kind, "id": "x", "patient": {"reference": "Patient/a"}})
    (folder / "part.ndjson.gz").write_bytes(gzip.compress(line * 2 + b"\n")[:-8])
    assert run(folder, tmp_path / "out", whole=True)["patients"] == 3
    answers = [
        orjson.loads(line)
        for path in (tmp_path / "out" / "answers").iterdir()
        for line in path.read_bytes().splitlines()
    ]
    told = {
        answer["patient"]: [
            n["message"] for n in answer["notes"] if "part.ndjson.gz" in n["message"]
        ]
        for answer in answers
    }
    assert told.pop("Patient/whole") == [] and all(told.values()) and len(told) == 2
    unread = {
        answer["patient"]: {
            u["kind"] for p in [answer, *answer["presentations"]] for u in p.get("unread", ())
        }
        for answer in answers
    }
    assert (
        item in unread["Patient/a"] and item in unread["Patient/b"] and not unread["Patient/whole"]
    )
    mend = gzip.compress(line + b"\n")
    (folder / "part.ndjson.gz").write_bytes(mend)
    assert not [
        row
        for row in (run(folder, tmp_path / "again"), rows(tmp_path / "again", "notes"))[1]
        if "part.ndjson.gz" in row["message"]
    ]


def test_what_is_compressed_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(faults, "SMALL", 1 << 20)
    bomb = gzip.compress(b"\n" * (8 << 20))
    for name, data in {
        "bomb.ndjson.gz": bomb,
        "empty.json.gz": b"",
        "twice.ndjson.gz": gzip.compress(GZIP),
        "tail.ndjson.gz": GZIP + b"tail",
        "zeros.ndjson.gz": gzip.compress(orjson.dumps(bundle(patient("b"))) + b"\n") + b"\0" * 512,
        "members.ndjson.gz": gzip.compress(orjson.dumps(bundle(patient("c"))))
        + gzip.compress(b"\n"),
    }.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
    counts = run(tmp_path / "in", tmp_path / "out")
    assert counts["patients"] == 2
    said = {Path(row["place"]).name: row["message"] for row in rows(tmp_path / "out", "unreadable")}
    assert said.keys() == {"bomb.ndjson.gz", "empty.json.gz", "twice.ndjson.gz", "tail.ndjson.gz"}
    assert (
        "grows more than" in said["bomb.ndjson.gz"]
        and "compressed twice" in said["twice.ndjson.gz"]
        and "empty" in said["empty.json.gz"]
    )


def test_pipes_devices_and_circles_of_links_are_passed_over(tmp_path):
    folder = tmp_path / "in"
    ndjson(folder / "a.ndjson", bundle(patient("a")))
    os.mkfifo(folder / "pipe.ndjson")
    (folder / "zero.ndjson").symlink_to("/dev/zero")
    (folder / "loop").symlink_to(folder)
    (folder / "self.ndjson").symlink_to("self.ndjson")
    counts = run(folder, tmp_path / "out")
    assert counts["patients"] == 1 and {Path(path).name for path in counts["passed_over"]} == {
        "pipe.ndjson",
        "zero.ndjson",
        "loop",
        "self.ndjson",
    }
    for name in ("pipe.ndjson", "zero.ndjson"):
        with pytest.raises(InputError, match="neither a file nor a folder"):
            run(folder / name, tmp_path / "other")


def test_files_and_folders_that_cannot_be_read_are_named(tmp_path, monkeypatch):
    path = ndjson(tmp_path / "in" / "a.ndjson", patient("a"))
    ndjson(tmp_path / "in" / "below" / "b.ndjson", patient("b"))
    ndjson(tmp_path / "in" / "c.ndjson", bundle(patient("c")))
    opened, scanned = Path.open, os.scandir

    def refusing(self, *arguments, **named):
        if self.name == "a.ndjson":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return opened(self, *arguments, **named)

    def closed(folder):
        if str(folder).endswith("below"):
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return scanned(folder)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refusing)
        patch.setattr(os, "scandir", closed)
        assert run(tmp_path / "in", tmp_path / "out")["patients"] == 1
    said = {row["place"]: row["message"] for row in rows(tmp_path / "out", "unreadable")}
    assert said.keys() == {str(path), str(tmp_path / "in" / "below")}
    assert all(
        "it cannot be read (Permission denied)" in text and "Mend its permissions" in text
        for text in said.values()
    )
    with monkeypatch.context() as patch:
        patch.setattr(
            os,
            "scandir",
            lambda folder: (_ for _ in ()).throw(
                PermissionError(errno.EACCES, "Permission denied", str(folder))
            ),
        )
        with pytest.raises(InputError, match="it cannot be read"):
            run(tmp_path / "in", tmp_path / "other")
    with pytest.raises(InputError, match="there is no such file or folder"):
        run(tmp_path / "none", tmp_path / "other")


def test_lines_that_cannot_be_read_are_counted_where_too_many_to_name(tmp_path, monkeypatch):
    monkeypatch.setattr(partition, "TROUBLE", 5)
    ndjson(tmp_path / "a.ndjson", *[b"x"] * 20, bundle(patient("a")))
    counts = run(tmp_path / "a.ndjson", tmp_path / "out")
    assert counts["patients"] == 1 and counts["unreadable"] == 20
    assert [
        row["message"]
        for row in rows(tmp_path / "out", "unreadable")
        if "14 others" in row["message"]
    ]


def full(*_, **__):
    """What a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "module, name",
    [
        (partition, "flush"),
        (local, "write_report"),
        (os, "replace"),
        (columns.pq, "write_table"),
        (answer_partition, "write"),
        (running, "write"),
        (summary, "write"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_full_disk_is_told_and_the_run_goes_on_with_room(
    given, whole, tmp_path, monkeypatch, capsys, module, name
):
    out = tmp_path / "out"
    command = ["cohort", str(given), "--out", str(out), "--jobs", "1", "--answers"]
    with monkeypatch.context() as patch:
        patch.setattr(module, name, full)
        assert main(command) == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("nextstudy: ")]
    assert said == [
        (
            f"nextstudy: {out}: it cannot be written (No space left on device). Make room, then "
            "run the same command again: what is done is kept."
        )
    ]
    assert not (out / "summary.md").exists()
    assert main(command) == 0
    assert contents(out) == whole


def test_a_folder_that_cannot_be_written_is_named(given, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(
        InputError, match="it cannot be written .*Check the folder and its permissions"
    ):
        run(given, tmp_path / "file" / "out")


def test_a_process_that_is_ended_from_outside_is_told(given, tmp_path):
    script = CHILD.replace(
        "run.run(", "import os; from reasoner.errors import InputError\n    try: run.run("
    ).replace("whole=True)", "whole=True)\n    except InputError as error: print(error)")
    script = script.replace(
        "run.SMALL = 0",
        (
            "run.SMALL = 0\nimport os\nfrom reasoner.cohort import answer_partition\n"
            "if __name__ != '__main__': answer_partition.records = lambda parts: os._exit(9)"
        ),
    )
    (tmp_path / "child.py").write_text(script)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "child.py"), str(given), str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "a process was ended from outside" in done.stdout and "fewer --jobs" in done.stdout


def test_an_interruption_says_how_to_go_on(given, tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    command = ["cohort", str(given), "--out", str(tmp_path / "out"), "--jobs", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(answer_partition, "records", interrupted)
        assert main(command) == 130
    assert "nextstudy: interrupted; run the same command again to go on." in capsys.readouterr().err
    assert main(command) == 0
    assert f"{PERSONS} patients answered, " in capsys.readouterr().err


def test_the_command_refuses_what_does_nothing(given, tmp_path, capsys):
    assert main(["cohort", str(given), "--out", str(tmp_path / "out"), "--jobs", "0"]) == 2
    assert "--jobs: 0 processes do nothing. Give at least 1." in capsys.readouterr().err


def test_the_command_says_what_is_not_installed(given, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.delitem(sys.modules, "reasoner.cohort.run")
    monkeypatch.delitem(sys.modules, "reasoner.cohort.summary")
    assert main(["cohort", str(given), "--out", str(tmp_path / "out")]) == 2
    assert (
        "duckdb is not installed. Install it with: pip install '.[cohort]'"
        in capsys.readouterr().err
    )


def test_progress_goes_up_and_ends_at_the_whole(given, tmp_path):
    seen = []
    run(given, tmp_path / "out", tell=lambda *told: seen.append(told))
    for stage in ("reading", "answering"):
        done = [(done, size) for name, done, size, _ in seen if name == stage]
        assert done == sorted(done) and done[0][0] == 0 and done[-1][0] == done[-1][1] > 0
    assert seen[-1][3] == PERSONS


def test_a_process_that_ends_before_its_work_is_told():
    with pytest.raises(InputError, match="ended from outside"), Workers(2) as workers:
        workers.prepare(os.abort)
        time.sleep(1.5)
        workers.prepare(os.getpid)
        list(workers.each(os.getpid, [()], [0]))


def test_a_compressed_line_of_any_length_takes_no_more_than_the_longest(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LONGEST", 1000)
    path = compressed(
        ndjson(
            tmp_path / "a.ndjson",
            patient("a"),
            b'{"x":"' + b"x" * 100_000 + b'"}',
            bundle(patient("b")),
        )
    )
    lines = list(sources.read(sources.pieces(path)[0][0]))
    assert [(number, data is None) for number, data in lines] == [(1, False), (2, True), (3, False)]
