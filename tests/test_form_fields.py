"""The form's fields follow from the definitions: those of the topic, what is in question first."""

import re

import pytest

pytest.importorskip("fastapi")

from conftest import ROOT  # noqa: E402

from reasoner.errors import InputError  # noqa: E402
from reasoner.names import IA, ia  # noqa: E402
from reasoner.serve.explorer import patient_form  # noqa: E402
from reasoner.serve.explorer.asked_fields import asked_fields  # noqa: E402
from reasoner.serve.explorer.patient_form import parse  # noqa: E402

KNEE = "finding=AcuteInjury&region=Knee"
MASS = "finding=SoftTissueMass&region=Thigh&depth=DeepToFascia"


def fields(page, of="select|input"):
    """The ids of the fields of a page, in its order."""
    return re.findall(rf'<(?:{of}) id="([^"]+)"', page.text)


def applying(client, query):
    """The scenarios that apply to what a query string chooses."""
    [p] = client.get(f"/patient/answer?{query}&format=json").json()["presentations"]
    return [s["id"] for s in p["scenarios"] if s["status"] == "applies"]


def test_a_finding_at_a_region_brings_the_fields_of_its_topics(client):
    ids = fields(client.get(f"/patient?{KNEE}"))
    assert {"fact-FocalTenderness", "fact-JointEffusion", "TimeSinceOnset-number"} <= set(ids)
    assert not {"depth", "palpable", "symptoms"} & set(ids)
    assert ids.index("fact-JointEffusion") < ids.index("study-0")
    page = client.get(f"/patient?{KNEE}").text
    [choices] = re.findall(r'<select id="fact-BluntTrauma".*?</select>', page, re.S)
    assert {"Fall", "HighEnergyTrauma", "UnknownMechanism"} <= set(
        re.findall(r'value="(\w+)"', choices)
    )


def test_another_topic_has_other_fields(client):
    mass = set(fields(client.get(f"/patient?{MASS}")))
    assert {"depth", "palpable", "symptoms"} <= mass and "fact-JointEffusion" not in mass
    ankle = set(fields(client.get("/patient?finding=AcuteInjury&region=Ankle")))
    assert "fact-JointEffusion" not in ankle and any("Malleolar" in name for name in ankle)
    other = set(fields(client.get("/patient?finding=AcuteInjury&region=Thigh")))
    assert not any(name.startswith("fact-") for name in other)


def test_what_is_in_question_stands_first_and_what_is_chosen_stays(client):
    def parts(query):
        return client.get(f"/patient?{query}").text.partition('<details id="further">')

    first, _, further = parts(KNEE)
    assert 'id="fact-FibularHeadTenderness"' in further and 'id="fact-JointEffusion"' in first
    first, _, further = parts(KNEE + "&fact=FibularHeadTenderness")
    assert 'id="fact-FibularHeadTenderness"' in first


def test_the_fields_lead_to_the_scenario_and_back_by_the_link(client):
    denied = "".join(f"&fact=%21{name}" for name in ("FocalTenderness", "JointEffusion"))
    query = f"{KNEE}&age=30&fact=Fall{denied}&fact=AbleToBearWeight&TimeSinceOnset=2"
    assert applying(client, query) == ["ia:KneeInjuryWithoutSign"]
    assert applying(client, query.replace("%21JointEffusion", "JointEffusion")) == [
        "ia:KneeInjuryWithSign"
    ]
    assert applying(client, query.replace("Onset=2", "Onset=90")) == []
    assert applying(client, query.replace("age=30", "age=3")) == []
    page = client.get(f"/patient?{query}")
    link = re.search(r'href="/patient\?([^"]+)">Permanent link', page.text)[1]
    assert client.get("/patient?" + link.replace("&amp;", "&")).text == page.text
    assert 'value="!JointEffusion" selected' in page.text and 'value="2"' in page.text


def test_suspected_is_not_confirmed(client):
    hip = "finding=Osteonecrosis&region=Hip"
    assert applying(client, f"{hip}&certainty=suspected") == ["ia:OsteonecrosisInitialImaging"]
    assert applying(client, hip) == []


def test_what_has_no_field_any_more_stays_in_the_form_and_the_link(client):
    page = client.get("/patient?finding=SoftTissueMass&fact=Fall&TimeSinceOnset=2").text
    assert '<input type="hidden" name="fact" value="Fall">' in page
    assert '<input type="hidden" name="TimeSinceOnset" value="2">' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fact", "Nope"),
        ("fact", "Thigh"),  # a region is no fact
        ("fact", "!AcuteCourse"),  # nothing denies a course
        ("fact", "FocalTenderness@Schwannoma"),
        ("fact", '"><script>'),
        ("suspected", "Fall"),
        ("TimeSinceOnset", "yesterday"),
    ],
)
def test_a_value_that_no_field_offers_is_refused(client, reasoner, field, value):
    page = client.get("/patient", params={"finding": "AcuteInjury", field: value})
    assert page.status_code == 400 and "<script>" not in page.text.partition("<main")[2]
    with pytest.raises(InputError):
        patient_form.record(reasoner.knowledge, parse([(field, value)]))


def test_unknown_numbers_are_ignored(reasoner):
    assert patient_form.record(
        reasoner.knowledge, parse([("Nope", "x"), ("finding", "AcuteInjury")])
    )


def test_every_field_of_every_topic_can_be_answered(reasoner):
    """For each region that scenarios are about, and each problem of their anchors."""
    knowledge = reasoner.knowledge
    facts, tried = knowledge.facts, set()
    for finding in ("AcuteInjury", "JointPain", "Osteonecrosis", "SoftTissueMass"):
        for region in {r for s in facts.having(ia("aboutRegion")) for r in regions(facts, s)}:
            form = parse([("finding", finding), ("region", region)])
            shown = asked_fields(knowledge, form, None)
            for field in shown["asked"] + shown["further"]:
                for value in [v for v, _ in field.values] or ["3"]:
                    if (field.name, value) not in tried:
                        tried.add((field.name, value))
                        assert patient_form.record(
                            knowledge, parse([("finding", finding), (field.name, value)])
                        ).statements
    assert len(tried) > 60


def regions(facts, scenario):
    """The names of the regions of a scenario."""
    return [r.removeprefix(IA) for r in facts.objects(scenario, ia("aboutRegion"))]


def test_the_part_for_the_script_brings_the_fields(client):
    part = client.get(f"/patient/answer?{KNEE}").text
    fields_of = part.partition("<template data-fields>")[2].partition("</template>")[0]
    assert "fact-JointEffusion" in fields_of and "outcome" not in fields_of


def test_no_module_of_the_explorer_names_a_term_of_a_topic(reasoner):
    """Terms below findings, signs, mechanisms, past events and results are read from the graph."""
    roots = ("ClinicalFinding", "Sign", "InjuryMechanism", "PastEvent", "Disease", "Result")
    knowledge = reasoner.knowledge
    terms = {
        c.removeprefix(IA)
        for c in knowledge.definitions.static
        for c in [c.removeprefix("canonical:")]
        if c.startswith(IA) and any(knowledge.is_a(c, ia(root)) and c != ia(root) for root in roots)
    }
    assert "JointEffusion" in terms
    for path in sorted((ROOT / "reasoner" / "serve").rglob("*.py")):
        named = set(re.findall(r'"(?:ia:)?([A-Z]\w+)"', path.read_text(encoding="utf-8")))
        assert not named & terms, path
