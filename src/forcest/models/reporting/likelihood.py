r"""The likelihood of claims: the probability that a logistic error puts the belief of a source inside its cell.

With count :math:`Q`, bias :math:`b` and error scale :math:`\sigma`:

.. math:: m = \log(1 + Q e^b), \qquad s^2 = (v\sigma)^2 + \frac{\kappa}{Q e^b + 1}, \qquad
          P = \Lambda\{(hi - m)/s\} - \Lambda\{(lo - m)/s\}

A curve is the number that took place, so that two who counted exactly 2 agree on it, and :math:`\kappa` is 0. Of a window without
a size of its own the curve has only the expected number, and its claims have the variance of a count, :math:`\kappa = 3/\pi^2`.
A claim's probability is a mean over the dates it may refer to and the grids it may have been rounded on; claims of "casualties"
that do not say what is counted have one of two meanings, the same for all claims of a source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from forcest.models.parameters.numeric import NUMERIC, pick
from forcest.models.parameters.tensors import symbolic
from forcest.models.reporting.arrays import NOTHING, ClaimArrays
from forcest.models.reporting.bias import Bias
from forcest.models.reporting.description import Reporting
from forcest.models.reporting.layout import Layout

COUNT_NOISE = 3 / np.pi**2
GROSS_WIDTH = 5.0
AT_ONCE = 20_000_000
"""Cells times draws whose probabilities are computed together: about a gigabyte."""


def log_interval_probability(low, high, mean, scale) -> np.ndarray:
    r"""Log probability that a logistic error puts a belief inside an interval.

    .. math:: \log\{\Lambda((high - mean)/scale) - \Lambda((low - mean)/scale)\}

    Parameters
    ----------
    low, high : ndarray  [log persons]
        Bounds, ``low`` may be -inf, ``high`` inf; ``low < high``. All arguments broadcast.
    mean, scale : ndarray  [log persons]
        Expected belief and error scale.

    Returns
    -------
    ndarray
        Accurate to 1e-12 relative for intervals down to 1e-8 scales wide and 40 scales away from the mean.

    Notes
    -----
    With a and b the standardised bounds: log L(b) + log L(-a) + log(-expm1(a - b)), L the logistic CDF; the plain difference of
    CDFs loses all digits in the upper tail. The width is the difference of the bounds, not of a and b.
    """
    with np.errstate(invalid="ignore"):
        width = (high - low) / scale
    bounded = -np.logaddexp(0.0, -(high - mean) / scale) - np.logaddexp(0.0, (low - mean) / scale)
    return bounded + np.log(-np.expm1(-width))


def log_interval_probability_graph(low, high, mean, scale):
    """:func:`log_interval_probability` as a graph; open bounds are replaced first, because their gradient would be NaN."""
    pt = symbolic()

    open_below, open_above = pt.isinf(low), pt.isinf(high)
    a = (pt.switch(open_below, 0.0, low) - mean) / scale
    b = (pt.switch(open_above, 0.0, high) - mean) / scale
    width = pt.switch(open_below | open_above, 1.0, high - low) / scale
    log_below = pt.switch(open_above, 0.0, -pt.softplus(-b))
    log_above = pt.switch(open_below, 0.0, -pt.softplus(a))
    return log_below + log_above + pt.switch(open_below | open_above, 0.0, pt.log(-pt.expm1(-width)))


def log_belief_probability(low, high, mean, scale, share: float, xp: Any = NUMERIC) -> Any:
    """Log probability that a belief lies inside an interval, where a share of the errors are gross.

    A gross error is :data:`GROSS_WIDTH` times as wide.

    Parameters
    ----------
    low, high, mean, scale : ndarray or TensorVariable  [log persons]
        As in :func:`log_interval_probability`.
    share : float
        Share of gross errors, from 0 to below 1.
    xp : module
        The numeric library, or the symbolic one.

    Returns
    -------
    ndarray or TensorVariable
    """
    log_probability = log_interval_probability if xp is NUMERIC else log_interval_probability_graph
    usual = log_probability(low, high, mean, scale)
    if not share:
        return usual
    gross = log_probability(low, high, mean, GROSS_WIDTH * scale)
    return xp.logaddexp(np.log1p(-share) + usual, np.log(share) + gross)


def draw_beliefs(mean: np.ndarray, scale: np.ndarray, gross_error_share: float, rng: np.random.Generator) -> np.ndarray:
    """Beliefs with the share of gross errors that the likelihood assumes, in the shape of ``mean``."""
    width = np.where(rng.random(mean.shape) < gross_error_share, GROSS_WIDTH, 1.0)
    return rng.logistic(mean, width * scale)


class Beliefs(NamedTuple):
    """Beliefs of the sources of claims, each array (draw, claim).

    Attributes
    ----------
    quantity, expected : ndarray  [persons]
        The true count of the claim, and the same with the bias of the source.
    mean, scale : ndarray
        Of the logistic belief, on the log1p scale (log for an equivalence).
    is_ratio : ndarray of bool
    """

    quantity: np.ndarray
    expected: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    is_ratio: np.ndarray


@dataclass(frozen=True)
class ClaimLikelihood:
    """Probability of the claims of a ledger, given curves and reporting parameters."""

    reporting: Reporting
    layout: Layout

    def graph(self, p, curves, data):
        """Log likelihood of all claims, a scalar.

        Parameters
        ----------
        p : dict of str to TensorVariable
        curves : TensorVariable, shape (curve, date)
            In the order of the layout.
        data : dict of str to TensorVariable
            The arrays of :class:`ClaimArrays`.
        """
        pt, data = symbolic(), ClaimArrays(**data)
        return self._total(pt, self._variants(pt, p, pt.flatten(curves), data), data)

    def forward(self, p, curves: np.ndarray, data: ClaimArrays) -> np.ndarray:
        """Log probability of each variant of each claim, shape (draw, variant)."""
        flat, piece = curves.reshape(len(curves), -1), max(1, AT_ONCE // data.low.size)
        pieces = [slice(first, first + piece) for first in range(0, len(curves), piece)]
        parts = [self._variants(NUMERIC, {name: x[at] for name, x in p.items()}, flat[at], data) for at in pieces]
        return np.concatenate(parts)

    def total(self, variants: np.ndarray, data: ClaimArrays) -> np.ndarray:
        """Log likelihood of all claims, shape (draw,)."""
        return self._total(NUMERIC, variants, data)

    def belief(self, p, curves: np.ndarray, data: ClaimArrays) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Count, biased count, mean and scale of each point's belief, each (draw, point)."""
        return self._belief(NUMERIC, p, curves.reshape(len(curves), -1), data)

    def _belief(self, xp, p, curves, data):
        """Count, biased count, mean and scale of each point's belief, each (..., point), from curves (..., curve times date)."""
        readings = xp.sum(curves[..., data.reading_nodes] * data.reading_weights, axis=-1)
        # Dates are padded with an appended zero; a repeated date would count twice in the gradient of the maximum.
        highest = xp.max(pick(xp, readings, data.highest), axis=-1)
        count = xp.maximum(xp.concatenate([readings[..., data.single], highest], axis=-1), 0.0)
        biased = count * xp.exp(Bias(self.reporting, self.layout).log_bias(xp, p, data))
        error = data.vague * p["error_scale"][..., data.error_class]
        mean = xp.log(biased + 1 - data.is_ratio)
        if self.layout.origin_groups:
            mean = mean + xp.sqrt(1 - data.own_share) * error * pick(xp, p["origin_error"], data.group)
        variance = data.own_share * error**2 + data.is_expected * COUNT_NOISE / (biased + 1)
        return count, biased, mean, xp.sqrt(variance)

    def _variants(self, xp, p, curves, data):
        """Log probability of each variant of each claim, shape (..., variant)."""
        _, _, mean, scale = self._belief(xp, p, curves, data)
        share = self.reporting.gross_error_share
        cells = log_belief_probability(data.low, data.high, mean[..., None], scale[..., None], share, xp)
        points = xp.logsumexp(data.log_weight + self._log_rounding(xp, p, data) + cells, axis=-1)
        return xp.logsumexp(data.variant_log_weight + points[..., data.variant_points], axis=-1) * data.used

    def _log_rounding(self, xp, p, data):
        """Log weight of each cell's grid for a source whose rounding is learned, zero elsewhere, shape (..., point, cell)."""
        if not self.layout.rounding_sources:
            return 0.0
        row, grid, n = (xp.maximum(index, 0) for index in (data.rounding, data.grid, data.n_grids))
        allowed = xp.cumsum(p["rounding"], axis=-1)[..., row, xp.maximum(n - 1, 0)]
        return xp.where(data.rounding >= 0, xp.log(p["rounding"])[..., row, grid] - xp.log(allowed), 0.0)

    def _meanings(self, xp, variants, data):
        """Log probability of each source's claims under each of the two meanings of casualties, each (..., source)."""
        of_source = xp.equal(data.variant_source[:, None], np.arange(max(1, len(self.layout.sources))))
        return [_with_meaning(xp, variants, data, meaning) @ of_source for meaning in (0, 1)]

    def _total(self, xp, variants, data):
        """Log likelihood of all claims, shape (...)."""
        plain = xp.sum(_with_meaning(xp, variants, data, -1), axis=-1)
        return plain + xp.sum(xp.logaddexp(*self._meanings(xp, variants, data)) - np.log(2), axis=-1)

    def beliefs(
        self, p, curves: np.ndarray, data: ClaimArrays, rng: np.random.Generator, *, given: np.ndarray | None = None
    ) -> Beliefs:
        """The true count of each claim, and the distribution of the belief of its source, in every draw.

        A claim with an uncertain date takes one of them at random in every draw.

        Parameters
        ----------
        given : ndarray, shape (draw, variant), optional
            Log probabilities of the variants (:meth:`forward`) under the posterior; they determine how probable each meaning of
            "casualties" is for a source. Unless given, both meanings are equally probable.
        """
        found = self.belief(p, curves, data)
        point = self._pick_points(self._second_meaning(data, len(found[0]), given), data, rng)
        count, biased, mean, scale = (np.take_along_axis(values, point, 1) for values in found)
        return Beliefs(count, biased, mean, scale, data.is_ratio[point] > 0)

    def predict(
        self, p, curves: np.ndarray, data: ClaimArrays, rng: np.random.Generator, *, given: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """True count, count with the bias of the source, and replicated claim, each (draw, claim)  [persons].

        A replicated claim is not rounded; dates and meanings are those of :meth:`beliefs`.
        """
        beliefs = self.beliefs(p, curves, data, rng, given=given)
        drawn = self._draw_beliefs(beliefs.mean, beliefs.scale, rng)
        replicated = np.where(beliefs.is_ratio, np.exp(drawn), np.maximum(np.expm1(np.minimum(drawn, 700.0)), 0.0))
        return {"quantity": beliefs.quantity, "expected": beliefs.expected, "replicated": replicated}

    def simulate(self, p, curves: np.ndarray, data: ClaimArrays, rng: np.random.Generator) -> np.ndarray:
        """A belief behind each claim from one draw, shape (claim,), on the log1p scale (log for an equivalence)."""
        _, _, mean, scale = self.belief(p, curves, data)
        point = self._pick_points(self._second_meaning(data, 1, None), data, rng)
        return self._draw_beliefs(np.take_along_axis(mean, point, 1), np.take_along_axis(scale, point, 1), rng)[0]

    def _draw_beliefs(self, mean: np.ndarray, scale: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Beliefs, one per claim and draw."""
        return draw_beliefs(mean, scale, self.reporting.gross_error_share, rng)

    def _second_meaning(self, data: ClaimArrays, draws: int, given: np.ndarray | None) -> np.ndarray:
        """Probability that a source means the second of the two meanings, shape (draw, source)."""
        if given is None:
            return np.full((draws, max(1, len(self.layout.sources))), 0.5)
        first, second = self._meanings(NUMERIC, given, data)
        return expit(second - first)

    def _pick_points(self, second: np.ndarray, data: ClaimArrays, rng: np.random.Generator) -> np.ndarray:
        """One point per claim and draw, shape (draw, claim)."""
        draws, n_claims = len(second), int(data.variant_claim.max()) + 1
        meaning = rng.random(second.shape) < second
        chosen = np.empty((draws, n_claims), dtype=np.int64)
        for variant, (claim, meant, source) in enumerate(
            zip(data.variant_claim, data.variant_meaning, data.variant_source, strict=True)
        ):
            dates = np.flatnonzero(data.variant_log_weight[variant] > NOTHING)
            points = data.variant_points[variant, rng.choice(dates, draws)]
            here = np.ones(draws, dtype=bool) if meant == -1 else meaning[:, source] == meant
            chosen[here, claim] = points[here]
        return chosen

    def by_claim(self, variants: np.ndarray, data: ClaimArrays) -> np.ndarray:
        """Log probability of each claim given all others, shape (draw, claim).

        The two meanings of a claim are weighted by the other claims of its source.
        """
        out = np.zeros((len(variants), int(data.variant_claim.max()) + 1))
        plain, first, second = (np.flatnonzero(data.variant_meaning == meaning) for meaning in (-1, 0, 1))
        out[:, data.variant_claim[plain]] = variants[:, plain]
        totals = [of_source[:, data.variant_source[first]] for of_source in self._meanings(NUMERIC, variants, data)]
        others = np.logaddexp(totals[0] - variants[:, first], totals[1] - variants[:, second])
        out[:, data.variant_claim[first]] = np.logaddexp(*totals) - others
        return out


def _with_meaning(xp, variants, data, meaning: int):
    """Log probability of the variants that have a meaning (-1: those of claims with one meaning), zero elsewhere."""
    return xp.where(xp.equal(data.variant_meaning, meaning), variants, 0.0)
