"""Finds the test patients whose answer differs between two graphs; texts are not compared."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from reasoner.curation.cases import records
from reasoner.errors import NextstudyError

WORDS = {"label", "text", "message", "rationale", "advice", "source", "notes", "knowledge"}
ORDERED = ("questions", "nextSteps", "steps")  # lists whose order says what comes first
# what tells the members of a list apart, the first there is
NAMED = ("id", "generic", "pitfall", "procedure", "hazard", "when")
WEIGHTIEST = (
    r"\]\.outcome$",
    r"\]\.scenarios\[[^]]*\](\.status)?$",
    r"\.category$",
    r"\.setAside$",
    r"\]\.recommendations\[[^]]*\]$",
    r"\.rank$",
    r"\]\.(alerts|nextSteps)",
)
SCENARIO = re.compile(r"presentations\[[^]]*\]\.scenarios\[([^]]*)\]")
Rename = Callable[[str], str]


def compare(before, after, cases: Path, rename: Rename = str) -> tuple[int, list[dict]]:
    """How many records were compared, and those whose answers differ.

    These are `{case, changes: [{where, before, after}]}`. `before` and `after` are Reasoners;
    `rename` gives the later name of a term of the earlier graph.
    """
    paths, changed = records(cases), []
    for path in paths:
        old, new = (facts(reasoner, path.read_bytes()) for reasoner in (before, after))
        renamed = {rename(where): rename(value) for where, value in old.items()}
        old, new = without_bystanders(renamed, new)
        places = sorted(w for w in old.keys() | new.keys() if old.get(w) != new.get(w))
        if places:
            changes = [{"where": w, "before": old.get(w), "after": new.get(w)} for w in places]
            case = path.relative_to(cases).with_suffix("").as_posix()
            changed.append({"case": case, "changes": heads(changes)})
    return len(paths), changed


def without_bystanders(old: dict[str, str], new: dict[str, str]) -> list[dict[str, str]]:
    """Two answers without scenarios that only one of them lists and that do not apply.

    What such a scenario asks or leads to counts as a change; that it is listed does not.
    """
    results = []
    for mine, other in ((old, new), (new, old)):
        listed = {m[0]: m[1] for where in mine if (m := SCENARIO.match(where))}
        omitted = {
            where: name
            for where, name in listed.items()
            if where not in other and mine.get(f"{where}.status") != "applies"
        }
        starts = tuple(omitted)
        ends = tuple(f".decides[{name}]" for name in omitted.values())
        results.append(
            {w: v for w, v in mine.items() if not w.startswith(starts) and not w.endswith(ends)}
        )
    return results


def heads(changes: list[dict]) -> list[dict]:
    """Changes without those inside a thing that came or went as a whole; what counts most first."""
    whole = {c["where"] for c in changes if None in (c["before"], c["after"])}

    def is_inside(where: str) -> bool:
        return any(where != w and where.startswith(w) and where[len(w)] in ".[" for w in whole)

    outer = (c for c in changes if not is_inside(c["where"]))
    return sorted(outer, key=lambda c: (rank(c["where"]), c["where"]))


def rank(where: str) -> int:
    """The place of a change among others, what counts most first."""
    return next(
        (n for n, pattern in enumerate(WEIGHTIEST) if re.search(pattern, where)), len(WEIGHTIEST)
    )


def facts(reasoner, data: bytes) -> dict[str, str]:
    """An answer as a flat map from place to value, without words, notes and version.

    An error is a value too.
    """
    try:
        answer = reasoner.ask(data)
    except NextstudyError as error:
        return {"answer": f"none: {type(error).__name__}"}
    return dict(flat("", {"presentations": answer["presentations"]}))


def flat(where: str, value) -> Iterator[tuple[str, str]]:
    """The places and values inside a value.

    A member of a list is placed by its name; the order of a list counts where it means something.
    """
    if isinstance(value, dict):
        for key in value:
            if key not in WORDS:
                yield from flat(f"{where}.{key}" if where else key, value[key])
    elif isinstance(value, list):
        counts: dict[str, int] = {}
        if where.endswith(ORDERED) and value:
            yield f"{where}.order", ", ".join(map(named, value))
        for member in value:
            name = named(member)
            counts[name] = counts.get(name, 0) + 1
            again = "" if counts[name] == 1 else f" {counts[name]}"
            place = f"{where}[{name}{again}]"
            yield place, "there"
            yield from flat(place, member) if isinstance(member, dict) else ()
    elif value is None:
        yield where, "null"
    else:
        yield where, str(value).lower() if isinstance(value, bool) else str(value)


def named(member) -> str:
    """The name of a member of a list, which no other member has.

    That of a recommendation has its scenario too, that of a safety flag its severity.
    """
    if not isinstance(member, dict):
        return str(member)
    name = next((member[key] for key in NAMED if member.get(key)), "")
    name = name["id"] if isinstance(name, dict) else name
    extra = [member[key] for key in ("scenario", "severity", "order", "system") if member.get(key)]
    return " ".join([str(name), *extra, *([member["code"]] if "code" in member else [])]).strip()
