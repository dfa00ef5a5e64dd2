"""The generic procedure that a name such as "MRI knee without IV contrast" means where the knee is
the place that a scenario is about: a procedure of the graph, else an individual of the import.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reasoner.curation.importing.identifiers import Mint, camel, same
from reasoner.curation.importing.procedure_names import (
    TOKEN,
    Reading,
    longest,
    pairs,
    parse,
    table,
    words,
)
from reasoner.curation.importing.procedures import PROPERTIES, UNREAD, generics
from reasoner.curation.tables.individuals import individual
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, literal
from reasoner.names import IA, LABEL, RDF_TYPE, SKOS, expand, ia

AREA, ANYWHERE = "{area}", "area of interest"
NOT_STATED = ("ia:ContrastNotStated",)


@dataclass(frozen=True)
class Meant:
    """The procedure that a name means: where its region is larger than the place in question,
    which, and where it is another part of the body, the study that is ordered there.
    """

    procedure: str
    region: str | None = None
    study: str | None = None


class GenericProcedures:
    """The generic procedures of an import: those of the graph, and new ones with statements."""

    def __init__(self, known: Index):
        self.statements: list[Statement] = []
        self.labels: dict[str, str] = {}
        self._known, self._shipped = known, generics(known)
        self._mint = Mint({s for s in known.having(RDF_TYPE) if s.startswith(IA)})
        self._by_name = {
            same(named.replace(AREA, "")): iri
            for iri in known.subjects(RDF_TYPE, ia("GenericProcedure"))
            if (named := known.value(iri, ia("labelTemplate")))
        }
        self._by_reading = {
            parse(known.value(iri, ia("labelTemplate"), "").replace(AREA, "")): iri
            for iri in self._by_name.values()
        }
        self._new: dict[object, str] = {}
        self._terms = {row["term"]: row for row in table("terms.tsv")}
        self._means = {
            expand(row["region"]): set(map(expand, row["means"].split()))
            for row in table("region_names.tsv")
        }
        self._stated: set[str] = set()

    def of(self, name: str, places: set[str]) -> Meant:
        """What a name means where a scenario is about some places.

        A study of another part of the body is a procedure of its own, never the generic one.
        """
        reading = parse(name)
        if reading is None:
            return Meant(self._own(name, reading))
        named = {expand(region) for part in reading for region in part.regions}
        larger = {r for r in named if not self._is_here(r, places)}
        parts = tuple(replace(part, regions=()) for part in reading)
        iri = self._in_graph(name, parts)
        is_elsewhere = any(not self._holds_all(region, places) for region in larger)
        if is_elsewhere and iri and self._is_ordered_for_both(iri, larger, places):
            return Meant(iri)
        if is_elsewhere:
            return Meant(self._own(name, reading), study=self._study(iri, larger))
        iri = iri or self._made(parts, template(name), parts)
        return Meant(iri, region=next(iter(larger)) if len(larger) == 1 else None)

    def _study(self, procedure: str | None, regions: set[str]) -> str | None:
        """The study that is ordered for some regions, or for other names of them; None without."""
        named = [{region} | self._means.get(region, set()) for region in sorted(regions)]
        orderables = self._known.subjects(ia("specializes"), procedure) if procedure else []
        for orderable in orderables:
            ordered = set(self._known.objects(orderable, ia("hasRegion")))
            if all(ordered & names for names in named):
                return orderable
        return None

    def _is_here(self, region: str, places: set[str]) -> bool:
        """Whether a region is one of some places, a part of one, or another name of one."""
        return bool(self._within(region) & places or self._means.get(region, set()) & places)

    def _holds_all(self, region: str, places: set[str]) -> bool:
        """Whether every place lies in a region."""
        return bool(places) and all(region in self._within(place) for place in places)

    def _is_ordered_for_both(self, procedure: str, regions: set[str], places: set[str]) -> bool:
        """Whether one study that is ordered for the places is the study of some regions too."""
        around = {region for place in places for region in self._within(place)}
        orderables = self._known.subjects(ia("specializes"), procedure)
        ordered = [set(self._known.objects(o, ia("hasRegion"))) for o in orderables]
        return any(regions <= both and around & both for both in ordered)

    def _within(self, region: str) -> set[str]:
        """A region and all that it is a part of."""
        found, todo = set(), [region]
        while todo:
            if (one := todo.pop()) not in found:
                found.add(one)
                todo += self._known.objects(one, ia("partOf"))
        return found

    def _in_graph(self, name: str, parts: Reading) -> str | None:
        """The procedure of the graph with a name, else with these attributes.

        A name may leave out the contrast.
        """
        named = self._by_name.get(same(template(name).replace(AREA, "")))
        if iri := named or self._by_reading.get(parts):
            return iri
        if len(parts) != 1 or parts[0].qualifiers:
            return None
        open_contrast = replace(parts[0], contrasts=parts[0].contrasts or NOT_STATED)
        return self._shipped.get(parts[0]) or self._shipped.get(open_contrast)

    def _own(self, name: str, reading: Reading | None) -> str:
        """The individual of a procedure that is known by its whole name."""
        return self._made((same(name), reading), name, reading)

    def _made(self, key: object, label: str, reading: Reading | None) -> str:
        """The new individual of a key, stated once."""
        if key not in self._new:
            self._new[key] = iri = self._mint.fresh(
                ia("Imported" + camel(label.replace(AREA, " ")))
            )
            self.labels[iri] = label.replace(AREA, ANYWHERE)
            self.statements += self._described(iri, label, reading)
        return self._new[key]

    def _described(self, iri: str, label: str, reading: Reading | None) -> Iterator[Statement]:
        """The statements about a new individual, and the terms that it needs."""
        definition = "A procedure as an imported rating table names it."
        yield from individual(iri, "CataloguedProcedure", self.labels[iri], definition)
        yield iri, ia("labelTemplate"), literal(label)
        if reading is None:
            yield iri, SKOS + "editorialNote", literal(UNREAD, "en")
        for part in reading or ():
            for field, predicate in PROPERTIES.items():
                for term in getattr(part, field):
                    yield iri, ia(predicate), expand(term)
                    yield from self._term(term)
            for qualifier in part.qualifiers:
                yield iri, ia("qualifier"), literal(qualifier, "en")

    def _term(self, term: str) -> Iterator[Statement]:
        """The statements about a term of the grammar that the graph lacks, once."""
        iri, row = expand(term), self._terms.get(term)
        if row and not self._known.value(iri, LABEL) and iri not in self._stated:
            self._stated.add(iri)
            yield from individual(iri, row["class"], row["label"], row["definition"])
            for predicate, other in pairs(row["also"]):
                yield iri, ia(predicate), expand(other)


def template(name: str) -> str:
    """A name with its region left open: `MRI {area} without IV contrast`."""
    given, out, place = TOKEN.findall(name), [], 0
    plain = [word.lower().replace("\u2019", "'") for word in given]
    while place < len(given):
        lengths = range(min(longest(), len(given) - place), 0, -1)
        length = next((n for n in lengths if tuple(plain[place : place + n]) in words()), 1)
        kind = words().get(tuple(plain[place : place + length]), ("", []))[0]
        if kind != "region":
            out += given[place : place + length]
        elif AREA not in out:
            out.append(AREA)
        place += length
    return " ".join(out if AREA in out else [*out, AREA])
