"""The example script and the notebooks run as they are shipped."""

from __future__ import annotations

import runpy
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import forcest as fc

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
def test_the_example_estimates_twice_and_keeps_the_fit(tmp_path, capsys):
    runpy.run_path(str(ROOT / "examples" / "kursk.py"))["main"](["--out", str(tmp_path)])
    said = capsys.readouterr().out
    assert "known by 31 January" in said
    fit = fc.load(tmp_path / "kursk.nc")
    assert fit.attrs["ledger_hash"] == fc.datasets.load("north_korea_kursk").hash
    assert fit.attrs["converged"] == 1
    assert (tmp_path / "curves.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    errors = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert not errors


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_stored_run_whole_and_without_bulk(path):
    assert path.stat().st_size < 600_000
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        kinds = {output.get("name", output.output_type) for output in cell.outputs}
        assert not kinds & {"error", "stderr"}, cell.source
        images = [output for output in cell.outputs if "image/png" in output.get("data", {})]
        assert len(images) == ("fc.plots." in cell.source), cell.source


def test_notebooks_are_there():
    assert len(NOTEBOOKS) >= 6
