"""The word screens: what asks is found, only plain denials count, quotes stand where they say."""

import base64
import csv
import json
import re
import shutil
import sys
import time
import unicodedata

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoner.curation.build import build
from reasoner.errors import TableError
from reasoner.reading import screens as module
from reasoner.reading.screens import Screens, texts, unreadable_forms
from reasoner.validation.validate import validate

ONTOLOGY = ROOT / "ontology"
TABLES = ("hazards", "doubts", "harmless", "screen-words", "answers")
READINGS = ROOT.parent / "shared" / "text" / "readings.jsonl"
SCREENS = Screens(ONTOLOGY)
KINDS = {  # what the methods of a screen promise
    "hazards": {"mri", "contrast", "kidney", "pregnancy"},
    "doubts": {"suspicious", "open"},
}
needs_readings = pytest.mark.skipif(not READINGS.exists(), reason="the shared folder is not here")


def table(path):
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def readings():
    """The shared texts with the facts that they state."""
    return (
        [json.loads(line) for line in READINGS.read_text(encoding="utf-8").splitlines()]
        if READINGS.exists()
        else []
    )


def stated(hits):
    """The kinds of hits that are not denied."""
    return {hit.kind for hit in hits if not hit.denied}


def result(reading):
    """The result that a shared text states, if any."""
    return next(
        (fact.removeprefix("result=") for fact in reading["facts"] if fact.startswith("result=")),
        "",
    )


SCREENED = table(ROOT / "tests" / "texts" / "screened.csv")
DOUBTED = table(ROOT / "tests" / "texts" / "doubted.csv")


@needs_readings
@pytest.mark.parametrize("reading", [pytest.param(r, id=r["id"]) for r in readings() if r["asks"]])
def test_every_hazard_of_the_shared_texts_is_asked(reading):
    assert set(reading["asks"]) <= stated(SCREENS.hazards(reading["text"]))


@needs_readings
def test_what_the_screens_say_of_the_shared_texts_beyond_that():
    more = {r["id"] for r in readings() if stated(SCREENS.hazards(r["text"])) - set(r["asks"])}
    assert more == {"F09", "F37", "C25"}  # "or", removed, the husband's


@needs_readings
@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(r, id=r["id"])
        for r in readings()
        if result(r) in ("Suspicious", "Indeterminate")
    ],
)
def test_every_worrying_report_is_doubted(reading):
    assert stated(SCREENS.doubts(reading["text"]))


@needs_readings
def test_few_simple_benign_reports_are_doubted():
    benign = [r for r in readings() if result(r) == "SimpleBenign"]
    assert len(benign) == 3
    assert [r["id"] for r in benign if stated(SCREENS.doubts(r["text"]))] == [
        "R31"
    ]  # its clinical history: "rule out sarcoma"


@pytest.mark.parametrize("row", [row for row in SCREENED if row["hazards"]], ids=str)
def test_no_hazard_of_our_sentences_is_missed(row):
    assert set(row["hazards"].split()) <= stated(SCREENS.hazards(row["text"]))


def test_our_sentences_raise_few_false_alarms():
    ordinary = [row for row in SCREENED if not row["hazards"]]
    wrong = [
        row["text"]
        for row in SCREENED
        if stated(SCREENS.hazards(row["text"])) - set(row["hazards"].split())
    ]
    assert (len(SCREENED), len(ordinary), wrong) == (111, 57, [])


def test_doubts_of_our_sentences_are_found_and_no_others():
    assert [
        row["text"]
        for row in DOUBTED
        if bool(stated(SCREENS.doubts(row["text"]))) != (row["doubt"] == "yes")
    ] == []
    assert [sum(row["doubt"] == said for row in DOUBTED) for said in ("yes", "no")] == [34, 18]


UNSEEN = table(
    ROOT / "tests" / "texts" / "unseen.csv"
)  # written after the tables; `first` says what these said when they first met them


MISSED = "28 weeks, due in March"  # of what, it does not say


@pytest.mark.parametrize(
    "row", [row for row in UNSEEN if row["hazards"] and row["text"] != MISSED], ids=str
)
def test_hazards_that_were_missed_at_first_sight_are_found_now(row):
    assert set(row["hazards"].split()) <= stated(SCREENS.hazards(row["text"]))


