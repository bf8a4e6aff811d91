"""Deaths of the first year in Ukraine from the claims of Radford et al. (2023): the effect of each ingredient of the model.

    uv run python benchmarks/radford_better.py --out DIR     (about 15 minutes on 2 cores; fetches the public files)
    uv run python benchmarks/radford_better_figures.py DIR ...   (the table and figures of docs/losses.md)
    uv run python benchmarks/radford_better.py --quick       (coarse steps, one variant)

Fits the claims on the killed of both sides, beginning with a model as close to the published one as the reporting layer allows, and
adding one ingredient at a time. The score is the weekly record-based series of Russian deaths (Mediazona and Meduza) from
29 August 2022 on: weeks before that day are the anchor in some variants, and no variant has seen those after it.
Prints JSON lines; DIR takes them too, and the draws of weekly deaths.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from assumed_bias import ASSUMED
from scipy.special import logsumexp

import forcest as fc
from forcest import datasets
from forcest.errors import NotConvergedWarning

START, END, AT = "2022-02-24", "2023-02-27", "2023-02-23"
ANCHORED_TO = pd.Timestamp("2022-08-28")
RUSSIA, UKRAINE = "Russian forces", "Ukrainian forces"
GOLDEN = Path(__file__).parents[1] / "tests/golden/reference_posterior.csv"
PUBLISHED = {RUSSIA: (76_687, 38_670, 139_772)}  # Radford et al. (2023), deaths by 23 February 2023, 95 % interval

ZERO = fc.normal(0.0, 0.7)
CENTRED = {"stance_levels": {"losses": dict.fromkeys(("own", "enemy", "third_party"), ZERO)}}
EXACT_NUMBERS = {"grid_weights": (0.994, *[0.001] * 6), "grid_concentration": 1e6}
NO_DRIFT = {"drift_from": 1_000_000}


@dataclass(frozen=True)
class Variant:
    """One model: its claims and its reporting assumptions."""

    name: str
    what: str
    reporting: dict[str, Any] = field(default_factory=dict)
    ranges: bool = True
    anchored: bool = False
    trend: float | None = None  # sd of the slope of log rates per year, that of the model's default unless given


VARIANTS = (
    Variant("near", "near the published model", CENTRED | EXACT_NUMBERS | NO_DRIFT, ranges=False),
    Variant("ranges", "+ a minimum and a maximum of one day are one range", CENTRED | EXACT_NUMBERS | NO_DRIFT),
    Variant("rounding", "+ rounding", CENTRED | NO_DRIFT),
    Variant("drift", "+ bulletins drift from month to month", CENTRED),
    Variant("ours", "+ priors by stance (ours, no anchor)"),
    Variant("anchored", "+ records to 28 August 2022 (ours, anchored)", anchored=True),
    Variant("anchored, zero-centred", "anchored, without priors by stance", CENTRED, anchored=True),
    Variant("anchored, no drift", "anchored, without drift", NO_DRIFT, anchored=True),
    Variant("anchored, loose records", "anchored, records as free as any source", {"record_effects": True}, anchored=True),
    Variant("anchored, no trend", "anchored, rates that return to their mean", anchored=True, trend=0.1),
    Variant("anchored, slow drift", "anchored, drift held near 10 % a month", {"drift": fc.lognormal(0.1, 0.1)}, anchored=True),
    Variant("anchored, no rounding", "anchored, without rounding", EXACT_NUMBERS, anchored=True),
)
QUICK = ("anchored",)


def claims(*, ranges: bool) -> pd.DataFrame:
    """Claims on the killed as rows of a ledger; ranges may be split into the two bounds of the file."""
    table = datasets.read_radford2023(datasets.fetch("radford2023"), quiet=True).to_dataframe().drop(columns=["row", "status"])
    table = table[table["measure"] == "killed"]
    if not ranges:
        low, high = table["qualifier"] == "range", table["exclude"].str.startswith("upper end")
        table.loc[low, "value"] = table.loc[low, "low"]
        table.loc[low, "qualifier"] = "at_least"
        table.loc[low, ["low", "high"]] = np.nan
        table.loc[high, "exclude"] = ""
    return table


def records() -> pd.DataFrame:
    """The weekly record-based series of the first year."""
    table = datasets.read_meduza_weekly(datasets.fetch("meduza_weekly"), quiet=True).to_dataframe().drop(columns=["row", "status"])
    return table[table["window_end"] < END]


def ledger_of(variant: Variant) -> fc.Ledger:
    """The claims of a variant."""
    parts = [claims(ranges=variant.ranges)]
    if variant.anchored:
        weeks = records()
        parts.append(weeks[weeks["window_end"] <= ANCHORED_TO])
    return fc.read_ledger(pd.concat(parts, ignore_index=True))


def reporting_of(variant: Variant) -> fc.Reporting:
    """Levels of stances as assumed, since the reporting record has rows about this war, and what the variant changes."""
    return fc.Reporting(**(ASSUMED | {"record_effects": False} | variant.reporting))


def fit(variant: Variant, seed: int, *, quick: bool) -> xr.DataTree:
    """The fit of a variant; a run that has not converged is marked, not hidden."""
    rate = fc.LossRate() if variant.trend is None else fc.LossRate(slope=fc.normal(0.0, variant.trend))
    model = fc.LossModel(start=START, end=END, kinds=("killed",), rate=rate, reporting=reporting_of(variant))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotConvergedWarning)
        sampler = fc.Batched(chains=16, target_ess=100, max_seconds=300) if quick else fc.Batched(max_seconds=300)
        return fc.fit(model, ledger_of(variant), sampler=sampler, random_seed=seed, quick=quick)


def weekly(fit_: xr.DataTree, weeks: pd.DataFrame) -> np.ndarray:
    """Russian deaths of each week, shape (draw, week)."""
    curve = fit_["posterior"]["killed"].sel(force=RUSSIA)
    days = (curve["date"].values.astype("datetime64[D]") - np.datetime64(START, "D")).astype(float)
    draws = curve.values.reshape(-1, len(days)).astype(float)
    ends = (weeks["window_end"].to_numpy("datetime64[D]") - np.datetime64(START, "D")).astype(float)
    starts = (weeks["window_start"].to_numpy("datetime64[D]") - np.datetime64(START, "D")).astype(float) - 1

    def at(day: float) -> np.ndarray:
        return np.zeros(len(draws)) if day < 0 else np.array([np.interp(day, days, row) for row in draws])

    return np.stack([at(end) - at(start) for start, end in zip(starts, ends, strict=True)], axis=1)


def score(draws: np.ndarray, weeks: pd.DataFrame, seed: int) -> dict[str, float]:
    """Mean log score of the log of weekly deaths, coverage of 50 and 90 % intervals, and the factor by which the level is off.

    The record of a week has an error of its own: its 95 % bounds, taken as normal on the log scale.
    """
    recorded = np.log(weeks["value"].to_numpy(float))
    sd = (np.log(weeks["high"].to_numpy(float)) - np.log(weeks["low"].to_numpy(float))) / (2 * 1.96)
    log_draws = np.log(np.maximum(draws, 1e-9))
    density = -0.5 * ((recorded - log_draws) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi))
    replicated = log_draws + sd * np.random.default_rng(seed).standard_normal(log_draws.shape)
    inside = {
        prob: float(np.mean((recorded >= low) & (recorded <= high)))
        for prob in (0.5, 0.9)
        for low, high in [np.quantile(replicated, [(1 - prob) / 2, (1 + prob) / 2], axis=0)]
    }
    return {
        "log_score": float(np.mean(logsumexp(density, axis=0) - np.log(len(draws)))),
        "covered_50": inside[0.5],
        "covered_90": inside[0.9],
        "factor": float(np.exp(np.median(np.median(log_draws, axis=0) - recorded))),
    }


def deaths(fit_: xr.DataTree, force: str) -> tuple[float, float, float]:
    """Median and 90 % interval of the killed at the date of the published figure."""
    table = fc.summary(fit_, at=AT, ci_prob=0.9)
    row = table[(table["force"] == force) & (table["measure"] == "killed")].iloc[0]
    return float(row["median"]), float(row["low"]), float(row["high"])


def expected_log_density(fit_: xr.DataTree, ids: list[str]) -> dict[str, float]:
    """PSIS-LOO of the claims that all variants share, and the share of them whose Pareto k is above 0.7."""
    import arviz_stats

    shared = xr.DataTree.from_dict(
        {
            "posterior": fit_["posterior"].to_dataset()[["error_scale"]],
            "log_likelihood": fit_["log_likelihood"].to_dataset().sel(claim=ids).astype(float),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = arviz_stats.loo(shared, pointwise=True, var_name="claims")
    return {"elpd": float(found.elpd), "elpd_se": float(found.se), "bad_k": float(np.mean(found.pareto_k.values > 0.7))}


def run(variant: Variant, seed: int, *, quick: bool) -> tuple[dict, xr.DataTree]:
    """One variant, fitted and scored."""
    started = time.perf_counter()
    found = fit(variant, seed, quick=quick)
    seconds = time.perf_counter() - started
    weeks = records()
    later = weeks[weeks["window_end"] > ANCHORED_TO]
    draws = weekly(found, later)
    fitted = set(found["log_likelihood"]["claim"].values)
    shared = [id_ for id_ in claims(ranges=True).query("exclude == ''")["id"] if id_ in fitted]
    row: dict[str, Any] = {"variant": variant.name, "what": variant.what, "n_claims": found["constant_data"].sizes["claim"]}
    for force in (RUSSIA, UKRAINE):
        median, low, high = deaths(found, force)
        row[force] = {"median": median, "low": low, "high": high}
    row |= {"weeks": len(later), **score(draws, later, seed)}
    if variant.ranges:
        row |= expected_log_density(found, shared)
    row |= {"anchors": str(fc.anchors(found, at=AT)), "converged": int(found.attrs["converged"]), "seconds": round(seconds, 1)}
    return row, found


def reference() -> dict[str, Any]:
    """The published figure, and our own posterior of the published model."""
    table = pd.read_csv(GOLDEN)
    row = {"variant": "published", "what": "the published model (Radford et al. 2023)", "published_95": PUBLISHED[RUSSIA]}
    for force, label in ((RUSSIA, "Russia"), (UKRAINE, "Ukraine")):
        found = table[table["quantity"].str.endswith(f"Military Deaths-{label}") & table["quantity"].str.startswith("exp(")].iloc[0]
        row[force] = {"median": found["q50"], "low": found["q05"], "high": found["q95"]}
    return row


def main() -> None:
    """Run all variants and write what docs/losses.md shows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", nargs="+", choices=[v.name for v in VARIANTS], default=[v.name for v in VARIANTS])
    arguments = parser.parse_args()
    weeks = records()
    truth = weeks[["low", "value", "high"]].sum()
    rows = [reference(), {"variant": "records", RUSSIA: {"median": truth["value"], "low": truth["low"], "high": truth["high"]}}]
    draws = {}
    for row in rows:
        print(json.dumps(row), flush=True)
    for variant in (v for v in VARIANTS if v.name in (QUICK if arguments.quick else arguments.only)):
        row, found = run(variant, arguments.seed, quick=arguments.quick)
        rows.append(row)
        draws[variant.name] = weekly(found, weeks).astype(np.float32)
        print(json.dumps(row), flush=True)
        if arguments.out:
            arguments.out.mkdir(parents=True, exist_ok=True)
            (arguments.out / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
            np.savez_compressed(arguments.out / "weekly.npz", **draws)


if __name__ == "__main__":
    main()
