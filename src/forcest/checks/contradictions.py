"""Claims that are unlikely to be true together, how far apart they are, and what would reconcile them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes
from forcest.errors import ForcestError
from forcest.estimates.claims_table import NORMAL_95, claims_table
from forcest.estimates.draws import group, needs_reporting, pooled

SUMS = (("casualties", ("killed", "wounded")), ("deployed", ("at_front", "in_training")), ("deployed", ("at_front", "casualties")))
"""Measures and disjoint parts of them: nobody is counted in two parts, so that the whole is at least their sum."""
SAME_TIME = pd.Timedelta(days=31)
MOST_SUSPECTS = 60
WHEN = {"stock": "on ", "cumulative": "by ", "flow": "on "}
COLUMNS = ("claims", "sources", "claimed", "distance", "factor", "outlier", "change")


@dataclass(frozen=True)
class _Clash:
    """Claims on two sides of an identity, with the log ratio that was claimed and what the model allows."""

    sides: tuple[tuple[int, ...], tuple[int, ...]]
    distance: float
    gap: float
    needed: float

    @property
    def claims(self) -> tuple[int, ...]:
        return (*self.sides[0], *self.sides[1])


def contradictions(fit: xr.DataTree, *, least: float = 2.0, most: int = 20, each: int = 3) -> pd.DataFrame:
    """Pairs and sets of claims that are unlikely to be true together, whatever the other claims say.

    The prior predictions of the model determine how far apart two claims may lie: claims about the same people on close dates
    differ only by errors and by the biases of the sources, others also by as much as the flow of people allows.

    Parameters
    ----------
    fit : DataTree
        A fit.
    least : float
        Distance in standard errors from which two claims are called contradictory.
    most : int
        Maximum number of rows, the largest distance first; a set is listed only if it is worse than any two of its claims.
    each : int
        Maximum number of rows with the same outlier, since a claim far from all others would fill the table.

    Returns
    -------
    DataFrame
        `claims` (ids, the two sides separated by ``vs``), `sources`, `claimed` (in words), `distance` (standard errors),
        `factor` (how many times the ratio of the two sides differs from the nearest that is likely), `outlier` (the claim that
        the others of the ledger support least) and `change` (the single change that would reconcile them). ``attrs["least"]``.

    Raises
    ------
    ForcestError
        If the fit has no prior predictions (a forecast has none).

    Examples
    --------
    >>> found = fc.contradictions(fit)
    >>> found[["distance", "claims", "change"]].columns.tolist()
    ['distance', 'claims', 'change']
    >>> bool((found["distance"] >= 2).all())
    True
    """
    needs_reporting(fit, "contradictions")
    if "prior_predictive" not in fit.children:
        raise ForcestError("`fit` must hold prior predictions; a forecast has none. Pass the fit that it was made from.")
    table = claims_table(fit)
    table = table if "force" in table else table.assign(force="")  # a fit of one force need not name it
    draws = pooled(group(fit, "prior_predictive")["replicated"])
    pairs = list(_pairs(table, draws, least))
    worst = {frozenset(pair.claims): pair.distance for pair in pairs}
    sums = [clash for clash in _sums(table, draws, least) if clash.distance > _of_its_pairs(clash, worst)]
    rows = [_row(table, clash) for clash in sorted([*pairs, *sums], key=lambda clash: -clash.distance)]
    out = pd.DataFrame(rows, columns=list(COLUMNS))
    out = out[out.groupby("outlier").cumcount() < each].head(most).reset_index(drop=True)
    out.attrs = {"least": least, "converged": Attributes.of(fit).verdict.converged}
    return out


def _pairs(table: pd.DataFrame, draws: np.ndarray, least: float) -> Iterator[_Clash]:
    """Contradictions with the claims that surprise the fit most: two claims that do not, do not contradict each other much."""
    suspects = np.argsort(-table["z"].abs().to_numpy(), kind="stable")[:MOST_SUSPECTS]
    low, high = np.log1p(table["claim_low"].to_numpy()), np.log1p(table["claim_high"].to_numpy())
    logs, forces = np.log1p(draws), table["force"].to_numpy()
    done: set[int] = set()
    for i in suspects:
        done.add(int(i))
        others = np.array([j for j in range(len(table)) if j not in done and forces[j] == forces[i]], dtype=int)
        if len(others) == 0:
            continue
        ratio = logs[:, [i]] - logs[:, others]
        distance, gap, needed = _apart(ratio, low[i] - high[others], high[i] - low[others])
        for k in np.flatnonzero(np.abs(distance) >= least):
            yield _Clash(((int(i),), (int(others[k]),)), abs(float(distance[k])), float(gap[k]), float(needed[k]))


def _apart(ratio: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance in standard errors, log gap to the nearest likely ratio, and that ratio, from draws (draw, pair).

    A likely ratio lies inside the equal-tailed 90 % interval; the standard error is read off it on the side of the claim.
    """
    q05, q50, q95 = np.quantile(ratio, (0.05, 0.5, 0.95), axis=0)
    off = np.where(low > q50, low - q50, np.where(high < q50, high - q50, 0.0))
    spread = np.where(off > 0, q95 - q50, q50 - q05) / NORMAL_95
    distance = np.divide(off, spread, out=np.zeros_like(off), where=spread > 0)
    needed = np.where(off > 0, q95, q05)
    gap = np.where(off > 0, np.maximum(low - q95, 0.0), np.minimum(high - q05, 0.0))
    return distance, gap, needed


