"""Draws of the published model: sampling coordinates are chosen at rough points, and again after a short run from these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forcest.models.density.lane_density import LaneDensity
from forcest.models.radford2023.centred import CentredRadford2023
from forcest.models.radford2023.centring import LEAST_SCALE, coordinates_of
from forcest.models.radford2023.model import BoundRadford2023
from forcest.sampling import Progress, SampleResult, sample
from forcest.sampling.density import Density
from forcest.sampling.start import find_start

START = 0.25
"""Half the width of the box that chains start from, as published."""
FIRST_WARMUP = 88
TILE = 16
KERNEL = "hmc"
"""With the other kernel, one of sixteen chains may get stuck where a spline scale is small."""
NECK = 0.1
"""A spline scale below this share of the median is in the neck of a funnel, which centred directions cannot leave."""


@dataclass(frozen=True)
class PublishedDraws:
    """Draws in sampling coordinates, and the density they belong to.

    Parameters
    ----------
    density : CentredRadford2023
    result : SampleResult
    n_gradients : int
        Summed over chains, of both runs.
    seconds : float
    """

    density: CentredRadford2023
    result: SampleResult
    n_gradients: int
    seconds: float

    def parameters(self) -> dict[str, np.ndarray]:
        """Published parameters, each (chain, draw, ...)."""
        chains, draws, dim = self.result.draws.shape
        flat = self.density.published_positions(self.result.draws.reshape(-1, dim).astype(float))
        found = self.density.published.coordinates.parameters_of(flat)
        return {name: values.reshape(chains, draws, *values.shape[1:]) for name, values in found.items()}


def sample_published(
    bound: BoundRadford2023,
    *,
    random_seed: int,
    target_accept: float,
    chains: int = 32,
    draws: int | None = None,
    target_ess: float = 400.0,
    max_seconds: float | None = None,
    cores: int | None = None,
    callback: Callable[[Progress], object] | None = None,
) -> PublishedDraws:
    """Draw from the published posterior until bulk and tail ESS and R-hat of every coordinate meet the target, or time is up.

    Parameters
    ----------
    bound : BoundRadford2023
    random_seed, chains, draws, target_ess, target_accept, max_seconds, cores, callback
        As for :func:`forcest.sampling.sample`.

    Returns
    -------
    PublishedDraws
    """
    density = bound.density()
    rng = np.random.default_rng(random_seed)
    rough = rng.uniform(-START, START, size=(chains, density.dim))
    start = find_start(Density(density, density.dim), rough, rough, rng, TILE)
    first = CentredRadford2023.at(bound, density, start.state.position.T)
    shared = {"chains": chains, "target_accept": target_accept, "cores": cores, "callback": callback}
    early = _run(first, start.state.position.T, random_seed, max_seconds, draws=4, max_warmup=FIRST_WARMUP, **shared)
    places = _out_of_necks(density, first.published_positions(early.draws[:, -1].astype(float)), rng)
    second = CentredRadford2023.at(bound, density, places)
    left = None if max_seconds is None else max(max_seconds - early.seconds, 1.0)
    late = _run(second, places, random_seed + 1, left, draws=draws, target_ess=target_ess, **shared)
    return PublishedDraws(second, late, start.n_gradients + early.n_gradients + late.n_gradients, early.seconds + late.seconds)


def _run(centred, positions, random_seed, max_seconds, **options) -> SampleResult:
    places = coordinates_of(centred.bound, centred.centring, positions)
    return sample(
        centred,
        places,
        random_seed=random_seed,
        max_seconds=max_seconds,
        core=centred.core,
        kernel=KERNEL,
        names=centred.published.coordinates.labels,
        **options,
    )


def _out_of_necks(density: LaneDensity, positions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The positions, with chains in the neck of a funnel moved to the position of another chain."""
    scale = np.exp(positions[:, density.coordinates.by_name["loss_scale"].coordinates])
    free = (scale > NECK * np.maximum(np.median(scale, axis=0), LEAST_SCALE)).all(axis=1)
    if not free.any():
        return positions
    return positions[np.where(free, np.arange(len(positions)), rng.choice(np.flatnonzero(free), len(positions)))]
