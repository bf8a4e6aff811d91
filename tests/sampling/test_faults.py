"""Everything that can go wrong with a density or a run, and what the sampler says then."""

import os
import signal
import threading

import numpy as np
import pytest

from forcest.errors import SamplingError
from forcest.sampling import sample
from forcest.sampling.convergence import stuck_chains
from forcest.sampling.result import Infos


def normal(position):
    return -0.5 * np.sum(position**2, axis=1), -position


def around_zero(dim):
    return lambda rng, n: rng.uniform(-2, 2, (n, dim))


def reasons(result):
    return " | ".join(result.verdict.reasons)


def test_starts_without_density_are_redrawn_and_counted():
    def positive(position):
        value, gradient = normal(position)
        return np.where(position[:, 0] > 0, value, -np.inf), gradient

    result = sample(positive, around_zero(3), random_seed=1, chains=16, draws=20)
    assert (result.draws[:, :, 0] > 0).all()
    assert result.warmup.n_redrawn > 0
    assert any("redrawn" in note for note in result.verdict.notes)


def test_rows_of_an_array_replace_bad_ones():
    rows = np.random.default_rng(1).standard_normal((8, 2))
    rows[3] = np.nan
    result = sample(normal, rows, random_seed=1, chains=8, draws=10)
    assert np.isfinite(result.draws).all()


@pytest.mark.parametrize(
    ("value", "gradient", "words"),
    [
        (-np.inf, 0.0, "the log density was -inf at 16"),
        (np.nan, 0.0, "the log density was nan at 16"),
        (np.inf, 0.0, "the log density was +inf at 16"),
        (0.0, np.nan, "the gradient was not finite in coordinate 1"),
    ],
)
def test_no_usable_start_is_an_error_that_says_what_was_wrong(value, gradient, words):
    def broken(position):
        out = -position
        out[:, 1] += gradient
        return np.full(position.shape[0], value), out

    with pytest.raises(SamplingError, match=words.replace("+", r"\+")):
        sample(broken, around_zero(3), random_seed=1, chains=16)


@pytest.mark.parametrize(
    "returned",
    [
        lambda x: (np.zeros(len(x), dtype=np.float32), -x),
        lambda x: (np.zeros(len(x)), -x.astype(np.float32)),
        lambda x: (np.zeros((len(x), 1)), -x),
        lambda x: (np.zeros(len(x)), -x.T),
    ],
)
def test_wrong_shapes_and_types_are_refused(returned):
    with pytest.raises(SamplingError, match="float64"):
        sample(returned, around_zero(3), random_seed=1, chains=16)


def test_an_error_of_the_density_reaches_the_caller():
    def fails(position):
        if (position[:, 0] > 0.5).any():
            raise RuntimeError("from the model")
        return normal(position)

    with pytest.raises(RuntimeError, match="from the model"):
        sample(fails, np.zeros((16, 2)), random_seed=1, chains=16)


@pytest.mark.parametrize("kernel", ["mams", "hmc"])
def test_nan_inside_a_trajectory_is_a_rejection_and_is_counted(kernel):
    """The half space beyond 1 gives NaN: no draw may lie there, and the rest must have the truncated normal's mean."""

    def cut(position):
        value, gradient = normal(position)
        outside = position[:, 0] > 1.0
        gradient[outside] = np.nan
        return np.where(outside, np.nan, value), gradient

    result = sample(cut, lambda rng, n: rng.uniform(-2, 0.9, (n, 3)), random_seed=2, kernel=kernel, target_ess=1500)
    assert result.infos.is_nonfinite.sum() > 0
    assert (result.draws[:, :, 0] <= 1.0).all()
    truncated_mean, truncated_sd = -0.2876, 0.7935
    ess = result.diagnostics.ess_bulk[0]
    assert ess > 400
    assert abs(result.draws[:, :, 0].mean() - truncated_mean) < 4 * truncated_sd / np.sqrt(ess)


