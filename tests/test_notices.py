"""The notices of vendored code: what a bundle contains is listed, with the text it came under."""

import csv
import re

import pytest
from conftest import ROOT

VENDOR = ROOT / "reasoner" / "serve" / "static" / "vendor"
AXE = ROOT / "tests" / "vendor" / "axe-core"
BANNER = re.compile(r"/\*.*?\*/", re.S)
FOLDERS = [*sorted(path for path in VENDOR.iterdir() if path.is_dir()), AXE]
MARKS = {  # how a package says its version inside a bundle that has been made small
    "codemirror": r"\.version=`(5\.[\d.]+)`",
    "datatables.net": r"DataTable\.version=`([\d.]+)`",
    "dompurify": r"DOMPurify\(e\);if\(t\.version=`([\d.]+)`",
    "jquery": r"`(\d\.\d\.\d)`[^`]{0,999}\{jquery:",
}


def listed():
    """The rows of bundled.csv."""
    with (VENDOR / "bundled.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(text):
    """The words of a text, without the stars of a comment."""
    return " ".join(text.replace("*", " ").split())


def told(folder):
    """All that is said beside a bundle of the licenses in it, as words."""
    return words(
        " ".join(
            p.read_text(encoding="utf-8")
            for p in sorted(folder.iterdir())
            if p.name.startswith(("LICENSE", "NOTICES"))
        )
    )


def untold(text, notices):
    """The comments of a bundle that speak of a license and are not among the notices."""
    found = [words(b.strip("/*! ")) for b in BANNER.findall(text)]
    return [
        b
        for b in found
        if re.search(r"licen[sc]e|copyright", b, re.I)
        and b.removesuffix("/").strip() not in notices
    ]


def sections(text):
    """Of each package that a file of notices names, what stands below its name."""
    parts = re.split(r"^-{80}\n\n(.+) \((.+)\)\n", text, flags=re.M)
    rows = zip(*(parts[n::3] for n in (1, 2, 3)), strict=True)
    return {name: (kind, body) for name, kind, body in rows}


@pytest.mark.parametrize("folder", FOLDERS[:-1], ids=lambda folder: folder.name)
def test_the_banners_of_a_bundle_are_among_its_notices(folder):
    notices = told(folder)
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".js", ".css")):
        text = path.read_text(encoding="utf-8")
        assert untold(text, notices) == []
        added = f"/*! Copyright (c) 2013 Somebody Else */{text}"
        assert untold(added, notices) == ["Copyright (c) 2013 Somebody Else"]


@pytest.mark.parametrize("row", listed(), ids=lambda row: row["package"])
def test_every_package_has_its_license_text(row):
    folder = VENDOR / row["bundle"]
    found = sections((folder / "NOTICES").read_text(encoding="utf-8"))
    if row["package"] == "@zazuko/yasgui":
        body = (folder / "LICENSE").read_text(encoding="utf-8")
    else:
        kind, body = found[f"{row['package']} {row['version']}"]
        assert kind == row["license"]
    body = " ".join(body.split())
    assert len(body) > 500
    signs = {
        "Apache-2.0": ["apache license"],
        "BSD-3-Clause": ["redistribution and use"],
        "CC-BY-4.0": ["cc by 4.0"],
        "MIT": ["permission is hereby granted", "mit license"],
        "MPL-2.0": ["mozilla public license"],
    }
    for name in re.findall(r"[\w.-]+", re.sub(" (AND|OR) ", " ", row["license"])):
        assert any(sign in body.lower() for sign in signs[name]), name


@pytest.mark.parametrize("folder", FOLDERS[:-1], ids=lambda folder: folder.name)
def test_what_has_a_notice_is_listed(folder):
    found = sections((folder / "NOTICES").read_text(encoding="utf-8"))
    rows = [row for row in listed() if row["bundle"] == folder.name]
    names = {f"{row['package']} {row['version']}" for row in rows}
    assert sorted(set(found) - names) == []


@pytest.mark.parametrize("name", MARKS)
def test_the_bundle_holds_the_version_that_is_listed(name):
    row = next(row for row in listed() if row["package"] == name)
    text = "".join(p.read_text(encoding="utf-8") for p in (VENDOR / row["bundle"]).glob("*.js"))
    assert row["version"] in re.findall(MARKS[name], text)


def test_the_notice_of_the_project_leads_to_all_of_them():
    text = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert "reasoner/serve/static/vendor/bundled.csv" in text and "files NOTICES" in text
    assert "LICENSE-3RD-PARTY.txt" in text and (AXE / "LICENSE-3RD-PARTY.txt").is_file()
