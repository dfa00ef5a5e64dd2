"""Copies of the ontology folder with fewer topics: what holds for any topic needs no more, and is
tested much sooner.
"""

import re
import shutil
from pathlib import Path

from reasoner.names import home

MASSES = "soft-tissue-masses"


def of_topic(topic: str, folder: Path) -> Path:
    """A copy, as a new folder, that loads one topic beside what topics share.

    The tables of the others stay: what topics share may name their terms.
    """
    return unlisted(folder, {topic, "shared"})


def of_masses(folder: Path) -> Path:
    """A copy, as a new folder, with Soft Tissue Masses alone, which shares nothing."""
    unlisted(folder, {MASSES})
    for other in (folder / "topics").iterdir():
        if other.name != MASSES:
            shutil.rmtree(other)
    return folder


def unlisted(folder: Path, kept: set[str]) -> Path:
    """A copy that lists no topic but those kept."""
    shutil.copytree(home() / "ontology", folder)
    others = {p.name for p in (folder / "topics").glob("*/")} - kept
    listed = re.compile(rf"^.*topics/(?:{'|'.join(sorted(others))})[/>\"].*\n", re.MULTILINE)
    for name in ("catalog-v001.xml", "appropriateness.ttl"):
        path = folder / name
        path.write_text(listed.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder
