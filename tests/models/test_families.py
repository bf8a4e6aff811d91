"""Each family of priors against scipy, PyMC and the kernels: quantiles, draws, transform, density with its Jacobian, slope."""

import inspect
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from forcest.models.parameters import families
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.families import (
    Dirichlet,
    Family,
    HalfNormal,
    JointNormal,
    Logistic,
    LogitNormal,
    LogNormal,
    Normal,
    PartialCorrelation,
)
from forcest.models.parameters.parameter import Parameter
from small_models import interpreted

LOC, SCALE = [-2.0, 0.5, 1.5], [0.3, 1.0, 2.5]
EXAMPLES = {
    "standard normal": Normal(np.zeros((2, 2))),
    "normal": Normal(LOC, SCALE),
    "lognormal": LogNormal(LOC, SCALE),
    "logitnormal": LogitNormal(LOC, SCALE),
    "logistic": Logistic(LOC, SCALE),
    "halfnormal": HalfNormal(SCALE),
    "partial": PartialCorrelation([0.7, 1.0, 3.5]),
    "dirichlet": Dirichlet([[0.6, 2.0, 5.0], [3.0, 1.0, 1.5]]),
}
FACTOR = [[0.7, 0.0, 0.0], [-0.3, 0.5, 0.0], [0.0, 0.0, 0.2]]
"""Two entries that are correlated and wider together, and one that is apart."""
EXAMPLES["joint normal"] = JointNormal(LOC, FACTOR, [True, True, False], wide_share=0.1, wide_factor=3.0)
STEP = 1e-5
OF_STEP = 1e-7  # a central difference: its error is 1e-10 by truncation, 1e-11 by rounding, over a value of 1e-3 and more
N_DRAWS = 4000


@pytest.fixture(params=EXAMPLES)
def family(request):
    return EXAMPLES[request.param]


# --- the same by scipy ----------------------------------------------------------------------------------------------


MARGINALS = {
    "normal": stats.norm,
    "lognormal": lambda loc, scale: stats.lognorm(scale, scale=np.exp(loc)),
    "logitnormal": lambda loc, scale: stats.johnsonsb(-loc / scale, 1 / scale),
    "logistic": stats.logistic,
    "halfnormal": stats.halfnorm,
    "partial": lambda concentration, _: stats.beta(concentration, concentration, loc=-1, scale=2),
    "dirichlet": lambda concentration, _: stats.beta(concentration, concentration.sum(axis=-1, keepdims=True) - concentration),
}


@dataclass
class WiderTogether:
    """Marginals of a joint normal by scipy."""

    family: JointNormal

    def ppf(self, prob: float) -> np.ndarray:
        """Quantiles, by bisection of the distribution function."""
        low, high = (self.family.loc + side * 60 * self.family.scale for side in (-1, 1))
        for _ in range(80):
            middle = (low + high) / 2
            below = self.cdf(middle) < prob
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return low

    def cdf(self, value: np.ndarray) -> np.ndarray:
        """Distribution function."""
        f = self.family
        share = np.where(f.wide, f.wide_share, 0.0)
        factor = np.where(f.wide, f.wide_factor, 1.0)
        return (1 - share) * stats.norm(f.loc, f.scale).cdf(value) + share * stats.norm(f.loc, factor * f.scale).cdf(value)


def joint_log_density(family: JointNormal, value: np.ndarray) -> float:
    """Log density of a joint normal: a mixture of two multivariate normals."""
    covariance = family.factor @ family.factor.T
    widening = np.where(family.wide, family.wide_factor, 1.0)
    of = [stats.multivariate_normal(family.loc, covariance * np.outer(w, w)).pdf(value) for w in (np.ones(len(widening)), widening)]
    return float(np.log((1 - family.wide_share) * of[0] + family.wide_share * of[1]))


def marginals(family: Family):
    """Distribution of each entry by scipy."""
    if isinstance(family, JointNormal):
        return WiderTogether(family)
    return MARGINALS[family.name](family.loc, family.scale)


def log_density(family: Family, value: np.ndarray) -> float:
    """Log density of a parameter (dims) by scipy."""
    if isinstance(family, Dirichlet):
        return sum(float(stats.dirichlet(row).logpdf(weights)) for row, weights in zip(family.loc, value, strict=True))
    if isinstance(family, JointNormal):
        return joint_log_density(family, value)
    return float(marginals(family).logpdf(value).sum())


