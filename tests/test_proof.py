"""The proof of an answer: a graph of numbered steps, each told once, and the same at every door."""

import json
import re
from copy import deepcopy

import jsonschema
import pytest
from bundles import (
    FOREARM,
    THIGH,
    bundle,
    mass,
)
from conftest import CASES, ROOT

from reasoner.answer.proof_steps import KINDS, Proof
from reasoner.answer.render import FORMATS, laid_out
from reasoner.inference.proof import resource
from reasoner.intake.opening import example
from reasoner.messages import escaping as shown
from reasoner.names import ia
from reasoner.terminal.console import Screen

SCHEMA = json.loads(
    (ROOT / "reasoner" / "answer" / "answer.schema.json").read_text(encoding="utf-8")
)
SET_ASIDE = "soft-tissue-masses/should-set-mri-aside-before-imaging-when-pacemaker-is-mr-unsafe"
LONGEST = 60  # lines of the proof of the example


def faults(explained: dict) -> list[str]:
    """What is wrong with the proof of a presentation of an explained answer."""
    steps, sources = explained["steps"], explained["sources"]
    ids = [s["id"] for s in steps]
    found = [] if ids == list(range(1, len(steps) + 1)) else ["the steps are not numbered"]
    said = [(s["text"], *s["because"], *s["sources"]) for s in steps]
    found += ["a step is told twice"] if len(set(said)) < len(said) else []
    found += [
        f"step {s['id']} rests on what does not come before it"
        for s in steps
        for b in s["because"]
        if not 0 < b < s["id"]
    ]
    cited = {n for s in steps for n in s["sources"]}
    found += [] if sorted(cited) == [s["id"] for s in sources] else ["a source is not used"]
    found += [f"step {s['id']} says nothing" for s in steps if not s["text"].strip()]
    found += [
        f"step {s['id']} has no name for a reader"
        for s in steps
        if re.search(r"urn:nextstudy|\bia:|None", s["text"])
    ]
    told = [row.get("step") for row in conclusions(explained)]
    found += [f"{told.count(None)} conclusions name no step"] if None in told else []
    told += [order["decisionStep"] for order in explained["orders"] if "decisionStep" in order]
    resting = {b for s in steps for b in s["because"]}
    found += [f"step {n} is neither told nor needed" for n in set(ids) - set(told) - resting]
    return found


def conclusions(p: dict) -> list[dict]:
    """The rows of a presentation that are conclusions."""
    rows = [
        p[name]
        for name in (
            "scenarios",
            "recommendations",
            "agreed",
            "conflicts",
            "orders",
            "alerts",
            "nextSteps",
            "otherSources",
            "questions",
        )
    ]
    inner = [
        part
        for row in (*p["recommendations"], *p["agreed"], *p["orders"])
        for part in row["safety"]
    ]
    inner += [part for s in p["scenarios"] for part in (*s["criteria"], *s["assumptions"])]
    return [row for found in rows for row in found] + inner


def closure(steps: list[dict], start: int) -> set[int]:
    """The steps that a step rests on, however far."""
    found, waiting = set(), [start]
    while waiting:
        for below in steps[waiting.pop() - 1]["because"]:
            if below not in found:
                found.add(below)
                waiting.append(below)
    return found


@pytest.mark.parametrize("case", CASES)
def test_each_step_is_told_once_and_every_conclusion_names_its_own(case, replies):
    for explained in replies[case].explained["presentations"]:
        assert faults(explained) == []


@pytest.fixture
def explained(reasoner):
    """The presentation of the example with its proof, to be spoilt."""
    return deepcopy(reasoner.reply(example()).explained["presentations"][0])


