"""Records changed in ways that must not matter, or that may matter in one direction only."""

import copy
import json
import random
import re

from bundles import SUBJECT, concept
from packing import key, resources

ELEMENTS = (
    "effectiveDateTime",
    "performedDateTime",
    "onsetDateTime",
    "recordedDate",
    "severity",
    "criticality",
    "safety",
    "status",
    "clinicalStatus",
    "verificationStatus",
    "interpretation",
    "started",
    "issued",
)
FACTS = (
    "code",
    "type",
    "valueQuantity",
    "valueCodeableConcept",
    "valueBoolean",
    "conclusionCode",
    "bodySite",
)
SOMEBODY = {"reference": "Patient/somebody-else"}
ELSEWHERE = {"reference": "https://elsewhere.example/fhir/Patient/p1"}


def essence(answer: dict) -> list:
    """What an answer says but for ids of the record and words, in a fixed order."""
    return sorted(json.dumps(part(p)) for p in answer["presentations"])


def flags(row: dict) -> list[tuple[str, str]]:
    """The hazards of a recommendation or an order, with their severity."""
    return sorted((f["hazard"], f["severity"]) for f in row.get("safety", ()))


def term(found: dict | None) -> str | None:
    """The id of a term, if there is one."""
    return found and found["id"]


def part(p: dict) -> list:
    """What a presentation says but for ids of the record and words."""
    return [
        p["outcome"],
        term(p["finding"]),
        term(p["region"]),
        sorted(
            (s["id"], s["status"], s["excludedBy"] or "", sorted(a["id"] for a in s["assumptions"]))
            for s in p["scenarios"]
        ),
        [
            (r["rank"], r["procedure"]["id"], r["category"], r["setAside"], flags(r))
            for r in p["recommendations"]
        ],
        sorted(n["id"] for n in p["nextSteps"]),
        sorted((a["pitfall"], a["severity"]) for a in p["alerts"]),
        sorted(q["id"] for q in p["questions"]),
        sorted(
            (str(term(o["procedure"])), str(o.get("category")), str(o.get("setAside")), flags(o))
            for o in p.get("orders", ())
        ),
    ]


# Changes that must not matter


def with_entries(bundle: dict, entries: list[dict]) -> dict:
    """A Bundle with other entries."""
    return {**bundle, "entry": entries}


def shuffled(bundle: dict, dice: random.Random) -> dict:
    """The same resources in another order."""
    entries = list(bundle["entry"])
    dice.shuffle(entries)
    return with_entries(bundle, entries)


def renamed(bundle: dict, dice: random.Random) -> dict:
    """Every id, but that of the patient, replaced by another wherever it is referred to."""
    held = [r for r in resources(bundle) if "id" in r and r.get("resourceType") != "Patient"]
    dice.shuffle(held)
    new = {key(r): f"{r['resourceType']}/z{n}" for n, r in enumerate(held)}

    def walk(value):
        if isinstance(value, dict):
            return {k: changed(k, v) for k, v in value.items()}
        return [walk(v) for v in value] if isinstance(value, list) else value

    def changed(name, value):
        if name in ("reference", "fullUrl") and isinstance(value, str):
            tail = re.search(r"(?:[A-Z][A-Za-z]+/[^/]+)?$", value)[0]
            return value.removesuffix(tail) + new[tail] if tail in new else value
        return walk(value)

    made = walk(copy.deepcopy(bundle))
    for r in resources(made):
        if key(r) in new:
            r["id"] = new[key(r)].split("/")[1]
    return made


def with_versions(bundle: dict, dice: random.Random) -> dict:
    """Each resource as its second version, beside a first one that says something else."""
    entries = []
    for entry in bundle["entry"]:
        now = copy.deepcopy(entry)
        if (
            not isinstance(now.get("resource"), dict)
            or now["resource"].get("resourceType") == "Patient"
            or "id" not in now["resource"]
        ):
            entries.append(now)
            continue
        before = copy.deepcopy(now)
        now["resource"]["meta"] = {"versionId": "2", "lastUpdated": "2026-05-02T10:00:00Z"}
        before["resource"]["meta"] = {"versionId": "1", "lastUpdated": "2026-05-01T10:00:00Z"}
        for name in FACTS[2:]:
            before["resource"].pop(name, None)
        if "conclusionCode" in now["resource"]:
            before["resource"]["conclusionCode"] = [
                concept(dice.choice(["radlex:RID39314", "sct:93163002"]))
            ]
        entries += [before, now] if dice.random() < 0.5 else [now, before]
    return with_entries(bundle, entries)


