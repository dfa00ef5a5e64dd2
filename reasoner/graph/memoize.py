"""Memoizes a function of a loaded graph on the graph itself, so the cache dies with the graph."""

from collections.abc import Callable
from functools import wraps
from typing import Any


def memoized(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose results are stored in the dictionary `memo` of its first argument.

    Its other arguments must have few values, such as classes or editions of the graph: nothing is
    ever removed. Never memoize by the words of a request.
    """

    @wraps(function)
    def lookup(about: Any, *more: Any) -> Any:
        key = (function, *more)
        if key not in about.memo:
            about.memo[key] = function(about, *more)
        return about.memo[key]

    return lookup
