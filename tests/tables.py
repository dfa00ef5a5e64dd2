"""What the files of the ontology hold, read without the reasoner: what a test compares with what
was loaded, so that it never passes because nothing was there.
"""

import csv
from collections import Counter
from collections.abc import Iterable

import pyoxigraph as ox
from conftest import ROOT

from reasoner.names import RDF_TYPE, RDFS, expand, ia

ONTOLOGY = ROOT / "ontology"


def mapping_rows() -> list[dict[str, str]]:
    """The rows of all mappings, with the prefix and the code of their objects."""
    rows = []
    for path in sorted((ONTOLOGY / "mappings").glob("*.sssom.tsv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for row in csv.DictReader((x for x in lines if not x.startswith("#")), delimiter="\t"):
            prefix, _, code = row["object_id"].partition(":")
            subject = expand(row["subject_id"])
            rows.append({**row, "subject": subject, "prefix": prefix, "code": code})
    return rows


def triples() -> list[ox.Triple]:
    """The triples of all Turtle files."""
    return [t for path in sorted(ONTOLOGY.rglob("*.ttl")) for t in ox.parse(path=path)]


def members(cls: str) -> set[str]:
    """The terms that a file declares to be of a class, given by its name."""
    wanted = ox.NamedNode(RDF_TYPE), ox.NamedNode(ia(cls))
    return {t.subject.value for t in triples() if (t.predicate, t.object) == wanted}


def classes_below(cls: str) -> set[str]:
    """The classes that files state to be below a class, given by its name, at any depth."""
    parents = [
        (t.subject.value, t.object.value)
        for t in triples()
        if t.predicate.value == RDFS + "subClassOf" and isinstance(t.object, ox.NamedNode)
    ]
    below, size = {ia(cls)}, 0
    while len(below) > size:
        size = len(below)
        below |= {child for child, parent in parents if parent in below}
    return below - {ia(cls)}


def unequal(loaded: Iterable, written: Iterable) -> list:
    """What is loaded otherwise than it is written; raises ValueError where nothing is written."""
    one, other = Counter(iter(loaded)), Counter(iter(written))
    if not other:
        raise ValueError("the files hold nothing to compare with")
    return sorted(((one - other) + (other - one)).elements())
