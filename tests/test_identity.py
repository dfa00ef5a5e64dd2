"""Whose a resource is and which one: servers, versions, Bundles, contained resources, references.

And bytes as they come: the same at every door.
"""

import copy
import gzip
import random

import orjson
import pytest
from bundles import (
    CONDITIONAL,
    DEEP,
    INDETERMINATE,
    LIPOMA,
    MASS,
    MRI_THIGH,
    NORMAL,
    PACEMAKER,
    SUSPICIOUS,
    THIGH,
    UNSAFE,
    US_LEG,
    XR_FEMUR,
    bundle,
    condition,
    device,
    inconclusive,
    mass,
    observation,
    order,
    patient,
    refer,
    report,
)

from reasoner.errors import InputError
from reasoner.intake.bundle import open_envelope, parse
from reasoner.intake.encoding import plain

HERE, THERE = "https://a.example/fhir", "https://b.example/fhir"
BOM = b"\xef\xbb\xbf"


def on(base, *resources):
    """Entries of resources with full URLs on a server."""
    return [{"fullUrl": f"{base}/{r['resourceType']}/{r['id']}", "resource": r} for r in resources]


def entries(*given, kind="collection"):
    """A Bundle of entries as they are."""
    return {"resourceType": "Bundle", "type": kind, "entry": list(given)}


def found(envelope, key):
    """The resource of an envelope with a key."""
    [one] = [r for r in envelope.resources if r.key == key]
    return one


def messages(envelope, severity):
    """What an envelope notes with a severity, in one text."""
    return "\n".join(n.message for n in envelope.notes if n.severity == severity)


def about(target, **more):
    """A report whose subject is a reference."""
    return report("r", XR_FEMUR, NORMAL) | {"subject": {"reference": target}} | more


OWNERS = {  # the Patient's entry, the entry of the report, whose it is
    "relative, no server": ({"resource": patient()}, {"resource": about("Patient/p1")}, "own"),
    "relative, with a version": (
        {"resource": patient()},
        {"resource": about("Patient/p1/_history/3")},
        "own",
    ),
    "relative, somebody else": (
        {"resource": patient()},
        {"resource": about("Patient/p2")},
        "other",
    ),
    "the only server there is": (
        {"resource": patient()},
        {"resource": about(f"{HERE}/Patient/p1")},
        "own",
    ),
    "one server": (on(HERE, patient())[0], on(HERE, about("Patient/p1"))[0], "own"),
    "one server, said": (on(HERE, patient())[0], on(HERE, about(f"{HERE}/Patient/p1"))[0], "own"),
    "one server, by another protocol": (
        on(HERE, patient())[0],
        on(HERE, about("http://A.example/fhir/Patient/p1"))[0],
        "own",
    ),
    "one server, no full URL": (on(HERE, patient())[0], {"resource": about("Patient/p1")}, "own"),
    "another server, said": (
        on(HERE, patient())[0],
        on(HERE, about(f"{THERE}/Patient/p1"))[0],
        "other",
    ),
    "another server, said, no full URL": (
        on(HERE, patient())[0],
        {"resource": about(f"{THERE}/Patient/p1")},
        "other",
    ),
    "another path of the server": (
        on(HERE, patient())[0],
        on(HERE, about("https://a.example/other/Patient/p1"))[0],
        "other",
    ),
    "another server, relative": (
        on(HERE, patient())[0],
        on(THERE, about("Patient/p1"))[0],
        "unclear",
    ),
    "another server, relative, somebody else": (
        on(HERE, patient())[0],
        on(THERE, about("Patient/p2"))[0],
        "other",
    ),
    "another server, but of this patient": (
        on(HERE, patient())[0],
        on(THERE, about(f"{HERE}/Patient/p1"))[0],
        "own",
    ),
    "a name for this input": (
        {"fullUrl": "urn:uuid:1", "resource": patient()},
        {"fullUrl": "urn:uuid:2", "resource": about("urn:uuid:1")},
        "own",
    ),
    "another name for this input": (
        {"fullUrl": "urn:uuid:1", "resource": patient()},
        {"fullUrl": "urn:uuid:2", "resource": about("urn:uuid:3")},
        "other",
    ),
    "a name that is nowhere": (
        {"resource": patient()},
        {"resource": about("urn:uuid:3")},
        "unclear",
    ),
    "an identifier of the patient": (
        {"resource": patient(identifier=[{"system": "urn:mrn", "value": "1"}])},
        {"resource": about("Patient?identifier=urn:mrn|1")},
        "own",
    ),
    "an identifier, escaped": (
        {"resource": patient(identifier=[{"system": "urn:mrn", "value": "1"}])},
        {"resource": about("Patient?identifier=urn%3Amrn%7C1")},
        "own",
    ),
    "another identifier": (
        {"resource": patient(identifier=[{"system": "urn:mrn", "value": "1"}])},
        {"resource": about("Patient?identifier=urn:mrn|2")},
        "other",
    ),
    "an identifier of another kind": (
        {"resource": patient(identifier=[{"system": "urn:mrn", "value": "1"}])},
        {"resource": about("Patient?identifier=urn:ssn|2")},
        "unclear",
    ),
    "a logical reference": (
        {"resource": patient(identifier=[{"system": "urn:mrn", "value": "1"}])},
        {"resource": about("", subject={"identifier": {"system": "urn:mrn", "value": "1"}})},
        "own",
    ),
    "a logical reference to another": (
        {"resource": patient(identifier=[{"system": "urn:mrn", "value": "1"}])},
        {"resource": about("", subject={"identifier": {"system": "urn:mrn", "value": "2"}})},
        "other",
    ),
    "a logical reference to nobody": (
        {"resource": patient()},
        {"resource": about("", subject={"identifier": {"system": "urn:mrn", "value": "2"}})},
        "unclear",
    ),
    "a name in words": (
        {"resource": patient()},
        {"resource": about("", subject={"display": "Jane Doe"})},
        "unclear",
    ),
    "a text": ({"resource": patient()}, {"resource": about("", subject="Jane Doe")}, "unclear"),
    "a device": ({"resource": patient()}, {"resource": about("Device/p1")}, "other"),
    "a group": (on(HERE, patient())[0], on(HERE, about("Group/p1"))[0], "other"),
    "nobody": (
        {"resource": patient()},
        {"resource": {k: v for k, v in about("").items() if k != "subject"}},
        "own",
    ),
}


