"""Every command but serve runs where `resource`, `fork` and `SIGHUP` are missing: on Windows."""

import ast
import json
import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT
from test_import import made

from reasoner.__main__ import main
from reasoner.synth.generate import generate

MODULES = ("resource", "fcntl", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix")
LACKING = {  # what the modules of Windows have not, in Python 3.11 to 3.13
    "os": "chown chroot fchmod fchown fork forkpty fork1 getegid geteuid getgid getgroups getpgid "
    "getpriority getuid getsid killpg lchown mkfifo mknod nice openpty posix_spawn setegid "
    "seteuid setgid setpgid setpriority setsid setuid sched_getaffinity sched_setaffinity "
    "sync sysconf uname wait wait3 wait4 WNOHANG".split(),
    "signal": "SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 "
    "alarm getitimer pause pthread_kill pthread_sigmask setitimer sigwait".split(),
    "asyncio": ["unix_events", "open_unix_connection", "start_unix_server"],
}
WINDOWS = f"""
import builtins, json, os, signal, sys
MODULES, LACKING, given = {MODULES!r}, {LACKING!r}, builtins.__import__

def importing(name, globals=None, locals=None, fromlist=(), level=0):
    here = (globals or {{}}).get("__name__", "")
    if here.split(".")[0] == "reasoner" or here == "mine":
        if name.split(".")[0] in MODULES:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
    return given(name, globals, locals, fromlist, level)

class Without:
    "A module as Windows has it."
    def __init__(self, module, lacking):
        self.module, self.lacking = module, lacking
    def __getattr__(self, name):
        if name in self.lacking:
            raise AttributeError(f"module {{self.module.__name__!r}} has no attribute {{name!r}}")
        return getattr(self.module, name)

def imported(name, globals=None, locals=None, fromlist=(), level=0):
    found = importing(name, globals, locals, fromlist, level)
    here = (globals or {{}}).get("__name__", "")
    ours = here.split(".")[0] == "reasoner" or here == "mine"
    return Without(found, LACKING[name]) if ours and name in LACKING else found

builtins.__import__ = imported
"""
RUN = """
from reasoner.__main__ import main
codes = {}
for words in json.loads(sys.argv[1]):
    try:
        codes[" ".join(words)] = main(words)
    except SystemExit as ended:
        codes[" ".join(words)] = ended.code
print("\\n" + json.dumps(list(codes.values())))
"""


def on_windows(code, *arguments):
    """What a program prints where the modules are those of Windows."""
    return subprocess.run(
        [sys.executable, "-c", WINDOWS + code, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """A few synthetic patients."""
    folder = tmp_path_factory.mktemp("windows") / "export"
    generate(3, 1, folder)
    return folder


def test_every_command_but_serve_runs(population, tmp_path):
    patient = next((ROOT / "tests" / "cases").rglob("*.ttl"))
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    commands = [
        ["--version"],
        ["ask", "--format", "json"],
        ["query"],
        ["query", "radiation-levels"],
        ["show", "ia:Schwannoma"],
        ["validate", str(patient)],
        ["import", str(made(tmp_path)), "--out", str(tmp_path / "imported")],
        ["fmt", "--check", "ontology/appropriateness.ttl"],
        ["build", str(tmp_path / "ontology")],
        ["synth", "3", "--seed", "1", "--out", str(tmp_path / "synth")],
        ["cohort", str(population), "--out", str(tmp_path / "out"), "--jobs", "1"],
    ]
    done = on_windows(RUN, json.dumps(commands))
    assert done.stdout, done.stderr
    codes = json.loads(done.stdout.splitlines()[-1])
    found = {words[0]: code for words, code in zip(commands, codes, strict=True) if code}
    assert found == {}, done.stderr


@pytest.mark.parametrize(
    "fault",
    [
        "import resource",
        "from pwd import getpwuid",
        "import fcntl as locks",
        "import os; os.fork",
        "from signal import SIGHUP",
        "import asyncio; asyncio.unix_events",
    ],
)
def test_what_windows_lacks_is_lacking_there(fault, tmp_path):
    (tmp_path / "mine.py").write_text(f"{fault}\n")
    code = f"sys.path.insert(0, {str(tmp_path)!r})\nimport mine"
    done = on_windows(code)
    assert done.returncode == 1 and "Error" in done.stderr.splitlines()[-1]
    sound = "import os, signal, asyncio; os.getpid, signal.SIGINT, asyncio.run"
    (tmp_path / "mine.py").write_text(f"{sound}\n")
    assert on_windows(code).returncode == 0


def unguarded(text):
    """What a module uses that Windows lacks, without asking first whether it is there."""
    tree = ast.parse(text)
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    tried = {id(node) for block in tries for node in ast.walk(block)}
    asked = {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "hasattr"
    }
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [f"{node.value.id}.{node.attr}"]
        for name in names:
            module, _, last = name.partition(".")
            lacking = module in MODULES if not isinstance(node, ast.Attribute) else False
            lacking |= last in LACKING.get(module, ()) and last not in asked
            if lacking and id(node) not in tried:
                yield name


@pytest.mark.parametrize(
    "path",
    sorted(
        p
        for p in (ROOT / "reasoner").rglob("*.py")
        if {"serve", "data"}.isdisjoint(p.parts)
        or p.name in ("command.py", "settings.py", "__init__.py")
    ),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_module_uses_what_windows_lacks(path):
    assert list(unguarded(path.read_text(encoding="utf-8"))) == []


def test_use_without_asking_is_found():
    assert list(unguarded("import os\nos.fork()")) == ["os.fork"]
    assert list(unguarded("from signal import SIGHUP")) == ["signal.SIGHUP"]
    assert list(unguarded("import fcntl")) == ["fcntl"]
    guarded = "try:\n    import fcntl\nexcept ModuleNotFoundError:\n    fcntl = None"
    assert list(unguarded(guarded)) == []
    assert list(unguarded("import os\nif hasattr(os, 'nice'):\n    os.nice(1)")) == []


def test_serve_refuses_where_a_query_cannot_be_confined(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert main(["serve", "--port", "0"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "cannot bound the memory and time" in told
    assert "WSL" in told and "container" in told


def test_serve_refuses_without_priorities(monkeypatch, capsys):
    monkeypatch.delattr(os, "setpriority")
    assert main(["serve", "--port", "0"]) == 2 and "WSL" in capsys.readouterr().err