def with_others(bundle: dict, dice: random.Random) -> dict:
    """The facts of other people beside those of the patient.

    They have another id, or, where the record says of which server it is, the same id on another.
    """
    strangers = [
        {
            "resourceType": "Device",
            "status": "active",
            "type": concept("sct:14106009"),
            "safety": [concept("ncit:C106047")],
            "patient": SOMEBODY,
        },
        {
            "resourceType": "DiagnosticReport",
            "status": "final",
            "code": concept("loinc:24703-1"),
            "effectiveDateTime": "2026-05-01",
            "conclusionCode": [concept("radlex:RID39314")],
            "subject": SOMEBODY,
        },
        {
            "resourceType": "Observation",
            "status": "final",
            "code": concept("loinc:98979-8"),
            "effectiveDateTime": "2026-05-01",
            "valueQuantity": {"value": 8, "code": "mL/min/{1.73_m2}"},
            "subject": SOMEBODY,
        },
        {
            "resourceType": "Device",
            "status": "active",
            "type": {"text": "an analyzer of the laboratory"},
        },
    ]
    base = next(
        (e["fullUrl"] for e in bundle["entry"] if str(e.get("fullUrl")).startswith("http")), None
    )
    if base:
        strangers.append({**strangers[1], "subject": ELSEWHERE})
    made = list(bundle["entry"])
    for n, r in enumerate(strangers):
        made.insert(dice.randrange(len(made) + 1), {"resource": {**r, "id": f"stranger-{n}"}})
    return with_entries(bundle, made)


def coded_again(
    bundle: dict, dice: random.Random, problems=("Condition/mass-1", "Condition/mass")
) -> dict | None:
    """A problem coded again at a later encounter, under another id.

    None when the record does not state one of these problems.
    """
    found = [
        e
        for e in bundle["entry"]
        if isinstance(e.get("resource"), dict) and key(e["resource"]) in problems
    ]
    if not found:
        return None
    again = copy.deepcopy({"resource": found[0]["resource"]})
    again["resource"] |= {
        "id": "z-again",
        "recordedDate": max(
            re.findall(r"(?:19|20)\d\d-\d\d-\d\d", json.dumps(bundle)), default="2026-05-02"
        ),
        "encounter": {"reference": "Encounter/second"},
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-category",
                        "code": "encounter-diagnosis",
                    }
                ]
            }
        ],
    }
    made = list(bundle["entry"])
    made.insert(dice.randrange(len(made) + 1), again)
    return with_entries(bundle, made)


CHANGES = {"order": shuffled, "ids": renamed, "versions": with_versions, "others": with_others}


# Changes that take something away


def removals(bundle: dict, facts: set[str]):
    """Each way to take one of some resources away, or one element of it.

    Yields what was taken, whether that was the fact itself, and the rest of the record.
    """
    for n, entry in enumerate(bundle["entry"]):
        found = entry["resource"]
        if key(found) not in facts:
            continue
        rest = bundle["entry"][:n] + bundle["entry"][n + 1 :]
        yield key(found), True, with_entries(bundle, rest)
        for path in (
            *((name,) for name in ELEMENTS + FACTS),
            ("valueQuantity", "unit"),
            ("valueQuantity", "code"),
            ("valueQuantity", "system"),
            ("reaction", 0, "severity"),
            ("code", "coding", 0, "display"),
        ):
            spoilt = copy.deepcopy(entry)
            if drop(spoilt["resource"], path):
                yield (
                    f"{key(found)} {'.'.join(map(str, path))}",
                    path[0] in FACTS and len(path) == 1,
                    with_entries(bundle, [*rest[:n], spoilt, *rest[n:]]),
                )


def drop(holder, path) -> bool:
    """Whether there was something at a path, which is now gone."""
    *way, last = path
    for step in way:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(holder, dict) and holder.pop(last, None) is not None


# Parts of resources that nobody can read

LOCAL = {"coding": [{"system": "urn:oid:2.16.840.1.113883.3.9999", "code": "D77"}]}
CPT = "http://www.ama-assn.org/go/cpt"


def of_patient(kind: str, name: str = "x", **more) -> dict:
    """A resource of the patient that says no more than what is given."""
    whose = "patient" if kind in ("Device", "AllergyIntolerance") else "subject"
    return {"resourceType": kind, "id": name, whose: SUBJECT, **more}


def worded(words: str, **more) -> dict:
    """A CodeableConcept of words."""
    return {"text": words, **more}