@pytest.mark.parametrize("name", OWNERS)
@pytest.mark.parametrize("turned", [False, True])
def test_whose_a_resource_is(name, turned):
    first, second, whose = OWNERS[name]
    envelope = open_envelope(entries(*([second, first] if turned else [first, second])))
    assert envelope.ownership(found(envelope, "DiagnosticReport/r")) == whose


def test_of_two_servers_without_full_urls_nobody_can_tell_which_is_the_patients():
    given = [
        patient(),
        about(f"{HERE}/Patient/p1"),
        about(f"{THERE}/Patient/p1", id="s"),
        about("Patient/p1", id="t"),
        about(f"{HERE}/Patient/p2", id="u"),
    ]
    envelope = open_envelope(given)
    assert [envelope.ownership(r) for r in envelope.of("DiagnosticReport")] == [
        "unclear",
        "unclear",
        "own",
        "other",
    ]


def test_what_has_no_full_url_beside_two_servers_is_unclear():
    given = entries(
        *on(HERE, patient()),
        *on(THERE, about("Patient/p9")),
        {"resource": about("Patient/p1", id="s")},
    )
    envelope = open_envelope(given)
    assert envelope.ownership(found(envelope, "DiagnosticReport/s")) == "unclear"
    given["entry"][1]["resource"] = {
        "resourceType": "Practitioner",
        "id": "r",
    }  # a server that says nothing of patients
    envelope = open_envelope(given)
    assert envelope.ownership(found(envelope, "DiagnosticReport/s")) == "own"


def test_a_request_names_its_server():
    request = {
        "fhirServer": HERE + "/",
        "context": {"patientId": "p1"},
        "prefetch": {
            "patient": patient(),
            "reports": bundle(about(f"{HERE}/Patient/p1"), about(f"{THERE}/Patient/p1", id="s")),
        },
    }
    envelope = open_envelope(request)
    assert [envelope.ownership(r) for r in envelope.of("DiagnosticReport")] == ["own", "other"]


