"""Results of models of others: refused before a draw where they could not be built, stored with labels that a file can hold."""

from __future__ import annotations

import datetime
import json

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr

import forcest as fc
from forcest.errors import ModelError
from forcest.inference.pymc_density import PymcDensity
from forcest.inference.pymc_results import check_results, stored_labels

DAYS = pd.date_range("2025-01-06", periods=3, freq="7D")


def quick(model: pm.Model) -> xr.DataTree:
    return fc.sample(model, chains=16, draws=20, random_seed=1, backend="numpy")


def test_every_fault_of_the_results_is_named_before_a_draw(monkeypatch):
    monkeypatch.setattr("forcest.sampling.sample", lambda *args, **options: pytest.fail("it drew"))
    with pm.Model(coords={"unit": ["a", "b", "c"], "other": [1, 2, 3, 4]}) as model:
        x = pm.Normal("x", dims="unit")
        pm.Deterministic("mu", 1 + x, dims="other")
        pm.Normal("draw")
    with pytest.raises(ModelError) as caught:
        quick(model)
    assert "mu must have 4 values along dim 'other', as its labels; it has 3." in str(caught.value)
    assert "a variable must have another name than 'draw'" in str(caught.value)


def test_two_variables_must_agree_on_a_dim_without_labels():
    with pm.Model() as model:
        model.add_coord("unit", length=3)
        pm.Normal("x", dims="unit")
    check_results(model, {"x": (3,)})
    model.named_vars_to_dims["y"] = ("unit",)
    with pytest.raises(ModelError, match="y must have 3 values along dim 'unit', as x; it has 2"):
        check_results(model, {"x": (3,), "y": (2,)})


@pytest.mark.parametrize(
    ("labels", "stored"),
    [
        ([day.date() for day in DAYS], DAYS.to_numpy().astype("datetime64[ns]")),
        (DAYS, DAYS.to_numpy()),
        (DAYS.to_period("W"), ["2025-01-06/2025-01-12", "2025-01-13/2025-01-19", "2025-01-20/2025-01-26"]),
        (("a", "b", "c"), ["a", "b", "c"]),
        ((1, 2, 3), [1, 2, 3]),
        ((datetime.date(2025, 1, 6), "later", 3), ["2025-01-06", "later", "3"]),
        (pd.MultiIndex.from_tuples([("north", 1), ("north", 2), ("south", 1)]), ["north, 1", "north, 2", "south, 1"]),
    ],
)
def test_labels_are_read_back_from_a_file_as_they_were_stored(labels, stored, tmp_path):
    found = stored_labels(labels)
    assert found.tolist() == np.asarray(stored).tolist()
    xr.Dataset({"x": ("dim", np.zeros(3))}, coords={"dim": found}).to_netcdf(tmp_path / "x.nc")
    with xr.open_dataset(tmp_path / "x.nc") as back:
        assert back["dim"].values.astype(found.dtype).tolist() == found.tolist()


def test_a_prior_that_overflows_starts_at_the_initial_point_and_finds_the_posterior():
    """Conjugate: with the mean known, the variance is InverseGamma(0.001 + n / 2, 0.001 + S / 2)."""
    numbers = np.random.default_rng(3).normal(12.0, 2.0, 40)
    a, b = 0.001 + 20, 0.001 + float(((numbers - 12.0) ** 2).sum()) / 2
    with pm.Model() as model:
        variance = pm.InverseGamma("variance", 0.001, 0.001)
        pm.Normal("y", 12.0, variance**0.5, observed=numbers)
    tree = fc.sample(model, chains=32, random_seed=1)
    notes = json.loads(tree.attrs["notes"])
    assert notes[0].endswith("chains start at the initial point with jitter")
    found = tree["posterior"]["variance"].to_numpy()
    mean, sd = b / (a - 1), b / (a - 1) / (a - 2) ** 0.5
    assert found.mean() == pytest.approx(mean, abs=4 * sd / 400**0.5)  # four standard errors at the 400 effective draws it stops at


def test_bounds_that_cross_in_the_prior_do_not_stop_the_start():
    with pm.Model() as model:
        pm.Uniform("x", 0.0, pm.Normal("upper", 1.0, 1.0))
    density = PymcDensity(model, "numpy")
    starts = density.starts(np.random.default_rng(1), 8)
    assert density.notes == ("the prior cannot be drawn from (ValueError): chains start at the initial point with jitter",)
    assert np.isfinite(density(starts)[0]).all()
