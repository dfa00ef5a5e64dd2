"""By which names the service may be called: at every door, a foreign Host is no answer."""

import pytest

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from bundles import inconclusive  # noqa: E402
from fastapi.testclient import TestClient  # noqa: E402
from hook_requests import SELECT, draft, hook  # noqa: E402
from serving import service  # noqa: E402

from reasoner.errors import InputError  # noqa: E402
from reasoner.serve import Settings, create_app  # noqa: E402
from reasoner.serve.hosts import name_of, read_hosts  # noqa: E402

FOREIGN = "rebound.attacker.example"
DOORS = [
    ("GET", "/"),
    ("GET", "/patient"),
    ("GET", "/query"),
    ("GET", "/terms/Lipoma"),
    ("GET", "/static/style.css"),
    ("GET", "/sparql"),
    ("GET", "/sparql?query=ASK%20%7B%7D"),
    ("OPTIONS", "/sparql"),
    ("GET", "/.well-known/void"),
    ("GET", "/api/terms"),
    ("POST", "/api/answer"),
    ("POST", "/drop"),
    ("GET", "/about"),
    ("GET", "/openapi.json"),
    ("GET", "/cds-services"),
    ("GET", "/cds-services/"),
    ("POST", SELECT),
    ("POST", SELECT + "/feedback"),
    ("GET", "/no-such-page"),
]


@pytest.fixture(scope="module")
def client():
    """A client of a service that knows names beside those of this machine."""
    given = Settings(base_url="https://cds.example.org/nextstudy", hosts="other.example.org")
    with TestClient(create_app(given)) as opened:
        yield opened


@pytest.mark.parametrize(("method", "path"), DOORS)
@pytest.mark.parametrize("host", [FOREIGN, f"{FOREIGN}:8642", f"127.0.0.1.{FOREIGN}", "10.0.0.7"])
def test_no_door_answers_a_foreign_host(client, method, path, host):
    response = client.request(method, path, headers={"Host": host}, follow_redirects=False)
    assert response.status_code == 421 and "attacker" not in response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert "hosts" in response.json()["detail"] and "location" not in response.headers


@pytest.mark.parametrize(
    "host", ["a b", "a/b", "localhost:x", "localhost@attacker.example", "", "[::1", "localhost:1:2"]
)
def test_a_host_that_is_no_name_is_refused(client, host):
    response = client.get("/about", headers={"Host": host})
    assert response.status_code == 400 and response.json()["type"].endswith("one-host")


def test_two_hosts_are_refused(client):
    response = client.get("/about", headers=[("Host", "localhost"), ("Host", FOREIGN)])
    assert response.status_code == 400


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8642",
        "127.0.0.1:8642",
        "[::1]:8642",
        "[0:0:0:0:0:0:0:1]",
        "cds.example.org",
        "other.example.org:80",
        "testserver",  # the address that the request came to
    ],
)
def test_the_names_of_the_service_are_answered(client, host):
    assert client.get("/about", headers={"Host": host}).status_code == 200


def test_health_answers_whoever_asks(client):
    assert client.get("/health", headers={"Host": "10.1.2.3:8642"}).json()["status"] == "ok"


def test_what_is_forwarded_changes_no_link(client):
    forwarded = {"X-Forwarded-Host": FOREIGN, "X-Forwarded-Proto": "gopher", "Forwarded": FOREIGN}
    sent = hook(draft(), record=inconclusive())
    cards = client.post(SELECT, json=sent, headers=forwarded).json()["cards"]
    assert cards[0]["source"]["url"] == "https://cds.example.org/nextstudy/"
    for path in ("/sparql", "/.well-known/void"):
        told = client.get(path, headers={"Accept": "text/turtle", **forwarded})
        assert "https://cds.example.org/nextstudy/sparql" in told.text
        assert "attacker" not in told.text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"host": "0.0.0.0"}, "hosts"),
        ({"host": "::"}, "hosts"),
        ({"host": "0"}, "hosts"),
        ({"host": ""}, "hosts"),
        ({"host": "::ffff:0.0.0.0"}, "hosts"),
        ({"hosts": "https://cds.example.org"}, "no name of a machine"),
        ({"hosts": "*"}, "no name of a machine"),
        ({"base_url": "cds.example.org"}, "no address of a service"),
        ({"base_url": "javascript:alert(1)"}, "no address of a service"),
        ({"base_url": "https://cds.example.org/?a=b"}, "no address of a service"),
        ({"base_url": "https://[cds"}, "no address of a service"),
        ({"origins": "ehr.example.org"}, "no origin"),
        ({"origins": "https://ehr.example.org/page"}, "no origin"),
        ({"origins": "*"}, "no origin"),
    ],
)
def test_settings_without_a_name_stop_the_start(given, told):
    with pytest.raises(InputError, match=told):
        create_app(Settings(**given))


def test_a_service_that_listens_everywhere_has_a_name():
    assert "cds.example.org" in read_hosts(Settings(host="::", hosts="cds.example.org"))
    assert "cds.example.org" in read_hosts(Settings(host="", base_url="https://cds.example.org"))
    assert "192.168.1.5" in read_hosts(Settings(host="192.168.1.5"))
    assert "fe80::1" in read_hosts(Settings(host="fe80::1"))


def test_names_are_compared_without_port_and_case():
    assert name_of("CDS.example.org:8642") == "cds.example.org"
    assert name_of("[::ffff:127.0.0.1]:80") == "127.0.0.1"
    assert name_of("[cds.example.org]") is None


def test_a_running_service_refuses_before_it_listens_and_answers_by_its_own_names():
    with service("--workers", "1") as found:
        about = found.address + "/about"
        forged = {"Host": FOREIGN, "X-Forwarded-Host": "localhost"}
        assert found.client.get(about, headers=forged).status_code == 421
        links = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.9.9"}
        sent = hook(draft(), record=inconclusive())
        cards = found.client.post(SELECT, json=sent, headers=links).json()["cards"]
        assert cards[0]["source"]["url"] == f"http://127.0.0.1:{found.port}/"
    with pytest.raises(AssertionError, match="Give base_url"):
        with service("--host", "0.0.0.0"):
            pass
