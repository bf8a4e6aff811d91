"""One simulated ledger: drawn from a model, fitted, and where the truth lies among the draws of the fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import BytesIO

import numpy as np

from forcest.errors import SamplingError
from forcest.inference.batched import sample_batched
from forcest.inference.samplers import Batched
from forcest.inference.settings import Settings
from forcest.inference.to_datatree import quantities
from forcest.ledger.measures import CLASSES
from forcest.models.density.bound import BoundModel

KEPT = 199
"""Draws that a truth is ranked among, thinned from several hundred effective ones; 200 ranks make all usual intervals exact."""

Draw = Callable[[BoundModel, np.random.Generator], dict[str, np.ndarray]]


def prior_draw(bound: BoundModel, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """One draw of every parameter from its prior, each (1, ...)."""
    return {p.name: p.draw(rng, 1) for p in bound.parameters}


@dataclass(frozen=True)
class Simulation:
    """What one simulated ledger gave.

    Parameters
    ----------
    ranks : ndarray of int, shape (quantity,)
        Draws below the truth, 0 to ``KEPT``; ties are broken at random. -1 throughout where the fit gave no draws.
    moves : ndarray of bool, shape (quantity,)
        False where all draws and the truth are one number.
    reasons : tuple of str
        What the sampler found wrong; empty where the fit has converged.
    """

    ranks: np.ndarray
    moves: np.ndarray
    reasons: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """As the content of an npz file."""
        buffer = BytesIO()
        np.savez(buffer, ranks=self.ranks, moves=self.moves, reasons=np.array(self.reasons, dtype="U"))
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Simulation:
        """What :meth:`to_bytes` wrote."""
        with np.load(BytesIO(content), allow_pickle=False) as found:
            return cls(found["ranks"], found["moves"], tuple(str(reason) for reason in found["reasons"]))


@dataclass(frozen=True)
class Experiment:
    """What is repeated: claims of ``truth`` are simulated in the layout of its ledger, and ``fitted`` is fitted to them.

    Parameters
    ----------
    truth, fitted : BoundModel
        The same bound model, unless a wrong model is meant to be caught or an assumption to be broken.
    seed : int
    draw : callable
        True parameters.
    sampler : Batched
    """

    truth: BoundModel
    fitted: BoundModel
    seed: int
    draw: Draw = prior_draw
    sampler: Batched = field(default_factory=Batched)

    def __post_init__(self) -> None:
        _ = self.truth.claims  # a model whose claims cannot be simulated refuses here

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Quantities that are ranked: those that truth and fitted model both have."""
        theirs = _values(self.fitted, self._example(self.fitted))
        return tuple(name for name in _values(self.truth, self._example(self.truth)) if name in theirs)

    def _example(self, bound: BoundModel) -> dict[str, np.ndarray]:
        return prior_draw(bound, np.random.default_rng(0))

    def run(self, i: int) -> Simulation:
        """Simulation number ``i``; it depends on the seed and the number alone."""
        true = self.draw(self.truth, np.random.default_rng([self.seed, i, 0]))
        claims = self.truth.simulate(true, np.random.default_rng([self.seed, i, 1])).claims
        at_truth = replace(self.truth, claims=claims)
        fitted = replace(self.fitted, claims=claims)
        seed = int(np.random.default_rng([self.seed, i, 2]).integers(2**31))
        settings = Settings.of(self.fitted.model, self.sampler, random_seed=seed)
        try:
            draws = sample_batched(fitted, settings)
        except SamplingError as error:
            nothing = np.full(len(self.names), -1, dtype=np.int16)
            return Simulation(nothing, np.ones(len(self.names), dtype=bool), (f"no draws: {error}",))
        kept = {name: _thinned(values) for name, values in draws.parameters.items()}
        posterior, truth = _values(fitted, kept), _values(at_truth, true)
        rng = np.random.default_rng([self.seed, i, 3])
        found = [_rank(posterior[name], float(truth[name][0]), rng) for name in self.names]
        ranks, moves = zip(*found, strict=True)
        return Simulation(np.array(ranks, dtype=np.int16), np.array(moves), draws.faults)


@dataclass(frozen=True)
class Numbered:
    """One simulation of an experiment."""

    experiment: Experiment
    number: int

    @property
    def name(self) -> str:
        """In words."""
        return f"simulated ledger {self.number}"

    @property
    def file(self) -> str:
        """Name of the stored result."""
        return f"{self.number:06d}.npz"

    def run(self) -> bytes:
        """The simulation, as it is stored."""
        return self.experiment.run(self.number).to_bytes()


def _thinned(values: np.ndarray) -> np.ndarray:
    """Draws of all chains, evenly thinned, shape (kept, ...)."""
    flat = values.reshape(-1, *values.shape[2:])
    return flat[np.linspace(0, len(flat) - 1, KEPT).round().astype(int)]


def _rank(draws: np.ndarray, truth: float, rng: np.random.Generator) -> tuple[int, bool]:
    below, equal = int((draws < truth).sum()), int((draws == truth).sum())
    return below + int(rng.integers(equal + 1)), equal < draws.size


def _values(bound: BoundModel, parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every scalar that is ranked, each (draw,): parameters, curves by month, biases, and the log likelihood of the claims."""
    found = {name: values[0] for name, values in quantities(bound, {n: v[None] for n, v in parameters.items()}).items()}
    found |= _biases(bound, parameters)
    curves = bound.read_curves(bound.curves_forward(parameters))
    likelihood = bound.likelihood
    found["log likelihood"] = likelihood.total(likelihood.forward(parameters, curves, bound.data), bound.data)
    return {name: values for name, values in found.items() if np.isfinite(values).all()}


def _biases(bound: BoundModel, parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    bias = bound.bias_by_source(parameters)
    flat, dims = bias.reshape(len(bias), -1), bias.shape[1:]
    labels = {"force": bound.layout.forces, "source": bound.layout.sources, "measure_class": CLASSES}
    found = {}
    for k in np.flatnonzero(np.isfinite(flat[0])):
        place = np.unravel_index(k, dims)
        label = ", ".join(str(labels[dim][i]) for dim, i in zip(bound.bias.dims, place, strict=True))
        found[f"bias[{label}]"] = flat[:, k]
    return found