def test_a_stuck_chain_is_named_and_not_called_converged():
    """A spike of curvature 1e8 inside a wide normal: a chain that starts in it cannot leave with the step size of the others."""
    centre = np.array([0.5, 0.5, 0.5, 0.5])

    def spiked(position):
        r2 = np.sum((position - centre) ** 2, axis=1)
        wide, spike = -0.5 * np.sum(position**2, axis=1), 18.0 - 0.5e8 * r2
        top = np.maximum(wide, spike)
        value = top + np.log(np.exp(wide - top) + np.exp(spike - top))
        share = np.exp(spike - value)[:, None]
        return value, -(1 - share) * position - share * 1e8 * (position - centre)

    rows = np.random.default_rng(1).standard_normal((8, 4))
    rows[5] = centre
    result = sample(spiked, rows, random_seed=1, chains=8, draws=60)
    if 5 in result.warmup.replaced:  # moved elsewhere before the draws began, which a note must say
        assert any("far behind the others" in note for note in result.verdict.notes)
    else:
        assert 5 in result.verdict.stuck
        assert "stuck chain: 5" in reasons(result)
        assert not result.verdict.converged


def two_modes(position, weight=0.3, apart=8.0):
    up = -0.5 * np.sum((position - apart / 2) ** 2, axis=1) + np.log(weight)
    down = -0.5 * np.sum((position + apart / 2) ** 2, axis=1) + np.log(1 - weight)
    value = np.logaddexp(up, down)
    share = np.exp(up - value)[:, None]
    return value, -share * (position - apart / 2) - (1 - share) * (position + apart / 2)


@pytest.mark.parametrize("chains", [16, 32])
def test_separate_modes_are_named(chains):
    result = sample(two_modes, lambda rng, n: rng.uniform(-6, 6, (n, 5)), random_seed=1, chains=chains, max_draws=200)
    assert not result.verdict.converged
    assert "two separate modes" in reasons(result)


def flat_sum(position):
    gradient = np.zeros_like(position)
    total = position[:, 0] + position[:, 1]
    gradient[:, 0] = gradient[:, 1] = -total
    gradient[:, 2:] = -position[:, 2:]
    return -0.5 * total**2 - 0.5 * np.sum(position[:, 2:] ** 2, axis=1), gradient


def flat_coordinate(position):
    gradient = -position
    gradient[:, 0] = 0.0
    return -0.5 * np.sum(position[:, 1:] ** 2, axis=1), gradient


def rising(position):
    gradient = -position
    gradient[:, 0] = 1.0
    return position[:, 0] - 0.5 * np.sum(position[:, 1:] ** 2, axis=1), gradient


@pytest.mark.parametrize(
    ("improper", "words"),
    [(flat_sum, "improper in coordinates 0, 1:"), (flat_coordinate, "improper in coordinate 0:"), (rising, "still rises")],
)
def test_an_improper_posterior_is_named(improper, words):
    result = sample(improper, around_zero(5), random_seed=1, chains=8, max_draws=100)
    assert not result.verdict.converged
    assert words in reasons(result)
    assert "improper" in reasons(result)


def funnel(position):
    v, x = position[:, 0], position[:, 1:]
    w = np.exp(-v)
    q = np.sum(x**2, axis=1) * w
    gradient = np.empty_like(position)
    gradient[:, 0] = -v / 9 + 0.5 * q - 0.5 * x.shape[1]
    gradient[:, 1:] = -x * w[:, None]
    return -(v**2) / 18 - 0.5 * q - 0.5 * x.shape[1] * v, gradient


