"""Finds modifier extensions (FHIR) that are not understood: they may negate the meaning of a
resource, so it is not used.

FHIR R4, extensibility.html: a reader checks for modifier extensions, and for implicit rules, that
it does not know.
"""

from typing import Any

import orjson

NAMES = (b'"modifierExtension"', b'"implicitRules"')
DEEPEST = 64  # levels at which a modifier is looked for


def not_understood(path: str, resource: dict) -> str | None:
    """The path of the first modifier in a resource that stands at a path; None when it has none.

    What is contained is another resource.
    """
    try:
        written = orjson.dumps(resource, option=orjson.OPT_NON_STR_KEYS)
        if not any(name in written for name in NAMES):
            return None
    except orjson.JSONEncodeError:  # nested too deeply to be written
        pass
    if resource.get("implicitRules"):
        return f"{path}.implicitRules"
    own = {name: value for name, value in resource.items() if name != "contained"}
    waiting: list[tuple[str, Any, int]] = [(path, own, 0)]
    while waiting:
        place, item, depth = waiting.pop()
        if isinstance(item, dict):
            if item.get("modifierExtension"):
                return f"{place}.modifierExtension"
            below = [(f"{place}.{name}", value, depth + 1) for name, value in item.items()]
        else:
            below = [(f"{place}[{n}]", value, depth + 1) for n, value in enumerate(item)]
        if depth < DEEPEST:
            waiting += [row for row in reversed(below) if isinstance(row[1], (dict, list))]
    return None
