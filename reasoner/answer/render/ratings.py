"""The tables of rated studies, each with its legend."""

from reasoner.answer.radiation_legend import legend as doses
from reasoner.answer.render.document import Cell, Column, Table
from reasoner.answer.render.naming import Names
from reasoner.answer.wording import CATEGORY, NO_REASON, NO_REASONS, REASONS_MISSING, SIGNS
from reasoner.graph.knowledge import Knowledge
from reasoner.names import SKOS

STUDY = [
    Column(""),
    Column("procedure"),
    Column("category", apart=True),
    Column("adult", "adult "),
    Column("child", "child "),
]
REASON = Column("reason", apart=True)
ASSUMED = Column("assumed", "assumed: ", apart=True)
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
    """The sentence about ratings without a reason; none where each has one."""
    if all(map(reason, rows)):
        return []
    return [REASONS_MISSING if any(map(reason, rows)) else NO_REASONS]


def agreed(p: dict, names: Names) -> Table | None:
    """The studies that every possible scenario rates alike; None where there are none."""
    rows = p["agreed"]
    if not rows:
        return None
    assumptions = ["; ".join(u["assumed"] for u in r["unless"]) for r in rows]
    above, columns = "Whichever scenario applies", [*STUDY]
    cells = [study(r, str(number)) for number, r in enumerate(rows, 1)]
    if len(set(assumptions)) == 1:
        above += f" (assumed: {assumptions[0]})" if assumptions[0] else ""
    else:
        columns.append(ASSUMED)
        cells = [[*row, Cell(assumed)] for row, assumed in zip(cells, assumptions, strict=True)]
    return Table(columns, cells, f"{above}:", legend(rows, names.knowledge))


def study(r: dict, rank: str) -> list[Cell]:
    """The cells of a study: its rank, name, category and radiation levels."""
    words, style = CATEGORY[r["category"]]
    return [
        Cell(rank),
        Cell(r["procedure"]["label"] + mark(r), "strike" if r["setAside"] else ""),
        Cell(words, style),
        Cell(SIGNS[r["adultRadiation"]]),
        Cell(SIGNS[r["pediatricRadiation"]]),
    ]


def mark(r: dict) -> str:
    """The marks of a study: its safety flags, whose advice stands elsewhere, and inferred."""
    inferred = " (inferred)" if r.get("inferred") else ""
    if r["setAside"]:
        return f" (set aside){inferred}"
    return (" (caution)" if r["safety"] else "") + inferred


def reason(r: dict) -> str:
    """The reason of a rating; empty where the sources give none."""
    return "" if r["rationale"] == NO_REASON else r["rationale"]


def legend(rows: list[dict], knowledge: Knowledge) -> list[str]:
    """The legend of a table: its radiation levels, and the source of its ratings."""
    dosed = dict(doses(knowledge, rows))
    used = {r[key] for r in rows for key in ("adultRadiation", "pediatricRadiation")}
    levels = [f"{SIGNS[level]} is {dose}" for level, dose in dosed.items()]
    levels += [f"{SIGNS[x]} is {meaning(knowledge, x)}" for x in SIGNS if x in used - dosed.keys()]
    sources = "; ".join(dict.fromkeys(r["source"] for r in rows))
    return [f"Radiation: {'; '.join(levels)}.", f"Source: {sources}."]


def meaning(knowledge: Knowledge, level: str) -> str:
    """The definition of a radiation level without a dose, given by its notation."""
    facts = knowledge.facts
    levels = knowledge.members("ia:RelativeRadiationLevel")
    iri = next(iri for iri in levels if facts.value(iri, SKOS + "notation") == level)
    definition = facts.value(iri, SKOS + "definition", "")
    return definition[:1].lower() + definition[1:].rstrip(".")
