"""The procedure to order: its label for the region of the finding, and its codes for the side."""

from reasoner.graph.knowledge import Knowledge
from reasoner.graph.memoize import memoized
from reasoner.names import curie, ia

CODED = ("LOINC", "RPID", "SCTID")


@memoized
def ordered(
    knowledge: Knowledge, generic: str, orderable: str | None, region: str | None, side: str | None
) -> dict:
    """A procedure in its orderable form where there is one, else the generic one labelled with the region."""
    if orderable or not region:
        label = knowledge.label(orderable or generic)
    else:
        label = knowledge.facts.value(generic, ia("labelTemplate"), "").format(
            area=knowledge.label(region)
        )
    return {
        "id": curie(orderable or generic),
        "label": label,
        "codes": codes(knowledge, orderable or generic, side),
    }


def codes(knowledge: Knowledge, term: str, side: str | None) -> list[dict]:
    """The order codes of a procedure; those of the side of the finding first."""
    fits = [m for m in knowledge.codes.of(term) if m.prefix in CODED and m.intake == "fact"]
    sided = [m for m in fits if m.side and side == m.side]
    plain = [m for m in fits if not m.laterality and m.predicate in ("exactMatch", "closeMatch")]
    return [
        {"system": knowledge.codes.systems[m.prefix].systems[0], "code": m.code}
        for ms in (sided, plain)
        for m in sorted(ms, key=lambda m: (CODED.index(m.prefix), m.code))
    ]
