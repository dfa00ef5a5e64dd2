"""The settings of the service, each from a flag or an environment variable `NEXTSTUDY_<NAME>`."""

import os
from dataclasses import dataclass, fields
from pathlib import Path

from reasoner.errors import InputError
from reasoner.graph.imported_ratings import OWN
from reasoner.names import home

PATHS = ("ontology", "feedback")


@dataclass(frozen=True)
class Settings:
    """Where to listen, what to serve, and how much a request may cost."""

    host: str = "127.0.0.1"
    port: int = 8642
    ontology: Path | None = None
    ratings: str = OWN  # the folder of imported ratings; NONE leaves them out
    reload: bool = False  # load the graph anew when a file of its folder changes
    workers: int = 6  # processes that run SPARQL queries, at most; two are kept waiting
    query_seconds: float = 5.0
    query_rows: int = 100_000
    query_megabytes: int = 512
    answer_workers: int = 4  # processes that read records and answer, at most; two are kept waiting
    answer_seconds: float = 10.0
    answer_megabytes: int = 1024
    body_megabytes: float = 16.0
    connections: int = 512  # at once; the longest idle gives way to a new one
    feedback: Path | None = None  # NDJSON file of CDS Hooks feedback; none is kept without it
    feedback_megabytes: float = 64.0  # what the file of the feedback may grow to
    origins: str = ""  # origins whose pages may send feedback, separated by spaces
    no_criteria_alias: bool = False  # say no-guidelines-apply, as the connectathon did
    base_url: str = ""  # how clients reach the service; by default as the Host of the request says
    hosts: str = ""  # further names that a request may give as Host, separated by spaces
    # The identifier of the mechanism consulted, in ratings.
    mechanism: str = "nextstudy, not a qualified mechanism"
    jwt_issuers: str = ""  # issuer=file of its public keys, separated by spaces; none: no tokens
    jwt_audience: str = ""  # roots of endpoints that tokens name; by default the base_url

    @classmethod
    def plain(cls, values: dict) -> "Settings":
        """The settings from their values as JSON has them."""
        paths = {name: Path(values[name]) for name in PATHS if values.get(name)}
        return cls(**{**values, **paths})

    @property
    def folder(self) -> Path:
        """The ontology folder that is served."""
        return self.ontology or home() / "ontology"

    @classmethod
    def read(
        cls, given: dict[str, object] | None = None, environment: dict[str, str] | None = None
    ) -> "Settings":
        """The settings from flags that were given, else from the environment, else the defaults.

        Raises InputError for a value that is not of the type of its setting.
        """
        environment = dict(os.environ) if environment is None else environment
        values = {}
        for field in fields(cls):
            value = (given or {}).get(field.name)
            name = f"NEXTSTUDY_{field.name.upper()}"
            if value is None and environment.get(name):
                value = convert(environment[name], getattr(cls, field.name), field.name, name)
            if value is not None:
                values[field.name] = value
        return cls(**values)


def convert(text: str, default, field: str, name: str):
    """A text as a value of the type of a default."""
    try:
        if isinstance(default, bool):
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        if isinstance(default, (int, float)):
            return type(default)(text)
        return Path(text) if field in PATHS else text
    except (KeyError, ValueError):
        raise InputError(
            name, f"{text!r} is no value for {field}", f"The default is {default}."
        ) from None