def test_one_id_on_two_servers_is_two_resources_in_any_order():
    ours, theirs = device("1", PACEMAKER, CONDITIONAL), device("1", PACEMAKER, UNSAFE)
    given = [*on(HERE, patient(), ours), *on(THERE, theirs)]
    for turn in range(6):
        random.Random(turn).shuffle(given)
        envelope = open_envelope(entries(*given))
        assert {r.key: r.json["safety"] for r in envelope.of("Device")} == {
            "Device/1": ours["safety"],
            f"{THERE}/Device/1": theirs["safety"],
        }
        assert "their full URLs differ" in messages(envelope, "info") and {
            r.base for r in envelope.of("Device")
        } == {HERE, THERE}
        here, there = (found(envelope, key) for key in ("Device/1", f"{THERE}/Device/1"))
        for target, origin, key in (
            ("Device/1", here, here.key),
            ("Device/1", there, there.key),
            (f"{THERE}/Device/1", here, there.key),
            (f"{HERE}/Device/1", there, here.key),
            ("Device/1", None, here.key),
        ):
            assert (
                envelope.resolve({"reference": target}, origin) == key
                and envelope.reference_state({"reference": target}, origin) == "here"
            )


def test_an_id_that_only_another_server_has_keeps_its_short_name_and_is_not_taken_for_ours():
    envelope = open_envelope(
        entries(*on(HERE, patient(), mass(THIGH)), *on(THERE, condition("x", MASS)))
    )
    ours, theirs = found(envelope, "Condition/mass-1"), found(envelope, "Condition/x")
    assert envelope.resolve({"reference": "Condition/x"}, theirs) == "Condition/x"
    assert envelope.resolve({"reference": "Condition/x"}, ours) not in {
        r.key for r in envelope.resources
    }
    assert envelope.reference_state({"reference": "Condition/x"}, ours) == "not sent"


def test_two_names_for_this_input_are_two_resources():
    given = entries(
        {"resource": patient()},
        {"fullUrl": "urn:uuid:1", "resource": device("1", PACEMAKER, CONDITIONAL)},
        {"fullUrl": "urn:uuid:2", "resource": device("1", PACEMAKER, UNSAFE)},
    )
    assert [r.key for r in open_envelope(given).of("Device")] == ["Device/1", "urn:uuid:2"]
    given["entry"][2].pop("fullUrl")  # the same one without its name
    assert [r.key for r in open_envelope(given).of("Device")] == ["Device/1"]


def test_a_resource_without_id_is_named_by_its_full_url():
    envelope = open_envelope(
        entries(
            *on(HERE, patient()),
            {"fullUrl": f"{HERE}/Condition/x", "resource": mass(THIGH) | {"id": None}},
            {"fullUrl": "urn:uuid:9", "resource": device("d", None) | {"id": 7}},
        )
    )
    assert [r.key for r in envelope.resources] == [
        "Patient/p1",
        "Condition/x",
        "urn:uuid:9",
    ] and envelope.resolve({"reference": "Condition/x"}) == "Condition/x"


def test_the_same_content_under_two_names_for_this_input_is_one_resource():
    given = [{"fullUrl": f"urn:uuid:{n}", "resource": patient()} for n in range(3)]
    envelope = open_envelope(entries(*given, {"resource": about("urn:uuid:2")}))
    assert [r.key for r in envelope.resources] == [
        "Patient/p1",
        "DiagnosticReport/r",
    ] and envelope.ownership(envelope.resources[1]) == "own"
    with pytest.raises(InputError, match="there are 2 patients"):
        open_envelope(entries(*given, {"fullUrl": "urn:uuid:4", "resource": patient("1950-01-01")}))


def version(code, number=None, day=None, **more):
    """A version of an MRI report."""
    meta = {k: v for k, v in (("versionId", number), ("lastUpdated", day)) if v}
    return report("mri", MRI_THIGH, code, day="2026-05-01", **more) | (
        {"meta": meta} if meta else {}
    )


