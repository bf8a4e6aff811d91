"""Any PyMC model on the many-chain sampler: right moments, its own names, the same draws again, plain refusals."""

from __future__ import annotations

import json

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from scipy import stats

import forcest as fc
from forcest.errors import ModelError, NotConvergedWarning, SamplingError
from forcest.inference.pymc_density import PymcDensity
from forcest.sampling import diagnose
from forcest.sampling import sample as sample_density
from small_models import interpreted

EFFECTS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
STANDARD_ERRORS = 4.5  # of some 40 moments: false alarms in 0.03 % of seeds
KINDS = ["killed", "wounded", "missing"]


def bounded_model():
    """A simplex, an interval, a positive and two ordered parameters, each with known moments."""
    with pm.Model(coords={"kind": KINDS, "side": ["own", "enemy"]}) as model:
        pm.Dirichlet("share", np.array([2.0, 3.0, 4.0]), dims="kind")
        bias = pm.Beta("bias", 2.0, 5.0, dims=("side", "kind"))
        pm.Gamma("scale", 3.0, 2.0)
        pm.Normal("level", 0.0, 1.0, shape=2, transform=pm.distributions.transforms.ordered, initval=np.array([-1.0, 1.0]))
        pm.Deterministic("odds", bias / (1 - bias), dims=("side", "kind"))
        pm.Deterministic("constant", pt.constant(np.array([1.0, 2.0])))
    return model


def moments():
    """Mean and variance of every parameter of ``bounded_model``, under a name each."""
    share, bias, scale = stats.dirichlet([2.0, 3.0, 4.0]), stats.beta(2.0, 5.0), stats.gamma(3.0, scale=0.5)
    largest = 1 / np.sqrt(np.pi)  # mean of the larger of two standard normal numbers
    return {
        "share": (share.mean(), share.var()),
        "bias": (np.full((2, 3), bias.mean()), np.full((2, 3), bias.var())),
        "scale": (scale.mean(), scale.var()),
        "level": (np.array([-largest, largest]), np.full(2, 1 - 1 / np.pi)),
    }


def worst_error(posterior):
    """Largest error of means and variances in standard errors, each from its own effective sample size."""
    found = []
    for name, (mean, variance) in moments().items():
        values = posterior[name].values.reshape(*posterior[name].shape[:2], -1)
        squares = (values - np.ravel(mean)) ** 2
        for sample, truth in ((values, mean), (squares, variance)):
            error = sample.std(axis=(0, 1)) / np.sqrt(np.minimum(diagnose(sample).ess_bulk, sample[..., 0].size))
            found.append(np.abs(sample.mean(axis=(0, 1)) - np.ravel(truth)) / error)
    return np.concatenate(found).max()


@pytest.fixture(scope="module")
def bounded():
    return bounded_model()


@pytest.fixture(scope="module")
def drawn(bounded):
    return fc.sample(bounded, chains=16, random_seed=5, backend="numpy")


def test_moments_on_bounded_parameters_are_right(drawn):
    assert drawn.attrs["converged"] == 1
    assert worst_error(drawn["posterior"]) < STANDARD_ERRORS


def test_a_density_without_its_jacobian_is_found_out(bounded):
    density = PymcDensity(bounded, "numpy")
    start = [entry.startswith("bias") for entry in density.names].index(True)
    logit = slice(start, start + 6)

    def without_jacobian(position):
        value, gradient = density(position)
        p = 1 / (1 + np.exp(-position[:, logit]))
        gradient = gradient.copy()
        gradient[:, logit] -= 1 - 2 * p
        return value - np.log(p * (1 - p)).sum(axis=1), gradient

    result = sample_density(without_jacobian, density.starts, random_seed=5, chains=16, cores=1)
    found = density.variables_of(result.draws.reshape(-1, density.dim))
    posterior = {name: as_array(values, result.draws.shape[:2]) for name, values in found.items()}
    assert worst_error(posterior) > 2 * STANDARD_ERRORS


def as_array(values, lead):
    return xr.DataArray(values.reshape(*lead, *values.shape[1:]))


