"""Files are written whole or not at all."""

import os
import tempfile
from pathlib import Path


def write(path: Path, data: bytes) -> bool:
    """Whether a file changed; the new content takes the place of the old in one step."""
    if path.exists() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True


def write_all(made: dict[Path, bytes]) -> list[Path]:
    """The files that changed, written after all of them are ready."""
    return [path for path, data in made.items() if write(path, data)]
