"""The notebooks: each runs from a clean kernel, lies in the repository without outputs, and says
what it is.
"""

import copy
import importlib.util
import json
import os
import re
import sys

import pytest
from conftest import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = {path.stem: path for path in sorted(FOLDER.glob("*.ipynb"))}
MISSING = [
    name
    for name in ("nbclient", "ipykernel", "pandas", "matplotlib", "pyarrow", "duckdb")
    if not importlib.util.find_spec(name)
]
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SAID = (
    "not a medical device",
    "American College of Radiology, ACR Appropriateness Criteria",
    "does not endorse",
)
FIGURES = {"02-query-the-graph": 4, "04-cohort": 6}


def faults(notebook):
    """What a notebook must not have in the repository."""
    cells = notebook["cells"]
    found = [f"cell {c['id']} has an output" for c in cells if c.get("outputs")]
    found += [
        f"cell {c['id']} was numbered by a kernel"
        for c in cells
        if c.get("execution_count") is not None
    ]
    found += [f"cell {c['id']} has metadata" for c in cells if c["metadata"]]
    found += ["two cells have one id"] if len({c["id"] for c in cells}) < len(cells) else []
    found += ["the metadata is of one machine"] if notebook["metadata"] != METADATA else []
    return found + (
        ["it is not of format 4.5"]
        if (notebook["nbformat"], notebook["nbformat_minor"]) != (4, 5)
        else []
    )


def read(name):
    """A notebook as data."""
    return json.loads(NOTEBOOKS[name].read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_lies_here_without_outputs(name):
    assert faults(read(name)) == []


BROKEN = {  # what is done to a notebook, what is said of it
    "an output": (
        lambda nb, cell: cell.update(
            outputs=[{"output_type": "stream", "name": "stdout", "text": ["1\n"]}]
        ),
        "has an output",
    ),
    "a number": (lambda nb, cell: cell.update(execution_count=3), "numbered"),
    "a folded cell": (lambda nb, cell: cell["metadata"].update(collapsed=True), "has metadata"),
    "one id twice": (lambda nb, cell: cell.update(id=nb["cells"][0]["id"]), "one id"),
    "a kernel of somebody": (
        lambda nb, cell: nb["metadata"]["kernelspec"].update(name="my-venv"),
        "one machine",
    ),
    "an older format": (lambda nb, cell: nb.update(nbformat_minor=4), "format 4.5"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_notebook_is_refused(fault):
    notebook = copy.deepcopy(read("01-ask"))
    spoil, said = BROKEN[fault]
    spoil(notebook, next(c for c in notebook["cells"] if c["cell_type"] == "code"))
    (found,) = faults(notebook)
    assert said in found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_has_one_spelling(name):
    assert (
        NOTEBOOKS[name].read_text(encoding="utf-8")
        == json.dumps(read(name), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    )


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_begins_with_what_it_gives_and_what_it_is_not(name):
    title = "".join(read(name)["cells"][0]["source"])
    assert re.match(r"# .+\n\n(You get |What you get)", title)
    assert [words for words in SAID if words not in title] == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_prose_has_one_sentence_a_line(name):
    lines = [
        line for c in read(name)["cells"] if c["cell_type"] == "markdown" for line in c["source"]
    ]
    assert [line for line in lines if re.search(r"[.!?] [A-Z]", re.sub(r"`[^`]*`", "", line))] == []


def kernel(folder):
    """A kernel of the Python that runs the tests, whatever kernels a user has; it talks through
    files where the system can.
    """
    from ipykernel.kernelspec import write_kernel_spec
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    write_kernel_spec(str(folder / "kernels" / "tested"))
    specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
    return AsyncKernelManager(
        kernel_name="tested",
        kernel_spec_manager=specs,
        transport="tcp" if sys.platform == "win32" else "ipc",
        connection_file=str(folder / "k.json"),
    )


def state():
    """The files that a notebook must leave alone, with their bytes."""
    return {
        path: path.read_bytes()
        for folder in ("ontology", "queries", "tests/cases", "notebooks")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file()
    }


@pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)}; the extra notebooks brings it"
)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_from_a_clean_kernel(name, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    notebook, before = nbformat.read(NOTEBOOKS[name], 4), state()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    NotebookClient(
        notebook, km=kernel(tmp_path), timeout=180, resources={"metadata": {"path": str(FOLDER)}}
    ).execute(env=environment)
    outputs = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert sum("image/png" in output.get("data", {}) for output in outputs) == FIGURES.get(name, 0)
    assert state() == before, "the notebook changed the checkout"


@pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)}; the extra notebooks brings it"
)
def test_the_kernel_is_the_python_that_runs_the_tests_and_a_failing_cell_fails(tmp_path):
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    notebook = new_notebook(
        cells=[new_code_cell("import sys; print(sys.executable)"), new_code_cell("1 / 0")]
    )
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        NotebookClient(notebook, km=kernel(tmp_path), timeout=60).execute()
    assert notebook.cells[0].outputs[0].text.strip() == sys.executable
