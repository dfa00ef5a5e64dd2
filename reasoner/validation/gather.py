"""What the paths of a command line stand for: ontology folders, or Turtle files with an ontology folder as context."""

import os
from pathlib import Path

from reasoner.errors import InputError
from reasoner.names import OWL, RDF_TYPE, home
from reasoner.screening.tables import check
from reasoner.store import catalog, text
from reasoner.validation.material import Material, parsed

TURTLE = (".ttl", ".nt")


def whole(ontology: Path) -> Material:
    """An ontology folder with its catalog, all of it to be checked. Raises TableError for a table
    of the word screens that cannot be read.
    """
    check(ontology)
    triples, files = [], {}
    for path in catalog(ontology).values():
        read = parsed(path)
        triples += read
        files[path] = {text(t.subject) for t in read}
    return Material(str(ontology), ontology, triples, files)


def among(paths: list[Path], ontology: Path) -> Material:
    """Files to be checked, with an ontology folder as context; a file that declares one of its documents takes its place."""
    own, files, documents = [], {}, set()
    for path in paths:
        read = parsed(path)
        own += read
        files[path] = {text(t.subject) for t in read}
        documents |= {text(t.subject) for t in read if text(t.predicate) == RDF_TYPE and text(t.object) == OWL + "Ontology"}
    context = [t for iri, path in catalog(ontology).items() if iri not in documents for t in parsed(path)]
    return Material(", ".join(map(str, paths)), ontology, context + own, files, {s for subjects in files.values() for s in subjects})


def gather(paths: list[Path]) -> list[Material]:
    """What the paths of a command line stand for; without any, the graph that comes with the package."""
    if not paths:
        return [whole(home() / "ontology")]
    found, files = [], []
    for path in paths:
        folder = next((p for p in (path, path / "ontology") if (p / "catalog-v001.xml").exists()), None)
        if folder:
            found.append(whole(folder))
        elif path.is_dir():
            files += turtle_below(path)
        elif path.suffix not in TURTLE:
            path.stat()
            raise InputError(str(path), "this is no Turtle file", "Name a .ttl or .nt file, or convert it: other formats are not read.")
        else:
            files.append(path)
    by_context: dict[Path, list[Path]] = {}
    for path in files:
        near = next((p for p in path.resolve().parents if (p / "catalog-v001.xml").exists()), home() / "ontology")
        by_context.setdefault(near, []).append(path)
    return found + [among(sorted(set(group)), context) for context, group in sorted(by_context.items())]


def turtle_below(folder: Path) -> list[Path]:
    """The Turtle files in a folder and below it; a folder that cannot be opened is an error, never passed over."""
    def refuse(error: OSError):
        raise error

    found = [Path(base) / name for base, _, names in os.walk(folder, onerror=refuse) for name in names if Path(name).suffix in TURTLE]
    if not found:
        raise InputError(str(folder), "there is no Turtle file and no ontology in this folder", "Name a file, or a folder with *.ttl or catalog-v001.xml.")
    return sorted(found)
