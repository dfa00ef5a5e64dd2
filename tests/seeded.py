"""Requests at every door that carry the names, numbers and tokens of no one, and the traces that
these would leave in a log.
"""

import base64
import contextlib
import json
import random
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import jwt
from bundles import MRI_THIGH_PLAIN, bundle, inconclusive, order, patient
from cryptography.hazmat.primitives.asymmetric import ec
from serving import service

NAMES, NUMBERS, TOKENS = (
    ("Quillfeather", "Öztürkmenoğlu", "O'Zzyzx-Wumble"),
    ("904177385512", "MRN-7730041-K", "078-05-1120"),
    ("eyJzZWVkZWQiOiJzZWNyZXQifQ", "s3cr3t~TOKEN~8842"),
)
SEEDS = NAMES + NUMBERS + TOKENS
ISSUER = "https://ehr.example.org"
HOME = "https://cds.example.org"  # the audience of the tokens
HOOKS = ("imaging-order-select", "imaging-order-sign", "imaging-patient-view")
RAISE = "raise-an-error"  # what a search for this does: see BROKEN
BROKEN = f"""
from reasoner.serve.json_api import terms
found = terms.search
def search(knowledge, text):
    if "{RAISE}" in text:
        raise ValueError(text)
    return found(knowledge, text)
terms.search = search
"""


def traces(tokens=()):
    """What a log must not hold, in lower case: each seed as it is, escaped, quoted, or encoded."""
    forms = {
        form
        for seed in (*SEEDS, *tokens)
        for form in (
            seed,
            quote(seed),
            json.dumps(seed)[1:-1],
            repr(seed.encode())[2:-1],
            base64.b64encode(seed.encode()).decode().rstrip("=")[:-1],
        )
    }
    return sorted(form.lower() for form in forms)


def record(name, number, token):
    """A record that names a patient wherever a record can."""
    told = {
        "text": {"status": "generated", "div": f"<div>{name} {number} {token}</div>"},
        "identifier": [{"system": f"urn:{token}", "value": number}],
    }
    person = {
        **patient(),
        **told,
        "name": [{"family": name, "given": [name]}],
        "telecom": [{"value": number}],
    }
    return bundle(
        person, *({**r, **told, "note": [{"text": f"{name} {number}"}]} for r in inconclusive())
    )


def hook(service, name, number, token):
    """A CDS Hooks request that names a patient."""
    draft = {**order(f"d-{number}", MRI_THIGH_PLAIN), "note": [{"text": f"{name} {token}"}]}

    def searchset(kind):
        return {
            "resourceType": "Bundle",
            "entry": [
                e
                for e in record(name, number, token)["entry"]
                if e["resource"]["resourceType"] == kind
            ],
        }

    return {
        "hook": service.removeprefix("imaging-"),
        "hookInstance": str(uuid.uuid4()),
        "fhirServer": f"https://{quote(name)}.example.org/",
        "fhirAuthorization": {"access_token": token, "subject": name},
        "context": {
            "userId": f"Practitioner/{token}",
            "patientId": "p1",
            "selections": [f"ServiceRequest/d-{number}"],
            "draftOrders": bundle(draft),
        },
        "prefetch": {
            "patient": {**patient(), "name": [{"family": name}]},
            "conditions": searchset("Condition"),
            "reports": searchset("DiagnosticReport"),
        },
    }


@contextlib.contextmanager
def sender(folder, first=BROKEN):
    """What sends seeded requests to a service of its own, which asks for tokens, cannot keep
    feedback, and breaks when it is asked to.
    """
    key, keys = ec.generate_private_key(ec.SECP384R1()), Path(folder, "jwks.json")
    keys.write_text(
        json.dumps(
            {
                "keys": [
                    {
                        **json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())),
                        "kid": "k1",
                        "alg": "ES384",
                        "use": "sig",
                    }
                ]
            }
        )
    )
    flags = ("--jwt-issuers", f"{ISSUER}={keys}", "--jwt-audience", HOME, "--feedback", "/dev/full")
    with service(*flags, "--body-megabytes", "1", first=first) as found:
        yield Sender(found, key)