SPOILT = {
    "told twice": lambda p: p["steps"].append({**p["steps"][0], "id": len(p["steps"]) + 1}),
    "not numbered": lambda p: p["steps"].reverse(),
    "before it": lambda p: p["steps"][0]["because"].append(2),
    "not used": lambda p: p["sources"].append({**p["sources"][0], "id": 99}),
    "says nothing": lambda p: p["steps"][3].update(text=" "),
    "no name": lambda p: p["steps"][3].update(text="urn:nextstudy:question:x"),
    "name no step": lambda p: p["alerts"][0].pop("step"),
    "nor needed": lambda p: p["steps"].append(
        {**p["steps"][0], "id": len(p["steps"]) + 1, "text": "aside"}
    ),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_each_fault_of_a_proof_is_found(explained, fault):
    assert faults(explained) == []
    SPOILT[fault](explained)
    assert any(fault in found for found in faults(explained))


@pytest.mark.parametrize("case", CASES)
def test_no_premise_is_lost(case, replies):
    """Whatever a conclusion rests on, its step rests on the step that says it."""
    reply = replies[case]
    for explained, proof in zip(reply.explained["presentations"], reply.proofs, strict=True):
        reached = {n: closure(proof.steps, n) for n in proof.ids.values()}
        facts = {s["id"]: s["about"] for s in proof.steps if s["kind"] == "fact"}
        for row in conclusions(explained):
            below = {facts[n] for n in reached[row["step"]] if n in facts}
            assert set(row.get("because", ())) <= below, row


def test_a_lost_premise_is_noticed(reasoner):
    """The broken twin: a step that forgets what it rests on no longer reaches the record."""
    reply = reasoner.reply(example())
    [shown_], [proof] = reply.explained["presentations"], reply.proofs
    criterion = shown_["scenarios"][0]["criteria"][0]
    assert criterion["because"] and closure(proof.steps, criterion["step"])
    spoilt = [{**s, "because": []} if s["id"] == criterion["step"] else s for s in proof.steps]
    assert not closure(spoilt, criterion["step"])


@pytest.mark.parametrize("case", CASES)
def test_every_row_of_the_table_names_its_rank_its_scenario_and_its_ratings(case, replies):
    for p in replies[case].explained["presentations"]:
        applying = {s["id"]: s["step"] for s in p["scenarios"]}
        for row in p["recommendations"]:
            step = p["steps"][row["step"] - 1]
            assert step["text"].startswith(f"row {row['rank']}: {row['procedure']['label']}: ")
            assert step["kind"] == "recommendation" and step["about"] == row["generic"]
            assert step["text"].endswith(", set aside") == row["setAside"]
            assert applying[row["scenario"]] in step["because"]
            assert any(p["steps"][b - 1]["text"].startswith("ratings of ") for b in step["because"])
            assert {f["step"] for f in row["safety"]} <= set(step["because"])


@pytest.mark.parametrize("case", CASES)
def test_steps_stand_in_reading_order(case, replies):
    for proof in replies[case].proofs:
        kinds = [KINDS.index(s["kind"]) for s in proof.steps]
        assert kinds == sorted(kinds)
        ranks = [
            int(s["text"].split()[1][:-1]) for s in proof.steps if s["kind"] == "recommendation"
        ]
        assert ranks == sorted(ranks) == list(range(1, len(ranks) + 1))


@pytest.mark.parametrize("case", CASES)
def test_the_explained_answer_keeps_its_schema_and_all_that_it_said(case, replies):
    explained = json.loads(json.dumps(replies[case].explained))
    jsonschema.Draft202012Validator(SCHEMA).validate(explained)
    assert without_steps(explained) == json.loads(json.dumps(replies[case].answer))


def without_steps(data, added: tuple[str, ...] = ("step", "decisionStep")):
    """An explained answer without what explains it."""
    if isinstance(data, dict):
        inside = ("steps", "sources") if "presentations" in data else ()
        return {
            k: without_steps(v, ("step", "decisionStep", *inside))
            for k, v in data.items()
            if k not in added
        }
    return [without_steps(v, added) for v in data] if isinstance(data, list) else data


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p["steps"][0].pop("because"),
        lambda p: p["steps"][0].update(id="1"),
        lambda p: p["steps"][0].update(kind="guess"),
        lambda p: p["sources"][0].pop("label"),
        lambda p: p["recommendations"][0].update(step="first"),
    ],
)
def test_the_schema_refuses_a_spoilt_proof(reasoner, spoil):
    answer = json.loads(json.dumps(reasoner.reply(example()).explained))
    spoil(answer["presentations"][0])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(answer)


def test_the_proof_of_the_example_can_be_read(reasoner):
    text = FORMATS["text"](reasoner.reply(example()), True)
    proof = text[text.index("\nProof\n") + 1 :].rstrip().splitlines()
    assert 30 < len(proof) <= LONGEST
    assert [line for line in proof[1:] if not re.match(r" *(\d+\.|\[\d+\]) \S", line)] == []
    assert any("(DiagnosticReport/ultrasound)" in line for line in proof)
    assert re.search(
        r"row 1: MRI thigh without and with IV contrast: usually appropriate \(\d+, \d+\)", text
    )
    assert re.search(r"scenario excluded: soft tissue mass, deep .* \((\d+, )+\d+\)", text)
    assert re.search(r"scenario possible: .*MRI contraindicated \((\d+, )+\d+\)", text)


def test_on_a_narrow_terminal_a_step_goes_on_below_its_text(reasoner):
    reply = reasoner.reply(example())
    [proof] = reply.proofs
    told = laid_out(reply, True, Screen(50)).splitlines()
    lines = told[told.index("Proof") :]
    assert max(map(len, lines)) <= 50
    assert [n for n in lines[1:] if not re.match(r" {1,3}(\d+\.|\[\d+\]) \S| {5}\S", n)] == []
    assert " ".join(" ".join(lines[1:]).split()) == " ".join(" ".join(proof.lines()).split())


