"""Claims that are unlikely to be true together, how far apart, how often chance does that, and what would reconcile them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
import xarray as xr

from forcest.errors import ForcestError
from forcest.estimates.claims_table import NORMAL_95, claims_table
from forcest.estimates.draws import day_in_words, group, needs_reporting, pooled
from forcest.inference.opened import OpenedFit
from forcest.models.density.bound import BoundModel

SUMS = (("casualties", ("killed", "wounded")), ("deployed", ("at_front", "in_training")), ("deployed", ("at_front", "casualties")))
"""Measures and disjoint parts of them: nobody is counted in two parts, so that the whole is at least their sum."""
SAME_TIME = pd.Timedelta(days=31)
LEDGERS = 300
"""Ledgers simulated from the priors; the smallest possible p-value is one in 301."""
NEAR = 1.0
"""Standard errors below which two claims are never set against each other."""
PIECE = 4_096
"""Comparisons that are computed together."""
NOT_CALLED = "What is expected by chance is not called a contradiction."
CONTRADICTION, CHANCE = "contradiction", "no more than chance"
WHEN = {"stock": "on ", "cumulative": "by ", "flow": "on "}
COLUMNS = (
    "claims",
    "sources",
    "claimed",
    "distance",
    "p_value",
    "expected_by_chance",
    "finding",
    "factor",
    "outlier",
    "change",
)


@dataclass(frozen=True)
class _Clash:
    """Claims on two sides of an identity, with the log ratio that was claimed and what the model allows."""

    sides: tuple[tuple[int, ...], tuple[int, ...]]
    distance: float
    gap: float

    @property
    def claims(self) -> tuple[int, ...]:
        return (*self.sides[0], *self.sides[1])


def contradictions(
    fit: xr.DataTree, *, level: float = 0.05, by_chance: bool = False, most: int = 20, each: int = 3
) -> pd.DataFrame:
    """Pairs and sets of claims that are unlikely to be true together, whatever the other claims say.

    The prior predictions of the model determine how far apart two claims may lie: claims about the same people on close dates
    differ only by errors and by the biases of the sources, others also by as much as the flow of people allows. Among thousands of
    pairs some lie far apart by chance. What is expected by chance is not called a contradiction: ledgers of the same layout are
    simulated from the priors, and a distance counts only if few of them hold any pair or set as far apart.

    Parameters
    ----------
    fit : DataTree
        A fit.
    level : float
        Largest adjusted p-value of a contradiction: the probability that a ledger without contradictions shows one or more.
    by_chance : bool
        List distances that chance explains too, from one standard error on; `finding` tells them apart.
    most : int
        Maximum number of rows, the largest distance first; a set is listed only if it is worse than any two of its claims.
    each : int
        Maximum number of rows with the same outlier, since a claim far from all others would fill the table.

    Returns
    -------
    DataFrame
        `claims` (ids, the two sides separated by ``vs``), `sources`, `claimed` (in words), `distance` (standard errors),
        `p_value` (share of simulated ledgers whose largest distance is at least this one: adjusted for all pairs and sets),
        `expected_by_chance` (how many pairs and sets of a simulated ledger lie at least this far apart, on average), `finding`
        (``contradiction`` or ``no more than chance``), `factor` (how many times the ratio of the two sides differs from the nearest
        that is likely), `outlier` (the claim that the others of the ledger support least) and `change` (the single change that
        would reconcile them). ``attrs["level"]``.

    Raises
    ------
    ForcestError
        If the fit has no prior predictions (a forecast has none), or `level` is not between 0 and 1.

    Notes
    -----
    The adjustment is the single-step maximum of Westfall and Young (1993), with 300 ledgers drawn from the seed of the fit.

    Examples
    --------
    >>> found = fc.contradictions(fit, by_chance=True)
    >>> found[["distance", "claims", "change"]].columns.tolist()
    ['distance', 'claims', 'change']
    >>> bool((found["p_value"] <= 0.05).eq(found["finding"] == "contradiction").all())
    True
    """
    needs_reporting(fit, "contradictions")
    if "prior_predictive" not in fit.children:
        raise ForcestError("`fit` must hold prior predictions; a forecast has none. Pass the fit that it was made from.")
    if not 0 < level < 1:
        raise ForcestError(f"`level` must lie between 0 and 1; got {level}. The usual choice is 0.05.")
    table = claims_table(fit)
    table = table if "force" in table else table.assign(force="")  # a fit of one force need not name it
    family = _Comparisons.of(table, pooled(group(fit, "prior_predictive")["replicated"]))
    clashes = _worst_sets(family.clashes(table["claim_low"].to_numpy(), table["claim_high"].to_numpy()))
    opened = OpenedFit.of(fit)
    rng = np.random.default_rng([opened.random_seed, 7])
    chance = family.chance(*_simulated(opened.bound, rng), [clash.distance for clash in clashes])
    found = [(clash, p, n) for clash, p, n in zip(clashes, *chance, strict=True) if by_chance or p <= level]
    rows = [_row(table, clash, p, n, level) for clash, p, n in _few_of_each(table, found, each)[:most]]
    out = pd.DataFrame(rows, columns=list(COLUMNS))
    out.attrs = {"level": level, "converged": opened.verdict.converged}
    return out


def summary_of(table: pd.DataFrame) -> str:
    """How many contradictions a table of :func:`contradictions` lists, and how far apart chance brings claims, in words."""
    of_chance = table[table["finding"] == CHANCE]
    n = len(table) - len(of_chance)
    found = f"{n} listed" if n else "None were found: no claims lie farther apart than chance explains"
    if of_chance.empty:
        return f"{found}. {NOT_CALLED}"
    claims, distance, p_value = of_chance[["claims", "distance", "p_value"]].iloc[0]
    return (
        f"{found}. {NOT_CALLED} The farthest that is not, {claims}, is {distance:.1f} standard errors apart, "
        f"and {100 * p_value:.0f} % of ledgers simulated without contradictions hold claims as far apart."
    )


@dataclass(frozen=True)
class _Comparisons:
    """All pairs and sets of claims that are set against each other, and how the model expects their log ratios to be spread.

    Attributes
    ----------
    sides : list of tuple of int
        Claims whose counts are added up: each claim alone, then parts of a whole.
    left, right : ndarray of int, shape (comparison,)
        Positions in ``sides``.
    spans : ndarray, shape (3, comparison)
        5, 50 and 95 % quantiles of the log ratio of left to right.
    """

    sides: list[tuple[int, ...]]
    left: np.ndarray
    right: np.ndarray
    spans: np.ndarray

    @classmethod
    def of(cls, table: pd.DataFrame, draws: np.ndarray) -> _Comparisons:
        """All comparisons of a table of claims, with spreads from draws of what the sources might claim, (draw, claim)."""
        sides = [(i,) for i in range(len(table))]
        forces = table["force"].to_numpy()
        left, right = np.triu_indices(len(table), 1)
        same = forces[left] == forces[right]
        pairs = [left[same], right[same]]
        sets = list(_sets(table))
        whole = np.array([i for i, _ in sets], dtype=int)
        left, right = np.concatenate([pairs[0], whole]), np.concatenate([pairs[1], len(table) + np.arange(len(sets))])
        sides += [parts for _, parts in sets]
        logs = np.log1p(_added(draws, sides))
        spans = [np.quantile(logs[:, left[k]] - logs[:, right[k]], (0.05, 0.5, 0.95), axis=0) for k in _pieces(len(left))]
        return cls(sides, left, right, np.concatenate([np.zeros((3, 0)), *spans], axis=1))

    def apart(self, low: np.ndarray, high: np.ndarray, piece: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """Distances in standard errors and log gaps to the nearest likely ratio, each (ledger, comparison).

        Parameters
        ----------
        low, high : ndarray, shape (ledger, side)  [log persons]
            What each side may be read as.
        piece : slice
            Comparisons.

        Notes
        -----
        A likely ratio lies inside the equal-tailed 90 % interval; the standard error is read off it on the side of the claim.
        """
        (q05, q50, q95), left, right = self.spans[:, piece], self.left[piece], self.right[piece]
        least, largest = low[:, left] - high[:, right], high[:, left] - low[:, right]
        off = np.where(least > q50, least - q50, np.where(largest < q50, largest - q50, 0.0))
        spread = np.where(off > 0, q95 - q50, q50 - q05) / NORMAL_95
        distance = np.divide(np.abs(off), spread, out=np.zeros_like(off), where=spread > 0)
        gap = np.where(off > 0, np.maximum(least - q95, 0.0), np.minimum(largest - q05, 0.0))
        return distance, gap

    def clashes(self, low: np.ndarray, high: np.ndarray) -> list[_Clash]:
        """Comparisons of one ledger that lie a standard error or more apart, the worst first; low and high (claim,)  [persons]."""
        (distance,), (gap,) = self.apart(*(np.log1p(_added(edge[None], self.sides)) for edge in (low, high)))
        order = [int(k) for k in np.argsort(-distance, kind="stable") if distance[k] >= NEAR]
        return [_Clash(self._sides_of(k), float(distance[k]), float(gap[k])) for k in order]

    def _sides_of(self, k: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return self.sides[self.left[k]], self.sides[self.right[k]]

    def chance(self, low: np.ndarray, high: np.ndarray, distances: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """How often ledgers without contradictions hold such distances.

        Parameters
        ----------
        low, high : ndarray, shape (ledger, claim)  [persons]
            What the claims of simulated ledgers may be read as.
        distances : sequence of float

        Returns
        -------
        p_value : ndarray, shape (distance,)
            Share of ledgers whose largest distance is at least this one, the ledger in question among them.
        expected : ndarray, shape (distance,)
            Comparisons of a simulated ledger at least this far apart, on average.
        """
        logs = [np.log1p(_added(edge, self.sides)) for edge in (low, high)]
        ascending, largest = np.sort(distances), np.zeros(len(low))
        reached = np.zeros(len(ascending) + 1)
        for piece in _pieces(len(self.left)):
            apart, _ = self.apart(*logs, piece)
            largest = np.maximum(largest, apart.max(axis=1))
            reached += np.bincount(np.searchsorted(ascending, apart.ravel(), side="right"), minlength=len(reached))
        at_least = np.cumsum(reached[::-1])[::-1][1:] / len(low)
        p = (1 + (largest[:, None] >= np.asarray(distances)).sum(axis=0)) / (1 + len(low))
        return p, at_least[np.searchsorted(ascending, distances)]


def _pieces(size: int) -> Iterator[slice]:
    return (slice(first, first + PIECE) for first in range(0, size, PIECE))


def _added(counts: np.ndarray, sides: Sequence[tuple[int, ...]]) -> np.ndarray:
    """Counts of every side, shape (..., side), from those of every claim."""
    single = sum(len(side) == 1 for side in sides)
    sums = [counts[:, list(side)].sum(axis=1, keepdims=True) for side in sides[single:]]
    return np.concatenate([counts[:, :single], *sums], axis=1)


def _sets(table: pd.DataFrame) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Claims on a whole, each with claims on its parts at the same time."""
    plain = table[(table["wave"] == "") & (table["scope"] != "flow") & (table["coverage"].isin(["", "total"]))]
    for whole, parts in SUMS:
        for i in plain.index[plain["measure"] == whole]:
            near = plain[((plain["as_of"] - table.loc[i, "as_of"]).abs() <= SAME_TIME) & (plain["force"] == table.loc[i, "force"])]
            for claims in product(*(near.index[near["measure"] == part] for part in parts)):
                yield int(i), tuple(int(c) for c in claims)


def _simulated(bound: BoundModel, rng: np.random.Generator, ledgers: int = LEDGERS) -> tuple[np.ndarray, np.ndarray]:
    """What the claims of ledgers simulated from the priors may be read as, each (ledger, claim)  [persons]."""
    p = {q.name: q.draw(rng, ledgers) for q in bound.parameters}
    edges = np.empty((2, ledgers, len(bound.claims)))
    for k in range(ledgers):
        claims = bound.simulate({name: values[k : k + 1] for name, values in p.items()}, rng).claims
        edges[0, k] = [max(0.0, min(cell.low for cell in claim.cells)) for claim in claims]
        edges[1, k] = [max(cell.high for cell in claim.cells) for claim in claims]
    return edges[0], edges[1]


def _worst_sets(clashes: list[_Clash]) -> list[_Clash]:
    """Clashes without the sets that are no worse than two of their claims."""
    pairs = {frozenset(clash.claims): clash.distance for clash in clashes if len(clash.claims) == 2}

    def of_two(clash: _Clash) -> float:
        return max(pairs.get(frozenset(two), 0.0) for two in combinations(clash.claims, 2))

    return [clash for clash in clashes if len(clash.claims) == 2 or clash.distance > of_two(clash)]


def _few_of_each(table: pd.DataFrame, found: list[tuple[_Clash, float, float]], each: int) -> list[tuple[_Clash, float, float]]:
    """The first so many with each outlier."""
    outliers = pd.Series([_outlier(table, clash) for clash, _, _ in found], dtype=int)
    return [found[k] for k in np.flatnonzero(outliers.groupby(outliers).cumcount() < each)]


