"""The issuers whose tokens are accepted, each with the public keys that sign for it alone.

CDS Hooks 2.0 (Trusting CDS Clients) lets client and service exchange keys beforehand; the
URL of keys in a token (`jku`) is then not needed, and is never followed.
"""

from pathlib import Path

from reasoner.errors import InputError
from reasoner.intake.bundle import as_list, parse
from reasoner.serve.hosts import is_address
from reasoner.serve.settings import Settings

ALGORITHMS = {  # what a key may sign with, by its type and curve: RFC 7518, RFC 8037
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("RSA", None): ("RS256", "RS384", "RS512"),
}
SHORTEST = 2048  # bits of an RSA key (RFC 7518, section 3.3)
PRIVATE = "d"  # the member that only a private key has
PLACE = "jwt_issuers"
WRITTEN = "Write each issuer with the JWKS file of its keys: https://ehr.example.org=ehr.jwks.json"
KEYS = "Give a JWKS file with the public keys of the issuer, each with a kid of its own."

Keys = dict[tuple[str, str], object]  # a key by its kid and the algorithm that it verifies


def read_issuers(settings: Settings) -> dict[str, Keys]:
    """The keys of each issuer whose tokens are accepted; none when no token is asked for.

    Raises InputError for an issuer without keys or an address of the service that tokens name.
    """
    if not settings.jwt_issuers.split():
        if settings.jwt_audience:
            raise InputError(
                "jwt_audience",
                "no issuer is named, so no token is asked for",
                "Give jwt_issuers too, or leave the audience out.",
            )
        return {}
    read_audiences(settings)
    keys: dict[str, Keys] = {}
    for given in settings.jwt_issuers.split():
        issuer, _, file = given.partition("=")
        if not issuer or not file:
            raise InputError(PLACE, f"{given} names no file of keys", WRITTEN)
        if issuer in keys:
            raise InputError(PLACE, f"{issuer} stands twice", WRITTEN)
        keys[issuer] = read_keys(Path(file))
    return keys


def read_audiences(settings: Settings) -> list[str]:
    """The addresses before /cds-services that tokens may name. Raises InputError without one."""
    roots = (settings.jwt_audience or settings.base_url).split()
    if not roots:
        raise InputError(
            "jwt_audience",
            "tokens are asked for, and nothing says which service they must be for",
            "Give the base_url of the service, or jwt_audience.",
        )
    for root in roots:
        if not is_address(root):
            raise InputError(
                "jwt_audience",
                f"{root} is no address of a service",
                "Write it as https://cds.example.org",
            )
    return [root.rstrip("/") for root in roots]


def read_keys(path: Path) -> Keys:
    """The public keys of a JWKS file.

    Raises InputError for a file without a usable key, and for one that holds a private key or two
    keys of one kid.
    """
    try:
        import jwt
    except ModuleNotFoundError:
        raise InputError(PLACE, "PyJWT is not installed", "Install the extra serve.") from None
    try:
        document = parse(path.read_bytes(), KEYS)
    except OSError as error:
        raise InputError(str(path), f"the keys cannot be read: {error.strerror}", KEYS) from None
    except InputError as error:
        raise InputError(f"{path}: {error.place}", error.message, error.hint) from None
    given = document.get("keys") if isinstance(document, dict) else None
    keys: Keys = {}
    for n, key in enumerate(given if isinstance(given, list) else []):
        place = f"{path}: keys[{n}]"
        if isinstance(key, dict) and PRIVATE in key:
            raise InputError(place, "this is a private key", KEYS)
        for algorithm in algorithms(key):
            if (key["kid"], algorithm) in keys:
                raise InputError(place, f"the kid {key['kid']!r} stands twice", KEYS)
            try:
                public_key = jwt.PyJWK(key, algorithm)
            except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
                raise InputError(place, f"the key cannot be read ({error})", KEYS) from None
            if algorithm.startswith("RS") and public_key.key.key_size < SHORTEST:
                raise InputError(place, f"an RSA key has {SHORTEST} bits or more", KEYS)
            keys[key["kid"], algorithm] = public_key
    if not keys:
        raise InputError(str(path), "there is no public key with a kid that can be used", KEYS)
    return keys


def algorithms(key) -> tuple[str, ...]:
    """The algorithms that a key of a JWKS file may verify; none for a key that may not verify."""
    if not isinstance(key, dict) or not isinstance(key.get("kid"), str) or not key["kid"]:
        return ()
    if key.get("use", "sig") != "sig" or "verify" not in as_list(key.get("key_ops", "verify")):
        return ()
    kind = key.get("kty")
    return tuple(
        name
        for (of, curve), names in ALGORITHMS.items()
        for name in names
        if kind == of and curve in (None, key.get("crv")) and key.get("alg", name) == name
    )
