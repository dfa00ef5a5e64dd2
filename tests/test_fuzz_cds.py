"""CDS Hooks under requests, feedback and tokens that grow over their own words.

Whatever comes, the service answers: with cards, or with a problem document that names a place and a
remedy. No token but the one that was signed is accepted.
For a longer search: EXAMPLES=2000 pytest tests/test_fuzz_cds.py
"""

import base64
import copy
import json
import os
import time
import uuid

import pytest
from bundles import MRI_THIGH, PACEMAKER, UNSAFE, device, inconclusive, order
from hook_requests import SELECT, SIGN, VIEW, draft, hook
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from fastapi.testclient import TestClient  # noqa: E402

from reasoner.serve import Settings, create_app  # noqa: E402
from reasoner.serve.cds_hooks.request_reader import MOST  # noqa: E402
from reasoner.serve.cds_hooks.tokens import Gate, TokenRefused  # noqa: E402

SEARCH = settings(
    max_examples=int(os.environ.get("EXAMPLES", "120")),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
NAMES = (
    "hook hookInstance fhirServer context prefetch userId patientId selections draftOrders entry "
    "resource resourceType id fullUrl status intent code coding system display text reasonCode "
    "reasonReference reason reference concept identifier value bodySite subject extension url "
    "modifierExtension contained note authoredOn meta versionId link relation issue severity type "
    "patient conditions reports devices measurements category conclusionCode"
).split()
WORDS = st.sampled_from(
    "ServiceRequest Patient Condition Bundle OperationOutcome Device Observation draft active "
    "order "
    "order-select order-sign patient-view next error #x Condition/mass-1 ServiceRequest/draft-1 "
    "Patient/p1 http://loinc.org http://snomed.info/sct 24703-1 444905003 2026-04-01 0000-00-00 "
    "urn:uuid: ?identifier=a|b ../../x".split()
)
STRANGE = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "\u202e",
        "\ufeff",
        "é\u0301",
        "%",
        "\x1b[2J",
        "x" * 5000,
        "/" * 300,
    ]
)
NUMBERS = st.sampled_from([0, -1, 1.5, 1e308, 10**30, -(2**63) - 1, float("nan"), float("inf")])
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, STRANGE, st.text(max_size=8))
KEYS = st.one_of(st.sampled_from(NAMES), STRANGE)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
DEEP = st.builds(
    lambda depth, opening: depth * opening[0] + "1" + depth * opening[1],
    st.sampled_from([3, 100, 900, 5000, 100_000]),
    st.sampled_from([("[", "]"), ('{"entry":', "}"), ('[{"extension":', "}]")]),
)
GOOD = hook(
    draft(MRI_THIGH),
    order("draft-2", "loinc:24702-3"),
    record=[*inconclusive(), device("d", PACEMAKER, UNSAFE)],
)


def places(document, path=()) -> list[tuple]:
    """The path of every value within a document."""
    items = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    return [path, *(found for key, item in items for found in places(item, (*path, key)))]


PLACES = [path for path in places(GOOD) if path]


def put(document, path: tuple, value, how: str) -> None:
    """Changes the value at a path: takes its place, is removed, repeated, or wrapped."""
    for key in path[:-1]:
        if not isinstance(document, dict | list):
            return
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return
    try:
        old = document[path[-1]]
        if how == "remove":
            del document[path[-1]]
        else:
            wrapped = {"repeat": [old, old, value], "wrap": {"entry": [old], "x": value}}
            document[path[-1]] = wrapped.get(how, value)
    except (KeyError, IndexError, TypeError):
        return


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(PLACES), VALUES, st.sampled_from(["put", "put", "remove", "repeat", "wrap"])
    ),
    min_size=1,
    max_size=5,
)
WRITTEN = st.tuples(
    st.sampled_from(["plain", "plain", "deep", "twice", "cut", "escaped", "gzip", "bom"]), DEEP
)