def test_variables_keep_dims_coords_and_deterministics(drawn):
    posterior = drawn["posterior"]
    assert posterior["bias"].dims == ("chain", "draw", "side", "kind")
    assert posterior["level"].dims == ("chain", "draw", "level_dim_0")
    assert list(posterior["kind"].values) == KINDS
    np.testing.assert_allclose(posterior["odds"], posterior["bias"] / (1 - posterior["bias"]))
    np.testing.assert_allclose(posterior["share"].sum("kind"), 1.0)
    assert (posterior["level"].diff("level_dim_0") > 0).all()
    assert (posterior["constant"] == [1.0, 2.0]).all()
    assert posterior.sizes["chain"] == 16


def test_statistics_have_the_names_of_arviz_and_attributes_say_how(drawn, tmp_path):
    assert set(drawn["sample_stats"].data_vars) == {"lp", "diverging", "acceptance_rate", "n_steps"}
    assert all(values.dims == ("chain", "draw") for values in drawn["sample_stats"].data_vars.values())
    assert json.loads(drawn.attrs["sampler_settings"])["vectorised"]
    drawn.to_netcdf(tmp_path / "draws.nc")


def test_the_same_seed_gives_the_same_draws_and_another_does_not(bounded, drawn):
    with pytest.warns(NotConvergedWarning) as warned:
        again = fc.sample(bounded, chains=16, random_seed=5, draws=5, backend="numpy")
    with pytest.warns(NotConvergedWarning):
        other = fc.sample(bounded, chains=16, random_seed=6, draws=5, backend="numpy")
    assert warned[0].filename == __file__  # the line that called fc.sample
    first = drawn["posterior"]["share"].values[:, :5]
    np.testing.assert_array_equal(again["posterior"]["share"], first)
    assert not np.array_equal(other["posterior"]["share"], first)


def test_value_and_gradient_are_those_of_the_model_one_chain_at_a_time(bounded):
    density = PymcDensity(bounded, "numpy")
    positions = density.starts(np.random.default_rng(1), 5)
    value, gradient = density(positions)
    names = [var.name for var in bounded.value_vars]
    shapes = [bounded.initial_point(0)[name].shape for name in names]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    logp = bounded.compile_logp(mode=interpreted())
    for chain, position in enumerate(positions):
        parts = [part.reshape(shape) for part, shape in zip(np.split(position, cuts), shapes, strict=True)]
        assert value[chain] == pytest.approx(float(logp(dict(zip(names, parts, strict=True)))), rel=1e-10)
    step = 1e-6 * np.eye(density.dim)
    slope = (density(positions[0] + step)[0] - density(positions[0] - step)[0]) / 2e-6
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-5, atol=1e-6)


def test_improper_prior_starts_at_the_initial_point_and_hard_bounds_are_kept():
    with pm.Model() as model:
        x = pm.Flat("x")
        pm.Normal("y", x, 1.0, observed=1.0)
        pm.Potential("bound", pt.switch(x > 0, 0.0, -np.inf))
    posterior = fc.sample(model, chains=16, random_seed=1, backend="numpy")["posterior"]
    assert (posterior["x"] > 0).all()
    assert float(posterior["x"].mean()) == pytest.approx(1 + stats.norm.pdf(1) / stats.norm.cdf(1), abs=0.1)


def test_draws_that_have_not_converged_warn():
    with pm.Model() as model:
        pm.Normal("x", shape=2)
    with pytest.warns(NotConvergedWarning, match="bulk ESS"):
        drawn = fc.sample(model, chains=8, random_seed=1, draws=5, backend="numpy")
    assert drawn.attrs["converged"] == 0
    assert json.loads(drawn.attrs["reasons"])


def test_arguments_by_position_or_under_a_former_name_are_refused():
    """In PyMC the first number is draws; here it was chains."""
    with pytest.raises(SamplingError, match=r"sample takes only model by position; got 2 arguments\. Name the others"):
        fc.sample(pm.Model(), 1000)
    for old, new in (("threads", "cores"), ("progress", "progressbar"), ("seed", "random_seed")):
        with pytest.raises(SamplingError, match=f"no argument '{old}'; it is called '{new}'"):
            fc.sample(pm.Model(), **{old: 1})


