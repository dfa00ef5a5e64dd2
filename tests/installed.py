"""The program as `pip install .` leaves it: in site-packages, with its own copy of the graph."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT

COMMAND = "import sys\nfrom reasoner.__main__ import main\nsys.exit(main())\n"


def install(folder: Path) -> Path:
    """Installs the program below a folder, without a package index; its site-packages."""
    packages = folder / "lib" / "site-packages"
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(ROOT / "reasoner", packages / "reasoner", ignore=ignored)
    for name in ("ontology", "queries"):
        shutil.copytree(ROOT / name, packages / "reasoner" / "data" / name)
    shutil.copytree(ROOT / "examples", packages / "reasoner" / "data" / "examples")
    script = folder / "bin" / "nextstudy"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\n{COMMAND}")
    script.chmod(0o755)
    return packages


def environment(packages: Path) -> dict[str, str]:
    """The environment in which the installed program is the command `nextstudy`."""
    path = f"{packages.parent.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV_")}
    return {**kept, "PYTHONPATH": str(packages), "PATH": path}


def run(packages: Path, folder: Path, *words: object) -> tuple[int, str, str]:
    """The exit code, output and errors of a command of the installed program in a folder."""
    script = packages.parent.parent / "bin" / "nextstudy"
    done = subprocess.run(
        [sys.executable, script, *map(str, words)],
        cwd=folder,
        env=environment(packages),
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


def checkout(folder: Path) -> Path:
    """A checkout: the ontology, the queries and one test patient, in a folder of its own."""
    for name in ("ontology", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    cases = Path("tests") / "cases" / "soft-tissue-masses"
    (folder / cases).mkdir(parents=True)
    for path in (ROOT / cases).glob("should-start-with-radiograph-for-deep*"):
        shutil.copy(path, folder / cases)
    return folder


def state(folder: Path) -> dict[Path, bytes]:
    """Every file below a folder with its bytes, but what Python compiled."""
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return {path: path.read_bytes() for path in files if path.is_file()}
