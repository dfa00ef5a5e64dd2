"""The envelope: a Bundle, a list or NDJSON of resources, or a CDS Hooks request becomes a list of resources."""

import json as standard
import re
from functools import lru_cache
from typing import Any

from reasoner.errors import InputError
from reasoner.intake.encoding import ACCEPTED, READ_AS, RELEASES
from reasoner.intake.encoding import parse as parse
from reasoner.intake.identity import Resource as Resource
from reasoner.intake.identity import as_list as as_list
from reasoner.intake.identity import base_of, identified, listed, server, unversioned
from reasoner.intake.record import Note
from reasoner.intake.references import Envelope as Envelope
from reasoner.intake.versions import Found

DEEPEST = 8  # Bundles inside each other
RELEASE = re.compile(r"https?://hl7\.org/fhir/(?:([1356])\.0|(DSTU2|STU3|R5|R6)|StructureDefinition/\w+\|([1356])\.0)(?:[./|].*)?")
ONE = "Ask about one patient at a time."


def unicode(document) -> None:
    """Raises InputError when parsed JSON holds half a character (a lone surrogate), as bytes that say it are refused: two such names would be one."""
    try:
        standard.dumps(document, ensure_ascii=False, default=str, skipkeys=True).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"input, after {error.object[:error.start][-60:]}", "a text holds half a character (a lone surrogate)", "Give whole Unicode characters.") from None
    except (ValueError, RecursionError) as error:  # what holds itself, or is nested too deeply
        raise InputError("input", f"what was given is no JSON: {error}", ACCEPTED) from None


def open_envelope(document) -> Envelope:
    """The resources of a parsed input. Raises InputError when there is no patient, or more than one, and for another release of FHIR."""
    patient_id, home = None, None
    if isinstance(document, list):
        items = [(f"[{i}]", item) for i, item in enumerate(document)]
    elif isinstance(document, dict) and isinstance(document.get("context"), dict):
        patient_id, prefetch, home = document["context"].get("patientId"), document.get("prefetch"), document.get("fhirServer")
        items = [(f"prefetch.{k}", v) for k, v in prefetch.items()] if isinstance(prefetch, dict) else [("prefetch", prefetch)]
        items.append(("context.draftOrders", document["context"].get("draftOrders")))
    elif isinstance(document, dict):
        items = [(document["resourceType"] if isinstance(document.get("resourceType"), str) else "input", document)]
        if other := release(document):
            raise InputError(items[0][0], f"this is FHIR {other}, which is not read", READ_AS)
    else:
        raise InputError("input", f"a {type(document).__name__} is no record", ACCEPTED)
    notes: list[Note] = []
    found: list[tuple[str, Any, Any, Any]] = []
    for path, item in items:
        unpack(path, None, item, None, found, notes, 0)
    return collect(found, notes, patient_id, server(home) if isinstance(home, str) else "")


def unpack(path: str, url, item, entry, found: list[tuple[str, Any, Any, Any]], notes: list[Note], depth: int) -> None:
    """Adds what a resource or Bundle holds: path, full URL, resource, and the entry of what is no plain content; nothing for null."""
    entries = item.get("entry") if isinstance(item, dict) else None
    if not isinstance(item, dict) or item.get("resourceType", "Bundle" if isinstance(entries, list) else None) != "Bundle":
        if item is not None or entry is not None:
            found.append((path, url, item, entry))
        return
    if depth > DEEPEST:
        raise InputError(path, f"Bundles lie in each other more than {DEEPEST} deep", "Give each resource in one Bundle.")
    if any(isinstance(link, dict) and link.get("relation") == "next" for link in as_list(item.get("link"))):
        notes.append(Note("warning", path, f"{path} has further pages, which were not sent."))
    for name in ("implicitRules", "modifierExtension"):
        if item.get(name):
            notes.append(Note("warning", path, f"{path}.{name} is not understood; what it says of the whole was not used."))
    if not isinstance(entries, list):
        if entries is not None:
            found.append((f"{path}.entry", None, entries, None))
        return
    backwards = item if item.get("type") == "history" else None
    for i, e in enumerate(entries):
        place = f"{path}.entry[{i}]"
        if not isinstance(e, dict):
            found.append((f"{place}.resource", None, e, None))
        elif "response" in e or "request" in e or backwards is not None:
            answered(place, e, backwards is not None, found, notes, depth)
        else:
            below = e.get("resource")
            if type(below) is dict and below.get("resourceType") != "Bundle":
                found.append((f"{place}.resource", e.get("fullUrl"), below, None))
            else:
                unpack(f"{place}.resource", e.get("fullUrl"), below, {} if below is None else None, found, notes, depth + 1)


def answered(place: str, e: dict, backwards: bool, found: list[tuple[str, Any, Any, Any]], notes: list[Note], depth: int) -> None:
    """Adds what an entry with a request or a response holds."""
    request, response = (e[name] if isinstance(e.get(name), dict) else {} for name in ("request", "response"))
    told: dict[str, Any] = {"response": response, "backwards": backwards}
    if request.get("method") == "DELETE":
        told["deleted"] = request.get("url")
        found.append((f"{place}.request", e.get("fullUrl"), None, told))
        return
    outcome, resource, state = response.get("outcome"), e.get("resource"), str(response.get("status", ""))[:3]
    if isinstance(outcome, dict) and outcome.get("resourceType") != "OperationOutcome":
        unpack(f"{place}.response.outcome", None, outcome, None, found, notes, depth + 1)
    if state >= "4" and (not isinstance(resource, dict) or resource.get("resourceType") == "OperationOutcome"):
        notes.append(Note("warning", place, f"{place}.response.status is {state}: what was asked for was not sent, and what it would say is not known."))
    elif resource is not None or not response:
        unpack(f"{place}.resource", e.get("fullUrl"), resource, told, found, notes, depth + 1)


