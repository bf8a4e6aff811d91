"""Targets in jax.numpy, and NumPyro and blackjax on them.

None of the three is a dependency of the project: install them with ``uv run --with jax --with numpyro --with blackjax``. Every
density is compared with ours, value and gradient, before a chain is drawn. Both run NUTS compiled ahead of time, one chain per
device, on four devices, in double precision; compilation is not timed.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable

import numpy as np
from targets_densities import _SCHOOLS_S, _SCHOOLS_Y, Target
from targets_rivals import CHAINS, DRAWS, MOST, TUNE, judged, late


def missing(package: str) -> str:
    """Reason why NumPyro or blackjax cannot be run; empty if it can."""
    absent = [name for name in dict.fromkeys(("jax", package)) if importlib.util.find_spec(name) is None]
    return f"not importable: {', '.join(absent)}; add uv run --with jax --with numpyro --with blackjax" if absent else ""


def _jax():
    import jax

    jax.config.update("jax_enable_x64", True)
    if not jax._src.xla_bridge.backends_are_initialized():
        jax.config.update("jax_num_cpu_devices", CHAINS)
    return jax


def _normal(jnp, data):
    precision = jnp.array(data["precision"])
    return lambda x: -0.5 * x @ precision @ x


def _walk(jnp, data):
    def density(x):
        return -0.5 * (x[0] ** 2 + jnp.sum(jnp.diff(x) ** 2)) - jnp.sum(x**2) / 18.0

    return density


def _spiked(jnp, data):
    scale, basis, weight = (jnp.array(data[name]) for name in ("scale", "basis", "weight"))

    def density(x):
        z = x / scale
        return -0.5 * (jnp.sum(z**2) + jnp.sum(weight * (z @ basis) ** 2))

    return density


def _student(jnp, data):
    scale = jnp.array(data["scale"])
    return lambda x: -0.5 * (5 + x.size) * jnp.log1p(jnp.sum((x / scale) ** 2) / 5)


def _banana(jnp, data):
    def density(p):
        x, y = p[: p.size // 2], p[p.size // 2 :]
        return -0.5 * jnp.sum(x**2) - 0.5 * jnp.sum((y - x**2 + 1) ** 2) / 0.09

    return density


def _funnel(jnp, data):
    return lambda p: -(p[0] ** 2) / 18 - 0.5 * jnp.sum(p[1:] ** 2) * jnp.exp(-p[0]) - 0.5 * (p.size - 1) * p[0]


def _funnel_nc(jnp, data):
    return lambda p: -(p[0] ** 2) / 18 - 0.5 * jnp.sum(p[1:] ** 2)


def _schools(centred):
    def make(jnp, data):
        y, s = jnp.array(_SCHOOLS_Y[:, 0]), jnp.array(_SCHOOLS_S[:, 0])

        def density(p):
            mu, t, e = p[0], p[1], p[2:]
            tau = jnp.exp(t)
            theta = e if centred else mu + tau * e
            effects = -0.5 * jnp.sum(((e - mu) / tau) ** 2) - 8 * t if centred else -0.5 * jnp.sum(e**2)
            return -(mu**2) / 50 + t - jnp.log1p(tau**2 / 25) - 0.5 * jnp.sum(((y - theta) / s) ** 2) + effects

        return density

    return make


def _glmm(is_poisson):
    def make(jnp, data):
        import jax

        design, of, y = (jnp.array(data[name]) for name in ("design", "of", "y"))
        slopes = design.shape[1]

        def density(p):
            a, b, s, z = p[0], p[1 : 1 + slopes], p[1 + slopes], p[2 + slopes :]
            eta = a + design @ b + (jnp.exp(s) * z)[of]
            fit = jnp.sum(y * eta - (jnp.exp(eta) if is_poisson else jax.nn.softplus(eta)))
            return fit - 0.5 * (a**2 / 4 + jnp.sum(b**2) + jnp.sum(z**2)) + s - 0.5 * jnp.exp(2 * s)

        return density

    return make


def _volatility(jnp, data):
    import jax

    y = jnp.array(data["y"])

    def density(p):
        mu, f, s, z = p[0], p[1], p[2], p[3:]
        _, h = jax.lax.scan(lambda h, z: (jnp.tanh(f) * h + z,) * 2, 0.0, z)
        level = mu + jnp.exp(s) * h
        fit = -0.5 * jnp.sum(level + y**2 * jnp.exp(-level) + z**2)
        return fit - 0.5 * (mu + 1) ** 2 - 0.5 * ((f - 1.5) / 0.5) ** 2 - 0.5 * ((s + 1.5) / 0.5) ** 2

    return density


def _cox(jnp, data):
    lower, y = jnp.array(data["lower"]), jnp.array(data["y"])

    def density(z):
        eta = 2.0 + lower @ z
        return jnp.sum(y * eta - jnp.exp(eta)) - 0.5 * jnp.sum(z**2)

    return density


def _simplex(jnp, data):
    import jax

    def density(x):
        alpha = jnp.geomspace(0.5, 8.0, x.size)
        return jnp.sum(alpha * x) - (alpha.sum() + 3) * jax.nn.logsumexp(jnp.append(x, 0.0))

    return density


def _bounded(jnp, data):
    import jax

    def density(x):
        return jnp.sum(-jnp.geomspace(0.4, 20.0, x.size) * jax.nn.softplus(-x) - 1.5 * jax.nn.softplus(x))

    return density


def _log_gamma(jnp, data):
    return lambda x: jnp.sum(jnp.geomspace(0.3, 30.0, x.size) * x - jnp.exp(x))


DENSITIES: dict[str, Callable] = {
    "normal_100": _normal,
    "normal_walk_300": _walk,
    "student5": _student,
    "banana": _banana,
    "funnel": _funnel,
    "funnel_nc": _funnel_nc,
    "schools_c": _schools(True),
    "schools_nc": _schools(False),
    "logistic_glmm": _glmm(False),
    "poisson_glmm": _glmm(True),
    "volatility_300": _volatility,
    "cox_200": _cox,
    "simplex": _simplex,
    "bounded": _bounded,
    "log_gamma": _log_gamma,
    "normal_spiked_1000": _spiked,
    "normal_spiked_2000": _spiked,
    "normal_walk_2000": _walk,
    "normal_spiked_5000": _spiked,
}


def checked(name: str, target: Target) -> Callable:
    """The density in jax.numpy, after a comparison with ours at random points, near and far, up to a constant."""
    jax = _jax()
    density = DENSITIES[name](jax.numpy, target.data)
    rng = np.random.default_rng(7)
    points = np.concatenate([scale * target.start(rng, 3) for scale in (0.1, 0.5, 1.0)])
    values, gradients = jax.jit(jax.vmap(jax.value_and_grad(density)))(points)
    expected, slopes = target.logdensity(points)
    offset = np.asarray(values) - expected
    size = 1e-9 * (1 + np.abs(expected).max())
    if np.ptp(offset) > size or not np.allclose(gradients, slopes, rtol=1e-8, atol=1e-8 * np.abs(slopes).max()):
        raise ValueError(f"{name} in jax.numpy differs from ours: values by {np.ptp(offset):.2g}")
    return density


def _numpyro(density: Callable, is_dense: bool) -> tuple[Callable, Callable]:
    """Warm-up and a stretch of draws, each for one chain."""
    import jax
    from numpyro.infer import NUTS

    kernel = NUTS(potential_fn=lambda x: -density(x), dense_mass=is_dense)

    def step(state, _):
        state = kernel.sample(state, (), {})
        return state, (state.z, state.num_steps, state.diverging)

    def warm(key, x):
        state, found = jax.lax.scan(step, kernel.init(key, TUNE, x, (), {}), length=TUNE)
        return state, found[1]

    return warm, lambda state: jax.lax.scan(step, state, length=DRAWS)


def _blackjax(density: Callable, is_dense: bool) -> tuple[Callable, Callable]:
    import blackjax
    import jax

    adaptation = blackjax.window_adaptation(blackjax.nuts, density, is_mass_matrix_diagonal=not is_dense)
    kernel = blackjax.nuts.build_kernel()

    def warm(key, x):
        for_warmup, key = jax.random.split(key)
        (state, tuned), found = adaptation.run(for_warmup, x, TUNE)
        tuned = (tuned["step_size"], tuned["inverse_mass_matrix"])
        return (key, state, tuned), found.info.num_integration_steps

    def chunk(carry):
        key, state, tuned = carry
        key, for_draws = jax.random.split(key)

        def step(state, key):
            state, info = kernel(key, state, density, *tuned)
            return state, (state.position, info.num_integration_steps, info.is_divergent)

        state, found = jax.lax.scan(step, state, jax.random.split(for_draws, DRAWS))
        return (key, state, tuned), found

    return warm, chunk


MAKE = {"numpyro": _numpyro, "blackjax": _blackjax}


def run_jax(name: str, target: Target, seed: int, limit: float, package: str, is_dense: bool) -> dict:
    """1,000 steps of warm-up, then stretches of 1,000 draws until the rule holds or time is up."""
    jax, density = _jax(), checked(name, target)
    warm, chunk = MAKE[package](density, is_dense)
    keys = jax.random.split(jax.random.key(seed), CHAINS)
    first = (keys, jax.numpy.array(target.start(np.random.default_rng(seed), CHAINS)))
    began = time.monotonic()
    warm = jax.pmap(warm).lower(*first).compile()
    compiling = time.monotonic() - began
    began = time.monotonic()
    state, early = jax.block_until_ready(warm(*first))
    seconds = time.monotonic() - began
    if seconds > limit:
        return late()
    began = time.monotonic()
    chunk, parts = jax.pmap(chunk).lower(state).compile(), []
    compiling += time.monotonic() - began
    while True:
        began = time.monotonic()
        state, part = jax.block_until_ready(chunk(state))
        stretch = time.monotonic() - began
        seconds += stretch
        parts.append([np.asarray(x) for x in part])
        x, steps, diverging = (np.concatenate(found, axis=1) for found in zip(*parts, strict=True))
        out = judged(x, steps, np.asarray(early), diverging, seconds) | {"compile_seconds": compiling}
        if out["converged"] or x.shape[1] >= MOST or seconds + stretch > limit:
            return out
