"""Targets with known moments (or none: then targets_references.json has those of a long run), batched over chains.

Every density takes (chain, dim) and returns value and gradient in the layout that is fastest for the sampler.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numba import njit
from scipy.special import expit, gammaln, log_expit, polygamma, psi


@dataclass(frozen=True)
class Target:
    """A density, the region of starting points, and mean and sd of every coordinate if they are known."""

    name: str
    dim: int
    logdensity: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    mean: np.ndarray | None = None
    sd: np.ndarray | None = None
    spread: float = 2.0
    is_sound: bool = True
    """False if no sampler of this kind can be right; an alarm is then the correct result."""
    data: dict[str, np.ndarray] = field(default_factory=dict)
    """Constants of the density, for its implementation in another library."""
    mean_error: np.ndarray | float = 0.0
    """Standard errors of the moments, if they come from a long run."""
    sd_error: np.ndarray | float = 0.0

    def start(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.uniform(-self.spread, self.spread, (n, self.dim))


def _batched(inner):
    """A density on (chain, dim) from one written for blocks (dim, chain)."""

    def logdensity(position):
        value, gradient = inner(position.T)
        return value, gradient.T

    return logdensity


def normal_dense(dim: int, condition: float, seed: int = 0) -> Target:
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))[0]
    variance = np.logspace(0, -np.log10(condition), dim)
    precision = (rotation / variance) @ rotation.T

    def inner(x):
        g = -(precision @ x)
        return 0.5 * np.einsum("ik,ik->k", x, g), g

    sd = np.sqrt(np.einsum("ij,j,ij->i", rotation, variance, rotation))
    return Target(f"normal_{dim}", dim, _batched(inner), np.zeros(dim), sd, data={"precision": precision})


def normal_spiked(dim: int, n_slow: int, n_stiff: int, seed: int = 0) -> Target:
    """Scales over two decades, and some directions stretched or squeezed up to 100-fold in sd."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((dim, n_slow + n_stiff)))[0]
    stretch = np.concatenate((np.logspace(0.6, 4, n_slow), np.logspace(-0.6, -4, n_stiff)))
    scale = np.exp(rng.uniform(-np.log(10), np.log(10), dim))[:, None]
    weight = (1.0 / stretch - 1.0)[:, None]

    def inner(x):
        z = x / scale
        g = -(z + basis @ (weight * (basis.T @ z)))
        return 0.5 * np.einsum("ik,ik->k", z, g), g / scale

    sd = scale[:, 0] * np.sqrt(1.0 + np.sum(basis**2 * (stretch - 1.0), axis=1))
    data = {"scale": scale[:, 0], "basis": basis, "weight": weight[:, 0]}
    return Target(f"normal_spiked_{dim}", dim, _batched(inner), np.zeros(dim), sd, data=data)


def normal_walk(dim: int) -> Target:
    """A random walk observed at every step with noise three times its step: condition about 40, all directions different."""

    def inner(x):
        step = np.diff(x, axis=0, prepend=0.0)
        g = -step - x / 9.0
        g[:-1] += step[1:]
        return -0.5 * np.sum(step**2, axis=0) - np.sum(x**2, axis=0) / 18.0, g

    precision = np.diag(np.r_[np.full(dim - 1, 2.0), 1.0] + 1 / 9) - np.eye(dim, k=1) - np.eye(dim, k=-1)
    return Target(f"normal_walk_{dim}", dim, _batched(inner), np.zeros(dim), np.sqrt(np.diag(np.linalg.inv(precision))))


def student(dim: int = 20, dof: float = 5.0) -> Target:
    """Multivariate t, scales over three decades."""
    scale = np.logspace(-1.5, 1.5, dim)[:, None]

    def inner(x):
        z = x / scale
        q = 1.0 + np.sum(z**2, axis=0) / dof
        return -0.5 * (dof + dim) * np.log(q), -(dof + dim) / dof * z / q / scale

    sd = scale[:, 0] * np.sqrt(dof / (dof - 2))
    return Target("student5", dim, _batched(inner), np.zeros(dim), sd, data={"scale": scale[:, 0]})


