"""The many-chain sampler on the batched density: nothing to compile, stops when the draws are good enough."""

from __future__ import annotations

import time
from dataclasses import asdict
from functools import partial, singledispatch
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from forcest.errors import SamplingError
from forcest.inference.cores import core_limit
from forcest.inference.progress import progress_line
from forcest.inference.samplers import FEWEST_DRAWS, Batched
from forcest.inference.settings import Draws, Settings
from forcest.inference.to_datatree import quantities

if TYPE_CHECKING:
    from forcest.models.density.bound import BoundModel
    from forcest.models.parameters.coordinates import Coordinates


FOR_DRAWS = 0.8
"""Share of a limited time that is for drawing; with 10,000 claims the rest took a sixth (docs/decisions/0046)."""
SHORTEST_RUN = 1e-3
"""Seconds that the sampler gets at least: it then says itself that time was too short."""


@singledispatch
def sample_batched(bound: BoundModel, settings: Settings) -> Draws:
    """Draws of the posterior of the claims that ``bound`` holds; other models register their own."""
    from forcest.sampling import sample

    started = time.perf_counter()
    density = bound.density()
    with progress_line(settings.progressbar, settings.sampler.chains) as report:
        result = sample(
            density,
            density.coordinates.prior_positions,
            random_seed=settings.random_seed,
            **options_of(settings, started),
            cores=core_limit(),
            names=density.coordinates.labels,
            quantities=partial(_judged, bound, density.coordinates),
            callback=report,
        )
    chains, kept, dim = result.draws.shape
    if kept < FEWEST_DRAWS:
        give_up(result.verdict.reasons)
    flat = density.coordinates.parameters_of(result.draws.reshape(-1, dim))
    return Draws(
        parameters={name: values.reshape(chains, kept, *values.shape[1:]) for name, values in flat.items()},
        stats=stats_of(result, density.coordinates.constant),
        seconds={"sample": time.perf_counter() - started},
        groups=shared_starts(result),
        faults=result.verdict.reasons,
        ended_by=result.verdict.ended_by,
    )


def _judged(bound: BoundModel, coordinates: Coordinates, draws: np.ndarray) -> np.ndarray:
    """What the verdict on a fit looks at (chain, draw, quantity), of draws (chain, draw, coordinate)."""
    flat = coordinates.parameters_of(draws.reshape(-1, draws.shape[2]))
    found = quantities(bound, {name: values.reshape(*draws.shape[:2], *values.shape[1:]) for name, values in flat.items()})
    return np.stack([values for values in found.values() if not np.isnan(values).all()], axis=2)


def options_of(settings: Settings, started: float) -> dict[str, Any]:
    """The options of the batched sampler as :func:`forcest.sampling.sample` takes them.

    Of a limited time, counted from ``started``, it gets what is left of :data:`FOR_DRAWS`; diagnosis and curves follow.
    """
    assert isinstance(settings.sampler, Batched)
    options = asdict(settings.sampler)
    if settings.sampler.max_seconds is not None:
        left = FOR_DRAWS * settings.sampler.max_seconds - (time.perf_counter() - started)
        options["max_seconds"] = max(left, SHORTEST_RUN)
    return options


def give_up(reasons: tuple[str, ...]) -> NoReturn:
    """Raise where there are too few draws to return: the interrupt again, or an error where a limit was met."""
    if "interrupted" in reasons:
        raise KeyboardInterrupt
    raise SamplingError(f"the run ended with too few draws to be judged ({'; '.join(reasons)}). Give it more time or more draws.")


def shared_starts(result: Any) -> np.ndarray | None:
    """Group of each chain by its starting point, shape (chain,); None where every chain has its own."""
    from forcest.sampling.start import FEW_CHAINS

    return result.groups if len(result.groups) > FEW_CHAINS else None


def stats_of(result: Any, constant: float) -> dict[str, np.ndarray]:
    """Statistics of every draw, under the names that fits store."""
    infos = result.infos
    return {
        "lp": result.lp + constant,
        "diverging": infos.is_divergent,
        "acceptance_rate": infos.acceptance_rate,
        "n_steps": np.broadcast_to(infos.n_steps, result.lp.shape).copy(),
    }
