"""The plots of a cohort, as SVG and PNG: the same rows give the same bytes. The one door to Matplotlib.

Without pyplot, whose backend is everybody's: a notebook that runs a cohort goes on to show its own figures.
"""

import io
from collections import Counter

from matplotlib import rc_context
from matplotlib.figure import Figure

COLORS = {"usually-appropriate": "#2e7d32", "may-be-appropriate": "#f9a825", "may-be-appropriate-disagreement": "#fdd835", "usually-not-appropriate": "#c62828", "set aside": "#6a1b9a",
          "appropriate": "#2e7d32", "not-appropriate": "#c62828", "no-criteria-apply": "#757575", "information-missing": "#1565c0"}
HATCHES = {"may-be-appropriate": "//", "may-be-appropriate-disagreement": "xx", "usually-not-appropriate": "\\\\", "set aside": "..", "not-appropriate": "\\\\", "information-missing": "//"}
WIDTH = 9.0  # inches
STYLE = {"font.size": 10, "svg.hashsalt": "nextstudy", "svg.fonttype": "none", "axes.spines.top": False, "axes.spines.right": False, "hatch.linewidth": 0.5}


def words(value) -> str:
    """A value as a label."""
    return "not known" if value is None else str(value).removeprefix("ia:").replace("-", " ")


def judgements(rows: list[tuple]) -> dict[str, Counter]:
    """Bars of judgements, split by category."""
    bars: dict[str, Counter] = {}
    for judgement, category, aside, orders in rows:
        bars.setdefault(words(judgement), Counter())["set aside" if aside else category or judgement] += orders
    return bars


def pairs(rows: list[tuple]) -> dict[str, Counter]:
    """Bars of the first column, split by the second."""
    bars: dict[str, Counter] = {}
    for first, second, count in rows:
        bars.setdefault(words(first), Counter())[second] += count
    return dict(sorted(bars.items(), key=lambda bar: -bar[1].total()))


def questions(rows: list[tuple]) -> dict[str, Counter]:
    """Bars of questions."""
    return {question: Counter({"information-missing": orders}) for _, question, orders in rows}


PLOTS = {"orders-by-judgement": judgements, "orders-by-scenario": pairs, "orders-by-region": pairs, "facts-that-orders-lack": questions}


def draw(name: str, title: str, rows: list[tuple]) -> dict[str, bytes]:
    """The plot of the rows of a question, by format."""
    bars = PLOTS[name](rows)
    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 1.4 + 0.42 * len(bars)), layout="constrained")
        axes = figure.subplots()
        parts = sorted({part for bar in bars.values() for part in bar}, key=lambda part: list(COLORS).index(part) if part in COLORS else 99)
        labels, places = [wrapped(label) for label in bars], range(len(bars))
        left = [0] * len(bars)
        for part in parts:
            widths = [bar[part] for bar in bars.values()]
            axes.barh(places, widths, left=left, color=COLORS.get(part, "#999999"), hatch=HATCHES.get(part), edgecolor="white", label=words(part), height=0.72)
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.bar_label(axes.containers[-1], [f"{total:,}" for total in left], padding=4)
        axes.set_yticks(places, labels)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.set_xlabel("imaging orders")
        axes.set_title(title, loc="left")
        if len(parts) > 1:
            axes.legend(frameon=False, loc="lower right")
        made = {}
        for form in ("svg", "png"):
            file = io.BytesIO()
            figure.savefig(file, format=form, dpi=150, metadata={"Date": None} if form == "svg" else {"Software": None})
            made[form] = file.getvalue()
    return made


def wrapped(label: str, width: int = 48) -> str:
    """A label on as many lines as it needs."""
    lines = [""]
    for word in label.split():
        lines[-1:] = [f"{lines[-1]} {word}".strip()] if len(lines[-1]) + len(word) < width else [lines[-1], word]
    return "\n".join(lines)
