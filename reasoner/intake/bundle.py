"""The envelope: a Bundle, a list or NDJSON of resources, or a CDS Hooks request becomes a list of resources."""

import json as standard
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from reasoner.errors import InputError
from reasoner.intake.record import Note

ACCEPTED = "Give a FHIR R4 Bundle, a list or NDJSON of resources, or a CDS Hooks request."


@dataclass(slots=True)
class Resource:
    """One resource: `key` as references name it (`Condition/mass-1`), its path in the input, and its JSON."""

    type: str
    key: str
    path: str
    json: dict


@dataclass
class Envelope:
    """The resources of one patient in order, how references resolve, and what was wrong with the envelope."""

    patient: str
    resources: list[Resource]
    aliases: dict[str, str]
    notes: list[Note] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.types: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self.types.setdefault(resource.type, []).append(resource)

    def of(self, *types: str) -> list[Resource]:
        """The resources of some types, in their order."""
        held = [t for t in types if t in self.types]
        return self.types[held[0]] if len(held) == 1 else [r for r in self.resources if r.type in held] if held else []

    def resolve(self, reference) -> str | None:
        """The key that a reference element points to; None when it is no reference."""
        target = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(target, str) or not target:
            return None
        if "/_history/" in target:
            target = target.split("/_history/")[0]
        return self.aliases.get(target) or self.aliases.get("/".join(target.rsplit("/", 2)[-2:])) or target


def parse(data: bytes):
    """The JSON of an input, NDJSON as a list. Raises InputError, whose place is the line where reading stopped."""
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
            raise InputError(f"line {error.lineno}, column {error.colno}", f"the input is not JSON: {error.msg}", ACCEPTED) from None
        found = []
        for number, line in enumerate(data.splitlines(), 1):
            if line.strip():
                try:
                    found.append(orjson.loads(line))
                except orjson.JSONDecodeError as inner:
                    raise InputError(f"line {number}, column {inner.colno}", f"the line is not JSON: {inner.msg}", ACCEPTED) from None
        return found


def unicode(document) -> None:
    """Raises InputError when parsed JSON holds half a character (a lone surrogate), as bytes that say it are refused: two such names would be one."""
    try:
        standard.dumps(document, ensure_ascii=False, default=str, skipkeys=True).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"input, after {error.object[:error.start][-60:]}", "a text holds half a character (a lone surrogate)", "Give whole Unicode characters.") from None
    except (ValueError, RecursionError) as error:  # what holds itself, or is nested too deeply
        raise InputError("input", f"what was given is no JSON: {error}", ACCEPTED) from None


def open_envelope(document) -> Envelope:
    """The resources of a parsed input. Raises InputError when there is no patient, or more than one."""
    patient_id = None
    if isinstance(document, list):
        items = [(f"[{i}]", item) for i, item in enumerate(document)]
    elif isinstance(document, dict) and isinstance(document.get("context"), dict):
        patient_id, prefetch = document["context"].get("patientId"), document.get("prefetch")
        items = [(f"prefetch.{k}", v) for k, v in prefetch.items()] if isinstance(prefetch, dict) else [("prefetch", prefetch)]
        items.append(("context.draftOrders", document["context"].get("draftOrders")))
    elif isinstance(document, dict):
        items = [(document["resourceType"] if isinstance(document.get("resourceType"), str) else "input", document)]
    else:
        raise InputError("input", f"a {type(document).__name__} is no record", ACCEPTED)
    return collect(unpacked(items), patient_id)


def unpacked(items: list[tuple[str, Any]]) -> list[tuple[str, Any, Any]]:
    """The (path, full URL, resource) triples in resources and Bundles, given with their paths, whatever their type says; nothing for null."""
    found: list[tuple[str, Any, Any]] = []
    for path, item in items:
        entries = item.get("entry") if isinstance(item, dict) else None
        if isinstance(entries, list) and item.get("resourceType", "Bundle") == "Bundle":
            for i, e in enumerate(entries):
                url, resource = (e.get("fullUrl"), e.get("resource")) if isinstance(e, dict) else (None, e)
                found.append((f"{path}.entry[{i}].resource", url, resource))
        elif not isinstance(item, dict) or item.get("resourceType") != "Bundle":
            if item is not None:
                found.append((path, None, item))
        elif entries is not None:
            found.append((f"{path}.entry", None, entries))
    return found


def collect(found: Iterable[tuple[str, Any, Any]], patient_id) -> Envelope:
    """The envelope of unpacked resources."""
    resources: dict[str, Resource] = {}
    aliases: dict[str, str] = {}
    notes: list[Note] = []
    for path, url, json in found:
        kind = json.get("resourceType") if isinstance(json, dict) else None
        if not isinstance(kind, str) or not kind:
            notes.append(Note("warning", path, f"{path} holds no FHIR resource; it was not used."))
            continue
        url = url if isinstance(url, str) and url else None
        identifier = json.get("id")
        key = f"{kind}/{identifier}" if isinstance(identifier, str) and identifier else url or path
        if key in resources:
            if resources[key].json != json:
                notes.append(Note("warning", key, f"{path} repeats {key} with other content; the first, at {resources[key].path}, was used."))
            continue
        resources[key] = Resource(kind, key, path, json)
        aliases[key] = key
        if url:
            aliases[url] = key
    envelope = Envelope("", list(resources.values()), aliases, notes)
    patients = envelope.of("Patient")
    if len(patients) > 1:
        raise InputError(patients[1].path, f"there are {len(patients)} patients: {', '.join(p.key for p in patients)}", "Ask about one patient at a time.")
    if not patients and not (isinstance(patient_id, str) and patient_id):
        raise InputError("input", "there is no Patient resource", ACCEPTED)
    if patients and isinstance(patient_id, str) and patient_id.removeprefix("Patient/") != patients[0].json.get("id", patient_id):
        raise InputError(patients[0].path, f"the request is about the patient {patient_id}, this is {patients[0].key}", "Ask about one patient at a time.")
    envelope.patient = patients[0].key if patients else f"Patient/{patient_id.removeprefix('Patient/')}"
    if not patients:
        notes.append(Note("warning", envelope.patient, "The request holds no Patient resource; age and sex are unknown."))
    return envelope


def as_list(value) -> list:
    """A list as it is, nothing for None, anything else as the only item: FHIR in the wild mixes them up."""
    return value if isinstance(value, list) else [] if value is None else [value]
