"""Opens the envelope: turns a Bundle, a list or NDJSON of resources, or a CDS Hooks request
into a list of resources of one patient.
"""

from reasoner.errors import InputError
from reasoner.intake.encoding import ACCEPTED, READ_AS
from reasoner.intake.encoding import parse as parse
from reasoner.intake.encoding import unicode as unicode
from reasoner.intake.envelope import Envelope as Envelope
from reasoner.intake.identity import Resource as Resource
from reasoner.intake.identity import as_list as as_list
from reasoner.intake.identity import base_of, identified, listed, parted, server, unversioned
from reasoner.intake.record import Note
from reasoner.intake.unpacking import Unpacked, release, unpack
from reasoner.intake.versions import Version

ONE = "Ask about one patient at a time."
WITH_PATIENT = (
    "Give a FHIR R4 Bundle, a list or NDJSON of resources with the Patient among them, or a CDS "
    "Hooks request."
)


def open_envelope(document) -> Envelope:
    """The resources of a parsed input. Raises InputError when there is no patient, or more than
    one, and for another release of FHIR.
    """
    patient_id, home = None, None
    if isinstance(document, list):
        items = [(f"[{i}]", item) for i, item in enumerate(document)]
    elif isinstance(document, dict) and isinstance(document.get("context"), dict):
        patient_id, prefetch, home = (
            document["context"].get("patientId"),
            document.get("prefetch"),
            document.get("fhirServer"),
        )
        items = (
            [(f"prefetch.{k}", v) for k, v in prefetch.items()]
            if isinstance(prefetch, dict)
            else [("prefetch", prefetch)]
        )
        items.append(("context.draftOrders", document["context"].get("draftOrders")))
    elif isinstance(document, dict):
        items = [
            (
                document["resourceType"]
                if isinstance(document.get("resourceType"), str)
                else "input",
                document,
            )
        ]
        if other := release(document):
            raise InputError(items[0][0], f"this is FHIR {other}, which is not read", READ_AS)
    else:
        raise InputError("input", f"{json_type(document)} is no record", ACCEPTED)
    notes: list[Note] = []
    unpacked: list[Unpacked] = []
    for path, item in items:
        kind = item.get("resourceType") if type(item) is dict else None
        if kind and kind != "Bundle":
            unpacked.append((path, None, item, None))
        else:
            unpack(path, None, item, None, unpacked, notes, 0)
    return collect(unpacked, notes, patient_id, server(home) if isinstance(home, str) else "")


def json_type(document) -> str:
    """What parsed JSON is that is neither an object nor a list, with its article."""
    if document is None:
        return "null (None)"
    if isinstance(document, bool):
        return "true or false"
    if isinstance(document, (int, float)):
        return "a number"
    return "a text" if isinstance(document, str) else f"a {type(document).__name__}"


def collect(unpacked: list[Unpacked], notes: list[Note], patient_id, home: str) -> Envelope:
    """The envelope of unpacked resources; `home` is the server of the request, if it names one."""
    named: dict[str, Resource] = {}
    urls: dict[str, str] = {}
    called: dict[str, str] = {}
    several: dict[str, list[Version]] = {}
    bases: set[str] = set()
    last = ""
    for n, (path, url, json, entry) in enumerate(unpacked):
        kind = json.get("resourceType") if isinstance(json, dict) else None
        if isinstance(kind, str) and kind:
            identifier = json.get("id")
            name = (
                f"{kind}/{identifier}"
                if isinstance(identifier, str) and identifier
                else nameless(kind, url, path)
            )
            if "meta" in json and (other := release(json)):
                notes.append(
                    Note(
                        "warning", name, f"{path} says that it is FHIR {other}; it was read as R4."
                    )
                )
        elif name := deleted(entry, url):
            kind = ""
        else:
            notes.append(Note("warning", path, f"{path} holds no FHIR resource; it was not used."))
            continue
        if url is None or not isinstance(url, str) or ":" not in url:
            url = base = ""
        elif url == f"{last}/{name}":
            base = last
        elif base := base_of(url, name, kind):
            bases.add(last := base)
        if entry is None and name not in named:
            named[name] = Resource(kind, name, path, json, base)
            if url:
                urls[url] = name
                called.setdefault(name, url)
        else:
            if first := named.get(name):
                several.setdefault(
                    name,
                    [
                        Version(
                            first.path,
                            url_of(first.key, called, urls),
                            first.json,
                            first.type,
                            name,
                            first.base,
                            None,
                            0,
                        )
                    ],
                )
            else:
                named[name], several[name] = Resource(kind, name, path, {}, base), []
            several[name].append(
                Version(
                    path,
                    url,
                    json,
                    kind,
                    name,
                    base,
                    entry and entry.get("response"),
                    -n if entry and entry.get("backwards") else n,
                )
            )
    own = own_servers(bases, named, several, home)
    if several or any(server(base) not in own for base in bases):
        resources, aliases = distinguished(named, urls, several, own, notes)
    else:
        resources, aliases = list(named.values()), urls
        aliases.update(zip(named, named, strict=True))
    for resource in [r for r in resources if "contained" in r.json]:
        resources += listed(resource.key, resource.path, resource.json, resource.base)
    envelope = Envelope("", resources, aliases, notes, own)
    envelope.patient = patient_of(envelope, patient_id)
    return envelope


