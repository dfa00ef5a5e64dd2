"""A difference as text for a terminal, as Markdown for a pull request, and as JSON."""

import json
from dataclasses import asdict

from reasoner.diff.difference import Difference
from reasoner.messages.escaping import as_json as only_data
from reasoner.messages.escaping import markdown as plain
from reasoner.messages.escaping import visible

RULE = {
    "major": "A patient's answer changes or may change, or a term disappears.",
    "minor": "Something is added, or facts change that no test patient meets.",
    "patch": "Words only.",
    "none": "Nothing changed.",
}
MOST = 40  # lines of one list in text and Markdown; JSON has all
EACH = 5  # changes shown of one patient
Section = tuple[str, list[str]]


def as_json(difference: Difference) -> str:
    """All there is to say, as JSON."""
    told = {"verdict": difference.verdict, "reasons": difference.reasons, **asdict(difference)}
    told |= {"untested": [c["id"] for c in difference.untested]}
    return only_data(json.dumps(told, indent=1, ensure_ascii=False)) + "\n"


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
        f"{RULE[difference.verdict]} From {plain(difference.before)} to {plain(difference.after)}.",
    ]
    lines += [""] * bool(difference.reasons) + [
        f"- **{size}**: {plain(sentence)}"
        for size, sentences in difference.reasons.items()
        for sentence in sentences
    ]
    for title, rows in sections(difference):
        lines += [
            "",
            f"### {title}",
            "",
            *(
                ("  - " if row.startswith("  ") else "- ") + plain(row.strip())
                for row in capped(rows)
            ),
        ]
    return "\n".join([*lines, "", patients_line(difference)]) + "\n"


def sections(difference: Difference) -> list[Section]:
    """The lists that have any rows: scenarios first, patients last."""
    found = []
    for kinds, noun in (
        (("scenario",), "Scenarios"),
        (("rating",), "Ratings"),
        (None, "Other terms"),
    ):
        mine = lambda rows, kinds=kinds: [
            r
            for r in rows
            if (r["kind"] in kinds if kinds else r["kind"] not in ("scenario", "rating"))
        ]
        found += [
            (f"{noun} that came", [name(r) for r in mine(difference.came)]),
            (f"{noun} that went", [name(r) for r in mine(difference.went)]),
            (
                f"{noun} that changed",
                [line for r in mine(difference.changed) for line in change(r)],
            ),
        ]
    for word in ("came", "went"):
        found.append(
            (
                f"Code mappings that {word}",
                [
                    f"{m['code']} of {m['subject']}"
                    for m in difference.mappings
                    if m["change"] == word
                ],
            )
        )
    found.append(
        (
            "Tables that are not built",
            [
                f"{t['version']}: {t['place']}: {t['message']}. {t['fix']}"
                for t in difference.tables
            ],
        )
    )
    found.append(
        (
            "Facts that changed before no test patient: add a case that meets them",
            [name(r) for r in difference.untested],
        )
    )
    found.append(
        (
            "Test patients who get a different answer",
            [line for p in difference.patients for line in patient(p)],
        )
    )
    return [(title, rows) for title, rows in found if rows]


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
    """What was said and what is said now."""
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
    return (
        "came"
        if old is None and new == "there"
        else "went"
        if new is None and old == "there"
        else f"{old or 'nothing'} -> {new or 'nothing'}"
    )


def capped(rows: list[str]) -> list[str]:
    """The first rows of a long list, and how many more there are."""
    heads = [n for n, row in enumerate(rows) if not row.startswith("  ")]
    return (
        rows
        if len(heads) <= MOST
        else [*rows[: heads[MOST]], f"and {len(heads) - MOST} more; --format json has all"]
    )


def patients_line(difference: Difference) -> str:
    """How many test patients were asked."""
    if not difference.compared:
        return "No test patients were found; name a folder of records with --cases DIR."
    return f"{len(difference.patients)} of {difference.compared} test patients get a different answer (words and notes aside)."


FORMATS = {"text": as_text, "markdown": as_markdown, "json": as_json}
