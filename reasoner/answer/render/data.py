"""An answer as data: JSON and Turtle."""

import json

from reasoner.answer.render.replied import Replied
from reasoner.messages import escaping


def as_json(reply: Replied, explain: bool) -> str:
    """The answer as JSON; with `explain`, each presentation has the steps of its proof."""
    answer = reply.explained if explain else reply.answer
    return escaping.as_json(json.dumps(answer, indent=1, ensure_ascii=False)) + "\n"


def as_turtle(reply: Replied, explain: bool) -> str:
    """The record and all conclusions, each with its premises, as Turtle."""
    return escaping.as_turtle(reply.turtle().decode())
