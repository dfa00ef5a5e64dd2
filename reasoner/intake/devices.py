"""Devices of the patient: their kind and their MR label.

A Device is an implant of the patient only when its patient, a DeviceUseStatement or a Procedure
says so. What cannot be read about it withholds the assumption that MRI is not contraindicated.
"""

from reasoner.graph.ranks import worst
from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.dates import first_moment, surely_later
from reasoner.intake.device_removals import removed, taken_out_after
from reasoner.intake.elements import Reader, coded, status
from reasoner.intake.record import node
from reasoner.intake.unread import understood, withhold
from reasoner.names import RDF_TYPE, ia

PRECISE = {ia("MrUnsafe"), ia("MrConditional"), ia("MrSafe")}


def read_devices(reader: Reader, patient: str) -> None:
    """States each device of the patient with its kind and label.

    Others are noted and passed over.
    """
    used, gone = carried(reader), removed(reader)
    for resource in reader.envelope.of("Device"):
        path, key = resource.path, resource.key
        if status(resource, "status") == "entered-in-error":
            reader.record.note("info", key, f"{path} is entered in error; it counts for nothing.")
            reader.foreign.add(key)
        elif reader.is_foreign(resource):
            reader.subject_is_patient(resource)
        elif resource.json.get("patient") is None and key not in used:
            reader.foreign.add(key)
            reader.record.note(
                "info",
                key,
                f"{path} belongs to nobody: neither patient, nor a "
                "DeviceUseStatement, nor a Procedure of the patient names it. It is "
                "taken to be no implant.",
            )
        elif key in gone:
            reader.foreign.add(key)
            reader.record.note("info", key, f"{path} was taken out, a Procedure says.")
        elif understood(reader, resource):
            state_device(reader, resource, patient)
    not_sent(reader)


def not_sent(reader: Reader) -> None:
    """Withholds for each device that a DeviceUseStatement names and that was not sent."""
    for resource in reader.envelope.of("DeviceUseStatement"):
        target = reader.envelope.resolve(resource.json.get("device"), resource)
        void = status(resource, "status") == "entered-in-error"
        if reader.envelope.held(target, "Device") or reader.is_foreign(resource) or void:
            continue
        withhold(
            reader,
            resource,
            ia("UnreadDevice"),
            f"{resource.path}.device",
            target or "",
            f"{resource.path} says that the patient has a device, and the device "
            f"({target or 'not named'}) was not sent: find out what it is before MRI is "
            "ordered.",
        )


def carried(reader: Reader) -> set[str]:
    """The devices that a DeviceUseStatement or a Procedure of the patient names."""
    found = set()
    implants = {d.key for d in reader.envelope.of("Device") if implantable(reader, d)}
    for resource in reader.envelope.of("DeviceUseStatement", "Procedure"):
        if reader.is_foreign(resource) or status(resource, "status") in (
            "entered-in-error",
            "not-done",
        ):
            continue
        focal = [
            f.get("manipulated")
            for f in as_list(resource.json.get("focalDevice"))
            if isinstance(f, dict)
        ]
        for reference in (resource.json.get("device"), *focal):
            if target := reader.envelope.resolve(reference, resource):
                found.add(target)
        used = {
            reader.envelope.resolve(r, resource)
            for r in as_list(resource.json.get("usedReference"))
        }
        found |= implants & used
    return found


def implantable(reader: Reader, device: Resource) -> bool:
    """Whether a device is of a kind that stays in the body and matters in MRI.

    A Procedure may use a scanner, too.
    """
    kinds = [m.subject for m in reader.concepts.meaning(device.json.get("type")).mappings]
    return any(reader.is_a(k, "MrRelevantDevice") or reader.is_a(k, "DeviceToClear") for k in kinds)