def points(family: Family) -> np.ndarray:
    """Coordinates near the centre and in the tails, shape (5, coordinate dims)."""
    width = np.array([0.1, 0.5, 1.0, 1.5, 2.0]).reshape(5, *np.ones(len(family.coordinate_shape), dtype=int))
    return width * np.random.default_rng(6).normal(size=(5, *family.coordinate_shape))


def differences(function, x: np.ndarray) -> np.ndarray:
    """Central differences of a function of one point (coordinate dims), shape (coordinate, ...)."""
    moved = STEP * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(function(x + step) - function(x - step)) / (2 * STEP) for step in moved])


def log_prior(family: Family, x: np.ndarray) -> float:
    """Log prior of one point, normalised."""
    return float(family.log_prior(x[None])[0].sum()) + family.constant


def free_values(family: Family, x: np.ndarray) -> np.ndarray:
    """Entries of the parameter that follow from no others: all, but for the last weight."""
    return family.to_parameter(x[None])[0][..., : family.coordinate_shape[-1]].ravel()


def assert_density_is_that_of_scipy(family: Family):
    for x in points(family):
        jacobian = np.linalg.slogdet(differences(lambda at: free_values(family, at), x)).logabsdet
        expected = log_density(family, family.to_parameter(x[None])[0]) + jacobian
        assert log_prior(family, x) == pytest.approx(expected, abs=OF_STEP * x.size)


def assert_slope_is_that_of_the_density(family: Family):
    slope = family.log_prior(points(family))[1]
    for x, expected in zip(points(family), slope, strict=True):
        np.testing.assert_allclose(differences(lambda at: log_prior(family, at), x), expected.ravel(), rtol=OF_STEP, atol=OF_STEP)


def shares_below_quantiles_in_sd(family: Family, draws: np.ndarray) -> float:
    """How many standard errors the worst share of draws below a quantile is off; above 5 by chance once in 30 000 families."""
    probs = (0.05, 0.5, 0.95)
    off = [np.abs(np.mean(draws < family.quantile(q), axis=0) - q) / np.sqrt(q * (1 - q) / len(draws)) for q in probs]
    return float(np.max(off))


def test_every_family_has_an_example():
    concrete = {c for c in vars(families).values() if inspect.isclass(c) and issubclass(c, Family) and not inspect.isabstract(c)}
    assert {type(example) for example in EXAMPLES.values()} == {c for c in concrete if not c.__name__.startswith("_")}


@pytest.mark.parametrize("prob", [0.001, 0.3, 0.5, 0.95])
def test_quantiles_are_those_of_scipy(family, prob):
    np.testing.assert_allclose(family.quantile(prob), marginals(family).ppf(prob), rtol=1e-10, atol=1e-12)


def test_draws_have_their_quantiles_and_others_have_not(family):
    draws = family.draw(np.random.default_rng(1), N_DRAWS)
    assert draws.shape == (N_DRAWS, *family.shape)
    assert shares_below_quantiles_in_sd(family, draws) < 5
    assert shares_below_quantiles_in_sd(family, draws + 0.2 * draws.std(axis=0)) > 5


def test_the_density_with_its_jacobian_is_that_of_scipy(family):
    assert_density_is_that_of_scipy(family)


def test_the_slope_is_that_of_the_density(family):
    assert_slope_is_that_of_the_density(family)


def test_coordinates_of_the_parameter_at_coordinates_are_the_same(family):
    x = points(family)
    np.testing.assert_allclose(family.to_coordinates(family.to_parameter(x)), x, rtol=0, atol=1e-9)


def test_a_weight_that_underflows_has_finite_coordinates():
    assert np.all(np.isfinite(Dirichlet([1.0, 1.0, 1.0]).to_coordinates(np.array([[0.0, 0.25, 0.75]]))))


# --- wrong families -------------------------------------------------------------------------------------------------


class HalfNormalWithoutJacobian(HalfNormal):
    """Its density is that of the value at the coordinate, not of the coordinate."""

    def log_prior(self, x):
        terms, slope = super().log_prior(x)
        return terms - x, slope - 1


class DirichletWithoutJacobian(Dirichlet):
    """The density of the weights."""

    def log_prior(self, x):
        logs = np.log(self.to_parameter(x))
        return (self.loc - 1) * logs, super().log_prior(x)[1]


class LogisticWithoutScale(Logistic):
    """A slope that forgets the scale."""

    def log_prior(self, x):
        terms, slope = super().log_prior(x)
        return terms, slope * self.scale


