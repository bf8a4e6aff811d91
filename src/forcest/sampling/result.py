"""What `sample` returns."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from forcest.sampling.diagnostics import Diagnostics
from forcest.sampling.metric import Metric


@dataclass(frozen=True)
class RunSettings:
    """Settings of a run, with defaults filled in; see `forcest.sampling.sample`.

    Examples
    --------
    >>> def logdensity(position):
    ...     return -0.5 * (position**2).sum(axis=1), -position
    >>> result = fc.sampling.sample(logdensity, lambda rng, n: rng.standard_normal((n, 3)), random_seed=1)
    >>> result.settings.chains, result.settings.kernel, result.settings.target_ess
    (32, 'mams', 400)
    """

    chains: int
    groups: int
    draws: int | None
    target_ess: float
    max_draws: int
    max_seconds: float | None
    target_accept: float
    kernel: str
    metric: str
    random_seed: int
    cores: int
    tile: int


@dataclass(frozen=True)
class Verdict:
    """Whether the draws may be used.

    Attributes
    ----------
    converged : bool
    reasons : tuple of str
        Why they may not; empty if they may.
    notes : tuple of str
        What else matters (fallbacks, replaced chains).
    mode : str
        The stopping rule, in words.
    ended_by : str
        Why the run ended before it was complete: "interrupted", a limit, or more draws would not have helped. Empty if it was
        complete.
    stuck : tuple of int
        Chains with a mean acceptance rate below 0.3, or that stayed at one place for a tenth of the run.

    Examples
    --------
    >>> def logdensity(position):
    ...     return -0.5 * (position**2).sum(axis=1), -position
    >>> result = fc.sampling.sample(logdensity, lambda rng, n: rng.standard_normal((n, 3)), random_seed=1)
    >>> result.verdict.converged, result.verdict.reasons, result.verdict.ended_by
    (True, (), '')
    """

    converged: bool
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    mode: str
    ended_by: str
    stuck: tuple[int, ...]


@dataclass(frozen=True)
class Record:
    """How the warm-up went.

    Attributes
    ----------
    n_iterations : int
    n_gradients : int
        Summed over chains.
    seconds : float
    has_settled : bool
        Whether it ended because the chains looked stationary, not at a limit.
    replaced : dict of int to int
        Chains that were moved to the position of another chain, and the iteration of the last move.
    n_redrawn : int
        Starting points that were drawn again because the density was not finite there.
    step_size, length : float
        Tuned step size and mean trajectory length, in whitened units.
    metric : str
        Kind of the tuned metric.
    updates : list of dict
        What each update of the metric found.
    """

    n_iterations: int = 0
    n_gradients: int = 0
    seconds: float = 0.0
    has_settled: bool = False
    replaced: dict[int, int] = field(default_factory=dict)
    n_redrawn: int = 0
    step_size: float = math.nan
    length: float = math.nan
    metric: str = ""
    updates: list[dict] = field(default_factory=list)


class Infos(NamedTuple):
    """Per-draw records, each of shape (chain, draw) but ``n_steps`` (draw,); see `forcest.sampling.state.Info`."""

    acceptance_rate: np.ndarray
    energy_error: np.ndarray
    is_accepted: np.ndarray
    is_divergent: np.ndarray
    is_nonfinite: np.ndarray
    n_steps: np.ndarray


@dataclass(frozen=True)
class SampleResult:
    """Draws of a run, how they were made and whether they may be used.

    Attributes
    ----------
    draws : ndarray, shape (chain, draw, dim)
        In single precision where they take a lot of memory; see :func:`sample`.
    lp : ndarray, shape (chain, draw)
        Log density.
    infos : Infos
    groups : ndarray of int, shape (chain,)
        Chains of one group shared a start.
    diagnostics : Diagnostics or None
        R-hat and ESS of each coordinate, the log density last; None below 4 draws.
    warmup : Record
    tuned_metric : Metric
    settings : RunSettings
    verdict : Verdict
    seconds : float
    n_gradients : int
        Summed over chains, warm-up included.

    Examples
    --------
    >>> def logdensity(position):
    ...     return -0.5 * (position**2).sum(axis=1), -position
    >>> result = fc.sampling.sample(logdensity, lambda rng, n: rng.standard_normal((n, 3)), random_seed=1)
    >>> result.draws.shape[2], result.draws.shape[:2] == result.lp.shape
    (3, True)
    """

    draws: np.ndarray
    lp: np.ndarray
    infos: Infos
    groups: np.ndarray
    diagnostics: Diagnostics | None
    warmup: Record
    tuned_metric: Metric
    settings: RunSettings
    verdict: Verdict
    seconds: float
    n_gradients: int

    def __repr__(self) -> str:
        chain, draw, dim = self.draws.shape
        state = "converged" if self.verdict.converged else "NOT converged: " + "; ".join(self.verdict.reasons)
        return f"<SampleResult {chain} chains x {draw} draws x {dim}, {self.seconds:.1f} s, {self.n_gradients} gradients, {state}>"
