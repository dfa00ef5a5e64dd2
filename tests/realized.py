"""What HermiT says of the individuals of records, beside what the fast reasoner says."""

from concurrent.futures import ProcessPoolExecutor

import pyoxigraph as ox
from hermit import judge

from reasoner.graph.store import Store, catalog, quads, read_turtle
from reasoner.names import CASE, IA, home, ia


def ntriples(statements):
    """Statements as N-Triples."""
    return Store(quads(statements)).dump()


def without_ratings(ontology=None):
    """The documents of the catalog without ratings, as N-Triples."""
    listed = catalog(ontology or home() / "ontology").values()
    triples = [t for path in listed for t in read_turtle(path)]
    rating = ox.NamedNode(ia("Rating"))
    rated = {t.subject for t in triples if t.object == rating}
    return ox.serialize(
        (t for t in triples if t.subject not in rated), format=ox.RdfFormat.N_TRIPLES
    )


def apart(statements, number):
    """The statements between named things, with the individuals of the record named apart from
    those of other records.
    """

    def name(term):
        return term.replace(CASE, f"{CASE}{number}/") if isinstance(term, str) else term

    return [(name(s), p, name(o)) for s, p, o in statements if isinstance(o, str)]


def verdicts_of(sets, size, background=b""):
    """HermiT's verdict on each set of statements; it is asked about so many at a time, because its
    time grows faster than they do.
    """
    batches = [sets[n : n + size] for n in range(0, len(sets), size)]
    with ProcessPoolExecutor(2) as pool:
        verdicts = pool.map(
            judge,
            [
                background + ntriples([s for statements in batch for s in statements])
                for batch in batches
            ],
        )
    return [verdict for batch, verdict in zip(batches, verdicts, strict=True) for _ in batch]


def differences(definitions, records, graph, size=140):
    """What the fast reasoner and HermiT say differently of the individuals of records, of which
    HermiT is asked about so many at a time.
    """
    for record, verdict in zip(records, verdicts_of(records, size, graph), strict=True):
        assert verdict.consistent
        found = definitions.realize(record)
        for individual in sorted({t for s, _, o in record for t in (s, o) if t.startswith(CASE)}):
            ours, theirs = (
                {c for c in classes if c.startswith(IA)}
                for classes in (found.classes(individual), verdict.types.get(individual, ()))
            )
            if ours != theirs:
                yield individual, {"only ours": ours - theirs, "only HermiT": theirs - ours}, record
