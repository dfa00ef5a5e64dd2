"""The other way round: a resource of a shape, under other names and days, in the form that a record is read from."""

from collections.abc import Iterator

from reasoner.cohort.shape import ELEMENTS, REFERENCE, TEXT, VALUES


def rebuild(kind: str, shape: tuple, name: str, references: Iterator[str], days: dict[str, str]) -> dict:
    """A resource of a shape with its own name (`Condition/~0001`), what it refers to in order, and its dates by element."""
    made = {"resourceType": kind, "id": name.split("/", 1)[1], **days}
    for element, found in shape:
        made[element] = WAYS[ELEMENTS[kind].get(element) or VALUES.get(element, "presence")](found, references)
    return made


def concept(found: tuple, references) -> dict | list:
    """A CodeableConcept, or a list of them."""
    if found and found[0] is list:
        return [concept(item, references) for item in found[1:]]
    return {"coding": [{"system": pair[0], "code": pair[1]} for pair in found if pair != TEXT]} | ({"text": TEXT} if TEXT in found else {})


def reference(found, references: Iterator[str]) -> dict | list:
    """A reference, or a list of them."""
    return {"reference": next(references)} if found == REFERENCE else [reference(item, references) for item in found[1:]]


def anything(found, references: Iterator[str]):
    """An element of another build."""
    if type(found) is not tuple:
        return found
    if found[0] is list:
        return [anything(item, references) for item in found[1:]]
    return {name: next(references) if item == REFERENCE else anything(item, references) for name, item in found[1:]}


WAYS = {"concept": concept, "reference": reference, "any": anything, "presence": lambda found, references: [found],
        "plain": lambda found, references: found, "quantity": lambda found, references: dict(found),
        "status": lambda found, references: found if type(found) is str else concept(found, references),
        "extension": lambda found, references: [{"valueReference": item} for item in reference(found, references)]}
