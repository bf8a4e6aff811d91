"""What a caller of the batched density relies on: chains do not know each other, claims can be left out, threads are safe."""

import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from forcest.models.reporting.description import Reporting
from small_models import claim, ledger, many_claims, waves_model

BOUND = waves_model("D").on(many_claims())


@pytest.fixture(scope="module")
def density():
    return BOUND.density()


@pytest.fixture(scope="module")
def positions(density):
    return density.coordinates.prior_positions(np.random.default_rng(3), 33)


@pytest.mark.parametrize("chains", [1, 15, 16, 17, 33])
def test_a_chain_does_not_depend_on_the_others(density, positions, chains):
    value, gradient = density(positions[:chains])
    alone = [density(position[None]) for position in positions[:chains]]
    np.testing.assert_array_equal(value, np.concatenate([v for v, _ in alone]))
    np.testing.assert_array_equal(gradient, np.concatenate([g for _, g in alone]))


def test_a_broken_chain_breaks_no_other(density, positions):
    broken = positions[:3].copy()
    broken[1] = np.nan
    value, gradient = density(broken)
    assert np.isnan(value[1])
    sound = density(positions[:3])
    np.testing.assert_array_equal(value[[0, 2]], sound[0][[0, 2]])
    np.testing.assert_array_equal(gradient[[0, 2]], sound[1][[0, 2]])


def test_positions_beyond_all_reason_give_no_finite_density_or_an_unlikely_one(density):
    for size in (1e3, 1e8, np.inf):
        value, _ = density(np.full((1, density.dim), size))
        assert not np.isfinite(value[0]) or value[0] < -1e5


def test_either_layout_of_positions_is_read(density, positions):
    rows = np.ascontiguousarray(positions[:5])
    columns = np.ascontiguousarray(positions[:5].T).T
    for a, b in zip(density(rows), density(columns), strict=True):
        np.testing.assert_array_equal(a, b)
    assert density(columns)[1].T.flags.c_contiguous


def test_the_gradient_is_the_slope_of_the_value(density, positions):
    step, position = 1e-6, positions[:1]
    moved = step * np.eye(density.dim)
    slope = (density(position + moved)[0] - density(position - moved)[0]) / (2 * step)
    gradient = density(position)[1][0]
    np.testing.assert_allclose(slope, gradient, atol=1e-6 * np.abs(gradient).max())


def prior_and_claims(bound, positions, data):
    """The log density from the statement in arrays of draws."""
    density = bound.density()
    p = density.coordinates.parameters_of(positions)
    curves = bound.read_curves(bound.curves_forward(p))
    claims = bound.likelihood.total(bound.likelihood.forward(p, curves, data), data)
    return density.coordinates.log_prior(positions)[0] + claims


def test_the_value_is_prior_times_claims(density, positions):
    np.testing.assert_allclose(density(positions)[0], prior_and_claims(BOUND, positions, BOUND.data), rtol=1e-11)


def test_claims_thousands_of_scales_away_have_a_finite_density():
    absurd = ledger(claim("d1", "deployed", 500_000_000), claim("d2", "deployed", 5000, source="B"), claim("k1", "killed", 350))
    bound = waves_model("D", reporting=Reporting()).on(absurd)
    density = bound.density()
    positions = density.coordinates.prior_positions(np.random.default_rng(3), 5)
    positions[::2, density.coordinates.by_name["error_scale"].coordinates] = -14.0
    value, gradient = density(positions)
    np.testing.assert_allclose(value, prior_and_claims(bound, positions, bound.data), rtol=1e-11)
    assert value.min() < -1000 < value.max()
    assert np.all(np.isfinite(gradient))
    step = 1e-6 * np.eye(density.dim)
    slope = (density(positions[:1] + step)[0] - density(positions[:1] - step)[0]) / 2e-6
    np.testing.assert_allclose(slope, gradient[0], atol=1e-6 * np.abs(gradient[0]).max())
    alone = [density(position[None]) for position in positions]
    np.testing.assert_array_equal(value, np.concatenate([v for v, _ in alone]))
    np.testing.assert_array_equal(gradient, np.concatenate([g for _, g in alone]))


def test_claims_left_out_say_nothing(density, positions):
    data = BOUND.data
    used = np.ones(len(data.used))
    used[::3] = 0.0
    masked = replace(data, used=used)
    value, gradient = BOUND.density(masked)(positions)
    np.testing.assert_allclose(value, prior_and_claims(BOUND, positions, masked), rtol=1e-11)
    prior, slope = density.coordinates.log_prior(positions)
    nothing = BOUND.density(replace(data, used=np.zeros(len(data.used))))
    np.testing.assert_allclose(nothing(positions)[0], prior, rtol=1e-12)
    np.testing.assert_allclose(nothing(positions)[1], slope, atol=1e-12)
    assert np.any(gradient != density(positions)[1])


def test_other_claims_of_the_same_layout_need_no_new_model(density, positions):
    fewer = waves_model("D").on(ledger(claim("k1", "killed", 350), claim("d1", "deployed", 4000)), BOUND.layout)
    np.testing.assert_array_equal(BOUND.density(fewer.data)(positions)[0], fewer.density()(positions)[0])


def test_threads_do_not_disturb_each_other(density, positions):
    expected = density(positions)[0]
    with ThreadPoolExecutor(2) as pool:
        for value, _ in pool.map(lambda _: density(positions), range(200)):
            np.testing.assert_array_equal(value, expected)


def test_calls_leave_no_memory_behind(density, positions):
    def peak(calls):
        for _ in range(calls):
            density(positions[:2])
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    first = peak(1000)
    assert peak(3000) - first < 300  # KiB: a tenth of one array per call would be more


def test_one_compiled_function_serves_every_model(density, positions):
    from forcest.models.density.force_kernels import density as compiled

    density(positions)
    other = waves_model("3D", partner=None, withdrawals=[]).on(ledger(claim("k1", "killed", 350))).density()
    other(np.zeros((2, other.dim)))
    assert len(compiled.signatures) == 1


def test_numba_is_not_imported_before_a_density_is_asked_for():
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from small_models import waves_model, many_claims\n"
        "import forcest, forcest.models.density.lane_density, forcest.models.parameters.coordinates\n"
        "bound = waves_model('3D').on(many_claims()); bound.data; bound.parameters\n"
        "print('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
