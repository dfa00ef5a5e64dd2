"""The pages of the explorer: each answers, shows what the graph says, escapes what a request says,
and names no other address to load from.
"""

import html
import json
import re
from urllib.parse import parse_qsl

import pytest

pytest.importorskip("fastapi")

from reasoner.intake.opening import example  # noqa: E402
from reasoner.serve.explorer import patient_form  # noqa: E402
from reasoner.serve.explorer.pages import HERE, assets  # noqa: E402
from reasoner.serve.explorer.patient_form import parse  # noqa: E402
from reasoner.serve.explorer.record_pages import CHANGING  # noqa: E402

THIGH = (
    "finding=SoftTissueMass&region=Thigh&depth=DeepToFascia&study=Radiography"
    "&result=NormalRadiograph&study=Ultrasound&result=IndeterminateResult"
)
NEWEST, OLDER = "MassAfterInconclusiveRadiographAndUltrasound", "DeepMassInitialImaging2017"
PAGES = {
    "/": "Soft Tissue Masses 2022",
    f"/scenarios/{NEWEST}": "usually appropriate",
    f"/scenarios/{OLDER}": "kept for comparison",
    "/terms/Schwannoma": "Schwannoma",
    "/terms/ia:Schwannoma": "Schwannoma",
    "/search": "Search",
    "/search?q=mri": "Procedures",
    "/search?q=24703-1": "24703-1",
    "/search?q=zzzz": "Nothing is called",
    "/patient": "Choose what is known",
    f"/patient?{THIGH}": "MRI thigh without and with IV contrast",
    "/drop": "A record",
    "/query": "Query the graph",
}
SCRIPT = '"><script>alert(1)</script>'
OUTSIDE = re.compile(
    r"""(?:src|action|poster|srcset)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|<link[^>]+href\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
)


@pytest.fixture(scope="module")
def knowledge(client):
    return client.app.state.nextstudy.current.reasoner.knowledge


def words(page) -> str:
    """What a page says."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.mark.parametrize("address", PAGES)
def test_each_page_answers_and_loads_nothing_from_elsewhere(client, address):
    page = client.get(address)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert PAGES[address] in words(page)
    assert not OUTSIDE.search(page.text)
    policy = page.headers["content-security-policy"]
    assert (
        policy.startswith("default-src 'self'")
        and "http" not in policy
        and "unsafe-eval" not in policy
        and "script-src" not in policy
    )
    assert ("unsafe-inline" in policy) == (address == "/query")
    assert not re.search(r"<script(?![^>]+src=)|\son\w+=|\sstyle=", page.text), (
        "scripts and styles stand in files"
    )


def test_every_link_between_pages_leads_somewhere(client):
    todo, seen = {"/", f"/patient?{THIGH}", f"/scenarios/{NEWEST}", f"/scenarios/{OLDER}"}, set()
    for address in sorted(todo):
        for found in map(html.unescape, re.findall(r'href="(/[^"#]*)"', client.get(address).text)):
            if found not in seen:
                seen.add(found)
                assert client.get(found).status_code == 200, f"{address} links to {found}"
    assert len(seen) > 30


@pytest.mark.parametrize("scenario", [NEWEST, OLDER])
def test_a_scenario_shows_every_rating_with_words_and_a_mark(client, scenario):
    told, page = (
        client.get(f"/api/scenarios/{scenario}").json(),
        client.get(f"/scenarios/{scenario}"),
    )
    rows = re.findall(r'<tr class="row ([\w-]+)">', page.text)
    assert sorted(rows) == sorted(r["category"] for r in told["ratings"]) and rows
    for category in set(rows):
        assert re.search(
            rf'class="category {category}"><span aria-hidden="true">\S</span> \w', page.text
        )
    for criterion in told["criteria"]:
        assert criterion["label"] in words(page)


def test_the_edition_switch_leads_to_the_twin_and_says_what_changed(client):
    page = client.get("/scenarios/DeepMassInitialImaging")
    assert 'href="/scenarios/DeepMassInitialImaging2017"' in page.text
    assert "What changed from Soft Tissue Masses 2017 to Soft Tissue Masses 2022" in words(page)


@pytest.mark.parametrize(
    "address",
    [
        "/scenarios/Nope",
        "/terms/Nope",
        "/static/../app.py",
        "/static/nope.css",
        "/static/%2e%2e/app.py",
        f"/scenarios/{SCRIPT}",
        f"/terms/{SCRIPT}",
    ],
)
def test_what_is_not_there_is_said_on_a_page(client, address):
    page = client.get(address)
    assert page.status_code == 404 and "<script>alert" not in page.text


@pytest.mark.parametrize("address", ["/search", "/patient", "/patient/answer"])
@pytest.mark.parametrize(
    "name", ["q", "finding", "region", "age", "egfr", "study", "condition", SCRIPT]
)
def test_what_a_request_says_is_escaped(client, address, name):
    page = client.get(address, params={"finding": "SoftTissueMass", name: SCRIPT})
    assert page.status_code in (200, 400) and "<script>alert" not in page.text


def test_a_hostile_record_is_escaped(client):
    bundle = json.loads(example())
    for entry in bundle["entry"]:
        entry["resource"]["id"] = "<img/src=x>"
    page = client.post("/drop", content=json.dumps(bundle))
    assert page.status_code == 200 and "<img/src" not in page.text


def test_a_permanent_link_gives_the_form_and_the_answer_again(client):
    query = (
        f"{THIGH}&order=ImageGuidedBiopsy&device=CardiacPacemaker&label=MrConditional"
        "&allergy=AllergyToIodinatedContrast&severity=Severe&egfr=25.5&age=9&pregnant=Pregnancy"
        "&kidney=AcuteKidneyInjury&condition=Claustrophobia"
    )
    page = client.get(f"/patient?{query}")
    link = html.unescape(re.search(r'href="/patient\?([^"]+)">Permanent link', page.text)[1])
    assert sorted(parse_qsl(link)) == sorted(parse_qsl(query))
    assert client.get(f"/patient?{link}").text == page.text
    assert parse(parse_qsl(link, keep_blank_values=True)).query() == link
    for chosen in ("ImageGuidedBiopsy", "CardiacPacemaker", "MrConditional", "Severe", "Thigh"):
        assert f'value="{chosen}" selected' in page.text


def test_the_answer_follows_the_form_alone_and_in_each_format(client):
    assert "<html" not in client.get(f"/patient/answer?{THIGH}").text
    answer = client.get(f"/patient/answer?{THIGH}&format=json").json()
    assert (
        answer["presentations"][0]["outcome"] == "recommendation"
        and answer["presentations"][0]["steps"]
    )
    assert client.get(f"/patient/answer?{THIGH}&format=markdown").text.startswith(
        "## Soft tissue mass of the thigh"
    )
    turtle = client.get(f"/patient/answer?{THIGH}&format=turtle")
    assert (
        turtle.headers["content-type"].startswith("text/turtle")
        and "a ia:Recommendation" in turtle.text
    )


def test_a_value_that_is_not_offered_is_refused_with_its_field(client):
    for query in (
        "finding=Nope",
        "age=abc",
        "age=-1",
        "egfr=1e9",
        "finding=SoftTissueMass&region=Schwannoma",
    ):
        page = client.get(f"/patient?{query}")
        assert page.status_code == 400 and 'role="alert"' in page.text


def test_everything_that_is_offered_can_be_asked(client, knowledge):
    offered = patient_form.options(knowledge)
    beside = {second: (first, offered[first][0][0]) for first, second in patient_form.ROWS.items()}
    for name, values in offered.items():
        assert values, name
        for value, _ in values:
            pairs = [("finding", "SoftTissueMass")] if name != "finding" else []
            form = parse([*pairs, *([beside[name]] if name in beside else []), (name, value)])
            assert patient_form.record(knowledge, form).presentations


def test_the_form_offers_devices_to_clear_and_nothing_that_could_not_be_read(knowledge):
    offered = patient_form.options(knowledge)
    devices, results = dict(offered["device"]), dict(offered["result"])
    assert {"InsulinPump", "TissueExpander", "CardiacPacemaker", "DeviceOfUnknownKind"} <= set(
        devices
    )
    assert not {"UnrecognizedDevice", "DeviceToClear", "NoDeviceStated"} & set(devices)
    assert "SuspiciousResult" in results
    assert not {"DoubtedResult", "UncharacterizedResult", "OutdatedResult"} & set(results)


def test_what_was_not_read_is_quoted_under_the_headline(client):
    bundle = json.loads(example())
    entries, told = bundle["entry"], "Cardiac pacemaker in situ, MR unsafe."
    mass = next(e["resource"] for e in entries if e["resource"]["resourceType"] == "Condition")

    def answered():
        return words(client.post("/drop", content=json.dumps(bundle)))

    assert "To be cleared up" not in answered() and "Also recorded as" not in answered()
    entries.append({"resource": mass | {"id": "again", "recordedDate": "2026-11-01"}})
    entries.append(
        {
            "resource": {
                "resourceType": "Observation",
                "id": "told",
                "status": "final",
                "subject": mass["subject"],
                "code": {"text": "Nursing note"},
                "note": [{"text": told}],
            }
        }
    )
    said = answered()
    assert "Also recorded as" in said and "To be cleared up first" in said
    assert told.rstrip(".") in said.partition("Proof")[0] and "it leaves open: MRI" in said


def test_the_form_has_no_place_for_a_name(client):
    page = client.get("/patient").text
    assert set(re.findall(r'<input[^>]* name="(\w+)"', page)) == {
        "q",
        "age",
        "egfr",
        "kidney",
        "condition",
    }


def test_what_would_change_the_answer_is_what_asking_again_says(client):
    page = words(client.get(f"/patient?{THIGH}"))
    assert (
        "If MRI contraindicated" in page
        and "CT thigh with IV contrast: usually appropriate instead of may be appropriate." in page
    )
    later = client.get(
        f"/patient/answer?{THIGH}&device=CardiacPacemaker&label=MrUnsafe&format=json"
    ).json()["presentations"][0]
    row = next(r for r in later["recommendations"] if r["generic"] == "ia:CtWithIvContrast")
    assert row["category"] == "usually-appropriate"


def test_the_steps_of_a_proof_are_listed_and_led_to(client):
    page = client.get(f"/patient?{THIGH}").text
    [p] = client.get(f"/patient/answer?{THIGH}&format=json").json()["presentations"]
    ids = re.findall(r'id="((?:step|source)-[\d-]+)"', page)
    wanted = [f"step-1-{s['id']}" for s in p["steps"]]
    assert ids == wanted + [f"source-1-{s['id']}" for s in p["sources"]]
    linked = re.findall(r'href="#((?:step|source)-[\d-]+)"', page)
    assert set(linked) <= set(ids)
    assert {f"step-1-{r['step']}" for r in p["recommendations"]} <= set(linked)
    listed = words(client.get(f"/patient?{THIGH}"))
    assert [s["text"] for s in p["steps"] if s["text"][1:] not in listed] == []


def test_only_the_first_proofs_of_a_page_are_drawn_and_all_are_listed(client):
    bundle = json.loads(example())
    mass = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Condition"
    )
    sites = (
        "14975008",
        "68367000",
        "56459004",
        "30021000",
        "53120007",
        "76505004",
        "40983000",
        "122494005",
        "69536005",
        "45048000",
        "22943007",
        "818981001",
    )
    bundle["entry"] += [
        {
            "resource": mass
            | {
                "id": f"m{site}",
                "bodySite": [{"coding": [{"system": "http://snomed.info/sct", "code": site}]}],
            }
        }
        for site in sites
    ]
    page = client.post("/drop", content=json.dumps(bundle)).text
    assert page.count('<ol class="steps">') > CHANGING
    assert page.count("<svg viewBox") == 2 * CHANGING and "This proof is not drawn" in page