def _outlier(table: pd.DataFrame, clash: _Clash) -> int:
    """The claim that surprises the fit most."""
    return max(clash.claims, key=lambda i: abs(table["z"].iloc[i]))


def _row(table: pd.DataFrame, clash: _Clash, p_value: float, expected: float, level: float) -> dict[str, object]:
    left, right = clash.sides
    outlier = _outlier(table, clash)
    return {
        "claims": f"{'+'.join(table['id'][list(left)])} vs {'+'.join(table['id'][list(right)])}",
        "sources": ", ".join(dict.fromkeys(table["source"][list(clash.claims)])),
        "claimed": ", against ".join(" and ".join(_claim_text(table, i) for i in side) for side in clash.sides),
        "distance": clash.distance,
        "p_value": p_value,
        "expected_by_chance": expected,
        "finding": CONTRADICTION if p_value <= level else CHANCE,
        "factor": float(np.exp(abs(clash.gap))),
        "outlier": table.loc[outlier, "id"],
        "change": _change(table, clash, outlier),
    }


def _claim_text(table: pd.DataFrame, i: int) -> str:
    row = table.loc[i]
    when = f"{day_in_words(row['window_start'])} to " if pd.notna(row["window_start"]) else WHEN[row["scope"]]
    return f"{row['claimed']} {row['measure'].replace('_', ' ')} ({row['source']}, {when}{day_in_words(row['as_of'])})"


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
