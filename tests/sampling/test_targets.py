"""The benchmark densities have the gradients they claim, and the quick benchmark gives right answers."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def load(name):
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


DENSITIES = load("targets_densities")
SMALL = [name for name in DENSITIES.MAKERS if not name.endswith("000")]


@pytest.mark.parametrize("name", SMALL)
def test_gradients_are_those_of_the_density(name):
    target = DENSITIES.MAKERS[name]()
    x = target.start(np.random.default_rng(0), 3)
    direction = np.random.default_rng(1).standard_normal(target.dim)
    _, gradient = target.logdensity(x)
    h = 1e-6
    difference = (target.logdensity(x + h * direction)[0] - target.logdensity(x - h * direction)[0]) / (2 * h)
    np.testing.assert_allclose(gradient @ direction, difference, rtol=1e-6)


@pytest.mark.slow
def test_quick_benchmark_is_right_or_raises_an_alarm(capsys):
    """Errors in standard errors over 5 targets and 2 kernels; 5.5 would be passed by chance once in 100,000 runs of the test."""
    for cell in load("targets").main(["--quick"]):
        assert cell["converged"] == cell["sound"], cell
        if cell["sound"]:
            assert cell["worst_z_mean"] < 5.5, cell
            assert cell["rms_z_mean"] < 2.0, cell
    assert capsys.readouterr().out.count("\n") == 10
