"""An answer as data: JSON and Turtle."""

import json

from reasoner import shown
from reasoner.render.replied import Replied


def as_json(reply: Replied, explain: bool) -> str:
    """The answer as JSON; with `explain`, each presentation has its proofs under `proof`."""
    answer = reply.answer
    if explain:
        proven = [
            {**p, "proof": [step.as_dict() for step in reply.proofs(p["id"])]}
            for p in answer["presentations"]
        ]
        answer = {**answer, "presentations": proven}
    return shown.as_json(json.dumps(answer, indent=1, ensure_ascii=False)) + "\n"


def as_turtle(reply: Replied, explain: bool) -> str:
    """The record and all conclusions, each with its premises, as Turtle."""
    return shown.as_turtle(reply.turtle().decode())
