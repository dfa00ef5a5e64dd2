"""Synthetic populations: the same of the same seed, written whole or not at all, and with a truth
that the reasoner agrees with.
"""

import csv
import gzip
import json
import re
from collections import Counter

import pytest

from reasoner.__main__ import main
from reasoner.answer.order_verdicts import Verdicts
from reasoner.errors import InputError
from reasoner.names import home
from reasoner.synth import command, defects, population
from reasoner.synth.archetypes import ARCHETYPES, FORBIDDEN, NAMED, UNCLEAR, A, B, C, D
from reasoner.synth.codings import FHIR, LOCAL, UNCOVERED, codes, coding
from reasoner.synth.forms import FORMS
from reasoner.synth.generate import STRETCH, generate
from reasoner.synth.output import TRUTH, Folder
from reasoner.synth.persons import person
from reasoner.synth.truth import MISSING, SET_ASIDE, VERDICTS, Row, judge

COMPARED, SEED = 600, 20


def disagreements(answer: dict, truth) -> list[str]:
    """In words, what an answer says otherwise than the truth of a person; empty when they agree."""
    found = {p["id"]: p for p in answer["presentations"]}
    told = {row.presentation for row in truth} - {""}
    wrong = [f"{name} is a presentation on one side only" for name in sorted(told ^ set(found))]
    for row in truth:
        p = found.get(row.presentation)
        if p is None:
            if row.order and any(o["id"] == row.order for p in found.values() for o in p["orders"]):
                wrong.append(f"{row.order} belongs to a presentation")
            continue
        applies = " ".join(s["id"] for s in p["scenarios"] if s["status"] == "applies")
        if (p["outcome"], applies) != (row.outcome, row.scenario):
            wrong.append(
                f"{row.presentation}: {p['outcome']} {applies}, not {row.outcome} {row.scenario}"
            )
        if set(o["id"] for o in p["orders"]) != {
            r.order for r in truth if r.presentation == row.presentation
        } - {""}:
            wrong.append(f"{row.presentation} has other orders")
        wrong += order_disagreements(p, row) if row.order else []
    return wrong


def order_disagreements(p: dict, row) -> list[str]:
    """What a presentation says otherwise of the order of a row."""
    order = next((o for o in p["orders"] if o["id"] == row.order), None)
    if order is None:
        return []
    aside = order["setAside"]
    if (order["category"] or "", aside) != (row.category, row.verdict == "set-aside"):
        return [
            (
                f"{row.order}: {order['category']}, {'' if aside else 'not '}set aside; not "
                f"{row.category} {row.verdict}"
            )
        ]
    return []


@pytest.fixture(scope="module")
def compared(reasoner):
    """Persons of every archetype, each with the answer of the reasoner."""
    return [(person, reasoner.ask(person.resources)) for person in population(COMPARED, SEED)]


def test_the_reasoner_agrees_with_the_truth(compared):
    wrong = {
        (person.id, person.truth[0].archetype, person.truth[0].defect): found
        for person, answer in compared
        if (found := disagreements(answer, person.truth))
    }
    assert wrong == {}


def test_an_order_is_judged_by_the_category_that_the_answer_gives_it_and_set_aside_only_for_cause(
    reasoner, compared
):
    rated = 0
    for one, answer in compared:
        truth = {row.order: row.verdict for row in one.truth}
        orders = {
            f"ServiceRequest/{r['id']}"
            for r in one.resources
            if r["resourceType"] == "ServiceRequest"
        }
        for name, category in (
            (o["id"], o["category"])
            for p in answer["presentations"]
            for o in p["orders"]
            if o["id"] in orders
        ):
            verdict = Verdicts(answer).of(name)
            assert verdict.category in (None, category), name
            assert not verdict.aside or truth[name] in (SET_ASIDE, MISSING), name
            rated += verdict.category is not None
    assert rated > 100


def test_every_archetype_and_every_kind_of_verdict_is_among_the_compared(compared):
    rows = [row for person, _ in compared for row in person.truth]
    assert {row.archetype for row in rows} == set(NAMED)
    assert {row.verdict for row in rows} == {*VERDICTS, ""}
    assert {row.scenario for row in rows} == {"", A, B, C, D, f"{A} {B}"}