def banana(pairs: int = 5) -> Target:
    """Pairs x ~ N(0, 1), y | x ~ N(x**2 - 1, 0.3): E y = 0, Var y = 2 + 0.09."""

    def inner(p):
        x, y = p[:pairs], p[pairs:]
        r = (y - x**2 + 1.0) / 0.09
        value = -0.5 * np.sum(x**2 + 0.09 * r**2, axis=0)
        return value, np.concatenate((-x + 2.0 * x * r, -r))

    sd = np.r_[np.ones(pairs), np.full(pairs, np.sqrt(2.09))]
    return Target("banana", 2 * pairs, _batched(inner), np.zeros(2 * pairs), sd)


def funnel(dim: int = 10, centred: bool = True) -> Target:
    """Neal's funnel: v ~ N(0, 3), x_i ~ N(0, exp(v / 2)); the non-centred one is a standard normal but for v."""

    def inner(p):
        v, x = p[0], p[1:]
        w = np.exp(-v) if centred else np.ones_like(v)
        q = np.sum(x**2, axis=0) * w
        g = np.empty_like(p)
        g[0] = -v / 9.0 + (0.5 * q - 0.5 * (dim - 1) if centred else 0.0)
        g[1:] = -x * w
        return -(v**2) / 18.0 - 0.5 * q - (0.5 * (dim - 1) * v if centred else 0.0), g

    sd = np.r_[3.0, np.full(dim - 1, np.exp(9.0 / 4.0) if centred else 1.0)]
    return Target("funnel" if centred else "funnel_nc", dim, _batched(inner), np.zeros(dim), sd, is_sound=not centred)


_SCHOOLS_Y = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])[:, None]
_SCHOOLS_S = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])[:, None]


def _schools_moments(centred: bool) -> tuple[np.ndarray, np.ndarray]:
    """Exact moments by quadrature over log tau; mu and the effects are normal given tau."""
    t = np.linspace(-14.0, 7.0, 6001)
    tau2 = np.exp(2 * t)
    total = _SCHOOLS_S**2 + tau2
    precision = 1 / 25.0 + np.sum(1 / total, axis=0)
    m = np.sum(_SCHOOLS_Y / total, axis=0) / precision
    log_weight = t - np.log1p(tau2 / 25.0) - 0.5 * np.log(precision) - 0.5 * np.sum(np.log(total), axis=0)
    log_weight += 0.5 * m**2 * precision - 0.5 * np.sum(_SCHOOLS_Y**2 / total, axis=0)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    shrink = tau2 / total
    if centred:
        mean_i, var_i = m + shrink * (_SCHOOLS_Y - m), shrink * _SCHOOLS_S**2 + (1 - shrink) ** 2 / precision
    else:
        root = np.sqrt(tau2) / total
        mean_i, var_i = root * (_SCHOOLS_Y - m), 1 - shrink + root**2 / precision
    means = np.vstack((m, t, mean_i))
    variances = np.vstack((1 / precision, np.zeros_like(t), var_i))
    mean = means @ weight
    return mean, np.sqrt((variances + means**2) @ weight - mean**2)


def schools(centred: bool) -> Target:
    """Eight schools, mu ~ N(0, 5), tau ~ half-Cauchy(5), on (mu, log tau, effects)."""

    def inner(p):
        mu, t, e = p[0], p[1], p[2:]
        tau = np.exp(t)
        theta = e if centred else mu + tau * e
        r = (_SCHOOLS_Y - theta) / _SCHOOLS_S**2
        value = -(mu**2) / 50.0 + t - np.log1p(tau**2 / 25.0) - 0.5 * np.sum((_SCHOOLS_Y - theta) * r, axis=0)
        g = np.empty_like(p)
        g[0], g[1] = -mu / 25.0, 1.0 - 2.0 * tau**2 / (25.0 + tau**2)
        if centred:
            z = (e - mu) / tau
            value -= 0.5 * np.sum(z**2, axis=0) + 8 * t
            g[2:] = r - z / tau
            g[0] += np.sum(z, axis=0) / tau
            g[1] += np.sum(z**2, axis=0) - 8
        else:
            value -= 0.5 * np.sum(e**2, axis=0)
            g[2:] = tau * r - e
            g[0] += np.sum(r, axis=0)
            g[1] += np.sum(r * e, axis=0) * tau
        return value, g

    return Target("schools_c" if centred else "schools_nc", 10, _batched(inner), *_schools_moments(centred), is_sound=not centred)


