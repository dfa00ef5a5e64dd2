"""A drawing of a graph in layers, from top to bottom, in which no edge passes through a box.

Boxes stand in rows. Edges run where no box can be: sideways in the channel between two rows, and
down the margins past the rows between, each on a track of its own. There is no script in it, so it
prints, and it is the same every time.
"""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

LETTER, LINE, PAD = 6.9, 15.0, 7.0  # pixels: width of a letter, height of a line, inside a box
LANE, GAP, CLEAR, APART = 7.0, 12.0, 9.0, 4.5  # between tracks, boxes, box and track, line ends
MARGIN = 0.18  # of the width, at most, for the tracks in a margin
HEAD = 5.0  # an arrowhead
LINES, MORE = 6, " …"  # lines that a text may take; of several texts in a box each half as many


class Wrapper(textwrap.TextWrapper):
    """Breaks lines at blanks, and after the slash in the name of a resource."""

    wordsep_re = re.compile(r"(\s+|[^\s/]+/(?=\w))")


@dataclass
class Box:
    """A box of a drawing: its texts with the class of each, its own class, and its layer.

    A wide box has a row for itself.
    """

    name: str
    kind: str
    texts: list[tuple[str, str]]
    layer: int
    wide: bool = False
    lines: list[tuple[str, str]] = field(default_factory=list)
    row: int = 0
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0

    @property
    def height(self) -> float:
        """The height, by the lines."""
        return len(self.lines) * LINE + 2 * PAD - 3

    @property
    def middle(self) -> float:
        """Where an edge leaves the box."""
        return self.x + self.width / 2

    def wrap(self) -> None:
        """Breaks the texts into lines of the width."""
        letters = int((self.width - 2 * PAD) / LETTER)
        most = LINES if len(self.texts) == 1 else LINES // 2
        wrapper = Wrapper(letters, max_lines=most, placeholder=MORE)
        self.lines = [(line, kind) for text, kind in self.texts for line in wrapper.wrap(text)]


Edge = tuple[str, str]  # the names of two boxes, of which the first stands above the second


