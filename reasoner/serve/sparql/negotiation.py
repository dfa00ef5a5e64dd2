"""Which form of an answer a client takes, by its Accept header."""

from functools import lru_cache

RESULTS = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
GRAPHS = {
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "application/n-triples": "ntriples",
    "text/plain": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/xml": "rdfxml",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
}
MEDIA = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "turtle": "text/turtle; charset=utf-8",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}


@lru_cache(maxsize=256)
def form(accept: str, graph: bool) -> str | None:
    """The form that an Accept header prefers, of a graph or of results; None without any."""
    offered = GRAPHS if graph else RESULTS
    ranges = [parse(part) for part in (accept or "*/*").split(",") if part.strip()] or [
        ("*/*", 1.0)
    ]
    # The first of equals is JSON for results, Turtle for a graph.
    best = max(offered, key=lambda media: quality(media, ranges))
    return offered[best] if quality(best, ranges) > 0 else None


def parse(part: str) -> tuple[str, float]:
    """A media range and its quality."""
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    given = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return media, min(max(float(given), 0.0), 1.0)
    except ValueError:
        return media, 0.0


def quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """The quality of the narrowest range that a media type is in."""
    for wanted in (media, media.split("/")[0] + "/*", "*/*"):
        qualities = [q for range_, q in ranges if range_ == wanted]
        if qualities:
            return max(qualities)
    return 0.0
