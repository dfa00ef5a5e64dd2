"""Renders findings as text, Markdown, JSON, JUnit, SARIF, GitHub annotations, or SHACL in Turtle.

Each takes the findings and the number of checks and shapes that ran, and gives text; the same
findings give the same text.
"""

import json
from collections import Counter
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from reasoner.graph.store import literal, serialize, term
from reasoner.messages import escaping
from reasoner.names import BASE, RDF_TYPE, XSD
from reasoner.validation.findings import SEVERITIES, Finding

LEVELS = {"violation": "error", "warning": "warning", "info": "note"}
ANNOTATIONS = {"violation": "error", "warning": "warning", "info": "notice"}
SHACL = "http://www.w3.org/ns/shacl#"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def counted(findings: list[Finding], checks: int) -> str:
    """One line: how many findings of each severity, and how much was checked."""
    counts = Counter(f.severity for f in findings)
    parts = [
        f"{counts[s]} {s}{'s' if counts[s] != 1 and s != 'info' else ''}"
        for s in reversed(SEVERITIES)
    ]
    return f"{', '.join(parts)} from {checks} checks and shapes"


def text(findings: list[Finding], checks: int) -> str:
    """For a terminal: a line a finding, below it the remedy."""
    lines = []
    for f in findings:
        place = f"{f.place}: " if f.place else ""
        lines += [
            escaping.visible(f"{place}{f.severity}: {f.about}"),
            escaping.visible(f"    {f.message} {f.fix} [{f.check}]"),
        ]
    return "\n".join([*lines, counted(findings, checks)]) + "\n"


def markdown(findings: list[Finding], checks: int) -> str:
    """For a pull request or a job summary: a table."""
    lines = [f"**{counted(findings, checks)}**"]
    if findings:
        lines += ["", "| severity | where | what | remedy | check |", "|---|---|---|---|---|"]
    for f in findings:
        cells = (f.severity, f.place, f"{f.about}: {f.message}", f.fix, f.check)
        lines.append(f"| {' | '.join(map(escaping.markdown, cells))} |")
    return "\n".join(lines) + "\n"


def as_json(findings: list[Finding], checks: int) -> str:
    """For a program: every field of every finding, and the counts."""
    counts = Counter(f.severity for f in findings)
    body = {
        "checks": checks,
        "counts": {s: counts[s] for s in reversed(SEVERITIES)},
        "findings": [{k: getattr(f, k) for k in Finding.__dataclass_fields__} for f in findings],
    }
    return escaping.as_json(json.dumps(body, indent=2, ensure_ascii=False)) + "\n"


def junit(findings: list[Finding], checks: int) -> str:
    """For CI servers: a test case for each check with findings, and one for the rest.

    A violation fails its test case.
    """
    groups: dict[str, list[Finding]] = {}
    for f in findings:
        groups.setdefault(f.check, []).append(f)
    failed = [
        name for name, group in groups.items() if any(f.severity == "violation" for f in group)
    ]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name="nextstudy validate" tests="{len(groups) + 1}" '
        f'failures="{len(failed)}" errors="0">',
    ]
    for name, group in groups.items():
        body = "\n".join(
            escaping.visible(f"{f.place}: {f.about}: {f.message} {f.fix}") for f in group
        )
        tag, message = "system-out", ""
        if name in failed:
            tag = "failure"
            message = f" message={quoteattr(escaping.visible(group[0].message))}"
        lines.append(
            f'  <testcase classname="nextstudy" name={quoteattr(name)}>'
            f"<{tag}{message}>{escape(body)}</{tag}></testcase>"
        )
    rest = f"{checks - len(groups)} other checks and shapes"
    lines += [f'  <testcase classname="nextstudy" name="{rest}"/>', "</testsuite>"]
    return "\n".join(lines) + "\n"


def sarif(findings: list[Finding], checks: int) -> str:
    """For code scanning: SARIF 2.1.0."""
    rules = {f.check: f for f in reversed(findings)}
    results = []
    for f in findings:
        result = {
            "ruleId": f.check,
            "level": LEVELS[f.severity],
            "message": {"text": f"{f.about}: {f.message} {f.fix}"},
        }
        if f.file:
            where = {"artifactLocation": {"uri": f.file}} | (
                {"region": {"startLine": f.line}} if f.line else {}
            )
            result["locations"] = [{"physicalLocation": where}]
        results.append(result)
    driver = {
        "name": "nextstudy",
        "rules": [
            {"id": name, "shortDescription": {"text": f.message}}
            for name, f in sorted(rules.items())
        ],
    }
    body = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return escaping.as_json(json.dumps(body, indent=2, ensure_ascii=False)) + "\n"


def github(findings: list[Finding], checks: int) -> str:
    """For GitHub Actions: an annotation a finding."""

    def value(words: str, more: str = "") -> str:
        for sign, code in (
            ("%", "%25"),
            ("\r", "%0D"),
            ("\n", "%0A"),
            *((c, f"%{ord(c):02X}") for c in more),
        ):
            words = words.replace(sign, code)
        return escaping.visible(words)

    lines = []
    for f in findings:
        place = f"file={value(f.file, ':,')}," if f.file else ""
        place += f"line={f.line}," if f.line else ""
        title, message = value(f.check, ":,"), value(f"{f.about}: {f.message} {f.fix}")
        lines.append(f"::{ANNOTATIONS[f.severity]} {place}title={title}::{message}")
    lines.append(f"::notice title=nextstudy validate::{counted(findings, checks)}")
    return "\n".join(lines) + "\n"


def turtle(findings: list[Finding], checks: int) -> str:
    """For other RDF tools: a SHACL validation report, whose source shapes are checks and shapes."""
    rows = []
    report = "_:report"
    conforms = "false" if any(f.severity == "violation" for f in findings) else "true"
    rows += [
        (report, RDF_TYPE, SHACL + "ValidationReport"),
        (report, SHACL + "conforms", literal(conforms, datatype=XSD + "boolean")),
    ]
    for number, f in enumerate(findings, 1):
        node = f"_:finding{number:05}"
        rows += [
            (report, SHACL + "result", node),
            (node, RDF_TYPE, SHACL + "ValidationResult"),
            (node, SHACL + "resultSeverity", SHACL + f.severity.capitalize()),
            (node, SHACL + "resultMessage", literal(f"{f.message} {f.fix}")),
            (node, SHACL + "sourceShape", f"{BASE}shapes/{f.check}"),
            (node, SHACL + "focusNode", node_of(f.subject)),
            (node, SHACL + "sourceConstraintComponent", SHACL + "SPARQLConstraintComponent"),
        ]
        path = node_of(f.property)
        if f.property.count(":") and isinstance(path, str):
            rows.append((node, SHACL + "resultPath", path))
        if f.value:
            rows.append((node, SHACL + "value", node_of(f.value)))
    from reasoner.graph.turtle.format import WELL_KNOWN

    return escaping.as_turtle(serialize(rows, {**WELL_KNOWN, "sh": SHACL}).decode("utf-8"))


def node_of(name: str):
    """The IRI that a short form stands for, or a literal for anything else."""
    from reasoner.graph.turtle.format import WELL_KNOWN

    prefix, sign, local = name.partition(":")
    iri = WELL_KNOWN[prefix] + local if sign and prefix in WELL_KNOWN else name
    try:
        return literal(name) if name.startswith("_:") else term(iri).value
    except ValueError:
        return literal(name)


FORMATS: dict[str, Callable[[list[Finding], int], str]] = {
    "text": text,
    "markdown": markdown,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
    "github": github,
    "turtle": turtle,
}
