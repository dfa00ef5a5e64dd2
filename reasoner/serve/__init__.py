"""The HTTP service: SPARQL endpoint, explorer in the browser, CDS Hooks and a JSON API.

A request takes all it needs from one `Snapshot` of the graph, which a reload replaces in one step:
an answer comes from the old graph or from the new one, never from both.
"""

from reasoner.serve.settings import Settings

__all__ = ["Settings", "create_app"]


def __getattr__(name: str):
    """Imports `create_app` when it is asked for, so that the settings need nothing installed."""
    if name != "create_app":
        raise AttributeError(name)
    from reasoner.serve.app import create_app

    return create_app
