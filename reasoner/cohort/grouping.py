"""Which records are the same case: their shapes agree, and so do the order of their names and of their days.

A resource none of whose codes is known, and to which nothing that counts refers, decides nothing: what is said of it is
found once for its shape, and it takes no part in the case. So patients who differ only in such things are one case.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from reasoner.answer import ADULT
from reasoner.cohort.rebuild import rebuild
from reasoner.cohort.shape import REFERENCE, TEXT, Shapes, Unfit, days
from reasoner.intake.bundle import Envelope, Resource
from reasoner.intake.elements import whole_years
from reasoner.intake.read import READ, read_fhir
from reasoner.intake.record import Note
from reasoner.knowledge import Knowledge
from reasoner.names import IA

PLAIN = re.compile(r"[A-Za-z]{1,64}/[A-Za-z0-9.-]{1,64}").fullmatch  # what a name must be for its order to be kept
TOKEN = re.compile(r"[A-Za-z]+/~\d{4}|~\[\d{4}\]")
TODAY = date(2100, 1, 1)
BORN = {"adult": "2050-01-01", "child": "2095-01-01", "unreadable": "?", "unknown": None}
DAYS = [(date(2090, 1, 1) + timedelta(n)).isoformat() for n in range(1000)]
MOST = 9999
KINDS = 100_000  # that are remembered


@dataclass(eq=False)
class Kind:
    """All resources of one type and shape: a number, whether they decide nothing, and the notes about each that does not."""

    number: int
    type: str
    shape: tuple
    dates: tuple[tuple[str, bool], ...]
    whose: int  # how many of its references, the first ones, say whose it is
    inert: bool = False
    notes: list[Note] = field(default_factory=list)

    def resource(self, name: str, path: str, references: list[str], found: list[str]) -> Resource:
        """A resource of this kind with other names and days."""
        readable = iter(found)
        dated = {element: next(readable) if is_day else "?" for element, is_day in self.dates}
        return Resource(self.type, name, path, rebuild(self.type, self.shape, name, iter(references), dated))


@dataclass(eq=False)
class Member:
    """A resource of a record: its kind, what it refers to, and its readable days."""

    kind: Kind
    resource: Resource
    references: list[str]
    days: list[str]

    def inert(self, patient: str) -> bool:
        """Whether it decides nothing, as long as nothing refers to it."""
        return self.kind.inert and all(r == patient for r in self.references[:self.kind.whose])


@dataclass(eq=False)
class Group:
    """A record as a member of its case: `key` is the same for all of a case, `names` are its own in the order of the tokens."""

    key: tuple
    members: list[Member]
    names: list[str]
    inert: list[Member]
    age: str


class Grouping:
    """Finds the case of each record."""

    def __init__(self, knowledge: Knowledge, on: date | None = None):
        self.knowledge, self.on = knowledge, on and on.isoformat()
        self._shapes = Shapes(knowledge)
        self._kinds: dict[tuple, Kind] = {}
        self._learned = 0

    def group(self, envelope: Envelope) -> Group:
        """The group of a record. Raises Unfit when it must be read as it stands."""
        if envelope.notes:
            raise Unfit
        patient, members, newest, born = envelope.patient, [], "", None
        for resource in envelope.resources:
            found = days(resource.json)
            newest = max([newest, *[d for name, d in found if name != "birthDate"]])
            if resource.type == "Patient":
                if "contained" in resource.json or len(found) > ("birthDate" in resource.json):
                    raise Unfit
                born = found[0][1] if found else None
            elif resource.type in READ:
                members.append(self._member(resource, found, envelope))
        relevant = closed([m for m in members if not m.inert(patient)], members)
        names = sorted({patient}.union(*[(m.resource.key, *m.references) for m in relevant]))
        if len(names) > MOST or not all(map(PLAIN, names)):
            raise Unfit
        number = {name: n for n, name in enumerate(names)}
        told = {d for m in relevant for d in m.days}
        rank = {d: n for n, d in enumerate(sorted(told))} if all(len(d) == 10 for d in told) and len(told) < len(DAYS) else {d: d for d in told}
        age = self._age(born, self.on or newest)
        key = (age, number[patient], *[(m.kind.number, number[m.resource.key], *[number[r] for r in m.references], *[rank[d] for d in m.days]) for m in relevant])
        return Group(key, relevant, [*names, *[m.resource.path for m in relevant]], [m for m in members if m not in relevant] if len(relevant) < len(members) else [], age)

    def _age(self, born: str | None, newest: str) -> str:
        """Which of BORN a patient is. Raises Unfit for one who is not born yet."""
        if not born or not newest:
            return "unknown" if born != "" else "unreadable"
        if (years := whole_years(born, newest)) < 0:
            raise Unfit
        return "child" if years < ADULT else "adult"

    def _member(self, resource: Resource, found: list[tuple[str, str]], envelope: Envelope) -> Member:
        """A resource with its kind."""
        targets: list[str] = []
        shape = self._shapes.of(resource.type, resource.json, targets)
        key = (resource.type, shape, tuple([(name, d != "") for name, d in found]))
        kind = self._kinds.get(key) or self._learn(key)
        aliases = envelope.aliases
        return Member(kind, resource, [t if t in aliases and aliases[t] == t else envelope.resolve({"reference": t}) for t in targets], [d for _, d in found if d])

    def _learn(self, key: tuple) -> Kind:
        """A new kind; whether it decides nothing is found by reading one of it alone."""
        type_, shape, dates = key
        codes = list(texts(shape))
        if any("~" in text for text in codes if text not in (TEXT, REFERENCE)):
            raise Unfit
        if len(self._kinds) >= KINDS:
            self._kinds.clear()
        self._learned += 1
        kind = self._kinds[key] = Kind(self._learned, type_, shape, dates, sum(name in ("subject", "patient") for name, _ in shape))
        if type_ != "Device" and not any(system == IA or self.knowledge.codes.find(system, code) for system, code in pairs(shape)):
            own, patient, others = f"{type_}/~0000", "Patient/~0001", codes.count(REFERENCE) - kind.whose
            alone = kind.resource(own, "~[0000]", [patient] * kind.whose + ["Other/~0002"] * others, DAYS[:1] * len(dates))
            born = Resource("Patient", patient, "Patient", {"resourceType": "Patient", "id": "~0001", "birthDate": BORN["adult"]})
            record = read_fhir(self.knowledge, Envelope(patient, [born, alone], {patient: patient, own: own}), TODAY)
            about = {note.about for note in record.notes}
            told = {token for note in record.notes for token in TOKEN.findall(note.message)}
            kind.inert = len(record.statements) == 1 and not record.orders and about <= {own} and told <= {own, "~[0000]"}
            kind.notes = record.notes if kind.inert else []
        return kind

    def envelope(self, group: Group) -> Envelope:
        """The record of a case: its resources under tokens instead of names, on days that keep their order."""
        names = group.names[:len(group.names) - len(group.members)]
        token = {name: f"{name.split('/', 1)[0]}/~{n:04}" for n, name in enumerate(names)}
        told = sorted({d for m in group.members for d in m.days})
        kept = dict(zip(told, DAYS, strict=False)) if all(len(d) == 10 for d in told) else {d: d for d in told}
        patient = token[next(n for n in names if token[n] == f"Patient/~{group.key[1]:04}")]
        born = {"birthDate": BORN[group.age]} if BORN[group.age] else {}
        made = [Resource("Patient", patient, "Patient", {"resourceType": "Patient", "id": patient.split("/")[1], **born})]
        made += [m.kind.resource(token[m.resource.key], f"~[{n:04}]", [token[r] for r in m.references], [kept[d] for d in m.days]) for n, m in enumerate(group.members)]
        return Envelope(patient, made, {r.key: r.key for r in made})


def closed(found: list[Member], members: list[Member]) -> list[Member]:
    """Some members and all that they refer to, in the order of the record."""
    wanted = {r for m in found for r in m.references}
    more = [m for m in members if m.resource.key in wanted and m not in found]
    return closed([m for m in members if m in found or m in more], members) if more else found


def texts(shape) -> list[str]:
    """All texts in a shape, in order."""
    return [shape] if isinstance(shape, str) else [t for part in shape for t in texts(part)] if isinstance(shape, tuple) else []


def pairs(shape) -> list[tuple[str, str]]:
    """All pairs of texts in a shape: its codings, and some that are none."""
    if not isinstance(shape, tuple):
        return []
    own = [shape] if len(shape) == 2 and all(isinstance(part, str) for part in shape) else []
    return own + [pair for part in shape for pair in pairs(part)]
