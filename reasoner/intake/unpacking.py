"""Unpacks Bundles inside Bundles, and recognizes the release of FHIR that a resource declares."""

import re
from functools import lru_cache
from typing import Any

from reasoner.errors import InputError
from reasoner.intake.encoding import RELEASES
from reasoner.intake.identity import as_list
from reasoner.intake.record import Note

DEEPEST = 8  # Bundles inside each other
RELEASE = re.compile(
    r"https?://hl7\.org/fhir/(?:([1356])\.0|(DSTU2|STU3|R5|R6)"
    r"|StructureDefinition/\w+\|([1356])\.0)(?:[./|].*)?"
)

# A path, a full URL, a resource, and what the entry says of it, where it says anything
Unpacked = tuple[str, Any, Any, Any]


def unpack(
    path: str, url, item, entry, unpacked: list[Unpacked], notes: list[Note], depth: int
) -> None:
    """Adds what a resource or Bundle holds: path, full URL, resource, and the entry of what is no
    plain content; nothing for null.
    """
    entries = item.get("entry") if isinstance(item, dict) else None
    if (
        not isinstance(item, dict)
        or item.get("resourceType", "Bundle" if isinstance(entries, list) else None) != "Bundle"
    ):
        if item is not None or entry is not None:
            unpacked.append((path, url, item, entry))
        return
    if depth > DEEPEST:
        raise InputError(
            path,
            f"Bundles lie in each other more than {DEEPEST} deep",
            "Give each resource in one Bundle.",
        )
    if any(
        isinstance(link, dict) and link.get("relation") == "next"
        for link in as_list(item.get("link"))
    ):
        notes.append(Note("warning", path, f"{path} has further pages, which were not sent."))
    for name in ("implicitRules", "modifierExtension"):
        if item.get(name):
            notes.append(
                Note(
                    "warning",
                    path,
                    f"{path}.{name} is not understood; what it says of the whole was not used.",
                )
            )
    if not isinstance(entries, list):
        if entries is not None:
            unpacked.append((f"{path}.entry", None, entries, None))
        return
    backwards = item.get("type") == "history"
    for i, e in enumerate(entries):
        if type(e) is not dict:
            unpacked.append((f"{path}.entry[{i}].resource", None, e, None))
        elif backwards or "response" in e or ("request" in e and removes(e["request"])):
            answered(f"{path}.entry[{i}]", e, backwards, unpacked, notes, depth)
        else:
            place, below = f"{path}.entry[{i}].resource", e.get("resource")
            if type(below) is dict and below.get("resourceType") != "Bundle":
                unpacked.append((place, e.get("fullUrl"), below, None))
            else:
                without: dict | None = {} if below is None else None
                unpack(place, e.get("fullUrl"), below, without, unpacked, notes, depth + 1)


def removes(request) -> bool:
    """Whether a request removes a resource."""
    return isinstance(request, dict) and request.get("method") == "DELETE"


def answered(
    place: str, e: dict, backwards: bool, unpacked: list[Unpacked], notes: list[Note], depth: int
) -> None:
    """Adds what an entry with a request or a response holds."""
    request, response = (
        e[name] if isinstance(e.get(name), dict) else {} for name in ("request", "response")
    )
    about: dict[str, Any] = {"response": response, "backwards": backwards}
    if removes(request):
        about["deleted"] = request.get("url")
        unpacked.append((f"{place}.request", e.get("fullUrl"), None, about))
        return
    outcome, resource, state = (
        response.get("outcome"),
        e.get("resource"),
        str(response.get("status", ""))[:3],
    )
    if isinstance(outcome, dict) and outcome.get("resourceType") != "OperationOutcome":
        unpack(f"{place}.response.outcome", None, outcome, None, unpacked, notes, depth + 1)
    if state >= "4" and (
        not isinstance(resource, dict) or resource.get("resourceType") == "OperationOutcome"
    ):
        notes.append(
            Note(
                "warning",
                place,
                f"{place}.response.status is {state}: what was asked for was not sent, "
                "and what it would say is not known.",
            )
        )
    elif resource is not None or not response:
        unpack(f"{place}.resource", e.get("fullUrl"), resource, about, unpacked, notes, depth + 1)


def release(json: dict) -> str:
    """The release of FHIR other than R4 that a resource says it is of, empty when it says none."""
    meta = json.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for profile in profiles if isinstance(profiles, list) else ():
        if isinstance(profile, str) and (other := released(profile)):
            return other
    for given in (
        json.get("fhirVersion"),
        meta.get("fhirVersion") if isinstance(meta, dict) else None,
    ):
        if isinstance(given, str) and given[1:2] == "." and given[:1] in RELEASES:
            return RELEASES[given[0]]
    return ""


@lru_cache(maxsize=1024)
def released(profile: str) -> str:
    """The release of FHIR other than R4 whose definition a profile names, or nothing."""
    match = RELEASE.fullmatch(profile)
    return "" if not match else match[2] or RELEASES[match[1] or match[3]]
