"""The published density of Radford et al. (2023) against reference values of Stan, in both statements."""

import json
import os
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammaln
from scipy.stats import nbinom, poisson

from forcest.errors import ForcestError
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.radford2023 import kernels
from forcest.models.radford2023.model import BoundRadford2023
from forcest.models.radford2023.reports import CATEGORIES, Reports
from radford_reports import small_reports

GOLDEN = Path(__file__).parents[1] / "golden" / "logdensity_points.json"
STORE = os.environ.get("FORCEST_DATA")
CSV = Path(STORE or ".") / "radford2023" / "replication-data-pnas.csv"
needs_data = pytest.mark.skipif(STORE is None, reason="FORCEST_DATA does not name a store of public data sets")

# Stan's name of each parameter, and how Stan's numbers (matrices by columns) stand in ours (by rows).
STAN = {
    "cum_phi": ("dispersion_level", None),
    "cum_phi_sigma": ("dispersion_scale", None),
    "cum_phi_offset": ("dispersion_offset", None),
    "bias_sigma": ("bias_scale", None),
    "bias_source_sigma": ("bias_source_scale", (7, 2)),
    "bias_source_offset": ("bias_source_offset", (7, 2)),
    "bias_source_type_offset": ("bias_offset", (7, 42)),
    "beta_min_mu": ("minimum_level", None),
    "beta_max_mu": ("maximum_level", None),
    "beta_min_sigma": ("minimum_scale", None),
    "beta_max_sigma": ("maximum_scale", None),
    "beta_min_offset": ("minimum_offset", None),
    "beta_max_offset": ("maximum_offset", None),
    "beta_type_mu": ("type_level", None),
    "beta_type_sigma": ("type_scale", None),
    "beta_type_offset": ("type_offset", None),
    "slope_mu": ("slope_level", None),
    "slope_sigma": ("slope_scale", None),
    "slope_offset": ("slope_offset", None),
    "spline_raw": ("loss_offset", (30, 152)),
    "spline_Lcorr": ("loss_partial", None),
    "spline_sigma": ("loss_scale", None),
}


@pytest.fixture(scope="module")
def bound():
    return BoundRadford2023(Reports.of(pd.read_csv(CSV)))


@pytest.fixture(scope="module")
def coordinates(bound):
    return Coordinates.of(bound.parameters)


@pytest.fixture(scope="module")
def reference(coordinates):
    """Positions of the five points, their log densities and gradients, in our coordinates.

    Stan leaves out the constants of the prior, and takes the inverse hyperbolic tangent of a partial correlation where we take
    the log odds, which are twice that.
    """
    stored = json.loads(GOLDEN.read_text())
    place, factor = np.empty(coordinates.dim, dtype=int), np.ones(coordinates.dim)
    for entry in stored["layout"]:
        name, shape = STAN[entry["name"]]
        at = np.arange(entry["start"], entry["start"] + entry["size"])
        place[coordinates.by_name[name].coordinates] = at if shape is None else at.reshape(shape, order="F").ravel()
        factor[coordinates.by_name[name].coordinates] = 2.0 if entry["name"] == "spline_Lcorr" else 1.0
    points = stored["points"]
    constant = coordinates.constant - 2 * log(2) * coordinates.by_name["loss_partial"].parameter.distribution.loc.sum()
    positions = np.array([point["u"] for point in points])[:, place] * factor
    gradients = np.array([point["grad"] for point in points])[:, place] / factor
    return positions, np.array([point["log_prob"] for point in points]) + constant, gradients


@pytest.fixture(scope="module")
def function(bound):
    compiled = bound.graph().logp_dlogp_function(ravel_inputs=True)
    compiled.set_extra_values({})
    return compiled


def agrees(value, gradient, expected, slope):
    """Relative 1e-8 of the log density, 1e-8 of the largest slope: what two versions of Stan agree to, with a margin."""
    return np.allclose(value, expected, rtol=1e-8, atol=0) and np.abs(gradient - slope).max() <= 1e-8 * np.abs(slope).max()


@needs_data
def test_the_model_has_the_published_size(bound, coordinates):
    assert coordinates.dim == 5462
    assert len(bound.reports.count) == 4609
    assert (bound.reports.is_daily.sum(), len(bound.reports.series), len(CATEGORIES)) == (162, 30, 21)


@needs_data
@pytest.mark.slow
def test_the_graph_equals_stan_at_all_reference_points(function, reference):
    for position, expected, slope in zip(*reference, strict=True):
        assert agrees(*function(position), expected, slope)


@needs_data
def test_the_batched_density_equals_stan_at_all_reference_points(bound, reference):
    positions, expected, slopes = reference
    value, gradient = bound.density()(positions)
    for i in range(len(positions)):
        assert agrees(value[i], gradient[i], expected[i], slopes[i])


@needs_data
def test_a_thousandth_in_one_gradient_or_a_millionth_in_the_value_would_be_seen(bound, reference):
    positions, expected, slopes = reference
    value, gradient = bound.density()(positions[3:4])
    worst = np.abs(gradient[0]).argmax()
    off = gradient[0].copy()
    off[worst] *= 1.001
    assert not agrees(value[0], off, expected[3], slopes[3])
    assert not agrees(value[0] * (1 + 1e-6), gradient[0], expected[3], slopes[3])


@pytest.fixture(scope="module")
def small():
    return BoundRadford2023(small_reports(), n_knots=8)


