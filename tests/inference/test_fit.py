"""A fit holds what docs/fit-format.md promises, survives its file, and repeats itself."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import forcest as fc
from forcest.errors import ForcestError, ModelError, NotConvergedWarning
from forcest.inference import batched
from forcest.inference.diagnose import convergence, judge
from forcest.inference.samplers import as_dict, from_dict, sampler_named
from forcest.inference.settings import Settings
from forcest.ledger import Ledger, read_ledger
from inference_ledger import small_ledger_frame, small_model

STATES = ("in_training", "at_front", "rear", "in_hospital", "killed", "captured", "missing", "withdrawn_home")
CUMULATIVE = (
    "deployed",
    "killed",
    "wounded",
    "captured",
    "missing",
    "casualties",
    "returned_to_duty",
    "withdrawn_home",
    "invalided",
)


def largest_gap(posterior: xr.Dataset) -> float:
    """Largest distance between the deployed and the sum of the states, as a share of the deployed."""
    states = sum(posterior[name].astype(float) for name in STATES)
    return float(np.abs(states - posterior["deployed"]).max() / posterior["deployed"].max())


def test_the_fit_converged_and_says_so(fit):
    verdict = fc.diagnose(fit)
    assert verdict.converged, str(verdict)
    assert fit.attrs["converged"] == 1
    table = fit["diagnostics"]
    assert table["nested_r_hat"].max() <= 1.01
    assert table["r_hat"].max() <= 1.03
    assert min(table["ess_bulk"].min(), table["ess_tail"].min()) >= 400


def test_everybody_deployed_is_somewhere_in_every_draw(fit):
    assert largest_gap(fit["posterior"].to_dataset()) < 1e-6
    assert largest_gap(fit["prior"].to_dataset()) < 1e-6


def test_casualties_are_the_sum_of_their_kinds(fit):
    p = fit["posterior"]
    kinds = p["killed"] + p["wounded"] + p["captured"] + p["missing"]
    np.testing.assert_allclose(kinds, p["casualties"], rtol=1e-12)


@pytest.mark.parametrize("name", CUMULATIVE)
def test_cumulative_curves_never_fall(fit, name):
    values = fit["posterior"][name].values
    assert np.diff(values, axis=-1).min() >= -1e-9 * values.max()


def test_a_file_holds_the_same_numbers_to_single_precision(fit, saved):
    loaded = fc.load(saved)
    assert set(loaded.children) == set(fit.children)
    assert largest_gap(loaded["posterior"].to_dataset()) < 1e-5
    for name, values in fit["posterior"].data_vars.items():
        np.testing.assert_allclose(loaded["posterior"][name].values, values.values, rtol=1e-6, atol=1e-6, err_msg=name)
    pd.testing.assert_frame_equal(fc.summary(loaded), fc.summary(fit), check_dtype=False, rtol=1e-6)
    assert dict(loaded.attrs) == dict(fit.attrs)


def test_a_file_restores_ledger_and_model(saved, ledger, compiled):
    attrs = fc.load(saved).attrs
    assert Ledger.from_csv(attrs["ledger"]).hash == ledger.hash == attrs["ledger_hash"]
    assert fc.ForceModel.model_validate_json(attrs["model"]) == compiled.bound.model
    assert json.loads(attrs["sampler_settings"])["random_seed"] == 3


def test_the_same_seed_gives_the_same_draws(fit, compiled, ledger):
    again = fc.fit(compiled, ledger, random_seed=3)
    np.testing.assert_array_equal(again["posterior"]["killed"], fit["posterior"]["killed"])


def test_a_copy_under_its_origin_changes_nothing(fit, compiled):
    copy = small_ledger_frame().iloc[[0]].assign(id="copy", origin="a1", source="Enemy staff")
    repeated = read_ledger(pd.concat([small_ledger_frame(), copy]).fillna(""))
    again = fc.fit(fc.compile_model(compiled.bound.model, repeated), repeated, random_seed=3)
    np.testing.assert_array_equal(again["posterior"]["killed"], fit["posterior"]["killed"])
    assert again["constant_data"]["copies"].sel(claim="a1") == "copy"


def test_part_of_the_ledger_is_fitted_in_the_layout_of_the_whole(compiled, ledger, fit):
    part = fc.fit(compiled, ledger.exclude(source="Registers"), random_seed=1)
    assert "a9" not in part["constant_data"]["claim"]
    assert list(part["posterior"]["source"].values) == list(fit["posterior"]["source"].values)
    assert np.isnan(part["posterior"]["bias"].sel(source="Registers")).all()
    assert part.attrs["ledger_hash"] != fit.attrs["ledger_hash"]


def test_a_ledger_with_other_sources_is_refused_by_a_compiled_model(compiled):
    other = read_ledger(small_ledger_frame().assign(source="Somebody else", stance="enemy"))
    with pytest.raises(ModelError, match="Somebody else"):
        fc.fit(compiled, other, random_seed=1)


def test_too_few_draws_are_called_not_converged(compiled, ledger):
    with pytest.warns(NotConvergedWarning, match="effective sample size"):
        short = fc.fit(compiled, ledger, sampler=fc.Batched(draws=10), random_seed=1)
    assert short.attrs["converged"] == 0
    assert not fc.diagnose(short).converged
    assert "double" in fc.diagnose(short).remedy


def test_the_log_likelihood_of_claims_adds_up_to_that_of_the_graph(fit, compiled):
    """Claims that say what they mean are independent: their sum is the likelihood; the paper's two share one meaning."""
    plain = [c for c in fit["log_likelihood"]["claim"].values if c not in ("a6", "a7")]
    flat = {p.name: fit["posterior"][p.name].values.reshape(-1, *p.shape) for p in compiled.bound.parameters}
    bound = compiled.bound
    variants = bound.likelihood.forward(flat, bound.read_curves(bound.curves_forward(flat)), bound.data)
    both = [variants[:, [i for i, m in enumerate(bound.data.variant_meaning) if m == meaning]].sum(axis=1) for meaning in (0, 1)]
    total = fit["log_likelihood"]["claims"].sel(claim=plain).sum("claim").values.ravel() + np.logaddexp(*both) - np.log(2)
    np.testing.assert_allclose(total, bound.likelihood.total(variants, bound.data), rtol=1e-5)


