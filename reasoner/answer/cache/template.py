"""JSON data with places for names: filled, it shares all parts that have none with every other filling, which must not be changed."""

import re

PLACE = re.compile(r"~(\d+)").fullmatch


class Template:
    """JSON data in which each text `~n` stands for the name number n; a list of names is sorted anew."""

    def __init__(self, value):
        self._value, self._fill = value, compiled(value)

    @property
    def fixed(self) -> bool:
        """Whether it has no places."""
        return self._fill is None

    def fill(self, names: list[str]):
        """The data with some names."""
        return self._fill(names) if self._fill else self._value


def compiled(value):
    """A function of the names that gives the value with names in it; None for a value without places."""
    if isinstance(value, str):
        return (
            (lambda place: lambda names: names[place])(int(PLACE(value)[1]))
            if PLACE(value)
            else None
        )
    if isinstance(value, dict):
        parts = [(key, fill) for key, item in value.items() if (fill := compiled(item))]
        return (
            (lambda names: {**value, **{key: fill(names) for key, fill in parts}})
            if parts
            else None
        )
    if isinstance(value, list):
        parts = [(place, fill) for place, item in enumerate(value) if (fill := compiled(item))]
        return (
            in_list(value, parts, all(isinstance(item, str) for item in value)) if parts else None
        )
    return None


def in_list(value: list, parts: list, ordered: bool):
    """A function that fills a list."""

    def fill_list(names: list[str]) -> list:
        made = list(value)
        for place, fill in parts:
            made[place] = fill(names)
        return sorted(made) if ordered else made

    return fill_list
