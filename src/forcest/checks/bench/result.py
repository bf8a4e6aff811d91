# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportCallIssue=false
# pyright: reportIndexIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pandas types a subset of what it accepts.
"""The result of a bench: scores of every outcome, and what follows from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import binom

from forcest.checks.backtest import clustered
from forcest.checks.bench.scores import LEVELS
from forcest.checks.bench.wars import ALL
from forcest.errors import ForcestError

KEY = ["war", "force", "measure", "date", "vintage"]
"""What identifies an outcome in the rows of a bench."""
EVERY = "all measures"
BETTER = {"log_score": 1.0, "crps": -1.0}
"""Sign of a difference that is an improvement."""
TAIL = 0.025


@dataclass(frozen=True)
class ClaimBench:
    """Estimates of past wars beside what was established later.

    Attributes
    ----------
    rows : DataFrame
        One row per outcome, vintage and model: `war, force, measure, date, vintage, known_by` (the last day of publication used),
        `truth_low, truth_high, median, low_90, high_90` [persons], `rank, in50, in80, inside, overlaps, log_score, crps, width` as
        :doc:`/claim-bench` defines them, `estimated` (False where the model does not estimate the quantity: it then has no scores
        and is not inside), `days_off` (days between the date and the calendar of the fit), `converged, quick`, `model, baseline`
        and `seed`.
    without_battle : DataFrame
        Losses in battle of forces that did not fight: `war, force, measure, date, vintage, known_by, model, baseline, median`, and
        `shown`, whether the model shows any.
    failed : DataFrame
        `war, vintage, known_by, model, error`: what gave no answer.
    model : str
        Name of the model that is compared with the baselines.

    Examples
    --------
    >>> found = fc.claim_bench(wars=["kosovo_1999"], known_by=["all"], quick=True, folder="bench")
    >>> found.rows.loc[~found.rows["baseline"], ["measure", "truth_low", "truth_high"]].values.tolist()
    [['killed', 1008.0, 1084.0]]
    >>> found.summary.columns.tolist()[:4]
    ['vintage', 'model', 'measure', 'outcomes']
    """

    rows: pd.DataFrame
    without_battle: pd.DataFrame
    failed: pd.DataFrame
    model: str

    @property
    def vintages(self) -> list[str]:
        """The vintages, the latest first."""
        order = self.rows.groupby("vintage")["known_by"].max().sort_values(kind="stable", ascending=False)
        return [str(name) for name in order.index]

    def claims_of(self, vintage: str) -> str:
        """A vintage in words, such as "first 1/3 of the claims"."""
        if vintage == ALL:
            return "all claims"
        return f"first {vintage} of the claims" if "/" in vintage else f"claims known by {vintage}"

    def title_of(self, war: str) -> str:
        """The name of a war as a title, such as "Chechnya 1994–96"."""
        return re.sub(r"(\d{4}) (\d{2})$", r"\1–\2", war.replace("_", " ").title())

    @property
    def quick(self) -> bool:
        """Whether some fit was a quick look."""
        return bool(self.rows["quick"].any())

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per vintage, model and measure, and one for all measures.

        `outcomes`, `estimated`, `inside` and `overlaps` (counts), `width` (median), `log_score` and `crps` (means over the
        estimated outcomes) with `log_score_se, crps_se` clustered by war, `unconverged` (outcomes whose fit did not converge).
        """
        found = []
        for vintage in self.vintages:
            of_vintage = self.rows[self.rows["vintage"] == vintage]
            for model, part in of_vintage.groupby("model", sort=False):
                for measure, group in [*part.groupby("measure", sort=False), (EVERY, part)]:
                    found.append({"vintage": vintage, "model": model, "measure": measure, **_summed(group)})
        return pd.DataFrame(found)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """How often the middle of an established range lies in the intervals of a model.

        One row per vintage, model and interval: `level, n, inside`, their `share`, and `verdict`: "too narrow" where so few would
        be inside with a probability below 2.5 % (binomial, outcomes taken as independent), "too wide" for so many, else "".
        """
        told = self.rows[self.rows["estimated"]]
        found = []
        for vintage in self.vintages:
            for model, part in told[told["vintage"] == vintage].groupby("model", sort=False):
                for name, level in LEVELS.items():
                    n, inside = len(part), int(part[name].sum())
                    row = {"vintage": vintage, "model": model, "level": level, "n": n, "inside": inside, "share": inside / n}
                    found.append(row | {"verdict": _coverage_verdict(inside, n, level)})
        return pd.DataFrame(found, columns=["vintage", "model", "level", "n", "inside", "share", "verdict"])

    @cached_property
    def gains(self) -> pd.DataFrame:
        """What the model gains over each baseline, on the outcomes that both estimate; the best baseline of a vintage first.

        `vintage, baseline, n, wars, log_score_gain, log_score_gain_se, crps_gain, crps_gain_se`: paired differences, above 0 in
        favour of the model, standard errors clustered by war (NaN for a single war).
        """
        own = self.rows[(self.rows["model"] == self.model) & self.rows["estimated"]]
        found = []
        for vintage in self.vintages:
            for name, rival in self.rows[self.rows["baseline"] & self.rows["estimated"]].groupby("model", sort=False):
                pairs = _paired(own[own["vintage"] == vintage], rival)
                found.append({"vintage": vintage, "baseline": name, **_gained(pairs)})
        table = pd.DataFrame(found, columns=["vintage", "baseline", *_gained(_paired(own[:0], own[:0]))])
        order = table["vintage"].map({name: i for i, name in enumerate(self.vintages)})
        return table.assign(order=order).sort_values(["order", "log_score_gain"]).drop(columns="order").reset_index(drop=True)

    def compared_with(self, before: pd.DataFrame) -> pd.DataFrame:
        """Compare this bench with an earlier one, war by war and for all.

        Parameters
        ----------
        before : DataFrame
            The rows of the earlier bench, as ``bench.csv`` holds them. Rows of baselines are left aside.

        Returns
        -------
        DataFrame
            One row per vintage and war, and one for all wars: `n` outcomes that both estimate, `inside_before, inside,
            log_score_before, log_score, crps_before, crps`, and the paired differences `log_score_gain, crps_gain`, above 0 where
            this one is better, with standard errors clustered by war (NaN for a single war).

        Raises
        ------
        ForcestError
            If the table is not that of a bench, or shares no outcome with this one.
        """
        if lacking := [name for name in (*KEY, "estimated", "baseline", "inside", *BETTER) if name not in before]:
            raise ForcestError(f"the earlier bench must have the columns of bench.csv; it lacks {', '.join(lacking)}.")
        earlier = before[~before["baseline"].astype(bool) & before["estimated"].astype(bool)]
        own = self.rows[(self.rows["model"] == self.model) & self.rows["estimated"]]
        pairs = _paired(own.assign(date=own["date"].astype(str)), earlier.assign(date=earlier["date"].astype(str).str[:10]))
        if pairs.empty:
            raise ForcestError(
                "the earlier bench shares no estimated outcome with this one. Compare runs of the same wars and dates."
            )
        found = []
        for vintage, of_vintage in pairs.groupby("vintage", sort=False):
            for war, part in [*of_vintage.groupby("war", sort=False), ("all wars", of_vintage)]:
                found.append({"vintage": vintage, "war": war, **_before_and_after(part)})
        return pd.DataFrame(found)

    def __str__(self) -> str:
        lines = [f"{self.claims_of(name).capitalize()}: {self._sentence(name)}" for name in self.vintages]
        if shown := self._without_battle_sentence():
            lines.append(shown)
        lines += [f"Failed: {row.war}, {row.vintage}, {row.model}: {row.error}" for row in self.failed.itertuples()]
        return "\n".join(lines)

    def _sentence(self, vintage: str) -> str:
        """What the model reached with one vintage."""
        table = self.summary
        own = table[(table["vintage"] == vintage) & (table["model"] == self.model)].set_index("measure")
        if own.empty:
            return f"{self.model} gave no answer."
        parts = [f"{measure} {_count(row)}" for measure, row in own.drop(index=EVERY).iterrows()]
        every = own.loc[EVERY]
        score = f"mean log score {every['log_score']:.2f}{plus_minus(every['log_score_se'])}"
        unconverged = f"; {every['unconverged']} from fits that did not converge" if every["unconverged"] else ""
        return f"inside the 90 % interval {', '.join(parts)}, together {_count(every)}; {score}{unconverged}."

    def _without_battle_sentence(self) -> str:
        own = self.without_battle[self.without_battle["model"] == self.model]
        if own.empty:
            return ""
        shown = own[own["shown"].astype(bool)]
        wars = ", ".join(dict.fromkeys(f"{row.war} ({row.vintage})" for row in shown.itertuples()))
        return f"Losses in battle shown where there was no battle: {wars or 'none'}."