def _glmm(name, counts_model, seed):
    """Groups with random intercepts, non-centred; (intercept, slopes, log sigma, z)."""
    rng = np.random.default_rng(seed)
    n, groups, slopes = 600, 40, 4
    design = rng.standard_normal((n, slopes))
    of = np.repeat(np.arange(groups), n // groups)
    eta = 0.5 + design @ rng.normal(0, 0.5, slopes) + rng.normal(0, 0.8, groups)[of]
    y = (rng.poisson(np.exp(eta)) if counts_model else rng.binomial(1, expit(eta))).astype(float)[:, None]

    def inner(p):
        a, b, s, z = p[0], p[1 : 1 + slopes], p[1 + slopes], p[2 + slopes :]
        sigma = np.exp(s)
        eta = a + design @ b + (sigma * z)[of]
        if counts_model:
            rate = np.exp(np.minimum(eta, 500.0))
            value, residual = np.sum(y * eta - rate, axis=0), y - rate
        else:
            value, residual = np.sum(y * eta + log_expit(-eta), axis=0), y - expit(eta)
        by_group = residual.reshape(groups, -1, residual.shape[1]).sum(axis=1)
        value += -0.5 * (a**2 / 4 + np.sum(b**2, axis=0) + np.sum(z**2, axis=0)) + s - 0.5 * sigma**2
        g = np.concatenate(
            (
                [by_group.sum(axis=0) - a / 4],
                design.T @ residual - b,
                [np.sum(by_group * z, axis=0) * sigma + 1 - sigma**2],
                by_group * sigma - z,
            )
        )
        return value, g

    return Target(name, 2 + slopes + groups, _batched(inner), data={"design": design, "of": of, "y": y[:, 0]})


def logistic_glmm() -> Target:
    return _glmm("logistic_glmm", False, 1)


def poisson_glmm() -> Target:
    return _glmm("poisson_glmm", True, 2)


@njit(cache=True, nogil=True)
def _recur(z, phi):
    """h[t] = phi h[t - 1] + z[t], for arrays (day, chain) and (chain,)."""
    h = np.empty(z.shape)
    h[0] = z[0]
    for t in range(1, z.shape[0]):
        for k in range(z.shape[1]):
            h[t, k] = phi[k] * h[t - 1, k] + z[t, k]
    return h


def volatility(days: int = 300) -> Target:
    """Stochastic volatility, AR(1) log variance non-centred: (mu, logit-like phi, log sigma, z)."""
    rng = np.random.default_rng(3)
    h = np.zeros(days)
    for t in range(1, days):
        h[t] = 0.95 * h[t - 1] + 0.25 * rng.standard_normal()
    y = (np.exp(0.5 * (h - 1.0)) * rng.standard_normal(days))[:, None]

    def inner(p):
        mu, f, s, z = p[0], p[1], p[2], p[3:]
        phi, sigma = np.tanh(f), np.exp(s)
        h = _recur(z, phi)
        level = mu + sigma * h
        w = y**2 * np.exp(np.clip(-level, -700, 700))
        value = (
            -0.5 * np.sum(level + w + z**2, axis=0)
            - 0.5 * (mu + 1) ** 2
            - 0.5 * ((f - 1.5) / 0.5) ** 2
            - 0.5 * ((s + 1.5) / 0.5) ** 2
        )
        dl = 0.5 * (w - 1)
        back = _recur((dl * sigma)[::-1], phi)[::-1]
        dphi = np.sum(back[1:] * h[:-1], axis=0)
        g = np.empty_like(p)
        g[0] = dl.sum(axis=0) - (mu + 1)
        g[1] = dphi * (1 - phi**2) - (f - 1.5) / 0.25
        g[2] = np.sum(dl * h, axis=0) * sigma - (s + 1.5) / 0.25
        g[3:] = back - z
        return value, g

    return Target(f"volatility_{days}", days + 3, _batched(inner), data={"y": y[:, 0]})


def cox_process(n: int = 200) -> Target:
    """Log-Gaussian Cox process with fixed kernel, whitened latent field centred by the data: strongly correlated."""
    rng = np.random.default_rng(4)
    x = np.linspace(0, 1, n)
    cov = np.exp(-0.5 * ((x[:, None] - x) / 0.1) ** 2) + 1e-6 * np.eye(n)
    lower = np.linalg.cholesky(cov)
    field = 2.0 + lower @ rng.standard_normal(n)
    y = rng.poisson(np.exp(field)).astype(float)[:, None]

    def inner(z):
        eta = 2.0 + lower @ z
        rate = np.exp(np.minimum(eta, 500.0))
        return np.sum(y * eta - rate, axis=0) - 0.5 * np.sum(z**2, axis=0), lower.T @ (y - rate) - z

    return Target(f"cox_{n}", n, _batched(inner), data={"lower": lower, "y": y[:, 0]})


def simplex(dim: int = 10) -> Target:
    """Dirichlet on centred log ratios to the last: alpha from 0.5 to 8; a gamma variable each, so moments are exact."""
    alpha = np.geomspace(0.5, 8.0, dim)[:, None]

    def inner(x):
        top = np.maximum(x.max(axis=0), 0.0)
        log_sum = top + np.log(np.exp(x - top).sum(axis=0) + np.exp(-top))
        total = alpha.sum() + 3.0
        return np.sum(alpha * x, axis=0) - total * log_sum, alpha - total * np.exp(x - log_sum)

    mean = psi(alpha[:, 0]) - psi(3.0)
    return Target("simplex", dim, _batched(inner), mean, np.sqrt(polygamma(1, alpha[:, 0]) + polygamma(1, 3.0)))


def bounded(dim: int = 12) -> Target:
    """Beta(a, b) variables through the logit, very asymmetric ones among them."""
    a, b = np.geomspace(0.4, 20.0, dim)[:, None], np.full((dim, 1), 1.5)

    def inner(x):
        value = np.sum(a * log_expit(x) + b * log_expit(-x), axis=0)
        return value, a * expit(-x) - b * expit(x)

    mean, sd = psi(a) - psi(b), np.sqrt(polygamma(1, a) + polygamma(1, b))
    return Target("bounded", dim, _batched(inner), mean[:, 0], sd[:, 0])


def log_gamma(dim: int = 12) -> Target:
    """Logs of gamma variables, shapes 0.3 to 30: one heavy and one light tail."""
    shape = np.geomspace(0.3, 30.0, dim)[:, None]
    constant = gammaln(shape).sum()

    def inner(x):
        e = np.exp(np.minimum(x, 500.0))
        return np.sum(shape * x - e, axis=0) - constant, shape - e

    return Target("log_gamma", dim, _batched(inner), psi(shape[:, 0]), np.sqrt(polygamma(1, shape[:, 0])))


MAKERS: dict[str, Callable[[], Target]] = {
    "normal_100": lambda: normal_dense(100, 1e4),
    "normal_walk_300": lambda: normal_walk(300),
    "student5": student,
    "banana": banana,
    "funnel": funnel,
    "funnel_nc": lambda: funnel(centred=False),
    "schools_c": lambda: schools(True),
    "schools_nc": lambda: schools(False),
    "logistic_glmm": logistic_glmm,
    "poisson_glmm": poisson_glmm,
    "volatility_300": volatility,
    "cox_200": cox_process,
    "simplex": simplex,
    "bounded": bounded,
    "log_gamma": log_gamma,
    "normal_spiked_1000": lambda: normal_spiked(1000, 10, 10),
    "normal_spiked_2000": lambda: normal_spiked(2000, 20, 20),
    "normal_walk_2000": lambda: normal_walk(2000),
    "normal_spiked_5000": lambda: normal_spiked(5000, 30, 30),
}