def test_the_density_of_a_compiled_model_is_that_of_its_fit(fit, compiled):
    density = compiled.density
    flat = {p.name: fit["posterior"][p.name].values.reshape(-1, *p.shape) for p in compiled.bound.parameters}
    value, gradient = density(density.coordinates.positions_of(flat))
    lp = fit["sample_stats"]["lp"].values.ravel()
    np.testing.assert_allclose(value + density.coordinates.constant, lp, rtol=1e-9)
    assert gradient.shape == (lp.size, density.dim)


@pytest.mark.parametrize(
    ("sampler", "faulty"),
    [
        (fc.Batched, {"draws": 3}),
        (fc.Batched, {"chains": 1}),
        (fc.Batched, {"target_accept": 1.5}),
        (fc.Batched, {"max_seconds": 0.0}),
        (fc.Batched, {"target_ess": -1}),
        (fc.Nutpie, {"draws": 0}),
        (fc.Nutpie, {"target_accept": 0}),
        (fc.PyMC, {"tune": 2.5}),
        (fc.PyMC, {"chains": "four"}),
    ],
)
def test_options_that_cannot_be_are_refused_as_they_are_stated(sampler, faulty):
    name, value = next(iter(faulty.items()))
    with pytest.raises(ForcestError, match=rf"`{name}` of {sampler.__name__} must .* got {value!r}"):
        sampler(**faulty)


def test_options_of_another_sampler_cannot_be_stated():
    with pytest.raises(TypeError, match="tune"):
        fc.Batched(tune=500)
    with pytest.raises(TypeError, match="max_seconds"):
        fc.Nutpie(max_seconds=5)


@pytest.mark.parametrize("seed", [-1, 1.5])
def test_a_seed_that_cannot_be_is_refused_before_anything_runs(compiled, ledger, seed):
    with pytest.raises(ForcestError, match=f"`random_seed` must be .* got {seed}"):
        fc.fit(compiled, ledger, random_seed=seed)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fc.fit(None, None, draws=100), r"fit\(\) has no argument `draws`.*sampler=fc\.Batched\(draws=\.\.\.\)"),
        (lambda: fc.fit(None, None, tune=100), r"sampler=fc\.Nutpie\(tune=\.\.\.\)"),
        (lambda: fc.fit(None, None, progress=True), "called `progressbar`"),
        (lambda: fc.rerun(None, progress=True), "called `progressbar`"),
        (lambda: fc.calibrate(None, None, progress=print), "called `callback`"),
        (lambda: fc.backtest(None, None, [], progress=print), "called `callback`"),
        (lambda: fc.cross_validate(None, None, progress=print), "called `callback`"),
        (lambda: fc.influence(None, progress=print), "called `callback`"),
        (lambda: fc.sensitivity(None, progress=print), "called `callback`"),
        (lambda: fc.summary(None, prob=0.9), "called `ci_prob`"),
    ],
)
def test_an_old_name_is_refused_with_the_new_one(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_a_wrong_sampler_is_named(compiled, ledger):
    with pytest.raises(ForcestError, match="gibbs"):
        fc.fit(compiled, ledger, sampler="gibbs")


@pytest.mark.parametrize("content", [b"", b"no netcdf at all", None])
def test_what_is_no_fit_is_not_loaded(tmp_path, content):
    path = tmp_path / "x.nc"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ForcestError, match=r"x\.nc"):
        fc.load(path)


