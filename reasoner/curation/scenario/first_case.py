"""The first case of a new scenario: the record that comes nearest to it, and what it must say."""

import json
from collections.abc import Iterator
from pathlib import Path

from reasoner.answer.cache.answer_cache import Memory
from reasoner.curation.cases import records
from reasoner.curation.scenario.plan import Plan
from reasoner.errors import NextstudyError
from reasoner.names import RDF_TYPE, curie


def first_case(plan: Plan, answers: Memory, folders: list[Path]) -> tuple[dict, dict, list[str]]:
    """A record to start from, what its answer must say, and the criteria that it does not meet.

    Of the Bundles with one presentation it is the one that meets most criteria, of these the
    smallest; one in the scenario that the new one resembles comes first.
    """
    from reasoner.answer.reply import replied

    candidates = []
    for data in example_and_records(folders):
        try:
            reply = replied(answers, data)
        except NextstudyError:
            continue
        presentations = reply.answer["presentations"]
        if len(presentations) != 1 or b'"Bundle"' not in data:
            continue
        (one,) = presentations
        types = reply.facts.objects(reply.record.presentations[0], RDF_TYPE)
        unmet = [c for c in plan.criteria if c not in types]
        is_near = plan.like and any(
            s["id"] == curie(plan.like) and s["status"] == "applies" for s in one["scenarios"]
        )
        has_place = one["region"] and one["id"].startswith("Condition/")
        rank = (len(unmet), not is_near, not has_place, len(data), data)
        candidates.append((*rank, one["id"], unmet))
    data, presentation, unmet = min(candidates)[4:]
    expected = {"presentations": {presentation: {"applies": [curie(plan.name)]}}}
    return json.loads(data), expected, unmet


def example_and_records(folders: list[Path]) -> Iterator[bytes]:
    """The bundled example, then the JSON records of some folders of cases."""
    from reasoner.intake.opening import example

    yield example()
    for folder in folders:
        if folder.is_dir():
            yield from (p.read_bytes() for p in records(folder) if p.suffix == ".json")