class Layout:
    """Where boxes stand and edges run, in a drawing of a given width with so many columns."""

    def __init__(self, boxes: list[Box], edges: Iterable[Edge], width: float, columns: int):
        self.boxes = {box.name: box for box in boxes}
        self.above: dict[str, list[str]] = {name: [] for name in self.boxes}
        for source, target in dict.fromkeys(edges):
            self.above[target].append(source)
        self.width, self.columns = width, columns
        self.rows = self.put_into_rows()
        self.sides = self.choose_tracks()
        self.place_boxes()
        self.lanes = self.choose_lanes()
        self.height = self.place_rows()
        self.ends = self.choose_ends()

    def put_into_rows(self) -> list[list[Box]]:
        """The boxes in rows: layer by layer, each box below its sources where possible."""
        place: dict[str, float] = {}
        rows: list[list[Box]] = []
        for layer in sorted({box.layer for box in self.boxes.values()}):
            mine = [box for box in self.boxes.values() if box.layer == layer]
            mine.sort(key=lambda box: self.pulled(box, place))
            place |= {box.name: (n + 0.5) / len(mine) for n, box in enumerate(mine)}
            narrow = [box for box in mine if not box.wide]
            count = -(-len(narrow) // self.columns)
            rows += [
                narrow[len(narrow) * n // count : len(narrow) * (n + 1) // count]
                for n in range(count)
            ]
            rows += [[box] for box in mine if box.wide]
        for number, row in enumerate(rows):
            for box in row:
                box.row = number
        return rows

    def pulled(self, box: Box, place: dict[str, float]) -> float:
        """Where the boxes that a box hangs on stand, from left to right, on average."""
        above = [place[name] for name in self.above[box.name]]
        return sum(above) / len(above) if above else 0.5

    def choose_tracks(self) -> tuple[dict[str, int], dict[str, int]]:
        """The tracks in the left and in the right margin, of the boxes with edges past a row."""
        spans: dict[str, tuple[int, int]] = {}
        for target, sources in self.above.items():
            for source in sources:
                first, last = self.boxes[source].row, self.boxes[target].row - 1
                if last > first:
                    spans[source] = (first, max(last, spans.get(source, (0, 0))[1]))
        sides: tuple[dict[str, int], dict[str, int]] = ({}, {})
        used: tuple[list[int], list[int]] = ([], [])
        for source in sorted(spans, key=lambda name: spans[name]):
            (first, last), row = spans[source], self.rows[self.boxes[source].row]
            right = 2 * row.index(self.boxes[source]) >= len(row)
            if len(row) == 1:
                right = len(used[1]) < len(used[0])
            ends = used[right]
            free = next((n for n, end in enumerate(ends) if end < first), len(ends))
            ends[free : free + 1] = [last]
            sides[right][source] = free
        return sides

    def place_boxes(self) -> None:
        """Gives boxes their place from left to right and their width, and breaks their texts."""
        left, right = (self.margin(side) for side in (0, 1))
        room = self.width - left - right
        most = (room - GAP * (self.columns - 1)) / self.columns
        for row in self.rows:
            even = (room - GAP * (len(row) - 1)) / len(row)
            width = min(even, 640) if row[0].wide else min(even, most * 1.35)
            start = left + (room - len(row) * width - GAP * (len(row) - 1)) / 2
            for n, box in enumerate(row):
                box.width, box.x = width, start + n * (width + GAP)
                box.wrap()

    def apart(self, side: int) -> float:
        """The distance between the tracks of a margin: narrow when there are many."""
        tracks = max(self.sides[side].values(), default=-1) + 1
        return min(LANE, self.width * MARGIN / tracks) if tracks else 0.0

    def margin(self, side: int) -> float:
        """The width of the left (0) or the right (1) margin."""
        tracks = max(self.sides[side].values(), default=-1) + 1
        return 1 + (tracks * self.apart(side) + CLEAR if tracks else 0)

    def track(self, source: str) -> float:
        """The place of the track of a box in a margin."""
        if source in self.sides[0]:
            return self.margin(0) - CLEAR - self.apart(0) * self.sides[0][source]
        return self.width - self.margin(1) + CLEAR + self.apart(1) * self.sides[1][source]

    def choose_lanes(self) -> list[list[str]]:
        """The boxes that have an edge sideways below each row, in the order of their lanes."""
        lanes: list[dict[str, None]] = [{} for _ in self.rows]
        for target, sources in self.above.items():
            for source in sources:
                lanes[self.boxes[source].row][source] = None
                lanes[self.boxes[target].row - 1][source] = None
        return [
            sorted(lane, key=lambda name: (self.boxes[name].row, -self.boxes[name].x))
            for lane in lanes
        ]

    def place_rows(self) -> float:
        """Gives boxes their place from top to bottom; returns the height of the drawing."""
        y = 1.0
        self.bottoms: list[float] = []
        for row, lanes in zip(self.rows, self.lanes, strict=True):
            for box in row:
                box.y = y
            y += max(box.height for box in row)
            self.bottoms.append(y)
            y += CLEAR + LANE * len(lanes) + CLEAR + HEAD
        return self.bottoms[-1] + 2 if self.bottoms else 2.0

    def lane(self, row: int, source: str) -> float:
        """The height of the lane of a box below a row."""
        return self.bottoms[row] + CLEAR + LANE * self.lanes[row].index(source)

    def choose_ends(self) -> dict[Edge, float]:
        """Where edges enter their boxes: side by side, and not in line with one that leaves."""
        ends: dict[Edge, float] = {}
        for number, row in enumerate(self.rows):
            taken = [box.middle for box in self.rows[number - 1]] if number else []
            for box in row:
                sources = sorted(self.above[box.name], key=lambda name: self.comes_from(name, box))
                stride = box.width / (len(sources) + 1)
                for n, source in enumerate(sources, 1):
                    even = box.x + stride * n
                    shifts = (even + APART / 2 * k for k in range(int(2 * stride / APART) + 1))
                    free = (x for x in shifts if all(abs(x - t) >= APART for t in taken))
                    ends[source, box.name] = x = next(free, even)
                    taken.append(x)
        return ends

    def comes_from(self, source: str, target: Box) -> float:
        """From where an edge comes to its box: from the box above, or from a margin."""
        box = self.boxes[source]
        return box.middle if box.row == target.row - 1 else self.track(source)

    def path(self, source: str, target: str) -> str:
        """The way of an edge, as an SVG path without its arrowhead."""
        first, last, end = self.boxes[source], self.boxes[target], self.ends[source, target]
        way = f"M{first.middle:.1f} {first.y + first.height:.1f}V{self.lane(first.row, source):.1f}"
        if last.row - 1 > first.row:
            way += f"H{self.track(source):.1f}V{self.lane(last.row - 1, source):.1f}"
        return f"{way}H{end:.1f}V{last.y - HEAD:.1f}"


def draw(layout: Layout, name: str, title: str, description: str) -> Element:
    """The drawing as SVG; `name` is what its ids begin with, `title` and `description` are read
    aloud in its place.
    """
    svg = Element(
        "svg",
        {
            "viewBox": f"0 0 {layout.width:g} {layout.height:g}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-text",
        },
    )
    SubElement(svg, "title", {"id": f"{name}-title"}).text = title
    SubElement(svg, "desc", {"id": f"{name}-text"}).text = description
    for target, sources in layout.above.items():
        for source in sources:
            x, y = layout.ends[source, target], layout.boxes[target].y
            kind = layout.boxes[source].kind.split()[0]
            SubElement(
                svg,
                "path",
                {
                    "class": f"edge from-{kind}",
                    "data-from": source,
                    "data-to": target,
                    "d": layout.path(source, target),
                },
            )
            SubElement(
                svg,
                "path",
                {
                    "class": f"head from-{kind}",
                    "d": f"M{x:.1f} {y:.1f}l-3 -{HEAD:g}h6z",
                },
            )
    for box in layout.boxes.values():
        group = SubElement(svg, "g", {"class": f"box {box.kind}", "data-box": box.name})
        SubElement(
            group,
            "rect",
            {
                "x": f"{box.x:.1f}",
                "y": f"{box.y:.1f}",
                "width": f"{box.width:.1f}",
                "height": f"{box.height:.1f}",
                "rx": "5",
            },
        )
        for n, (line, kind) in enumerate(box.lines):
            SubElement(
                group,
                "text",
                {
                    "x": f"{box.x + PAD:.1f}",
                    "y": f"{box.y + PAD + 8.5 + n * LINE:.1f}",
                    **({"class": kind} if kind else {}),
                },
            ).text = line
    return svg