@pytest.mark.parametrize("kernel", ["mams", "hmc"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_centred_funnel_is_not_called_converged(kernel, seed):
    result = sample(funnel, around_zero(10), random_seed=seed, kernel=kernel, target_ess=100, max_draws=1000)
    assert not result.verdict.converged
    assert "too narrow for the step size" in reasons(result) or result.verdict.stuck


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sound_target_is_called_converged(seed):
    """Skewed and heavy-tailed coordinates: logs of gamma variables, shapes 0.3 to 30."""
    shape = np.geomspace(0.3, 30, 8)

    def log_gamma(position):
        e = np.exp(position)
        return np.sum(shape * position - e, axis=1), shape - e

    result = sample(log_gamma, around_zero(8), random_seed=seed)
    assert result.verdict.converged, reasons(result)


def test_dimension_one_uses_hmc_and_says_so():
    result = sample(normal, around_zero(1), random_seed=1)
    assert result.settings.kernel == "hmc"
    assert any("dimension 1" in note for note in result.verdict.notes)
    assert result.verdict.converged, reasons(result)
    assert abs(result.draws.std() - 1) < 0.15


def test_dimension_two_thousand_converges():
    """Sixteen stretched and squeezed directions among 2,000: the low-rank metric must find them."""
    dim, rng = 2000, np.random.default_rng(1)
    basis = np.linalg.qr(rng.standard_normal((dim, 16)))[0]
    weight = (1 / np.r_[np.geomspace(4, 2500, 8), 1 / np.geomspace(4, 2500, 8)] - 1)[:, None]

    def spiked(position):
        x = position.T
        gradient = -(x + basis @ (weight * (basis.T @ x)))
        return 0.5 * np.einsum("ik,ik->k", x, gradient), gradient.T

    result = sample(spiked, around_zero(dim), random_seed=1, chains=16, draws=40)
    assert result.warmup.has_settled
    assert result.tuned_metric.kind == "low_rank"
    assert result.infos.n_steps.mean() < 20  # a diagonal metric would need some 50 times more
    variance = (basis.T @ result.draws.reshape(-1, dim).T).var(axis=1)
    assert np.abs(np.log(variance / (1 / (1 + weight[:, 0])))).max() < 0.6  # 640 nearly independent draws: sd 0.06 if so


def test_max_seconds_returns_the_draws_made_by_then():
    sample(normal, around_zero(4), random_seed=1, draws=5)  # compiles
    result = sample(normal, around_zero(4), random_seed=1, target_ess=1e9, max_draws=10**6, max_seconds=0.5)
    assert result.verdict.ended_by
    assert not result.verdict.converged
    assert 0 < result.draws.shape[1] < 10**6
    assert "max_seconds" in reasons(result)
    assert result.seconds < 5


@pytest.fixture
def interruptible():
    """A background process of a shell may ignore interrupts; here they must arrive."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_returns_whole_draws(interruptible):
    seen = []

    def interrupt_later(progress):
        if progress.phase == "sampling" and not seen:
            seen.append(progress.n_done)
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()

    result = sample(
        normal, around_zero(4), random_seed=1, target_ess=1e9, max_draws=10**6, max_seconds=20, callback=interrupt_later
    )
    assert seen
    assert "interrupted" in reasons(result)
    assert result.verdict.ended_by
    assert result.seconds < 15
    assert result.draws.shape[1] >= seen[0]
    value, _ = normal(result.draws[:, -1])
    np.testing.assert_allclose(value, result.lp[:, -1])


def test_an_interrupt_in_the_warm_up_returns_no_draws():
    def stop(progress):
        raise KeyboardInterrupt

    result = sample(normal, around_zero(4), random_seed=1, callback=stop)
    assert result.draws.shape[1] == 0
    assert not result.verdict.converged
    assert result.diagnostics is None


def test_too_few_starting_rows_are_refused():
    with pytest.raises(SamplingError, match="at least 16 rows"):
        sample(normal, np.zeros((3, 2)), random_seed=1, chains=16)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kernel": "nuts"}, "kernel must be one of mams, hmc"),
        ({"metric": "full"}, "metric must be"),
        ({"chains": 1}, "at least 2; got 1"),
    ],
)
def test_arguments_out_of_range_are_refused(wrong, words):
    with pytest.raises(SamplingError, match=words):
        sample(normal, around_zero(2), random_seed=1, **wrong)


@pytest.mark.parametrize(("old", "new"), [("seed", "random_seed"), ("threads", "cores"), ("progress", "callback")])
def test_a_former_name_of_an_argument_is_refused_with_the_new_one(old, new):
    with pytest.raises(SamplingError, match=f"sample has no argument '{old}'; it is called '{new}'"):
        sample(normal, around_zero(2), **{old: 1})


def test_arguments_by_position_are_refused():
    with pytest.raises(SamplingError, match="only logdensity and initial by position; got 3 arguments"):
        sample(normal, around_zero(2), 1000)


def test_names_of_coordinates_appear_in_the_verdict():
    result = sample(flat_coordinate, around_zero(3), random_seed=1, chains=8, draws=60, names=["level", "bias", "slope"])
    assert "improper in level:" in reasons(result)


def test_stuck_chains_are_those_that_stay_at_one_place_for_a_tenth_of_the_run():
    accepted = np.ones((3, 300), dtype=bool)
    accepted[1, 50:79] = False
    accepted[2, 50:80] = False
    rates = np.full((3, 300), 0.9)
    infos = Infos(rates, np.zeros((3, 300)), accepted, ~accepted, ~accepted, np.ones(300, dtype=int))
    np.testing.assert_array_equal(stuck_chains(infos), [2])
    rates[0] = 0.2
    np.testing.assert_array_equal(stuck_chains(infos), [0, 2])
