"""Draws the plots of a cohort as SVG and PNG; the same rows give the same bytes.

The only module that imports Matplotlib. It does without pyplot, whose backend is global, so that a
notebook that runs a cohort can still show its own figures.
"""

import io
from collections import Counter
from importlib import import_module
from textwrap import fill

from reasoner.messages.escaping import line

COLORS = {
    "usually-appropriate": "#2e7d32",
    "may-be-appropriate": "#f9a825",
    "may-be-appropriate-disagreement": "#fff176",
    "usually-not-appropriate": "#c62828",
    "set-aside": "#6a1b9a",
    "appropriate": "#2e7d32",
    "not-appropriate": "#c62828",
    "no-criteria-apply": "#757575",
    "information-missing": "#1565c0",
}
HATCHES = {
    "may-be-appropriate": "//",
    "may-be-appropriate-disagreement": "xx",
    "usually-not-appropriate": "\\\\",
    "set-aside": "..",
    "not-appropriate": "\\\\",
    "information-missing": "//",
}
WIDTH, LINE = 9.0, 0.17  # inches: of a plot, and of a line of text
STYLE = {
    "font.size": 10,
    "svg.hashsalt": "nextstudy",
    "svg.fonttype": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.5,
    "text.parse_math": False,
}
UNSTATED = "not stated"
Bars = dict[str, Counter]


def words(value) -> str:
    """A value as a label."""
    return line(str(value)).replace("-", " ")


def judgements(columns: list[str], rows: list[tuple]) -> Bars:
    """Bars of judgements, split by category."""
    bars: Bars = {}
    for judgement, category, orders in rows:
        bars.setdefault(words(judgement), Counter())[(category or judgement).replace(" ", "-")] += (
            orders
        )
    return bars


def split(columns: list[str], rows: list[tuple]) -> Bars:
    """Bars of the first column, split by the columns between it and the last."""
    return {
        first: Counter(
            dict(zip([c.replace("_", "-") for c in columns[1:-1]], counts[:-1], strict=True))
        )
        for first, *counts in rows
    }


def questions(columns: list[str], rows: list[tuple]) -> Bars:
    """Bars of questions."""
    return {question: Counter({"information-missing": orders}) for question, orders in rows}


PLOTS = {
    "orders-by-judgement": judgements,
    "orders-by-scenario": split,
    "orders-by-region": split,
    "facts-that-orders-lack": questions,
}


def get_ready() -> None:
    """Imports Matplotlib, which takes long."""
    for part in ("figure", "backends.backend_agg", "backends.backend_svg"):
        import_module(f"matplotlib.{part}")


def draw(name: str, title: str, columns: list[str], rows: list[tuple]) -> dict[str, bytes]:
    """The plot of the rows of a question, by format."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    bars = PLOTS[name](columns, rows)
    # The bar of orders for which nothing is stated may be the longest, and would hide the rest.
    unstated = bars.pop(UNSTATED, Counter()) if len(bars) > 1 else Counter()
    labels, places = [fill(line(label), 46) for label in bars], range(len(bars))
    parts = [part for part in COLORS if any(bar[part] for bar in bars.values())]
    height = sum(max(2, label.count("\n") + 1) for label in labels) * LINE * 1.15 + LINE * (
        6 + (len(parts) + 2) // 3
    )
    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), dpi=150, layout="constrained")
        axes = figure.subplots()
        left = [0] * len(bars)
        for part in parts:
            widths = [bar[part] for bar in bars.values()]
            axes.barh(
                places,
                widths,
                left=left,
                color=COLORS[part],
                hatch=HATCHES.get(part),
                edgecolor="white",
                label=words(part),
                height=0.72,
            )
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.bar_label(axes.containers[-1], [f"{total:,}" for total in left], padding=4)
        axes.set_yticks(places, labels)
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(0, max(left) * 1.08)
        axes.locator_params(axis="x", integer=True)
        axes.set_xlabel(
            "imaging orders"
            + (f" (not drawn: {unstated.total():,} for which it is {UNSTATED})" if unstated else "")
        )
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        if len(parts) > 1:
            figure.legend(
                frameon=False, loc="outside lower left", ncols=4 if len(parts) == 4 else 3
            )
        png, svg = io.BytesIO(), io.BytesIO()
        FigureCanvasAgg(figure).print_png(png, metadata={"Software": None})
        figure.set_layout_engine("none")  # the other form has the same layout
        FigureCanvasSVG(figure).print_svg(svg, metadata={"Date": None})
    return {"svg": svg.getvalue(), "png": png.getvalue()}
