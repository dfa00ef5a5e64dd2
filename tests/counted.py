"""How much work a call does, counted and not timed; and examples for tests of generated inputs."""

import sys

from hypothesis import example


def lines_run(work, *given) -> int:
    """How many lines of Python run in some work."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work(*given)
    finally:
        sys.settrace(before)
    return count


def with_examples(inputs):
    """A decorator that gives a test each of some inputs as an example."""

    def decorate(test):
        for given in inputs:
            test = example(given)(test)
        return test

    return decorate
