"""The legend of radiation signs: the doses of the levels that a table shows."""

from collections.abc import Iterable

from reasoner.answer.wording import SIGNS
from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.names import SKOS, ia


@memoized
def doses(knowledge: Knowledge) -> dict[str, tuple[str, str]]:
    """The adult and the pediatric dose of each radiation level that has one, least first.

    By notation, as the graph states them with their source: `{"4": ("10-30 mSv", "3-10 mSv")}`.
    """
    k = knowledge.facts
    levels = sorted(
        knowledge.members("ia:RelativeRadiationLevel"),
        key=lambda x: float(k.value(x, ia("rank"), "99")),
    )
    return {
        k.value(x, SKOS + "notation"): (
            k.value(x, ia("adultDose")),
            k.value(x, ia("pediatricDose"), "not stated"),
        )
        for x in levels
        if k.value(x, ia("adultDose"))
    }


def legend(knowledge: Knowledge, rows: Iterable[dict]) -> list[tuple[str, str]]:
    """The radiation levels that rated studies show, each with its doses in words, least first.

    A level that has no dose is left out: it is shown as the word that it is.
    """
    used = {row[name] for row in rows for name in ("adultRadiation", "pediatricRadiation")}
    return [
        (level, adult if adult == child else f"adult {adult}, child {child}")
        for level, (adult, child) in doses(knowledge).items()
        if level in used
    ]


def legend_line(knowledge: Knowledge, rows: Iterable[dict]) -> str:
    """The legend on one line: "O 0 mSv; ☢☢☢☢ adult 10-30 mSv, child 3-10 mSv"."""
    return "; ".join(f"{SIGNS[level]} {dose}" for level, dose in legend(knowledge, rows))
