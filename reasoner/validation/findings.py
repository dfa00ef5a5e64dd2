"""Findings: what a check or a shape has found, as data that every report format reads."""

from collections.abc import Iterable
from dataclasses import dataclass

SEVERITIES = ("info", "warning", "violation")


@dataclass(frozen=True)
class Finding:
    """One fault: which check found it, where, what is wrong and how to mend it.

    `subject`, `property` and `value` are CURIEs, IRIs or text; `file` is empty and `line` 0 where
    they are not known.
    """

    check: str
    severity: str
    subject: str
    property: str
    value: str
    message: str
    fix: str
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """The file and line, as far as they are known."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def about(self) -> str:
        """The subject with what is wrong about it: `ia:Thigh rdfs:label "thigh"`."""
        return " ".join(part for part in (self.subject, self.property, self.value) if part)


@dataclass(frozen=True)
class Check:
    """A check or a shape: its severity, what is wrong where it finds something, and the remedy."""

    name: str
    severity: str
    summary: str
    fix: str


@dataclass(frozen=True)
class Report:
    """The findings, worst first, and how many checks and shapes ran."""

    findings: list[Finding]
    checks: int


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings once each, worst first, then by check and subject."""
    return sorted(
        set(findings),
        key=lambda f: (
            -SEVERITIES.index(f.severity),
            f.check,
            f.subject,
            f.property,
            f.value,
            f.file,
            f.line,
            f.message,
        ),
    )


def at_least(findings: Iterable[Finding], severity: str) -> list[Finding]:
    """The findings of a severity and above."""
    return [f for f in findings if SEVERITIES.index(f.severity) >= SEVERITIES.index(severity)]
