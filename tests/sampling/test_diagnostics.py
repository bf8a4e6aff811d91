"""R-hat, ESS and nested R-hat against arviz_stats, the independent authority."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from forcest.sampling.diagnostics import diagnose


def autoregression(rng, shape, rho):
    chain, draw = shape
    out = np.empty(shape)
    out[:, 0] = rng.standard_normal(chain)
    for t in range(1, draw):
        out[:, t] = rho * out[:, t - 1] + np.sqrt(1 - rho**2) * rng.standard_normal(chain)
    return out


def cases():
    rng = np.random.default_rng(1)
    sticky = autoregression(rng, (8, 60), 0.5)
    sticky[:, 1::3] = sticky[:, ::3]  # ties, as rejections leave them
    return {
        "independent": rng.standard_normal((8, 50)),
        "slow": autoregression(rng, (8, 100), 0.95),
        "antithetic": autoregression(rng, (8, 80), -0.6),
        "unmixed": rng.standard_normal((8, 40)) + np.arange(8)[:, None],
        "scales differ": rng.standard_normal((8, 40)) * np.arange(1, 9)[:, None],
        "heavy tails": rng.standard_t(1.5, (8, 64)),
        "ties": sticky,
        "odd number of draws": rng.standard_normal((8, 51)),
        "four draws": rng.standard_normal((8, 4)),
    }


@pytest.mark.parametrize("name", cases())
def test_figures_equal_those_of_arviz(name):
    values = cases()[name]
    found = diagnose(values[:, :, None], np.repeat([0, 1, 2, 3], 2))
    assert found.rhat[0] == pytest.approx(array_stats.rhat(values, 0, 1, method="rank"), rel=1e-10)
    assert found.ess_bulk[0] == pytest.approx(array_stats.ess(values, 0, 1, method="bulk"), rel=1e-8)
    assert found.ess_tail[0] == pytest.approx(array_stats.ess(values, 0, 1, method="tail", prob=(0.05, 0.95)), rel=1e-8)
    nested = array_stats.rhat_nested(values, np.repeat([0, 1, 2, 3], 2), method="rank", chain_axis=0, draw_axis=1)
    assert found.nested_rhat[0] == pytest.approx(nested, rel=1e-10)


def test_figures_do_not_depend_on_the_other_coordinates():
    rng = np.random.default_rng(2)
    draws = rng.standard_normal((6, 30, 40)) * np.geomspace(1e-9, 1e9, 40)
    together = diagnose(draws)
    alone = diagnose(draws[:, :, 37:38])
    assert together.rhat[37] == alone.rhat[0]
    assert together.ess_tail[37] == alone.ess_tail[0]
    assert together.nested_rhat is None


def test_a_constant_coordinate_is_not_called_mixed():
    found = diagnose(np.zeros((4, 20, 1)))
    assert not found.rhat[0] <= 1.01
