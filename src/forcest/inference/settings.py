"""What a sampler is asked to do, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from forcest.errors import ForcestError

Sampler = Literal["batched", "nutpie", "pymc"]

DEFAULTS: dict[str, dict[str, Any]] = {
    "batched": {"chains": 32, "target_accept": 0.9, "target_ess": 400.0},
    "nutpie": {"chains": 4, "target_accept": 0.95, "draws": 1_500, "tune": 1_000},
    "pymc": {"chains": 4, "target_accept": 0.95, "draws": 1_500, "tune": 1_000},
}
QUICK_DEFAULTS: dict[str, dict[str, Any]] = {
    "batched": {"chains": 16, "target_ess": 100.0},
    "nutpie": {"draws": 400, "tune": 400},
    "pymc": {"draws": 400, "tune": 400},
}


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Parameters
    ----------
    sampler : {"batched", "nutpie", "pymc"}
    chains : int
    target_accept : float
    random_seed : int
    draws : int, optional
        Kept draws per chain; the batched sampler draws until its target is met unless told.
    tune : int, optional
        Discarded draws per chain; the batched sampler ends its warm-up by itself.
    target_ess, max_seconds : float, optional
        When the batched sampler stops.
    quick : bool
        A look, not an estimate: judged by R-hat 1.05.
    progress : bool
    """

    sampler: Sampler
    chains: int
    target_accept: float
    random_seed: int
    draws: int | None = None
    tune: int | None = None
    target_ess: float | None = None
    max_seconds: float | None = None
    quick: bool = False
    progress: bool = False

    @classmethod
    def of(cls, sampler: str, *, quick: bool, progress: bool, random_seed: int, **given: Any) -> Settings:
        """The defaults of a sampler, overridden by what is given and not None."""
        if sampler not in get_args(Sampler):
            raise ForcestError(f"`sampler` must be one of {', '.join(map(repr, get_args(Sampler)))}; got {sampler!r}.")
        said = {name: value for name, value in given.items() if value is not None}
        if sampler == "batched" and "tune" in said:
            raise ForcestError("`tune` is for 'nutpie' and 'pymc'; the batched sampler ends its warm-up by itself. Leave it out.")
        if sampler != "batched" and (idle := {"target_ess", "max_seconds"} & set(said)):
            raise ForcestError(f"{' and '.join(f'`{name}`' for name in sorted(idle))} is for sampler='batched'; got {sampler!r}.")
        if any(value <= 0 for value in said.values()) or random_seed < 0 or said.get("target_accept", 0.5) >= 1:
            options = ", ".join(f"{name}={value}" for name, value in {**said, "random_seed": random_seed}.items())
            raise ForcestError(
                "numbers and times must be above 0, `target_accept` between 0 and 1, `random_seed` not negative; "
                f"got {options}. Leave out what you do not want to set."
            )
        chosen = {**DEFAULTS[sampler], **(QUICK_DEFAULTS[sampler] if quick else {}), **said}
        return cls(sampler=sampler, random_seed=random_seed, quick=quick, progress=progress, **chosen)  # pyright: ignore[reportArgumentType]

    def as_json(self) -> dict[str, Any]:
        """The settings that shape the draws."""
        names = ("sampler", "draws", "tune", "chains", "target_accept", "target_ess", "max_seconds", "random_seed")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


@dataclass(frozen=True)
class Draws:
    """What every sampler returns.

    Parameters
    ----------
    parameters : dict of str to ndarray, shape (chain, draw, ...)
    stats : dict of str to ndarray, shape (chain, draw)
    seconds : dict of str to float
        Time spent compiling and sampling.
    groups : ndarray of int, shape (chain,), optional
        Chains that shared a start, for nested R-hat.
    faults : tuple of str
        What the sampler itself found wrong.
    ended_by : str
        What cut the run short; empty if it ended as asked.
    """

    parameters: dict[str, np.ndarray]
    stats: dict[str, np.ndarray]
    seconds: dict[str, float] = field(default_factory=dict)
    groups: np.ndarray | None = None
    faults: tuple[str, ...] = ()
    ended_by: str = ""
