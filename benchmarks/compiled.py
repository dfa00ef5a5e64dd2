"""The package, compiled: see the hook `mypyc` in pyproject.toml."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def compiled(folder: Path) -> Path:
    """A folder with the compiled package, built in `folder` from a copy of the checkout.

    Raises SystemExit, with the output of pip, where it cannot be compiled.
    """
    shutil.copytree(
        ROOT,
        folder / "copy",
        ignore=shutil.ignore_patterns(".*", "__pycache__", "*.so", "*.pyd", "build", "dist"),
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            str(folder / "site"),
            str(folder / "copy"),
        ],
        env={**os.environ, "HATCH_BUILD_HOOK_ENABLE_MYPYC": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr + done.stdout)
    return folder / "site"
