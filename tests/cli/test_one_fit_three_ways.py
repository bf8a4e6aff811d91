"""The same seed gives the same draws from Python, from a model file and from the command, and the command repeats them."""

import numpy as np
import pytest
from typer.testing import CliRunner

import forcest as fc
from forcest.cli import app
from inference_ledger import small_ledger_frame, small_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("three-ways")
    small_ledger_frame().to_csv(folder / "claims.csv", index=False)
    small_model().to_toml(folder / "model.toml")
    return folder


@pytest.fixture(scope="module")
def by_command(folder):
    options = {"--model": folder / "model.toml", "--seed": 5, "--out": folder / "out"}
    arguments = ["estimate", str(folder / "claims.csv"), *(str(part) for option in options.items() for part in option)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return fc.load(folder / "out" / "estimate.nc")


def same_draws(one, other):
    assert one.attrs["model"] == other.attrs["model"]
    for name, values in one["posterior"].data_vars.items():
        expected = other["posterior"][name].to_numpy()
        # curves are kept in single precision in the file
        np.testing.assert_allclose(values.to_numpy(), expected, rtol=1e-6 if "date" in values.dims else 0, err_msg=str(name))


@pytest.mark.parametrize("source", ["python", "file"])
def test_the_draws_are_the_same(folder, by_command, source):
    model = small_model() if source == "python" else fc.read_model(folder / "model.toml")
    same_draws(fc.fit(model, fc.read_ledger(folder / "claims.csv"), random_seed=5), by_command)


def test_the_command_repeats_a_fit(folder, by_command):
    result = CliRunner().invoke(app, ["rerun", str(folder / "out" / "estimate.nc")])
    assert result.exit_code == 0, result.output
    assert "equal, number for number" in result.output
    missing = CliRunner().invoke(app, ["rerun", str(folder / "none.nc")])
    assert missing.exit_code == 2
    assert "there is no file" in missing.output
