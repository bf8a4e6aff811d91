"""Simulation-based calibration: whether intervals cover the truth as often as they claim, on ledgers simulated from the model."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forcest.checks.running import results
from forcest.checks.simulations import KEPT, Draw, Experiment, Numbered, Simulation, prior_draw
from forcest.checks.storage import Folder
from forcest.checks.uniformity import band, p_values
from forcest.errors import ForcestError, removed
from forcest.inference.family import holm
from forcest.inference.samplers import Batched, as_dict

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel

N_RANKS = KEPT + 1
FAMILY = 0.05
PROBS = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class Calibration:
    """Ranks of true values among the draws of fits to simulated ledgers.

    Attributes
    ----------
    ranks : DataFrame, one row per simulated ledger, one column per quantity
        Draws below the truth, 0 to 199: uniform where the fits are right. Quantities that never vary are left out.
    reasons : list of tuple of str
        What the sampler found wrong with each fit, empty where it has converged. Their ranks count like all others.
    n_failed : int
        Fits that gave no draws at all; they have no ranks.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.calibrate(model.with_step("W"), few, n=2, folder="calibration")  # 200 for a verdict
    >>> len(found.ranks), found.n_failed
    (2, 0)
    >>> found.table.columns.tolist()
    ['quantity', 'mean_rank', 'p', 'p_holm', 'in50', 'in80', 'in95']
    """

    ranks: pd.DataFrame
    reasons: list[tuple[str, ...]]
    n_failed: int

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per quantity, the least uniform first.

        ``mean_rank`` (0.5 if uniform), ``p`` of the quantity alone, ``p_holm`` adjusted for all quantities (Holm), and the share of
        truths inside the equal-tailed 50, 80 and 95 % intervals (``in50, in80, in95``).
        """
        ranks = self.ranks.to_numpy()
        p = p_values(ranks, N_RANKS)
        found = {"mean_rank": (ranks.mean(axis=0) + 0.5) / N_RANKS, "p": p, "p_holm": holm(p)}
        found |= {f"in{100 * prob:.0f}": _inside(ranks, prob).mean(axis=0) for prob in PROBS}
        return pd.DataFrame(found, index=self.ranks.columns.rename("quantity")).sort_values("p", kind="stable").reset_index()

    @property
    def n_ranks(self) -> int:
        """Number of possible ranks."""
        return N_RANKS

    def band(self, family: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Counts below each rank from 1 on between which ``family`` uniform quantities all stay with 95 % probability."""
        return band(len(self.ranks), N_RANKS, 1 - FAMILY / family)

    @property
    def n_unconverged(self) -> int:
        """Fits that did not converge by the rule of the sampler."""
        return sum(bool(reasons) for reasons in self.reasons)

    @property
    def passed(self) -> bool:
        """Whether every quantity is uniform, at 5 % for the whole family, and every fit gave draws."""
        return self.n_failed == 0 and bool(self.table["p_holm"].min() > FAMILY)

    def __str__(self) -> str:
        worst, n = self.table.iloc[0], len(self.ranks)
        verdict = "pass" if self.passed else "FAIL"
        covered = ", ".join(f"{100 * self.table[f'in{100 * prob:.0f}'].mean():.1f} % in {100 * prob:.0f} %" for prob in PROBS)
        return (
            f"{verdict}: ranks of {len(self.table)} quantities over {n} simulated ledgers. Least uniform: {worst['quantity']}, "
            f"p = {worst['p_holm']:.3g} for the family (limit {FAMILY:g}). Mean coverage: {covered} intervals. "
            f"{self.n_unconverged} of {n} fits did not converge, {self.n_failed} gave no draws."
        )


@removed(progress="is called `callback`")
def calibrate(
    model: ForceModel | LossModel,
    ledger: Ledger,
    n: int = 200,
    *,
    random_seed: int = 1,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    truth: ForceModel | LossModel | None = None,
    draw: Draw = prior_draw,
    sampler: Batched | None = None,
    callback: Callable[[int, int], object] | None = None,
) -> Calibration:
    """Simulate ledgers from a model, fit each, and rank the true values among the draws (Talts et al. 2018, arXiv 1804.06788).

    Parameters
    ----------
    model : ForceModel or LossModel
        What is fitted.
    ledger : Ledger
        Ledgers with its layout are simulated: the same sources, measures, dates and forms of claims.
    n : int
        Number of simulated ledgers.
    random_seed : int
        Simulation number i depends on the seed and i alone: more of them extend a run, in whatever order they are done.
    folder : path, optional
        Where every finished simulation is stored at once; the same call with the same folder resumes an interrupted run.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    truth : ForceModel or LossModel, optional
        The model that is simulated from, where it is another one: to see what a broken assumption does.
    draw : callable, optional
        ``draw(bound, rng)`` gives true parameters, each (1, ...); a draw of the prior unless given.
    sampler : Batched, optional
        How each simulated ledger is fitted; as :func:`forcest.fit` does unless given.
    callback : callable, optional
        Gets (done, n) after every simulation.

    Returns
    -------
    Calibration
        Print it, or read ``passed``, ``table`` and ``ranks``.

    Raises
    ------
    ForcestError
        If the folder holds another run.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.calibrate(model.with_step("W"), few, n=2, folder="calibration")  # 200 for a verdict
    >>> print(found)
    pass: ranks of ... quantities over 2 simulated ledgers. ...
    """
    from forcest.sampling.runner import available_cores  # loads Numba

    if n < 1:
        raise ForcestError(f"`n` must be at least 1; got {n}. Say how many ledgers to simulate.")
    if not isinstance(sampler, Batched | None):
        raise ForcestError(f"`sampler` must be fc.Batched(...), which needs no compilation; got {sampler!r}.")
    fitted = model.on(ledger)
    bound = fitted if truth is None else truth.on(ledger)
    experiment = Experiment(bound, fitted, random_seed, draw, sampler or Batched())
    store = Folder(folder, _manifest(experiment, ledger))
    numbered = [Numbered(experiment, i) for i in range(n)]
    found = results(numbered, store, client=client, threads=available_cores(), counting=callback)
    return _collected(experiment.names, [Simulation.from_bytes(content) for content in found])


def _manifest(experiment: Experiment, ledger: Ledger) -> dict[str, object]:
    return {
        "ledger": ledger.hash,
        "truth": experiment.truth.model.model_dump_json(),
        "fitted": experiment.fitted.model.model_dump_json(),
        "draw": f"{experiment.draw.__module__}.{experiment.draw.__qualname__}",
        "random_seed": experiment.seed,
        "sampler": as_dict(experiment.sampler),
        "quantities": list(experiment.names),
    }


def _collected(names: tuple[str, ...], simulations: list[Simulation]) -> Calibration:
    done = [s for s in simulations if s.ranks[0] >= 0]
    if not done:
        raise ForcestError(f"no fit gave draws; the first reported: {'; '.join(simulations[0].reasons)}. Check the model's priors.")
    moves = np.any([s.moves for s in done], axis=0)
    ranks = np.stack([s.ranks for s in done]).astype(np.int64)
    table = pd.DataFrame(ranks[:, moves], columns=[name for name, moving in zip(names, moves, strict=True) if moving])
    return Calibration(table, [s.reasons for s in simulations], len(simulations) - len(done))


def _inside(ranks: np.ndarray, prob: float) -> np.ndarray:
    """Whether truths lie inside the equal-tailed interval of their draws."""
    outside = round(N_RANKS * (1 - prob) / 2)
    return (ranks >= outside) & (ranks < N_RANKS - outside)
