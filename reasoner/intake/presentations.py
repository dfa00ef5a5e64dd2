"""The presentation, a clinical problem of a patient that imaging may be needed for, while its
Condition or order is read.
"""

from dataclasses import dataclass, field
from functools import cached_property

from reasoner.intake.bundle import Resource
from reasoner.intake.elements import Reader, words_in
from reasoner.intake.record import node
from reasoner.names import RDF_TYPE, ia


@dataclass
class Problem:
    """A presentation while it is being read; regions are IRIs, dates as precise as recorded.

    `also` holds the keys of further Conditions that code the same problem, `classes` those of its
    finding, and `unread_site` the place of a site that could not be read. `further` are other
    findings of the same injury, `suspicions` and `symptoms` what was joined to it, `encounters`
    the keys of the encounters in which it was recorded.
    """

    key: str
    regions: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    onset: str = ""
    classes: list[str] = field(default_factory=list)
    recorded: str = ""
    suspected: bool = False
    also: list[str] = field(default_factory=list)
    unread_site: tuple[str, str] | None = None
    attributes: list[tuple[str, str]] = field(default_factory=list)  # property and value
    further: list["Problem"] = field(default_factory=list)
    suspicions: list["Problem"] = field(default_factory=list)
    symptoms: list["Problem"] = field(default_factory=list)
    encounters: set[str] = field(default_factory=set)
    part: str = "finding"  # the name of its finding within the resource

    @cached_property
    def iri(self) -> str:
        """The IRI of the presentation."""
        return node(self.key)

    @cached_property
    def finding(self) -> str:
        """The IRI of its finding."""
        return node(self.key, self.part)

    def is_named(self, keys: set[str]) -> bool:
        """Whether some keys of Conditions name the problem."""
        joined = (*self.further, *self.suspicions, *self.symptoms)
        return bool(keys.intersection([self.key, *self.also])) or any(
            p.is_named(keys) for p in joined
        )


def add_finding(reader: Reader, problem: Problem, patient: str) -> None:
    """States a presentation with its findings, or with the finding that is suspected."""
    say = reader.record.say
    reader.record.presentations.append(problem.iri)
    say(problem.iri, RDF_TYPE, ia("Presentation"))
    say(problem.iri, ia("hasPatient"), patient)
    if problem.classes:
        say(problem.iri, ia("suspects" if problem.suspected else "hasFinding"), problem.finding)
    for other in problem.further:
        say(problem.iri, ia("hasFinding"), other.finding)


def words_of(resource: Resource, name: str) -> str:
    """The words and codes of a concept as they were sent, for a quote."""
    return ", ".join(words_in(resource.json, name, codes=True))