def _sums(table: pd.DataFrame, draws: np.ndarray, least: float) -> Iterator[_Clash]:
    """Claims on a whole against claims on its parts at the same time."""
    plain = table[(table["wave"] == "") & (table["scope"] != "flow") & (table["coverage"].isin(["", "total"]))]
    for whole, parts in SUMS:
        for i in plain.index[plain["measure"] == whole]:
            near = plain[((plain["as_of"] - table.loc[i, "as_of"]).abs() <= SAME_TIME) & (plain["force"] == table.loc[i, "force"])]
            for claims in product(*(near.index[near["measure"] == part] for part in parts)):
                yield from _against_sum(table, draws, int(i), [int(c) for c in claims], least)


def _against_sum(table: pd.DataFrame, draws: np.ndarray, i: int, parts: Sequence[int], least: float) -> Iterator[_Clash]:
    low, high = table["claim_low"].to_numpy(), table["claim_high"].to_numpy()
    ratio = np.log1p(draws[:, i]) - np.log1p(draws[:, list(parts)].sum(axis=1))
    claimed = [np.log1p(low[i]) - np.log1p(high[list(parts)].sum()), np.log1p(high[i]) - np.log1p(low[list(parts)].sum())]
    distance, gap, needed = (float(x[0]) for x in _apart(ratio[:, None], np.array(claimed[:1]), np.array(claimed[1:])))
    if abs(distance) >= least:
        yield _Clash(((i,), tuple(parts)), abs(distance), gap, needed)


def _of_its_pairs(clash: _Clash, pairs: dict[frozenset, float]) -> float:
    """The worst distance of any two claims of a set."""
    return max((d for pair, d in pairs.items() if pair <= set(clash.claims)), default=0.0)


def _row(table: pd.DataFrame, clash: _Clash) -> dict[str, object]:
    left, right = clash.sides
    outlier = max(clash.claims, key=lambda i: abs(table.loc[i, "z"]))
    return {
        "claims": f"{'+'.join(table['id'][list(left)])} vs {'+'.join(table['id'][list(right)])}",
        "sources": ", ".join(dict.fromkeys(table["source"][list(clash.claims)])),
        "claimed": ", against ".join(" and ".join(_claim_text(table, i) for i in side) for side in clash.sides),
        "distance": clash.distance,
        "factor": float(np.exp(abs(clash.gap))),
        "outlier": table.loc[outlier, "id"],
        "change": _change(table, clash, outlier),
    }


def _claim_text(table: pd.DataFrame, i: int) -> str:
    row = table.loc[i]
    when = f"{row['window_start']:%Y-%m-%d} to " if pd.notna(row["window_start"]) else WHEN[row["scope"]]
    return f"{row['claimed']} {row['measure'].replace('_', ' ')} ({row['source']}, {when}{row['as_of']:%Y-%m-%d})"


def _change(table: pd.DataFrame, clash: _Clash, outlier: int) -> str:
    """What the outlier would have to claim, or how much more its source would have to exaggerate than the other side's.

    Two claims of one source share its bias, which cannot reconcile them.
    """
    times = float(np.exp(abs(clash.gap)))
    side = 0 if outlier in clash.sides[0] else 1
    lower = (clash.gap > 0) == (side == 0)
    row = table.loc[outlier]
    word = "at most" if lower else "at least"
    count = _reconciling(table, clash, outlier, lower)
    bias = "exaggerate" if lower else "understate"
    change = f"{row['id']} would have to claim {word} {count:,.0f}"
    if row["source"] in set(table.loc[list(clash.sides[1 - side]), "source"]):
        return change
    return f"{change}, or {row['source']} to {bias} {times:.1f} times more than assumed"


def _reconciling(table: pd.DataFrame, clash: _Clash, outlier: int, lower: bool) -> float:
    """The count nearest to that of the outlier at which the ratio is likely."""
    edge = "claim_low" if lower else "claim_high"
    count = float(table.loc[outlier, edge])
    scaled = np.expm1(np.log1p(count) - abs(clash.gap)) if lower else np.expm1(np.log1p(count) + abs(clash.gap))
    return _rounded(max(0.0, float(scaled)))


def _rounded(x: float) -> float:
    """Two significant digits."""
    return x if x < 10 else float(f"{x:.1e}")
