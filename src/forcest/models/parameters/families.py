"""Families of priors: everything that depends on the family of a distribution, one class per family.

An instance is the prior of one parameter: independent entries, or weights that sum to one along the last dim. Samplers move in the
parameter's coordinates, unconstrained numbers. Arrays of a parameter have shape (n, dims), arrays of its coordinates shape
(n, coordinate dims). The compiled transforms are in ``coordinates_kernels.py``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_triangular
from scipy.optimize import brentq
from scipy.special import betaincinv, betaln, expit, gammaln, log_expit, logit, logsumexp, ndtr, ndtri

from forcest.models.parameters.tensors import symbolic

PLAIN, POSITIVE, SHARE, LOGISTIC, SIMPLEX, HALF, PARTIAL, JOINT = range(8)
"""Codes of the transforms in the kernels; the first three have a standard normal coordinate."""


class Family(ABC):
    """Prior of one parameter; each family of distributions is a subclass.

    Parameters
    ----------
    loc, scale : array_like, broadcast to the shape (dims) of the parameter
        Location and scale as the family defines them; some families need only one of them.

    Attributes
    ----------
    name : str
        Name in the table of priors.
    code : int
        Transform in the kernels, one of the constants above.
    suffix : str
        Suffix that PyMC adds to the name of the parameter for its coordinate.
    """

    name: ClassVar[str]
    code: ClassVar[int]
    suffix: ClassVar[str]

    def __init__(self, loc: ArrayLike, scale: ArrayLike = 1.0) -> None:
        self.loc, self.scale = (np.array(x, dtype=float) for x in np.broadcast_arrays(loc, scale))

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of the parameter along each dim."""
        return self.loc.shape

    @property
    def coordinate_shape(self) -> tuple[int, ...]:
        """Shape of its coordinates."""
        return self.shape

    def coordinate_name(self, name: str) -> str:
        """Name of the coordinate of parameter ``name``: that of the value variable in the PyMC graph."""
        return name + self.suffix

    @abstractmethod
    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        """The PyMC variable, inside a model context whose coordinates hold the dims."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Draws of the parameter, shape (draw, dims)."""

    @abstractmethod
    def quantile(self, prob: float) -> np.ndarray:
        """Marginal quantile, shape (dims)."""

    @abstractmethod
    def to_parameter(self, x: np.ndarray) -> np.ndarray:
        """The parameter at coordinates, a new array."""

    @abstractmethod
    def to_coordinates(self, value: np.ndarray) -> np.ndarray:
        """Coordinates of the parameter; the inverse of :meth:`to_parameter`."""

    @abstractmethod
    def log_prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log density of coordinates, Jacobian included, less :attr:`constant`.

        Returns
        -------
        terms : ndarray, shape (n, dims) or (n, coordinate dims)
            Their sum over all but the first axis is the log density.
        slope : ndarray, shape (n, coordinate dims)
            Its gradient.
        """

    @property
    @abstractmethod
    def constant(self) -> float:
        """Normalising constant of the log density."""


class _NormalOnScale(Family):
    """A quantity that is normal on some scale, ``from_normal(loc + scale z)``; its coordinate z is standard normal.

    PyMC is given the standard normal and its image, so that the graph has the same coordinate (and because ``pm.LogitNormal`` of
    PyMC 6.4 has a log density of -inf on its transformed scale).
    """

    to_normal: ClassVar[Callable[[Any], Any]]
    from_normal: ClassVar[Callable[[Any], Any]]
    symbol: ClassVar[str]  # name of from_normal in pytensor.tensor
    suffix = "_z"

    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        import pymc as pm

        x = self.loc + self.scale * pm.Normal(self.coordinate_name(name), 0.0, 1.0, dims=dims)
        return pm.Deterministic(name, getattr(symbolic(), self.symbol)(x), dims=dims)

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        return self.from_normal(rng.normal(self.loc, self.scale, (draws, *self.shape)))

    def quantile(self, prob: float) -> np.ndarray:
        return self.from_normal(self.loc + self.scale * ndtri(prob))

    def to_parameter(self, x: np.ndarray) -> np.ndarray:
        return self.from_normal(self.loc + self.scale * x)

    def to_coordinates(self, value: np.ndarray) -> np.ndarray:
        return (self.to_normal(value) - self.loc) / self.scale

    def log_prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return -0.5 * (x * x), -x

    @property
    def constant(self) -> float:
        return -0.5 * self.loc.size * np.log(2 * np.pi)


class Normal(_NormalOnScale):
    """Normal with mean ``loc`` and standard deviation ``scale``; a standard normal is its own coordinate."""

    name, code, symbol = "normal", PLAIN, "identity"
    to_normal = from_normal = staticmethod(lambda x: x)

    @property
    def _is_standard(self) -> bool:
        return not np.any(self.loc) and bool(np.all(self.scale == 1))

    def coordinate_name(self, name: str) -> str:
        return name if self._is_standard else super().coordinate_name(name)

    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        import pymc as pm

        return pm.Normal(name, 0.0, 1.0, dims=dims) if self._is_standard else super().variable(name, dims)


class LogNormal(_NormalOnScale):
    """Positive, the logarithm normal with mean ``loc`` and standard deviation ``scale``."""

    name, code, symbol = "lognormal", POSITIVE, "exp"
    to_normal, from_normal = staticmethod(np.log), staticmethod(np.exp)


class LogitNormal(_NormalOnScale):
    """Between 0 and 1, the log odds normal with mean ``loc`` and standard deviation ``scale``."""

    name, code, symbol = "logitnormal", SHARE, "sigmoid"
    to_normal, from_normal = staticmethod(logit), staticmethod(expit)


class Logistic(Family):
    """Logistic with mean ``loc`` and scale ``scale``; its own coordinate."""

    name, code, suffix = "logistic", LOGISTIC, ""

    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        import pymc as pm

        return pm.Logistic(name, self.loc, self.scale, dims=dims)

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        return rng.logistic(self.loc, self.scale, (draws, *self.shape))

    def quantile(self, prob: float) -> np.ndarray:
        return self.loc + self.scale * logit(prob)

    def to_parameter(self, x: np.ndarray) -> np.ndarray:
        return x.copy()

    def to_coordinates(self, value: np.ndarray) -> np.ndarray:
        return value

    def log_prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u = (x - self.loc) / self.scale
        return 2 * log_expit(u) - u, (1 - 2 * expit(u)) / self.scale

    @property
    def constant(self) -> float:
        return -float(np.sum(np.log(self.scale)))


class HalfNormal(Family):
    """Positive, the absolute value of a normal with mean zero and standard deviation ``scale``; its coordinate is its logarithm."""

    name, code, suffix = "halfnormal", HALF, "_log__"

    def __init__(self, scale: ArrayLike) -> None:
        super().__init__(0.0, scale)

    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        import pymc as pm

        return pm.HalfNormal(name, self.scale, dims=dims)

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        return np.abs(rng.normal(0.0, self.scale, (draws, *self.shape)))

    def quantile(self, prob: float) -> np.ndarray:
        return self.scale * ndtri((1 + prob) / 2)

    def to_parameter(self, x: np.ndarray) -> np.ndarray:
        return np.exp(x)

    def to_coordinates(self, value: np.ndarray) -> np.ndarray:
        return np.log(value)

    def log_prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        squares = np.exp(2 * x) / self.scale**2
        return x - 0.5 * squares, 1 - squares

    @property
    def constant(self) -> float:
        return float(np.sum(0.5 * np.log(2 / np.pi) - np.log(self.scale)))


class PartialCorrelation(Family):
    """A symmetric beta with concentrations ``loc``, stretched to -1 and 1; its coordinate is the log odds of (1 + r)/2."""

    name, code, suffix = "partial", PARTIAL, "_share_logodds__"

    def __init__(self, concentration: ArrayLike) -> None:
        super().__init__(concentration)

    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        import pymc as pm

        share = pm.Beta(f"{name}_share", self.loc, self.loc, dims=dims)
        return pm.Deterministic(name, 2.0 * share - 1.0, dims=dims)

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        return 2 * rng.beta(self.loc, self.loc, (draws, *self.shape)) - 1

    def quantile(self, prob: float) -> np.ndarray:
        return 2 * betaincinv(self.loc, self.loc, prob) - 1

    def to_parameter(self, x: np.ndarray) -> np.ndarray:
        return np.tanh(0.5 * x)

    def to_coordinates(self, value: np.ndarray) -> np.ndarray:
        return 2 * np.arctanh(value)

    def log_prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.loc * (log_expit(x) + log_expit(-x)), -self.loc * np.tanh(0.5 * x)

    @property
    def constant(self) -> float:
        return -float(np.sum(betaln(self.loc, self.loc)))


class JointNormal(Family):
    r"""Correlated normals that are, all together, wider with a small probability.

    With :math:`x = \text{loc} + L z`, the coordinates :math:`z` of the entries in ``wide`` have the density
    :math:`(1-w)\,N(0, 1) + w\,N(0, k^2)`, where one choice holds for all of them; the others are standard normal.

    Parameters
    ----------
    loc : array_like, shape (n,)
    factor : array_like, shape (n, n)
        Lower triangular :math:`L`; it must not mix entries in ``wide`` with others.
    wide : array_like of bool, shape (n,)
    wide_share, wide_factor : float
        The probability :math:`w`, above 0 and below 1, and the factor :math:`k`.
    """

    name, code, suffix = "joint normal", JOINT, "_z"

    def __init__(self, loc: ArrayLike, factor: ArrayLike, wide: ArrayLike, wide_share: float, wide_factor: float) -> None:
        self.factor, self.wide = np.array(factor, dtype=float), np.array(wide, dtype=bool)
        self.wide_share, self.wide_factor = wide_share, wide_factor
        super().__init__(loc, np.sqrt(np.sum(self.factor**2, axis=1)))

    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        import pymc as pm

        wide, z = self.wide.astype(float), self.coordinate_name(name)
        z = pm.CustomDist(z, wide, logp=self._graph, random=self._random, signature="(n)->(n)", dims=dims)
        return pm.Deterministic(name, self.loc + symbolic().dot(self.factor, z), dims=dims)

    def _graph(self, z: Any, wide: Any) -> Any:
        """Log density of coordinates as a graph."""
        pt = symbolic()
        narrow, widened = self.components(0.5 * pt.sum(wide * z * z, axis=-1))
        return pt.logaddexp(narrow, widened) - 0.5 * pt.sum((1 - wide) * z * z, axis=-1) + self.constant

    def _random(self, wide: np.ndarray, rng: np.random.Generator | None = None, size: Any = None) -> np.ndarray:
        """Coordinates from the prior, shape (*size, n)."""
        rng = np.random.default_rng() if rng is None else rng
        lead = () if size is None else tuple(size)
        widened = np.where(rng.uniform(size=(*lead, 1)) < self.wide_share, self.wide_factor, 1.0)
        return rng.normal(size=(*lead, *self.shape)) * np.where(wide > 0, widened, 1.0)

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        return self.to_parameter(self._random(self.wide, rng, (draws,)))

    def quantile(self, prob: float) -> np.ndarray:
        def above(z: float) -> float:
            return (1 - self.wide_share) * ndtr(z) + self.wide_share * ndtr(z / self.wide_factor) - prob

        wide = brentq(above, -40.0 * self.wide_factor, 40.0 * self.wide_factor)
        return self.loc + self.scale * np.where(self.wide, wide, ndtri(prob))

    def to_parameter(self, x: np.ndarray) -> np.ndarray:
        return self.loc + x @ self.factor.T

    def to_coordinates(self, value: np.ndarray) -> np.ndarray:
        return solve_triangular(self.factor, (value - self.loc).T, lower=True).T

    def log_prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        narrow, wide = self.components(0.5 * np.sum(np.where(self.wide, x * x, 0.0), axis=1))
        total = np.logaddexp(narrow, wide)
        precision = np.exp(narrow - total) + np.exp(wide - total) / self.wide_factor**2
        slope = -np.where(self.wide, precision[:, None], 1.0) * x
        others = np.where(self.wide, 0.0, -0.5 * x * x)
        return np.concatenate([others, total[:, None]], axis=1), slope

    def components(self, half_square: Any) -> tuple[Any, Any]:
        """Log densities of both components at half the squared length of the entries in ``wide``, without the constant."""
        widening = np.sum(self.wide) * np.log(self.wide_factor)
        narrow = np.log1p(-self.wide_share) - half_square
        return narrow, np.log(self.wide_share) - widening - half_square / self.wide_factor**2

    @property
    def constant(self) -> float:
        return -0.5 * self.loc.size * np.log(2 * np.pi)


class Dirichlet(Family):
    r"""Weights that sum to one along the last dim, with concentrations ``loc``.

    N weights have N - 1 coordinates x with :math:`\log\omega = v - \log\sum e^{v}, v = (x, -\sum x)` (PyMC's simplex transform),
    whose log Jacobian is :math:`\log N + \sum_i \log\omega_i`.
    """

    name, code, suffix = "dirichlet", SIMPLEX, "_simplex__"

    def __init__(self, concentration: ArrayLike) -> None:
        super().__init__(concentration)

    @property
    def coordinate_shape(self) -> tuple[int, ...]:
        return (*self.shape[:-1], self.shape[-1] - 1)

    def variable(self, name: str, dims: tuple[str, ...] | None) -> Any:
        import pymc as pm

        return pm.Dirichlet(name, self.loc, dims=dims)

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        gamma = rng.standard_gamma(self.loc, (draws, *self.shape))
        return gamma / gamma.sum(axis=-1, keepdims=True)

    def quantile(self, prob: float) -> np.ndarray:
        return betaincinv(self.loc, self.loc.sum(axis=-1, keepdims=True) - self.loc, prob)

    def to_parameter(self, x: np.ndarray) -> np.ndarray:
        return np.exp(_log_weights(x))

    def to_coordinates(self, value: np.ndarray) -> np.ndarray:
        # A weight that underflowed is replaced by the smallest number, so that its coordinate is finite.
        logs = np.log(np.maximum(value, np.finfo(float).tiny))
        return (logs - logs.mean(axis=-1, keepdims=True))[..., :-1]

    def log_prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logs = _log_weights(x)
        slope = self.loc - np.exp(logs) * self.loc.sum(axis=-1, keepdims=True)
        return self.loc * logs, slope[..., :-1] - slope[..., -1:]

    @property
    def constant(self) -> float:
        size = self.shape[-1]
        return float(np.sum(gammaln(self.loc.sum(axis=-1)) + np.log(size)) - np.sum(gammaln(self.loc)))


def _log_weights(x: np.ndarray) -> np.ndarray:
    v = np.concatenate([x, -x.sum(axis=-1, keepdims=True)], axis=-1)
    return v - np.asarray(logsumexp(v, axis=-1, keepdims=True))
