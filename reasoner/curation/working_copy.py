"""Chooses the graph of a command: the folder that is named, else the checkout it is run in.

A command that reads falls back on the graph that comes with the program, and says when it took
another one. One that writes never does: an installed program's own copy answers for every
patient, and is changed by nobody but who installs it.
"""

import os
from pathlib import Path

from reasoner.errors import InputError, installing
from reasoner.graph.query_files import KINDS
from reasoner.names import DOCUMENTS, home
from reasoner.terminal.console import complain

CATALOG = "catalog-v001.xml"
ENTRY = f'"{DOCUMENTS}appropriateness"'.encode()  # what only a catalog of this project names
PACKAGES = {"site-packages", "dist-packages"}
ELSEWHERE = "Run it in a checkout of nextstudy, or name its ontology folder with --ontology."


def packaged() -> Path:
    """The ontology folder that comes with the program; of an editable install, its checkout's."""
    return home() / "ontology"


def ontology_in(folder: Path) -> Path | None:
    """A folder with a catalog, or the folder `ontology` in it that has one."""
    folders = (p for p in (folder, folder / "ontology") if os.path.isfile(p / CATALOG))
    return next(folders, None)  # a folder that may not be looked into has none for us


def checkout(start: Path | None = None) -> Path | None:
    """The ontology folder at or above a folder, by default the working folder; None without one.

    A catalog that does not name this project's entry document is passed over: Protégé writes one
    of that name beside every ontology.
    """
    try:
        start = (start or Path.cwd()).resolve()
    except FileNotFoundError:  # the working folder was removed
        return None
    for folder in (start, *start.parents):
        ontology = ontology_in(folder)
        if ontology and ENTRY in (ontology / CATALOG).read_bytes():
            return ontology
    return None


def named(folder: Path) -> Path:
    """The ontology folder that `--ontology` names: itself, or the one in a checkout.

    Raises InputError for a folder that is neither.
    """
    if ontology := ontology_in(folder):
        return ontology
    fault = f"the folder has no {CATALOG}" if folder.is_dir() else "there is no such folder"
    raise InputError(str(folder), fault, "Name an ontology folder of this project.")


def to_read(given: Path | None) -> Path | None:
    """The graph of a command that reads; None stands for the one that comes with the program.

    Says on standard error when it is a checkout's. Raises InputError for a folder without a graph.
    """
    if given:
        return named(given)
    ontology = checkout()
    if ontology is None or ontology == packaged().resolve():
        return None
    from reasoner.curation.freshness import unbuilt

    complain(f"graph of {ontology}")
    for table in unbuilt(ontology):
        complain(f"{table.path}: {table.message}. {table.hint}")
    if others := other_queries(ontology):
        complain(
            f"queries/{others[0]} of this checkout is not what runs, which came with the program. "
            f"Install the program from it: {installing()}"
        )
    return ontology


def to_write(command: str, given: Path | None) -> Path:
    """The graph of a command that writes: the folder that is named, else the checkout's.

    Raises InputError where there is neither, and for what belongs to an installed program.
    """
    ontology = named(given) if given else checkout()
    if ontology is None:
        raise InputError(command, f"there is no checkout at or above {Path.cwd()}", ELSEWHERE)
    refuse_installed(ontology)
    return ontology


def other_queries(ontology: Path) -> list[str]:
    """The queries of a checkout that are not those that run, such as `checks/rated-twice.rq`.

    Queries belong to the program: rules run in an order that its modules name, and a check may ask
    for what its version of the program adds to the graph. So another version's are never run.
    """
    mine, theirs = home() / "queries", ontology.resolve().parent / "queries"
    if not theirs.is_dir() or mine.resolve() == theirs:
        return []
    ours, others = map(queries_in, (mine, theirs))
    return sorted(name for name in {*ours, *others} if ours.get(name) != others.get(name))


def queries_in(folder: Path) -> dict[str, bytes]:
    """The queries in a folder by kind and file name, whatever the ends of their lines."""
    return {
        f"{kind}/{file.name}": file.read_bytes().replace(b"\r\n", b"\n")
        for kind in KINDS
        for file in (folder / kind).glob("*.rq")
    }


def refuse_installed(path: Path) -> None:
    """Raises InputError for a path inside an installed program, which nothing may change."""
    place, own = path.resolve(), Path(__file__).resolve().parents[1] / "data"
    if place.is_relative_to(own) or PACKAGES.intersection(place.parts):
        fault = "this belongs to an installed program, where nothing is written"
        raise InputError(str(path), fault, ELSEWHERE)