VERSIONS = {  # versions, the newest last
    "by number": [version(LIPOMA, "9"), version(SUSPICIOUS, "10")],
    "by number against date": [
        version(LIPOMA, "1", "2026-05-03T00:00:00Z"),
        version(SUSPICIOUS, "2", "2026-05-02T00:00:00Z"),
    ],
    "by instant in zones": [
        version(LIPOMA, None, "2026-05-02T10:00:00+05:00"),
        version(SUSPICIOUS, None, "2026-05-02T06:00:00Z"),
    ],
    "by instant where numbers are words": [
        version(LIPOMA, "b", "2026-05-01T00:00:00Z"),
        version(SUSPICIOUS, "a", "2026-05-02T00:00:00Z"),
    ],
    "by instant where one has no number": [
        version(LIPOMA, "7", "2026-05-01T00:00:00Z"),
        version(SUSPICIOUS, None, "2026-05-02T00:00:00Z"),
    ],
    "of three": [version(LIPOMA, "1"), version(INDETERMINATE, "2"), version(SUSPICIOUS, "3")],
    "an excerpt of the same version": [
        version(LIPOMA, "1") | {"meta": {"versionId": "1", "tag": [{"code": "SUBSETTED"}]}},
        version(SUSPICIOUS, "1"),
    ],
}


@pytest.mark.parametrize("name", VERSIONS)
@pytest.mark.parametrize("place", [None, HERE])
def test_the_newest_version_counts_wherever_it_stands(name, place):
    given = [{"resource": r} for r in VERSIONS[name]] if not place else on(place, *VERSIONS[name])
    for turn in range(4):
        random.Random(turn).shuffle(given)
        envelope = open_envelope(entries({"resource": patient()}, *given))
        assert [r.json for r in envelope.of("DiagnosticReport")] == VERSIONS[name][-1:]
        assert not messages(
            envelope, "warning"
        ) and "older version of DiagnosticReport/mri" in messages(envelope, "info")


def test_of_versions_that_nothing_orders_the_later_counts_with_a_warning():
    for one, two in ((LIPOMA, SUSPICIOUS), (SUSPICIOUS, LIPOMA)):
        envelope = open_envelope(bundle(version(one), version(two)))
        assert [r.json for r in envelope.of("DiagnosticReport")] == [
            version(two)
        ] and "repeats DiagnosticReport/mri" in messages(envelope, "warning")
    assert not open_envelope(bundle(version(LIPOMA), version(LIPOMA))).notes  # the same twice


def test_a_history_has_its_newest_version_first():
    given = [
        {"resource": r, "request": {"method": "PUT", "url": "DiagnosticReport/mri"}}
        for r in (version(SUSPICIOUS), version(LIPOMA))
    ]
    assert open_envelope(entries({"resource": patient()}, *given, kind="history")).of(
        "DiagnosticReport"
    )[0].json == version(SUSPICIOUS)


def test_a_version_entered_in_error_takes_the_older_ones_with_it(reasoner):
    wrong = version(SUSPICIOUS, "2", status="entered-in-error")
    given = bundle(*inconclusive(), version(SUSPICIOUS, "1"), wrong)
    assert reasoner.ask(given)["presentations"][0]["outcome"] == "recommendation"
    assert (
        reasoner.ask(bundle(*inconclusive(), version(SUSPICIOUS, "1")))["presentations"][0][
            "outcome"
        ]
        == "next-step"
    )


@pytest.mark.parametrize(
    "told",
    [
        {"status": "204", "etag": 'W/"3"'},
        {"status": "204", "lastModified": "2026-06-01T00:00:00Z"},
        {"status": "204"},
    ],
)
def test_what_a_history_deletes_is_gone(told):
    gone = {
        "fullUrl": f"{HERE}/DiagnosticReport/mri",
        "request": {"method": "DELETE", "url": "DiagnosticReport/mri"},
        "response": told,
    }
    made = {
        "fullUrl": f"{HERE}/DiagnosticReport/mri",
        "resource": version(SUSPICIOUS, "2", "2026-05-01T00:00:00Z"),
        "request": {"method": "PUT", "url": "DiagnosticReport/mri"},
    }
    envelope = open_envelope(entries(*on(HERE, patient()), gone, made, kind="history"))
    assert not envelope.of("DiagnosticReport") and "was deleted" in messages(envelope, "info")
    again = made | {"resource": version(SUSPICIOUS, "4", "2026-07-01T00:00:00Z")}
    assert (
        len(
            open_envelope(entries(*on(HERE, patient()), again, gone, made, kind="history")).of(
                "DiagnosticReport"
            )
        )
        == 1
    )


