"""Creates the FastAPI application: middleware, shared state, and the router of each protocol."""

from fastapi import FastAPI

from reasoner.serve.body_limit import BodyLimit
from reasoner.serve.cds_hooks import services as cds
from reasoner.serve.cross_origin import CrossOrigin, read_origins
from reasoner.serve.explorer import routes as explorer
from reasoner.serve.hosts import HostGuard, read_hosts
from reasoner.serve.json_api import routes as api
from reasoner.serve.lifecycle import lifespan
from reasoner.serve.logs import AccessLog
from reasoner.serve.processes.dispatcher import Dispatcher
from reasoner.serve.settings import Settings
from reasoner.serve.snapshot import State
from reasoner.serve.sparql import protocol as sparql


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application over one loaded graph.

    Raises InputError for settings that must not be served.
    """
    settings = settings or Settings()
    names, origins = read_hosts(settings), read_origins(settings)
    state = State(settings)
    dispatcher = Dispatcher(state.settings)
    app = FastAPI(
        title="nextstudy",
        summary="The next imaging study for a patient, with the proof.",
        version=state.current.reasoner.knowledge.version,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan(state, dispatcher),
    )
    app.state.nextstudy = state
    app.add_middleware(CrossOrigin, origins=origins)
    app.add_middleware(BodyLimit, megabytes=state.settings.body_megabytes)
    app.add_middleware(HostGuard, names=names)
    app.add_middleware(AccessLog)
    app.include_router(sparql.router(state, dispatcher))
    app.include_router(explorer.router(state, dispatcher))
    app.include_router(api.router(state, dispatcher))
    app.include_router(cds.router(state, dispatcher))
    return app
