"""Sampling coordinates of the published model: exact maps, exact Jacobians, exact slopes; whatever is centred."""

import numpy as np
import pytest

from forcest.models.radford2023.centred import CentredRadford2023
from forcest.models.radford2023.centring import centring_of, coordinates_of, core_of, information_at
from forcest.models.radford2023.model import BoundRadford2023
from radford_reports import small_reports

STEP = 1e-6


@pytest.fixture(scope="module", params=[3.0, 0.02], ids=["as told", "nearly everything centred"])
def centred(request):
    bound = BoundRadford2023(small_reports(), n_knots=8)
    density = bound.density()
    rough = np.random.default_rng(1).normal(size=(8, density.dim)) * 0.3
    centring = centring_of(bound, information_at(bound, rough), request.param)
    return CentredRadford2023(bound, density, centring, core_of(bound, centring))


@pytest.fixture(scope="module")
def place(centred):
    return np.random.default_rng(0).normal(size=(2, centred.published.dim)) * 0.3


def steps(place):
    """Both ends of a small step along every coordinate."""
    step = STEP * np.eye(len(place))
    return place + step, place - step


def test_there_and_back_is_the_same_place(centred, place):
    positions = centred.published_positions(place)
    np.testing.assert_allclose(coordinates_of(centred.bound, centred.centring, positions), place, atol=1e-11)


def test_the_log_density_gains_the_log_determinant_of_the_map(centred, place):
    value, _ = centred(place)
    published, _ = centred.published(centred.published_positions(place))
    for i, at in enumerate(place):
        up, down = steps(at)
        jacobian = (centred.published_positions(up) - centred.published_positions(down)) / (2 * STEP)
        np.testing.assert_allclose(value[i] - published[i], np.linalg.slogdet(jacobian)[1], atol=1e-7)


def test_the_gradient_is_the_slope_of_the_value(centred, place):
    _, gradient = centred(place)
    for i, at in enumerate(place):
        up, down = steps(at)
        slope = (centred(up)[0] - centred(down)[0]) / (2 * STEP)  # the values have 1e-10 of rounding, the steps 1e-6
        assert np.abs(gradient[i] - slope).max() < 1e-6 * np.abs(slope).max()
        off = gradient[i] * (1 + 1e-3 * (np.arange(len(at)) == np.abs(slope).argmax()))
        assert np.abs(off - slope).max() > 1e-4 * np.abs(slope).max()


def test_informed_directions_exist_and_stand_in_the_core(centred):
    n_informed = int(centred.centring.start[-1])
    layout = centred.published.coordinates.by_name
    apart = ("loss_offset", "loss_partial", "bias_offset")
    prior_only = sum(layout[name].coordinates.stop - layout[name].coordinates.start for name in apart)
    r = centred.bound.reports
    n_cells = len(set(zip(r.source, r.kind, strict=True)))
    assert len(centred.core) == centred.published.dim - prior_only + n_informed + n_cells


def test_information_of_a_level_is_not_taken_for_that_of_a_spline():
    """A single report fixes the level of its series and says nothing about the form of its curve."""
    reports = small_reports()
    one = reports.kind == reports.kind[0]
    keep = ~one | (np.arange(len(one)) == 0)
    cut = {name: getattr(reports, name)[keep] for name in ("day", "count", "kind", "source", "country", "category")}
    cut |= {name: getattr(reports, name)[keep] for name in ("is_minimum", "is_maximum", "is_daily")}
    bound = BoundRadford2023(type(reports)(reports.series, reports.sources, reports.n_days, **cut), n_knots=8)
    rough = np.random.default_rng(1).normal(size=(4, bound.density().dim)) * 0.3
    found = information_at(bound, rough)
    assert np.abs(found.splines[reports.kind[0]]).max() < 1e-12
    np.testing.assert_allclose(np.add.reduceat(found.anchors, bound.reports.reads.start[:-1]), 1.0)
