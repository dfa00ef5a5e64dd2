"""The rules of `queries/rules/`: what the header of each says, and the order in which they run.

A header says which rules run before and hand on what they conclude (`after`), which properties the
query looks at (`reads`), and which classes it concludes (`concludes`). A header that its query
contradicts is refused when the rules are loaded, with the name of the rule.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from reasoner.errors import ConfigurationError
from reasoner.graph import query_files
from reasoner.graph.query_files import Query
from reasoner.graph.store import literal
from reasoner.names import RDF_TYPE, SOURCE, expand

PROPERTY = re.compile(r"\b(?:ia:[a-z]\w*|dcterms:source\b)")
TERM = re.compile(r"\bia:\w+")
CLASS = re.compile(r"\ba\s+(ia:[A-Z]\w*)")
ANY_CLASS = re.compile(r"\ba\s+\?")
ANY_PROPERTY = re.compile(r"[?\w>]\s+\?\w+\s+[?\w<\"]|;\s*\?\w")
ORDERED = re.compile(r"\bia:(?:hasOrder|ofOrder)\s+\?(\w+)(?:\s*,\s*\?(\w+))*")
TELLS_APART = r"(?:\b(?:COUNT|SAMPLE|GROUP_CONCAT|MIN|MAX)\s*\(\s*(?:DISTINCT\s+)?|[<>=]\s*)\?{0}\b"
COMPARED = r"|\?{0}\s*(?:!?=|[<>]|(?:NOT\s+)?IN\b)"
SCOPES = ("presentation", "record")
NEEDED = ("summary", "why", "reads", "concludes")
CONDITIONS = ("needs", "unless", "rated")  # of rules about a presentation
KEYS = (*NEEDED, *CONDITIONS, "after", "about")
OF_A_RECORD = {"ia:OrderDecision"}  # what an answer can show of a rule about a whole record


@dataclass(frozen=True)
class Condition:
    """A property that must, or must not, be stated: with any value, or with one of some values.

    `values` are literals; `cls` is a class, as a CURIE, among whose declared members a value is.
    """

    property: str
    values: tuple[Any, ...] = ()
    cls: str = ""


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule: its name, its query, and what its header says.

    `after` are the rules whose conclusions it sees. `reads` are IRIs of properties, `properties`
    the same but for the type; `types` the classes that it looks for with `a`, None for any; `named`
    all terms that its query names. `rated` says the ratings of which scenarios it reads: those
    with a status, or those that conclusions of a class name. `scope` is what it runs on.
    """

    name: str
    text: str
    summary: str
    why: str
    after: frozenset[str]
    reads: frozenset[str]
    properties: tuple[str, ...]
    named: frozenset[str]
    types: frozenset[str] | None
    concludes: frozenset[str]
    needs: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    rated: object | None
    scope: str


def rule(query: Query) -> Rule:
    """The rule in a query file.

    Raises ConfigurationError where its header contradicts its query.
    """
    header = query.header
    for key in NEEDED:
        if key not in header:
            raise refused(query.name, f"its header has no line #+ {key}:", "Add it.")
    for key in sorted(set(header) - set(KEYS)):
        raise refused(query.name, f"#+ {key}: is no line of a rule", f"Write {', '.join(KEYS)}.")
    template, _, where = query.text.partition("WHERE")
    if ANY_PROPERTY.search(re.sub(r"\b(SELECT|ORDER BY|GROUP BY)\b[^{]*", "", where)):
        fault = "a variable stands where a property should"
        raise refused(query.name, fault, "Name the property, so that it is known what is read.")
    agree(query.name, "reads", listed(header["reads"]), set(PROPERTY.findall(where)))
    agree(query.name, "concludes", listed(header["concludes"]), set(CLASS.findall(template)))
    scope = header.get("about", SCOPES[0])
    if scope not in SCOPES:
        raise refused(query.name, f"#+ about: {scope}", f"Write {' or '.join(SCOPES)}.")
    if scope == "record":
        fits_a_record(query)
    else:
        fits_like_orders(query.name, where)
    types = None if ANY_CLASS.search(where) else frozenset(map(expand, CLASS.findall(where)))
    return Rule(
        query.name,
        query.text,
        header["summary"],
        header["why"],
        frozenset(listed(header.get("after", ""))),
        frozenset(map(iri, listed(header["reads"]))) | {RDF_TYPE},
        tuple(sorted(map(iri, listed(header["reads"])))),
        frozenset(map(expand, TERM.findall(query.text))),
        types,
        frozenset(map(expand, listed(header["concludes"]))),
        conditions(header.get("needs", "")),
        conditions(header.get("unless", "")),
        rated(header.get("rated")),
        scope,
    )


