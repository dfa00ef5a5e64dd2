"""Imports a rating table that its user is licensed to use.

Joined to the scenarios that the graph computes, its ratings go into the user's own data folder.
Written as a whole ontology folder, all its scenarios are *catalogued*: rated and findable, without
computable criteria until a curator writes their definition.
"""

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from reasoner.curation.build import build, built
from reasoner.curation.importing.join import join
from reasoner.curation.importing.listings import listed
from reasoner.curation.importing.report import as_dict, as_json, as_markdown, of_join
from reasoner.curation.importing.stubs import Origin, Stubs
from reasoner.curation.importing.survey import examine
from reasoner.curation.importing.table_layouts import read
from reasoner.curation.importing.user_ratings import UserRatings, write_ratings
from reasoner.errors import InputError
from reasoner.files import write, write_all
from reasoner.graph.imported_ratings import OWN
from reasoner.graph.index import Index
from reasoner.graph.knowledge import load
from reasoner.graph.store import catalog, read_turtle, text


def origin(path: Path, edition: str | None, seen: str | None) -> Origin:
    """Where a table is from; its edition is by default the year in the file name.

    Raises InputError where there is no edition, and for a day that is no date.
    """
    edition = edition or next(iter(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", path.stem)), None)
    if not edition or not re.fullmatch(r"(19|20)\d\d", edition):
        raise InputError(
            str(path),
            "the edition of the ratings is not known",
            "Give its year, such as --edition 2020.",
        )
    seen = seen or edition
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", seen):
        raise InputError(
            f"--seen {seen}", "this is no date", "Write it as 2026, 2026-01 or 2026-01-31."
        )
    return Origin(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), edition, seen)


def import_ratings(
    path: Path,
    base: Path,
    edition: str | None = None,
    seen: str | None = None,
    folder: str | None = OWN,
) -> tuple[dict, Path | None]:
    """The report of joining a table to the scenarios of a graph, and the file of its ratings.

    `base` is the ontology folder of the graph, `folder` where the file goes, by default the user's
    own data folder; None writes nothing. What was imported before is replaced. Raises InputError
    or TableError for a table that cannot be read, and where none of it fits.
    """
    survey, source = examine(read(path)), origin(path, edition, seen)
    knowledge = load(base, unfinished=True, ratings=None)
    joined = join(survey, listed(base, knowledge.facts))
    ratings = UserRatings(joined, knowledge.facts, source, survey.layout)
    report = of_join(survey, source, joined, ratings, knowledge.facts)
    if folder is None:
        return report, None
    if not ratings.ratings:
        hint = "See what nextstudy import --dry-run says of its rows."
        raise InputError(str(path), "no row of it fits a scenario that can be computed", hint)
    return report, write_ratings(ratings, folder)


def import_table(
    path: Path, out: Path | None, base: Path, edition: str | None = None, seen: str | None = None
) -> dict:
    """The report of an import; `out` gets the folder `ontology` and the report, all or nothing.

    `base` is the ontology folder that the import builds on; without `out`, nothing is written.
    Raises InputError or TableError for a table that cannot be read, or a folder that is in use.
    """
    if out and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(str(out), "there is something already", "Name a new or empty folder.")
    survey = examine(read(path))
    source = origin(path, edition, seen)
    shipped = {iri: file.relative_to(base).as_posix() for iri, file in catalog(base).items()}
    stems = {Path(file).stem for file in shipped.values()} | {
        path.stem for folder in ("tables", "topics") for path in (base / folder).glob("*")
    }
    if f"imported-{source.edition}" in stems:
        raise InputError(
            str(base),
            f"it holds an imported edition {source.edition} already",
            "Give another --edition, or another --ontology.",
        )
    known = Index(
        (text(t.subject), text(t.predicate), text(t.object))
        for file in catalog(base).values()
        for t in read_turtle(file)
    )
    stubs = Stubs(survey, known, source, stems)
    stubs.entry(shipped)
    report = as_dict(survey, source, len(stubs.procedures.labels), len(stubs.procedures.reused))
    if out:
        _write(out, base, stubs.files, report)
    return report


def _write(out: Path, base: Path, files: dict[str, bytes], report: dict) -> None:
    """Writes the shipped files, the imported ones and what is built of them into `out`.

    They are put together in a folder beside it, which then takes its place.
    """
    built(base)  # what does not build there is named where it stands, not in a folder that vanishes
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        os.chmod(work, 0o755)
        ontology = work / "ontology"
        write_all(
            {
                ontology / file.relative_to(base): file.read_bytes()
                for file in sorted(base.rglob("*"))
                if file.is_file()
                and not any(part.startswith(".") for part in file.relative_to(base).parts)
            }
        )
        write_all({ontology / name: data for name, data in files.items()})
        build(ontology)
        write(work / "import-report.json", as_json(report))
        write(work / "import-report.md", as_markdown(report))
        os.replace(work, out)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
