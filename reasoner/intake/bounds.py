"""Refuses records that are too large to answer: too many problems times studies, orders,
devices and notes.

Each problem is weighed against each study, order, device and note that may bear on it, and an
answer names them with each. No patient has hundreds of problems and thousands of studies: such a
record is refused, with its numbers.
"""

from reasoner.errors import InputError
from reasoner.intake.record import Record
from reasoner.names import ia

MOST = 500_000  # pairs of a problem and something else: the project's own bound
SHARED = {ia(name) for name in ("hasDevice", "hasCondition", "hasMeasurement", "hasUnread")}
OWN = {ia(name) for name in ("hasStudy", "hasEarlierStudy", "hasOrder")}


def refuse_pairs(problems: int, others: int, what: str) -> None:
    """Raises InputError when some problems and as many other things make too many pairs."""
    if problems > 1 and problems * others > MOST:
        raise InputError(
            "record",
            f"it has {problems} problems and {others} {what}, more than can be weighed against "
            "each other",
            "Ask about fewer problems at a time, or leave out what is long past.",
        )


def refuse_vast(record: Record) -> None:
    """Raises InputError when the presentations of a record, and what they share, are too many."""
    shared = own = 0
    for _, p, _ in record.statements:
        shared += p in SHARED
        own += p in OWN
    refuse_pairs(
        len(record.presentations), shared, "devices, conditions, measurements and unread things"
    )
    if own > MOST:
        raise InputError(
            "record",
            f"its problems have {own} studies and orders, more than can be weighed",
            "Name in each study and order the problem that it is for.",
        )
