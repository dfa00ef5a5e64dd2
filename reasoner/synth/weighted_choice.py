"""Random choice by weight, each by one number of a seeded generator."""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import Any


class Weighted:
    """Values with weights; `Weighted({"a": 3, "b": 1})` gives "a" three times in four."""

    def __init__(self, weights: dict[Any, float]):
        self.values = list(weights)
        self._ends = list(accumulate(weights.values()))

    def pick(self, rng: Random):
        """One of the values."""
        return self.values[bisect(self._ends, rng.random() * self._ends[-1])]


class Rates:
    """Values with rates: at most one is chosen; the remaining rate is that of the empty text."""

    def __init__(self, rates: dict[str, float]):
        self._weighted = Weighted({**rates, "": 1 - sum(rates.values())})

    def pick(self, rng: Random) -> str:
        """One of the values, or an empty text."""
        return self._weighted.pick(rng)


def one_of(rng: Random, values):
    """One of several values that are equally likely."""
    return values[int(rng.random() * len(values))]
