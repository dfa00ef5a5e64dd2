"""Renders pages from templates, with headers under which a browser loads nothing from elsewhere."""

from functools import cache
from hashlib import sha256
from pathlib import Path

import jinja2
from starlette.responses import Response

from reasoner.answer.wording import CATEGORY, NO_REASON, OUTCOME, capital, is_unmet, quoted, states
from reasoner.messages.escaping import in_page
from reasoner.names import curie
from reasoner.serve.snapshot import Snapshot

HERE = Path(__file__).parents[1]
POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
# The query editor writes style attributes into what it shows.
EDITOR = POLICY + "; style-src 'self' 'unsafe-inline'"
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
MEDIA = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".rq": "application/sparql-query",
    ".svg": "image/svg+xml",
    "": "text/plain",
    ".md": "text/markdown",
}
MARKS = {
    "usually-appropriate": "✓",
    "may-be-appropriate": "~",
    "may-be-appropriate-disagreement": "≠",
    "usually-not-appropriate": "✕",
}  # shapes, for eyes that see no color
RADIATION = {
    "O": "no radiation",
    "varies": "radiation varies",
    "not-stated": "radiation not stated",
} | {str(n): f"radiation level {n} of 5" for n in range(1, 6)}


def local(iri: str) -> str:
    """The name of a term in addresses: `Schwannoma` for `ia:Schwannoma` or its IRI."""
    return curie(iri).removeprefix("ia:")


@cache
def environment() -> jinja2.Environment:
    """The templates; everything put into them is escaped."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=in_page,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    templates.filters.update(local=local, capital=capital, quoted=quoted, states=states)
    templates.tests.update(unmet=is_unmet)
    templates.globals.update(CATEGORY=CATEGORY, OUTCOME=OUTCOME, MARKS=MARKS, RADIATION=RADIATION)
    templates.globals.update(NO_REASON=NO_REASON)
    for name in templates.list_templates():
        templates.get_template(name)  # read now: the program may be replaced while it runs
    return templates


def page(
    template: str,
    status: int = 200,
    policy: str = POLICY,
    snapshot: Snapshot | None = None,
    **values,
) -> Response:
    """A page, or a part of one.

    Its headers allow no outside request, and name the snapshot of the graph that it shows.
    """
    text = environment().get_template(template).render(**values)
    named = snapshot.header if snapshot else {}
    return Response(
        text,
        status,
        HEADERS | named | {"Content-Security-Policy": policy, "Cache-Control": "no-store"},
        "text/html",
    )


@cache
def assets() -> dict[str, tuple[bytes, str, str]]:
    """The static files by name: content, media type and entity tag; read once."""
    paths = {
        path.relative_to(HERE / "static").as_posix(): path
        for path in sorted((HERE / "static").rglob("*"))
        if path.is_file()
    }
    return {
        name: (
            data := path.read_bytes(),
            MEDIA.get(path.suffix, "application/octet-stream"),
            f'"{sha256(data).hexdigest()[:32]}"',
        )
        for name, path in paths.items()
    }


def asset(name: str, known: str | None) -> Response | None:
    """A static file, or 304 when the browser has it under the entity tag `known`.

    None when there is no file of that name.
    """
    if name not in assets():
        return None
    data, media, tag = assets()[name]
    headers = HEADERS | {"ETag": tag, "Cache-Control": "public, max-age=0, must-revalidate"}
    return Response(None, 304, headers) if known == tag else Response(data, 200, headers, media)
