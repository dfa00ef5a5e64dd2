"""Who calls: the JSON Web Token that CDS Hooks clients send, checked against a list of issuers and a file of their keys.

No key is ever fetched: the header `jku` is not followed. Without issuers in the settings no token is asked for.
"""

import threading
import time
from pathlib import Path

from reasoner.errors import InputError
from reasoner.serve.settings import Settings

ALGORITHMS = ["ES384", "RS384", "ES256", "ES512", "RS256", "RS512", "EdDSA"]
LONGEST = 3600  # seconds that a token may be valid for; its jti is remembered as long
LEEWAY = 5


class TokenRefused(Exception):
    """A token that is not accepted; the text says why, and holds nothing of the token."""


class Gate:
    """Checks the token of each request, and remembers which were used."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.issuers = set(settings.jwt_issuers.split())
        self._lock = threading.Lock()
        self._used: dict[tuple[str, str], float] = {}
        self._keys = read_keys(settings.jwt_keys) if self.issuers else {}

    def check(self, authorization: str | None, endpoint: str, path: str) -> None:
        """Raises TokenRefused when a token is asked for and this one does not open the endpoint, a full URL with its path."""
        if not self.issuers:
            return
        import jwt
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefused("A bearer token is required.")
        audience = [root.rstrip("/") + path for root in self.settings.jwt_audience.split()] or [endpoint]
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(str(header.get("kid")))
            if key is None or header.get("alg") not in ALGORITHMS:
                raise TokenRefused("The key or the algorithm of the token is not one that is accepted.")
            claims = jwt.decode(token, key, algorithms=[header["alg"]], audience=audience, issuer=sorted(self.issuers), leeway=LEEWAY,
                                options={"require": ["iss", "aud", "exp", "iat", "jti"]})
        except TokenRefused:
            raise
        except Exception as error:  # whatever a token of any shape makes of the library: it is refused, and only the kind of fault is told
            raise TokenRefused(REASONS.get(type(error).__name__, "The token cannot be verified.")) from None
        self.remember(str(claims["iss"]), str(claims["jti"]), float(claims["exp"]), float(claims["iat"]))

    def remember(self, issuer: str, token: str, expires: float, issued: float) -> None:
        """Notes that a token was used. Raises TokenRefused when it was used before, or is valid for too long."""
        now = time.time()
        if expires - min(now, issued) > LONGEST:
            raise TokenRefused("The token is valid for longer than an hour.")
        with self._lock:
            if len(self._used) > 1000:
                self._used = {k: v for k, v in self._used.items() if v + LEEWAY > now}
            if self._used.get((issuer, token), 0) + LEEWAY > now:
                raise TokenRefused("The token was used before.")
            self._used[issuer, token] = expires


REASONS = {"ExpiredSignatureError": "The token has expired.", "InvalidAudienceError": "The token is for another endpoint.",
           "InvalidIssuerError": "The issuer of the token is not one that is accepted.", "MissingRequiredClaimError": "The token lacks iss, aud, exp, iat or jti.",
           "InvalidSignatureError": "The signature of the token does not fit.", "ImmatureSignatureError": "The token is not valid yet."}


def read_keys(path: Path | None) -> dict:
    """The public keys of a JWKS file, by their id. Raises InputError for a file without a usable key."""
    import jwt
    place = str(path or "jwt_keys")
    try:
        found = jwt.PyJWKSet.from_json(path.read_text(encoding="utf-8")).keys if path else []
    except (OSError, ValueError, AttributeError, jwt.PyJWTError) as error:
        raise InputError(place, f"the keys cannot be read ({error})", "Give a JWKS file with the public keys of the issuers.") from None
    keys = {str(k.key_id): k for k in found if k.key_id and k.key_type != "oct"}
    if not keys:
        raise InputError(place, "there is no public key with a kid", "Give a JWKS file with the public keys of the issuers.")
    return keys
