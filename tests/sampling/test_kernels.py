"""What arithmetic says of integrators, metrics and transitions."""

import numpy as np
import pytest

from forcest.sampling.density import Density
from forcest.sampling.integrator import euclidean_kick_drift, isokinetic_kick_drift
from forcest.sampling.kernel import HMC, MAMS, Move, draw_velocity, integrate, transition
from forcest.sampling.metric import Dense, Diagonal, LowRank
from forcest.sampling.state import Key
from forcest.sampling.streams import normals

DIM, CHAINS = 6, 5
KERNEL = pytest.mark.parametrize("kernel", [MAMS, HMC], ids=lambda k: k.name)


def quartic(position):
    """A density that is not normal and not symmetric."""
    value = -0.25 * np.sum(position**4, axis=1) + np.sum(np.sin(position), axis=1)
    return value, -(position**3) + np.cos(position)


def metrics():
    rng = np.random.default_rng(3)
    factor = np.tril(rng.standard_normal((DIM, DIM))) + 2 * np.eye(DIM)
    vectors = np.linalg.qr(rng.standard_normal((DIM, 2)))[0]
    return [
        Diagonal(rng.uniform(0.2, 3, DIM)),
        Dense(factor, np.linalg.inv(factor)),
        LowRank(rng.uniform(0.2, 3, DIM), vectors, np.array([9.0, 0.04])),
    ]


METRIC = pytest.mark.parametrize("metric", metrics(), ids=lambda m: m.kind)


@METRIC
def test_metric_operations_fit_together(metric):
    block = np.random.default_rng(1).standard_normal((DIM, CHAINS))
    np.testing.assert_allclose(metric.whiten(metric.colour(block.copy())), block, rtol=1e-12)
    np.testing.assert_allclose(metric.colour(metric.whiten_gradient(block).copy()), metric.apply(block), rtol=1e-12, atol=1e-14)
    full = metric.apply(np.eye(DIM))
    np.testing.assert_allclose(full, full.T, atol=1e-15)
    np.testing.assert_allclose(metric.scales(), np.sqrt(np.diag(full)), rtol=1e-12)


@KERNEL
@METRIC
def test_trajectories_are_reversible(kernel, metric):
    density = Density(quartic, DIM)
    state = density.state(np.random.default_rng(1).standard_normal((DIM, CHAINS)))
    velocity = draw_velocity(kernel, metric, normals(Key(1, np.arange(CHAINS), 1), DIM))
    steps = np.linspace(0.02, 0.05, CHAINS)
    first = velocity.copy()
    move = Move(kernel, metric, np.nan, 13)
    there, _, _, gained, alive = integrate(move, density, state, velocity, steps)
    back, _, _, returned, _ = integrate(move, density, density.state(there), np.negative(velocity, out=velocity), steps)
    assert alive.all()
    np.testing.assert_allclose(back, state.position, atol=1e-11)
    np.testing.assert_allclose(velocity, -first, atol=1e-11)
    np.testing.assert_allclose(gained, -returned, atol=1e-10)


@KERNEL
@METRIC
def test_velocities_have_their_length(kernel, metric):
    """HMC velocities are N(0, Sigma); isokinetic ones keep whitened length sqrt(dim) along a trajectory."""
    noise = normals(Key(1, np.arange(4000), 1), DIM)
    velocity = draw_velocity(kernel, metric, noise)
    covariance = velocity @ velocity.T / 4000
    error = np.abs(metric.whiten(metric.whiten(covariance).T) - np.eye(DIM)).max()
    assert error < 0.12  # standard errors are at most 0.022
    if kernel is MAMS:
        density = Density(quartic, DIM)
        state = density.state(np.random.default_rng(1).standard_normal((DIM, 4000)))
        integrate(Move(kernel, metric, 0.1, 20), density, state, velocity, np.full(4000, 0.1))
        np.testing.assert_allclose((metric.whiten(velocity) ** 2).sum(axis=0), DIM, rtol=1e-10)


