"""A difference as text for a terminal, as Markdown for a pull request, and as JSON."""

import json
from dataclasses import asdict

from reasoner.diff.difference import Difference
from reasoner.messages import escaping
from reasoner.messages.escaping import markdown, visible

RULE = {
    "major": "A patient's answer changes or may change, or a term disappears.",
    "minor": "Something is added, or facts change that no test patient meets.",
    "patch": "Words only.",
    "none": "Nothing changed.",
}
MOST = 40  # lines of one list in text and Markdown; JSON has all
EACH = 5  # changes shown of one patient
OWN = ("scenario", "rating")  # kinds of terms that have lists of their own
Section = tuple[str, list[str]]


def as_json(difference: Difference) -> str:
    """The whole difference as JSON."""
    data = {"verdict": difference.verdict, "reasons": difference.reasons, **asdict(difference)}
    data |= {"untested": [c["id"] for c in difference.untested]}
    return escaping.as_json(json.dumps(data, indent=1, ensure_ascii=False)) + "\n"


def as_text(difference: Difference) -> str:
    """Verdict and lists for a terminal."""
    lines = [f"{difference.verdict}: {RULE[difference.verdict]}"]
    lines += [
        f"  {size}: {sentence}"
        for size, sentences in difference.reasons.items()
        for sentence in sentences
    ]
    for title, rows in sections(difference):
        lines += ["", title, *(f"  {row}" for row in capped(rows))]
    return "\n".join(map(visible, [*lines, "", patients_line(difference)])) + "\n"


def as_markdown(difference: Difference) -> str:
    """Verdict and lists for a pull request."""
    lines = [
        f"## Change of the graph: {difference.verdict}",
        "",
        f"{RULE[difference.verdict]} From {markdown(difference.before)} to "
        f"{markdown(difference.after)}.",
    ]
    lines += [""] * bool(difference.reasons) + [
        f"- **{size}**: {markdown(sentence)}"
        for size, sentences in difference.reasons.items()
        for sentence in sentences
    ]
    for title, rows in sections(difference):
        lines += [
            "",
            f"### {title}",
            "",
            *(
                ("  - " if row.startswith("  ") else "- ") + markdown(row.strip())
                for row in capped(rows)
            ),
        ]
    return "\n".join([*lines, "", patients_line(difference)]) + "\n"


def sections(difference: Difference) -> list[Section]:
    """The lists that have any rows: scenarios first, patients last."""
    listed: list[Section] = []
    for noun, wanted in (("Scenarios", "scenario"), ("Ratings", "rating"), ("Other terms", "")):
        came, went, changed = (
            [row for row in rows if (row["kind"] if row["kind"] in OWN else "") == wanted]
            for rows in (difference.came, difference.went, difference.changed)
        )
        listed += [
            (f"{noun} that came", [name(row) for row in came]),
            (f"{noun} that went", [name(row) for row in went]),
            (f"{noun} that changed", [line for row in changed for line in change(row)]),
        ]
    for word in ("came", "went"):
        rows = [m for m in difference.mappings if m["change"] == word]
        codes = [f"{m['code']} of {m['subject']}" for m in rows]
        listed.append((f"Code mappings that {word}", codes))
    tables = [
        f"{t['version']}: {t['place']}: {t['message']}. {t['fix']}" for t in difference.tables
    ]
    patients = [line for p in difference.patients for line in patient(p)]
    listed += [
        ("Tables that are not built", tables),
        (
            "Facts that changed before no test patient: add a case that meets them",
            [name(row) for row in difference.untested],
        ),
        ("Test patients who get a different answer", patients),
    ]
    return [(title, rows) for title, rows in listed if rows]


def name(row: dict) -> str:
    """A term with its label."""
    return f"{row['id']}  {row['label']}".strip()


def change(row: dict) -> list[str]:
    """A term that changed, then what changed of it, one property a line."""
    lists = ((c["property"], c["before"], c["after"]) for c in row["facts"] + row["words"])
    return [name(row)] + [
        f"  {p}: {moved([b for b in old if b not in new], [a for a in new if a not in old])}"
        for p, old, new in lists
    ]


def moved(old: list[str], new: list[str]) -> str:
    """The values before and after, as text."""
    return " -> ".join(
        " | ".join(" ".join(text.split()) for text in side) or "nothing" for side in (old, new)
    )


def patient(row: dict) -> list[str]:
    """A test patient, then the weightiest changes of the answer."""
    lines = [
        f"  {c['where'].removeprefix('presentations')}: {went(c['before'], c['after'])}"
        for c in row["changes"][:EACH]
    ]
    return [
        row["case"],
        *lines,
        *([f"  and {len(row['changes']) - EACH} more"] if len(row["changes"]) > EACH else []),
    ]


def went(old: str | None, new: str | None) -> str:
    """A value before and after; a thing that is there or not came or went."""
    if old is None and new == "there":
        return "came"
    if new is None and old == "there":
        return "went"
    return f"{old or 'nothing'} -> {new or 'nothing'}"


def capped(rows: list[str]) -> list[str]:
    """The first rows of a long list, and how many more there are."""
    heads = [n for n, row in enumerate(rows) if not row.startswith("  ")]
    if len(heads) <= MOST:
        return rows
    return [*rows[: heads[MOST]], f"and {len(heads) - MOST} more; --format json has all"]


def patients_line(difference: Difference) -> str:
    """How many test patients were asked."""
    if not difference.compared:
        return "No test patients were found; name a folder of records with --cases DIR."
    count = f"{len(difference.patients)} of {difference.compared} test patients"
    return f"{count} get a different answer (words and notes aside)."


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json}
