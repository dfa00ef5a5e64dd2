"""The command `nextstudy serve`: each setting is a flag, and a variable `NEXTSTUDY_<NAME>`."""

import argparse
import os
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path

from reasoner.curation.working_copy import to_read
from reasoner.errors import ConfigurationError, InputError, needing
from reasoner.serve.settings import PATHS, Settings

HELP = {
    "host": "the address to listen on; others than this machine reach it only when you say so",
    "port": "the port to listen on",
    "reload": "load the graph anew when a file of its folder changes (SIGHUP does so at any time)",
    "workers": "the processes that run SPARQL queries, at most",
    "query_seconds": "the time that a SPARQL query may take, waiting included",
    "query_rows": "the rows that its answer may have",
    "query_megabytes": "the memory that it may take",
    "answer_workers": "the processes that read records and answer, at most",
    "answer_seconds": "the time that an answer may take, waiting included",
    "answer_megabytes": "the memory that it may take",
    "connections": "the connections at once, at most; the one that waits longest gives way",
    "body_megabytes": "the size of a request body, at most",
    "feedback": "the file that CDS Hooks feedback is added to; none is kept without it",
    "no_criteria_alias": "say no-guidelines-apply instead of no-criteria-apply",
    "feedback_megabytes": "the size that the file of the feedback may grow to",
    "origins": "the origins (https://ehr.example.org) whose pages may send feedback, separated by "
    "spaces",
    "base_url": "the address that clients know the service by",
    "hosts": "the names that a request may give as its Host beside this machine, the host and the "
    "base URL, separated by spaces",
    "mechanism": "the identifier of the mechanism that ratings name",
    "jwt_issuers": "the issuers whose tokens are accepted, each with a JWKS file of its public "
    "keys (https://ehr.example.org=/etc/ehr.jwks.json), separated by spaces; without any, no token "
    "is asked for",
    "jwt_audience": "the addresses before /cds-services that tokens may name; by default the "
    "base URL",
}


def add_arguments(sub: argparse.ArgumentParser) -> None:
    """Adds a flag for each setting; what is not given is left to the environment."""
    note = "Each flag is also an environment variable: --query-seconds is NEXTSTUDY_QUERY_SECONDS."
    sub.epilog = f"{note} {sub.epilog or ''}".strip()
    for field in fields(Settings):
        if field.name in ("ontology", "ratings"):
            continue  # every command has them
        flag, default = f"--{field.name.replace('_', '-')}", getattr(Settings, field.name)
        text = HELP.get(field.name, "") + (
            f"; by default {default}" if default not in (None, "", False) else ""
        )
        if isinstance(default, bool):
            sub.add_argument(flag, action="store_const", const=True, help=text)
        else:
            kind = (
                type(default)
                if isinstance(default, int | float)
                else Path
                if field.name in PATHS
                else str
            )
            sub.add_argument(
                flag, type=kind, metavar=kind.__name__.upper().replace("STR", "TEXT"), help=text
            )


def run(options: argparse.Namespace) -> int:
    """Serves until stopped.

    Raises InputError when a setting is wrong or what it takes is not installed, and
    ConfigurationError on a system where a query could not be confined.
    """
    settings = Settings.read(
        {field.name: getattr(options, field.name, None) for field in fields(Settings)}
    )
    settings = replace(settings, ontology=to_read(settings.ontology))
    least = min(
        settings.workers, settings.answer_workers, settings.query_rows, settings.connections
    )
    seconds = min(settings.query_seconds, settings.answer_seconds)
    megabytes = min(settings.query_megabytes, settings.answer_megabytes)
    if least < 1 or seconds <= 0 or megabytes < 16:
        raise InputError(
            "nextstudy serve",
            "the budget lets nothing run",
            "Give at least 1 worker, some seconds, 1 row, 1 connection and 16 megabytes.",
        )
    check_system()
    with needing("serve", "nextstudy serve"):
        if settings.jwt_issuers:
            import jwt  # noqa: F401 - what checks tokens: without it no request is to be let in
        from reasoner.serve.server import serve
    serve(settings)
    return 0


def check_system() -> None:
    """Raises ConfigurationError where the system cannot limit the memory and time of a query.

    Queries run in processes whose memory and processor time are bounded by `resource`, and which
    give way to the service by their priority; Windows has neither.
    """
    if find_spec("resource") is None or not hasattr(os, "setpriority"):
        raise ConfigurationError(
            "nextstudy serve",
            "this system cannot bound the memory and time of a query, so that one could stop it",
            "Run it in WSL (Windows Subsystem for Linux) or in a container "
            "(reasoner/serve/deploy/Containerfile); every other command runs here.",
        )