def test_one_hazard_is_still_missed():
    assert MISSED in [row["text"] for row in UNSEEN if row["hazards"]]
    assert not stated(SCREENS.hazards(MISSED))


def test_what_the_tables_said_of_unseen_sentences():
    first = [
        [row["first"] for row in UNSEEN if row["set"] == name] for name in ("1", "2", "ordinary")
    ]
    assert [(len(said), said.count("found") + said.count("quiet")) for said in first] == [
        (62, 42),
        (35, 33),
        (60, 60),
    ]
    assert [
        row["text"]
        for row in UNSEEN
        if row["set"] == "ordinary" and stated(SCREENS.hazards(row["text"]))
    ] == []


UNSURE = table(ROOT / "tests" / "texts" / "doubts-unseen.csv")  # likewise


def test_doubts_that_were_missed_at_first_sight_are_found_now():
    wrong = [
        row["text"]
        for row in UNSURE
        if bool(stated(SCREENS.doubts(row["text"]))) != (row["doubt"] == "yes")
    ]
    assert wrong == []


def test_what_the_tables_said_of_unseen_doubts():
    first = [[row["first"] for row in UNSURE if row["doubt"] == said] for said in ("yes", "no")]
    assert [(len(said), said.count("right")) for said in first] == [(65, 45), (29, 27)]


DISPLAYS = ROOT.parent / "shared" / "terms" / "terms-2.tsv"
RAISES = {
    "mri": """AneurysmClip BoneAnchoredHearingAid CardiacElectronicDeviceComplication
        CardiacPacemaker
        CardiacPacemakerImplantation CardiacPacemakerLead CardiacResynchronizationDevice
        CerebrospinalFluidShunt CochlearImplant ExternalInfusionPump ImplantableDefibrillator
        ImplantableDefibrillatorImplantation ImplantableLoopRecorder InsulinPump
        IntraocularMetallicForeignBody Neurostimulator RetainedMetal TissueExpander
        TemporaryCardiacPacing VentricularAssistDevice UnableToLieFlat""",
    "kidney": """AcuteKidneyInjury ChronicKidneyDisease ChronicKidneyDiseaseStage4
        ChronicKidneyDiseaseStage5 DialysisDependence DialysisProcedure EndStageRenalDisease
        EstimatedGfr KidneyTransplant RenalInsufficiency""",
    "pregnancy": "PregnancyPossible PregnancyTestPositive PregnancyStatus PregnancyTest Lactation",
    "contrast": """AllergyToGadoliniumContrast AllergyToIodinatedContrast ContrastInducedNephropathy
        NephrogenicSystemicFibrosis""",
}
QUIET = """JointProsthesis OrthopedicHardware VascularStent CardiacValveProsthesis BreastImplant
    HearingAid CoronaryBypassGraft Asthma Metformin AnticoagulantUse NoKnownAllergy BodyWeight
    SevereObesity Hyperthyroidism Hematoma"""


@pytest.mark.skipif(not DISPLAYS.exists(), reason="the shared folder is not here")
def test_displays_of_codes_raise_what_they_name_and_passive_devices_nothing():
    with DISPLAYS.open(encoding="utf-8", newline="") as file:
        told = [
            (r["suggested_term"][3:], r["display"]) for r in csv.DictReader(file, delimiter="\t")
        ]
    named = {term: hazard for hazard, terms in RAISES.items() for term in terms.split()}
    named |= dict.fromkeys(QUIET.split())
    told = [(display, named[term]) for term, display in told if term in named]
    assert {hazard for _, hazard in told} >= set(RAISES)
    said = {display: stated(SCREENS.hazards(display)) for display, _ in told}
    assert [display for display, hazard in told if hazard and hazard not in said[display]] == []
    assert [display for display, hazard in told if not hazard and said[display]] == []


