"""What a reload leaves behind: one graph, whatever was asked of those before it, and a service that has not grown."""

import gc
import weakref
from functools import cache

import pytest

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from fastapi.testclient import TestClient  # noqa: E402
from serving import reload, resident, service  # noqa: E402

from reasoner import catalogue  # noqa: E402
from reasoner.ask import example  # noqa: E402
from reasoner.serve import Settings, browse, create_app  # noqa: E402

PAGES = ("/", "/scenarios/DeepMassInitialImaging", "/terms/Thigh", "/search?q=thigh", "/patient?finding=SoftTissueMass&region=Thigh", "/api/terms?search=thigh",
         "/api/scenarios", "/about", "/cds-services", "/sparql", "/sparql?query=ASK{}")
RECORDS = ("/api/answer", "/drop")


def use(client):
    """Asks at every door that derives something from the graph."""
    assert {client.get(page).status_code for page in PAGES} | {client.post(door, content=example()).status_code for door in RECORDS} == {200}


def graphs_alive(reloads):
    """How many graphs are still in memory after some reloads, each of which was used."""
    with TestClient(create_app(Settings(workers=1))) as client:
        state, known = client.app.state.nextstudy, []
        for last in [False] * reloads + [True]:
            use(client)
            catalogue.catalogue(state.current.reasoner.knowledge)
            known.append(weakref.ref(state.current.reasoner.knowledge))
            assert last or client.portal.call(client.app.state.operation.reload)
        gc.collect()
        return sum(graph() is not None for graph in known)


def test_only_the_current_graph_stays_in_memory():
    assert graphs_alive(3) == 1


def test_a_cache_of_a_module_would_keep_the_graphs_before_it(monkeypatch):
    monkeypatch.setattr(browse, "topics", cache(browse.topics.__wrapped__))
    assert graphs_alive(3) == 4


def test_the_service_does_not_grow_with_its_reloads():
    with service("--workers", "2") as found:
        sizes = []
        for number in range(1, 22):
            use(found.client)
            sizes.append(resident(found))
            reload(found, number)
        assert max(sizes[15:]) < max(sizes[3:8]) + 30, sizes  # a graph and what is derived from it take 12 MB
