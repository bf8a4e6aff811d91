# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false, reportGeneralTypeIssues=false
# pandas types a subset of what it accepts.
"""How well learnt and assumed priors foretell the claims of a war that they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from forcest.history.learning import learn_bias
from forcest.history.rows import Rows
from forcest.models.description.priors import normal
from forcest.models.reporting.description import STANCE_LEVELS, Reporting, claim_variance
from forcest.models.reporting.learned import ADOPTED, CELLS, FEWEST_WARS, WIDE_FACTOR, WIDE_SHARE, LearnedBias

LEVELS = (0.5, 0.8, 0.9)
FEWEST_COVERED = 0.8
PEOPLE = ("losses", "strength", "captured")


class Expected(NamedTuple):
    """What a prior expects of the log bias of rows, as a mixture of two normals around one mean, shape (row,) each."""

    mean: np.ndarray
    sd: np.ndarray
    wide_sd: np.ndarray
    wide_share: float

    def log_density(self, value: np.ndarray) -> np.ndarray:
        """Log density of values."""
        of = [
            np.log(share) - 0.5 * ((value - self.mean) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi))
            for share, sd in ((1 - self.wide_share, self.sd), (self.wide_share, self.wide_sd))
            if share
        ]
        return np.logaddexp.reduce(of, axis=0)

    def below(self, value: np.ndarray) -> np.ndarray:
        """Probability below values."""
        z = value - self.mean
        return (1 - self.wide_share) * ndtr(z / self.sd) + self.wide_share * ndtr(z / self.wide_sd)


def expected_by_learnt(learned: LearnedBias, rows: Rows) -> Expected:
    """What the learnt prior expects of rows; a row is scored with its own covariates unknown, as those of a new war are."""
    variance = claim_variance()
    mean, covariance = learned.levels(CELLS, variance, {})
    level = np.diag(covariance)[rows.cell]
    claim = _claim(rows, variance)
    return Expected(mean[rows.cell], np.sqrt(level + claim), np.sqrt(WIDE_FACTOR**2 * level + claim), WIDE_SHARE)


def expected_by_assumed(rows: Rows) -> Expected:
    """What the assumed prior of every stance expects of rows."""
    numbers = np.array([STANCE_LEVELS[cls][stance] if cls in PEOPLE else (0.0, 1.0) for cls, stance in CELLS])[rows.cell]
    sd = np.sqrt(numbers[:, 1] ** 2 + _claim(rows, claim_variance()))
    return Expected(numbers[:, 0], sd, sd, 0.0)


def _claim(rows: Rows, variance: Mapping[str, float]) -> np.ndarray:
    """Variance of a single claim's log error, with that of its range."""
    return np.array([variance[CELLS[cell][0]] for cell in rows.cell]) + rows.unsure**2


def expected_claims() -> pd.DataFrame:
    """Where the priors of the defaults expect a single claim of a new war, as multiples of the truth.

    Returns
    -------
    DataFrame
        One row per class of measures, stance and prior ("assumed", and "learnt" where the default is learnt): `class, stance,
        prior, low, high` (equal-tailed 90 %, the wide component left out).

    Examples
    --------
    >>> expected = fc.history.expected_claims()
    >>> expected.loc[expected["prior"] == "learnt", ["class", "stance"]].values.tolist()
    [['losses', 'third_party'], ['strength', 'enemy']]
    """
    learnt = Reporting().stance_levels
    rows = []
    for cls, stance in (cell for cell in CELLS if cell[0] in PEOPLE):
        priors = {"assumed": normal(*STANCE_LEVELS[cls][stance])}
        if (cls, stance) in ADOPTED:
            priors["learnt"] = learnt[cls][stance]
        for name, prior in priors.items():
            half = ndtri(0.95) * np.hypot(prior.sd, np.sqrt(claim_variance()[cls]))
            low, high = np.exp(prior.mu - half), np.exp(prior.mu + half)
            rows.append({"class": cls, "stance": stance, "prior": name, "low": low, "high": high})
    return pd.DataFrame(rows)


