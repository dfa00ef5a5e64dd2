"""Orders of one presentation that differ only by their names: rules conclude on one of each kind.

A list of thousands of drafts costs as much as its kinds, and what is concluded of one is stated of
all. `graph.rule_files` refuses a rule that would tell such orders apart or count them.
"""

from collections import defaultdict
from itertools import product
from typing import Any
from urllib.parse import quote

from reasoner.graph.store import Statement
from reasoner.names import ia

ORDER = ia("hasOrder")
Others = dict[str, list[str]]  # all orders of a kind, by the one that stands for them


def one_of_each(record: list[Statement]) -> tuple[list[Statement], Others]:
    """What is stated of a presentation with one order of each kind, and whom each stands for.

    An order that anything besides its presentation names is of its own kind.
    """
    orders = sorted({o for _, p, o in record if p == ORDER and isinstance(o, str)})
    if len(orders) < 2:
        return record, {}
    stated: dict[str, list[tuple[str, Any]]] = {order: [] for order in orders}
    alike: dict[frozenset[tuple[str, Any]], list[str]] = defaultdict(list)
    for s, p, o in record:
        if s in stated:
            stated[s].append((p, o))
    named = {o for _, p, o in record if p != ORDER}
    for order in orders:
        if order not in named:
            alike[frozenset(stated[order])].append(order)
    kinds = {same[0]: same for same in alike.values() if len(same) > 1}
    spare = {order for same in kinds.values() for order in same[1:]}
    return [t for t in record if t[0] not in spare and t[2] not in spare], kinds


def stated_of_all(conclusions: list[Statement], kinds: Others) -> list[Statement]:
    """Conclusions, and each that names an order which stands for others once for each of these."""
    if not kinds:
        return conclusions
    encoded = {order: quote(order, safe="") for same in kinds.values() for order in same}
    first = {name: order for order in kinds for name in (order, encoded[order])}
    about: dict[tuple[str, ...], list[Statement]] = defaultdict(list)
    for s, p, o in conclusions:
        parts = [part for term in (s, o) if isinstance(term, str) for part in parted(term)]
        about[tuple(sorted({first[part] for part in parts if part in first}))].append((s, p, o))
    rows = about.pop((), [])
    for named, statements in about.items():
        terms = {t for s, _, o in statements for t in (s, o) if isinstance(t, str)}
        terms = {term for term in terms if not first.keys().isdisjoint(parted(term))}
        for orders in product(*(kinds[order] for order in named)):
            new = dict(zip(named, orders, strict=True))
            new |= {encoded[order]: encoded[other] for order, other in new.items()}
            names: dict[Any, str] = {term: renamed(term, new) for term in terms}
            rows += [(names.get(s, s), p, names.get(o, o)) for s, p, o in statements]
    return rows


def parted(iri: str) -> list[str]:
    """An IRI, and the parts that the IRI of a conclusion is made of; those of terms are encoded."""
    return [iri, *iri.split(":")]


def renamed(iri: str, new: dict[str, str]) -> str:
    """An IRI by its new name, or with the new names of what is a part of it."""
    return new[iri] if iri in new else ":".join([new.get(part, part) for part in iri.split(":")])