class Sender:
    """Sends seeded requests to a service; `tokens` are the ends of the bearer tokens it made."""

    def __init__(self, found, key):
        self.found, self.key, self.tokens, self.statuses = found, key, [], []
        self.cards = [str(uuid.uuid4())]

    def send_all(self, count):
        """Sends so many requests, eight at a time."""
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(self.send, range(count)))

    def leaked(self):
        """What the log holds of the seeds and tokens."""
        told = self.found.logged().lower()
        return [trace for trace in traces(self.tokens) if trace in told]

    def bearer(self, path, name, good=True):
        """An authorization that opens a path, or that of a stranger."""
        now = int(time.time())
        claims = {
            "iss": ISSUER if good else f"https://{name}",
            "aud": HOME + path,
            "sub": name,
            "exp": now + 300,
            "iat": now,
            "jti": f"{name}-{uuid.uuid4()}",
        }
        token = jwt.encode(
            claims, self.key, algorithm="ES384", headers={"kid": "k1" if good else name}
        )
        self.tokens.append(token[-40:])
        return {"Authorization": f"Bearer {token}"}

    def send(self, n):
        """Sends the request of a number."""
        dice = random.Random(n)
        name, number, token = dice.choice(NAMES), dice.choice(NUMBERS), dice.choice(TOKENS)
        kinds = [self.pages, self.records, self.hooks, self.queries, self.hostile, self.raw]
        try:
            self.statuses.append(kinds[n % len(kinds)](dice, name, number, token))
        except (
            httpx.TransportError
        ):  # closed while a body that is too large was on its way, or after an error of the program
            self.statuses.append(0)

    def get(self, path, **more):
        """The status of a GET, with seeds in its headers."""
        headers = {
            "Authorization": f"Bearer {TOKENS[0]}",
            "User-Agent": NUMBERS[0],
            "Referer": f"http://{NUMBERS[0]}/",
            "Cookie": f"session={TOKENS[1]}",
            **more.pop("headers", {}),
        }
        return self.found.client.get(path, headers=headers, **more).status_code

    def post(self, path, content, **more):
        """The status of a POST."""
        return self.found.client.post(path, content=content, **more).status_code

    def ask(self, path, body, headers):
        """The status of a request of CDS Hooks, whose cards are remembered."""
        response = self.found.client.post(path, content=body, headers=headers)
        if response.status_code == 200:
            self.cards += [card["uuid"] for card in response.json()["cards"]]
        return response.status_code

    def pages(self, dice, name, number, token):
        """Pages and look-ups for a name."""
        path = dice.choice(
            [
                "/?{0}",
                "/terms/{0}",
                "/scenarios/{0}",
                "/api/scenarios/{0}",
                "/static/{0}/{1}",
                "/{0}/{1}",
                "/search?q={0}",
                f"/search?q={RAISE}+{{0}}",
                "/api/terms?search={0}",
                f"/api/terms?search={RAISE}+{{1}}",
                "/api/terms?limit={1}",
                "/api/scenarios?edition={0}",
                "/patient?finding={0}&age={1}",
                "/patient/answer?finding=SoftTissueMass&region={0}&format=json",
                "/query?x={2}",
                "/cds-services?{0}",
                "/health?{1}",
            ]
        )
        return self.get(path.format(quote(name), quote(number), quote(token)))

    def records(self, dice, name, number, token):
        """Records, whole and broken."""
        whole = json.dumps(record(name, number, token))
        body = dice.choice(
            [
                whole,
                whole[: -dice.randrange(1, 900)],
                whole.replace("resourceType", name),
                f"<urn:{number}> a <{name} .",
                f"@prefix : <urn:{token}#> . :{number} :{number} ",
                f"{name}\n{number}",
                whole.encode() + b"\xff\xfe" + name.encode(),
                "\n".join(json.dumps(e["resource"]) for e in record(name, number, token)["entry"]),
                f'{{"resourceType": "{name}"}}',
                "[" * 3000 + name,
            ]
        )
        path = dice.choice(
            [
                "/api/answer",
                f"/api/answer?on={quote(number)}",
                "/api/answer?on=2026-11-22",
                "/drop",
                f"/drop?part={quote(name)}",
            ]
        )
        if path == "/drop" and dice.random() < 0.5:
            return self.found.client.post(
                path, files={"record": (f"{quote(name)}.json", body)}
            ).status_code
        return self.post(
            path,
            body,
            headers={"Content-Type": dice.choice(["application/fhir+json", f"text/{number}"])},
        )

    def hooks(self, dice, name, number, token):
        """CDS Hooks, with tokens that are accepted, and with others; and feedback."""
        service = dice.choice(HOOKS)
        path = f"/cds-services/{service}"
        headers = dice.choice(
            [
                lambda: self.bearer(path, name),
                lambda: self.bearer(path, name),
                lambda: self.bearer(path, quote(name), good=False),
                lambda: {"Authorization": f"Bearer {token}"},
                dict,
            ]
        )()
        body = json.dumps(hook(service, name, number, token))
        feedback = json.dumps(
            {
                "feedback": [
                    {
                        "card": dice.choice(self.cards),
                        "outcome": "overridden",
                        "overrideReason": {"userComment": f"{name} {number}"},
                        "outcomeTimestamp": number,
                    },
                    name,
                ][: dice.randrange(1, 3)]
            }
        )
        told = {"Content-Type": "application/json", **self.bearer(path + "/feedback", name)}
        return dice.choice(
            [
                lambda: self.ask(path, body, headers),
                lambda: self.ask(path, body, headers),
                lambda: self.post(path, body[:-40], headers=headers),
                lambda: self.post(f"/cds-services/{quote(name)}", body, headers=headers),
                lambda: self.post(path, body.replace("ServiceRequest", name), headers=headers),
                lambda: self.post(path + "/feedback", feedback, headers=told),
            ]
        )()

    def queries(self, dice, name, number, token):
        """Queries, good, broken and refused."""
        text = dice.choice(
            [
                "ASK {{ ?s ?p '{0}' }}",
                "SELECT {0} {1}",
                "ASK {{ ?s <urn:{2}> '{1}' ",
                "SELECT * FROM <file:///{1}> {{ ?s ?p ?o }}",
                "SELECT * {{ SERVICE <http://{1}/> {{ ?s ?p '{0}' }} }}",
                "DESCRIBE <urn:{1}>",
                "INSERT DATA {{ <urn:{1}> <urn:{2}> '{0}' }}",
                "SELECT (STRDT('{0}', <urn:{1}>) AS ?x) {{ ?s ?p ?o }} LIMIT 9",
            ]
        ).format(name, number, token)
        return dice.choice(
            [
                lambda: self.get("/sparql", params={"query": text}),
                lambda: (
                    self.found.client.post(
                        "/sparql", data={"query": text, name: number}
                    ).status_code
                ),
                lambda: self.post(
                    "/sparql", text.encode(), headers={"Content-Type": "application/sparql-query"}
                ),
                lambda: self.found.client.post("/sparql", data={"update": text}).status_code,
                lambda: self.get(
                    "/sparql",
                    params={"query": "ASK {}", "default-graph-uri": f"urn:{number}"},
                    headers={"Accept": f"text/{number}"},
                ),
                lambda: self.get("/sparql", headers={"Host": number}),
            ]
        )()

    def hostile(self, dice, name, number, token):
        """Requests that are too large, of no method, or from pages of a stranger."""
        headers = {
            "Origin": f"http://{number}",
            "X-Forwarded-For": number,
            "X-Request-Id": token,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": token.replace("~", "-"),
        }
        request = self.found.client.request
        return dice.choice(
            [
                lambda: (
                    request(
                        token.split("~")[0].upper(), f"/{quote(name)}", headers=headers
                    ).status_code
                ),
                lambda: request("OPTIONS", "/api/answer", headers=headers).status_code,
                lambda: request("DELETE", f"/terms/{quote(name)}", headers=headers).status_code,
                lambda: self.post(
                    "/api/answer",
                    (name * 200_000).encode(),
                    headers={"Content-Type": f"x/{number}"},
                ),
                lambda: self.post("/drop", (part for part in [name.encode() * 9000] * 12)),
                lambda: self.get("/" + quote(name) * 900),
                lambda: (
                    request("GET", "/sparql", headers={"Host": f"{number}:{number}"}).status_code
                ),
            ]
        )()

    def raw(self, dice, name, number, token):
        """What is no HTTP, or breaks off."""
        sent = dice.choice(
            [
                f"{name} {number} {token}\r\n\r\n",
                f"GET /{number} HTTP/{number}\r\n\r\n",
                f"GET /search?q={token} HTTP/1.1\r\n{name}: {number}\r\nHost {token}\r\n\r\n",
                f"POST /api/answer HTTP/1.1\r\n"
                f"Host: localhost\r\nX-Id: {number}\r\nContent-Length: 5000\r\n\r\n{name}",
                f"POST /drop HTTP/1.1\r\n"
                f"Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{token}\r\n{name}",
                f"GET /{number} HTTP/1.1\r\n"
                f"Host: a\r\nUpgrade: {number}\r\nConnection: Upgrade\r\n\r\n",
                f"POST /cds-services/imaging-order-sign HTTP/1.1\r\n"
                f"Host: localhost\r\nContent-Length: {number}\r\n\r\n{name}",
                f"GET /{number} HTTP/1.1\r\nHost: a\r\nX-Long: {token * 4000}\r\n\r\n",
                f"GET http://{number}@{token}/ HTTP/1.1\r\n\r\n",
                f"POST /api/answer HTTP/1.1\r\n"
                f"Host: localhost\r\nContent-Length: 900000\r\n\r\n{name * 20_000}",
            ]
        )
        try:
            with socket.create_connection(("127.0.0.1", self.found.port), 5) as connection:
                connection.settimeout(0.05)
                connection.sendall(sent.encode())
                return int((connection.recv(2000).split(b" ") + [b"0"])[1][:3] or 0)
        except (OSError, ValueError):
            return 0
