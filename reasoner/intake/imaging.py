"""Which imaging procedure the codes of a resource name, of which regions, and what may be imaging."""

from dataclasses import dataclass

from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import Reader, coded, words_in
from reasoner.names import ia

CPT = "http://www.ama-assn.org/go/cpt"


@dataclass
class Imaging:
    """A procedure named by codes: the generic procedure, its orderable form, regions and side."""

    generic: str
    orderable: str | None
    regions: list[str]
    side: str | None


def imaging(reader: Reader, concept, path: str, about: str) -> Imaging | None:
    """The imaging procedure that a concept names, by its most telling code.

    That is one with a region, with contrast stated, with a side.
    """
    facts, found = reader.knowledge.facts, []
    for m in reader.mappings(concept, path, about):
        if m.intake == "fact" and reader.is_a(m.subject, "Procedure"):
            generic = facts.value(m.subject, ia("specializes"))
            found.append(
                Imaging(
                    generic or m.subject,
                    m.subject if generic else None,
                    facts.objects(m.subject, ia("hasRegion")),
                    m.side,
                )
            )

    def telling(one: Imaging) -> tuple:
        stated = not facts.holds(one.generic, ia("hasContrast"), ia("ContrastNotStated"))
        return one.orderable is not None, stated, one.side is not None

    return max(found, default=None, key=telling)


def body_sites(reader: Reader, resource: Resource) -> tuple[list[str], str | None]:
    """The regions and the side that the body sites of a study name, or those of its pictures."""
    json = resource.json
    concepts = [*as_list(json.get("bodySite"))]
    for series in as_list(json.get("series")):
        if isinstance(series, dict):
            concepts += [
                {"coding": [s]} for s in (series.get("bodySite"), series.get("laterality")) if s
            ]
    for reference in as_list(json.get("imagingStudy")):
        other = reader.envelope.held(reader.envelope.resolve(reference, resource), "ImagingStudy")
        if other and other is not resource:
            regions, side = body_sites(reader, other)
            if regions:
                return regions, side
    said = [m for c in concepts for m in reader.concepts.said(c).mappings if m.intake == "fact"]
    regions = [m.subject for m in said if reader.is_a(m.subject, "BodyRegion")]
    sides = [m.side for m in said if m.side]
    sides += [m.subject for m in said if reader.is_a(m.subject, "Laterality")]
    return list(dict.fromkeys(regions)), next(iter(sides), None)


def by_modality(reader: Reader, resource: Resource) -> Imaging | None:
    """The procedure of a modality, contrast unknown, that a study names where its code does not."""
    json = resource.json
    given = [json.get("code"), json.get("category")]
    given += [{"coding": [m]} for m in as_list(json.get("modality"))]
    for series in as_list(json.get("series")):
        given += (
            [{"coding": [series["modality"]]}]
            if isinstance(series, dict) and series.get("modality")
            else []
        )
    facts = reader.knowledge.facts
    found = []
    for concept in given:
        for m in reader.concepts.said(concept).mappings:
            if generic := facts.value(m.subject, ia("unstatedProcedure")):
                found.append(generic)
    kinds = list(dict.fromkeys(found))
    return Imaging(kinds[0], None, [], None) if len(kinds) == 1 else None


def may_be_imaging(reader: Reader, resource: Resource) -> bool:
    """Whether a report or Procedure that cannot be named is imaging, or may be.

    It is when a category or a code says so, when it has pictures, when its name holds a word for
    imaging, or when a report has only local codes and nothing says that it is something else.
    """
    json = resource.json
    said = [
        m for name in ("category", "code") for m in reader.concepts.said(json.get(name)).mappings
    ]
    service = service_of(reader, json)
    if service is not None:
        return service
    codings = coded(json, "code")
    if json.get("imagingStudy") or any(is_cpt_imaging(k) for k in codings):
        return True
    if any(map(reader.screens.names_imaging, names(json))):
        return True
    known = [k for k in codings if reader.knowledge.codes.known(str(k.get("system")))]
    return (
        resource.type == "DiagnosticReport" and not known and not json.get("category") and not said
    )


def service_of(reader: Reader, json: dict) -> bool | None:
    """Whether category or code of a report or an order say that it is imaging, or something else."""
    said = {
        m.subject
        for name in ("category", "code")
        for m in reader.concepts.said(json.get(name)).mappings
    }
    loose = {str(k.get("code")) for k in coded(json, "category") if not k.get("system")}
    imaging_ = ia("ImagingOfUnknownKind")
    if (
        imaging_ in said
        or any(reader.is_a(s, "Modality") for s in said)
        or loose.intersection(m.code for m in reader.knowledge.codes.of(imaging_))
    ):
        return True
    return False if any(reader.is_a(s, "ServiceCategory") for s in said) else None


def names(json: dict) -> list[str]:
    """The words that a report or an order is named by."""
    return words_in(json, "code") + words_in(json, "category")


def is_cpt_imaging(coding: dict) -> bool:
    """Whether a code is of the radiology chapter of CPT, whose numbers begin with 7; none is
    mapped.
    """
    code = coding.get("code")
    return (
        coding.get("system") == CPT and isinstance(code, str) and len(code) == 5 and code[0] == "7"
    )


LOINC = "http://loinc.org"


def is_imaging(reader: Reader, resource: Resource) -> bool:
    """Whether category, code or name of an order says that it is imaging."""
    return (
        service_of(reader, resource.json) is True
        or any(is_cpt_imaging(k) for k in coded(resource.json, "code"))
        or any(map(reader.screens.names_imaging, names(resource.json)))
    )


def something_else(reader: Reader, resource: Resource) -> bool:
    """Whether an order is known not to be imaging: by its category, or by a code of a laboratory.

    A LOINC code that is not mapped, with no word for imaging in its name, is a laboratory's.
    """
    if service_of(reader, resource.json) is False:
        return True
    systems = [k.get("system") for k in coded(resource.json, "code")]
    return bool(resource.json.get("category")) or LOINC in systems


def elsewhere(reader: Reader, resource: Resource) -> list[str]:
    """The regions that codes of an order imply which name no study of a region that is covered."""
    near = reader.knowledge.codes.near
    return [
        m.site
        for k in coded(resource.json, "code")
        if isinstance(k.get("system"), str) and isinstance(k.get("code"), str)
        for m in near(k["system"], k["code"])
        if m.site
    ]
