"""What the rules about a whole record conclude from the conclusions about its presentations."""

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.rule_files import all_rules
from reasoner.graph.store import Statement, Store, quads
from reasoner.names import RDF_TYPE


def conclude_of_record(knowledge: Knowledge, conclusions: list[Statement]) -> list[Statement]:
    """What rules about a record conclude from conclusions about all of its presentations.

    They read of the graph what it states of the terms that those conclusions name.
    """
    concluded: list[Statement] = []
    for rule in all_rules():
        if rule.scope != "record":
            continue
        types, properties = rule.types, set(rule.properties)
        visible = [
            s
            for s in conclusions
            if s[1] in properties or (s[1] == RDF_TYPE and (types is None or s[2] in types))
        ]
        if visible:
            terms = {o for _, _, o in visible if isinstance(o, str)}
            store = Store(quads(visible), knowledge.subgraphs.of_terms(rule, terms))
            concluded += store.construct(rule.text)
    return concluded