def test_a_foreign_netcdf_file_is_not_loaded(tmp_path):
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "foreign.nc", engine="h5netcdf")
    with pytest.raises(ForcestError, match="must be a fit of forcest"):
        fc.load(tmp_path / "foreign.nc")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")  # shorter than an estimate; the errors are compared
@pytest.mark.parametrize("sampler", [fc.Nutpie, fc.PyMC])
def test_the_samplers_find_the_same_posterior(fit, compiled, ledger, sampler, monkeypatch):
    """Means of the headline curves agree within 4 combined Monte Carlo standard errors (10 numbers: false alarm below 0.1 %)."""
    from arviz_stats import mcse

    if sampler is fc.PyMC:  # which would run nutpie in its place where it is installed
        monkeypatch.setattr("nutpie.sample", None)
    other = fc.fit(compiled, ledger, sampler=sampler(draws=300, tune=300), random_seed=3)
    for name in ("deployed", "at_front", "killed", "wounded", "returned_to_duty"):
        for date in ("2024-02-12", "2024-03-04"):
            one, two = (np.log(tree["posterior"][name].sel(date=date).isel(force=0)) for tree in (fit, other))
            error = np.hypot(float(mcse(one.values)), float(mcse(two.values)))
            assert abs(float(one.mean() - two.mean())) < 4 * error, (name, date)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::forcest.errors.NotConvergedWarning")
def test_a_part_of_the_ledger_needs_no_second_compilation(compiled, ledger):
    fc.fit(compiled, ledger, sampler=fc.Nutpie(draws=50, tune=100), random_seed=1)
    part = fc.fit(compiled, ledger.exclude(id=["a4", "a5"]), sampler=fc.Nutpie(draws=50, tune=100), random_seed=1)
    assert json.loads(part.attrs["seconds"])["compile"] == 0


def test_names_stand_for_defaults_and_objects_are_used_as_they_are():
    assert sampler_named("nutpie", quick=False) == fc.Nutpie()
    assert sampler_named("nutpie", quick=True) == fc.Nutpie(draws=400, tune=400)
    assert sampler_named("batched", quick=True) == fc.Batched(chains=16, target_ess=100)
    assert sampler_named(fc.Batched(), quick=True) == fc.Batched()


@pytest.mark.parametrize("sampler", [fc.Batched(draws=50, max_seconds=9.5), fc.Nutpie(chains=2), fc.PyMC(target_accept=0.8)])
def test_a_stored_sampler_is_the_same_again(sampler):
    assert from_dict(json.loads(json.dumps(as_dict(sampler)))) == sampler


def test_a_ledger_is_bound_once(monkeypatch, ledger):
    bound = []
    bind = fc.ForceModel.on
    monkeypatch.setattr(fc.ForceModel, "on", lambda self, *args: bound.append(self) or bind(self, *args))
    with pytest.warns(NotConvergedWarning):
        fc.fit(small_model(), ledger, sampler=fc.Batched(draws=10), random_seed=1)
    assert len(bound) == 1


def test_what_cannot_be_judged_does_not_count_as_converged():
    rng = np.random.default_rng(1)
    sound = {"sound": rng.normal(size=(4, 1_000))}
    assert judge(convergence(sound), quick=False, n_diverging=0).converged
    gap = np.where(rng.random((4, 1_000)) < 0.01, np.nan, 1.0)
    found = judge(convergence(sound | {"broken": gap}), quick=False, n_diverging=0)
    assert not found.converged
    assert "broken" in found.reasons[0]
    never = np.full((4, 1_000), np.nan)  # a curve that the model does not have
    assert judge(convergence(sound | {"absent": never}), quick=False, n_diverging=0).converged


@pytest.mark.parametrize(("elapsed", "left"), [(0.0, 40.0), (30.0, 10.0), (45.0, 1e-3)])
def test_a_limited_time_is_for_drawing_and_what_follows(monkeypatch, elapsed, left):
    """Of 50 seconds 40 are for drawing."""
    monkeypatch.setattr(batched.time, "perf_counter", lambda: 100.0 + elapsed)
    settings = Settings(fc.Batched(max_seconds=50.0), random_seed=1)
    assert batched.options_of(settings, 100.0)["max_seconds"] == pytest.approx(left)
    assert batched.options_of(Settings(fc.Batched(), random_seed=1), 100.0)["max_seconds"] is None
