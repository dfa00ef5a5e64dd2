"""Bands of values: what the numbers of a table become, so that OWL needs no data facets.

The reader of records puts a measurement into each band that its value surely lies in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from reasoner.errors import InputError
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, literal
from reasoner.names import IA, LABEL, OWL, RDF_TYPE, RDFS, SKOS, XSD, ia

# days of a unit of time: months and years as UCUM counts them
DAYS = {
    "day": Fraction(1),
    "week": Fraction(7),
    "month": Fraction("30.4375"),
    "year": Fraction("365.25"),
}
UCUM = {"d": "day", "wk": "week", "mo": "month", "a": "year"}
QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(?: (day|week|month|year)s?)?")


@dataclass(frozen=True)
class Bound:
    """A bound of a band: its value in the unit of the band, and as it was written."""

    value: Fraction
    written: str


@dataclass(frozen=True)
class Band:
    """A range of values of an observable, from `least` and below `below`; one may be missing."""

    observable: str
    unit: str
    least: Bound | None
    below: Bound | None

    @property
    def words(self) -> str:
        """The range in words: `at least 5 and below 18 years`."""
        parts = [
            f"{word} {bound.written}"
            for word, bound in (("at least", self.least), ("below", self.below))
            if bound
        ]
        plain = all(not b or b.written.replace(".", "").isdigit() for b in (self.least, self.below))
        unit = f"{UCUM[self.unit]}s" if self.unit in UCUM else self.unit
        return " and ".join(parts) + (f" {unit}" if plain and self.unit != "1" else "")

    @property
    def cls(self) -> str:
        """The IRI of the class of its measurements, such as `ia:AgeFrom5Below18`."""
        bounds = [
            word + re.sub(r"\W", "", bound.written.title().replace(".", "Point"))
            for word, bound in (("From", self.least), ("Below", self.below))
            if bound
        ]
        return self.observable + "".join(bounds)

    def declared(self, known: Index) -> str | None:
        """The class of the graph that a band with the same bounds puts its measurements into."""
        wanted = [None if b is None else b.value for b in (self.least, self.below)]
        for band in known.subjects(ia("ofObservable"), self.observable):
            bounds = [known.value(band, ia(name)) for name in ("atLeast", "below")]
            values = [None if b is None else Fraction(b) for b in bounds]
            if known.holds(band, RDF_TYPE, ia("MeasurementBand")) and values == wanted:
                return known.value(band, ia("bandClass"))
        return None

    def statements(self, known: Index) -> Iterator[Statement]:
        """The class and the individual of the band."""
        name = known.value(self.observable, LABEL) or self.observable[len(IA) :]
        band = f"{self.cls}Band"
        yield self.cls, RDF_TYPE, OWL + "Class"
        yield self.cls, RDF_TYPE, OWL + "NamedIndividual"
        yield self.cls, LABEL, literal(f"{name} {self.words}", "en")
        yield self.cls, SKOS + "definition", literal(f"A measurement of {name} {self.words}.", "en")
        yield self.cls, RDFS + "subClassOf", ia("Measurement")
        yield band, RDF_TYPE, OWL + "NamedIndividual"
        yield band, RDF_TYPE, ia("MeasurementBand")
        yield band, LABEL, literal(f"{name} band {self.words}", "en")
        yield band, SKOS + "definition", literal(f"The range of {name} {self.words}.", "en")
        yield band, ia("ofObservable"), self.observable
        yield band, ia("bandClass"), self.cls
        yield band, ia("unit"), literal(self.unit)
        for name, bound in (("atLeast", self.least), ("below", self.below)):
            if bound:
                yield band, ia(name), literal(decimal(bound.value), datatype=XSD + "decimal")


def decimal(value: Fraction) -> str:
    """A number as a decimal with its point, to six places."""
    return f"{float(value):.6f}".rstrip("0") + "0" * (value.denominator == 1)


def bound(text: str, unit: str, place: str) -> Bound | None:
    """The bound that a text is, in a unit; None for an empty one.

    A number with a unit of time is converted. Raises InputError for another text.
    """
    if not text:
        return None
    match = QUANTITY.fullmatch(text)
    if not match or (match[2] and unit not in UCUM):
        hint = "Write a number, for a time with its unit, such as 12 weeks."
        raise InputError(place, f"{text} is no quantity in {unit}", hint)
    value = Fraction(match[1])
    if match[2]:
        value = value * DAYS[match[2]] / DAYS[UCUM[unit]]
    return Bound(value, text)