def test_bundles_in_bundles_are_read_to_a_bound():
    answers = [
        {"resource": entries({"resource": r}, kind="searchset"), "response": {"status": "200"}}
        for r in (patient(), mass(THIGH))
    ]
    outcome = {
        "response": {
            "status": "200",
            "outcome": entries({"resource": report("xr", XR_FEMUR, NORMAL)}, kind="searchset"),
        }
    }
    envelope = open_envelope(entries(*answers, outcome, kind="batch-response"))
    assert [r.path for r in envelope.resources] == [
        "Bundle.entry[0].resource.entry[0].resource",
        "Bundle.entry[1].resource.entry[0].resource",
        "Bundle.entry[2].response.outcome.entry[0].resource",
    ]
    deep = bundle(mass(THIGH))
    for _ in range(7):
        deep = entries({"resource": deep})
    assert open_envelope(deep).of("Condition")
    for _ in range(20):
        deep = entries({"resource": deep})
    with pytest.raises(InputError, match="Bundles lie in each other"):
        open_envelope(deep)


@pytest.mark.parametrize(
    "kind", ["collection", "searchset", "transaction", "batch-response", "history", "document"]
)
def test_every_type_of_bundle_is_read(kind):
    assert len(open_envelope(bundle(mass(THIGH)) | {"type": kind}).resources) == 2


def test_what_a_server_did_not_answer_is_said():
    refused = {
        "response": {"status": "403 Forbidden", "outcome": {"resourceType": "OperationOutcome"}}
    }
    paged = bundle(mass(THIGH)) | {"link": [{"relation": "next", "url": "x"}]}
    said = messages(open_envelope(entries({"resource": paged}, refused)), "warning")
    assert "entry[1].response.status is 403" in said and "further pages" in said
    assert not messages(
        open_envelope(entries({"resource": bundle(mass(THIGH))}, {"response": {"status": "201"}})),
        "warning",
    )


def test_contained_resources_are_read_where_they_are_referred_to():
    inside = [
        device("d", PACEMAKER, UNSAFE) | {"patient": None},
        condition("c", MASS),
        {"resourceType": "Patient", "id": "p"},
        device("unused", None),
    ]
    holder = order("o", MRI_THIGH, reason="#c", contained=inside, supportingInfo=refer("#d", "#p"))
    envelope = open_envelope(
        entries(*on(HERE, patient(), holder, order("other", MRI_THIGH, reason="#c")))
    )
    assert [(r.key, r.path) for r in envelope.of("Device", "Condition")] == [
        ("ServiceRequest/o#c", "Bundle.entry[1].resource.contained[1]"),
        ("ServiceRequest/o#d", "Bundle.entry[1].resource.contained[0]"),
    ] and len(envelope.of("Patient")) == 1
    holding, bare = envelope.of("ServiceRequest")
    assert (
        envelope.resolve({"reference": "#c"}, holding) == "ServiceRequest/o#c"
        and envelope.reference_state({"reference": "#c"}, holding) == "here"
    )
    assert (
        envelope.resolve({"reference": "#d"}, found(envelope, "ServiceRequest/o#c"))
        == "ServiceRequest/o#d"
    )
    assert (
        envelope.resolve({"reference": "#"}, found(envelope, "ServiceRequest/o#c"))
        == "ServiceRequest/o"
    )
    assert (
        envelope.reference_state({"reference": "#c"}, bare)
        == "not sent"
        == envelope.reference_state({"reference": "#x"}, holding)
    )
    assert envelope.ownership(found(envelope, "ServiceRequest/o#d")) == "own"
    holding.json["subject"] = {"reference": "Patient/p9"}
    assert envelope.ownership(found(envelope, "ServiceRequest/o#d")) == "other"


STATES = {
    "here": [
        {"reference": "Condition/mass-1"},
        {"reference": "Condition/mass-1/_history/2"},
        {"reference": "Condition?identifier=urn:x|1"},
        {"identifier": {"system": "urn:x", "value": "1"}, "type": "Condition"},
    ],
    "not sent": [
        {"reference": "Condition/gone"},
        {"reference": "urn:uuid:gone"},
        {"reference": "#gone"},
        {"reference": f"{THERE}/Condition/other"},
        {"reference": "Condition?identifier=urn:x|9"},
        {"reference": "Condition?code=1"},
    ],
    "logical": [{"identifier": {"system": "urn:x", "value": "9"}}, {"identifier": {"value": "1"}}],
    "unreadable": [
        {},
        None,
        "Condition/mass-1",
        {"display": "the lump"},
        {"reference": 7},
        {"reference": ""},
        {"reference": "Condition?identifier=urn:x|2"},
    ],
}


