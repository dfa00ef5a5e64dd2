"""Drawing by weight: one number of a seeded generator decides."""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import Any


class Weighted:
    """Values with weights; `Weighted({"a": 3, "b": 1})` gives "a" three times in four."""

    def __init__(self, weights: dict[Any, float]):
        self.values = list(weights)
        self._ends = list(accumulate(weights.values()))

    def pick(self, dice: Random):
        """One of the values."""
        return self.values[bisect(self._ends, dice.random() * self._ends[-1])]


class Rates:
    """Values that befall at stated rates, one at most; the rest of the time nothing does."""

    def __init__(self, rates: dict[str, float]):
        self._weighted = Weighted({**rates, "": 1 - sum(rates.values())})

    def pick(self, dice: Random) -> str:
        """One of the values, or an empty text."""
        return self._weighted.pick(dice)


def one_of(dice: Random, values):
    """One of several values that are equally likely."""
    return values[int(dice.random() * len(values))]
