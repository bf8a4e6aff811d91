r"""Coordinates of a model: unconstrained numbers in the order of the graph's ``value_vars``, and their way to the parameters.

Normal families have a standard normal coordinate ``name_z`` with parameter ``f(loc + scale z)``, f being exp, the logistic
function or nothing; offsets and logistic errors are their own coordinate; N weights that sum to one have N - 1 coordinates x with
:math:`\log\omega = v - \log\sum e^{v}, v = (x, -\sum x)` (PyMC's simplex transform), whose log Jacobian is
:math:`\log N + \sum_i \log\omega_i`; half-normal scales have their logarithm, partial correlations r the log odds of (1 + r)/2. No
other place knows a transform or a Jacobian.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaln, expit, gammaln, log_expit, logit, logsumexp

from forcest.models.parameters.parameter import Parameter

PLAIN, POSITIVE, SHARE, LOGISTIC, SIMPLEX, HALF, PARTIAL = range(7)
_CODES = {
    "normal": PLAIN,
    "lognormal": POSITIVE,
    "logitnormal": SHARE,
    "logistic": LOGISTIC,
    "dirichlet": SIMPLEX,
    "halfnormal": HALF,
    "partial": PARTIAL,
}


@dataclass(frozen=True)
class Entry:
    """Where one parameter stands.

    Parameters
    ----------
    parameter : Parameter
    coordinates, values : slice
        Its coordinates in a position, and its entries among the values of all parameters.
    """

    parameter: Parameter
    coordinates: slice
    values: slice

    @property
    def code(self) -> int:
        """Which transform it has."""
        return _CODES[self.parameter.family]

    @property
    def name(self) -> str:
        """Name of the coordinate, that of the graph's value variable."""
        p = self.parameter
        if self.code == SIMPLEX:
            return f"{p.name}_simplex__"
        if self.code in (HALF, PARTIAL):
            return f"{p.name}_log__" if self.code == HALF else f"{p.name}_share_logodds__"
        return p.name if self.code == LOGISTIC or p.is_standard else f"{p.name}_z"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of its coordinates."""
        shape = self.parameter.shape
        return (*shape[:-1], shape[-1] - 1) if self.code == SIMPLEX else shape


@dataclass(frozen=True)
class Coordinates:
    """Layout of positions.

    Parameters
    ----------
    entries : tuple of Entry
        In the order of the graph.
    """

    entries: tuple[Entry, ...]

    @classmethod
    def of(cls, parameters: Sequence[Parameter]) -> Coordinates:
        """The layout of a model's parameters."""
        entries, at, value = [], 0, 0
        for p in parameters:
            n_values = int(np.prod(p.shape, dtype=int))
            n = n_values // p.shape[-1] * (p.shape[-1] - 1) if p.family == "dirichlet" else n_values
            entries.append(Entry(p, slice(at, at + n), slice(value, value + n_values)))
            at, value = at + n, value + n_values
        return cls(tuple(entries))

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return self.entries[-1].coordinates.stop

    @property
    def n_values(self) -> int:
        """Number of parameter entries."""
        return self.entries[-1].values.stop

    @cached_property
    def by_name(self) -> dict[str, Entry]:
        """Entries by parameter name."""
        return {entry.parameter.name: entry for entry in self.entries}

    @property
    def labels(self) -> list[str]:
        """A name for every coordinate: that of its parameter, numbered where there are several."""
        sizes = ((entry.parameter.name, entry.coordinates.stop - entry.coordinates.start) for entry in self.entries)
        return [name if size == 1 else f"{name}[{i}]" for name, size in sizes for i in range(size)]

    def row(self, name: str) -> int:
        """First entry of a parameter among all values; -1 where the model has no such parameter."""
        return self.by_name[name].values.start if name in self.by_name else -1

    def parameters_of(self, positions: np.ndarray) -> dict[str, np.ndarray]:
        """Parameters at positions.

        Parameters
        ----------
        positions : ndarray, shape (n, dim)

        Returns
        -------
        dict of str to ndarray, shape (n, dims)
        """
        return {entry.parameter.name: _to_parameter(entry, positions[:, entry.coordinates]) for entry in self.entries}

    def positions_of(self, parameters: Mapping[str, np.ndarray]) -> np.ndarray:
        """Positions of parameters, shape (n, dim); the inverse of :meth:`parameters_of`."""
        return np.concatenate([_to_coordinates(entry, parameters[entry.parameter.name]) for entry in self.entries], axis=1)

    def prior_positions(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Positions of draws from the prior, shape (n, dim)."""
        return self.positions_of({entry.parameter.name: entry.parameter.draw(rng, n) for entry in self.entries})

    def log_prior(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log prior density of positions, Jacobians included, shape (n,), and its gradient, shape (n, dim)."""
        value, gradient = np.full(len(positions), self.constant), np.empty_like(positions)
        for entry in self.entries:
            term, slope = _log_prior(entry, positions[:, entry.coordinates])
            value += term
            gradient[:, entry.coordinates] = slope
        return value, gradient

    def log_prior_by_parameter(self, positions: np.ndarray) -> dict[str, np.ndarray]:
        """Log prior density of each parameter on the scale its prior is stated on, up to a constant, each (n,)."""
        return {entry.parameter.name: _log_prior(entry, positions[:, entry.coordinates])[0] for entry in self.entries}

    @cached_property
    def constant(self) -> float:
        """What normalises the prior: the part of the log prior that no coordinate changes."""
        total = 0.0
        for entry in self.entries:
            p, n = entry.parameter, entry.coordinates.stop - entry.coordinates.start
            if entry.code == SIMPLEX:
                size = p.shape[-1]
                rows = p.loc.reshape(-1, size)
                total += float(np.sum(gammaln(rows.sum(axis=1)) + np.log(size)) - np.sum(gammaln(rows)))
            elif entry.code == LOGISTIC:
                total -= float(np.sum(np.log(p.scale)))
            elif entry.code == HALF:
                total += float(np.sum(0.5 * np.log(2 / np.pi) - np.log(p.scale)))
            elif entry.code == PARTIAL:
                total -= float(np.sum(betaln(p.loc, p.loc)))
            else:
                total -= 0.5 * n * np.log(2 * np.pi)
        return total


def _to_parameter(entry: Entry, x: np.ndarray) -> np.ndarray:
    p, n = entry.parameter, len(x)
    if entry.code == SIMPLEX:
        return np.exp(_log_weights(x.reshape(n, *entry.shape)))
    x = x.reshape(n, *p.shape)
    if entry.code == LOGISTIC:
        return x.copy()
    if entry.code in (HALF, PARTIAL):
        return np.exp(x) if entry.code == HALF else np.tanh(0.5 * x)
    y = p.loc + p.scale * x
    return np.exp(y) if entry.code == POSITIVE else expit(y) if entry.code == SHARE else y


def _to_coordinates(entry: Entry, value: np.ndarray) -> np.ndarray:
    p, n = entry.parameter, len(value)
    if entry.code == SIMPLEX:
        # A weight that underflowed stands for the smallest one: its coordinate must be finite.
        logs = np.log(np.maximum(value, np.finfo(float).tiny))
        return (logs - logs.mean(axis=-1, keepdims=True))[..., :-1].reshape(n, -1)
    if entry.code == LOGISTIC:
        return value.reshape(n, -1)
    if entry.code in (HALF, PARTIAL):
        return (np.log(value) if entry.code == HALF else 2 * np.arctanh(value)).reshape(n, -1)
    y = np.log(value) if entry.code == POSITIVE else logit(value) if entry.code == SHARE else value
    return ((y - p.loc) / p.scale).reshape(n, -1)


def _log_weights(x: np.ndarray) -> np.ndarray:
    v = np.concatenate([x, -x.sum(axis=-1, keepdims=True)], axis=-1)
    return v - np.asarray(logsumexp(v, axis=-1, keepdims=True))


def _log_prior(entry: Entry, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Varying part of the log prior, shape (n,), and its slope, shape (n, coordinate)."""
    p, n = entry.parameter, len(x)
    if entry.code == LOGISTIC:
        u = (x - p.loc.ravel()) / p.scale.ravel()
        return np.sum(2 * log_expit(u) - u, axis=1), (1 - 2 * expit(u)) / p.scale.ravel()
    if entry.code == HALF:
        squares = np.exp(2 * x) / p.scale.ravel() ** 2
        return np.sum(x - 0.5 * squares, axis=1), 1 - squares
    if entry.code == PARTIAL:
        a = p.loc.ravel()
        return np.sum(a * (log_expit(x) + log_expit(-x)), axis=1), -a * np.tanh(0.5 * x)
    if entry.code == SIMPLEX:
        logs = _log_weights(x.reshape(n, *entry.shape))
        slope = p.loc - np.exp(logs) * p.loc.sum(axis=-1, keepdims=True)
        return np.sum(p.loc * logs, axis=tuple(range(1, logs.ndim))), (slope[..., :-1] - slope[..., -1:]).reshape(n, -1)
    return -0.5 * np.sum(x * x, axis=1), -x
