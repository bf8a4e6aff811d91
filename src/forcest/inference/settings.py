"""What a sampler is asked to do, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

Sampler = Literal["nutpie", "pymc"]


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Parameters
    ----------
    sampler : {"nutpie", "pymc"}
    draws, tune : int
        Kept and discarded draws per chain.
    chains : int
    target_accept : float
    random_seed : int
    quick : bool
        A look, not an estimate: judged by R-hat 1.05.
    progress : bool
    """

    sampler: Sampler
    draws: int
    tune: int
    chains: int
    target_accept: float
    random_seed: int
    quick: bool = False
    progress: bool = False

    def as_json(self) -> dict[str, Any]:
        """The settings that shape the draws."""
        names = ("sampler", "draws", "tune", "chains", "target_accept", "random_seed")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Draws:
    """What every sampler returns.

    Parameters
    ----------
    parameters : dict of str to ndarray, shape (chain, draw, ...)
    stats : dict of str to ndarray, shape (chain, draw)
    seconds : dict of str to float
        Time spent compiling and sampling.
    """

    parameters: dict[str, np.ndarray]
    stats: dict[str, np.ndarray]
    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, **seconds: float) -> Draws:
        """The same draws with more times noted."""
        return replace(self, seconds={**self.seconds, **seconds})
