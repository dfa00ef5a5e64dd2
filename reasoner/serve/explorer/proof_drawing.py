"""The proof of an answer as a drawing: facts of the record on top, then what follows, in layers.

Steps of a kind that rest on the same are one box, as the rows of the table are. Terms of the graph
are left out: they rest on nothing, and the list of the steps beside names them.
"""

from xml.etree.ElementTree import tostring

from reasoner.answer.proof_steps import rows
from reasoner.messages.escaping import in_page
from reasoner.serve.explorer.layered_drawing import Box, Edge, Layout, draw
from reasoner.serve.explorer.pages import MARKS

LAYER = {
    "fact": 0,
    "shown": 1,
    "criterion": 2,
    "scenario": 3,
    "withheld": 3,
    "flag": 3,
    "recommendation": 4,
    "agreed": 4,
    "conflict": 5,
    "source": 5,
    "unrated": 5,
    "alert": 5,
    "decision": 6,
    "next step": 5,
    "assumption": 5,
    "order": 6,
    "question": 6,
}  # the layer of a kind of step, unless it rests on one there
ALONE = ("fact", "shown", "criterion", "scenario", "order")  # kinds of which each has its own box
MOST = 150  # boxes that a drawing can be read with
SIZES = {"wide": (860, 4), "narrow": (360, 2)}  # pixels and columns, for a desk and for a phone


def drawings(explained: dict, name: str) -> dict[str, str]:
    """The drawings of a proof as SVG by their size; `name` is unique in the page.

    Given is a presentation of an explained answer. A proof of more than `MOST` boxes has none.
    """
    title = "The proof as a graph"
    description = (
        "Facts of the record above, what follows from them below; the list of steps says the same."
    )
    by_size: dict[str, str] = {}
    for size, (width, columns) in SIZES.items():
        boxes, edges = graph(explained)
        if len(boxes) > MOST:
            break
        layout = Layout(boxes, edges, width, columns)
        svg = draw(layout, f"{name}-{size}", title, description)
        svg.set("class", size)
        by_size[size] = tostring(svg, encoding="unicode")
    return by_size


def graph(explained: dict) -> tuple[list[Box], list[Edge]]:
    """The boxes and edges of a proof; a box is named for the first step in it."""
    looks = looks_of(explained)
    shared: dict[tuple, Box] = {}
    holding: dict[int, Box] = {}
    edges: dict[Edge, None] = {}
    for step in (step for step in explained["steps"] if step["kind"] in LAYER):
        kind, look = step["kind"], looks.get(step["id"], "")
        below = [holding[n] for n in step["because"] if n in holding]
        names = tuple(sorted({box.name for box in below}))
        alone = kind in ALONE or not names
        key = (step["id"],) if alone else (kind, *names, "" if kind == "recommendation" else look)
        if key not in shared:
            layer = max([LAYER[kind], *(box.layer + 1 for box in below)])
            classes = kind.replace(" ", "-") + ("" if kind == "recommendation" else f" {look}")
            shared[key] = Box(str(step["id"]), classes.rstrip(), [], layer)
            edges.update(((name, shared[key].name), None) for name in names)
        holding[step["id"]] = box = shared[key]
        box.texts.append(text_of(step, look))
        box.wide = len(box.texts) > 2
    return list(shared.values()), list(edges)


def text_of(step: dict, look: str) -> tuple[str, str]:
    """The text of a step in a box, and its class: a rating has the mark of its category."""
    category = next((name for name in look.split() if name in MARKS), "")
    mark = f"{MARKS[category]} " if category and step["kind"] == "recommendation" else ""
    return in_page(f"{mark}{step['id']}. {step['text'].removeprefix('recorded: ')}"), look


def looks_of(explained: dict) -> dict[int, str]:
    """The status, category or severity of steps, by their number: the class in the drawing."""
    looks = {}
    for _, row in rows(explained):
        look = row.get("category") or row.get("status") or row.get("severity") or ""
        suffix = " aside" if row.get("setAside") else ""
        if "step" in row and look + suffix:
            looks[row["step"]] = (look + suffix).strip()
    return looks