def flow(kernel, z):
    """One kick and drift of one chain as a map of (position, velocity), and its kinetic gain; unit metric."""
    x, v = z[:DIM, None].copy(), z[DIM:, None].copy()
    value, gradient = quartic(x.T)
    kinetic, alive = np.zeros(1), np.ones(1, dtype=bool)
    g = np.ascontiguousarray(gradient.T)
    kernel.kick_drift(x, v, value, g, g, kinetic, alive, np.array([0.3]), np.array([0.2]))
    return np.concatenate((x[:, 0], v[:, 0])), kinetic[0]


def jacobian(function, z, h=1e-6):
    return np.stack([(function(z + h * e) - function(z - h * e)) / (2 * h) for e in np.eye(z.size)], axis=1)


def test_leapfrog_keeps_volume_and_counts_its_energy():
    z = np.random.default_rng(2).standard_normal(2 * DIM)
    assert np.linalg.det(jacobian(lambda p: flow(HMC, p)[0], z)) == pytest.approx(1.0, abs=1e-7)
    moved, gained = flow(HMC, z)
    assert gained == pytest.approx(0.5 * np.sum(moved[DIM:] ** 2) - 0.5 * np.sum(z[DIM:] ** 2), rel=1e-12)


def test_isokinetic_energy_is_the_log_of_the_volume_change():
    """On the sphere of velocities the kick shrinks volume by exp(-gain): the quantity the Metropolis test needs."""
    rng = np.random.default_rng(2)
    x, u = rng.standard_normal(DIM), rng.standard_normal(DIM)
    u *= np.sqrt(DIM) / np.linalg.norm(u)
    moved, gained = flow(MAMS, np.concatenate((x, u)))

    def on_sphere(tangent, base, frame):
        point = base + frame @ tangent
        return point * np.sqrt(DIM) / np.linalg.norm(point)

    def frame(base):
        return np.linalg.svd(base[:, None])[0][:, 1:]

    before, after = frame(u), frame(moved[DIM:])
    local = jacobian(lambda t: after.T @ flow(MAMS, np.concatenate((x, on_sphere(t, u, before))))[0][DIM:], np.zeros(DIM - 1))
    assert -np.log(abs(np.linalg.det(local))) == pytest.approx(gained, abs=1e-7)


@pytest.mark.parametrize("kick_drift", [euclidean_kick_drift, isokinetic_kick_drift])
def test_two_half_kicks_are_one(kick_drift):
    rng = np.random.default_rng(4)
    x, g = rng.standard_normal((2, DIM, CHAINS))
    v = rng.standard_normal((DIM, CHAINS))
    v *= np.sqrt(DIM / np.sum(v * v, axis=0))
    results = []
    for kicks in ([0.4], [0.2, 0.2]):
        velocity, kinetic, alive = v.copy(), np.zeros(CHAINS), np.ones(CHAINS, dtype=bool)
        for kick in kicks:
            kick_drift(x.copy(), velocity, np.zeros(CHAINS), g, g, kinetic, alive, np.full(CHAINS, kick), np.zeros(CHAINS))
        results.append((velocity, kinetic))
    np.testing.assert_allclose(results[0][0], results[1][0], atol=1e-13)
    np.testing.assert_allclose(results[0][1], results[1][1], atol=1e-12)


@KERNEL
@METRIC
def test_batched_run_equals_serial_runs(kernel, metric):
    """Ten frozen transitions of five chains at once, and of each chain alone: the same numbers, streams included.

    Only the last bits may differ, where the linear algebra library sums a single column in another order.
    """
    density = Density(quartic, DIM)
    start = density.state(np.random.default_rng(1).standard_normal((DIM, CHAINS)))
    chains = np.arange(CHAINS, dtype=np.int64)

    def run(columns):
        state = density.state(np.ascontiguousarray(start.position[:, columns]))
        path = []
        for iteration in range(1, 11):
            state, info = transition(Move(kernel, metric, 0.2, iteration), Key(9, chains[columns], iteration), state, density)
            path.append((state.position, info.is_accepted))
        return np.stack([p for p, _ in path]), np.stack([a for _, a in path])

    together, accepted = run(slice(None))
    assert 0 < accepted.mean() <= 1
    for chain in range(CHAINS):
        alone, accepted_alone = run(slice(chain, chain + 1))
        np.testing.assert_array_equal(accepted[:, chain], accepted_alone[:, 0])
        np.testing.assert_allclose(together[:, :, chain], alone[:, :, 0], rtol=1e-9, atol=1e-11)
