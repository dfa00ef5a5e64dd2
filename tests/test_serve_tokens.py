"""Tokens of CDS Hooks clients: one of an issuer's own keys, for this service, for one request."""

import base64
import json
import re
import time
import uuid

import pytest
from bundles import inconclusive
from hook_requests import SELECT, SIGN, draft, hook

pytest.importorskip("fastapi", reason="the serve extra is not installed")
jwt = pytest.importorskip("jwt", reason="PyJWT is not installed")
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402
from fastapi.testclient import TestClient  # noqa: E402

from reasoner.errors import InputError  # noqa: E402
from reasoner.serve import Settings, create_app  # noqa: E402
from reasoner.serve.cds_hooks import tokens  # noqa: E402
from reasoner.serve.cds_hooks.tokens import Gate, TokenRefused, Used  # noqa: E402

EHR, OTHER = "https://ehr.example.org", "https://other.example.org"
HOME = "https://cds.example.org"
MAKERS = {
    "EC": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "OKP": ed25519.Ed25519PrivateKey.generate,
}
WRITERS = {
    "EC": jwt.algorithms.ECAlgorithm.to_jwk,
    "RSA": jwt.algorithms.RSAAlgorithm.to_jwk,
    "OKP": jwt.algorithms.OKPAlgorithm.to_jwk,
}
KEYS = {name: make() for name, make in MAKERS.items()}
STRANGER = ec.generate_private_key(ec.SECP384R1())


def public(kind: str, **more) -> dict:
    """The public key of a kind as a key of a JWKS file."""
    return {**json.loads(WRITERS[kind](KEYS[kind].public_key())), "kid": kind, **more}


