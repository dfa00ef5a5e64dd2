"""Finds the ontology folder of a version: a folder, or a git revision that is unpacked.

Git only reads here: the work tree, the index and the branch stay as they are. Versions are compared
as `nextstudy build` makes them, so that a changed table counts before it is built; `built` says
where that was not so.
"""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

from reasoner.curation.build import Builder, generated_documents
from reasoner.curation.freshness import unbuilt
from reasoner.curation.working_copy import CATALOG, ontology_in
from reasoner.errors import InputError
from reasoner.files import write
from reasoner.graph.store import serialize
from reasoner.graph.turtle.format import WELL_KNOWN

HINT = (
    "Give an ontology folder, a git revision such as HEAD~1, or two editions such as "
    "ia:SoftTissueMasses2017 ia:SoftTissueMasses2022."
)


def folder(name: str, spare: Path) -> Path:
    """The ontology folder of a folder or a git revision; a revision is unpacked into `spare`.

    Raises InputError when it is neither.
    """
    path = Path(name)
    if place := ontology_in(path):
        return place
    if path.is_dir():
        raise InputError(name, f"the folder has no {CATALOG}", HINT)
    return unpacked(name, spare)


def built(name: str, ontology: Path, spare: Path) -> tuple[Path, list[dict]]:
    """The folder of a version as its tables make it, and which of them were not built.

    These are rows `{version, place, message, fix, builds}`; a table that does not build is left as
    it was built last. The folder itself is returned when all is built, else a copy in `spare`.
    """
    tables = [table for table in unbuilt(ontology) if not table.only_version]
    if not tables:
        return ontology, []
    copy = Path(shutil.copytree(ontology, spare / "built" / "ontology"))
    builder, stale = Builder(copy), {f.document for f in tables if f.builds}
    for document in generated_documents(copy):
        if ontology / document.path.relative_to(copy) in stale:
            write(document.path, serialize(builder.statements(document), WELL_KNOWN))
    return copy, [
        {
            "version": name,
            "place": f"{f.path.relative_to(ontology).as_posix()}{f':{f.line}' * bool(f.line)}",
            "message": f.message,
            "fix": f.hint,
            "builds": f.builds,
        }
        for f in tables
    ]


def unpacked(revision: str, spare: Path) -> Path:
    """The ontology folder of a git revision of the working copy, unpacked into a spare folder."""
    root = git(revision, "rev-parse", "--show-toplevel").decode().strip()
    verify = ("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    commit = git(revision, "-C", root, *verify).decode().strip()
    names = git(revision, "-C", root, "ls-tree", "-r", "-z", "--name-only", commit)
    files = names.decode().split("\0")
    catalogs = sorted((name for name in files if Path(name).name == CATALOG), key=len)
    if not catalogs:
        raise InputError(revision, f"this revision has no {CATALOG}", HINT)
    place = Path(catalogs[0]).parent
    data = git(revision, "-C", root, "archive", "--format=tar", commit, "--", place.as_posix())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(spare, filter="data")
    return spare / place


def git(revision: str, *arguments: str) -> bytes:
    """The output of a git command. Raises InputError with its last line of error when it fails."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)
    except OSError as error:
        raise InputError(
            revision,
            "this is no folder, and git, which would read a revision, does not start",
            "Install git, or give a folder.",
        ) from error
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else "git failed"
        fault = "this is neither an ontology folder nor a git revision of the working copy"
        raise InputError(revision, f"{fault} ({reason})", HINT)
    return done.stdout
