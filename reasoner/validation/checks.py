"""Runs the checks: every query of `queries/checks/`, and the conditions that SPARQL cannot express.

A check yields rows of entity, property and value; no row is a pass.
"""

from collections.abc import Iterator

from reasoner.errors import ConfigurationError
from reasoner.graph import query_files
from reasoner.graph.definitions import ADMITTED, DISJOINT, REFUSED, SUBCLASS, Definitions
from reasoner.graph.query_files import Query
from reasoner.graph.short_names import short
from reasoner.graph.store import text
from reasoner.graph.terminology import CLASSIFIED, Classification
from reasoner.names import OWL, RDF_TYPE, SKOS, curie, expand, ia
from reasoner.validation import assertions, codes_form
from reasoner.validation.findings import SEVERITIES, Check
from reasoner.validation.graph_under_test import Material

Row = tuple[str, str, str]
VARIABLES = ["entity", "property", "value"]


def matches(material: Material) -> list[Row]:
    """The matches between terms and codes, in the mapping tables and in the files themselves."""
    mapped = [row for row in material.mappings if material.about_own(row[0])]
    return [
        row
        for row in material.links + mapped
        if row[1].startswith(SKOS) and row[1].endswith("Match")
    ]


def not_classified(material: Material) -> Iterator[Row]:
    """Mappings to a code of ICD-10-CM that the classification does not have."""
    base = material.bases.get(CLASSIFIED, "")
    classification = Classification(material.ontology / "tables" / "icd-10-cm.csv")
    accepts = codes_form.FORMS[CLASSIFIED][0]
    for subject, predicate, code in matches(material) if base and classification else ():
        local = code.removeprefix(base)
        if local != code and accepts(local) and classification.holding(local)[:1] != [local]:
            yield subject, predicate, code


def code_form(material: Material) -> Iterator[Row]:
    """Mappings to a code without the form of its terminology, or to an undeclared terminology."""
    known = sorted(
        ((base, prefix) for prefix, base in material.bases.items()), key=lambda pair: -len(pair[0])
    )
    for subject, predicate, code in matches(material):
        prefix, local = next(
            ((p, code[len(base) :]) for base, p in known if code.startswith(base)), ("", code)
        )
        accepts = codes_form.FORMS.get(prefix, (bool, ""))[0]
        if not prefix or not accepts(local):
            yield subject, predicate, code


def outside_fragment(material: Material) -> Iterator[Row]:
    """Definitions that cannot be decided at run time."""
    is_refused = False
    for s, p, o in material.links:
        for term in (p, o) if p == RDF_TYPE else (p,):
            if term in REFUSED or (term.startswith(OWL) and term not in ADMITTED):
                is_refused = True
                yield material.owner(s), p, o if term == o else term
    if not is_refused and not isinstance(material.definitions, Definitions):
        error = material.definitions
        yield material.owner(expand(error.place)), OWL + "equivalentClass", error.message


def without_members(material: Material) -> Iterator[Row]:
    """Classes that nothing can belong to, and things that nothing can be; of those that lie below
    each other the uppermost.
    """
    compiled = material.definitions
    excluded = compiled.contradictions if isinstance(compiled, Definitions) else []
    for thing, one, other in excluded:
        above = {(c, one, other) for c in compiled.out[thing][SUBCLASS]}
        if not above.intersection(excluded):
            yield material.owner(thing), DISJOINT, f"{curie(one)} and {curie(other)}"


def unknown_exemption(material: Material) -> Iterator[Row]:
    """Exemptions from a check that there is none of."""
    known = {check.name for check in every()} | material.shape_ids
    for s, p, o in material.rows:
        if p == ia("exemptFrom") and o not in known:
            yield s, p, o


