"""Synthetic populations: patients with known answers, for tests and benchmarks.

    archetypes, defects -> persons (each of a seed and a number) -> forms -> generate -> output
    smallest -> models -> covered (the same, of the definitions of any topic) -> forms

The truth of a person follows from a table written by hand from the design, and from the rating
table; never from the reasoner, which it is there to check. That of a person of a topic is what the
definitions conclude of the classes of its facts. Nobody in a population exists.
"""

__all__ = ["Person", "person", "population"]


def __getattr__(name: str):
    """Imports `persons` when it is asked for, so that the command line need not wait for it."""
    if name not in __all__:
        raise AttributeError(name)
    from reasoner.synth import persons

    return getattr(persons, name)