@pytest.mark.parametrize("case", CASES)
def test_text_markdown_json_and_python_tell_the_same_steps(case, replies, reasoner):
    reply = replies[case]
    data = json.loads(FORMATS["json"](reply, True))["presentations"]
    lines = reasoner.explain(CASES[case])
    assert [(p["steps"], p["sources"]) for p in data] == [
        (p["steps"], p["sources"]) for p in lines.presentations
    ]
    told = {name: FORMATS[name](reply, True).splitlines() for name in ("text", "markdown")}
    for p, proof in zip(data, reply.proofs, strict=True):
        expected = [f"{s['id']}. {shown.line(s['text'])}" for s in p["steps"]]
        expected += [f"[{s['id']}] {s['citation'] or s['label']}" for s in p["sources"]]
        for name, found in (("python", lines), ("text", [row.strip() for row in told["text"]])):
            assert [e for e in expected if not any(line.startswith(e) for line in found)] == [], (
                name
            )
        assert set(proof.lines(shown.markdown)) <= {
            row.removeprefix("- ") for row in told["markdown"]
        }


def test_without_explain_nothing_is_concluded_twice(reasoner):
    reply = reasoner.reply(example())
    for format in ("text", "json", "markdown"):
        FORMATS[format](reply, False)
    assert "conclusions" not in vars(reply) and "proofs" not in vars(reply)
    assert "step" not in json.dumps(reply.answer).replace('"nextSteps"', "").replace('"steps"', "")
    reply.explained  # noqa: B018
    assert "conclusions" in vars(reply)


def test_python_gives_lines_and_the_same_as_data(reasoner):
    found = reasoner.explain(bundle(mass(THIGH), mass(FOREARM, name="mass-2")))
    heads = [line for line in found if not re.match(r"\d+\. |\[", line)]
    assert [h.rpartition(" ")[2] for h in heads] == ["(Condition/mass-1)", "(Condition/mass-2)"]
    assert str(found) == "\n".join(found)
    assert [p["id"] for p in found.presentations] == ["Condition/mass-1", "Condition/mass-2"]
    assert sum(len(p["steps"]) + len(p["sources"]) + 1 for p in found.presentations) == len(found)


def test_a_source_has_its_citation(reasoner):
    for p in reasoner.explain(example()).presentations:
        assert all(s["about"].startswith("ia:") and len(s["citation"]) > 20 for s in p["sources"])


def test_a_row_that_is_set_aside_rests_on_what_sets_it_aside(replies):
    [p] = replies[SET_ASIDE].explained["presentations"]
    for row in (r for r in p["recommendations"] if r["setAside"]):
        below = [p["steps"][n - 1] for n in p["steps"][row["step"] - 1]["because"]]
        assert any(s["kind"] == "flag" and s["text"].startswith("contraindicated: ") for s in below)
        reached = [p["steps"][n - 1] for n in closure(p["steps"], row["step"])]
        assert any(s["text"].startswith("safety rule: ") for s in reached)
        assert any("pacemaker" in s["text"] for s in reached if s["kind"] == "fact")
    assert any(r["setAside"] for r in p["recommendations"])


def test_facts_of_one_resource_are_one_step(reasoner):
    reply = reasoner.reply(example())
    facts = [s["about"] for s in reply.proofs[0].steps if s["kind"] == "fact"]
    assert len(facts) == len(set(facts)) and "DiagnosticReport/radiograph" in facts
    parts = {
        n
        for n in reply.facts.having(ia("ofPresentation"))
        for n in reply.facts.objects(n, ia("because"))
        if resource(n) == "DiagnosticReport/radiograph"
    }
    assert len(parts) > 1


def test_proofs_are_equal_when_their_steps_are():
    assert Proof([], [], {("fact", "a"): 1}) == Proof([], [], {})
    assert Proof([{"id": 1}], [], {}) != Proof([], [], {})


def test_the_json_api_tells_the_proof_when_it_is_asked(request, reasoner):
    pytest.importorskip("fastapi", reason="the service needs: pip install '.[serve]'")
    client = request.getfixturevalue("client")

    def asked(query: str) -> dict:
        return client.post(f"/api/answer{query}", content=example()).json()

    assert asked("?explain=true") == reasoner.reply(example()).explained
    assert asked("") == asked("?explain=false") == reasoner.ask(example())
    told = client.get("/openapi.json").json()["paths"]["/api/answer"]["post"]
    assert "explain" in [p["name"] for p in told["parameters"]]
    schema = told["responses"]["200"]["content"]["application/json"]["schema"]
    assert "steps" in schema["properties"]["presentations"]["items"]["properties"]


def test_at_eighty_columns_the_proof_of_the_example_has_64_lines_at_most(reasoner):
    told = laid_out(reasoner.reply(example()), True, Screen(80)).splitlines()
    assert len(told[told.index("Proof") :]) <= 64


def test_a_source_is_not_told_again_of_what_rests_on_it(reasoner):
    [proof] = reasoner.reply(example()).proofs
    rows = [line for line in proof.lines() if ". row " in line]
    assert rows and not any("[" in line for line in rows)
    assert all(s["sources"] for s in proof.steps if s["kind"] == "recommendation")