def state_device(reader: Reader, resource: Resource, patient: str) -> None:
    """States one device; a kind that is not known and not made harmless by a label is unread."""
    iri, path, key, say = node(resource.key), resource.path, resource.key, reader.record.say
    found = [
        *reader.mappings(resource.json.get("type"), f"{path}.type", key),
        *reader.mappings(resource.json.get("specialization"), f"{path}.specialization", key),
    ]
    kinds = sorted(
        {m.subject for m in found if reader.is_a(m.subject, "Device") and m.intake == "fact"}
    )
    labels = [
        m.subject for m in reader.mappings(resource.json.get("safety"), f"{path}.safety", key)
    ]
    label = worst(reader.knowledge, "ia:MrLabel", labels)
    passive = bool(kinds) and all(reader.is_a(k, "PassiveDevice") for k in kinds)
    if status(resource, "status") == "inactive" and not passive:
        kinds = [ia("InactiveDevice")]
    said = named(resource)
    harmless = not kinds and reader.screens.harmless(said)
    say(patient, ia("hasDevice"), iri)
    for cls in kinds or [ia("PassiveDevice" if harmless else "UnrecognizedDevice")]:
        say(iri, RDF_TYPE, cls)
    if label:
        say(iri, ia("hasMrLabel"), label)
    unknown = not kinds or any(
        reader.is_a(k, "UnrecognizedDevice")
        or reader.is_a(k, "DeviceOfUnknownKind")
        or reader.is_a(k, "InactiveDevice")
        for k in kinds
    )
    if kinds:
        reader.asserts(key, kinds[0])
    if unknown and not harmless and label not in PRECISE:
        withhold(
            reader,
            resource,
            ia("UnreadDevice"),
            f"{path}.type",
            said,
            f"{path} is a device of the patient whose kind is not known"
            f"{f' ({said})' if said else ''}, without a label that says whether it is safe in "
            "MRI: read its MR label before MRI is ordered.",
        )


def named(resource: Resource) -> str:
    """The codes and words that a device is named by, as they were sent."""
    words = [k.get("display") or k.get("code") for k in coded(resource.json, "type")]
    words += [c.get("text") for c in as_list(resource.json.get("type")) if isinstance(c, dict)]
    words += [
        d.get("name") for d in as_list(resource.json.get("deviceName")) if isinstance(d, dict)
    ]
    return ", ".join(dict.fromkeys(w for w in words if isinstance(w, str) and w))


def in_place(reader: Reader, resource: Resource, mapping: Mapping, patient: str) -> None:
    """States a device that a Condition, Observation or Procedure says is in place.

    Not when the record lists that device itself, or says later that it was taken out.
    """
    cls, key = mapping.subject, resource.key
    if listed(reader, resource, cls, patient):
        reader.record.note(
            "info",
            key,
            f"{resource.path} names a device that the record states "
            "elsewhere, with its label if there is one.",
        )
        return
    if taken := taken_out_after(reader, resource, cls):
        reader.record.note(
            "warning",
            key,
            f"{resource.path} names a device that {taken.key} says "
            "was taken out later; parts of it, such as leads, may remain.",
        )
        return
    reader.asserts(key, cls)
    device = node(key, "device")
    reader.record.say(patient, ia("hasDevice"), device)
    reader.record.say(device, RDF_TYPE, cls)


def listed(reader: Reader, resource: Resource, cls: str, patient: str) -> bool:
    """Whether the record lists a device of a class that a resource may be about.

    One that a resource puts in later than the listed one was made is another device, and one that
    may be somebody else's stands for nothing.
    """
    if reader.devices is None:
        reader.devices = devices_by_class(reader, patient)
    when = first_moment(resource.json, "performedDateTime", "performedPeriod")
    made = reader.devices.get(cls)
    return made is not None and not (when and made and surely_later(when[:4], made[:4]))


def devices_by_class(reader: Reader, patient: str) -> dict[str, str]:
    """The classes of the devices that the record lists as the patient's for sure, each with when
    the newest of them was made; empty when that is not known of one.
    """
    said = reader.record.statements
    listed_ = {o for s, p, o in said if s == patient and p == ia("hasDevice")}
    mine = {
        node(d.key): d
        for d in reader.envelope.of("Device")
        if node(d.key) in listed_ and reader.may_clear(d)
    }
    made: dict[str, str] = {}
    for s, p, o in said:
        if p == RDF_TYPE and s in mine and isinstance(o, str):
            moment = first_moment(mine[s].json, "manufactureDate")
            for cls in reader.knowledge.definitions.superclasses(o) | {o}:
                known = made.get(cls, moment)
                made[cls] = max(known, moment, key=year) if known and moment else ""
    return made


def year(moment: str) -> str:
    """The year of a moment."""
    return moment[:4]


def unread_implant(reader: Reader, resource: Resource) -> None:
    """Withholds when a Procedure changed a device of which nothing can be read."""
    for i, focal in enumerate(as_list(resource.json.get("focalDevice"))):
        given = focal.get("manipulated") if isinstance(focal, dict) else None
        target = reader.envelope.resolve(given, resource)
        if not reader.envelope.held(target, "Device"):
            withhold(
                reader,
                resource,
                ia("UnreadDevice"),
                f"{resource.path}.focalDevice[{i}]",
                target or "focalDevice",
                f"{resource.path}.focalDevice[{i}] says that a device was put in, changed or "
                f"taken out, and the device ({target or 'not named'}) was not sent or cannot "
                "be read: find out what it is before MRI is ordered.",
            )