@pytest.mark.parametrize(
    "text",
    [
        "No pacemaker.",
        "no pacemaker",
        "Denies pacemaker, lump of arm",
        "without pacemaker",
        "Negative for pacemaker",
        "no\u00a0pacemaker",
        "Absent pacemaker",
        "no pacemaker or ",
        "NO PACEMAKER;",
        "No pacemaker present",
    ],
)
def test_a_plain_denial_is_marked(text):
    assert [(hit.word.lower(), hit.denied) for hit in SCREENS.hazards(text)] == [
        ("pacemaker", True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "No. Pacemaker in situ",
        "no\npacemaker",
        "no pacemaker malfunction",
        "no pacemaker check since May",
        "not pacemaker",
        "never had a pacemaker",
        "no known pacemaker",
        "no, pacemaker",
        "cannot live without pacemaker",
        "not without pacemaker",
        "pacemaker: no",
        "pacemaker denied",
        "no evidence of pacemaker",
        "No pacemaker? please check",
        "free of pacemaker",
        "no pacemaker until 2019",
    ],
)
def test_what_is_less_plain_is_no_denial(text):
    assert (
        hit := next(hit for hit in SCREENS.hazards(text) if hit.word.lower() == "pacemaker")
    ) and not hit.denied


def test_the_plain_denials_are_the_fixed_list():
    denials = [
        row["word"]
        for row in table(ONTOLOGY / "tables" / "screen-words.csv")
        if row["class"] == "denial"
    ]
    assert sorted(denials) == ["absent", "denies", "negative for", "no", "without"]


@pytest.mark.parametrize(
    "text, denied",
    [
        ("no contrast allergy", True),
        ("No reaction to gadolinium", True),
        ("no contrast given because of allergy", False),
        ("Had gadolinium last year. Got hives.", False),
    ],
)
def test_a_pair_is_denied_only_as_a_whole(text, denied):
    assert [(hit.kind, hit.denied) for hit in SCREENS.hazards(text)] == [("contrast", denied)]


@pytest.mark.parametrize(
    "text",
    [
        "ICD-10 R22.41",
        "icd 10 code",
        "proton pump inhibitor",
        "magnetic resonance imaging",
        "MRI with contrast on Monday at four. Allergies: penicillin",
        "dental implant",
        "breast implants",
    ],
)
def test_harmless_words_raise_nothing(text):
    assert SCREENS.hazards(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "ICD 10/2019",
        "ICD, CRT",
        "ICD 10 years ago",
        "ICD-10 R22; ICD placed",
        "magnetic port",
        "breast implant and cochlear implant",
        "proton pump inhibitor, pain pump",
    ],
)
def test_harmless_words_hide_no_others(text):
    assert stated(SCREENS.hazards(text)) == {"mri"}


def example(phrase, classes):
    """A text that a phrase stands for."""

    def word(element):
        return (
            word(classes[element[1:-1]])
            if element.startswith("<")
            else element.replace("*", "x")
            if element.endswith("*")
            else element
        )

    return " ".join(word(element) for element in phrase.replace(" ... ", " ").split(" "))


@pytest.mark.parametrize("name, column", [("hazards", "hazard"), ("doubts", "kind")])
def test_every_phrase_finds_itself(name, column):
    classes = {
        row["class"]: row["word"]
        for row in reversed(table(ONTOLOGY / "tables" / "screen-words.csv"))
    }
    look = getattr(SCREENS, name)
    rows = table(ONTOLOGY / "tables" / f"{name}.csv")

    def kinds(row):
        return {hit.kind for hit in look(example(row["phrase"], classes))}

    assert {row[column] for row in rows} == KINDS[name]
    assert [row["phrase"] for row in rows if row[column] not in kinds(row)] == []
    assert kinds({"phrase": "a word of no row"}) == set()


def test_every_word_of_a_class_is_a_contrast_agent_or_a_reaction_when_it_should_be():
    words = [
        row["word"].replace("*", "x")
        for row in table(ONTOLOGY / "tables" / "screen-words.csv")
        if row["class"] == "contrast-agent"
    ]
    assert [word for word in words if not SCREENS.agents(f"given {word} today")] == []
    assert [
        word for word in words if "contrast" not in stated(SCREENS.hazards(f"{word}: allergy"))
    ] == []
    assert SCREENS.agents("penicillin and latex") == []


