"""Every rule is a file with a reason, fires in some case, and can be explained down to the record.

`tests/expected/rules/<rule>/<case>.ttl` is what a rule concludes in a case, with all that it says;
`UPDATE_EXPECTED=1` writes these files anew. For a new rule, make an empty file under the name of a
case in which it concludes something, and let it be written.
"""

import os
import re

import pytest
from conftest import CASES, ROOT

from reasoner.graph import query_files as queries
from reasoner.graph.memoize import memoized
from reasoner.graph.rule_files import all_rules
from reasoner.graph.store import Store, quads, serialize, text
from reasoner.graph.turtle.format import WELL_KNOWN, format_turtle
from reasoner.inference.classification import classify, membership_as_statements
from reasoner.inference.record_rules import conclude_of_record
from reasoner.inference.rules import derive
from reasoner.intake import Record
from reasoner.names import IA, RDF_TYPE, SOURCE, expand, ia

CONCLUDED = ROOT / "tests" / "expected" / "rules"
NAMES = list(CASES)
RULES = tuple([rule.name for rule in all_rules()])
BESIDE = (  # what one of these presentations has must not be taken for what another has
    "should-choose-the-step-of-each-of-two-masses-by-its-own-result",
    "should-let-a-contradiction-hold-back-the-stop-of-its-own-mass-only",
    "should-not-take-a-headache-for-a-mass-beside-a-pacemaker",
    "should-ask-where-a-mass-is-when-its-site-cannot-be-read",
    "should-presume-that-an-unlabeled-device-is-unsafe-in-the-scenario-that-needs-it",
    "should-report-both-scenarios-when-a-deep-mass-is-felt",
    "should-judge-one-order-for-three-masses-by-each-of-them",
)
PAIRS = [
    *((f"soft-tissue-masses/{name}", "example") for name in BESIDE),
    *zip(NAMES[::8], NAMES[1::8], strict=False),
]  # pairs of cases to be put into one graph
WRITTEN = sorted(path.relative_to(CONCLUDED) for path in CONCLUDED.glob("*/*.ttl"))
MADE = "urn:nextstudy:"
KIND = re.compile(r"CONSTRUCT\s*\{\s*\?(\w+) a (ia:\w+)")
NAMING = re.compile(r'BIND \(IRI\(CONCAT\(\s*"(urn:nextstudy:\w+:)".*?\) AS \?(\w+)\)', re.S)
NEW = "make an empty tests/expected/rules/RULE/CASE.ttl; UPDATE_EXPECTED=1 writes it"


def kind(rule):
    """The class of the conclusions of a rule, and how their names begin."""
    return kind_in(queries.named("rules", rule).text)


def kind_in(query: str) -> tuple[str, str]:
    """The class of the conclusions of a query, and how the names begin that it gives them, if it
    does: a match of a scenario has its name before its status.
    """
    found = KIND.search(query)
    assert found, "CONSTRUCT { ?conclusion a ia:Class ; must come first"
    begins = [start for start, variable in NAMING.findall(query) if variable == found[1]]
    return expand(found[2]), begins[0] if begins else MADE


def is_of(kind: tuple[str, str], node: str, cls: str) -> bool:
    """Whether a conclusion of a class is of a kind."""
    return cls == kind[0] and node.startswith(kind[1])


def conclusions(reply):
    """The nodes that rules and classification made, with their classes."""
    return {s: o for s, p, o in reply.conclusions if p == RDF_TYPE and s.startswith(MADE)}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_what_it_concludes_and_why(rule):
    header = queries.named("rules", rule).header
    assert header.get("summary", "").endswith(".") and header.get("why", "").endswith(".")


def test_each_rule_has_conclusions_of_its_own_kind():
    """But for steps, which follow a result at a stage, or a state in the interim, and for orders
    without a rating, of which those for another place are a matter of their own.
    """
    shared = {"take-interim-step": "choose-next-step", "place-orders": "leave-unrated"}
    kinds = [kind(rule) for rule in RULES if rule not in shared]
    twice = [each for each in kinds if kinds.count(each) > 1]
    assert not twice, "two rules name conclusions of one class alike: begin one name otherwise"
    assert all(kind(rule) == kind(other) for rule, other in shared.items())


def test_two_rules_may_conclude_the_same_class_under_other_names():
    old = queries.named("rules", "flag-pitfalls").text
    new = old.replace("urn:nextstudy:alert:", "urn:nextstudy:repeated:")
    assert kind_in(new) == (ia("Alert"), f"{MADE}repeated:") != kind_in(old)
    assert is_of(kind_in(new), f"{MADE}repeated:x", ia("Alert"))
    assert not is_of(kind_in(new), f"{MADE}alert:x", ia("Alert"))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_fires_in_some_case(rule, replies):
    made = ((s, o) for r in replies.values() for s, p, o in r.conclusions if p == RDF_TYPE)
    assert any(is_of(kind(rule), *pair) for pair in made), "add a case in tests/cases/"


