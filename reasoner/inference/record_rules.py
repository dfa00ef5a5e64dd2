"""What the rules about a whole record conclude from the conclusions about its presentations."""

from functools import cache

from reasoner.graph import query_files
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.store import Statement, Store, quads


@cache
def record_rules() -> tuple[str, ...]:
    """The rules whose header says `about: record`, by name."""
    names = query_files.names("rules")
    return tuple(
        [n for n in names if query_files.named("rules", n).header.get("about") == "record"]
    )


def conclude_of_record(knowledge: Knowledge, conclusions: list[Statement]) -> list[Statement]:
    """What rules about a record conclude from conclusions about all of its presentations.

    They read of the graph what it states of the terms that those conclusions name.
    """
    made: list[Statement] = []
    for rule in record_rules():
        read = knowledge.subgraphs.reads((rule,))
        known = [s for s in conclusions if s[1] in read]
        if known:
            terms = {o for _, _, o in known if isinstance(o, str)}
            store = Store(quads(known), knowledge.subgraphs.of_terms(terms))
            made += store.construct(query_files.named("rules", rule).text)
    return made