def jwks(path, *keys: dict) -> str:
    """The path of a JWKS file of some keys."""
    path.write_text(json.dumps({"keys": list(keys)}))
    return str(path)


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Settings by which the first issuer signs with an EC key, the second with the others."""
    folder = tmp_path_factory.mktemp("keys")
    ehr = jwks(folder / "ehr.json", public("EC", alg="ES384", use="sig"))
    other = jwks(folder / "other.json", public("RSA"), public("OKP"))
    return Settings(jwt_issuers=f"{EHR}={ehr} {OTHER}={other}", jwt_audience=f"{HOME}/")


@pytest.fixture(scope="module")
def service(given):
    """A service that asks for tokens."""
    with TestClient(create_app(given)) as opened:
        yield opened


def made(by=None, algorithm="ES384", kid="EC", headers=None, **claims) -> str:
    """A token; claims that are None are left out."""
    now = int(time.time())
    body = {"iss": EHR, "aud": HOME + SELECT, "exp": now + 300, "iat": now}
    body |= {"jti": str(uuid.uuid4()), **claims}
    body = {name: value for name, value in body.items() if value is not None}
    told = {"kid": kid, "jku": "http://127.0.0.1:9/never-asked", **(headers or {})}
    told |= {"typ": "JWT"}
    return jwt.api_jws.encode(json.dumps(body).encode(), by or KEYS["EC"], algorithm, told)


def bearer(token: str) -> dict:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def forged(header: dict, claims: dict, signature: bytes = b"") -> str:
    """A token of whatever is written into it."""
    parts = [json.dumps(part).encode() for part in (header, claims)] + [signature]
    return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts)


def test_a_token_opens_one_endpoint_once(service):
    request, good = hook(draft(), record=inconclusive()), bearer(made())
    assert service.post(SELECT, json=request, headers=good).status_code == 200
    again = service.post(SELECT, json=request, headers=good)
    assert again.status_code == 401 and "used before" in again.json()["detail"]
    assert again.headers["www-authenticate"].startswith("Bearer")
    both = bearer(made(aud=["https://else.example.org", HOME + SELECT]))
    assert service.post(SELECT, json=request, headers=both).status_code == 200
    assert service.get("/cds-services").status_code == 200  # discovery is open


WRONG = [
    {"iss": "https://evil.example.org"},
    {"iss": OTHER},  # whose keys are others
    {"iss": [EHR]},
    {"iss": {}},
    {"aud": HOME + SIGN},
    {"aud": HOME},
    {"aud": "http://testserver" + SELECT},  # the Host decides nothing
    {"aud": {}},
    {"aud": []},
    {"exp": 1},
    {"exp": "soon"},
    {"exp": str(int(time.time()) + 300)},
    {"exp": True},
    {"exp": [1]},
    {"exp": 10**400},
    {"exp": 99999999999},
    {"exp": float("inf")},
    {"exp": float("nan")},
    {"iat": 99999999990, "exp": 99999999999},
    {"iat": -(10**400)},
    {"iat": "now"},
    {"iat": True},
    {"iat": float("nan")},
    {"nbf": int(time.time()) + 3000},
    {"nbf": "later"},
    {"nbf": float("nan")},
    {"jti": ["x"]},
    {"jti": ""},
    {"jti": 7},
    {"jti": "x" * 257},
    {"jti": "x" * 4000},
    *({name: None} for name in ("iss", "aud", "exp", "iat", "jti")),
    {"kid": "k2"},
    {"kid": "RSA", "by": KEYS["RSA"], "algorithm": "RS384"},  # a key of the other issuer
    {"by": STRANGER},
    {"algorithm": "HS256", "by": "x" * 32},
    {"algorithm": "none", "by": ""},
    {"headers": {"crit": ["exp"]}},
    {"headers": {"b64": False}},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: re.sub(r"\d{10}", "later", str(w)[:80]))
def test_a_wrong_token_is_refused(service, wrong):
    token = made(**wrong) if "by" not in wrong or wrong["by"] != "" else made_by_nobody(wrong)
    response = service.post(SELECT, json=hook(draft()), headers=bearer(token))
    assert response.status_code == 401, response.text
    assert response.headers["content-type"] == "application/problem+json"


def made_by_nobody(wrong: dict) -> str:
    """A token without signature."""
    now = int(time.time())
    claims = {"iss": EHR, "aud": HOME + SELECT, "exp": now + 60, "iat": now, "jti": "j"}
    return forged({"alg": wrong["algorithm"], "kid": "EC", "typ": "JWT"}, claims)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "none", "ES256", "ES512", "RS384"])
def test_the_algorithm_is_that_of_the_key_and_not_of_the_token(service, algorithm):
    """Also where the public key itself is the secret."""
    now = int(time.time())
    claims = {"iss": EHR, "aud": HOME + SELECT, "exp": now + 60, "iat": now, "jti": "j"}
    token = forged({"alg": algorithm, "kid": "EC"}, claims, b"signature")
    assert service.post(SELECT, json={}, headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("RSA", "RS256"), ("RSA", "RS384"), ("RSA", "RS512"), ("OKP", "EdDSA")]
)
def test_a_key_signs_with_the_algorithms_of_its_type(service, kind, algorithm):
    token = made(by=KEYS[kind], algorithm=algorithm, kid=kind, iss=OTHER)
    request = hook(draft(), record=inconclusive())
    assert service.post(SELECT, json=request, headers=bearer(token)).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Basic x"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x.y.z"},
        {"Authorization": "Bearer " + "e" * 5000},
        {"Authorization": "Bearer " + "e" * 9000 + ".e.e"},
        {"Authorization": "Bearer " + base64.b64encode(b"[" * 3000).decode() + ".e30."},
        {"Authorization": "Bearer e30.bnVsbA.e30"},
        {"Authorization": "Bearer bnVsbA.W10.e30"},
    ],
)
def test_no_token_is_refused(service, header):
    assert service.post(SELECT, json=hook(draft()), headers=header).status_code == 401
    sent = {"feedback": []}
    assert service.post(SELECT + "/feedback", json=sent, headers=header).status_code == 401


def test_the_base_url_is_the_audience_where_none_is_set(given, tmp_path):
    keys = jwks(tmp_path / "k.json", public("EC"))
    gate = Gate(Settings(jwt_issuers=f"{EHR}={keys}", base_url=f"{HOME}/"))
    gate.check(f"Bearer {made()}", SELECT)
    with pytest.raises(TokenRefused, match="another endpoint"):
        gate.check(f"Bearer {made(aud='http://testserver' + SELECT)}", SELECT)


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "{}",
        "[]",
        "5",
        '{"keys": []}',
        '{"keys": [5, null, []]}',
        '{"keys": [{"kty": "oct", "k": "eA", "kid": "k"}]}',
        '{"keys": [{"kty": ["EC"], "kid": "k"}]}',
        '{"keys": [{"kty": "EC", "crv": {}, "kid": "k", "key_ops": 7}]}',
        '{"keys": [{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "k"}]}',
        '{"keys": [{"kty": "EC", "crv": "P-384", "x": 1, "y": [], "kid": "k"}]}',
        '{"keys": [{"kty": "RSA", "n": "AQ", "e": "AQAB", "kid": "k"}]}',
        '{"keys": [], "keys": []}',
        json.dumps({"keys": [public("EC", kid=None)]}),
        json.dumps({"keys": [public("EC", kid="")]}),
        json.dumps({"keys": [public("EC", use="enc")]}),
        json.dumps({"keys": [public("EC", key_ops=["sign"])]}),
        json.dumps({"keys": [public("EC", alg="HS256")]}),
        json.dumps({"keys": [public("EC", alg="none")]}),
        json.dumps({"keys": [public("EC", alg="RS384")]}),
        json.dumps({"keys": [public("EC"), public("EC")]}),
        json.dumps({"keys": [{**json.loads(WRITERS["EC"](STRANGER)), "kid": "k"}]}),
    ],
)
def test_keys_that_cannot_be_used_stop_the_start(tmp_path, keys):
    bad = tmp_path / "jwks.json"
    bad.write_text(keys)
    with pytest.raises(InputError, match="jwks.json"):
        Gate(Settings(jwt_issuers=f"{EHR}={bad}", jwt_audience=HOME))


def test_a_short_rsa_key_stops_the_start(tmp_path):
    short = rsa.generate_private_key(65537, 1024).public_key()
    key = {**json.loads(WRITERS["RSA"](short)), "kid": "k"}
    with pytest.raises(InputError, match="2048"):
        Gate(Settings(jwt_issuers=f"{EHR}={jwks(tmp_path / 'k', key)}", jwt_audience=HOME))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"jwt_issuers": EHR, "jwt_audience": HOME}, "names no file of keys"),
        ({"jwt_issuers": f"{EHR}=", "jwt_audience": HOME}, "names no file of keys"),
        ({"jwt_issuers": "=KEYS", "jwt_audience": HOME}, "names no file of keys"),
        ({"jwt_issuers": f"{EHR}=KEYS {OTHER}", "jwt_audience": HOME}, "names no file of keys"),
        ({"jwt_issuers": f"{EHR}=KEYS {EHR}=KEYS", "jwt_audience": HOME}, "stands twice"),
        ({"jwt_issuers": f"{EHR}=KEYS.no", "jwt_audience": HOME}, "cannot be read"),
        ({"jwt_issuers": f"{EHR}=KEYS"}, "which service"),
        ({"jwt_issuers": f"{EHR}=KEYS", "jwt_audience": " "}, "which service"),
        ({"jwt_issuers": f"{EHR}=KEYS", "jwt_audience": "cds"}, "no address of a service"),
        ({"jwt_audience": HOME}, "no issuer is named"),
    ],
)
def test_settings_that_let_others_in_stop_the_start(tmp_path, settings, told):
    keys = jwks(tmp_path / "k", public("EC"))
    written = {name: value.replace("KEYS", keys) for name, value in settings.items()}
    with pytest.raises(InputError, match=told) as stopped:
        create_app(Settings(**written))
    assert stopped.value.hint


def test_a_token_is_remembered_as_long_as_it_is_valid():
    used = Used(most=3)
    used.add("a", 10, now=0)
    with pytest.raises(TokenRefused, match="used before"):
        used.add("a", 10, now=9.9)
    used.add("a", 20, now=10)  # the first has expired


def test_a_flood_of_valid_tokens_is_bounded_and_forgets_none():
    used = Used(most=1000)
    for n in range(1000):
        used.add(str(n), 100, now=0)
    with pytest.raises(TokenRefused) as full:
        used.add("one more", 100, now=0)
    assert full.value.status == 429
    with pytest.raises(TokenRefused, match="used before"):
        used.add("0", 100, now=0)
    used.add("one more", 200, now=100)
    assert len(used) == 1


def test_each_token_is_looked_at_twice_however_many_there_are(monkeypatch):
    """Once when it comes and once when it expires: the work is linear."""
    import heapq
    from types import SimpleNamespace

    seen = []

    def counted(heap):
        seen.append(1)
        return heapq.heappop(heap)

    own = SimpleNamespace(heappop=counted, heappush=heapq.heappush)  # others pop heaps meanwhile
    monkeypatch.setattr(tokens, "heapq", own)
    used = Used()
    for n in range(5000):
        used.add(str(n), n + 100, now=n)
    assert len(seen) == 4900 and len(used) == 100
