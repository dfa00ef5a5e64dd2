"""The patient form: its options, and the record in terms of the ontology that a choice states.

A form is its query string, so that an answer has a permanent link. It has no field for a name, a
date or an identifier of a patient.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from reasoner.errors import InputError
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.graph.store import Statement, literal, serialize
from reasoner.intake import Record, read
from reasoner.intake.kidney import kidney_observable
from reasoner.intake.observables import age
from reasoner.names import CASE, IA, OWL, RDF_TYPE, XSD, ia
from reasoner.serve.explorer.stated_facts import (
    FACT,
    SUSPECTED,
    fact_statements,
    number_statements,
)

SINGLE = (
    "finding",
    "certainty",
    "palpable",
    "region",
    "depth",
    "side",
    "symptoms",
    "egfr",
    "pregnant",
    "age",
)
# Fields that are repeated, each with the field beside it.
ROWS = {"study": "result", "device": "label", "allergy": "severity"}
SEVERAL = ("kidney", "condition", "order")
# What the topic of the problem asks for: `FocalTenderness@Patella`, with `!` where it is denied.
STATED = (FACT, SUSPECTED)
NUMBER = re.compile(r"[A-Z]\w{2,60}")  # the name of a field with a number: its observable
KIDNEY = (
    "RenalInsufficiency",
    "SevereKidneyDisease",
    "ChronicKidneyDisease",
    "AcuteKidneyInjury",
    "DialysisDependence",
    "NormalRenalFunction",
)
DISEASE = ia("Disease")  # what a topic may ask about, and no state that bears on safety
ALLERGY = ("ContrastAllergy",)
MOST, MOST_FACTS = 12, 60
Options = list[tuple[str, str]]


@dataclass
class Form:
    """What is chosen: single values, rows of two, and lists, by the names of the query string."""

    single: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[tuple[str, str]]] = field(
        default_factory=lambda: {name: [] for name in ROWS}
    )
    several: dict[str, list[str]] = field(
        default_factory=lambda: {name: [] for name in SEVERAL + STATED}
    )
    numbers: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is chosen."""
        several = any(self.rows.values()) or any(self.several.values())
        return not (self.single or several or self.numbers)

    def query(self) -> str:
        """The query string that gives this form again."""
        pairs = list(self.single.items())
        pairs += [
            pair
            for name, beside in ROWS.items()
            for a, b in self.rows[name]
            for pair in ((name, a), (beside, b))
        ]
        pairs += [(name, value) for name in SEVERAL + STATED for value in self.several[name]]
        return urlencode(pairs + list(self.numbers.items()))


def parse(pairs: list[tuple[str, str]]) -> Form:
    """The form in the pairs of a query string; empty and unknown fields are ignored."""
    form = Form()

    def values_of(name: str) -> list[str]:
        most = MOST_FACTS if name in STATED else MOST
        return [value.strip() for key, value in pairs if key == name][:most]

    for name in SINGLE:
        if values := [value for value in values_of(name) if value]:
            form.single[name] = values[0]
    for name, beside in ROWS.items():
        others = values_of(beside)
        form.rows[name] = [
            (a, others[i] if i < len(others) else "") for i, a in enumerate(values_of(name)) if a
        ]
    form.several = {
        name: [v for v in dict.fromkeys(values_of(name)) if v] for name in SEVERAL + STATED
    }
    numbers = {key: value.strip() for key, value in pairs if NUMBER.fullmatch(key)}
    form.numbers = {key: value for key, value in list(numbers.items())[:MOST] if value}
    return form


@memoized
def options(knowledge: Knowledge) -> dict[str, Options]:
    """What the form offers for each name: local names with their labels."""
    facts, definitions = knowledge.facts, knowledge.definitions
    classes = [c for c in facts.subjects(RDF_TYPE, OWL + "Class") if c.startswith(IA)]
    defined = {rule.head for rule in definitions.rules}

    def below(*above: str) -> Options:
        return listed(
            c
            for c in classes
            if c not in defined
            and any(
                ia(a) in definitions.superclasses(c)
                and c != ia(a)
                or c == ia(a)
                and a in KIDNEY + ALLERGY
                for a in above
            )
        )

    def members(cls: str) -> Options:
        return listed(
            x for x, of in definitions.static.items() if x.startswith(IA) and ia(cls) in of
        )

    def listed(iris) -> Options:
        rows = {
            (i.removeprefix(IA), knowledge.label(i))
            for i in iris
            if not knowledge.facts.holds(i, ia("notOffered"), "true")
        }
        return sorted(rows, key=lambda r: (r[1].lower(), r[0]))

    deniable = knowledge.facts.having(ia("whenDenied"))
    felt = {*deniable, *(knowledge.facts.value(c, ia("whenDenied")) for c in deniable)}
    findings = [o for o in below("ClinicalFinding") if ia(o[0]) not in felt]
    first = set(knowledge.facts.subjects(ia("offeredFirst"), "true"))
    safety = below("ContrastAllergy") + below(*KIDNEY)
    return {
        "finding": sorted(findings, key=lambda o: (ia(o[0]) not in first, o[1])),
        "certainty": [("suspected", "suspected")],
        "palpable": [o for o in below("ClinicalFinding") if o not in findings],
        "region": members("BodyRegion"),
        "depth": members("Depth"),
        "side": members("Laterality"),
        "symptoms": members("SymptomStatus"),
        "study": generic_first(members("GenericProcedure")),
        "order": generic_first(members("GenericProcedure")),
        "result": below("Result"),
        "device": below("Device"),
        "label": members("MrLabel"),
        "allergy": below(*ALLERGY),
        "severity": members("Severity"),
        "kidney": below(*KIDNEY),
        "condition": [
            o
            for o in below("PatientCondition")
            if o not in safety and o[0] != "Pregnancy" and not knowledge.is_a(ia(o[0]), DISEASE)
        ],
        "pregnant": [("Pregnancy", "pregnant")],
    }


