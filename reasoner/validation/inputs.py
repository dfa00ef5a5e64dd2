"""Reads what is to be validated: ontology folders, or Turtle files with a folder as context."""

import os
from collections import Counter
from pathlib import Path

from reasoner.curation.working_copy import checkout, ontology_in, packaged
from reasoner.errors import InputError
from reasoner.graph.store import catalog, text
from reasoner.names import OWL, RDF_TYPE, RDFS, curie, ia
from reasoner.reading.tables import check
from reasoner.validation.graph_under_test import Material, parsed

TURTLE = (".ttl", ".nt")
CHAINS = [RDFS + "subClassOf", RDFS + "subPropertyOf", ia("partOf")]  # followed step by step
DEEPEST = 100  # steps of such a chain, and terms in circles of them: the project's own bound


def whole(ontology: Path) -> Material:
    """An ontology folder with its catalog, all of it to be checked. Raises TableError for a table
    of the word screens that cannot be read.
    """
    check(ontology)
    triples, files = [], {}
    for path in catalog(ontology).values():
        parts = parsed(path)
        triples += parts
        files[path] = {text(t.subject) for t in parts}
    refuse_deep(triples)
    return Material(str(ontology), ontology, triples, files)


def among(paths: list[Path], ontology: Path) -> Material:
    """Files to be checked, with an ontology folder as context.

    A file that declares a document of the folder takes its place.
    """
    own, files, documents = [], {}, set()
    for path in paths:
        triples = parsed(path)
        own += triples
        files[path] = {text(t.subject) for t in triples}
        documents |= {
            text(t.subject)
            for t in triples
            if text(t.predicate) == RDF_TYPE and text(t.object) == OWL + "Ontology"
        }
    refuse_deep(own)
    context = [
        t for iri, path in catalog(ontology).items() if iri not in documents for t in parsed(path)
    ]
    subjects = {s for some in files.values() for s in some}
    material = Material(", ".join(map(str, paths)), ontology, context + own, files, subjects)
    material.is_whole = bool(documents & catalog(ontology).keys())
    return material


def refuse_deep(triples: list) -> None:
    """Raises InputError where terms lie above each other in longer chains than any vocabulary has.

    What is above a term is listed for each term, so that such a chain of thousands would not end.
    """
    for predicate in CHAINS:
        above: dict[str, list[str]] = {}
        below: Counter[str] = Counter()
        links = [t for t in triples if text(t.predicate) == predicate]
        for s, o in {(text(t.subject), text(t.object)) for t in links}:
            above.setdefault(s, []).append(o)
            below[o] += 1
        depth = {s: 0 for s in above if not below[s]}
        waiting = list(depth)
        for term in waiting:
            for other in above.get(term, ()):
                depth[other] = max(depth.get(other, 0), depth[term] + 1)
                below[other] -= 1
                if not below[other]:
                    waiting.append(other)
        circling = sorted(term for term, count in below.items() if count)
        deep = sorted(term for term in waiting if depth[term] > DEEPEST)
        if deep or len(circling) > DEEPEST:
            message = f"more than {DEEPEST} terms lie above each other by {curie(predicate)}"
            raise InputError(
                curie((deep or circling)[0]), message, "Leave out steps that no term needs."
            )


FHIR = (".json", ".ndjson", ".xml")  # suffixes of what is a record, and no graph


def gather(paths: list[Path], context: Path | None = None) -> list[Material]:
    """What the paths of a command line stand for; without any, the graph that comes with the
    package.

    Turtle files are checked in the context of an ontology folder: `context`, else that of the
    checkout they lie in, else the one that comes with the package. Raises InputError for a folder
    with a graph of its own beside a `context`.
    """
    if not paths:
        return [whole(packaged())]
    materials, files = [], []
    for path in paths:
        folder = ontology_in(path)
        if folder and context:
            raise InputError(
                str(path), "this is an ontology folder itself", "Leave out --ontology."
            )
        if folder:
            materials.append(whole(folder))
        elif path.is_dir():
            files += turtle_below(path)
        elif path.suffix not in TURTLE:
            path.stat()
            hint = "Name a .ttl or .nt file, or convert it: other formats are not read."
            if path.suffix in FHIR:
                hint = "A FHIR record is answered by `nextstudy ask`; what is validated is Turtle."
            raise InputError(str(path), "this is no Turtle file", hint)
        else:
            files.append(path)
    by_context: dict[Path, list[Path]] = {}
    for path in files:
        near = context or checkout(path.parent) or packaged()
        by_context.setdefault(near, []).append(path)
    return materials + [
        among(sorted(set(group)), context) for context, group in sorted(by_context.items())
    ]


def turtle_below(folder: Path) -> list[Path]:
    """The Turtle files in a folder and below it.

    Raises InputError where there are none, and OSError for a folder that cannot be opened.
    """

    def refuse(error: OSError):
        raise error

    files = [
        Path(base) / name
        for base, _, names in os.walk(folder, onerror=refuse)
        for name in names
        if Path(name).suffix in TURTLE
    ]
    if not files:
        raise InputError(
            str(folder),
            "there is no Turtle file and no ontology in this folder",
            "Name a file, or a folder with *.ttl or catalog-v001.xml.",
        )
    return sorted(files)
