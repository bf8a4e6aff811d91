"""Pathologies that R-hat and ESS do not show, and causes of those that they show, as sentences for the verdict.

None of these checks needs a gradient beyond those of the run.
"""

from __future__ import annotations

import math

import numpy as np

from forcest.sampling.labels import Labels
from forcest.sampling.metric import Metric

TAIL_SHARE, TAIL_LEAST = 0.02, 50
LOW_TAIL_RATE, LOW_TAIL_RATE_LP = 0.4, 0.2
MIXED = 1.05
"""R-hat up to which separate modes and an improper posterior are not looked for."""
_STEIN, _STEIN_Z, _DRIFT_Z = -0.5, 5.0, 8.0


def tail_acceptance(columns: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Mean acceptance rate of the transitions that start in the lowest and the highest 2% of each coordinate.

    The step size gives the wanted rate on average. Where a region is too narrow for it (the neck of a funnel), nearly every
    proposal that starts there is rejected. Chains outside hardly enter such a region either, so that it is sampled too rarely
    without any divergence. Every chain found there counts once, so that a single one that stays there does not decide.

    Parameters
    ----------
    columns : ndarray, shape (coordinate, chain, draw)
    rates : ndarray, shape (chain, draw)
        Of the transition that led to each draw.

    Returns
    -------
    ndarray, shape (coordinate, 2)
    """
    after = rates[:, 1:].ravel()
    count = min(after.size // 2, max(TAIL_LEAST, math.ceil(TAIL_SHARE * after.size)))
    out = np.empty((columns.shape[0], 2))
    for row, values in zip(out, columns, strict=True):
        order = np.argpartition(values[:, :-1].ravel(), (count - 1, after.size - count))
        row[:] = [_mean_of_chains(after, tail, rates.shape[0]) for tail in (order[:count], order[-count:])]
    return out


def _mean_of_chains(rates: np.ndarray, chosen: np.ndarray, n_chain: int) -> float:
    """Mean over chains of the mean of the chosen rates; 1 if fewer than two chains were chosen."""
    chain = chosen // (rates.size // n_chain)
    counts = np.bincount(chain, minlength=n_chain)
    found = counts > 0
    sums = np.bincount(chain, weights=rates[chosen], minlength=n_chain)
    return float((sums[found] / counts[found]).mean()) if found.sum() > 1 else 1.0


def narrow_regions(columns: np.ndarray, rates: np.ndarray, labels: Labels) -> list[str]:
    """Regions for which the step size is far too long, such as the neck of a centred funnel.

    Parameters
    ----------
    columns : ndarray, shape (dim + 1, chain, draw)
        The log density last; its limit is lower, because the narrow top of a heavy-tailed density is harmless.
    rates : ndarray, shape (chain, draw)
    labels : Labels

    Returns
    -------
    list of str
    """
    if columns.shape[2] < 20:
        return []
    tails = tail_acceptance(columns, rates)
    limit = np.full((tails.shape[0], 1), LOW_TAIL_RATE)
    limit[-1] = LOW_TAIL_RATE_LP
    hits = np.flatnonzero((tails < limit).any(axis=1))
    if not hits.size:
        return []
    worst = np.argmin(tails - limit)
    row, side = np.unravel_index(worst, tails.shape)
    return [
        f"proposals from the {('lowest', 'highest')[side]} {TAIL_SHARE:.0%} of {labels.of(int(row))} are accepted at a rate of "
        f"only {tails[row, side]:.2f} ({hits.size} coordinate{'s' if hits.size > 1 else ''} affected): the region is too narrow "
        "for the step size, so the draws give it a wrong probability; reparameterise (non-centred, or centred by the data)"
    ]


def separate_modes(columns: np.ndarray, labels: Labels) -> list[str]:
    """Two groups of chains that stay apart.

    The direction along which chain means differ most, in units of the spread within chains, shows the groups as a gap.

    Parameters
    ----------
    columns : ndarray, shape (dim + 1, chain, draw)
        The log density last.
    labels : Labels

    Returns
    -------
    list of str
    """
    if columns.shape[1] < 4:
        return []
    means, within = columns[:-1].mean(axis=2), np.sqrt(columns[:-1].var(axis=2).mean(axis=1))
    varies = within > 0
    scaled = (means - means.mean(axis=1, keepdims=True))[varies] / within[varies, None]
    direction = np.linalg.svd(scaled, full_matrices=False)[0][:, 0]
    weights = np.zeros(within.size)
    weights[varies] = direction / within[varies]
    projected = np.tensordot(weights, columns[:-1], axes=1)
    centres, width = projected.mean(axis=1), math.sqrt(projected.var(axis=1).mean())
    order = np.argsort(centres)
    gaps = np.diff(centres[order])
    cut = int(np.argmax(gaps)) + 1
    groups = order[:cut], order[cut:]
    inside = max(float(np.ptp(centres[g])) for g in groups)
    if gaps[cut - 1] < max(2.0 * width, 2.0 * inside):
        return []
    levels = [float(columns[-1, g].mean()) for g in groups]
    sides = np.where(np.isin(np.arange(order.size), groups[0]), -1.0, 1.0)
    most_apart = np.flatnonzero(varies)[np.argsort(-np.abs(scaled @ sides))]
    return [
        f"two separate modes: {groups[0].size} chains at mean log density {levels[0]:.1f}, {groups[1].size} at "
        f"{levels[1]:.1f}, most apart in {labels.list_of(most_apart)}; "
        "how many chains are in each depends on the starting points, not on its probability"
    ]


def improper_direction(metric: Metric, draws: np.ndarray, gradients: np.ndarray, labels: Labels) -> list[str]:
    """The widest direction, if the posterior looks improper along it or the chains have explored too little of it.

    For a proper density E[(e'z - mean)(e'w)] = -1 along every unit direction e of the whitened draws z with whitened
    gradients w (Stein's identity); along a flat direction it is 0, however far the chains move.

    Parameters
    ----------
    metric : Metric
    draws, gradients : ndarray, shape (dim, chain, draw)
    labels : Labels

    Returns
    -------
    list of str
    """
    dim, n_chain, n_draw = draws.shape
    z = metric.whiten((draws - draws.mean(axis=(1, 2), keepdims=True)).reshape(dim, -1))
    w = metric.whiten_gradient(np.ascontiguousarray(gradients).reshape(dim, -1))
    sketch = z @ (z.T @ np.random.default_rng(0).standard_normal((dim, min(4, dim))))
    basis = np.linalg.qr(z @ (z.T @ np.linalg.qr(sketch)[0]))[0]
    direction = basis @ np.linalg.eigh((basis.T @ z) @ (basis.T @ z).T)[1][:, -1]
    products = ((direction @ z) * (direction @ w)).reshape(n_chain, n_draw).mean(axis=1)
    stein, error = products.mean(), products.std(ddof=1) / math.sqrt(n_chain)
    if not (stein > _STEIN and stein + 1.0 > _STEIN_Z * error):
        return []
    # name the coordinates that take the largest share in the direction, each in its own scale
    share = np.abs(metric.colour(direction[:, None].copy())[:, 0]) / metric.scales()
    worst = np.argsort(-share)[: max(1, int((share > 0.5 * share.max()).sum()))]
    return [
        f"the posterior may be improper in {labels.list_of(np.sort(worst))}: the gradient of the log density towards the centre is "
        f"{-stein:.0%} of what it must be for a proper posterior; a prior may be missing, the data may not identify this quantity, "
        "or the chains are far from having explored it"
    ]


def drifting_log_density(columns: np.ndarray) -> list[str]:
    """A log density that still drifts: one half of the run against the other, chain by chain.

    Parameters
    ----------
    columns : ndarray, shape (dim + 1, chain, draw)

    Returns
    -------
    list of str
    """
    values = columns[-1]
    half = values.shape[1] // 2
    change = values[:, -half:].mean(axis=1) - values[:, :half].mean(axis=1)
    error = max(float(change.std(ddof=1)) / math.sqrt(change.size), 1e-12)
    if abs(change.mean()) < _DRIFT_Z * error:
        return []
    return [
        f"the log density still {'rises' if change.mean() > 0 else 'falls'}, by {abs(change.mean()):.3g} from one half of the run "
        "to the other: the chains are not stationary yet, or the posterior is improper and they never will be"
    ]
