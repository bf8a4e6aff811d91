"""Predictions from earlier dates, scored on what was published afterwards, and compared with simple baselines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from forcest.attributes import Attributes
from forcest.checks.baselines import BASELINES
from forcest.checks.predictive import Predictive, predict, unseen_claims
from forcest.checks.revisions import Revisions, vintage
from forcest.checks.running import results
from forcest.checks.score import scores_of
from forcest.checks.storage import Folder
from forcest.checks.tables import as_table, as_text, briefing
from forcest.errors import ForcestError, removed
from forcest.inference.rerun import fit_in_full
from forcest.inference.samplers import Sampler, SamplerName, as_dict, sampler_named
from forcest.models.density.bound import BoundModel

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel

OWN = "forcest"
SCORES = ("log_score", "crps", "wis", "width_90", "pit", "in50", "in80", "in90", "in95")
MEASURED = ("n_claims", "n_rows", "log_score", "best_baseline", "log_score_gain", "log_score_gain_se")
BETTER = {"log_score": 1.0, "crps": -1.0, "wis": -1.0}
"""Sign of a difference in favour of forcest."""


@dataclass(frozen=True)
class Backtest:
    """Scores of claims published after each origin.

    Attributes
    ----------
    scores : DataFrame
        One row per origin, claim and forecaster, with the columns of :func:`forcest.score`, `horizon` (days, the smallest one
        that covers the claim) and `briefing`. NaN where a baseline does not predict a claim.
    estimates : DataFrame
        ``fc.summary`` at every origin date that the curves hold, by vintage (`origin`).
    refused : DataFrame
        `origin, id, reason`: later claims that the model could not score.
    fits : DataFrame
        `origin, n_claims, converged`.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.backtest(fc.ForceModel.default, few, ["2024-12-31"], [90], quick=True, folder="backtest")
    >>> "forcest" in found.table["forecaster"].tolist()
    True
    >>> measures = found.by("measure")  # the same table, measure by measure
    """

    scores: pd.DataFrame
    estimates: pd.DataFrame
    refused: pd.DataFrame
    fits: pd.DataFrame

    @property
    def baselines(self) -> list[str]:
        """The baselines in the table."""
        return [str(name) for name in self.table["forecaster"] if name != OWN]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Mean scores of every forecaster over the claims that all of them predict, the best log score first.

        Each claim counts once: its scores from several origins are averaged first. `log_score_gain`, `crps_gain` and `wis_gain` are
        those of forcest over the baseline, each with a standard error clustered by briefing (`log_score_gain_se`, ...); above 0,
        forcest is better. `n_claims` counts distinct claims, `n_rows` pairs of an origin and a claim, `n_briefings` briefings.
        """
        return compare(self.scores)

    def by(self, column: str) -> pd.DataFrame:
        """The same table for every value of a column of the scores, such as `measure`, `horizon`, `origin` or `stance`."""
        parts = {value: compare(part) for value, part in self.scores.groupby(column)}
        kept = {value: part for value, part in parts.items() if len(part)}
        if not kept:
            return pd.DataFrame(columns=[column, *self.table.columns])
        return pd.concat(kept, names=[column]).reset_index(level=0).reset_index(drop=True)

    @property
    def by_measure(self) -> pd.DataFrame:
        """Where forcest wins and where it loses: one row per measure, beside the baseline that does best there in hindsight.

        `measure, n_claims, n_rows, log_score` of forcest, `best_baseline`, `log_score_gain` over it and its standard error;
        measures that no baseline predicts are left out.
        """
        rows = []
        for measure, table in self.by("measure").groupby("measure"):
            own, baselines = table[table["forecaster"] == OWN], table[table["forecaster"] != OWN]
            if len(baselines):
                best = baselines.iloc[0]  # sorted by log score
                row = own.iloc[0][["n_claims", "n_rows", "log_score"]].to_dict()
                gains = best[["log_score_gain", "log_score_gain_se"]].to_dict()
                rows.append({"measure": measure, **row, "best_baseline": best["forecaster"], **gains})
        return pd.DataFrame(rows, columns=["measure", *MEASURED])

    @property
    def revisions(self) -> Revisions:
        """How the figures of the month ends changed from origin to origin."""
        return Revisions(self.estimates, self.fits)

    def __str__(self) -> str:
        lost = f"{self.refused['id'].nunique()} later claims could not be scored. " if len(self.refused) else ""
        bad = self.fits.loc[~self.fits["converged"], "origin"]
        unfit = f"Not converged: {', '.join(f'{day:%Y-%m-%d}' for day in bad)}. " if len(bad) else ""
        tables = (self.table, self.by_measure)
        shown = [table.to_string(index=False, float_format=lambda x: f"{x:.3g}") for table in tables]
        return "\n\n".join([*shown, f"{lost}{unfit}"]).strip()


