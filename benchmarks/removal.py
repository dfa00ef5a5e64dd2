"""Measures why each record has a store of its own.

What is removed from an in-memory Oxigraph store still slows it down.

python benchmarks/removal.py
"""

import time

import pyoxigraph as ox

NODE = [ox.NamedNode(f"urn:n:{n}") for n in range(300)]
TYPE = ox.NamedNode("urn:type")
QUERY = "SELECT * WHERE { ?x <urn:type> ?class . ?class <urn:type> ?above }"


def once(store: ox.Store) -> float:
    """The milliseconds for adding 300 statements, asking one query, and removing them again."""
    record = [ox.Quad(node, TYPE, NODE[0]) for node in NODE]
    start = time.perf_counter()
    store.extend(record)
    list(store.query(QUERY))
    for quad in record:
        store.remove(quad)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Prints the table."""
    shared = ox.Store()
    in_one_store = [once(shared) for _ in range(1000)]
    in_fresh_stores = [once(ox.Store()) for _ in range(1000)]
    print("| records so far | one shared store | a store for each |\n|---|---|---|")
    for n in (10, 100, 500, 1000):
        print(
            f"| {n} | {sum(in_one_store[n - 10 : n]) / 10:.2f} ms | "
            f"{sum(in_fresh_stores[n - 10 : n]) / 10:.2f} ms |"
        )


if __name__ == "__main__":
    main()