def test_what_cannot_be_drawn_is_refused_by_name():
    with pm.Model() as discrete:
        k = pm.Poisson("k", 3.0)
        pm.Normal("x", k)
    with pytest.raises(ModelError, match=r"discrete: k\. Sum them out"):
        fc.sample(discrete)
    with pytest.raises(ModelError, match="must have a free variable"):
        fc.sample(pm.Model())
    with pytest.raises(ModelError, match=r"pymc.Model; got int"):
        fc.sample(3)
    with pytensor.config.change_flags(floatX="float32"), pm.Model() as single:
        pm.Normal("x")
    with pytest.raises(ModelError, match=r"float64 parameters only; got x \(float32\)"):
        fc.sample(single)
    with pm.Model() as fine:
        pm.Normal("x")
    with pytest.raises(ModelError, match="`backend` must be one of numba, numpy; got 'jax'"):
        fc.sample(fine, backend="jax")


def eight_schools():
    with pm.Model(coords={"school": list("ABCDEFGH")}) as model:
        mu = pm.Normal("mu", 0.0, 5.0)
        tau = pm.HalfNormal("tau", 5.0)
        z = pm.Normal("z", 0.0, 1.0, dims="school")
        theta = pm.Deterministic("theta", mu + tau * z, dims="school")
        pm.Normal("y", theta, ERRORS, observed=EFFECTS, dims="school")
    return model


def schools_truth():
    """Posterior mean of mu, tau and theta by quadrature over tau: mu and theta are normal given it."""
    tau = np.linspace(0, 40, 8001)[1:, None]
    precision = 1 / (ERRORS**2 + tau**2)
    total = precision.sum(1) + 1 / 25
    centre = (precision * EFFECTS).sum(1) / total
    log_weight = 0.5 * (np.log(precision).sum(1) - np.log(total) + centre**2 * total - (precision * EFFECTS**2).sum(1))
    log_weight -= 0.5 * (tau[:, 0] / 5) ** 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    pull = ERRORS**2 * precision
    return weight @ centre, weight @ tau[:, 0], weight @ (EFFECTS * (1 - pull) + centre[:, None] * pull)


@pytest.mark.slow
def test_eight_schools_agree_with_quadrature_on_compiled_code_for_any_number_of_threads():
    model = eight_schools()
    drawn = fc.sample(model, random_seed=2, target_ess=2000)
    mu, tau, theta = schools_truth()
    for name, truth in (("mu", mu), ("tau", tau), ("theta", theta)):
        values = drawn["posterior"][name].values.reshape(*drawn["posterior"][name].shape[:2], -1)
        error = values.std(axis=(0, 1)) / np.sqrt(diagnose(values).ess_bulk)
        assert np.max(np.abs(values.mean(axis=(0, 1)) - truth) / error) < 4, name
    again = fc.sample(model, random_seed=2, target_ess=2000, cores=1)
    np.testing.assert_array_equal(again["posterior"]["mu"], drawn["posterior"]["mu"])


@pytest.mark.slow
def test_compiled_code_says_what_the_graph_says_node_by_node(bounded):
    plain, compiled = PymcDensity(bounded, "numpy"), PymcDensity(bounded)
    positions = plain.starts(np.random.default_rng(3), 21)
    for found, expected in zip(compiled(positions), plain(positions), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(compiled(positions[:4])[0], compiled(positions)[0][:4])


@pytest.mark.slow
def test_a_model_with_a_scan_runs():
    with pm.Model() as model:
        a, noise = pm.Normal("a"), pm.Normal("noise", shape=4)
        zero = pt.constant(0.0, dtype="float64")
        step = lambda e, before, a: pt.tanh(a) * before + e  # noqa: E731
        path = pytensor.scan(step, sequences=[noise], outputs_info=[zero], non_sequences=[a], return_updates=False)
        pm.Deterministic("path", path)
        pm.Normal("y", path, 1.0, observed=np.arange(4.0))
    drawn = fc.sample(model, chains=16, random_seed=1, backend="numpy")
    posterior = drawn["posterior"]
    by_hand = np.zeros(posterior["a"].shape)
    for i in range(4):
        by_hand = np.tanh(posterior["a"].values) * by_hand + posterior["noise"].values[..., i]
        np.testing.assert_allclose(posterior["path"].values[..., i], by_hand, atol=1e-12)
