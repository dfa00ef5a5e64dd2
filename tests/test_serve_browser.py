"""The explorer played by a real browser: every page at desktop and phone width, the form, a dropped
record, the graph, the query page.

Nothing may be written to the console as an error, nothing may be asked of another host, and axe may
find nothing serious.
"""

import socket
import threading
import time
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
if not CHROMIUM.exists():
    pytest.skip(
        f"no browser: {CHROMIUM} is not there (apt-get install chromium)", allow_module_level=True
    )
uvicorn = pytest.importorskip("uvicorn")
playwright = pytest.importorskip(
    "playwright.sync_api", reason="no browser driver: pip install playwright"
)

from reasoner.intake.opening import example  # noqa: E402
from reasoner.serve import create_app  # noqa: E402

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
THIGH = (
    "finding=SoftTissueMass&region=Thigh&depth=DeepToFascia&study=Radiography"
    "&result=NormalRadiograph&study=Ultrasound&result=IndeterminateResult&egfr=25"
)
PAGES = [
    "/",
    "/scenarios/MassAfterInconclusiveRadiographAndUltrasound",
    "/scenarios/DeepMassInitialImaging2017",
    "/terms/MriWithIvContrast",
    "/search?q=mri",
    "/patient",
    f"/patient?{THIGH}",
    "/drop",
    "/query",
    "/patient?finding=Nope",
    "/scenarios/Nope",
]
SHOWN = "[...document.querySelectorAll('.drawing svg')].filter(s => s.checkVisibility())"
# Of the drawing that is shown: the edges that pass through a box that is not their end, sampled
# along the way, the boxes with text that is not inside, and the height of the letters.
DRAWN = f"""(() => {{
  const [svg] = {SHOWN}, boxes = [...svg.querySelectorAll('.box')], through = [], outside = [];
  for (const edge of svg.querySelectorAll('.edge')) {{
    const length = edge.getTotalLength();
    for (let at = 0; at <= length; at += 2) {{
      const p = edge.getPointAtLength(at);
      for (const box of boxes) {{
        const r = box.querySelector('rect').getBBox();
        if (p.x > r.x + 1 && p.x < r.x + r.width - 1 && p.y > r.y + 1 && p.y < r.y + r.height - 1)
          through.push([edge.dataset.from, edge.dataset.to, box.dataset.box]);
      }}
    }}
  }}
  for (const box of boxes) {{
    const r = box.querySelector('rect').getBBox();
    for (const text of box.querySelectorAll('text')) {{
      const t = text.getBBox();
      if (t.x < r.x || t.x + t.width > r.x + r.width || t.y + t.height > r.y + r.height + 2)
        outside.push(text.textContent);
    }}
  }}
  const letters = svg.querySelector('text').getBoundingClientRect().height;
  return {{ boxes: boxes.length, edges: svg.querySelectorAll('.edge').length, through, outside,
    letters, classes: svg.getAttribute('class'), shown: {SHOWN}.length }};
}})()"""
# Puts a box of the drawing onto the middle of an edge that is not its own.
SPOIL = f"""(() => {{
  const [svg] = {SHOWN}, edge = svg.querySelector('.edge');
  const box = [...svg.querySelectorAll('.box')].find(
    b => ![edge.dataset.from, edge.dataset.to].includes(b.dataset.box)).querySelector('rect');
  const p = edge.getPointAtLength(edge.getTotalLength() / 2);
  box.setAttribute('x', p.x - 20); box.setAttribute('y', p.y - 20);
}})()"""


@pytest.fixture(scope="module")
def base():
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.05)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join(15)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, base):
    """Opens a page; at the end of the test nothing may have gone wrong in the browser."""
    contexts, wrong = [], []

    def opened(
        address: str, width: str = "desktop", expected: int = 200, quiet: bool = False, **more
    ):
        context = browser.new_context(viewport=WIDTHS[width], **more)
        contexts.append(context)
        page = context.new_page()

        def silent(m):
            return (quiet or expected != 200) and "Failed to load resource" in m.text

        page.on(
            "console",
            lambda m: (
                wrong.append(f"console: {m.text}") if m.type == "error" and not silent(m) else None
            ),
        )
        page.on("pageerror", lambda e: wrong.append(f"script: {e}"))
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((base, "data:", "blob:"))
                else wrong.append(f"outside: {r.url}")
            ),
        )
        answer = page.goto(base + address)
        assert answer.status == expected
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def serious(page) -> list[str]:
    """What axe finds that is serious or worse; it is put in by the debugger, as no policy of the
    page lets a script in.
    """
    page.context.new_cdp_session(page).send(
        "Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")}
    )
    found = page.evaluate(
        "axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => "
        "n.target.join(' ')).slice(0, 5)]))"
    )
    return [v for v in found if v[0] in ("serious", "critical")]