def generic_first(procedures: Options) -> Options:
    """Procedures with those first that begin a work-up."""
    first = ("Radiography", "Ultrasound")
    return sorted(procedures, key=lambda o: (o[0] not in first, o[1].lower()))


def check(knowledge: Knowledge, form: Form) -> None:
    """Raises InputError for a value that the form does not offer, or a number out of range."""
    offered = options(knowledge)
    chosen = [(name, value) for name, value in form.single.items() if name not in ("egfr", "age")]
    chosen += [
        pair
        for name, beside in ROWS.items()
        for a, b in form.rows[name]
        for pair in ((name, a), (beside, b))
        if pair[1]
    ]
    chosen += [(name, value) for name in SEVERAL for value in form.several[name]]
    for name, value in chosen:
        if value not in {key for key, _ in offered[name]}:
            raise InputError(name, f"{value[:80]!r} is not offered", "Choose from the list.")
    for name, most in (("egfr", 200), ("age", 130)):
        text = form.single.get(name, "0")
        if (
            not text.isascii()
            or not text.replace(".", "", name == "egfr").isdigit()
            or float(text) > most
        ):
            raise InputError(
                name,
                f"{text[:80]!r} is no number between 0 and {most}",
                "Correct it, or leave it empty.",
            )


def record(knowledge: Knowledge, form: Form) -> Record:
    """The record that a form states. Raises InputError for a value that is not offered."""
    check(knowledge, form)
    result = read(knowledge, serialize(statements(knowledge, form), {}))
    result.age = int(form.single["age"]) if "age" in form.single else None
    result.state_age_group()
    return result


def statements(knowledge: Knowledge, form: Form) -> list[Statement]:
    """What a form states, in the words of the ontology."""
    patient, presentation, finding = CASE + "patient", CASE + "presentation", CASE + "finding"
    rows: list[Statement] = [
        (patient, RDF_TYPE, ia("Patient")),
        (presentation, RDF_TYPE, ia("Presentation")),
        (presentation, ia("hasPatient"), patient),
    ]

    def thing(owner: str, predicate: str, name: str, cls: str) -> str:
        rows.extend([(owner, ia(predicate), CASE + name), (CASE + name, RDF_TYPE, ia(cls))])
        return CASE + name

    single = form.single
    if kind := single.get("finding"):
        suspected = "certainty" in single
        thing(presentation, "suspects" if suspected else "hasFinding", "finding", kind)
        rows.extend([(finding, RDF_TYPE, ia(single["palpable"]))] if "palpable" in single else [])
        rows.extend(
            (finding, ia(p), ia(single[name]))
            for name, p in (
                ("region", "hasSite"),
                ("depth", "hasDepth"),
                ("side", "hasLaterality"),
                ("symptoms", "hasSymptomStatus"),
            )
            if name in single
        )
    for i, (procedure, result) in enumerate(form.rows["study"], 1):
        study = thing(presentation, "hasStudy", f"study-{i}", "Study")
        rows.append((study, ia("ofProcedure"), ia(procedure)))
        if result:
            thing(study, "hasResult", f"study-{i}#result", result)
    for i, procedure in enumerate(form.several["order"], 1):
        rows.append(
            (
                thing(presentation, "hasOrder", f"order-{i}", "Order"),
                ia("ofProcedure"),
                ia(procedure),
            )
        )
    for i, (kind, label) in enumerate(form.rows["device"], 1):
        device = thing(patient, "hasDevice", f"device-{i}", kind)
        rows.extend([(device, ia("hasMrLabel"), ia(label))] if label else [])
    for i, (kind, severity) in enumerate(form.rows["allergy"], 1):
        allergy = thing(patient, "hasCondition", f"allergy-{i}", kind)
        rows.extend([(allergy, ia("hasSeverity"), ia(severity))] if severity else [])
    for name, cls in enumerate(
        [
            *form.several["kidney"],
            *form.several["condition"],
            *([single["pregnant"]] if "pregnant" in single else []),
        ],
        1,
    ):
        thing(patient, "hasCondition", f"condition-{name}", cls)
    if "egfr" in single:
        measurement = thing(patient, "hasMeasurement", "egfr", "Measurement")
        rows.extend(
            [
                (measurement, ia("ofObservable"), kidney_observable(knowledge)),
                (measurement, ia("value"), literal(single["egfr"], datatype=XSD + "decimal")),
            ]
        )
    rows += fact_statements(
        knowledge, {name: form.several[name] for name in STATED}, single.get("region")
    )
    years = {age(knowledge).removeprefix(IA): single["age"]} if "age" in single else {}
    numbers = form.numbers | years
    return rows + list(number_statements(knowledge, numbers, "finding" in single))
