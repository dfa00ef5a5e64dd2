"""The facts of a smallest patient as a FHIR R4 Bundle, each by the resource that states it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from reasoner.graph.knowledge import Knowledge
from reasoner.intake.annotations import joins_a_problem
from reasoner.intake.observables import observables
from reasoner.names import IA, RDF_TYPE, ia
from reasoner.synth.codings import structural
from reasoner.synth.smallest import sayings
from reasoner.synth.smallest.facts import MEASURED, PROBLEMS, Fact
from reasoner.synth.smallest.sayings import Saying

TODAY = date(2026, 6, 15)  # the day of asking
PERSON = {"reference": "Patient/patient"}
DIAGNOSIS = {
    "clinicalStatus": structural("condition-clinical", "active"),
    "verificationStatus": structural("condition-ver-status", "confirmed"),
}
Resource = dict[str, Any]


def as_fhir(knowledge: Knowledge, facts: Sequence[Fact]) -> Resource:
    """The Bundle of some facts. A term without a code is stated by the project's own code."""
    writer = Writer(knowledge, facts)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for r in writer.resources()],
    }


class Writer:
    """Writes the resources of one patient."""

    def __init__(self, knowledge: Knowledge, facts: Sequence[Fact]):
        self.knowledge, self.facts = knowledge, facts
        rows = observables(knowledge)
        dated = [f for f in facts if f.property == MEASURED and rows[f.term].follows]
        self.dates = {rows[f.term].follows: f.number or 0 for f in dated}
        self.measured = [f for f in facts if f.property == MEASURED and f not in dated]

    def resources(self) -> Iterator[Resource]:
        """Yields the patient and a resource for each fact that is no date."""
        born = {}
        if "birth" in self.dates:
            born = {
                "birthDate": TODAY.replace(year=TODAY.year - int(self.dates["birth"])).isoformat()
            }
        yield {"resourceType": "Patient", "id": "patient", **born}
        writers = {
            "hasFinding": self.finding,
            "suspects": self.finding,
            "hasStudy": self.study,
            "hasDevice": self.device,
            "hasCondition": self.condition,
            "hasPurpose": self.purpose,
            "hasHistory": self.history,
            "hasMechanism": self.condition,
            "hasCourse": self.course,
        }
        for number, fact in enumerate(self.facts):
            name = f"fact-{number}"
            if fact.property == MEASURED:
                if fact in self.measured:
                    yield self.measurement(name, fact, None)
            elif fact.property == RDF_TYPE:
                continue  # no resource says of a problem which class of presentations it is
            elif fact.denied:
                yield self.denial(name, fact)
            else:
                writer = writers.get(fact.property.removeprefix(IA), self.sign)
                yield writer(name, fact)
                for place, held in enumerate(fact.held):
                    yield self.measurement(f"{name}-{place}", held, name)

    def concept(self, term: str, said: Saying) -> Resource:
        """The code that states a term as a CodeableConcept; the project's own where none does."""
        code = said.code if said.term == term else None
        if code is None:
            return {"coding": [{"system": IA, "code": term.removeprefix(IA)}]}
        system = self.knowledge.codes.systems[code.prefix].systems[0]
        return {"coding": [{"system": system, "code": code.code, "display": code.label}]}

    def stated(self, term: str, site: str | None = None) -> Resource:
        """The CodeableConcept of a class or a term."""
        return self.concept(term, sayings.stated(self.knowledge, term, site))

    def place(self, site: str | None) -> Resource:
        """The element bodySite of a region; empty without one."""
        if site is None:
            return {}
        return {"bodySite": [self.concept(site, sayings.placed(self.knowledge, site))]}

    def finding(self, name: str, fact: Fact) -> Resource:
        """The Condition of a confirmed or a suspected problem, with attributes as body sites."""
        verified = "confirmed" if fact.property == ia("hasFinding") else "provisional"
        sites = self.place(fact.site).get("bodySite", [])
        sites += [self.stated(t) for p, t in fact.more if p != RDF_TYPE]
        kinds = [{"code": [self.stated(t)]} for p, t in fact.more if p == RDF_TYPE]
        resource = {
            **about("Condition", name),
            "clinicalStatus": DIAGNOSIS["clinicalStatus"],
            "verificationStatus": structural("condition-ver-status", verified),
            "code": self.stated(fact.term, fact.site),
            **({"bodySite": sites} if sites else {}),
            **({"evidence": kinds} if kinds else {}),
        }
        if "onset" in self.dates:
            began = TODAY - timedelta(days=int(self.dates["onset"]))
            resource["onsetDateTime"] = began.isoformat()
        return resource

    def sign(self, name: str, fact: Fact) -> Resource:
        """The Observation of a sign that is there."""
        site = self.place(fact.site).get("bodySite", [None])[0]
        return {
            **about("Observation", name),
            "status": "final",
            "effectiveDateTime": TODAY.isoformat(),
            "code": self.stated(fact.term, fact.site),
            "valueBoolean": True,
            **({"bodySite": site} if site else {}),
        }

    def denial(self, name: str, fact: Fact) -> Resource:
        """The Observation of a sign that is not there, or the refuted Condition of a problem."""
        code = self.concept(fact.term, sayings.denied(self.knowledge, fact.term))
        site = self.place(fact.site).get("bodySite", [None])[0]
        if joins_a_problem(self.knowledge, fact.term):
            return {
                **about("Observation", name),
                "status": "final",
                "effectiveDateTime": TODAY.isoformat(),
                "code": code,
                "valueBoolean": False,
                **({"bodySite": site} if site else {}),
            }
        refuted = structural("condition-ver-status", "refuted")
        return {**about("Condition", name), "verificationStatus": refuted, "code": code}

    def condition(self, name: str, fact: Fact) -> Resource:
        """The Condition of a disease of the patient, or of how an injury came about."""
        severity = [self.stated(t) for p, t in fact.more if p == ia("hasSeverity")]
        return {
            **about("Condition", name),
            **DIAGNOSIS,
            "code": self.stated(fact.term),
            **({"severity": severity[0]} if severity else {}),
        }

    def history(self, name: str, fact: Fact) -> Resource:
        """The Procedure, or the Condition, of a past event."""
        code, place = self.stated(fact.term, fact.site), self.place(fact.site)
        if "procedure" in code["coding"][0].get("display", "").rsplit("(")[-1]:
            return {**about("Procedure", name), "status": "completed", "code": code, **place}
        return {**about("Condition", name), **DIAGNOSIS, "code": code, **place}

    def course(self, name: str, fact: Fact) -> Resource:
        """The Observation whose value is the course of a problem."""
        return {
            **about("Observation", name),
            "status": "final",
            "effectiveDateTime": TODAY.isoformat(),
            "code": {"text": "Course"},
            "valueCodeableConcept": self.stated(fact.term),
        }

    def purpose(self, name: str, fact: Fact) -> Resource:
        """The Encounter of today for some purpose."""
        kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
        reason = {"class": kind, "reasonCode": [self.stated(fact.term)]}
        return {**about("Encounter", name), "status": "in-progress", **reason}

    def device(self, name: str, fact: Fact) -> Resource:
        """The Device in the body of the patient, with its label."""
        labels = [self.stated(t) for p, t in fact.more if p == ia("hasMrLabel")]
        return {
            "resourceType": "Device",
            "id": name,
            "patient": PERSON,
            "status": "active",
            **({"type": self.stated(fact.term)} if fact.term else {}),
            **({"safety": labels} if labels else {}),
        }

    def study(self, name: str, fact: Fact) -> Resource:
        """The report of a study at the region of the problem, which its conclusion decides."""
        classes = [fact.term, *(t for _, t in fact.more)] if fact.term else []
        said = [self.concept(c, sayings.resulting(self.knowledge, c)) for c in classes]
        return {
            **about("DiagnosticReport", name),
            "status": "final",
            "effectiveDateTime": TODAY.isoformat(),
            "code": self.ordered(fact.procedure or "", fact.site),
            **({"conclusionCode": said} if said else {}),
            **({} if fact.site else self.reason()),
        }

    def reason(self) -> Resource:
        """The extension that names the problem which a study at no region is about."""
        places = [n for n, fact in enumerate(self.facts) if fact.property in PROBLEMS]
        problem = {"reference": f"Condition/fact-{places[0]}"}
        return {"extension": [{"url": "http://example.org/reason", "valueReference": problem}]}

    def ordered(self, generic: str, site: str | None) -> Resource:
        """The CodeableConcept of a procedure at a region, or of the procedure of any region."""
        facts = self.knowledge.facts
        offered = [
            o
            for o in facts.subjects(ia("specializes"), generic)
            if site in facts.objects(o, ia("hasRegion")) and sayings.termed(self.knowledge, o).code
        ]
        return self.stated(offered[0] if offered else generic)

    def measurement(self, name: str, fact: Fact, focus: str | None) -> Resource:
        """The Observation of a quantity in the unit of its observable."""
        units = observables(self.knowledge)[fact.term].units
        unit = next(u for u, factor in units.items() if factor == 1)
        return {
            **about("Observation", name),
            "status": "final",
            "effectiveDateTime": TODAY.isoformat(),
            "code": self.stated(fact.term),
            "valueQuantity": {"value": fact.number, "unit": unit, "code": unit},
            **({"focus": [{"reference": f"Condition/{focus}"}]} if focus else {}),
        }


def about(kind: str, name: str) -> Resource:
    """The beginning of a resource about the patient."""
    return {"resourceType": kind, "id": name, "subject": PERSON}
