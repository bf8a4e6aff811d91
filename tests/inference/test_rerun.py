"""A saved fit repeats itself number for number; other seeds agree within Monte Carlo error; other posteriors do not."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
import pytest
import xarray as xr

import forcest as fc
from forcest.errors import ForcestError
from forcest.inference.compiled import CompiledModel
from forcest.inference.rerun import compare, fit_in_full
from forcest.inference.settings import Settings


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


def test_an_interrupted_fit_is_no_part_of_something_larger(fit, monkeypatch):
    """Its first draws would be stored as the result, and never be completed."""
    stopped = fit.copy()
    monkeypatch.setitem(fit_in_full.__globals__, "run_fit", lambda model, ledger, **options: stopped)
    assert fit_in_full(None, None) is stopped
    stopped.attrs["ended_by"] = "interrupted"
    with pytest.raises(KeyboardInterrupt):
        fit_in_full(None, None)


def test_fits_in_threads_take_turns_with_the_graph_that_they_share(compiled, monkeypatch):
    """Each puts its own claims into the graph: at the same time, one would sample the claims of the other."""
    inside, met = Lock(), []

    def sample(self, bound, settings):
        met.append(not inside.acquire(blocking=False))
        time.sleep(0.05)
        inside.release()

    monkeypatch.setattr(CompiledModel, "_sample_pymc", sample)
    settings = Settings.of(compiled.bound.model, "pymc", random_seed=1)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: compiled.sample(compiled.bound, settings), range(3)))
    assert met == [False] * 3
