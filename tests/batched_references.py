"""The graph's value and gradient at positions, for the tests of the batched density."""

from __future__ import annotations

import functools
import operator

import numpy as np
import pytensor

from forcest.models.parameters.coordinates import Coordinates
from small_models import interpreted


class Reference:
    """Log density and gradient of a bound model's PyMC graph, run node by node."""

    def __init__(self, bound):
        self.model = bound.graph()
        variables = self.model.value_vars
        total = functools.reduce(operator.add, [factor.sum() for factor in self.model.logp(sum=False)])
        outputs = [total, *pytensor.grad(total, variables)]
        self._function = pytensor.function(variables, outputs, mode=interpreted())
        self._shapes = [entry.shape for entry in Coordinates.of(bound.parameters).entries]

    def __call__(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, gradients = [], []
        for position in positions:
            value, *slopes = self._function(*self._split(position))
            values.append(float(value))
            gradients.append(np.concatenate([np.ravel(slope) for slope in slopes]))
        return np.array(values), np.array(gradients)

    def _split(self, position: np.ndarray) -> list[np.ndarray]:
        ends = np.cumsum([int(np.prod(shape)) for shape in self._shapes])
        return [part.reshape(shape) for part, shape in zip(np.split(position, ends[:-1]), self._shapes, strict=True)]

    @property
    def names(self) -> list[str]:
        return [variable.name for variable in self.model.value_vars]


def near_typical_and_far(density, seed: int = 1) -> np.ndarray:
    """Two positions each: close to the prior's centre, drawn from the prior, and three and a half times as far out."""
    draws = density.coordinates.prior_positions(np.random.default_rng(seed), 6)
    return draws * np.repeat([0.2, 1.0, 3.5], 2)[:, None]


def disagreements(said, expected) -> list[str]:
    """Where value or gradient leave the tolerances of the house."""
    found = []
    for i, (value, gradient, value_0, gradient_0) in enumerate(zip(*said, *expected, strict=True)):
        if not abs(value - value_0) <= 1e-8 * abs(value_0):
            found.append(f"value {i}: {value} for {value_0}")
        worst = np.max(np.abs(gradient - gradient_0)) / np.max(np.abs(gradient_0))
        if not worst <= 1e-7:
            found.append(f"gradient {i}: {worst:.1e} at {int(np.argmax(np.abs(gradient - gradient_0)))}")
    return found


__all__ = ["Reference", "disagreements", "near_typical_and_far"]
