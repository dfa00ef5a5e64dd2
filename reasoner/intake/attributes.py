"""Attributes of a finding: region, side, depth and symptom status, from body sites and from the codes
of the finding itself."""

from collections.abc import Sequence

from reasoner.graph.terminology import Mapping
from reasoner.intake.bundle import Resource, as_list
from reasoner.intake.elements import Reader
from reasoner.intake.presentations import Problem
from reasoner.names import RDF_TYPE, ia


def read_sites(reader: Reader, problem: Problem, resource: Resource) -> None:
    """Reads the body sites of a resource; one that is given and cannot be read is kept in mind."""
    sites = resource.json.get("bodySite")
    if sites is None:
        return
    path = f"{resource.path}.bodySite"
    describe(reader, problem, sites, path, resource.key)
    for i, site in enumerate(as_list(sites)):
        if not reader.concepts.said(site).mappings and isinstance(site, dict):
            words = [
                k.get("display") or k.get("code")
                for k in as_list(site.get("coding"))
                if isinstance(k, dict)
            ] + [site.get("text")]
            said = ", ".join(w for w in words if isinstance(w, str) and w)
            problem.unread_site = problem.unread_site or (f"{path}[{i}]", said)


def implied(reader: Reader, problem: Problem, mappings: Sequence[Mapping]) -> None:
    """Fills in the region and the side that codes of a finding imply, where none is stated.

    Where what is stated contradicts them, neither is used.
    """
    sites = [m.site for m in mappings if m.site][:1]
    sides = [m.side for m in mappings if m.side][:1]
    if sites and problem.regions and not reader.regions.related(sites, problem.regions):
        names = " and ".join(reader.knowledge.label(r) for r in (*sites, *problem.regions[:1]))
        problem.unread_site = ("code", f"{names}, which contradict each other")
        problem.regions = []
        reader.record.note(
            "warning", problem.key, f"The code and the body site name {names}; neither was used."
        )
        return
    if sides and problem.sides and sides[0] not in problem.sides:
        problem.sides = []
        reader.record.note(
            "warning",
            problem.key,
            "The code and the body site name different sides; neither was used.",
        )
        return
    problem.regions = problem.regions or sites
    problem.sides = problem.sides or sides


def describe(reader: Reader, problem: Problem, concept, path: str, about: str) -> bool:
    """Whether a concept said something of a finding: region, side, depth, felt, or troubling."""
    used = False
    for m in reader.mappings(concept, path, about):
        if m.intake == "fact" and attribute(reader, problem, m.subject, path, about):
            used = True
            side = m.side
            if side and reader.is_a(m.subject, "BodyRegion") and side not in problem.sides:
                problem.sides.append(side)
    return used


def attribute(reader: Reader, problem: Problem, subject: str, path: str, about: str) -> bool:
    """Whether a term is an attribute that a finding can have; it is then stated."""
    if reader.is_a(subject, "BodyRegion"):
        problem.regions += [] if subject in problem.regions else [subject]
    elif reader.is_a(subject, "Laterality"):
        problem.sides += [] if subject in problem.sides else [subject]
    elif reader.is_a(subject, "Depth"):
        problem.attributes.append((ia("hasDepth"), subject))
    elif reader.is_a(subject, "SymptomStatus"):
        problem.attributes.append((ia("hasSymptomStatus"), subject))
    elif reader.is_a(subject, "ClinicalFinding"):
        problem.attributes.append((RDF_TYPE, subject))
    else:
        reader.record.note(
            "info",
            about,
            f"{path}: {reader.knowledge.label(subject)} is not an "
            "attribute of a finding; it was not used.",
        )
        return False
    return True
