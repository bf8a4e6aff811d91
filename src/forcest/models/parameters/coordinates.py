"""Coordinates of a model: unconstrained numbers in the order of the graph's ``value_vars``, and their map to the parameters.

Transforms and Jacobians are those of the families (:mod:`forcest.models.parameters.families`); this module holds the layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from forcest.models.parameters.families import Family
from forcest.models.parameters.parameter import Parameter


@dataclass(frozen=True)
class Entry:
    """Position of one parameter.

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
    def distribution(self) -> Family:
        """Its prior, with the transform."""
        return self.parameter.distribution

    @property
    def name(self) -> str:
        """Name of the coordinate, that of the graph's value variable."""
        return self.distribution.coordinate_name(self.parameter.name)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of its coordinates."""
        return self.distribution.coordinate_shape

    def parameter_at(self, positions: np.ndarray) -> np.ndarray:
        """The parameter at positions (n, dim), shape (n, dims), in their precision."""
        return self.distribution.to_parameter(self._coordinates_in(positions)).astype(positions.dtype, copy=False)

    def coordinates_of(self, values: np.ndarray) -> np.ndarray:
        """Coordinates of values of the parameter (n, dims), shape (n, coordinate)."""
        return self.distribution.to_coordinates(values).reshape(len(values), -1)

    def log_prior(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Its log prior without the constant, shape (n,), and the slope, shape (n, coordinate)."""
        terms, slope = self.distribution.log_prior(self._coordinates_in(positions))
        return terms.reshape(len(positions), -1).sum(axis=1), slope.reshape(len(positions), -1)

    def _coordinates_in(self, positions: np.ndarray) -> np.ndarray:
        return positions[:, self.coordinates].reshape(len(positions), *self.shape)


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
            n, n_values = (int(np.prod(shape, dtype=int)) for shape in (p.distribution.coordinate_shape, p.shape))
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
        return {entry.parameter.name: entry.parameter_at(positions) for entry in self.entries}

    def positions_of(self, parameters: Mapping[str, np.ndarray]) -> np.ndarray:
        """Positions of parameters, shape (n, dim); the inverse of :meth:`parameters_of`."""
        return np.concatenate([entry.coordinates_of(parameters[entry.parameter.name]) for entry in self.entries], axis=1)

    def prior_positions(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Positions of draws from the prior, shape (n, dim)."""
        return self.positions_of({entry.parameter.name: entry.parameter.draw(rng, n) for entry in self.entries})

    def log_prior(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log prior density of positions, Jacobians included, shape (n,), and its gradient, shape (n, dim)."""
        value, gradient = np.full(len(positions), self.constant), np.empty_like(positions)
        for entry in self.entries:
            term, slope = entry.log_prior(positions)
            value += term
            gradient[:, entry.coordinates] = slope
        return value, gradient

    def log_prior_by_parameter(self, positions: np.ndarray) -> dict[str, np.ndarray]:
        """Log prior density of each parameter in its coordinates, up to a constant, each (n,)."""
        return {entry.parameter.name: entry.log_prior(positions)[0] for entry in self.entries}

    @cached_property
    def constant(self) -> float:
        """Normalising constant of the log prior."""
        total = 0.0
        for entry in self.entries:
            total += entry.distribution.constant
        return total
