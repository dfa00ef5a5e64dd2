"""The container file and the systemd unit: their commands start what they say, with settings that
there are.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields

import pytest

pytest.importorskip("httpx")
pytest.importorskip("uvicorn")
from serving import ROOT, free_port, service  # noqa: E402

from reasoner.__main__ import parser  # noqa: E402
from reasoner.serve import Settings  # noqa: E402

FOLDER = ROOT / "reasoner" / "serve" / "deploy"
CONTAINER, UNIT = (
    (FOLDER / name).read_text(encoding="utf-8") for name in ("Containerfile", "nextstudy.service")
)


def command(keyword):
    """The command of an instruction in the container file."""
    return json.loads(re.search(rf"^{keyword} (?:CMD )?(\[.*\])$", CONTAINER, re.M)[1])


@pytest.mark.parametrize(
    "words", [command("ENTRYPOINT"), re.search(r"^ExecStart=(.*)$", UNIT, re.M)[1].split()]
)
def test_what_is_started_is_a_command_of_this_program(words):
    assert (
        words[0] == "/opt/nextstudy/bin/nextstudy"
        and parser().parse_args(words[1:]).run.__module__ == "reasoner.serve.command"
    )


@pytest.mark.parametrize("text", [CONTAINER, UNIT])
def test_the_settings_are_there(text):
    named = set(re.findall(r"NEXTSTUDY_(\w+)", text))
    assert named and named <= {field.name.upper() for field in fields(Settings)}


def healthy(port):
    """Whether the health check of the container finds a service on a port."""
    return (
        subprocess.run(
            [sys.executable, *command("HEALTHCHECK")[1:]],
            env={**os.environ, "NEXTSTUDY_PORT": str(port)},
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
        == 0
    )


def test_the_health_check_tells_a_service_from_none():
    with service("--workers", "1") as found:
        assert healthy(found.port)
    assert not healthy(free_port())


def test_a_wrong_setting_ends_with_the_code_that_is_not_restarted():
    ended = subprocess.run(
        [sys.executable, "-m", "reasoner", "serve", "--workers", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (
        ended.returncode == int(re.search(r"^RestartPreventExitStatus=(\d+)$", UNIT, re.M)[1])
        and "Give at least 1 worker" in ended.stderr
    )


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize(
    "change, told",
    [
        (("KillMode=mixed", "KillMode=mixed"), ""),
        (("KillMode=mixed", "KillMode=mxed"), "kill mode"),
        (("ProtectHome", "ProtectHomes"), "ProtectHomes"),
    ],
)
def test_systemd_understands_the_unit(tmp_path, change, told):
    unit = tmp_path / "nextstudy.service"
    unit.write_text(
        UNIT.replace("/opt/nextstudy/bin/nextstudy", sys.executable).replace(*change),
        encoding="utf-8",
    )
    found = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (told in found.stderr) if told else (found.returncode, found.stderr) == (0, "")