def leave_one_war_out(
    record: pd.DataFrame, *, learned: Mapping[str, LearnedBias] | None = None, callback: Callable[[str], object] | None = None
) -> pd.DataFrame:
    """Score every row of a record by priors that do not know its war.

    Parameters
    ----------
    record : DataFrame
        As :func:`forcest.datasets.reporting_record` gives it.
    learned : mapping of war to LearnedBias, optional
        What the record teaches without that war; by default it is fitted, some seconds a war.
    callback : callable, optional
        Called with the name of each war before its fit.

    Returns
    -------
    DataFrame
        One row per row of the record that counts people: `row_id, war, cell` (class:stance), `bias` (log of claim over
        established); for each prior, ``assumed`` and ``learnt``: `<prior>_log_score`, `<prior>_rank` (probability below).

    Examples
    --------
    >>> record = fc.datasets.reporting_record()
    >>> few = record[record["war"].isin(["Korean War", "Falklands War 1982", "Vietnam War"])]
    >>> scores = fc.history.leave_one_war_out(few)
    >>> sorted(set(scores["war"]))
    ['Falklands War 1982', 'Korean War', 'Vietnam War']
    """
    tables = []
    for war in sorted(set(record["war"])):
        if callback is not None:
            callback(war)
        own = record[record["war"] == war]
        rows = Rows.of(own)
        if not len(rows.cell):
            continue
        fitted = learned[war] if learned is not None else learn_bias(record, exclude=[war])
        table = pd.DataFrame({"row_id": rows.table["row_id"], "war": war, "cell": [":".join(CELLS[c]) for c in rows.cell]})
        table["bias"] = rows.bias
        for name, expected in (("assumed", expected_by_assumed(rows)), ("learnt", expected_by_learnt(fitted, rows))):
            table[f"{name}_log_score"], table[f"{name}_rank"] = expected.log_density(rows.bias), expected.below(rows.bias)
        tables.append(table[table["cell"].str.split(":").str[0].isin(PEOPLE)])
    return pd.concat(tables, ignore_index=True)


def cells_of(scores: pd.DataFrame) -> pd.DataFrame:
    """Gain and coverage by cell, and whether the rule adopts the learnt prior.

    Parameters
    ----------
    scores : DataFrame
        Of :func:`leave_one_war_out`.

    Returns
    -------
    DataFrame
        One row per cell: `rows, wars`; `gain` (mean over wars of the gain in log score) and `error` (its standard error over
        wars); `<prior>_in50`, ... (shares of rows inside, mean over wars); `adopted`. See docs/decisions/0040.

    Examples
    --------
    >>> record = fc.datasets.reporting_record()
    >>> few = record[record["war"].isin(["Korean War", "Falklands War 1982"])]
    >>> bool(fc.history.cells_of(fc.history.leave_one_war_out(few))["adopted"].any())  # two wars are too few
    False
    """
    scores = scores.assign(gain=scores["learnt_log_score"] - scores["assumed_log_score"])
    for name in ("assumed", "learnt"):
        for level in LEVELS:
            scores[f"{name}_in{100 * level:.0f}"] = (scores[f"{name}_rank"] - 0.5).abs() <= level / 2
    means = [c for c in scores if c == "gain" or "_in" in c]
    by_war = scores.groupby(["cell", "war"])[means].mean()
    grouped: Any = by_war.groupby("cell")
    table: Any = grouped.mean()
    table.insert(0, "rows", scores.groupby("cell").size())
    table.insert(1, "wars", grouped.size())
    table.insert(3, "error", grouped["gain"].std() / np.sqrt(grouped.size()))
    enough = (table["wars"] >= FEWEST_WARS) & (table["learnt_in90"] >= FEWEST_COVERED)
    table["adopted"] = enough & (table["gain"] > table["error"])
    return table.reset_index()