ALTERED = {
    "another outcome": {"outcome": "next-step"},
    "another scenario": {"scenario": D},
    "another category": {"category": "usually-not-appropriate"},
    "set aside": {"verdict": "set-aside"},
    "another presentation": {"presentation": "Condition/none"},
    "another order": {"order": "ServiceRequest/none"},
    "no presentation": {"presentation": ""},
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_the_comparison_finds_a_truth_that_was_altered(compared, alter):
    person, answer = next(
        (p, a)
        for p, a in compared
        if len(p.truth) == 1
        and p.truth[0].scenario == C
        and p.truth[0].category == "usually-appropriate"
    )
    assert disagreements(answer, person.truth) == []
    assert disagreements(answer, [person.truth[0]._replace(**alter)]) != []


@pytest.mark.parametrize(
    "scenarios, procedure, mri, verdict",
    [
        ((C,), "ia:MriWithoutAndWithIvContrast", "", ("rated", "usually-appropriate")),
        ((C,), "ia:MriWithoutIvContrast", "", ("rated", "may-be-appropriate")),
        ((C,), "ia:ImageGuidedBiopsy", "", ("rated", "usually-not-appropriate")),
        ((C,), "ia:Ultrasound", "", ("no-criteria", "")),
        ((C,), "ia:Ct", "", ("information-missing", "")),
        ((D,), "ia:CtWithIvContrast", FORBIDDEN, ("rated", "usually-appropriate")),
        ((D,), "ia:MriWithoutAndWithIvContrast", FORBIDDEN, ("set-aside", "")),
        (
            (A,),
            "ia:MriWithoutAndWithIvContrast",
            FORBIDDEN,
            ("set-aside", "usually-not-appropriate"),
        ),
        ((A, B), "ia:Ultrasound", "", ("rated", "may-be-appropriate")),
        ((C,), "ia:Biopsy", "", ("information-missing", "")),
        ((C,), "ia:MriWithoutIvContrast", UNCLEAR, ("information-missing", "")),
        ((C,), "ia:CtWithIvContrast", UNCLEAR, ("rated", "may-be-appropriate")),
    ],
)
def test_the_verdict_on_an_order_is_that_of_the_rating_table(scenarios, procedure, mri, verdict):
    assert judge("recommendation", scenarios, procedure, mri) == verdict


@pytest.mark.parametrize(
    "outcome, mri, verdict",
    [
        ("next-step", FORBIDDEN, "set-aside"),
        ("not-read", FORBIDDEN, "set-aside"),
        ("next-step", UNCLEAR, "information-missing"),
        ("no-criteria", UNCLEAR, "no-criteria"),
        ("not-read", "", "information-missing"),
    ],
)
def test_what_must_not_be_done_is_set_aside_whatever_the_outcome(outcome, mri, verdict):
    assert judge(outcome, (), "ia:MriWithoutIvContrast", mri) == (verdict, "")


@pytest.fixture(scope="module")
def crowd():
    """More persons than are compared, for what is rare."""
    return list(population(6000, SEED))


def test_every_defect_occurs_about_as_often_as_stated(crowd):
    found = Counter(
        name
        for p in crowd
        for row in {r.presentation: r for r in p.truth}.values()
        for name in row.defect.split()
    )
    assert set(defects.MASS) <= set(found) and set(defects.ORDER) - {"revoked"} <= set(found)
    depths = [
        r.defect
        for p in crowd
        for r in p.truth[:1]
        if NAMED[r.archetype].depth and len({r.presentation for r in p.truth}) == 1
    ]
    assert sum("no-depth" in d for d in depths) / len(depths) == pytest.approx(
        defects.MASS["no-depth"], rel=0.4
    )


def test_a_person_has_about_ten_resources_and_some_have_few_or_many(crowd):
    sizes = [len(p.resources) for p in crowd]
    assert 9 <= sum(sizes) / len(sizes) <= 11
    assert min(sizes) <= 4 and max(sizes) >= 22


def test_ids_are_unique_and_names_are_of_nobody(crowd):
    keys = [(r["resourceType"], r["id"]) for p in crowd for r in p.resources]
    assert len(set(keys)) == len(keys)
    assert {
        r["name"][0]["text"] for p in crowd for r in p.resources if r["resourceType"] == "Patient"
    } == {f"Patient {n:06d}" for n in range(len(crowd))}


def codings_in(value):
    """Every coding inside a resource."""
    if isinstance(value, dict):
        yield from [value] if "code" in value and "system" in value and "value" not in value else ()
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from codings_in(item)


def test_every_code_is_mapped_or_stated_to_be_of_no_topic(crowd):
    def known(c):
        return c["system"].startswith(
            (FHIR, LOCAL, "https://w3id.org/imaging-appropriateness/ns/")
        ) or codes().find(c["system"], c["code"])

    strange = {
        (c["system"], c["code"])
        for p in crowd
        for r in p.resources
        for c in codings_in(r)
        if not known(c)
    }
    assert {code for system, code in strange if "icd-10" in system} == set(UNCOVERED)
    assert {code for system, code in strange if "icd-10" not in system} == set()


def named_and_covered(text):
    """The ICD-10-CM codes that a module names, of those that take a code of no topic, and that are
    codes of a topic.
    """
    if not re.search(r"\buncovered\b", text):
        return set()
    return set(re.findall(r'"([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]+)?)"', text)) - set(UNCOVERED)


def test_a_code_that_a_module_names_is_still_of_no_topic():
    folder = home() / "reasoner" / "synth"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    wrong = {name: codes for name, text in texts.items() if (codes := named_and_covered(text))}
    assert wrong == {}
    assert named_and_covered('code=uncovered("M25.561"), uncovered("R51.9")') == {"M25.561"}


def test_a_code_that_no_table_holds_is_refused():
    with pytest.raises(ValueError, match="SCTID:1"):
        coding("SCTID:1")


def test_one_seed_makes_one_population_whatever_the_processes(tmp_path):
    for form in FORMS:
        for name, jobs in (("one", 1), ("two", 2)):
            generate(
                STRETCH + 1, 5, tmp_path / form / name, form, compress=form == "bulk", jobs=jobs
            )
        assert contents(tmp_path / form / "one") == contents(tmp_path / form / "two")


def contents(folder):
    """The bytes of the files of a folder by name."""
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_seeds_make_different_populations():
    one, other = (list(population(50, seed)) for seed in (1, 2))
    assert all(a.resources != b.resources for a, b in zip(one, other, strict=True))


def test_a_larger_population_begins_with_the_smaller_one(tmp_path):
    generate(700, 5, tmp_path / "small")
    generate(STRETCH + 300, 5, tmp_path / "large")
    small, large = contents(tmp_path / "small"), contents(tmp_path / "large")
    assert set(small) == set(large)
    assert all(large[name].startswith(data) for name, data in small.items())


def test_the_forms_hold_the_same_persons_and_truth(tmp_path):
    for form in FORMS:
        generate(40, 9, tmp_path / form, form, compress=form == "bundles")
    whole = {p.id: p.resources for p in population(40, 9)}

    def read(data):
        return [json.loads(line) for line in data.splitlines()]

    named = {f"{r['resourceType']}/{r['id']}": r for resources in whole.values() for r in resources}
    assert {
        f"{r['resourceType']}/{r['id']}": r
        for path in (tmp_path / "bulk").glob("*.ndjson")
        for r in read(path.read_bytes())
    } == named
    assert {
        b["id"]: [e["resource"] for e in b["entry"]]
        for b in read(gzip.decompress((tmp_path / "bundles" / "bundles.ndjson.gz").read_bytes()))
    } == whole
    assert {
        b["id"]: [e["resource"] for e in b["entry"]]
        for b in (json.loads(p.read_bytes()) for p in (tmp_path / "files" / "bundles").iterdir())
    } == whole
    truths = [list(csv.reader((tmp_path / form / TRUTH).open())) for form in FORMS]
    assert (
        truths[0]
        == truths[1]
        == truths[2]
        == [list(Row._fields), *(list(row) for p in population(40, 9) for row in p.truth)]
    )


def test_what_is_done_to_one_population_does_not_reach_the_next():
    for p in population(20, 3):
        for r in p.resources:
            r.clear()
    assert all(r["id"] for p in population(20, 3) for r in p.resources)
    assert person(3, 4).truth == list(population(5, 3))[4].truth


@pytest.mark.parametrize(
    "settings, place",
    [
        ({"n": 0}, "N"),
        ({"seed": -1}, "--seed"),
        ({"jobs": 0}, "--jobs"),
        ({"form": "parquet"}, "--form"),
    ],
)
def test_settings_that_will_not_do_are_refused(tmp_path, settings, place):
    with pytest.raises(InputError) as error:
        generate(**{"n": 5, "seed": 1, "out": tmp_path / "new", **settings})
    assert error.value.place == place and error.value.hint
    assert not (tmp_path / "new").exists()


def test_a_folder_with_something_in_it_is_refused_and_an_empty_one_is_used(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["synth", "5", "--seed", "1", "--out", str(tmp_path / "empty")]) == 0
    before = contents(tmp_path / "empty")
    assert main(["synth", "9", "--seed", "2", "--out", str(tmp_path / "empty")]) == 2
    assert main(["synth", "9", "--seed", "2", "--out", str(tmp_path / "empty" / TRUTH)]) == 2
    assert "the folder is not empty. Name a new folder" in capsys.readouterr().err
    assert contents(tmp_path / "empty") == before


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("there", [True, False])
def test_an_interruption_leaves_nothing(tmp_path, monkeypatch, capsys, fault, there):
    out = tmp_path / "out"
    if there:
        out.mkdir()
    seen = []

    def interrupted(self, name, data):
        seen.append(sorted(p.name for p in out.iterdir()))
        if len(seen) > 5:
            raise fault(28, "No space left on device")
        written(self, name, data)

    written = Folder.append
    monkeypatch.setattr(Folder, "append", interrupted)
    assert main(["synth", "20", "--seed", "1", "--out", str(out)]) == (
        130 if fault is KeyboardInterrupt else 1
    )
    assert seen[-1] == [".unfinished"]
    assert out.exists() == there and not (there and list(out.iterdir()))
    assert capsys.readouterr().out == ""


def test_the_command_offers_the_forms_that_there_are():
    assert set(command.FORMS) == set(FORMS)
    assert len({a.name for a in ARCHETYPES}) == len(ARCHETYPES) and all(
        name in NAMED for a in ARCHETYPES for name in a.without.values()
    )
