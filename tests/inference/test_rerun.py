"""A saved fit repeats itself number for number; other seeds agree within Monte Carlo error; other posteriors do not."""

import numpy as np
import pytest
import xarray as xr

import forcest as fc
from forcest.errors import ForcestError
from forcest.inference.rerun import compare


def test_a_saved_fit_repeats_itself_number_for_number(saved):
    found = fc.rerun(fc.load(saved))
    assert found.agreement == "equal"
    assert "number for number" in str(found)


def test_another_seed_is_statistically_equal(fit, compiled, ledger):
    found = compare(fit, fc.fit(compiled, ledger, random_seed=11))
    assert found.agreement == "statistically equal"
    assert len(found.worst) == 10
    assert "within Monte Carlo error" in str(found)


def test_a_posterior_moved_by_a_quarter_of_its_spread_is_different(fit):
    """Some 1,500 draws know a mean to a thirtieth of its sd."""
    moved = fit.copy(deep=True)
    sizes = moved["posterior"]["wave_size"]
    moved["posterior"]["wave_size"] = sizes + 0.25 * float(sizes.std())
    found = compare(fit, moved)
    assert found.agreement == "different"
    assert "wave_size" in found.worst["statistic"].iloc[0]
    assert found.worst["p_holm"].iloc[0] < 1e-3


def test_false_alarms_over_the_whole_family_are_rare(fit):
    """Both halves of a fit's chains are the same posterior: of ten splits at most two may be called different (1 % each)."""
    rng, alarms = np.random.default_rng(1), 0
    n = fit["posterior"].sizes["chain"]
    for _ in range(10):
        order = rng.permutation(n)
        posterior = fit["posterior"].to_dataset()
        parts = (np.sort(order[: n // 2]), np.sort(order[n // 2 :]))
        halves = [xr.DataTree.from_dict({"posterior": posterior.isel(chain=part)}) for part in parts]
        alarms += compare(*halves).agreement == "different"
    assert alarms <= 2


def test_what_cannot_be_repeated_is_refused(fit):
    with pytest.raises(ForcestError, match="a forecast cannot be repeated"):
        fc.rerun(fc.forecast(fit))
    bare = fit.copy()
    bare.attrs = {"model_kind": "ForceModel"}
    with pytest.raises(ForcestError, match="must hold ledger, ledger_hash, model, sampler_settings, random_seed; it does not"):
        fc.rerun(bare)
