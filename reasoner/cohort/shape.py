"""A resource without names: what reading it depends on, and apart from that the references and days that differ between patients.

Most resources of a population share few shapes. `ELEMENTS` lists what the reader looks at, by type; a test watches the
reader and finds any element that is missing here. What is built in an unusual way is `Unfit`, and its record is read
as it stands: grouping saves time and decides nothing.
"""

from bisect import bisect_left, bisect_right

from reasoner.intake.elements import day
from reasoner.intake.read import DATED
from reasoner.knowledge import Knowledge
from reasoner.names import ia

DATES = dict.fromkeys(("birthDate", *DATED), "day")
ALL = {"subject": "reference", "patient": "reference", "contained": "presence"}
STUDY = {"basedOn": "reference", "reasonReference": "reference", "extension": "extension", "reason": "any"}
ELEMENTS = {kind: ALL | elements for kind, elements in {
    "Patient": {},
    "Condition": {"code": "concept", "clinicalStatus": "status", "verificationStatus": "status", "bodySite": "concept", "severity": "concept", "stage": "any", "evidence": "any"},
    "Procedure": {"status": "status", "code": "concept", "severity": "concept"} | STUDY,
    "Observation": {"status": "status", "code": "concept", "interpretation": "concept", "bodySite": "concept", "focus": "reference"},
    "AllergyIntolerance": {"code": "concept", "clinicalStatus": "status", "verificationStatus": "status", "criticality": "plain", "reaction": "any"},
    "Device": {"status": "status", "type": "concept", "safety": "concept"},
    "DiagnosticReport": {"status": "status", "code": "concept", "conclusionCode": "concept", "result": "reference", "imagingStudy": "reference"} | STUDY,
    "ImagingStudy": {"status": "status", "procedureCode": "concept"} | STUDY,
    "ServiceRequest": {"status": "status", "intent": "status", "doNotPerform": "plain", "code": "concept", "category": "concept", "bodySite": "concept", "reasonCode": "concept"} | STUDY,
}.items()}
VALUES = {"valueBoolean": "plain", "valueCodeableConcept": "concept", "valueQuantity": "quantity"}
KEPT = {"type", "summary", "code", "coding", "system", "text", "severity", "substance", "reference"}  # inside elements of the kind "any"
REFERENCE, TEXT, PRESENT = "~reference", "~text", 1


class Unfit(Exception):
    """What cannot be told apart from its names; the record is read as it stands."""


class Shapes:
    """Makes shapes: nested tuples with `REFERENCE` where a resource names another one."""

    def __init__(self, knowledge: Knowledge):
        facts = knowledge.facts
        limits = {float(v) for band in facts.having(ia("ofObservable")) for name in ("atLeast", "below") for v in facts.objects(band, ia(name))}
        self._limits = sorted(limits | {0.0})
        self._typical: dict[tuple, float] = {}
        self._kinds = {"concept": concept, "status": status, "reference": reference, "presence": lambda value, references: PRESENT if value else None,
                       "plain": plain, "extension": extension, "quantity": self._quantity, "any": anything}

    def of(self, kind: str, json: dict, references: list) -> tuple:
        """The shape of a resource of a type that is read, without its days; what it refers to is added to `references` in order."""
        made = []
        kinds = self._kinds
        for name, form in ELEMENTS[kind].items():
            value = json.get(name)
            if value is not None and (found := kinds[form](value, references)) is not None:
                made.append((name, found))
        if kind == "Observation":
            for name in json:
                if name[:5] == "value" or name == "dataAbsentReason":
                    if json[name] is None:
                        raise Unfit
                    made.append((name, kinds[VALUES[name]](json[name], references) if name in VALUES else PRESENT))
        return tuple(made)

    def _quantity(self, value, references) -> tuple:
        """A quantity with a number that lies on the same side of every limit as the one given: the first such number that was seen."""
        number = regular(value).get("value")
        if isinstance(number, int | float) and not isinstance(number, bool):
            places = tuple(cut(self._limits, x) for x in (number, number * 10) for cut in (bisect_left, bisect_right))
            number = self._typical.setdefault((*places, abs(number) < 1e15), number)
        elif number is not None:
            raise Unfit
        return tuple((name, number if name == "value" else plain(value[name], references)) for name in ("value", "unit", "code", "comparator") if value.get(name) is not None)


def days(json: dict) -> list[tuple[str, str]]:
    """The dates of a resource by element, as precise as they are; empty where one cannot be read."""
    return [(name, day(value)) for name, value in json.items() if name in DATES and value is not None]


def regular(value) -> dict:
    """An element that is an object. Raises Unfit when it is none."""
    if type(value) is not dict:
        raise Unfit
    return value


def plain(value, references) -> str | bool | float:
    """A code or number as it is."""
    if type(value) not in (str, bool, int, float):
        raise Unfit
    return value


def concept(value, references) -> tuple:
    """The codes of a CodeableConcept, or of a list of them (each with a mark that there is a text)."""
    if type(value) is list:
        return (list, *[concept(regular(item), references) for item in value])
    codings = regular(value).get("coding")
    if type(codings) is not list:
        if codings is not None:
            raise Unfit
        codings = ()
    made = []
    for coding in codings:
        system, code = regular(coding).get("system"), coding.get("code")
        if not (type(system) is type(code) is str):
            raise Unfit
        made.append((system, code))
    return (*made, TEXT) if value.get("text") else tuple(made)


def status(value, references) -> str | tuple:
    """A status, whether plain or a CodeableConcept."""
    return value if type(value) is str else concept(regular(value), references)


def reference(value, references) -> tuple | str:
    """A mark for a reference, or for each of a list."""
    if type(value) is list:
        return (list, *[reference(item, references) for item in value])
    target = regular(value).get("reference")
    if type(target) is not str or not target:
        raise Unfit
    references.append(target)
    return REFERENCE


def extension(value, references) -> tuple | None:
    """A mark for each extension that refers to a resource; the others are not read."""
    if type(value) is not list:
        raise Unfit
    found = tuple(reference(regular(item)["valueReference"], references) for item in value if regular(item).get("valueReference") is not None)
    return (list, *found) if found else None


def anything(value, references) -> tuple | str:
    """An element of another build, whole but for what is never read."""
    if type(value) is dict:
        return (dict, *[(name, TEXT if name == "text" and item else reference(value, references) if name == "reference" and type(item) is str else anything(item, references))
                        for name, item in value.items() if name in KEPT])
    if type(value) is list:
        return (list, *[anything(item, references) for item in value])
    return plain(value, references)