@pytest.mark.parametrize("address", PAGES)
def test_each_page_is_sound_at_each_width(visit, address):
    page = visit(
        address,
        expected=404
        if address.startswith("/scenarios/Nope")
        else 400
        if "finding=Nope" in address
        else 200,
    )
    assert page.locator("h1").count() == 1
    if address == "/query":
        page.wait_for_selector(".yasqe .CodeMirror")
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (
            f"the page is wider than a {width}"
        )
        assert serious(page) == [], width


def test_the_answer_follows_the_form_by_keyboard(visit):
    page = visit("/patient")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for name, text in (
        ("region", "Thigh"),
        ("depth", "Deep"),
        ("study-0", "Radiography"),
        ("result-0", "Normal radiograph"),
        ("study-1", "US"),
        ("result-1", "Indeterminate"),
    ):
        page.locator(f"#{name}").focus()
        page.keyboard.type(text)
    page.wait_for_selector("text=MRI thigh without and with IV contrast")
    assert (
        page.locator("#status").inner_text().startswith("MRI thigh without and with IV contrast is")
    )
    assert page.locator("#study-2").count() == 1, "there is an empty row for one study more"
    page.wait_for_function("location.search.includes('IndeterminateResult')")
    again = visit(page.evaluate("location.pathname + location.search"))
    assert again.locator(".presentation").inner_text() == page.locator(".presentation").inner_text()
    page.locator("#region").select_option("Foot")
    page.wait_for_selector("text=MRI foot without and with IV contrast")


def test_the_form_works_without_a_script(visit):
    page = visit("/patient", java_script_enabled=False)
    page.locator("#region").select_option("Thigh")
    page.locator("#study-0").select_option("Radiography")
    page.locator("#patient button").click()
    assert (
        page.locator(".outcome").count() == 1 and page.locator("#region").input_value() == "Thigh"
    )


def test_a_wrong_number_is_said_and_a_right_one_taken(visit):
    page = visit("/patient?finding=SoftTissueMass")
    page.locator("#age").fill("x")
    page.wait_for_selector("#answer [role=alert]")
    page.locator("#age").fill("7")
    page.wait_for_selector(".outcome")