def collect(found: list[tuple[str, Any, Any, Any]], notes: list[Note], patient_id, home: str) -> Envelope:
    """The envelope of unpacked resources; `home` is the server of the request, if it names one."""
    named: dict[str, Resource] = {}
    urls: dict[str, str] = {}
    several: dict[str, list[Found]] = {}
    bases: set[str] = set()
    for n, (path, url, json, entry) in enumerate(found):
        kind = json.get("resourceType") if isinstance(json, dict) else None
        if isinstance(kind, str) and kind:
            identifier = json.get("id")
            name = f"{kind}/{identifier}" if isinstance(identifier, str) and identifier else url if isinstance(url, str) and url else path
            if "meta" in json and (other := release(json)):
                notes.append(Note("warning", name, f"{path} says that it is FHIR {other}; it was read as R4."))
        elif name := deleted(entry, url):
            kind = ""
        else:
            notes.append(Note("warning", path, f"{path} holds no FHIR resource; it was not used."))
            continue
        if url is None or not isinstance(url, str) or ":" not in url:
            url = base = ""
        elif not url.endswith(name) or (base := url[:-len(name) - 1]) not in bases:
            if base := base_of(url, name):
                bases.add(base)
        if entry is None and name not in named:
            named[name] = Resource(kind, name, path, json, base)
            if url:
                urls[url] = name
        else:
            if first := named.get(name):
                several.setdefault(name, [Found(first.path, next((u for u, held in urls.items() if held == name), ""), first.json, first.type, name, first.base, None, 0)])
            else:
                named[name], several[name] = Resource(kind, name, path, {}, base), []
            several[name].append(Found(path, url, json, kind, name, base, entry and entry.get("response"), -n if entry and entry.get("backwards") else n))
    own = own_servers(bases, named, several, home)
    alone = not several and not any(server(base) not in own for base in bases)
    resources, aliases = (list(named.values()), dict(zip(named, named, strict=True)) | urls) if alone else told_apart(named, urls, several, own, notes)
    for resource in [r for r in resources if "contained" in r.json]:
        resources += listed(resource.key, resource.path, resource.json, resource.base)
    envelope = Envelope("", resources, aliases, notes, own)
    envelope.patient = patient_of(envelope, patient_id)
    return envelope


def told_apart(named: dict[str, Resource], urls: dict[str, str], several: dict[str, list[Found]], own: set[str], notes: list[Note]) -> tuple[list[Resource], dict[str, str]]:
    """The resources by name, and the keys by what references say, where there are other servers, or names that were found more than once."""
    resources: list[Resource] = []
    aliases = {url: name for url, name in urls.items() if name not in several}
    for name, resource in named.items():
        if name in several:
            for key, item, known in identified(several[name], own, notes):
                resources.append(Resource(item.kind, key, item.path, item.json, item.base))
                aliases |= dict.fromkeys(known, key)
        else:
            resources.append(resource)
    aliases |= {r.key: r.key for r in resources if not r.base or server(r.base) in own}
    return resources, aliases


def deleted(entry, url) -> str:
    """The name of the resource that an entry says was deleted, empty when it says none."""
    if not isinstance(entry, dict) or "deleted" not in entry:
        return ""
    gone = entry["deleted"] if isinstance(entry["deleted"], str) else url
    return "/".join(unversioned(gone).rsplit("/", 2)[-2:]) if isinstance(gone, str) else ""


def own_servers(bases: set[str], named: dict[str, Resource], several: dict[str, list[Found]], home: str) -> set[str]:
    """The servers of the record: of the request, and of the Patient, else the only one of all that full URLs name."""
    own = {home} if home else set()
    servers = {server(base) for base in bases}
    if len(servers) > 1:
        patients = {server(r.base) for r in named.values() if r.base and r.type == "Patient"}
        patients |= {server(item.base) for name, items in several.items() if name.startswith("Patient/") for item in items if item.base}
        servers = patients or servers
    return own | servers if len(servers) == 1 else own


def patient_of(envelope: Envelope, patient_id) -> str:
    """The key of the one patient. Raises InputError when there is none, or more than one, or another one than the request is about."""
    patients = envelope.of("Patient")
    if len(patients) > 1:
        raise InputError(patients[1].path, f"there are {len(patients)} patients: {', '.join(p.key for p in patients)}", ONE)
    if not patients and not (isinstance(patient_id, str) and patient_id):
        raise InputError("input", "there is no Patient resource", ACCEPTED)
    if patients and isinstance(patient_id, str) and patient_id.removeprefix("Patient/") != patients[0].json.get("id", patient_id):
        raise InputError(patients[0].path, f"the request is about the patient {patient_id}, this is {patients[0].key}", ONE)
    if patients:
        return patients[0].key
    key = f"Patient/{patient_id.removeprefix('Patient/')}"
    envelope.notes.append(Note("warning", key, "The request holds no Patient resource; age and sex are unknown."))
    return key


def release(json: dict) -> str:
    """The release of FHIR other than R4 that a resource says it is of, empty when it says none."""
    meta = json.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for profile in profiles if isinstance(profiles, list) else ():
        if isinstance(profile, str) and (other := released(profile)):
            return other
    for given in (json.get("fhirVersion"), meta.get("fhirVersion") if isinstance(meta, dict) else None):
        if isinstance(given, str) and given[1:2] == "." and given[:1] in RELEASES:
            return RELEASES[given[0]]
    return ""


@lru_cache(maxsize=1024)
def released(profile: str) -> str:
    """The release of FHIR other than R4 whose definition a profile names, empty when it names none."""
    match = RELEASE.fullmatch(profile)
    return "" if not match else match[2] or RELEASES[match[1] or match[3]]
