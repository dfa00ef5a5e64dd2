"""Checks the JSON Web Token that a CDS Hooks client sends, by the keys of its issuer.

Without issuers in the settings no token is asked for.
"""

import base64
import hashlib
import heapq
import re
import threading
import time

from reasoner.serve.cds_hooks.issuers import read_audiences, read_issuers
from reasoner.serve.settings import Settings

LONGEST = 3600  # seconds that a token may be valid for; its jti is remembered as long
LEEWAY = 5
CHARACTERS, NAMED = 8192, 256  # of a token, and of its jti, iss and kid
LATEST = 1e12  # seconds, and no instant that a token can name
REMEMBERED = 100_000  # tokens of one issuer that are valid at a time
PARTS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)")
CLAIMS = ["iss", "aud", "exp", "iat", "jti"]


class TokenRefused(Exception):
    """A token that is not accepted; the text says why, and holds nothing of the token.

    `status` is 401, or 429 when so many tokens of the issuer are valid that no more are taken.
    """

    def __init__(self, why: str, status: int = 401):
        super().__init__(why)
        self.status = status


class Gate:
    """Checks the token of each request, and remembers which were used.

    Raises InputError for settings that would let a token of another service or issuer in.
    """

    def __init__(self, settings: Settings):
        self._issuers = read_issuers(settings)
        self._roots = read_audiences(settings) if self._issuers else []
        self._used = {issuer: Used() for issuer in self._issuers}

    def check(self, authorization: str | None, path: str) -> None:
        """Raises TokenRefused when a token is asked for and this one does not open a path."""
        if not self._issuers:
            return
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefused("A bearer token is required.")
        if len(token) > CHARACTERS:
            raise TokenRefused(f"A token has at most {CHARACTERS} characters.")
        if not is_plain(token):
            raise TokenRefused("The token is not written as a JSON Web Token is.")
        claims = self._claims(token, [root + path for root in self._roots])
        issued, expires = moment(claims["iat"]), moment(claims["exp"])
        if "nbf" in claims:
            moment(claims["nbf"])
        now = time.time()
        if expires - min(now, issued) > LONGEST:
            raise TokenRefused("The token is valid for longer than an hour.")
        self._used[claims["iss"]].add(name(claims["jti"]), expires + LEEWAY, now)

    def _claims(self, token: str, audience: list[str]) -> dict:
        """The claims of a token.

        Raises TokenRefused unless its issuer signed it for an audience.
        """
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            if not isinstance(issuer, str) or issuer not in self._issuers:
                raise TokenRefused(REASONS["InvalidIssuerError"])
            key = self._issuers[issuer].get((name(header.get("kid")), name(header.get("alg"))))
            if key is None or "crit" in header or "b64" in header:
                raise TokenRefused(
                    "The key or the algorithm of the token is not one that the issuer is known by."
                )
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=audience,
                issuer=issuer,
                leeway=LEEWAY,
                options={"require": CLAIMS},
            )
        except TokenRefused:
            raise
        except Exception as error:  # whatever a token of any shape makes of the library
            raise TokenRefused(REASONS.get(type(error).__name__, UNCLEAR)) from None


UNCLEAR = "The token cannot be verified."
REASONS = {
    "ExpiredSignatureError": "The token has expired.",
    "InvalidAudienceError": "The token is for another endpoint.",
    "InvalidIssuerError": "The issuer of the token is not one that is accepted.",
    "MissingRequiredClaimError": "The token lacks iss, aud, exp, iat or jti.",
    "InvalidSignatureError": "The signature of the token does not fit.",
    "ImmatureSignatureError": "The token is not valid yet.",
}


class Used:
    """The tokens of one issuer that were used and are still valid, as digests of their jti.

    Each costs the logarithm of how many there are, once when it comes and once when it expires.
    They are forgotten when the service ends.
    """

    def __init__(self, most: int = REMEMBERED):
        self.most = most
        self._lock = threading.Lock()
        self._digests: set[bytes] = set()
        self._expiring: list[tuple[float, bytes]] = []

    def __len__(self) -> int:
        return len(self._digests)

    def add(self, token: str, until: float, now: float) -> None:
        """Notes that a token was used, valid until an instant.

        Raises TokenRefused when it was used before, or when as many are valid as are remembered.
        """
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        with self._lock:
            while self._expiring and self._expiring[0][0] <= now:
                self._digests.discard(heapq.heappop(self._expiring)[1])
            if digest in self._digests:
                raise TokenRefused("The token was used before.")
            if len(self._digests) >= self.most:
                raise TokenRefused(
                    "Too many tokens of this issuer are valid now; make them valid "
                    "for a shorter time.",
                    429,
                )
            self._digests.add(digest)
            heapq.heappush(self._expiring, (until, digest))


def is_plain(token: str) -> bool:
    """Whether a token is three parts in base64url, the signature in the one way to write it.

    RFC 7515, section 2: without padding, line breaks or other characters. Decoders pass over more.
    """
    if not (match := PARTS.fullmatch(token)):
        return False
    signature = match[1].encode()
    try:
        decoded = base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))
    except ValueError:
        return False
    return base64.urlsafe_b64encode(decoded).rstrip(b"=") == signature


def moment(value) -> float:
    """An instant of a token in seconds. Raises TokenRefused for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LATEST:
        raise TokenRefused("A time of the token is no number of seconds.")
    return float(value)


def name(value) -> str:
    """A name in a token. Raises TokenRefused for what is no text, is empty, or is very long."""
    if not isinstance(value, str) or not value or len(value) > NAMED:
        raise TokenRefused(f"A name in the token is no text of 1 to {NAMED} characters.")
    return value
