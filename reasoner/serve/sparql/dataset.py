"""Builds the dataset that the SPARQL endpoint serves, as N-Quads.

The graph with its entailments and the description of the service stand in the default graph; each
edition and the description also stand in a named graph of their own.
"""

from reasoner.graph.knowledge import Knowledge
from reasoner.names import BASE, RDF_TYPE, ia

DESCRIPTION = BASE + "service"


def editions(knowledge: Knowledge) -> list[str]:
    """The editions, each of which has a graph of its name."""
    return knowledge.facts.subjects(RDF_TYPE, ia("Edition"))


def graphs(knowledge: Knowledge) -> list[str]:
    """The names of the graphs that are served beside the default graph."""
    return [*editions(knowledge), DESCRIPTION]


def members(knowledge: Knowledge, edition: str) -> set[str]:
    """The subjects that belong to an edition: itself, its scenarios, and nodes about these."""
    facts = knowledge.facts
    within = set(facts.subjects(ia("inEdition"), edition))
    return (
        {edition}
        | within
        | {s for scenario in within for s in facts.subjects(ia("ofScenario"), scenario)}
    )


def lines_about(lines_of: dict[bytes, list[bytes]], subjects: set[str]) -> list[bytes]:
    """The N-Triples lines of subjects and of the blank nodes below them."""
    todo, lines, visited = [b"<%s>" % s.encode() for s in subjects], [], set()
    while todo:
        subject = todo.pop()
        if subject not in visited:
            visited.add(subject)
            for line in lines_of.get(subject, []):
                lines.append(line)
                todo += [word for word in line.split(b" ")[2:3] if word.startswith(b"_:")]
    return lines


def dataset(knowledge: Knowledge, description: bytes) -> bytes:
    """The dataset as N-Quads; `description` is the description of the service as N-Triples."""
    statements = [line for line in knowledge.store.dump().split(b"\n") if line]
    lines_of: dict[bytes, list[bytes]] = {}
    for line in statements:
        lines_of.setdefault(line.split(b" ", 1)[0], []).append(line)
    described = [line for line in description.split(b"\n") if line]
    named = [
        (edition, lines_about(lines_of, members(knowledge, edition)))
        for edition in editions(knowledge)
    ] + [(DESCRIPTION, described)]
    quads = [
        line.removesuffix(b".") + b"<%s> ." % graph.encode()
        for graph, lines in named
        for line in lines
    ]
    return b"\n".join([*statements, *described, *quads]) + b"\n"