def fits_a_record(query: Query) -> None:
    """Raises ConfigurationError for a rule about a whole record that would be seen at some doors
    only, or has conditions, which are those of a presentation.
    """
    if others := listed(query.header["concludes"]) - OF_A_RECORD:
        fault = f"an answer shows no {', '.join(sorted(others))} of a whole record"
        raise refused(query.name, fault, "Conclude it of each presentation.")
    for key in sorted(set(CONDITIONS).intersection(query.header)):
        fault = f"#+ {key}: goes with a presentation, not with a record"
        raise refused(query.name, fault, "Remove that line.")


def fits_like_orders(name: str, where: str) -> None:
    """Raises ConfigurationError for a query that counts or compares the orders of a presentation:
    of those that differ only by their names it is given one.
    """
    for order in sorted({o for names in ORDERED.findall(where) for o in names if o}):
        if re.search((TELLS_APART + COMPARED).format(order), where):
            fault = f"it counts or compares ?{order}, and sees one of all orders that are alike"
            raise refused(name, fault, "Ask for what is ordered, not for which order it is.")


def refused(name: str, fault: str, remedy: str) -> ConfigurationError:
    """The error of a rule that cannot run."""
    return ConfigurationError(f"queries/rules/{name}.rq", fault, remedy)


def agree(name: str, key: str, declared: set[str], written: set[str]) -> None:
    """Raises ConfigurationError when a line of a header names other terms than the query."""
    if lacking := written - declared:
        fault = f"its query names {', '.join(sorted(lacking))}, which #+ {key}: does not"
        raise refused(name, fault, "Add it to that line.")
    if spare := declared - written:
        fault = f"#+ {key}: names {', '.join(sorted(spare))}, which its query does not"
        raise refused(name, fault, "Remove it from that line.")


def listed(line: str) -> set[str]:
    """The names in a line of a header, separated by commas or spaces."""
    return set(line.replace(",", " ").split())


def iri(name: str) -> str:
    """The IRI of a property that a header names."""
    return SOURCE if name == "dcterms:source" else expand(name)


def conditions(line: str) -> tuple[Condition, ...]:
    """The conditions in a line of a header, such as `ia:hasOrder; ia:status "a" | "b"`."""
    return tuple([condition(part.strip()) for part in line.split(";") if part.strip()])


def rated(value: str | None) -> object | None:
    """What says whose ratings a rule reads: a class, or a status as a literal; None for none."""
    if value is None:
        return None
    return expand(value) if value.startswith("ia:") else literal(value)


def condition(part: str) -> Condition:
    """One condition: a property, and texts in quotes or a class."""
    name, _, value = part.partition(" ")
    if not value.startswith('"'):
        return Condition(expand(name), cls=value)
    texts = tuple([literal(text.strip().strip('"')) for text in value.split("|")])
    return Condition(expand(name), texts)


def in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules, each after those that its header names and by name where that leaves a choice.

    Raises ConfigurationError for a name that is no rule, a circle, and a rule that looks for a
    class of conclusions without standing after the rules that conclude it.
    """
    by_name = {rule.name: rule for rule in rules}
    for one in by_name.values():
        for name in sorted(one.after - set(by_name)):
            raise refused(one.name, f"#+ after: {name} is no rule", "Name a file beside it.")
    sorter = TopologicalSorter({name: one.after for name, one in by_name.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise refused(error.args[1][0], f"#+ after: goes round: {circle}", "Cut it.") from None
    ordered: list[Rule] = []
    before: dict[str, set[str]] = {}
    waiting: list[str] = []
    while sorter.is_active():
        waiting = sorted([*waiting, *sorter.get_ready()])
        name, *waiting = waiting
        one = by_name[name]
        before[name] = set(one.after).union(*(before[other] for other in one.after))
        ordered.append(one)
        sorter.done(name)
    for one in ordered:
        for other in ordered:
            if one.types and one.types & other.concludes and other.name not in before[one.name]:
                fault = f"it looks for what {other.name} concludes, and may run before it"
                raise refused(one.name, fault, f"Add {other.name} to #+ after:.")
    return tuple(ordered)


@cache
def all_rules() -> tuple[Rule, ...]:
    """The rules in the order in which they run. Raises ConfigurationError for one that cannot."""
    return in_order(rule(query_files.named("rules", name)) for name in query_files.names("rules"))