def test_a_file_dropped_on_the_page_is_answered(visit):
    page = visit("/")
    handle = page.evaluate_handle(
        (
            "text => { const t = new DataTransfer(); t.items.add(new File([text], 'a.json')); "
            "return t; }"
        ),
        example().decode(),
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": handle})
    page.wait_for_selector("text=MRI thigh without and with IV contrast")
    assert "Image first" in page.locator("#answer").inner_text() and serious(page) == []


def test_a_chosen_file_is_answered(visit):
    page = visit("/drop")
    page.set_input_files(
        "#record", {"name": "a.json", "mimeType": "application/json", "buffer": example()}
    )
    page.locator("[data-drop] button").click()
    page.wait_for_selector(".presentation .drawing svg")
    assert serious(page) == []
    page.set_input_files(
        "#record", {"name": "a.json", "mimeType": "application/json", "buffer": b"{"}
    )
    page.locator("[data-drop] button").click()
    page.wait_for_selector("#answer [role=alert]")


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_proof_is_drawn_in_layers_with_no_edge_through_a_box(visit, width, script):
    page = visit(f"/patient?{THIGH}", width, java_script_enabled=script)
    shown = page.locator(".drawing svg:visible")
    box, wide = shown.bounding_box(), WIDTHS[width]["width"]
    assert shown.count() == 1 and shown.get_attribute("role") == "img"
    assert box["x"] >= 0 and box["x"] + box["width"] <= wide and box["height"] > 250
    if script:
        found = page.evaluate(DRAWN)
        assert found["boxes"] > 10 and found["edges"] > 15 and found["letters"] >= 11
        assert (found["through"], found["outside"], found["shown"]) == ([], [], 1)
        assert found["classes"] == {"desktop": "wide", "phone": "narrow"}[width]
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
        page.evaluate(SPOIL)
        assert page.evaluate(DRAWN)["through"], "an edge through a box is noticed"


def test_the_drawing_prints_whole(visit):
    page = visit(f"/patient?{THIGH}")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
    page.emulate_media(media="print")
    box = page.locator(".drawing svg:visible").bounding_box()
    assert box["width"] <= 718 and box["height"] < 1000
    found = page.evaluate(DRAWN)
    assert found["letters"] >= 9 and (found["through"], found["outside"]) == ([], [])


def test_a_row_of_the_table_leads_to_its_step_and_on_to_what_that_rests_on(visit):
    page = visit(f"/patient?{THIGH}")
    page.locator(".ratings tbody tr").first.locator(".rank a").click()
    step = page.locator(".steps li:target")
    assert "MRI thigh without and with IV contrast" in step.inner_text()
    step.locator("a[href^='#step-']").nth(1).click()
    assert page.locator(".steps li:target").inner_text().startswith("Scenario applies")
    page.locator(".steps li:target cite a").first.click()
    assert page.locator(".sources li:target").count() == 1


def test_the_answer_is_copied(visit, base):
    page = visit(f"/patient?{THIGH}", permissions=["clipboard-read", "clipboard-write"])
    page.locator("[data-copy]", has_text="Markdown").click()
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith(
        "## Soft tissue mass of the thigh"
    )


def test_print_leaves_the_answer_and_no_form(visit):
    page = visit(f"/patient?{THIGH}")
    page.emulate_media(media="print")
    assert (
        not page.locator("#patient").is_visible()
        and not page.locator("header.site").is_visible()
        and page.locator(".ratings").is_visible()
    )


def test_questions_run_on_the_query_page_and_terms_are_completed(visit):
    page = visit("/query")
    page.wait_for_selector(".yasqe .CodeMirror")
    assert page.locator(".tabsList .tab").count() == 5
    page.locator("#question").select_option("why-not-this-study")
    page.locator("#open").click()
    page.wait_for_function("Object.keys(yasgui._tabs).length === 6")
    page.locator(".tabPanel.active .yasqe_queryButton").click()
    page.wait_for_selector(".tabPanel.active .yasr table tbody tr")
    assert "usually not appropriate" in page.evaluate(
        "yasgui.getTab().getYasr().results.getOriginalResponseAsString()"
    )
    assert serious(page) == []
    page.evaluate(
        "() => { const q = yasgui.getTab().getYasqe(); q.setValue('PREFIX ia: "
        "<https://w3id.org/imaging-appropriateness/ns/>\\nSELECT * { ?s a ia:Schwan'); "
        "q.setCursor(1, 99); q.focus(); }"
    )
    page.wait_for_timeout(200)
    page.keyboard.press("Control+Space")
    page.wait_for_function(
        "yasgui.getTab().getYasqe().getValue().includes('ia:Schwannoma') || "
        "document.querySelector('.CodeMirror-hints')?.textContent.includes('Schwannoma')"
    )


def test_why_a_query_is_refused_is_a_sentence_on_the_query_page(visit):
    page = visit("/query", quiet=True)
    page.wait_for_selector(".yasqe .CodeMirror")
    page.evaluate("() => { yasgui.getTab().setQuery('ASK {\\n  FILTR(true)\\n}'); }")
    page.locator(".tabPanel.active .yasqe_queryButton").click()
    page.wait_for_selector(".tabPanel.active .errorResult [role=alert]")
    told = page.locator(".tabPanel.active .errorResult").inner_text()
    assert "Line 2, column 3: FILTR is no word of SPARQL" in told and "nearest is FILTER" in told
    assert "{" not in told and "http" not in told
    assert [found for found in serious(page) if "errorResult" in str(found)] == []
    page.locator(".errorResult button", has_text="Show the place").click()
    cursor = "(({line, ch}) => [line, ch])(yasgui.getTab().getYasqe().getCursor())"
    assert page.evaluate(cursor) == [1, 2]
