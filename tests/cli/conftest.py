"""The command in an empty folder."""

import pytest
from typer.testing import CliRunner

from forcest.cli import app


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command in an empty folder, in a wide terminal; a module that needs files there adds them in a fixture of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("FORCEST_DEBUG", raising=False)
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args])
