"""The tables of rated studies: what is said of each, and the legend of what stands in them."""

from reasoner.knowledge import Knowledge
from reasoner.names import SKOS, ia
from reasoner.render.document import Cell, Column, Table
from reasoner.render.naming import Names
from reasoner.words import CATEGORY, NO_REASON, NO_REASONS, REASONS_MISSING, SIGNS

STUDY = [
    Column(""),
    Column("procedure"),
    Column("category", apart=True),
    Column("adult", "adult "),
    Column("child", "child "),
]
REASON = Column("reason", apart=True)
UNLESS = Column("unless", "unless ", apart=True)
SCENARIO = Column("scenario", "in ", apart=True)


def recommended(p: dict, names: Names) -> Table | None:
    """The rated studies of a presentation, in order; None where there are none."""
    rows = p["recommendations"]
    if not rows:
        return None
    columns, cells = [*STUDY], [study(r, str(r["rank"])) for r in rows]
    if len({r["scenario"] for r in rows}) > 1:
        columns.append(SCENARIO)
        cells = [
            [*row, Cell(names.term(r["scenario"]))] for row, r in zip(cells, rows, strict=True)
        ]
    if any(map(reason, rows)):
        columns.append(REASON)
        cells = [[*row, Cell(reason(r))] for row, r in zip(cells, rows, strict=True)]
    return Table(columns, cells, under=[*missing(rows), *legend(rows, names.knowledge)])


def missing(rows: list[dict]) -> list[str]:
    """What is said once of ratings without a reason; nothing where each has one."""
    if all(map(reason, rows)):
        return []
    return [REASONS_MISSING if any(map(reason, rows)) else NO_REASONS]


def agreed(p: dict, names: Names) -> Table | None:
    """What every scenario that is still possible says alike; None where that is nothing."""
    rows = p.get("agreed") or []
    if not rows:
        return None
    said = ["; ".join(u["label"] for u in r["unless"]) for r in rows]
    above, columns = "In every scenario that is still possible", [*STUDY]
    cells = [study(r, str(number)) for number, r in enumerate(rows, 1)]
    if len(set(said)) == 1:
        above += f", unless {said[0]}" if said[0] else ""
    else:
        columns.append(UNLESS)
        cells = [[*row, Cell(unless)] for row, unless in zip(cells, said, strict=True)]
    return Table(columns, cells, f"{above}:", legend(rows, names.knowledge))


def study(r: dict, rank: str) -> list[Cell]:
    """The cells that say which study a row is about, and how it is rated."""
    words, style = CATEGORY[r["category"]]
    return [
        Cell(rank),
        Cell(r["procedure"]["label"] + mark(r), "strike" if r["setAside"] else ""),
        Cell(words, style),
        Cell(SIGNS[r["adultRadiation"]]),
        Cell(SIGNS[r["pediatricRadiation"]]),
    ]


def mark(r: dict) -> str:
    """The sign of a study that safety speaks of; what it says stands outside of the table."""
    if r["setAside"]:
        return " (set aside)"
    return " (caution)" if r["safety"] else ""


def reason(r: dict) -> str:
    """The reason of a rating; empty where the sources give none."""
    return "" if r["rationale"] == NO_REASON else r["rationale"]


def legend(rows: list[dict], knowledge: Knowledge) -> list[str]:
    """What the radiation signs of a table mean, and where its ratings are from."""
    used = {r[key] for r in rows for key in ("adultRadiation", "pediatricRadiation")}
    levels = [
        level
        for level in knowledge.members("ia:RelativeRadiationLevel")
        if notation(knowledge, level) in used
    ]
    levels.sort(key=lambda level: float(knowledge.facts.value(level, ia("rank"), "99")))
    said = [f"{SIGNS[notation(knowledge, x)]} is {dose(knowledge, x)}" for x in levels]
    sources = "; ".join(dict.fromkeys(r["source"] for r in rows))
    return [f"Radiation: {'; '.join(said)}.", f"Source: {sources}."]


def notation(knowledge: Knowledge, level: str) -> str:
    """The notation of a radiation level."""
    return knowledge.facts.value(level, SKOS + "notation")


def dose(knowledge: Knowledge, level: str) -> str:
    """The doses of a radiation level for adults and children; of one without, what it means."""
    adult, child = (
        knowledge.facts.value(level, ia(name)) for name in ("adultDose", "pediatricDose")
    )
    if adult is None or child is None:
        meaning = knowledge.facts.value(level, SKOS + "definition", "")
        return meaning[:1].lower() + meaning[1:].rstrip(".")
    return adult if adult == child else f"{adult} in adults, {child} in children"
