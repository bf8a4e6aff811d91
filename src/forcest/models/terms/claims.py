r"""The likelihood of claims: the probability that a logistic error puts the belief of a source inside its cell.

With count :math:`Q`, bias :math:`b` and error scale :math:`\sigma`:

.. math:: m = \log(1 + Q e^b), \qquad s^2 = (v\sigma)^2 + \frac{3/\pi^2}{Q e^b + 1}, \qquad
          P = \Lambda\{(hi - m)/s\} - \Lambda\{(lo - m)/s\}

A claim's probability is a mean over the dates it may refer to and the grids it may have been rounded on; claims of "casualties"
that do not say what is counted have one of two meanings, the same for all claims of a source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logsumexp

from forcest.models.claims.data import NOTHING, ClaimArrays
from forcest.models.claims.layout import Layout
from forcest.models.reporting import Reporting
from forcest.models.tensors import symbolic
from forcest.models.terms.bias import Bias

COUNT_NOISE = 3 / np.pi**2
GROSS_WIDTH = 5.0


def log_interval_probability_graph(low, high, mean, scale):
    r"""Log probability that a logistic error puts a belief inside an interval, as a graph; see :func:`log_interval_probability`."""
    pt = symbolic()

    open_below, open_above = pt.isinf(low), pt.isinf(high)
    a = (pt.switch(open_below, 0.0, low) - mean) / scale
    b = (pt.switch(open_above, 0.0, high) - mean) / scale
    width = pt.switch(open_below | open_above, 1.0, high - low) / scale
    log_below = pt.switch(open_above, 0.0, -pt.softplus(-b))
    log_above = pt.switch(open_below, 0.0, -pt.softplus(a))
    return log_below + log_above + pt.switch(open_below | open_above, 0.0, pt.log(-pt.expm1(-width)))


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


def log_cell_probability(low, high, mean, scale, gross_error_share: float = 0.0) -> np.ndarray:
    """Log probability of a cell when a share of the claims are gross errors, :data:`GROSS_WIDTH` times as wide; all broadcast."""
    cells = log_interval_probability(low, high, mean, scale)
    if not gross_error_share:
        return cells
    wide = log_interval_probability(low, high, mean, GROSS_WIDTH * scale)
    return np.logaddexp(np.log1p(-gross_error_share) + cells, np.log(gross_error_share) + wide)


def draw_beliefs(mean: np.ndarray, scale: np.ndarray, gross_error_share: float, rng: np.random.Generator) -> np.ndarray:
    """Beliefs with the share of gross errors that the likelihood assumes, in the shape of ``mean``."""
    width = np.where(rng.random(mean.shape) < gross_error_share, GROSS_WIDTH, 1.0)
    return rng.logistic(mean, width * scale)


class Beliefs(NamedTuple):
    """What the sources of claims believe, each array (draw, claim).

    Attributes
    ----------
    quantity, expected : ndarray  [persons]
        What the claim counts, and that with the source's bias.
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
        pt = symbolic()

        mean, scale = self._belief_graph(p, curves, data)
        points = self._point_graph(p, mean, scale, data)
        variants = pt.logsumexp(data["variant_log_weight"] + points[data["variant_points"]], axis=1) * data["used"]
        by_source = pt.eq(np.arange(max(1, len(self.layout.sources)))[:, None], data["variant_source"][None, :])
        meant = [pt.dot(by_source * pt.eq(data["variant_meaning"], meaning), variants) for meaning in (0, 1)]
        plain = pt.sum(variants * pt.eq(data["variant_meaning"], -1))
        return plain + pt.sum(pt.logaddexp(*meant) - np.log(2))

    def _belief_graph(self, p, curves, data):
        pt = symbolic()

        readings = pt.sum(pt.flatten(curves)[data["reading_nodes"]] * data["reading_weights"], axis=1)
        # What pads the dates is an appended zero: a repeated date would count twice in the gradient of the maximum.
        padded = pt.concatenate([readings, np.zeros(1)])
        count = pt.concatenate([readings[data["single"]], pt.max(padded[data["highest"]], axis=1)])
        stated = pt.maximum(count, 0.0) * pt.exp(Bias(self.reporting, self.layout).graph(p, data))
        error = data["vague"] * p["error_scale"][data["error_class"]]
        mean = pt.log(stated + 1 - data["is_ratio"])
        if self.layout.origin_groups:
            shared = pt.concatenate([p["origin_error"], np.zeros(1)])[data["group"]]
            mean = mean + pt.sqrt(1 - data["own_share"]) * error * shared
        variance = data["own_share"] * error**2 + (1 - data["is_ratio"]) * COUNT_NOISE / (stated + 1)
        return mean, pt.sqrt(variance)

    def _point_graph(self, p, mean, scale, data):
        pt = symbolic()

        log_weight = data["log_weight"]
        if self.layout.rounding_sources:
            learned = pt.ge(data["rounding"], 0)
            row, grid, n = (pt.maximum(data[name], 0) for name in ("rounding", "grid", "n_grids"))
            allowed = pt.cumsum(p["rounding"], axis=1)[row, pt.maximum(n - 1, 0)]
            log_weight = log_weight + pt.switch(learned, pt.log(p["rounding"])[row, grid] - pt.log(allowed), 0.0)
        cells = log_interval_probability_graph(data["low"], data["high"], mean[:, None], scale[:, None])
        if self.reporting.gross_error_share:
            wide = log_interval_probability_graph(data["low"], data["high"], mean[:, None], GROSS_WIDTH * scale[:, None])
            share = self.reporting.gross_error_share
            cells = pt.logaddexp(np.log1p(-share) + cells, np.log(share) + wide)
        return pt.logsumexp(log_weight + cells, axis=1)

    def belief(self, p, curves: np.ndarray, data: ClaimArrays) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Count, biased count, mean and scale of each point's belief, each (draw, point)."""
        flat = curves.reshape(len(curves), -1)
        readings = np.einsum("drk,rk->dr", flat[:, data.reading_nodes], data.reading_weights)
        padded = np.concatenate([readings, np.zeros((len(readings), 1))], axis=1)
        count = np.concatenate([readings[:, data.single], padded[:, data.highest].max(axis=2)], axis=1)
        count = np.maximum(count, 0.0)
        stated = count * np.exp(Bias(self.reporting, self.layout).forward(p, data))
        error = data.vague * p["error_scale"][:, data.error_class]
        mean = np.log(stated + 1 - data.is_ratio)
        if self.layout.origin_groups:
            shared = np.concatenate([p["origin_error"], np.zeros((len(stated), 1))], axis=1)[:, data.group]
            mean = mean + np.sqrt(1 - data.own_share) * error * shared
        variance = data.own_share * error**2 + (1 - data.is_ratio) * COUNT_NOISE / (stated + 1)
        return count, stated, mean, np.sqrt(variance)

    def forward(self, p, curves: np.ndarray, data: ClaimArrays) -> np.ndarray:
        """Log probability of each variant of each claim, shape (draw, variant)."""
        _, _, mean, scale = self.belief(p, curves, data)
        cells = log_cell_probability(data.low, data.high, mean[:, :, None], scale[:, :, None], self.reporting.gross_error_share)
        points = np.asarray(logsumexp(data.log_weight + self._log_rounding(p, data) + cells, axis=2))
        return np.asarray(logsumexp(data.variant_log_weight + points[:, data.variant_points], axis=2)) * data.used

    def beliefs(
        self, p, curves: np.ndarray, data: ClaimArrays, rng: np.random.Generator, *, given: np.ndarray | None = None
    ) -> Beliefs:
        """What each claim counts, and the distribution of what its source believes, in every draw.

        A claim with an uncertain date takes one of them at random in every draw.

        Parameters
        ----------
        given : ndarray, shape (draw, variant), optional
            Log probabilities of the variants (:meth:`forward`) when the claims have been read: what a source means by "casualties"
            is then as probable as they make it. Without them both meanings are equally probable.
        """
        found = self.belief(p, curves, data)
        point = self._pick_points(self._second_meaning(data, len(found[0]), given), data, rng)
        count, stated, mean, scale = (np.take_along_axis(values, point, 1) for values in found)
        return Beliefs(count, stated, mean, scale, data.is_ratio[point] > 0)

    def predict(
        self, p, curves: np.ndarray, data: ClaimArrays, rng: np.random.Generator, *, given: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """What each claim counts, is expected to say, and might have said, each (draw, claim)  [persons].

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
        out = np.full((draws, max(1, len(self.layout.sources))), 0.5)
        if given is not None:
            for source in np.unique(data.variant_source[data.variant_meaning >= 0]):
                first, second = self._meanings(given, data, source)
                out[:, source] = expit(second - first)
        return out

    @staticmethod
    def _meanings(variants: np.ndarray, data: ClaimArrays, source: int) -> list[np.ndarray]:
        """Log probability of a source's claims under each of the two meanings, each (draw,)."""
        return [variants[:, (data.variant_source == source) & (data.variant_meaning == m)].sum(axis=1) for m in (0, 1)]

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

    def _log_rounding(self, p, data: ClaimArrays) -> np.ndarray:
        if not self.layout.rounding_sources:
            return np.zeros(())
        row, grid, n = (np.maximum(index, 0) for index in (data.rounding, data.grid, data.n_grids))
        allowed = np.cumsum(p["rounding"], axis=2)[:, row, np.maximum(n - 1, 0)]
        return np.where(data.rounding >= 0, np.log(p["rounding"])[:, row, grid] - np.log(allowed), 0.0)

    def by_claim(self, variants: np.ndarray, data: ClaimArrays) -> np.ndarray:
        """Log probability of each claim given all others, shape (draw, claim).

        A claim with two meanings takes them with the weights that the source's other claims give.
        """
        n_claims = int(data.variant_claim.max()) + 1
        out = np.zeros((len(variants), n_claims))
        plain = data.variant_meaning == -1
        out[:, data.variant_claim[plain]] = variants[:, plain]
        for source in np.unique(data.variant_source[~plain]):
            meant = [np.flatnonzero((data.variant_source == source) & (data.variant_meaning == m)) for m in (0, 1)]
            totals = self._meanings(variants, data, source)
            for first, second in zip(*meant, strict=True):
                joint = np.logaddexp(*totals)
                others = np.logaddexp(totals[0] - variants[:, first], totals[1] - variants[:, second])
                out[:, data.variant_claim[first]] = joint - others
        return out

    def total(self, variants: np.ndarray, data: ClaimArrays) -> np.ndarray:
        """Log likelihood of all claims, shape (draw,)."""
        plain = data.variant_meaning == -1
        out = variants[:, plain].sum(axis=1)
        for source in np.unique(data.variant_source[~plain]):
            out = out + np.logaddexp(*self._meanings(variants, data, source)) - np.log(2)
        return out
