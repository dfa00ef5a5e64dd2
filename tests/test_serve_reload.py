"""What a reload does to readers, which is nothing, and what it leaves behind: one graph, and a
service that has not grown.
"""

import gc
import weakref
from functools import cache

import pytest

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from fastapi.testclient import TestClient  # noqa: E402
from one_topic import of_masses  # noqa: E402
from reloading import Readers, Seen, faults, look, release  # noqa: E402
from serving import reload, resident, service, until  # noqa: E402

from reasoner.answer import catalogued_scenarios  # noqa: E402
from reasoner.intake.opening import example  # noqa: E402
from reasoner.serve import Settings, create_app  # noqa: E402
from reasoner.serve.explorer import graph_pages

PAGES = (
    "/",
    "/scenarios/DeepMassInitialImaging",
    "/terms/Thigh",
    "/search?q=thigh",
    "/patient?finding=SoftTissueMass&region=Thigh",
    "/api/terms?search=thigh",
    "/api/scenarios",
    "/about",
    "/cds-services",
    "/sparql",
    "/sparql?query=ASK{}",
)
RECORDS = ("/api/answer", "/drop")


def use(client):
    """Asks at every door that derives something from the graph."""
    assert {client.get(page).status_code for page in PAGES} | {
        client.post(door, content=example()).status_code for door in RECORDS
    } == {200}


def graphs_alive(reloads):
    """How many graphs are still in memory after some reloads, each of which was used."""
    with TestClient(create_app(Settings(workers=1))) as client:
        state, known = client.app.state.nextstudy, []
        for last in [False] * reloads + [True]:
            use(client)
            catalogued_scenarios.catalog(state.current.reasoner.knowledge)
            known.append(weakref.ref(state.current.reasoner.knowledge))
            assert last or client.portal.call(client.app.state.operation.reload)
        gc.collect()
        return sum(graph() is not None for graph in known)


def test_only_the_current_graph_stays_in_memory():
    assert graphs_alive(3) == 1


def test_a_cache_of_a_module_would_keep_the_graphs_before_it(monkeypatch):
    monkeypatch.setattr(graph_pages, "topics", cache(graph_pages.topics.__wrapped__))
    assert graphs_alive(3) == 4


def test_the_service_does_not_grow_with_its_reloads():
    with service("--workers", "2") as found:
        sizes = []
        for number in range(1, 22):
            use(found.client)
            sizes.append(resident(found))
            reload(found, number)
        # The graphs of ten reloads and what is derived from them would take 120 MB and more.
        assert max(sizes[15:]) < max(sizes[3:8]) + 60, sizes


@pytest.fixture
def folder(tmp_path):
    """An ontology folder of release 1."""
    ontology = of_masses(tmp_path / "ontology")
    release(ontology, 1)
    return ontology


def test_readers_see_no_failed_and_no_mixed_answer_while_the_graph_is_reloaded(folder, last=5):
    with service("--ontology", str(folder), "--workers", "4") as found:
        readers = Readers(found.client, 8)
        for number in range(2, last):
            release(folder, number)
            reload(found, number - 1)
            until(lambda: any(one.snapshot == number for one in readers.seen[:]))  # noqa: B023
        seen = readers.stop()
    assert faults(seen) == [] and {(one.door, one.releases) for one in seen} >= {
        (door, frozenset({2})) for door in ("/api/answer", "/sparql", "order-select", "/")
    }
    assert {one.snapshot: min(one.releases) for one in seen} == {
        number: number for number in range(1, last)
    }


@pytest.mark.parametrize(
    "one",
    [
        Seen("/", 500, 2, frozenset({2})),
        Seen("/", 200, 2, frozenset({2, 3})),
        Seen("/", 200, 2, frozenset({3})),
        Seen("/", 200, 0, frozenset({2})),
        Seen("/", 200, 2, frozenset()),
    ],
)
def test_a_failed_and_a_mixed_answer_would_be_seen(one):
    assert one in faults([Seen("/sparql", 200, 2, frozenset({2})), one])


def test_a_change_of_the_folder_is_served_and_a_broken_one_is_not(folder):
    with service("--ontology", str(folder), "--reload", "--workers", "2") as found:
        release(folder, 2)
        until(lambda: look(found.client, "/sparql", 0) == Seen("/sparql", 200, 2, frozenset({2})))
        (folder / "vocabulary.ttl").write_text("this is no Turtle", encoding="utf-8")
        until(lambda: "is not reloaded" in found.logged())
        assert [look(found.client, door, 1) for door in ("/sparql", "/api/answer")] == [
            Seen(door, 200, 2, frozenset({2})) for door in ("/sparql", "/api/answer")
        ]