class LogNormalByTheWrongCode(LogNormal):
    """A family whose kernels have another transform."""

    code = families.SHARE


class JointNormalWithoutWidening(JointNormal):
    """The wide component is not normalised."""

    def components(self, half_square):
        narrow, wide = super().components(half_square)
        return narrow, wide + np.sum(self.wide) * np.log(self.wide_factor)


WITHOUT_CONSTANTS = [
    HalfNormalWithoutJacobian(SCALE),
    DirichletWithoutJacobian([[0.6, 2.0, 5.0]]),
    JointNormalWithoutWidening(LOC, FACTOR, [True, True, False], 0.1, 3.0),
]


@pytest.mark.parametrize("wrong", WITHOUT_CONSTANTS)
def test_a_density_without_jacobian_is_rejected(wrong):
    with pytest.raises(AssertionError, match="comparison failed"):
        assert_density_is_that_of_scipy(wrong)


@pytest.mark.parametrize("wrong", [LogisticWithoutScale(LOC, SCALE), DirichletWithoutJacobian([[0.6, 2.0, 5.0]])])
def test_a_slope_of_another_density_is_rejected(wrong):
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_slope_is_that_of_the_density(wrong)


# --- the same by PyMC -----------------------------------------------------------------------------------------------


def test_the_variable_of_pymc_has_the_same_coordinate_value_and_density(family):
    import pymc as pm
    import pytensor

    dims = tuple(f"dim_{i}" for i in range(len(family.shape)))
    with pm.Model(coords={dim: range(n) for dim, n in zip(dims, family.shape, strict=True)}) as model:
        variable = family.variable("name", dims)
    assert [value.name for value in model.value_vars] == [family.coordinate_name("name")]
    outputs = [model.logp(), *model.replace_rvs_by_values([variable])]
    function = pytensor.function(model.value_vars, outputs, mode=interpreted())
    for x in points(family):
        logp, value = function(x)
        np.testing.assert_allclose(value, family.to_parameter(x[None])[0], rtol=1e-12)
        assert log_prior(family, x) == pytest.approx(float(logp), rel=1e-10, abs=1e-10)


# --- the same by the kernels ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kernels():
    """Parameters, log prior and gradient of sixteen positions (coordinate, lane), given slopes (value, lane) in the parameters."""
    from numba import njit

    from forcest.models import lanes
    from forcest.models.parameters.coordinates_kernels import coordinate_constants, parameters_backward, parameters_forward

    @njit(_nrt=False)
    def fill(k, position, value, bar, gradient, total):
        lanes.store(total, 0, parameters_forward(k, position, value))
        parameters_backward(k, position, value, bar, gradient)

    def run(family, x, slopes):
        # The kernels never see a model without a scalar parameter: an offset leads.
        layout = Coordinates.of([Parameter("offset", (), Normal(0.0), "", ""), Parameter("name", (), family, "", "")])
        position, value, bar, gradient, total = (
            lanes.aligned_rows(n) for n in (layout.dim, layout.n_values, layout.n_values, layout.dim, 1)
        )
        position[1:], bar[1:] = x.reshape(lanes.LANES, -1).T, slopes.reshape(lanes.LANES, -1).T
        fill(coordinate_constants(layout), position, value, bar, gradient, total)
        return value[1:].T.reshape(-1, *family.shape), total[0] - Normal(0.0).constant, gradient[1:].T.reshape(x.shape)

    return run


def assert_kernels_agree(family: Family, run):
    rng = np.random.default_rng(9)
    x, slopes = 2 * rng.normal(size=(16, *family.coordinate_shape)), rng.normal(size=(16, *family.shape))
    value, total, gradient = run(family, x, slopes)
    np.testing.assert_allclose(value, family.to_parameter(x), rtol=1e-12)
    for i in range(16):
        assert total[i] == pytest.approx(log_prior(family, x[i]), rel=1e-12, abs=1e-12)
        jacobian = differences(lambda at: family.to_parameter(at[None])[0].ravel(), x[i])
        expected = jacobian @ slopes[i].ravel() + family.log_prior(x[i : i + 1])[1].ravel()
        np.testing.assert_allclose(gradient[i].ravel(), expected, rtol=OF_STEP, atol=OF_STEP)


def test_the_kernels_have_the_same_transform_density_and_gradient(family, kernels):
    assert_kernels_agree(family, kernels)


def test_the_transform_of_another_family_is_rejected(kernels):
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_kernels_agree(LogNormalByTheWrongCode(LOC, SCALE), kernels)
