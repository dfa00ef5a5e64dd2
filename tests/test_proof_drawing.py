"""The drawing of a proof: layers from top to bottom, no edge through a box, whole in its width."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from bundles import MRI_THIGH, bundle, inconclusive, order
from conftest import CASES

pytest.importorskip("fastapi", reason="the service needs: pip install '.[serve]'")

from reasoner.answer.proof_steps import LISTS
from reasoner.intake.opening import example  # noqa: E402
from reasoner.serve.explorer.layered_drawing import LETTER, PAD, Box, Layout, draw  # noqa: E402
from reasoner.serve.explorer.proof_drawing import LAYER, SIZES, drawings  # noqa: E402

TURN = re.compile(r"([MHV])(-?[\d.]+)(?: (-?[\d.]+))?")


def segments(way: str) -> list[tuple[float, float, float, float]]:
    """The straight parts of a path, each as left, top, right, bottom."""
    found, x, y = [], 0.0, 0.0
    for turn, one, two in TURN.findall(way):
        before = x, y
        x = float(one) if turn in "MH" else x
        y = float(two) if turn == "M" else float(one) if turn == "V" else y
        if turn != "M":
            found.append((*map(min, before, (x, y)), *map(max, before, (x, y))))
    return found


def read(svg: ElementTree.Element) -> tuple[dict, dict]:
    """The boxes of a drawing, as left, top, right, bottom, and the parts of its edges."""
    boxes = {}
    for group in svg.iter("g"):
        x, y, wide, high = (float(group.find("rect").get(n)) for n in ("x", "y", "width", "height"))
        boxes[group.get("data-box")] = x, y, x + wide, y + high
    edges = {
        (p.get("data-from"), p.get("data-to")): segments(p.get("d"))
        for p in svg.iter("path")
        if p.get("data-from")
    }
    return boxes, edges


def meet(one: tuple, other: tuple, slack: float = 0.5) -> bool:
    """Whether two rectangles share more than an edge."""
    return (
        one[0] < other[2] - slack
        and other[0] < one[2] - slack
        and one[1] < other[3] - slack
        and other[1] < one[3] - slack
    )


def crossed(part: tuple, box: tuple, slack: float = 0.5) -> bool:
    """Whether a line runs through a box; that it touches its border is no fault."""
    return (
        part[0] < box[2] - slack
        and part[2] > box[0] + slack
        and part[1] < box[3] - slack
        and part[3] > box[1] + slack
    )


def faults(svg: ElementTree.Element) -> list[str]:
    """What is wrong with a drawing."""
    boxes, edges = read(svg)
    _, _, width, height = map(float, svg.get("viewBox").split())
    found = [f"{a} lies on {b}" for a, b in combinations(boxes, 2) if meet(boxes[a], boxes[b])]
    found += [
        f"{edge} runs through {name}"
        for edge, parts in edges.items()
        for name, box in boxes.items()
        if any(crossed(part, box) for part in parts)
    ]
    found += [
        f"{what} is cut off"
        for what, parts in [*edges.items(), *((name, [box]) for name, box in boxes.items())]
        for part in parts
        if part[0] < 0 or part[1] < 0 or part[2] > width or part[3] > height
    ]
    found += [
        f"{edge} does not run down" for edge in edges if boxes[edge[0]][3] > boxes[edge[1]][1]
    ]
    for (edge, parts), (other, others) in combinations(edges.items(), 2):
        if edge[0] != other[0] and any(on_top(a, b) for a in parts for b in others):
            found.append(f"{edge} and {other} cannot be told apart")
    for group in svg.iter("g"):
        room = float(group.find("rect").get("width")) - 2 * PAD
        found += [
            f"{group.get('data-box')} is too small for its text"
            for text in group.iter("text")
            if len(text.text) * LETTER > room + 1
        ]
    return found


def on_top(one: tuple, other: tuple) -> bool:
    """Whether two straight lines of one direction lie on one another."""
    upright = one[0] == one[2], other[0] == other[2]
    if all(upright):
        return abs(one[0] - other[0]) < 1 and one[1] < other[3] - 1 and other[1] < one[3] - 1
    if any(upright):
        return False
    return abs(one[1] - other[1]) < 1 and one[0] < other[2] - 1 and other[0] < one[2] - 1


@pytest.fixture(scope="module")
def drawn(replies):
    """The drawings of each case: explained presentation, and SVG by size."""
    return {
        name: [
            (
                p,
                {
                    size: ElementTree.fromstring(svg)
                    for size, svg in drawings(p, f"proof-{n}").items()
                },
            )
            for n, p in enumerate(reply.explained["presentations"])
        ]
        for name, reply in replies.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_no_edge_passes_through_a_box_and_all_can_be_read(case, drawn):
    for _, found in drawn[case]:
        for size, svg in found.items():
            assert faults(svg) == [], size
            assert svg.get("viewBox").split()[2] == str(SIZES[size][0])


@pytest.mark.parametrize("case", CASES)
def test_the_drawing_says_what_the_steps_say(case, drawn):
    for p, found in drawn[case]:
        steps = {s["id"]: s for s in p["steps"] if s["kind"] in LAYER}
        for svg in found.values():
            box_of = {}
            for group in svg.iter("g"):
                words = [t.text for t in group.iter("text")]
                for line in words:
                    if number := re.match(r"(?:\S )?(\d+)\.(?: |$)", line):
                        box_of.setdefault(int(number[1]), group.get("data-box"))
            assert set(steps) <= set(box_of)
            edges = {
                (box_of[b], box_of[n]) for n, s in steps.items() for b in s["because"] if b in steps
            }
            assert set(read(svg)[1]) == edges


def spoilt(change) -> list[str]:
    """The faults of a drawing of three boxes in a row, of which the first leads past the second to
    the third, after a change to it.
    """
    boxes = [Box(name, "fact", [(f"{n}. a text", "")], n) for n, name in enumerate("abc")]
    svg = draw(Layout(boxes, [("a", "b"), ("b", "c"), ("a", "c")], 300, 2), "x", "t", "d")
    svg = ElementTree.fromstring(ElementTree.tostring(svg))
    assert faults(svg) == []
    change({g.get("data-box"): g.find("rect") for g in svg.iter("g")}, svg)
    return faults(svg)


@pytest.mark.parametrize(
    "change, fault",
    [
        (
            lambda boxes, svg: boxes["b"].set("x", "0") or boxes["b"].set("width", "299"),
            "('a', 'c') runs through b",
        ),
        (lambda boxes, svg: boxes["b"].set("y", boxes["a"].get("y")), "a lies on b"),
        (lambda boxes, svg: svg.set("viewBox", "0 0 100 999"), "c is cut off"),
        (lambda boxes, svg: boxes["c"].set("width", "9"), "c is too small for its text"),
        (lambda boxes, svg: boxes["a"].set("height", "400"), "('a', 'b') does not run down"),
        (
            lambda boxes, svg: svg.append(
                ElementTree.Element("path", {**next(svg.iter("path")).attrib, "data-from": "c"})
            ),
            "cannot be told apart",
        ),
    ],
)
def test_each_fault_of_a_drawing_is_found(change, fault):
    assert any(fault in found for found in spoilt(change))


def test_a_drawing_is_read_aloud_and_needs_no_script_or_style(reasoner):
    [p] = reasoner.reply(example()).explained["presentations"]
    for size, text in drawings(p, "proof-1").items():
        svg = ElementTree.fromstring(text)
        named = {e.get("id"): e.text for e in svg.iter() if e.get("id")}
        assert svg.get("role") == "img"
        assert [len(named[i]) > 10 for i in svg.get("aria-labelledby").split()] == [True, True]
        assert all(name.startswith(f"proof-1-{size}") for name in named)
        assert "style=" not in text and "<script" not in text and "href" not in text


def test_a_proof_is_drawn_the_same_every_time(reasoner):
    one, other = (
        drawings(reasoner.reply(example()).explained["presentations"][0], "a") for _ in range(2)
    )
    assert one == other


def test_a_hostile_text_is_drawn_and_does_nothing():
    p = {
        "steps": [
            {
                "id": 1,
                "kind": "fact",
                "text": "<img src=x>\x1b[0m\u202e",
                "about": "x",
                "because": [],
                "sources": [],
            }
        ]
    }
    empty = {name: [] for name in LISTS}
    for svg in drawings({**empty, **p}, "a").values():
        assert "<img" not in svg and "\x1b" not in svg and "\u202e" not in svg
        assert "&lt;img" in svg


def test_an_order_whose_rating_is_withheld_is_drawn_without_one(reasoner):
    words = {
        "resourceType": "Condition",
        "id": "told",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "Cardiac pacemaker in situ, MR unsafe"},
    }
    for more, category in (([], "order usually-appropriate"), ([words], "order")):
        reply = reasoner.reply(bundle(*inconclusive(), order("mri", MRI_THIGH), *more))
        for svg in drawings(reply.explained["presentations"][0], "a").values():
            kinds = [g.get("class") for g in ElementTree.fromstring(svg).iter("g")]
            assert f"box {category}" in kinds


def many(orders: int) -> list:
    """A record with many orders for one mass."""
    return bundle(*inconclusive(), *(order(f"o{n}", MRI_THIGH) for n in range(orders)))


def test_a_large_proof_is_drawn_whole_and_a_larger_one_not_at_all(reasoner):
    [p] = reasoner.reply(many(60)).explained["presentations"]
    for svg in drawings(p, "a").values():
        found = [f for f in faults(ElementTree.fromstring(svg)) if "told apart" not in f]
        assert found == []
    [p] = reasoner.reply(many(200)).explained["presentations"]
    assert drawings(p, "a") == {} and len(p["orders"]) == 200