def test_each_problem_of_a_page_has_steps_of_its_own(client):
    bundle = json.loads(example())
    mass = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Condition"
    )
    bundle["entry"].append(
        {
            "resource": mass
            | {
                "id": "again",
                "bodySite": [
                    {"coding": [{"system": "http://snomed.info/sct", "code": "14975008"}]}
                ],
            }
        }
    )
    page = client.post("/drop", content=json.dumps(bundle)).text
    ids = re.findall(r' id="([^"]+)"', page)
    assert "step-2-1" in ids and len(ids) == len(set(ids))


@pytest.mark.parametrize("send", ["body", "file"])
def test_a_dropped_record_is_answered_and_can_be_copied(client, send):
    page = (
        client.post("/drop", content=example())
        if send == "body"
        else client.post("/drop", files={"record": ("a.json", example())})
    )
    assert (
        page.status_code == 200
        and "MRI thigh without and with IV contrast" in words(page)
        and 'id="copy-turtle"' in page.text
    )
    assert page.headers["cache-control"] == "no-store"
    part = client.post("/drop?part", content=example())
    assert "<html" not in part.text and "Image first" in part.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b"{}", b"null", b'{"resourceType":"Bundle"}']
)
def test_a_record_that_cannot_be_read_says_where(client, body):
    for address in ("/drop", "/drop?part"):
        assert client.post(address, content=body).status_code in (200, 400)
    client.post("/drop", content=body, headers={"Content-Type": "multipart/form-data"})


