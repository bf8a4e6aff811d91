"""Which answer would narrow an estimate most: simulated answers, and the draws reweighted by the likelihood of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import xarray as xr

from forcest.checks.headlines import headlines
from forcest.checks.predictive import parameters_of
from forcest.checks.questions import as_claims, usual_questions
from forcest.checks.weights import are_reliable, effective_draws, smoothed_weights
from forcest.errors import ForcestError
from forcest.estimates.draws import DateLike, as_dates, group, needs_reporting
from forcest.inference.opened import OpenedFit, takes_fit
from forcest.models.reporting.likelihood import draw_beliefs
from forcest.models.reporting.simulate import restate

if TYPE_CHECKING:
    from forcest.models.density.bound import BoundModel
    from forcest.models.reporting.origins import Claim

MOST_UNRELIABLE = 0.1
"""Largest share of answers whose weights are not reliable; leaving these out would leave out the most telling ones."""
UNRELIABLE = "weights unreliable: some answers would leave too few draws"


@takes_fit
def ask_next(
    fit: xr.DataTree,
    of: str = "killed",
    questions: pd.DataFrame | None = None,
    *,
    at: DateLike | None = None,
    answers: int = 200,
    callback: Callable[[int, int], object] | None = None,
) -> pd.DataFrame:
    """Which source to ask for which number, to narrow the estimate of a headline measure most.

    For each question, answers are simulated from what the fit expects the source to claim. The draws are reweighted by the
    likelihood of each answer, and the narrowing is averaged over the answers.

    Parameters
    ----------
    fit : DataTree
        From :func:`forcest.fit` or :func:`forcest.load`, of a ForceModel or LossModel.
    of : str
        The headline measure to be narrowed, such as ``"killed"``; ``"Force: killed"`` in a fit of several forces.
    questions : DataFrame, optional
        One row per question: `source, stance, measure, as_of`, and optionally `force, scope, wave, qualifier` (how the number is
        stated; "about" unless given) and `definition`. Unless given: every headline measure on the day, asked of every source of
        the fit and of a source of each stance that is new.
    at : date, optional
        The day of the estimate; the last with a claim unless given.
    answers : int
        Simulated answers to each question.
    callback : callable, optional
        Gets (done, questions) after each question.

    Returns
    -------
    DataFrame
        The questions, the most narrowing first: `source, stance, measure, as_of`; `narrowing`, the expected relative decrease of
        the standard deviation of log(1 + `of`), from 0 (the answer says nothing) to 1, with its Monte Carlo standard error
        `narrowing_se` (of the answers and of the draws); `effective_draws` (median over the answers), `unreliable` (share of
        answers with fewer than 100 effective draws or a Pareto k above 0.7) and `method`: ``weights``, or why there is no number.
        Where more than a tenth of the answers are unreliable, `narrowing` is NaN. ``attrs`` has `of` and `date`.

    Raises
    ------
    ForcestError
        If the fit is a forecast or of the published model, `of` is not a headline measure that varies on the day, there are fewer
        than 20 answers, or a question is not covered by the model.
    LedgerError
        If questions cannot be rows of a ledger; all problems are listed.

    Notes
    -----
    The narrowing is what the model expects, not what a source is worth: it trusts the assumed bias and error of each stance. A
    question that would make the bias of a source drift (a second month of its claims) is taken without drift.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("A graves register", "record", "killed", "2025-03-31"), ("A ministry", "enemy", "deployed", "2025-03-31")]
    >>> asked = pd.DataFrame(rows, columns=["source", "stance", "measure", "as_of"])
    >>> found = fc.ask_next(fit, "killed", asked, at="2025-03-31", answers=50)
    >>> found["source"].tolist()
    ['A graves register', 'A ministry']
    >>> bool(found.loc[0, "narrowing"] > 0.1 > found.loc[1, "narrowing"])
    True
    """
    needs_reporting(fit, "what to ask next")
    if OpenedFit.of(fit).forecast_from:
        raise ForcestError(
            "`fit` must be a fit; a forecast cannot be made again with an answer. Pass the fit that it was made from."
        )
    if answers < 20:
        raise ForcestError(f"`answers` must be at least 20, so that an average means something; got {answers}.")
    day = as_dates(fit, at)[0]
    values = headlines(fit, day)
    if of not in values:
        raise ForcestError(f"`of` must be a headline measure that is uncertain on {day}: {', '.join(values)}; got {of!r}.")
    if questions is None:
        forces = [str(force) for force in group(fit, "posterior")["force"].values]
        questions = usual_questions(fit, day, of.rsplit(": ", 1)[0] if len(forces) > 1 else forces[0])
    claims = as_claims(fit, questions)
    panel, logs = Panel.of(fit, claims), np.log1p(values[of])
    rows = []
    for number, claim in enumerate(claims):
        rows.append(_row(claim, panel.answered(claim, number, answers)[1], logs))
        if callback is not None:
            callback(number + 1, len(claims))
    table = pd.DataFrame(rows).sort_values("narrowing", ascending=False, kind="stable").reset_index(drop=True)
    table.attrs = {"of": of, "date": str(day)}
    return table


@dataclass(frozen=True)
class Panel:
    """The draws of a fit, ready for questions.

    Attributes
    ----------
    fit : DataTree
    bound : BoundModel
        The model of the fit with its claims.
    curves : dict of str to ndarray, shape (draw, date)
        Curves that the claims and all questions read.
    """

    fit: xr.DataTree
    bound: BoundModel
    curves: dict[str, np.ndarray]

    @classmethod
    def of(cls, fit: xr.DataTree, claims: list[Claim]) -> Panel:
        """The curves are computed once for all questions."""
        bound = cast("BoundModel", OpenedFit.of(fit).bound)
        everything = bound.with_claims([*bound.claims, *claims])
        p = parameters_of(everything, fit, np.random.default_rng(0))  # curves depend on what the fit knows alone
        return cls(fit, bound, everything.curves_forward(p))

    def answered(self, claim: Claim, number: int, answers: int) -> tuple[list[Claim], np.ndarray]:
        """Simulated answers to a question, and their log likelihood in every draw, shape (draw, answer)."""
        bound, p = self._asked(claim, number)
        rng = np.random.default_rng([OpenedFit.of(self.fit).random_seed, 9, number])
        stated = self._simulated(bound, p, claim, answers, rng)
        data = replace(bound, claims=tuple(stated)).data
        variants = bound.likelihood.forward(p, bound.read_curves(self.curves), data)
        return stated, bound.likelihood.by_claim(variants, data)

    def _asked(self, claim: Claim, number: int) -> tuple[BoundModel, dict[str, np.ndarray]]:
        """The model bound to one claim more than the fit, and draws of its parameters: a new source has those of its prior."""
        bound = self.bound.with_claims([*self.bound.claims, claim])
        rng = np.random.default_rng([OpenedFit.of(self.fit).random_seed, 10, number])
        return bound, parameters_of(bound, self.fit, rng)

    def _simulated(
        self, bound: BoundModel, p: dict[str, np.ndarray], claim: Claim, answers: int, rng: np.random.Generator
    ) -> list[Claim]:
        """Answers to a question, each from a draw of its own."""
        alone = replace(bound, claims=(claim,))
        _, _, mean, scale = bound.likelihood.belief(p, bound.read_curves(self.curves), alone.data)
        draws = np.linspace(0, len(mean) - 1, answers).round().astype(int)
        beliefs = draw_beliefs(mean[draws, 0], scale[draws, 0], bound.model.reporting.gross_error_share, rng)
        one = [{name: x[draw : draw + 1] for name, x in p.items()} for draw in draws]
        return [restate(claim, b, alone._rounding_of(claim, q, rng), rng) for b, q in zip(beliefs, one, strict=True)]


def _row(claim: Claim, log_likelihood: np.ndarray, logs: np.ndarray) -> dict[str, object]:
    weights, k = smoothed_weights(log_likelihood)
    unreliable = float((~are_reliable(weights, k)).mean())
    told = unreliable <= MOST_UNRELIABLE
    mean, error = expected_narrowing(logs, weights) if told else (np.nan, np.nan)
    row = {name: claim.row[name] for name in ("source", "stance", "measure", "as_of")}
    return row | {
        "narrowing": mean,
        "narrowing_se": error,
        "effective_draws": float(np.median(effective_draws(weights))),
        "unreliable": unreliable,
        "method": "weights" if told else UNRELIABLE,
    }


def narrowing(logs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Relative decrease of the standard deviation of draws (draw,) by weights (draw, answer), shape (answer,)."""
    centred = logs - logs.mean()
    total = weights.sum(axis=0)
    means = centred @ weights / total
    return 1 - np.sqrt(np.maximum(centred**2 @ weights / total - means**2, 0.0)) / logs.std()


def expected_narrowing(logs: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Mean narrowing over the answers, and its Monte Carlo standard error.

    Parameters
    ----------
    logs : ndarray, shape (chain, draw)
    weights : ndarray, shape (chain times draw, answer)

    Notes
    -----
    The error adds the variance over the answers to that over the draws, which is found by leaving out one chain after the other.
    """
    found = narrowing(logs.ravel(), weights)
    chains, by_chain = len(logs), weights.reshape(*logs.shape, -1)
    less = [
        narrowing(np.delete(logs, i, axis=0).ravel(), np.delete(by_chain, i, axis=0).reshape(-1, weights.shape[1])).mean()
        for i in range(chains)
    ]
    of_draws = (chains - 1) * np.var(less)
    return float(found.mean()), float(np.sqrt(found.var(ddof=1) / len(found) + of_draws))