@removed(progress="is called `callback`")
def backtest(
    build: Callable[[Ledger], ForceModel | LossModel],
    ledger: Ledger,
    origins: Sequence[str],
    horizons: Sequence[int] = (30, 60, 90),
    *,
    sampler: SamplerName | Sampler = "batched",
    random_seed: int = 1,
    quick: bool = False,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> Backtest:
    """Fit at earlier dates with what was known then, and score what was published later.

    Parameters
    ----------
    build : callable
        From a ledger to a model, such as ``ForceModel.default``; it gets ``ledger.known_by(origin)``.
    ledger : Ledger
    origins : sequence of date
    horizons : sequence of int  [days]
        Claims published within these numbers of days after an origin are scored.
    sampler : {"batched", "nutpie", "pymc"}, Batched, Nutpie or PyMC
    random_seed : int
    quick : bool
        Coarse and short fits; as for :func:`forcest.fit`.
    folder : path, optional
        Where the results of each origin are stored at once; the same call resumes an interrupted run.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets each origin that is finished, not those that were stored.

    Returns
    -------
    Backtest
        Print it, or read ``table``, ``by("measure")``, ``revisions`` and ``scores``.

    Raises
    ------
    ForcestError
        If there is no date or no horizon, a date cannot be read, or the folder holds another run; if fits fail, all of which are
        named.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.backtest(fc.ForceModel.default, few, ["2024-12-31"], [90], quick=True, folder="backtest")
    >>> bool((found.scores["published"] > "2024-12-31").all())
    True
    """
    if not origins or not horizons or min(horizons) <= 0:
        raise ForcestError(f"give at least one origin, and horizons above 0 days; got {list(origins)} and {list(horizons)}.")
    for origin in origins:
        ledger.known_by(origin)  # refuses what is not a date, before anything slow
    name = getattr(build, "__qualname__", repr(build))
    options = {"sampler": sampler_named(sampler, quick=quick), "random_seed": random_seed, "quick": quick}
    manifest = {
        "ledger": ledger.hash,
        "build": name,
        "horizons": sorted(horizons),
        **options,
        "sampler": as_dict(options["sampler"]),
    }
    tasks = [Origin(str(origin), build, ledger, sorted(horizons), options) for origin in sorted(map(str, origins))]
    found = results(tasks, Folder(folder, manifest), client=client, callback=callback)
    parts = [{key: as_table(text) for key, text in json.loads(content).items()} for content in found]
    return Backtest(**{key: pd.concat([part[key] for part in parts], ignore_index=True) for key in parts[0]})


@dataclass(frozen=True)
class Origin:
    """What is fitted at one date, and scored.

    Attributes
    ----------
    name : str
        The date.
    build : callable
    ledger : Ledger
        All claims.
    horizons : list of int  [days]
        In order.
    options : dict
        Of :func:`forcest.fit`.
    """

    name: str
    build: Callable[[Ledger], ForceModel | LossModel]
    ledger: Ledger
    horizons: list[int]
    options: dict[str, Any]

    @property
    def file(self) -> str:
        """Name of the stored result."""
        return f"{self.name}.json"

    def run(self) -> bytes:
        """The tables of a :class:`Backtest`."""
        day = pd.Timestamp(self.name)
        known, until = self.ledger.known_by(self.name), str((day + pd.Timedelta(days=self.horizons[-1])).date())
        model = self.build(known)
        _ = model.on(known).claims  # a model that predicts no claims is refused before it is fitted
        fit, later = fit_in_full(model, known, **self.options), self.ledger.known_by(until)
        own, refused = predict(fit, later)
        bound, is_new, _ = unseen_claims(fit, later)
        rng = np.random.default_rng([self.options["random_seed"], day.toordinal()])
        others = {name: rule(bound.table[~is_new], own.claims, rng) for name, rule in BASELINES.items()}
        scores = [_scored(name, predictive, day, self.horizons) for name, predictive in {OWN: own, **others}.items()]
        marks = {"n_claims": [len(bound.claims) - int(is_new.sum())], "converged": [Attributes.of(fit).verdict.converged]}
        tables = {
            "scores": pd.concat(scores, ignore_index=True).assign(origin=day),
            "estimates": _estimates(fit, bound, self.ledger, day),
            "refused": pd.DataFrame(refused, columns=["id", "reason"]).assign(origin=day),
            "fits": pd.DataFrame(marks).assign(origin=day),
        }
        return json.dumps({key: as_text(table) for key, table in tables.items()}).encode()


def _scored(name: str, predictive: Predictive, origin: pd.Timestamp, horizons: list[int]) -> pd.DataFrame:
    table = scores_of(predictive)
    days = (table["published"] - origin).dt.days.to_numpy()
    table["horizon"] = np.array(horizons)[np.searchsorted(horizons, days)]
    table["briefing"] = briefing(table)
    return table.assign(forecaster=name)


def _estimates(fit: Any, bound: BoundModel, ledger: Ledger, origin: pd.Timestamp) -> pd.DataFrame:
    """Figures at the end of every month up to the origin."""
    dates = bound.model.grid.dates
    first = max(ledger.usable()["as_of"].min(), dates[0])
    months = [day for day in pd.date_range(first, origin, freq="ME") if day <= dates[-1]]
    return vintage(fit, [day.date() for day in months or [min(origin, dates[-1])]], origin)


def compare(scores: pd.DataFrame) -> pd.DataFrame:
    """Mean scores over the claims that every forecaster predicts, and what forcest gains over each; see :class:`Backtest`.

    A claim that is predicted from several origins is one claim: counted once for each, the claims known about longest would weigh
    most and look like independent evidence.

    A forecaster that predicts none of the claims is left out; the table is empty where no claim is left.
    """
    key = ["origin", "id"]
    predicts = scores.groupby("forecaster")["log_score"].transform(lambda x: x.notna().any())
    predicting = scores.loc[predicts, :]
    everywhere = predicting.groupby(key)["log_score"].transform(lambda x: x.notna().all())
    shared = predicting.loc[everywhere, :]
    if shared.empty:
        return pd.DataFrame(columns=["forecaster", *SCORES, "n_claims", "n_rows", "n_briefings"])
    by_claim = shared.groupby(["forecaster", "id"])[list(SCORES)].mean()
    means, own = by_claim.groupby("forecaster").mean(), by_claim.loc[OWN]
    briefings = shared.groupby("id")["briefing"].first().loc[own.index]
    for name in means.index:
        against = by_claim.loc[name]
        for score, sign in BETTER.items():
            gain = sign * (own[score] - against[score].reindex(own.index))
            means.loc[name, f"{score}_gain"], means.loc[name, f"{score}_gain_se"] = clustered(gain, briefings)
    n_rows = int((shared["forecaster"] == OWN).sum())
    means["n_claims"], means["n_rows"], means["n_briefings"] = len(own), n_rows, briefings.nunique()
    return means.sort_values("log_score", ascending=False).reset_index()


def clustered(values: pd.Series, cluster: pd.Series) -> tuple[float, float]:
    """Mean, and its standard error when values of one cluster move together; NaN with fewer than two clusters."""
    held = values.notna().to_numpy()
    values, cluster = values.loc[held], cluster.loc[held]
    if values.empty:
        return float("nan"), float("nan")
    mean = float(values.mean())
    sums = (values - mean).groupby(cluster.to_numpy()).sum().to_numpy()
    if len(sums) < 2:
        return mean, float("nan")
    return mean, float(np.sqrt(len(sums) / (len(sums) - 1) * (sums @ sums)) / len(values))