CODED = {
    Check(
        "code-form",
        "violation",
        "A mapping names a code that has not the form of its terminology.",
        "Look {value} up in its terminology again and correct object_id in the mapping row of "
        "{entity}.",
    ): code_form,
    Check(
        "code-not-classified",
        "violation",
        "A mapping names a code that its classification does not have.",
        "Correct the row of {entity}: look {value} up in tables/icd-10-cm.csv.",
    ): not_classified,
    Check(
        "definition-outside-fragment",
        "violation",
        "A definition lies outside the OWL fragment that is decided at run time.",
        "Define {entity} with named classes, intersections, some and value only.",
    ): outside_fragment,
    Check(
        "class-without-members",
        "violation",
        "A class or a thing is in two classes that exclude each other.",
        "Nothing can be in both {value}: correct what {entity} is below or equivalent to, or what "
        "is below it.",
    ): without_members,
    Check(
        "patient-against-assertion",
        "violation",
        "What must follow for a made-up patient does not.",
        "Column {property}: {value}. Correct the graph; or, if the source of the row says so, the "
        "row of assertions/patients.csv.",
    ): assertions.patients,
    Check(
        "term-against-assertion",
        "violation",
        "The graph states something else of a term than must hold.",
        "Correct {property} of {entity}, or its row of assertions/terms.csv by what its source "
        "says: {value}.",
    ): assertions.terms,
    Check(
        "code-against-assertion",
        "violation",
        "A code is read as something else than it must be.",
        "Correct the mapping row of {entity}, or its row of assertions/codes.csv by what its "
        "source says: it is read as {value}.",
    ): assertions.codes,
    Check(
        "words-against-assertion",
        "violation",
        "Words raise other hazards than they must.",
        "Correct the tables of the word screens, or the row of assertions/words.csv by what its "
        "source says: {value}.",
    ): assertions.words,
    Check(
        "exemption-from-no-check",
        "violation",
        "An exemption names a check that does not exist.",
        "Write the name of a check or shape in ia:exemptFrom of {entity}, or remove it.",
    ): unknown_exemption,
}


def described(query: Query) -> Check:
    """The words in the header of a check. Raises ConfigurationError when some are missing."""
    missing = [key for key in ("summary", "why", "fix", "severity") if not query.header.get(key)]
    if missing or query.header["severity"] not in SEVERITIES:
        raise ConfigurationError(
            f"queries/checks/{query.name}.rq",
            f"the header lacks {', '.join(missing) or 'a valid severity'}",
            f"Write summary, why, fix and severity ({', '.join(SEVERITIES)}).",
        )
    return Check(query.name, query.header["severity"], query.header["summary"], query.header["fix"])


def every() -> list[Check]:
    """All checks, by name."""
    return sorted(
        [described(query_files.named("checks", name)) for name in query_files.names("checks")]
        + list(CODED),
        key=lambda c: c.name,
    )


def rows(check: Check, material: Material) -> list[Row]:
    """The rows of a check, terms in full. Raises ConfigurationError for one that does not run."""
    coded = next((run for known, run in CODED.items() if known == check), None)
    if coded:
        return list(coded(material))
    place = f"queries/checks/{check.name}.rq"
    query = query_files.named("checks", check.name).text
    try:
        names, results = material.store.select(query)
    except SyntaxError as error:
        fault = query_files.explained(place, query, str(error))
        message = f"the check does not run: {fault.message}"
        raise ConfigurationError(fault.place, message, fault.hint) from error
    except (ValueError, OSError) as error:
        message = f"the check does not run: {' '.join(str(error).split())[:200].rstrip('.')}"
        raise ConfigurationError(place, message, "Mend the query.") from error
    if names != VARIABLES:
        message, hint = f"the check selects {', '.join(names)}", f"Select ?{' ?'.join(VARIABLES)}."
        raise ConfigurationError(place, message, hint)
    return [(material.owner(shown(s)), shown(p), shown(o)) for s, p, o in results]


def shown(cell) -> str:
    """A term in a row as text, a blank node as `_:name`, nothing for an empty cell."""
    return "" if cell is None else text(cell)


def fill(text: str, entity: str, prop: str, value: str) -> str:
    """Words of a header with what they are about in place of {entity}, {property} and {value}."""
    return (
        text.replace("{entity}", curie(entity))
        .replace("{property}", short(prop))
        .replace("{value}", short(value))
    )