def url_of(name: str, called: dict[str, str], urls: dict[str, str]) -> str:
    """The full URL that a resource was called by first; empty when another one has it by now."""
    url = called.get(name, "")
    return url if urls.get(url) == name else ""


def distinguished(
    named: dict[str, Resource],
    urls: dict[str, str],
    several: dict[str, list[Version]],
    own: set[str],
    notes: list[Note],
) -> tuple[list[Resource], dict[str, str]]:
    """The resources by name, and the keys by what references say, where there are other servers, or
    names that were found more than once.
    """
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


def nameless(kind: str, url, path: str) -> str:
    """The name of a resource without id: by its full URL, else its path."""
    if not isinstance(url, str) or not url:
        return path
    name = parted(url)[1]
    return name if name.startswith(kind + "/") else url


def deleted(entry, url) -> str:
    """The name of the resource that an entry says was deleted, empty when it says none."""
    if not isinstance(entry, dict) or "deleted" not in entry:
        return ""
    gone = entry["deleted"] if isinstance(entry["deleted"], str) else url
    return "/".join(unversioned(gone).rsplit("/", 2)[-2:]) if isinstance(gone, str) else ""


def own_servers(
    bases: set[str], named: dict[str, Resource], several: dict[str, list[Version]], home: str
) -> set[str]:
    """The servers of the record: of the request, and of the Patient, else the only one of all that
    full URLs name.
    """
    own = {home} if home else set()
    if not bases:
        return own
    servers = {server(base) for base in bases}
    if len(servers) > 1:
        patients = {server(r.base) for r in named.values() if r.base and r.type == "Patient"}
        patients |= {
            server(item.base)
            for name, items in several.items()
            if name.startswith("Patient/")
            for item in items
            if item.base
        }
        servers = patients or servers
    return own | servers if len(servers) == 1 else own


def patient_of(envelope: Envelope, patient_id) -> str:
    """The key of the one patient. Raises InputError when there is none, or more than one, or
    another one than the request is about.
    """
    patients = envelope.of("Patient")
    if len(patients) > 1:
        raise InputError(
            patients[1].path,
            f"there are {len(patients)} patients: {', '.join(p.key for p in patients)}",
            ONE,
        )
    if not patients and not (isinstance(patient_id, str) and patient_id):
        raise InputError("input", "there is no Patient resource", WITH_PATIENT)
    if (
        patients
        and isinstance(patient_id, str)
        and patient_id.removeprefix("Patient/") != patients[0].json.get("id", patient_id)
    ):
        raise InputError(
            patients[0].path,
            f"the request is about the patient {patient_id}, this is {patients[0].key}",
            ONE,
        )
    if patients:
        return patients[0].key
    key = f"Patient/{patient_id.removeprefix('Patient/')}"
    envelope.notes.append(
        Note("warning", key, "The request holds no Patient resource; age and sex are unknown.")
    )
    return key
