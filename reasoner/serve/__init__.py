"""One process that answers over HTTP: SPARQL endpoint, explorer in the browser, CDS Hooks and a JSON API.

Everything a request needs hangs on one `Snapshot`, which a reload replaces in one step: an answer is made by the old
graph or by the new one, never by both.
"""

from reasoner.serve.settings import Settings

__all__ = ["Settings", "create_app"]


def __getattr__(name: str):
    """The application, imported when it is asked for, so that the settings need nothing installed."""
    if name != "create_app":
        raise AttributeError(name)
    from reasoner.serve.app import create_app

    return create_app
