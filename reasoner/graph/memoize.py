"""What is found once about something, and kept on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any


def kept(function: Callable) -> Callable:
    """The function of a thing that has a dictionary `found`, with what it finds kept there, so that it is found once and goes with the thing.

    What else the function takes must be of few values: classes or editions of the graph, and never words of a request.
    """

    @wraps(function)
    def found(about: Any, *more: Any) -> Any:
        key = (function, *more)
        if key not in about.found:
            about.found[key] = function(about, *more)
        return about.found[key]

    return found
