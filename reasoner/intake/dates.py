"""Compares FHIR dates of unequal precision, and computes ages.

What precision does not decide stays undecided: a date is later than another only when it surely is.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

DAY, LONGEST = 10, 64  # characters of a day, and of a date with its time
DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def day(value) -> str:
    """The date of a FHIR date, dateTime, instant, Period or Timing as precise as it is written.

    2026, 2026-04 or 2026-04-18; empty when it cannot be read.
    """
    if isinstance(value, str):
        if len(value) > DAY and (value[DAY] != "T" or len(value) >= LONGEST or "\n" in value):
            return ""
        return calendar_day(value[:DAY])
    if not isinstance(value, dict):
        return ""
    return next((d for part in ends(value) if isinstance(part, str) and (d := day(part))), "")


def ends(value: dict) -> list:
    """The start and the end of a Period."""
    return [value.get("start"), value.get("end")]


@lru_cache(maxsize=65536)
def calendar_day(value: str) -> str:
    """A text of up to ten characters when it is a date; empty when it is none."""
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :])
    except ValueError:
        return ""
    return value if DATE.fullmatch(value) else ""


def first_day(json: dict, *names: str) -> str:
    """The first readable date among some elements."""
    return first_moment(json, *names)[:DAY]


def first_moment(json: dict, *names: str) -> str:
    """The first readable date among some elements, with its time if it has one."""
    for name in names:
        value = json.get(name)
        for part in ends(value) if isinstance(value, dict) else [value]:
            if isinstance(part, str) and day(part):
                return part
    return ""


def instant(value: str) -> datetime | None:
    """The instant that a date with a time and a zone names; None for what is less precise."""
    if "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def surely_later(one: str, other: str) -> bool:
    """Whether one date is later than another as far as both tell.

    Instants are compared in their zones, other dates as days, at the precision of the coarser.
    """
    first, second = instant(one), instant(other)
    if first and second:
        return first > second
    n = min(len(one), len(other), DAY)
    return bool(n) and one[:n] > other[:n]


class Newest:
    """The newest of some moments, by how precise they are: one look tells whether any of them is
    surely later than another moment.
    """

    def __init__(self, moments: Iterable[str] = (), before: "Newest | None" = None):
        self.days: dict[int, str] = dict(before.days) if before else {}  # without a time, or a zone
        self.instant: datetime | None = before.instant if before else None
        self.day_of_instant: str = before.day_of_instant if before else ""
        for moment in moments:
            if time := instant(moment):
                self.instant = time if self.instant is None else max(self.instant, time)
                self.day_of_instant = max(self.day_of_instant, moment[:DAY])
            else:
                n = min(len(moment), DAY)
                self.days[n] = max(self.days.get(n, ""), moment[:DAY])

    def than(self, moment: str) -> bool:
        """Whether `surely_later` holds for any of the moments and another one."""
        if any(surely_later(day, moment[:DAY]) for day in self.days.values()):
            return True
        if time := instant(moment):
            return self.instant is not None and self.instant > time
        return surely_later(self.day_of_instant, moment[:DAY])


def latest(moments: Sequence[str], among: Sequence[str]) -> list[bool]:
    """For each of some moments whether it may be the latest of others.

    It may, when none of those that none is later than is surely later than it. So dates of
    unlike zones that are later in a circle lose nothing.
    """
    later = Newest(among)
    newest = Newest(m for m in among if not later.than(m))
    return [not newest.than(m) for m in moments]


def whole_years(born: str, today: str) -> tuple[int, int]:
    """The least and the greatest age in whole years on a day, negative before birth."""
    return (
        years(latest_day(born), earliest_day(today)),
        years(earliest_day(born), latest_day(today)),
    )


def years(born: date, today: date) -> int:
    """The whole years from one day to another."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def days_between(one: str, other: str) -> tuple[int, int]:
    """The least and the greatest number of days from one date to another, negative when before."""
    return (
        (earliest_day(other) - latest_day(one)).days,
        (latest_day(other) - earliest_day(one)).days,
    )


def earliest_day(value: str) -> date:
    """The first day that a date may mean."""
    return date.fromisoformat((value + "-01-01")[:DAY] if len(value) < DAY else value[:DAY])


def months_before(newest: str, months: int) -> str:
    """The day that many months before a date, taken at its latest; empty for no date."""
    if not newest:
        return ""
    last = latest_day(newest)
    year, month = divmod(last.year * 12 + last.month - 1 - months, 12)
    if year < 1:
        return date.min.isoformat()
    return (date(year, month + 1, 1) + timedelta(days=last.day - 1)).isoformat()


def latest_day(value: str) -> date:
    """The last day that a date may mean."""
    if len(value) >= DAY:
        return date.fromisoformat(value[:DAY])
    year, month = int(value[:4]), int(value[5:7]) if len(value) > 4 else 12
    return date(year, month, monthrange(year, month)[1])


def surely_within(moment: str, newest: str, months: int) -> bool:
    """Whether a date surely lies within some months before the newest; an unknown one does not."""
    bound = months_before(newest, months)
    n = len(moment[:DAY])
    return (
        bool(bound and moment) and moment[:n] >= bound[:n] and (n == DAY or moment[:n] > bound[:n])
    )