@pytest.mark.parametrize(
    "state, reference", [(state, r) for state, given in STATES.items() for r in given]
)
def test_what_became_of_a_reference(state, reference):
    twice = [{"system": "urn:x", "value": "2"}]
    envelope = open_envelope(
        bundle(
            mass(THIGH, identifier=[{"system": "urn:x", "value": "1"}, *twice]),
            mass(THIGH, name="mass-2", identifier=twice),
        )
    )
    assert envelope.reference_state(reference, envelope.of("Condition")[0]) == state
    key = envelope.resolve(reference, envelope.of("Condition")[0])
    assert (key in {r.key for r in envelope.resources}) is (state == "here")


MODIFIED = {
    "": mass(THIGH),
    "implicitRules": mass(THIGH, implicitRules="urn:rules"),
    "modifierExtension": mass(THIGH, modifierExtension=[{"url": "x"}]),
    "stage[0].modifierExtension": mass(THIGH, stage=[{"modifierExtension": [{"url": "x"}]}]),
    "note[1].author.modifierExtension": mass(
        THIGH, note=[{"text": "modifierExtension"}, {"author": {"modifierExtension": [{}]}}]
    ),
}


@pytest.mark.parametrize("where", MODIFIED)
def test_a_modifier_that_is_not_understood_is_found(where):
    envelope = open_envelope(bundle(MODIFIED[where]))
    assert envelope.not_understood(envelope.of("Condition")[0]) == (
        f"Bundle.entry[1].resource.{where}" if where else None
    )


def test_a_word_and_an_empty_list_are_no_modifiers():
    envelope = open_envelope(
        bundle(
            mass(
                THIGH,
                note=[{"text": '"modifierExtension"'}],
                modifierExtension=[],
                contained=[{"modifierExtension": [{}]}],
            )
        )
    )
    assert envelope.not_understood(envelope.of("Condition")[0]) is None


RELEASES = {
    "R5": {"meta": {"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Bundle"]}},
    "STU3": {"meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Bundle|3.0.2"]}},
    "R5 as parameter": {"fhirVersion": "5.0.0"},
    "STU3 as meta": {"meta": {"fhirVersion": "3.0.1"}},
}


@pytest.mark.parametrize("name", RELEASES)
def test_another_release_of_fhir_is_named(name):
    with pytest.raises(
        InputError, match=f"FHIR {name.split()[0]}, which is not read. Send it as FHIR R4"
    ):
        open_envelope(bundle(mass(THIGH)) | RELEASES[name])


