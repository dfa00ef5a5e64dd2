"""Procedures of a rating table as individuals, one for each reading of a name.

A procedure of the graph is reused where it has the same attributes.
"""

from collections import defaultdict
from collections.abc import Iterator

from reasoner.curation.importing.identifiers import Mint, camel
from reasoner.curation.importing.procedure_names import Part, pairs, parse, table
from reasoner.curation.importing.survey import Survey
from reasoner.curation.tables.individuals import individual
from reasoner.graph.index import Index
from reasoner.graph.store import Statement, literal
from reasoner.names import LABEL, RDF_TYPE, SKOS, curie, expand, ia

PROPERTIES = {
    "modalities": "hasModality",
    "contrasts": "hasContrast",
    "regions": "imagesRegion",
    "guidances": "hasGuidance",
}
UNREAD = (
    "The name is not in the grammar of procedure names: technique, contrast and region are not "
    "stated."
)
BY_NAME = (
    "The grammar reads another name of the same scenario alike: what sets this procedure apart is "
    "not stated."
)
EXEMPT = {"hasModality": "procedure-has-one-modality", "hasContrast": "procedure-has-one-contrast"}
SEVERAL = "The name speaks of several studies; their attributes stand together."


class Procedures:
    """The individual of each procedure name, its label, and the statements about new ones."""

    def __init__(self, survey: Survey, known: Index, mint: Mint):
        self.iris: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.reused: set[str] = set()
        self.statements: list[Statement] = []
        self._known, self._mint = known, mint
        self._labels = {label for s in known.having(LABEL) for label in known.objects(s, LABEL)}
        self._shipped = generics(known)
        terms: set[str] = set()
        groups: dict[object, list[str]] = defaultdict(list)
        for name, reading in sorted(survey.readings.items()):
            groups[name if reading is None or name in survey.alone else reading].append(name)
        for names in groups.values():
            names.sort(key=lambda name: (-survey.used[name], name))
            terms |= self._individual(names, survey.readings[names[0]], names[0] in survey.alone)
        self.statements += [
            s for row in table("terms.tsv") if row["term"] in terms for s in self._term(row)
        ]

    def _individual(
        self, names: list[str], reading: tuple[Part, ...] | None, alone: bool
    ) -> set[str]:
        """Makes or finds the individual of names that mean one procedure; returns its terms."""
        label = names[0] if names[0] not in self._labels else f"{names[0]} (catalogued)"
        shipped = (
            self._shipped.get(reading[0]) if reading and len(reading) == 1 and not alone else None
        )
        before = ia("Catalogued" + camel(names[0]))
        if (
            not shipped
            and self._known.holds(before, RDF_TYPE, ia("CataloguedProcedure"))
            and self._known.value(before, LABEL) in (names[0], label)
        ):
            shipped = before
        iri = shipped or self._mint.iri(names[0])
        self.iris.update(dict.fromkeys(names, iri))
        self.labels[iri] = self._known.value(iri, LABEL, label) if shipped else label
        if shipped:
            self.reused.add(iri)
            return set()
        self.statements += individual(
            iri, "CataloguedProcedure", label, "A procedure as an imported rating table names it."
        )
        self.statements += [(iri, SKOS + "altLabel", literal(name, "en")) for name in names[1:]]
        remarks = (
            [UNREAD]
            if reading is None
            else [BY_NAME] * alone
            + [SEVERAL] * (len(reading) > 1 or len(reading[0].modalities) > 1)
        )
        self.statements += [
            (iri, SKOS + "editorialNote", literal(remark, "en")) for remark in remarks
        ]
        attributes = [
            (PROPERTIES[field], term)
            for part in reading or ()
            for field in PROPERTIES
            for term in getattr(part, field)
        ]
        self.statements += [
            (iri, ia(predicate), expand(term)) for predicate, term in sorted(set(attributes))
        ]
        several = {
            p
            for p in ("hasModality", "hasContrast")
            if len({term for predicate, term in attributes if predicate == p}) > 1
        }
        self.statements += [(iri, ia("exemptFrom"), literal(EXEMPT[p])) for p in sorted(several)]
        self.statements += [
            (iri, ia("qualifier"), literal(q, "en"))
            for q in sorted({q for part in reading or () for q in part.qualifiers})
        ]
        return {term for _, term in attributes}

    def _term(self, row: dict[str, str]) -> Iterator[Statement]:
        """The statements about a term of the grammar that the graph lacks."""
        iri = expand(row["term"])
        if not self._known.value(iri, LABEL):
            yield from individual(iri, row["class"], row["label"], row["definition"])
            yield from (
                (iri, ia(predicate), expand(term)) for predicate, term in pairs(row["also"])
            )


def generics(known: Index) -> dict[Part, str]:
    """The generic procedures of the graph by their attributes, where these tell them apart; what
    else their names say, such as stress views, are qualifiers.
    """
    procedures: dict[Part, list[str]] = defaultdict(list)
    for iri in known.subjects(RDF_TYPE, ia("GenericProcedure")):
        attributes = {
            field: tuple(sorted(map(curie, known.objects(iri, ia(predicate)))))
            for field, predicate in PROPERTIES.items()
        }
        named = parse(known.value(iri, ia("labelTemplate"), "").replace("{area}", ""))
        qualifiers = named[0].qualifiers if named and len(named) == 1 else ()
        procedures[Part(**attributes, qualifiers=qualifiers)].append(iri)
    return {part: iris[0] for part, iris in procedures.items() if len(iris) == 1}
