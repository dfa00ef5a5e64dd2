"""Screens the texts of a record for words that name a hazard, such as an implant or an allergy, and
asks about each that no code states; words never clear and never exclude a study."""

from reasoner.intake.bundle import Resource
from reasoner.intake.elements import Reader, hazard_of, objects, status, unread_kind
from reasoner.intake.resource_types import ELEMENTS, OTHERS
from reasoner.intake.screened_places import known_places, mapped, negative_places
from reasoner.intake.unread import QUOTED, past, withhold
from reasoner.names import ia
from reasoner.reading.screens import Hit, texts, words_and_forms

NOTHING = {"entered-in-error", "refuted", "resolved", "remission"}
STATUSES = ("status", "verificationStatus", "clinicalStatus")
NAMES = ("display", "text", "name")  # keys of words that name something, and are no prose
SHOWN = 4  # places of prose that a note names
WARNED = 4  # resources of a kind that are warned of, before the rest is noted


def screen_words(reader: Reader) -> None:
    """Looks for hazard words in every text of the patient's resources that no code has stated."""
    for resource in reader.envelope.resources:
        void = any(status(resource, name) in NOTHING for name in STATUSES)
        if resource.type not in OTHERS and not void and not reader.is_foreign(resource):
            screen_resource(reader, resource)


def screen_resource(reader: Reader, resource: Resource) -> None:
    """Looks for hazard words in one resource, and for codes of hazards where no code is read."""
    prose: list[str] = []
    hits: list[tuple[str, Hit]] = []
    words, forms = words_and_forms(resource.json)
    for place, text in words:
        if place.rpartition(".")[2] not in NAMES:
            prose.append(place)
        if "referenceRange" in place:
            continue
        hits += [(place, hit) for hit in reader.screens.hazards(text)]
        if resource.type == "AllergyIntolerance":  # whose words need not say that it is one
            hits += [(place, hit) for hit in reader.screens.agents(text)]
    hits += stray_codes(reader, resource)
    if hits:
        raise_hits(reader, resource, hits)
    if prose:
        more = ", ..." if len(prose) > SHOWN else ""
        reader.record.note(
            "info",
            resource.key,
            f"{resource.path}: words were screened and not "
            f"read further ({', '.join(prose[:SHOWN])}{more}).",
        )
    for place, kind in forms:
        reader.record.note(
            "warning", resource.key, f"{resource.path}.{place} is {kind}, which is not read."
        )


def stray_codes(reader: Reader, resource: Resource) -> list[tuple[str, Hit]]:
    """The codes of hazards in elements of a resource that no reader reads, as hits."""
    read = ELEMENTS.get(resource.type, ())
    found: list[tuple[str, Hit]] = []
    for name, value in resource.json.items():
        if name in read or not isinstance(value, (dict, list)) or resource.type == "Patient":
            continue
        for path, node in objects(value):
            said = mapped(reader, node)
            for m in said:
                kind = hazard_of(reader.knowledge, m.subject)
                if kind and not reader.is_a(m.subject, "PassiveDevice"):
                    label = reader.knowledge.label(m.subject)
                    at = f"{name}{'' if path.startswith('[') or not path else '.'}{path}"
                    hit = Hit(kind, label, f"{m.code}: {label}", 0, 0, False)
                    found.append((f"{at}.code", hit))
    return found


def raise_hits(reader: Reader, resource: Resource, hits: list[tuple[str, Hit]]) -> None:
    """Withholds what hazard words bear on; what is denied, or asked and answered no, is quoted.

    Words of what passes, and was written long ago, and words that only repeat what codes state,
    withhold nothing and are quoted too.
    """
    known, negative = known_places(reader, resource), negative_places(reader, resource.json)
    repeated = stated_words(reader, resource)
    found: dict[str, tuple[str, Hit]] = {}
    for place, hit in hits:
        if place in known:
            continue
        why = ""
        if is_within(place, negative) != hit.denied:
            why = "a denial in words clears nothing"
        elif any(hit.word.casefold() in label for label in repeated.get(hit.kind, ())):
            why = "its code states that already"
        elif hit.kind in reader.stated and settles(reader, hit.kind):
            why = "codes state that already"
        elif past(reader, resource, hit.kind):
            why = "it was written too long ago to bear on today (the project's own bound)"
        if why:
            reader.record.note(
                "info", resource.key, f'{resource.path}.{place} says "{hit.quote[:QUOTED]}"; {why}.'
            )
        else:
            found.setdefault(hit.kind, (place, hit))
    for kind, (place, hit) in sorted(found.items()):
        path = f"{resource.path}.{place}"
        many = reader.warned.get(kind, 0) >= WARNED
        reader.warned[kind] = reader.warned.get(kind, 0) + 1
        withhold(
            reader,
            resource,
            unread_kind(reader.knowledge, kind),
            path,
            hit.quote,
            f'{path} is not read as a fact, and says "{hit.quote[:QUOTED]}": clear up what '
            f'"{hit.word}" means before anything that it bears on is ordered.',
            severity="info" if many else "warning",
        )


def stated_words(reader: Reader, resource: Resource) -> dict[str, list[str]]:
    """The labels and displays of the hazards that the codes of a resource state, by their kind.

    Only what a reader made a fact of counts, and nothing of devices that raise no alarm.
    """
    found: dict[str, list[str]] = {}
    if resource.key not in reader.asserted:
        return found
    for _, node in objects(resource.json):
        for m in mapped(reader, node):
            kind = hazard_of(reader.knowledge, m.subject)
            if kind and m.intake == "fact" and not reader.is_a(m.subject, "PassiveDevice"):
                labels = (reader.knowledge.label(m.subject), m.label, str(node.get("display", "")))
                found.setdefault(kind, []).extend(label.casefold() for label in labels)
    return found


def is_within(place: str, places: list[str]) -> bool:
    """Whether a place is one of some places, or lies within one."""
    return any(place == p or place.startswith((f"{p}.", f"{p}[")) for p in places)


def settles(reader: Reader, kind: str) -> bool:
    """Whether words of a kind of hazard add nothing once a code has stated it."""
    cls = unread_kind(reader.knowledge, kind)
    return reader.knowledge.facts.value(cls, ia("settledOnceStated")) == "true"


def doubts(reader: Reader, resources: list[Resource]) -> tuple[Resource, str, Hit] | None:
    """The first words in some resources that doubt a benign reading: resource, place, and hit.

    Words that name suspicion come before words that leave the reading open.
    """
    found: list[tuple[Resource, str, Hit]] = []
    for resource in resources:
        hits = [
            (place, h)
            for place, text in texts(resource.json)
            for h in reader.screens.doubts(text)
            if not h.denied
        ]
        known = known_places(reader, resource) if hits else set()
        found += [(resource, place, h) for place, h in hits if place not in known]
    return min(
        found, key=lambda hit: (hit[2].kind != "suspicious", resources.index(hit[0])), default=None
    )
