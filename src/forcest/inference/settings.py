"""What a sampler is asked to do, and what it gives back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any

import numpy as np

from forcest.errors import ForcestError
from forcest.inference.samplers import Batched, Sampler, SamplerName, as_dict, sampler_named
from forcest.models.description.model import Model

USUAL_ACCEPT = 0.9
"""Acceptance rate of the batched sampler for models that ask for no other."""


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Parameters
    ----------
    sampler : Batched, Nutpie or PyMC
        With every option set that it needs.
    random_seed : int
    quick : bool
        A quick look, not an estimate: judged by R-hat 1.05.
    progressbar : bool
    """

    sampler: Sampler
    random_seed: int
    quick: bool = False
    progressbar: bool = False

    @classmethod
    def of(
        cls,
        model: Model,
        sampler: SamplerName | Sampler,
        *,
        random_seed: int | None = None,
        quick: bool = False,
        progressbar: bool = False,
    ) -> Settings:
        """The settings for a model, with its acceptance rate and a random seed unless they are given."""
        if random_seed is not None and (not isinstance(random_seed, Integral) or random_seed < 0):
            raise ForcestError(f"`random_seed` must be a whole number of at least 0; got {random_seed!r}.")
        chosen = sampler_named(sampler, quick=quick)
        if isinstance(chosen, Batched) and chosen.target_accept is None:
            chosen = replace(chosen, target_accept=model.target_accept or USUAL_ACCEPT)
        seed = secrets.randbits(31) if random_seed is None else int(random_seed)
        return cls(chosen, seed, quick=quick, progressbar=progressbar)

    def as_dict(self) -> dict[str, Any]:
        """The settings that shape the draws."""
        return {**as_dict(self.sampler), "random_seed": self.random_seed}


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