def test_value_and_gradient_equal_those_of_the_graph_near_and_far(small):
    density = small.density()
    function = small.graph().logp_dlogp_function(ravel_inputs=True)
    function.set_extra_values({})
    positions = np.random.default_rng(2).normal(size=(12, density.dim)) * np.repeat([0.1, 0.5, 1.5], 4)[:, None]
    value, gradient = density(positions)
    for i, position in enumerate(positions):
        expected, slope = function(position)
        np.testing.assert_allclose(value[i], expected, rtol=1e-8)
        np.testing.assert_allclose(gradient[i], slope, atol=1e-7 * np.abs(slope).max())


def test_positions_stand_in_the_order_of_the_graph(small):
    assert [var.name for var in small.graph().value_vars] == [entry.name for entry in Coordinates.of(small.parameters).entries]


def test_without_overdispersion_a_cumulative_report_is_poisson(small):
    """At size e^30 the negative binomial is Poisson to 13 digits, and the density must not lose its own."""
    density = small.density()
    entry = density.coordinates.by_name
    position = np.zeros((2, density.dim))
    position[:, entry["dispersion_level"].coordinates] = [[-30.0], [-31.0]]
    value, gradient = density(position)
    prior = density.coordinates.log_prior(position)[0]
    r, days = small.reports, np.arange(1, small.reports.n_days + 1)
    mean = np.where(r.is_daily, 1.0, days[r.day])  # all rates are one a day, and nothing is biased
    expected = np.sum(r.count * np.log(mean) - mean - gammaln(r.count + 1.0))
    np.testing.assert_allclose(value - prior, expected, rtol=1e-10)
    slope = gradient[:, entry["dispersion_level"].coordinates].ravel() + position[:, entry["dispersion_level"].coordinates].ravel()
    np.testing.assert_allclose(slope[0] / slope[1], np.e, rtol=1e-3)  # what is left of the size is its inverse


def test_reports_have_the_log_probability_that_scipy_gives_them():
    """A cumulative minimum of 12 on the second day and a daily 3: rates of 4 a day, the source at exp(0.2), minima at exp(-0.5)."""
    table = pd.DataFrame({
        "days": [2, 2], "loss_count": [12, 3], "loss_type": ["Tanks-Russia", "Tanks-Russia"], "claim_source": ["one", "one"],
        "time_frame": ["Cumulative", "Day"], "loss_country": ["Russia", "Russia"], "minimum": [1, 0], "maximum": [0, 0],
        "category": ["Tanks", "Tanks"],
    })  # fmt: skip
    bound = BoundRadford2023(Reports.of(table), n_knots=2)
    p = {q.name: np.zeros((1, *q.shape)) for q in bound.parameters}
    p |= {"type_level": np.array([np.log(2)]), "type_scale": np.array([0.5]), "type_offset": np.array([[2 * np.log(2)]])}
    p |= {"bias_scale": np.array([0.1]), "bias_source_scale": np.full((1, 1, 2), 0.5)}
    p["bias_source_offset"][0, 0, 0], p["bias_offset"][0, 0, 0, CATEGORIES.index("Tanks")] = 1.0, 0.2
    p |= {"minimum_level": np.array([-0.1]), "minimum_scale": np.array([0.2]), "minimum_offset": np.array([[-2.0]])}
    p |= {"dispersion_level": np.array([-0.5]), "dispersion_scale": np.array([0.25]), "dispersion_offset": np.array([[-2.0]])}
    mean, size = 8 * np.exp(0.2 - 0.5), np.exp(1.0)
    expected = [nbinom.logpmf(12, size, size / (size + mean)), poisson.logpmf(3, 4 * np.exp(0.2))]
    np.testing.assert_allclose(bound.log_likelihood(p), [expected], rtol=1e-11)


def test_only_published_kinds_and_countries_are_read():
    table = pd.DataFrame({"category": ["Submarines"], "loss_country": ["Russia"]})
    with pytest.raises(ForcestError, match=r"category must be one of .*; got 'Submarines'"):
        Reports.of(table)


def test_size_terms_are_exact_on_both_sides_of_the_shift():
    """h and its slope through the whole density: a report of ten at sizes from 0.01 to 1e6, against gammaln."""
    table = pd.DataFrame({
        "days": [1, 2], "loss_count": [12, 3], "loss_type": ["Tanks-Russia", "Tanks-Russia"], "claim_source": ["one", "one"],
        "time_frame": ["Cumulative", "Cumulative"], "loss_country": ["Russia", "Russia"], "minimum": [0, 0], "maximum": [0, 0],
        "category": ["Tanks", "Tanks"],
    })  # fmt: skip
    bound = BoundRadford2023(Reports.of(table), n_knots=2)
    density = bound.density()
    sizes = np.array([0.01, 0.3, 2.0, 9.0, 15.999, 16.0, 16.001, 300.0, 1e6])
    position = np.zeros((len(sizes), density.dim))
    position[:, density.coordinates.by_name["dispersion_level"].coordinates] = -np.log(sizes)[:, None]
    value = density(position)[0] - density.coordinates.log_prior(position)[0]
    expected = np.zeros(len(sizes))
    for y, mean in ((12, 1.0), (3, 2.0)):
        expected += gammaln(y + sizes) - gammaln(sizes) - gammaln(y + 1) + y * np.log(mean / (sizes + mean))
        expected += sizes * np.log(sizes / (sizes + mean))
    np.testing.assert_allclose(value, expected, rtol=1e-9)  # gammaln itself loses 1e-10 at a size of a million
    assert kernels.STIRLING_FROM == 10  # one report on each side of the series