def plus_minus(error: float) -> str:
    """A standard error after its number; nothing where there is none."""
    return "" if np.isnan(error) else f" ± {error:.2f}"


def _count(row: pd.Series) -> str:
    """How many of the outcomes are inside; those that are not estimated are named."""
    missing = row["outcomes"] - row["estimated"]
    return f"{row['inside']} of {row['outcomes']}" + (f" ({missing} not estimated)" if missing else "")


def _summed(rows: pd.DataFrame) -> dict[str, object]:
    told = rows[rows["estimated"]]
    log_score, crps = (clustered(told[name], told["war"]) for name in BETTER)
    return {
        "outcomes": len(rows),
        "estimated": len(told),
        "inside": int(told["inside"].sum()),
        "overlaps": int(told["overlaps"].sum()),
        "width": float(told["width"].median()),
        "log_score": log_score[0],
        "log_score_se": log_score[1],
        "crps": crps[0],
        "crps_se": crps[1],
        "unconverged": int((~told["converged"].astype(bool)).sum()),
    }


def _coverage_verdict(inside: int, n: int, level: float) -> str:
    if binom.cdf(inside, n, level) < TAIL:
        return "too narrow"
    return "too wide" if binom.sf(inside - 1, n, level) < TAIL else ""


def _paired(own: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Outcomes that both have, with the scores of the other under names that end in ``_other``."""
    return own.merge(other[[*KEY, *BETTER, "inside"]], on=KEY, suffixes=("", "_other"), validate="one_to_one")


def _gained(pairs: pd.DataFrame) -> dict[str, object]:
    found: dict[str, object] = {"n": len(pairs), "wars": pairs["war"].nunique()}
    for score, sign in BETTER.items():
        gain = sign * (pairs[score] - pairs[f"{score}_other"])
        found[f"{score}_gain"], found[f"{score}_gain_se"] = clustered(gain, pairs["war"])
    return found


def _before_and_after(pairs: pd.DataFrame) -> dict[str, object]:
    found: dict[str, object] = {"inside_before": int(pairs["inside_other"].sum()), "inside": int(pairs["inside"].sum())}
    for score in BETTER:
        found[f"{score}_before"], found[score] = float(pairs[f"{score}_other"].mean()), float(pairs[score].mean())
    return {"n": len(pairs), **found, **{name: value for name, value in _gained(pairs).items() if "gain" in name}}