def written(document, how: str, deep: str) -> bytes:
    """A document as the bytes of a body, spoilt in some way."""
    text = json.dumps(document, ensure_ascii=how == "escaped")
    if how == "deep":
        text = text.replace('"intent"', f'"x": {deep}, "intent"', 1)
    elif how == "twice":
        text = text.replace('"status":', '"status": "draft", "status":', 1)
    elif how == "cut":
        text = text[: len(text) * 2 // 3]
    data = text.encode("utf-8", "surrogatepass")
    return {"gzip": b"\x1f\x8b" + data, "bom": b"\xef\xbb\xbf" + data}.get(how, data)


def holds(response) -> None:
    """Whether a response is an answer, or says where the fault is and how to mend it."""
    assert response.status_code < 500, response.text[:500]
    if response.status_code != 200:
        assert response.headers["content-type"] == "application/problem+json"
        said = response.json()
        assert said["status"] == response.status_code and said["title"]
        assert len(said["detail"].rstrip(".").split(". ")) >= 2, said["detail"]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of a service that keeps feedback."""
    kept = tmp_path_factory.mktemp("kept") / "feedback.ndjson"
    with TestClient(create_app(Settings(feedback=kept))) as opened:
        yield opened


def test_no_request_that_is_almost_one_breaks_the_service(client):
    @given(changes=CHANGES, how=WRITTEN, path=st.sampled_from([SELECT, SIGN, VIEW]))
    @SEARCH
    def check(changes, how, path):
        request = copy.deepcopy(GOOD)
        for place, value, kind in changes:
            put(request, place, copy.deepcopy(value), kind)
        response = client.post(path, content=written(request, *how))
        holds(response)
        if response.status_code == 200:
            cards = response.json()["cards"]
            assert all(len(card["summary"]) < 140 and uuid.UUID(card["uuid"]) for card in cards)

    check()


def test_no_request_of_any_shape_breaks_the_service(client):
    context = st.fixed_dictionaries(
        {"patientId": st.one_of(st.just("p1"), VALUES), "draftOrders": VALUES},
        optional={"selections": VALUES},
    )
    request = st.fixed_dictionaries(
        {"context": st.one_of(context, context, VALUES)},
        optional={
            "prefetch": VALUES,
            "hook": SCALARS,
            "hookInstance": VALUES,
            "fhirServer": VALUES,
        },
    )

    @given(request=st.one_of(request, VALUES), how=WRITTEN, path=st.sampled_from([SELECT, VIEW]))
    @SEARCH
    def check(request, how, path):
        holds(client.post(path, content=written(request, *how)))

    check()


@pytest.mark.parametrize("n", [MOST + 1, 3 * MOST])
def test_so_many_orders_as_nobody_reads_are_refused_with_the_remedy(client, n):
    many = [{"resource": order(f"d{i}", MRI_THIGH)} for i in range(n)]
    request = copy.deepcopy(GOOD)
    request["context"]["draftOrders"]["entry"] = many
    request["context"]["selections"] = [f"ServiceRequest/d{i}" for i in range(n)]
    response = client.post(SELECT, json=request)
    holds(response)
    assert response.status_code == 413 and "context.selections" in response.json()["detail"]
    request["context"]["selections"] = ["ServiceRequest/d0"]
    assert len(client.post(SELECT, json=request).json()["systemActions"]) <= 1


def test_no_feedback_of_any_shape_breaks_the_service(client):
    sent = client.post(SELECT, json=GOOD).json()["cards"][0]["uuid"]
    item = st.fixed_dictionaries(
        {},
        optional={
            "card": st.one_of(st.just(sent), st.uuids().map(str), VALUES),
            "outcome": st.one_of(st.sampled_from(["accepted", "overridden"]), VALUES),
            "outcomeTimestamp": st.one_of(WORDS, STRANGE, st.datetimes().map(str), VALUES),
            "acceptedSuggestions": VALUES,
            "overrideReason": st.one_of(
                VALUES, st.fixed_dictionaries({"reason": st.dictionaries(KEYS, VALUES)})
            ),
        },
    )
    body = st.one_of(VALUES, st.fixed_dictionaries({"feedback": st.lists(item, max_size=5)}), item)
    kinds = st.sampled_from(["application/json", "application/json;x", "text/plain", "", "\xff"])

    @given(body=body, how=WRITTEN, kind=kinds)
    @SEARCH
    def check(body, how, kind):
        told = {"Content-Type": kind.encode("latin-1")}
        response = client.post(SELECT + "/feedback", content=written(body, *how), headers=told)
        holds(response)
        if response.status_code == 200:
            counted = response.json()
            assert counted["kept"] + counted["unknown"] == counted["received"]

    check()


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """The gate of a service, and a function that signs tokens for it."""
    jwt = pytest.importorskip("jwt", reason="PyJWT is not installed")
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_text(json.dumps({"keys": [{**public, "kid": "k", "alg": "RS384"}]}))
    home = "https://cds.example.org"
    gate = Gate(Settings(jwt_issuers=f"https://ehr.example.org={path}", base_url=home))

    def sign() -> str:
        now = int(time.time())
        claims = {"iss": "https://ehr.example.org", "aud": home + SELECT, "exp": now + 300}
        claims |= {"iat": now, "jti": str(uuid.uuid4())}
        return jwt.encode(claims, key, algorithm="RS384", headers={"kid": "k"})

    return gate, sign


def accepted(gate, header: str) -> bool:
    """Whether a gate lets a header through; anything but a refusal is a fault."""
    try:
        gate.check(header, SELECT)
    except TokenRefused as refused:
        assert str(refused).endswith(".")
        return False
    return True


def test_no_token_but_the_signed_one_is_accepted(signed):
    gate, sign = signed
    signs = st.sampled_from([*"AB_-.=+/ \n\x00é", "%2e", ".."])

    @given(data=st.data())
    @SEARCH
    def check(data):
        token = sign()
        at = data.draw(st.integers(0, len(token) - 1))
        new = data.draw(signs)
        how = data.draw(st.sampled_from(["put", "insert", "cut", "drop", "double", "last"]))
        changed = {
            "put": token[:at] + new + token[at + 1 :],
            "insert": token[:at] + new + token[at:],
            "cut": token[:at],
            "drop": token[:at] + token[at + 1 :],
            "double": f"{token}.{token}",
            "last": token[:-1] + new,
        }[how]
        if changed != token:
            assert not accepted(gate, f"Bearer {changed}"), (how, at, new)
        assert accepted(gate, f"Bearer {token}")

    check()


def test_no_token_that_nobody_signed_is_accepted(signed):
    gate, sign = signed
    _, _, signature = sign().split(".")
    header = st.fixed_dictionaries(
        {
            "alg": st.sampled_from(["RS384", "RS256", "HS256", "none", "None", "", "ES384", 1]),
            "kid": st.one_of(st.just("k"), VALUES),
        },
        optional={"typ": VALUES, "crit": VALUES, "b64": VALUES, "jwk": VALUES, "jku": VALUES},
    )
    claims = st.one_of(
        VALUES,
        st.fixed_dictionaries(
            {name: VALUES for name in ("exp", "iat", "jti", "aud")}
            | {"iss": st.one_of(st.just("https://ehr.example.org"), VALUES)},
            optional={"nbf": VALUES, "sub": VALUES},
        ),
    )

    @given(header=header, claims=claims, end=st.sampled_from(["", "e30", signature]))
    @SEARCH
    def check(header, claims, end):
        parts = [json.dumps(part).encode() for part in (header, claims)]
        said = ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts)
        assert not accepted(gate, f"Bearer {said}.{end}")

    check()


def test_what_says_neither_place_nor_remedy_is_seen():
    class Response:
        status_code, text = 400, ""
        headers = {"content-type": "application/problem+json"}

        @staticmethod
        def json():
            return {"status": 400, "title": "Unreadable input", "detail": "It is wrong."}

    with pytest.raises(AssertionError):
        holds(Response)