@pytest.mark.parametrize("case", CASES)
def test_every_conclusion_has_its_premises(case, replies):
    """Silence alone has no premise: an assessment that is unknown."""
    reply = replies[case]
    grounded = {s for s, p, _ in reply.conclusions if p == ia("because")}
    silent = {s for s, p, o in reply.conclusions if p == ia("status") and text_of(o) == "unknown"}
    made = conclusions(reply)
    assert (
        sorted(set(made) - grounded - {s for s in silent if made.get(s) == ia("Assessment")}) == []
    )


def concluded(reply, rule: str) -> bytes:
    """All that is said of the conclusions of a rule's kind, as canonical Turtle."""
    own = kind(rule)
    made = {s for s, p, o in reply.conclusions if p == RDF_TYPE and is_of(own, s, o)}
    return format_turtle(serialize([s for s in reply.conclusions if s[0] in made], WELL_KNOWN))


@pytest.mark.parametrize("path", WRITTEN, ids=str)
def test_a_rule_concludes_what_is_written(path, replies):
    [name] = [case for case in CASES if case.rpartition("/")[2] == path.stem]
    said = concluded(replies[name], path.parent.name)
    if os.environ.get("UPDATE_EXPECTED") == "1":
        (CONCLUDED / path).write_bytes(said)
    assert said.decode() == (CONCLUDED / path).read_text(encoding="utf-8")


def test_what_each_rule_concludes_is_written():
    told = {path.parent.name for path in WRITTEN if (CONCLUDED / path).stat().st_size}
    assert told == set(RULES), NEW


def together(knowledge, one: Record, other: Record):
    """What rules conclude of two records beside the whole graph, and of each beside its slice."""
    others = {s: f"urn:other:{n}" for n, (s, _, _) in enumerate(other.statements)}
    record = one.statements + [(others[s], p, others.get(o, o)) for s, p, o in other.statements]
    found = classify(knowledge, record)
    made = [(thing, RDF_TYPE, cls) for thing, classes in found.types.items() for cls in classes]
    made += [s for m in found.memberships for s in membership_as_statements(m)]
    workbench = Store(everything(knowledge), quads(record + made))
    for rule in all_rules():
        if rule.scope == "presentation":
            concluded = workbench.construct(rule.text)
            workbench.add(concluded)
            made += concluded
    return made + conclude_of_record(knowledge, made), derive(knowledge, record)


@memoized
def everything(knowledge):
    """All that the graph states, and that follows from it before any record comes."""
    return quads(knowledge.store.construct("CONSTRUCT WHERE { ?s ?p ?o }"))


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_rules_keep_presentations_and_topics_of_a_graph_apart(pair, replies):
    """Neither the slice of the graph that rules get nor what their headers say decides anything."""
    one, other = (replies[name] for name in pair)
    joint, apart = together(one.knowledge, one.record, other.record)
    assert set(joint) == set(apart)


def text_of(term):
    """The text of an IRI or literal."""
    return term if isinstance(term, str) else text(term)


@pytest.mark.parametrize("case", CASES)
def test_every_premise_is_a_fact_a_conclusion_or_knowledge(case, replies):
    reply = replies[case]
    made, facts = conclusions(reply), {s for s, _, _ in reply.record.statements}
    premises = {o for _, p, o in reply.conclusions if p == ia("because")}

    def known(node):
        return node.startswith(IA) and reply.knowledge.facts.value(node, RDF_TYPE)

    assert sorted(p for p in premises if p not in made and p not in facts and not known(p)) == []


@pytest.mark.parametrize("case", CASES)
def test_conclusions_have_the_same_names_every_time(case, replies):
    reply = replies[case]
    again = derive(reply.knowledge, reply.record.statements)
    assert {s for s, _, _ in again if s.startswith(MADE)} == {
        s for s, _, _ in reply.conclusions if s.startswith(MADE)
    }
    assert {tuple(map(text_of, s)) for s in again} == {
        tuple(map(text_of, s)) for s in reply.conclusions
    }
    assert not any(text_of(term).startswith("_:") for s in again for term in s)


def under(steps, start):
    """A step of a proof and all that it rests on."""
    found, waiting = {}, [start]
    while waiting:
        step = steps[waiting.pop() - 1]
        found[step["id"]] = step
        waiting += [n for n in step["because"] if n not in found]
    return list(found.values())


@pytest.mark.parametrize("case", CASES)
def test_the_proof_of_every_recommendation_reaches_a_fact_and_cites_a_source(case, replies):
    reply = replies[case]
    cited = {text_of(o) for _, p, o in reply.conclusions if p == SOURCE}
    for p in reply.explained["presentations"]:
        named = {s["id"] for s in p["sources"] if expand(s["about"]) in cited}
        for row in p["recommendations"]:
            proof = under(p["steps"], row["step"])
            assert any(step["kind"] == "fact" for step in proof), row
            assert set(p["steps"][row["step"] - 1]["sources"]) & named, row
