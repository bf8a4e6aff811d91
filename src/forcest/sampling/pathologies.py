"""What speaks against draws although R-hat and ESS look fine, or explains why they do not: words for the verdict.

None of these costs a gradient.
"""

from __future__ import annotations

import math

import numpy as np

from forcest.sampling.labels import Labels
from forcest.sampling.metric import Metric

TAIL_SHARE, TAIL_LEAST = 0.02, 50
LOW_TAIL_RATE, LOW_TAIL_RATE_LP = 0.4, 0.2
MIXED = 1.05
"""R-hat up to which neither separate modes nor an improper posterior are looked for."""
_PULL, _PULL_Z, _DRIFT_Z = -0.5, 5.0, 8.0


def tail_acceptance(columns: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Mean acceptance rate of the transitions that start in the lowest and the highest 2% of each coordinate.

    The step size gives the wanted rate on average. Where a region is too narrow for it (the neck of a funnel) nearly every
    proposal that starts there is rejected, and the chains that should be there are not; without a divergence, since no
    trajectory enters either. Every chain found there counts once, lest a single one that rests there a while decides.

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
    """The alarm of centred funnels: regions where the step is far too long.

    Parameters
    ----------
    columns : ndarray, shape (dim + 1, chain, draw)
        The log density last; its own limit is lower, because the top of a heavy-tailed density is tight but harmless.
    rates : ndarray, shape (chain, draw)
    labels : Labels

    Returns
    -------
    list of str
    """
    if columns.shape[2] < 20:
        return []
    found = tail_acceptance(columns, rates)
    limit = np.full((found.shape[0], 1), LOW_TAIL_RATE)
    limit[-1] = LOW_TAIL_RATE_LP
    hits = np.flatnonzero((found < limit).any(axis=1))
    if not hits.size:
        return []
    worst = np.argmin(found - limit)
    row, side = np.unravel_index(worst, found.shape)
    return [
        f"proposals from the {('lowest', 'highest')[side]} {TAIL_SHARE:.0%} of {labels.one(int(row))} are accepted at rate "
        f"{found[row, side]:.2f} only ({hits.size} coordinate{'s' if hits.size > 1 else ''} like this): a region too narrow "
        "for the step, so its weight is wrong; reparameterise (non-centre, or centre by the data)"
    ]


def separate_modes(columns: np.ndarray, labels: Labels) -> list[str]:
    """Two groups of chains that keep apart.

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
    fine = within > 0
    scaled = (means - means.mean(axis=1, keepdims=True))[fine] / within[fine, None]
    direction = np.linalg.svd(scaled, full_matrices=False)[0][:, 0]
    weights = np.zeros(within.size)
    weights[fine] = direction / within[fine]
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
    apart = np.flatnonzero(fine)[np.argsort(-np.abs(scaled @ np.where(np.isin(np.arange(order.size), groups[0]), -1.0, 1.0)))]
    return [
        f"two separate modes: {groups[0].size} chains at mean log density {levels[0]:.1f}, {groups[1].size} at "
        f"{levels[1]:.1f}, most apart in {labels.some(apart)}; "
        "how many chains are in each reflects the starts, not the weights"
    ]


def no_pull(metric: Metric, draws: np.ndarray, gradients: np.ndarray, labels: Labels) -> list[str]:
    """Directions in which nothing holds the chains: an improper posterior, or chains far from having explored a proper one.

    For a proper density E[(e'z - mean)(e'w)] = -1 along every unit direction e of the whitened draws z with whitened
    gradients w (Stein's identity); along a flat direction it is 0 however far the chains walk.

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
    pull, error = products.mean(), products.std(ddof=1) / math.sqrt(n_chain)
    if not (pull > _PULL and pull + 1.0 > _PULL_Z * error):
        return []
    # spread of the coordinates along that direction, in their own whitened scale, tells which to name
    share = np.abs(metric.colour(direction[:, None].copy())[:, 0]) / metric.scales()
    worst = np.argsort(-share)[: max(1, int((share > 0.5 * share.max()).sum()))]
    return [
        f"nothing holds {labels.some(np.sort(worst))}: the pull of the log "
        f"density is {-pull:.0%} of what a proper posterior must show; it may be improper (a missing prior, a quantity the "
        "data do not identify), or the chains are far from having explored it"
    ]


def unsettled(columns: np.ndarray) -> list[str]:
    """A log density that still moves: half of the run against the other, chain by chain.

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
        "to the other: the chains have not settled, or the posterior is improper and has no place to settle"
    ]
