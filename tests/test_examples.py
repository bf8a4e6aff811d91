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


def test_notebooks_are_there_and_kept_without_bulk():
    assert NOTEBOOKS
    assert all(path.stat().st_size < 1_000_000 for path in NOTEBOOKS)