FAULTS = {
    "a row twice": ("hazards", -1, lambda row: ["pacemaker*", "mri", "project"], "phrase"),
    "a row twice, spelled otherwise": (
        "doubts",
        -1,
        lambda row: ["R O", "open", "project"],
        "phrase",
    ),
    "an unknown hazard": ("hazards", 3, lambda row: [row[0], "ct", row[2]], "hazard"),
    "an unknown kind": ("doubts", 3, lambda row: [row[0], "maybe", row[2]], "kind"),
    "an empty phrase": ("hazards", 4, lambda row: ["", *row[1:]], "phrase"),
    "no source": ("doubts", 5, lambda row: [*row[:2], ""], "source"),
    "a cell too many": ("harmless", 5, lambda row: [*row, "x"], "phrase"),
    "an unknown screen": ("harmless", 2, lambda row: [row[0], "all", *row[2:]], "screen"),
    "an unknown class": ("hazards", 6, lambda row: ["<planet> found", *row[1:]], "phrase"),
    "a short beginning": ("hazards", 7, lambda row: ["pa*", *row[1:]], "phrase"),
    "a hyphen": ("hazards", 8, lambda row: ["crt-z", *row[1:]], "phrase"),
    "a class within a class": ("screen-words", 9, lambda row: ["<mr>", *row[1:]], "word"),
    "an unknown answer": ("answers", 2, lambda row: [row[0], "ia:Yes"], "answer"),
    "a word with two answers": ("answers", -1, lambda row: ["YES", "ia:NegativeAnswer"], "word"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_spoilt_table_is_refused_with_its_place(fault, tmp_path):
    name, number, change, column = FAULTS[fault]
    folder = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, folder)
    path = folder / "tables" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if number < 0:
        rows.append([])
    rows[number] = change(rows[number])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    for read in (Screens, build, lambda it: validate([it])):
        with pytest.raises(TableError) as caught:
            read(folder)
        assert (caught.value.path, caught.value.line, caught.value.column) == (
            str(path),
            number + 1 if number >= 0 else len(rows),
            column,
        )


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_missing_or_has_another_header_is_refused(name, tmp_path):
    shutil.copytree(ONTOLOGY / "tables", tmp_path / "tables")
    path = tmp_path / "tables" / f"{name}.csv"
    path.write_text("word,meaning\na,b\n", encoding="utf-8")
    with pytest.raises(TableError, match="The header is"):
        Screens(tmp_path)
    path.unlink()
    with pytest.raises(TableError, match=re.escape(f"{name}.csv")):
        Screens(tmp_path)


@pytest.mark.parametrize(
    "word, name",
    [
        ("Yes", "AffirmativeAnswer"),
        (" NO\u00a0", "NegativeAnswer"),
        ("not  asked", "UnknownAnswer"),
        ("?", "UnknownAnswer"),
        ("DENIES\n", "NegativeAnswer"),
        ("Pos", "AffirmativeAnswer"),
        ("maybe", None),
        ("No.", "NegativeAnswer"),
        ("No?", None),
        ("no pacemaker", None),
        ("", None),
        ("yes " * 99, None),
    ],
)
def test_only_a_plain_answer_is_one(word, name):
    assert SCREENS.answer(word) == (name and f"https://w3id.org/imaging-appropriateness/ns/{name}")


@pytest.mark.parametrize(
    "text, word",
    [
        ("stra\u00dfe: pacemaker.", "pacemaker"),
        ("\u0130mplant \u0130CD", "\u0130mplant"),
        ("pace\u00admaker", "pace\u00admaker"),
        ("a pacema\u0301ker\u0301!", "pacema\u0301ker\u0301"),
        ("MR\u2011unsafe", "MR\u2011unsafe"),
        ("MRI\u00a0contraindicated", "MRI\u00a0contraindicated"),
        ("she can\u2019t lie still", "can\u2019t lie still"),
        ("\u00bd non\u2013conditional", "non\u2013conditional"),
        (
            "\uff30\uff21\uff23\uff25\uff2d\uff21\uff2b\uff25\uff32",
            "\uff30\uff21\uff23\uff25\uff2d\uff21\uff2b\uff25\uff32",
        ),
        ("\u2028pacemaker", "pacemaker"),
    ],
)
def test_letters_of_other_forms_are_read_and_keep_their_place(text, word):
    hit = SCREENS.hazards(text)[0]
    assert (hit.word, text[hit.start : hit.end]) == (word, word) and hit.quote in text


def sound(text):
    """The hits of a text, each of which stands where it says and is quoted."""
    hits = SCREENS.hazards(text) + SCREENS.doubts(text) + SCREENS.agents(text)
    for hit in hits:
        assert text[hit.start : hit.end] == hit.word and hit.word in hit.quote and hit.quote in text
        assert len(hit.quote) <= max(module.QUOTE, len(hit.word)) and hit.quote == hit.quote.strip()
    return hits


def test_quotes_of_all_our_texts_stand_in_them():
    told = [row["text"] for row in SCREENED + DOUBTED] + [reading["text"] for reading in readings()]
    assert sum(len(sound(text)) for text in told) > 100
    assert sum(len(sound(" ".join(told)[start:])) for start in (0, 7, 100)) > 300


WORDS = sorted(
    {
        row["phrase"].replace("*", "").replace("<", "").replace(">", "")
        for row in table(ONTOLOGY / "tables" / "hazards.csv")
        + table(ONTOLOGY / "tables" / "doubts.csv")
    }
)
SIGNS = st.sampled_from(
    [
        " ",
        ". ",
        "\n",
        "-",
        "\u2011",
        "\u00a0",
        "? ",
        ", ",
        "\u0301",
        "no ",
        "without ",
        "\u00df",
        "\u0130",
        "contrast ",
        "allergy ",
        "\u00bd",
        "<b>",
    ]
)
PASSAGES = st.lists(st.one_of(st.sampled_from(WORDS), SIGNS, st.text(max_size=6)), max_size=30).map(
    "".join
)


@settings(max_examples=150, deadline=None)
@given(PASSAGES)
def test_no_text_is_too_odd(text):
    sound(text)
    sound(unicodedata.normalize("NFD", text))


@settings(max_examples=60, deadline=None)
@given(PASSAGES)
def test_what_stands_in_a_text_is_not_lost_in_a_longer_one(text):
    assert stated(SCREENS.hazards(text)) <= stated(
        SCREENS.hazards(f"Seen today.\n\n{text}\n\nThank you.")
    )


def steps(text):
    """The lines of the program that reading a text takes, and the characters that it cuts out."""
    count = 0
    files = {
        f"{ROOT}/reasoner/{name}.py"
        for name in ("screening/phrases", "screening/folding", "screening/screens")
    }

    def line(frame, event, argument):
        nonlocal count
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(lambda frame, event, argument: line if frame.f_code.co_filename in files else None)
    try:
        SCREENS.hazards(text)
        SCREENS.doubts(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "pacemaker ",
        "cannot have an ",
        "contrast allergy ",
        "no ",
        "chronic kidney ",
        "a",
        "\u00e9 ",
        "not without no pacemaker ",
        "MRI ",
        "magnetic ",
        "? ",
        ". ",
        "ordinary words of a letter, ",
    ],
)
def test_steps_grow_with_the_length_of_a_text(piece):
    few, many = steps(piece * 100), steps(piece * 200)
    assert many <= 2 * few + 50
    assert steps(piece * 400) <= 2 * many + 50


