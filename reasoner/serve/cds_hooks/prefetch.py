"""Prefetch templates of CDS Hooks, and the prefetched resources of a request.

What was not sent is distinguished from what the record does not hold.

CDS Hooks 2.0: a key that could not be fetched is left out or holds an OperationOutcome; a key
without data is null.
"""

from collections.abc import Iterable

from reasoner.graph.knowledge import Knowledge
from reasoner.intake.annotations import stated_by
from reasoner.intake.bundle import as_list
from reasoner.names import ia
from reasoner.serve.cds_hooks.request import HookRequest, entries_of
from reasoner.serve.problems import Problem

PREFETCHED = {
    "patient": "Patient/{}",
    "conditions": "Condition?patient={}",
    "reports": "DiagnosticReport?patient={}",
    "measurements": "Observation?patient={}&code=",
    "findings": "Observation?patient={}&category=exam,imaging",
    "signs": "Observation?patient={}&code=",
    "studies": "ImagingStudy?patient={}",
    "procedures": "Procedure?patient={}",
    "encounters": "Encounter?patient={}",
    "devices": "Device?patient={}",
    "implants": "DeviceUseStatement?patient={}",
    "allergies": "AllergyIntolerance?patient={}",
    "prescriptions": "MedicationRequest?patient={}&status=active",
    "medications": "MedicationStatement?patient={}&status=active",
    "orders": "ServiceRequest?patient={}&status=draft,active",
}
# what asks for itself where it decides: without it no answer takes anything for granted
OPTIONAL = ("signs", "encounters")
NEEDED = ("patient", "conditions")  # without them nothing can be said, not even that all is well


def prefetch_templates(knowledge: Knowledge) -> dict[str, str]:
    """What a client is asked to send along, as FHIR queries that are widely supported."""
    observed = sorted(knowledge.members("ia:Observable"))
    observed += knowledge.facts.having(ia("whenDenied"))  # findings that an Observation records
    signs = [t for t in knowledge.codes.subjects() if stated_by(knowledge, t) == ia("hasSign")]
    queries = {
        key: query.replace("{}", "{{context.patientId}}") for key, query in PREFETCHED.items()
    }
    return queries | {
        "measurements": queries["measurements"] + ",".join(tokens(knowledge, observed, True)),
        "signs": queries["signs"] + ",".join(tokens(knowledge, signs, False)),
    }


def tokens(knowledge: Knowledge, terms: Iterable[str], with_system: bool) -> list[str]:
    """The codes by which Observations state some terms, as search tokens; those of many terms
    without their system, so that an address stays short.
    """
    codes = [
        (knowledge.codes.systems[m.prefix].systems[0], m.code)
        for term in terms
        for m in knowledge.codes.of(term)
        if m.intake == "fact" and m.prefix in ("LOINC", "SCTID")
    ]
    return list(dict.fromkeys(f"{s}|{code}" if with_system else code for s, code in codes))


def mend_prefetch(request: HookRequest, given, drafted: set[str]) -> dict[str, dict]:
    """What was prefetched, without what is no resource and older copies of the draft orders."""
    if given is not None and not isinstance(given, dict):
        request.notes.append("prefetch is no object; it was not read.")
    given = given if isinstance(given, dict) else {}
    fetched: dict[str, dict] = {}
    failed: set[str] = set()
    for key, value in given.items():
        place = f"prefetch.{key}" if key in PREFETCHED else "prefetch of another name"
        if value is None:
            continue  # no such data, as the specification says
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if isinstance(value, dict) and kind and kind not in ("Bundle", "OperationOutcome"):
            fetched[key] = value
        elif not value or not isinstance(value, dict | list) or is_outcome(value):
            failed.add(key)
            what = "an OperationOutcome" if is_outcome(value) else "no resource"
            request.notes.append(f"{place} is {what}; it was not read.")
        else:
            more = as_list(value.get("link")) if isinstance(value, dict) else []
            if any(isinstance(link, dict) and link.get("relation") == "next" for link in more):
                request.notes.append(f"{place} has further pages, which were not sent.")
            sent = entries_of(request, value, place)
            entries = [
                e for e in sent if not is_outcome(resource_of(e)) and not repeats(e, drafted)
            ]
            if not entries and any(is_error(resource_of(e)) for e in sent):
                failed.add(key)
            elif any(is_outcome(resource_of(e)) for e in sent):
                request.notes.append(
                    f"{place} holds an OperationOutcome; the other entries were read."
                )
            fetched[key] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    expected = [key for key in PREFETCHED if key in given or key not in OPTIONAL]
    request.unsent = [key for key in expected if key not in given or key in failed]
    if request.unsent:
        request.notes.append(
            f"Not sent: {', '.join(request.unsent)}; what they would say is not known."
        )
    return fetched


def resource_of(entry):
    """The resource of an entry, if it has one."""
    return entry.get("resource") if isinstance(entry, dict) else None


def is_outcome(resource) -> bool:
    """Whether a resource only says how a search went."""
    return isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome"


def is_error(resource) -> bool:
    """Whether a resource says that a search failed."""
    issues = as_list(resource.get("issue")) if is_outcome(resource) else []
    return any(isinstance(i, dict) and i.get("severity") in ("error", "fatal") for i in issues)


def repeats(entry, drafted: set[str]) -> bool:
    """Whether an entry is an older copy of a draft order: the draft on the screen counts."""
    resource = resource_of(entry)
    return (
        isinstance(resource, dict)
        and f"{resource.get('resourceType')}/{resource.get('id')}" in drafted
    )


def require(request: HookRequest) -> None:
    """Raises Problem for a request without what every answer rests on."""
    if lacking := [key for key in NEEDED if key in request.unsent]:
        named = " and ".join(f"prefetch.{key}" for key in lacking)
        detail = (
            f"Not sent, or not fetched: {named}; without that nothing can be said. "
            "Send null for what the record does not hold."
        )
        raise Problem(412, "prefetch-not-sent", detail, notSent=lacking)
