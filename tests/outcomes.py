"""What the installed package makes of records, one a line: `python outcomes.py RECORDS` prints the
file of a module, then the answer and rows of each record, or its error.
"""

import sys
from importlib import import_module
from pathlib import Path

import orjson

from reasoner.api import Reasoner
from reasoner.cohort.answering import Population
from reasoner.errors import NextstudyError


def outcome(population: Population, document) -> str:
    """The answer and the rows of a record as JSON, or the error that it ends in."""
    try:
        found = population.read(document)
        return orjson.dumps({"answer": found.answer, "rows": found.rows}).decode()
    except (
        NextstudyError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        return f"{type(error).__name__}: {error}"


def main() -> None:
    """Prints all outcomes, each record asked often enough to be remembered."""
    print(import_module("reasoner.intake.read").__file__)
    population = Population(Reasoner())
    for line in Path(sys.argv[1]).open("rb"):
        print(*dict.fromkeys(outcome(population, orjson.loads(line)) for _ in range(3)))


if __name__ == "__main__":
    main()