def test_assets_carry_their_license_and_load_nothing(client):
    for name, (data, media, tag) in assets().items():
        assert client.get(f"/static/{name}").content == data
        assert client.get(f"/static/{name}", headers={"If-None-Match": tag}).status_code == 304
        if not name.startswith("vendor/"):
            assert not re.search(r"https?://(?!www\.w3\.org/)", data.decode()), name
        elif media == "text/css":
            assert not OUTSIDE.search(data.decode()), name
    for folder in (HERE / "static" / "vendor").iterdir():
        assert not folder.is_dir() or (folder / "LICENSE").is_file()
    assert not any(
        b"sourceMappingURL=" in data
        for data, media, _ in assets().values()
        if media in ("text/css", "text/javascript")
    )


def test_the_editor_asks_nobody_else(client):
    script = (HERE / "static" / "query.js").read_text()
    assert (
        'prefixCcApi: "/query/prefixes.json"' in script
        and '["prefixes", "variables", "terms"]' in script
    )
    assert client.get("/query/prefixes.json").json()["ia"].endswith("/ns/")
    tabs = json.loads(
        html.unescape(re.search(r'data-tabs="([^"]*)"', client.get("/query").text)[1])
    )
    assert len(tabs) == 5
    for query in [t["text"] for t in tabs] + [assets()["terms-in-use.rq"][0].decode()]:
        assert (
            client.post(
                "/sparql",
                data={"query": query},
                headers={"Accept": "application/sparql-results+json"},
            ).status_code
            == 200
        )
