"""A PyMC model as the many-chain sampler sees it: a density of flat positions, chains along the first axis, and the way back."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from forcest.errors import ModelError

if TYPE_CHECKING:
    import pymc as pm

Backend = Literal["numba", "numpy"]

_CHUNK = 2_000_000
"""Numbers of all variables of the draws that are worked out at a time: 16 MB."""


def check(model: pm.Model) -> None:
    """Refuse what the sampler cannot draw from; the error names the parameters and what to do."""
    import pymc

    if not isinstance(model, pymc.Model):
        raise ModelError(f"`model` must be a pymc.Model; got {type(model).__name__}. Fit a ForceModel with fc.fit.")
    if not model.free_RVs:
        raise ModelError("`model` must have a free variable; it has none. Draw from it with pymc.sample_prior_predictive.")
    if discrete := [rv.name for rv in model.free_RVs if np.dtype(rv.dtype).kind in "iub"]:
        raise ModelError(
            f"`model` must have continuous parameters only; discrete: {', '.join(discrete)}. Sum them out of the density "
            "(pymc.Mixture, or marginalize of pymc-extras), or use pymc.sample."
        )
    if other := [f"{var.name} ({var.dtype})" for var in model.value_vars if var.dtype != "float64"]:
        raise ModelError(
            f"`model` must have float64 parameters only; got {', '.join(other)}. "
            "Build it with pytensor.config.floatX = 'float64' and without dtype arguments."
        )


class PymcDensity:
    """Log density and gradient of a PyMC model for many chains; call it with positions (chain, dim).

    A position holds the values of ``model.value_vars``, raveled, one after the other. Several threads may call it at once.

    Parameters
    ----------
    model : pymc.Model
    backend : {"numba", "numpy"}
        Compiled, or run node by node: nothing to compile, but many times slower, and for one thread only.

    Attributes
    ----------
    is_vectorised : bool
        False where an operation of the model has no form for many chains: then chains take turns.
    notes : tuple of str
        What a reader should know of the starting points.
    """

    def __init__(self, model: pm.Model, backend: Backend = "numba"):
        check(model)
        if backend not in get_args(Backend):
            raise ModelError(f"`backend` must be one of {', '.join(get_args(Backend))}; got {backend!r}.")
        self.model, self.backend = model, backend
        self.notes: tuple[str, ...] = ()
        point = model.initial_point(0)
        self._shapes = [np.shape(point[var.name]) for var in model.value_vars]
        self.dim = sum(math.prod(shape) for shape in self._shapes)
        self._call, self.is_vectorised = _compile(self)

    @property
    def names(self) -> list[str]:
        """Names of the coordinates, such as ``tau_log__`` or ``theta[2, 0]``."""
        found = []
        for var, shape in zip(self.model.value_vars, self._shapes, strict=True):
            found += [var.name + (str(list(index)) if shape else "") for index in np.ndindex(shape)]
        return found

    def __call__(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Value and gradient.

        Parameters
        ----------
        position : ndarray, shape (chain, dim)

        Returns
        -------
        value : ndarray, shape (chain,)
        gradient : ndarray, shape (chain, dim)
        """
        return self._call(np.ascontiguousarray(position, dtype=np.float64))

    def flat(self, outputs: list) -> tuple[Any, list]:
        """A vector in place of the value variables, and outputs that depend on it."""
        from pytensor import tensor as pt
        from pytensor.graph.replace import clone_replace

        flat = pt.tensor("position", shape=(self.dim,), dtype="float64")
        ends = np.cumsum([math.prod(shape) for shape in self._shapes])
        values = {}
        for var, shape, end in zip(self.model.value_vars, self._shapes, ends, strict=True):
            part = flat[end - math.prod(shape) : end].reshape(shape)
            values[var] = var.type.filter_variable(part)
        return flat, list(clone_replace(outputs, values))

    def variables_of(self, positions: np.ndarray) -> dict[str, np.ndarray]:
        """Parameters on their own scale, and deterministic variables.

        Parameters
        ----------
        positions : ndarray, shape (draw, dim)

        Returns
        -------
        dict of str to ndarray, shape (draw, ...)
        """
        variables = [*self.model.free_RVs, *self.model.deterministics]
        flat, outputs = self.flat(self.model.replace_rvs_by_values(variables))
        call = _many(self.model, flat, outputs)
        size = sum(np.size(value) for value in call(positions[:1]))
        chunk = max(1, _CHUNK // max(1, size))
        parts = [call(positions[start : start + chunk]) for start in range(0, len(positions), chunk)]
        return {var.name: np.concatenate(column) for var, column in zip(variables, zip(*parts, strict=True), strict=True)}

    def starts(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Positions (n, dim) to start from: prior draws, or where these do not exist or fit, PyMC's initial point with jitter."""
        seeds = rng.integers(2**31, size=n)
        try:
            found = self._rows(self._prior, seeds)
        except self._undrawable as error:
            self.notes = (
                f"the prior cannot be drawn from ({type(error).__name__}): chains start at the initial point with jitter",
            )
            return self._rows(self._jittered, seeds)
        value, gradient = self(found)
        bad = ~(np.isfinite(value) & np.isfinite(gradient).all(axis=1))
        if bad.any():
            found[bad] = self._rows(self._jittered, rng.integers(2**31, size=int(bad.sum())))
        return found

    @property
    def _undrawable(self) -> tuple[type[Exception], ...]:
        """What a prior raises that is improper, overflows, or has bounds that cross."""
        from pymc.distributions.truncated import TruncationError

        return (NotImplementedError, ArithmeticError, ValueError, TruncationError)

    @cached_property
    def _prior(self) -> Callable:
        return _points(self.model, default_strategy="prior")

    @cached_property
    def _jittered(self) -> Callable:
        return _points(self.model, jitter_rvs=set(self.model.free_RVs))

    def _rows(self, point: Callable, seeds: np.ndarray) -> np.ndarray:
        points = [point(int(seed)) for seed in seeds]
        return np.array([np.concatenate([np.ravel(value) for value in values]) for values in points], dtype=np.float64)


def _points(model: pm.Model, **how: Any) -> Callable:
    """A function from a seed to the values of all value variables; PyMC's own, but for compiling nothing."""
    import pymc
    from pymc.initial_point import make_initial_point_expression
    from pymc.pytensorf import find_rng_nodes, replace_rng_nodes, reseed_rngs

    values = make_initial_point_expression(
        free_rvs=model.free_RVs,
        rvs_to_transforms=model.rvs_to_transforms,
        initval_strategies=model.rvs_to_initial_values,
        return_transformed=True,
        **how,
    )
    function = pymc.pytensorf.compile(inputs=[], outputs=replace_rng_nodes(values), mode=_interpreted())
    random = find_rng_nodes(function.maker.fgraph.outputs)

    def point(seed: int) -> list[np.ndarray]:
        reseed_rngs(random, seed)
        return function()

    return point


def _compile(density: PymcDensity) -> tuple[Callable, bool]:
    """A function of positions (chain, dim) that holds no lock, and whether its graph is vectorised."""
    import pymc
    from pymc.pytensorf import rewrite_pregrad
    from pytensor import tensor as pt
    from pytensor.gradient import grad
    from pytensor.graph.replace import vectorize_graph

    model, mode = density.model, "NUMBA" if density.backend == "numba" else _interpreted()
    finish = _released if density.backend == "numba" else _guarded
    logp: Any = rewrite_pregrad(model.logp())
    slopes: Any = grad(logp, model.value_vars, disconnected_inputs="ignore")
    slopes = [pt.as_tensor(slope, allow_xtensor_conversion=True) for slope in slopes]
    flat, outputs = density.flat([logp, pt.concatenate([slope.ravel() for slope in slopes])])
    many = pt.tensor("positions", shape=(None, density.dim), dtype="float64")
    try:
        vectorised = vectorize_graph(outputs, {flat: many})
    except NotImplementedError:
        with model:
            return _in_turns(finish(pymc.pytensorf.compile([flat], outputs, mode=mode))), False
    with model:
        return finish(pymc.pytensorf.compile([many], vectorised, mode=mode)), True


def _interpreted() -> Any:
    """A mode that runs a graph node by node in NumPy; with chains or draws along the first axis each node has much to do."""
    from pytensor.compile.mode import Mode

    return Mode(linker="py", optimizer="fast_run").excluding("fusion", "inplace", "cxx_only")


def _guarded(function: Any) -> Callable:
    """A function whose nodes may meet numbers that are not finite."""

    def call(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(all="ignore"):
            value, gradient = function(position)
        return value, gradient

    return call


def _released(function: Any) -> Callable:
    """The native code behind a compiled function, called without Python's global lock and without the function's own storage.

    Both are what keeps a PyTensor function from being shared by threads; the native code itself keeps nothing between calls.
    """
    native = function.vm.jit_fn
    native.targetoptions["nogil"] = True  # read at the first call, which compiles it or loads it from PyTensor's cache on disk
    shared = tuple(variable.get_value() for variable in function.get_shared())

    def call(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, gradient = native(position, *shared)
        return value, gradient

    return call


def _in_turns(one: Callable) -> Callable:
    def call(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = [one(row) for row in position]
        return np.array([float(value) for value, _ in found]), np.array([gradient for _, gradient in found])

    return call


def _many(model: pm.Model, flat: Any, outputs: list) -> Callable:
    """A function of positions (draw, dim) to every output with draws first, whether or not it can be vectorised."""
    import pymc
    from pytensor import tensor as pt
    from pytensor.graph.replace import vectorize_graph

    positions = pt.tensor("positions", shape=(None, flat.type.shape[0]), dtype="float64")
    try:
        vectorised: list[Any] = vectorize_graph(outputs, {flat: positions})  # pyright: ignore[reportAssignmentType]
    except NotImplementedError:
        with model:
            one = pymc.pytensorf.compile([flat], outputs, mode=_interpreted())
        return lambda rows: [np.stack(column) for column in zip(*(one(row) for row in rows), strict=True)]
    pairs = zip(vectorised, outputs, strict=True)  # what depends on no parameter has no axis of draws yet
    full = [new if new.ndim > old.ndim else pt.broadcast_to(new, (positions.shape[0], *new.shape)) for new, old in pairs]
    with model:
        return pymc.pytensorf.compile([positions], full, mode=_interpreted())