@pytest.mark.parametrize(
    "meta",
    [
        {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|5.0.1"]},
        {"profile": ["http://hl7.org/fhir/StructureDefinition/Bundle|4.0.1"]},
        {"profile": ["http://hl7.org/fhir/4.0/StructureDefinition/Bundle"]},
        {"profile": "x"},
        {"fhirVersion": "4.3.0"},
        [],
        {"profile": [7]},
    ],
)
def test_what_names_no_other_release_is_read(meta):
    assert len(open_envelope(bundle(mass(THIGH) | {"meta": meta}) | {"meta": meta}).resources) == 2


def test_a_resource_of_another_release_warns():
    assert "FHIR STU3" in messages(
        open_envelope(
            bundle(
                mass(
                    THIGH,
                    meta={"profile": ["http://hl7.org/fhir/STU3/StructureDefinition/Condition"]},
                )
            )
        ),
        "warning",
    )


RECORD = bundle(*inconclusive())
LINES = b"\n".join(orjson.dumps(e["resource"]) for e in RECORD["entry"])
WRITTEN = {
    "a mark": BOM + orjson.dumps(RECORD),
    "a mark after blanks": b"\r\n " + BOM + orjson.dumps(RECORD),
    "two marks": BOM * 2 + orjson.dumps(RECORD),
    "CRLF": orjson.dumps(RECORD, option=orjson.OPT_INDENT_2).replace(b"\n", b"\r\n"),
    "lines": LINES,
    "lines with CRLF": LINES.replace(b"\n", b"\r\n"),
    "a mark before lines": BOM + LINES,
    "a mark before each line": BOM + LINES.replace(b"\n", b"\r\n" + BOM),
    "blank lines": b"\n\n" + BOM + LINES.replace(b"\n", b"\n \n") + b"\n",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", WRITTEN)
def test_bytes_are_read_alike_however_they_are_written(reasoner, tmp_path, name, packed):
    data = gzip.compress(WRITTEN[name]) if packed else WRITTEN[name]
    (tmp_path / "record").write_bytes(data)
    wanted = reasoner.ask(RECORD)["presentations"]
    assert (
        reasoner.ask(data)["presentations"]
        == reasoner.ask(tmp_path / "record")["presentations"]
        == wanted
    )
    assert plain(plain(data)) == plain(data)


TURTLE = b"""@prefix ia: <https://w3id.org/imaging-appropriateness/ns/> .
<http://x/p> a ia:Patient .
<http://x/m> a ia:Presentation ; ia:hasPatient <http://x/p> ;
    ia:hasFinding [ a ia:SoftTissueMass ; ia:hasSite ia:Thigh ; ia:hasDepth ia:DeepToFascia ] ."""


@pytest.mark.parametrize(
    "data", [BOM + TURTLE, TURTLE.replace(b"\n", b"\r\n"), gzip.compress(BOM + TURTLE)]
)
def test_turtle_is_read_however_it_is_written(reasoner, data):
    assert reasoner.ask(data) == reasoner.ask(TURTLE)


REFUSED = {
    "FHIR XML": b"<?xml version='1.0'?><Bundle xmlns='http://hl7.org/fhir'/>",
    "FHIR XML without a prologue": BOM + b'\n<Bundle xmlns="http://hl7.org/fhir">',
    "FHIR XML, a comment first": b"<!-- x --><Patient xmlns='http://hl7.org/fhir'/>",
    "XML": b"<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'/>",
    "UTF-16": "{}".encode("utf-16"),
    "damaged": gzip.compress(LINES)[:40],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_of_another_format_is_named(reasoner, name):
    with pytest.raises(InputError, match=f"{name.split(',')[0].split(' without')[0]}"):
        reasoner.ask(REFUSED[name])
    with pytest.raises(InputError):
        parse(REFUSED[name])


def test_what_grows_without_bound_when_it_is_decompressed_is_refused():
    with pytest.raises(InputError, match="more than 64 megabytes"):
        plain(gzip.compress(b" " * (65 << 20), 1))


TWICE = {
    "Bundle": b'{"resourceType": "Bundle", "type": "a", "entry": [], "type": "b"}',
    "Bundle.entry[1].resource.code": b'{"resourceType": "Bundle", "entry": [{}, '
    b'{"resource": {"code": {"text": "a", "text": "a"}}}]}',
    "[1].a": b'[{}, {"a": {"b": 1, "b": 2}}]',
    "line 2, Patient": b'{"a": 1}\n{"resourceType": "Patient", "id": "1", "id": "2"}',
    "input": b'{"a": "\\u0022", "b": 1, "b": ""}',
    "input.a": b'{"a": {"x": 1, "x": 1}, "a": {"y": 1, "y": 2}}',
    "input.z": b'{"z": {"\\u0061": 1, "a": 2}}',
}


@pytest.mark.parametrize("place", TWICE)
def test_a_key_that_stands_twice_is_refused_with_its_place(place):
    with pytest.raises(InputError) as caught:
        parse(TWICE[place])
    assert caught.value.place == place.replace("input.a", "input") and "stands twice" in str(
        caught.value
    )


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": {"b": 1}, "c": {"b": 1}}',
        b'{"a": "\\"b\\": \\"b\\"", "b": "\\u0022b\\u0022:"}',
        b'{"a": 1e3, "b": 1.10, "c": "\\/"}',
        b'[{"a": 1}, {"a": 1}]',
        b'{ "a" : 1 , "b" : "a" }',
    ],
)
def test_no_other_key_is_refused(data):
    assert parse(data) == orjson.loads(data)


def essence(answer):
    """What an answer says but for names, places and notes."""

    def clean(value):
        if isinstance(value, dict):
            return {
                k: clean(v)
                for k, v in value.items()
                if k not in ("id", "because", "order", "about")
            }
        return [clean(v) for v in value] if isinstance(value, list) else value

    return clean(answer["presentations"])


STRANGERS = [
    patient_of | {"subject": {"reference": f"{THERE}/Patient/p1"}}
    for patient_of in (
        mass(THIGH, name="x"),
        report("us-1", US_LEG, LIPOMA),
        report("mri-9", MRI_THIGH, SUSPICIOUS, day="2026-04-20"),
        observation("o", "loinc:98979-8"),
    )
] + [device("d", PACEMAKER, UNSAFE) | {"patient": {"reference": f"{THERE}/Patient/p1"}}]


@pytest.mark.parametrize("turn", range(4))
def test_order_names_and_other_servers_change_nothing(reasoner, turn):
    ours = on(
        HERE, patient(), *inconclusive(), device("d", PACEMAKER, CONDITIONAL), order("o", MRI_THIGH)
    )
    wanted, chance = essence(reasoner.ask(entries(*ours))), random.Random(turn)
    mixed = ours + on(THERE, *STRANGERS)
    chance.shuffle(mixed)
    assert essence(reasoner.ask(entries(*mixed))) == wanted
    renamed = orjson.loads(
        orjson.dumps(ours)
        .replace(b"mass-1", b"m%d" % turn)
        .replace(b"p1", b"q-%d" % turn)
        .replace(b"a.example", b"c%d.example" % turn)
    )
    assert essence(reasoner.ask(entries(*renamed))) == wanted
    assert wanted != essence(reasoner.ask(entries(*ours[:-3])))  # the twin says something


def test_what_was_given_is_not_changed():
    given = entries(
        *on(HERE, patient(), version(LIPOMA, "1"), version(SUSPICIOUS, "2")),
        *on(THERE, version(NORMAL)),
    )
    before = copy.deepcopy(given)
    open_envelope(given)
    assert given == before


def test_a_mass_is_deep_and_a_code_is_read_through_a_contained_condition(reasoner):
    given = entries(
        *on(
            HERE,
            patient(),
            order("o", MRI_THIGH, reason="#c", contained=[mass(THIGH, DEEP, name="c")]),
        )
    )
    assert [p["finding"]["id"] for p in reasoner.ask(given)["presentations"]] == [
        "ia:SoftTissueMass"
    ]


JUNK = [
    None,
    True,
    0,
    1.5,
    "",
    "x",
    "#",
    "#c",
    "/",
    "//",
    "://",
    "urn:uuid:1",
    "Patient/p1",
    "Patient?identifier=",
    "https://a.example/fhir/Patient/p1",
    "https:///Patient/p1",
    "/_history/",
    [],
    [None],
    {},
    [{}],
    [[]],
    {"reference": "#c"},
    {"reference": 5},
    {"identifier": {"value": "1"}},
    {"identifier": 5},
    {"versionId": "1"},
    {"resourceType": "Bundle"},
    {"resourceType": "Bundle", "entry": [{}]},
    {"resourceType": []},
]


def places(value):
    """The containers in a JSON value, each with a key or index in it."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@pytest.mark.parametrize("seed", range(6))
def test_whatever_stands_in_an_envelope_it_opens_or_says_why_not(seed):
    chance = random.Random(seed)
    contained = order("o", MRI_THIGH, reason="#c", contained=[condition("c", MASS)])
    told = {"request": {"method": "DELETE", "url": "Device/2"}, "response": {"etag": 'W/"2"'}}
    whole = entries(
        *on(HERE, patient(), version(LIPOMA, "1"), version(SUSPICIOUS, "2"), contained),
        *on(THERE, device("1", PACEMAKER), about("Patient/p1")),
        {"resource": entries({"resource": device("1", None)}), "response": {"status": "200"}},
        {"fullUrl": f"{HERE}/Device/2", **told},
        kind="history",
    )
    opened = 0
    for _ in range(400):
        spoilt = copy.deepcopy(whole)
        for _ in range(chance.randint(1, 4)):
            holder, key = chance.choice(list(places(spoilt)))
            holder[key] = copy.deepcopy(chance.choice(JUNK))
        try:
            envelope = open_envelope(spoilt)
        except InputError as error:
            assert error.place and error.hint
            continue
        opened += 1
        assert len({r.key for r in envelope.resources}) == len(envelope.resources)
        for one in envelope.resources:
            assert envelope.ownership(one) in ("own", "other", "unclear")
            envelope.not_understood(one)
            for holder, key in places(one.json):
                state = envelope.reference_state(holder[key], one)
                assert (state == "here") is (envelope.resolve(holder[key], one) in envelope._by_key)
    assert opened > 100