def test_a_very_long_text_is_read_to_its_end():
    text = "word " * 60_000 + "pacemaker"
    assert [(hit.word, hit.start) for hit in SCREENS.hazards(text)] == [
        ("pacemaker", len(text) - 9)
    ]
    assert len(SCREENS.hazards("pacemaker" * 40_000)) == 0  # one word of 360,000 letters is none


def encoded(text, charset="utf-8"):
    """A text in base64."""
    return base64.b64encode(text.encode(charset)).decode()


def test_every_place_that_carries_words_is_found():
    resource = {
        "resourceType": "DiagnosticReport",
        "id": "pacemaker",
        "status": "final",
        "issued": "2026-01-01",
        "text": {
            "status": "generated",
            "div": "<div>no<br/><b>pace</b>maker &amp; <td>x</td><td>y</td>&#99999999999999;</div>",
        },
        "code": {
            "coding": [{"system": "urn:pacemaker", "code": "pacemaker", "display": "d1"}],
            "text": "t1",
        },
        "conclusion": "c1",
        "note": [{"text": "n1", "authorString": "Dr. Who"}],
        "subject": {"reference": "Patient/pacemaker", "display": "d2"},
        "contained": [
            {
                "resourceType": "Device",
                "deviceName": [{"name": "dn", "type": "user-friendly-name"}],
                "udiCarrier": [{"deviceIdentifier": "pacemaker"}],
                "note": [{"text": "n2"}],
            },
            {
                "resourceType": "Patient",
                "name": [{"text": "John Pacer"}],
                "address": [{"text": "Pacer Road"}],
            },
        ],
        "extension": [
            {"url": "urn:x", "valueString": "v1"},
            {"url": "urn:y", "extension": [{"url": "z", "valueMarkdown": "v2"}]},
        ],
        "component": [{"code": {"text": "t2"}, "valueString": "v3"}],
        "reasonCode": [{"text": "t3"}],
        "bodySite": {"text": "t4"},
        "patientInstruction": "p1",
        "orderDetail": [{"text": "t5"}],
        "series": [{"description": "d3"}],
        "title": "t6",
        "valueCode": "pacemaker",
        "comment": "c2",
        "presentedForm": [
            {"contentType": "text/plain", "data": encoded("caf\u00e9")},
            {
                "contentType": "text/html; charset=iso-8859-1",
                "data": encoded("<p>\u00e9</p>", "latin-1"),
                "title": "t7",
            },
            {"contentType": "application/pdf", "data": "JVBERi0="},
            {"contentType": "text/plain", "url": "http://x"},
            {"contentType": "text/plain", "data": "@@"},
            {"url": "http://y"},
        ],
    }
    found = dict(texts(resource))
    assert (
        found["text.div"].split() == ["no", "pacemaker", "&", "x", "y"]
        and not SCREENS.hazards(found["text.div"])[0].denied
    )
    assert (
        found["presentedForm[0]"],
        found["presentedForm[1]"].strip(),
        found["contained[0].deviceName[0].name"],
        found["extension[1].extension[0].valueMarkdown"],
    ) == ("caf\u00e9", "\u00e9", "dn", "v2")
    words = {text.strip() for text in found.values()}
    assert {
        "d1",
        "t1",
        "c1",
        "n1",
        "d2",
        "n2",
        "v1",
        "v2",
        "t2",
        "v3",
        "t3",
        "t4",
        "p1",
        "t5",
        "d3",
        "t6",
        "t7",
        "c2",
    } <= words
    assert not any(
        "pacer" in text.lower() or text in ("pacemaker", "urn:x") for text in found.values()
    )
    assert unreadable_forms(resource) == [
        ("presentedForm[2]", "application/pdf"),
        ("presentedForm[3]", "text/plain"),
        ("presentedForm[4]", "text/plain"),
        ("presentedForm[5]", ""),
    ]


def test_texts_of_odd_records_are_read_all_the_same():
    deep = {"text": "bottom"}
    for _ in range(3_000):
        deep = {"extension": [deep]}
    ((path, text),) = texts(deep)
    assert text == "bottom" and len(path) < 2_000
    assert list(
        texts(
            {
                "note": "text",
                "text": 5,
                "display": None,
                "conclusion": ["a", {"text": "b"}, 7],
                "component": [[]],
            }
        )
    ) == [("note", "text"), ("conclusion[0]", "a"), ("conclusion[1].text", "b")]
    assert list(texts({"text": {"div": "<" * 50_000}})) == [("text.div", "<" * 50_000)]
    assert list(texts({})) == [] == unreadable_forms({"presentedForm": "pdf"})


def test_a_screen_takes_little_time():
    text = ("Seen today for pain of the knee; she walks with a cane and takes no tablets. " * 90)[
        :8_000
    ]

    def best(length):
        took = []
        for _ in range(15):
            start = time.perf_counter()
            SCREENS.hazards(text[:length])
            took.append(time.perf_counter() - start)
        return min(took)

    assert (
        best(500) < 0.0003 * 4 and best(8_000) < 0.002 * 4
    )  # four times the promise: other work may run beside the tests
