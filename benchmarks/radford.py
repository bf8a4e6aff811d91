"""The published model of Radford et al. (2023): cost of a gradient, time to the target, and the posterior against the reference.

    FORCEST_DATA=... uv run python benchmarks/radford.py [--seconds S] [--nutpie S] > radford.jsonl
    FORCEST_DATA=... uv run -p 3.12 --with pystan python benchmarks/radford.py --stan MODEL.stan ...  (the authors' model)

Writes JSON lines. The posterior is compared with the stored reference (tests/golden) before any speed is reported. nutpie runs on
the same density through its graph for ``--nutpie`` seconds of drawing; its time to the target is projected from its worst effective
sample size and marked as projected; if it has not adapted within the limit, from the time of a gradient and the number of gradients
that NUTS needed for the reference posterior. The same is projected for Stan. Quote ratios, since times depend on the load.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from density import median_seconds, where

from forcest.datasets import fetch
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.radford2023.centred import CentredRadford2023
from forcest.models.radford2023.description import Radford2023
from forcest.models.radford2023.model import BoundRadford2023
from forcest.models.radford2023.reports import CATEGORIES, COUNTRIES, Reports
from forcest.models.radford2023.sampling import PublishedDraws, sample_published
from forcest.sampling import diagnose

REFERENCE = Path(__file__).parents[1] / "tests" / "golden" / "reference_posterior.csv"
ESS, R_HAT, LANES = 400, 1.01, 16
GRADIENTS_OF_NUTS = 4.3e6
"""Gradients of a chain of NUTS at the paper's settings, 500 + 1,500 iterations, of which the reference posterior is made."""
POSTER = {
    "Military Deaths-Russia": (76_687, 38_670, 139_772),
    "Military Deaths-Ukraine": (17_223, 6_219, 39_105),
    "Military Casualties-Russia": (218_800, 108_432, 397_361),
    "Military Casualties-Ukraine": (75_538, 19_994, 176_612),
    "Military Injuries-Russia": (148_608, 45_749, 365_649),
    "Military Injuries-Ukraine": (33_081, 5_260, 125_925),
    "Tanks-Russia": (3_380, 1_704, 6_178),
    "Tanks-Ukraine": (2_051, 385, 5_946),
}
"""Losses by 23 February 2023 as published by the authors (POLMETH_2023_poster.pdf in their repository): mean, 95 % interval."""


def say(**row) -> dict:
    print(json.dumps(row, default=float), flush=True)
    return row


def published_quantities(bound: BoundRadford2023, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The quantities of the reference on the scale of the chain, each (chain, draw)."""
    lead = p["type_level"].shape
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in p.items()}
    pieces = range(0, len(flat["type_level"]), 64)
    totals = [bound.losses({name: values[a : a + 64] for name, values in flat.items()})[1][:, :, -1] for a in pieces]
    total = np.log(np.concatenate(totals))
    found = {f"exp(cum_losses[{j + 1},365])": total[:, j] for j in range(total.shape[1])}
    bias = bound.log_bias(flat)
    for s in range(bias.shape[1]):
        for c in range(len(COUNTRIES)):
            for k in range(len(CATEGORIES)):
                found[f"bias_source_type_mu[{s + 1},{k + 1 + c * len(CATEGORIES)}]"] = bias[:, s, c, k]
    for short, name in (("min", "minimum"), ("max", "maximum")):
        shift = bound.log_shift(flat, name)
        found |= {f"beta_{short}[{s + 1}]": shift[:, s] for s in range(shift.shape[1])}
    return {name: values.reshape(lead) for name, values in found.items()}


def compare(found: dict[str, np.ndarray]) -> dict:
    """Means against the reference, in combined Monte Carlo standard errors."""
    reference = pd.read_csv(REFERENCE)
    reference.index = reference["quantity"].str.split(" ").str[0]
    names = [name for name in found if name in reference.index]
    table = diagnose(np.stack([found[name] for name in names], axis=2))
    mean = np.array([found[name].mean() for name in names])
    error = np.array([found[name].std() for name in names]) / np.sqrt(table.ess_bulk)
    there = reference.loc[names]
    z = (mean - there["mean_chain_scale"]) / np.hypot(error, there["mcse_mean_chain_scale"])
    worst = np.argsort(-np.abs(z.to_numpy()))[:5]
    return {
        "quantities": len(names),
        "rms_z": float(np.sqrt(np.mean(z**2))),
        "beyond_4": int((np.abs(z) > 4).sum()),
        "worst": [(names[i], round(float(z.iloc[i]), 2)) for i in worst],
        "min_ess": float(table.ess.min()),
        "max_rhat": float(table.rhat.max()),
    }


def compared_with_poster(bound: BoundRadford2023, found: dict[str, np.ndarray]) -> dict[str, dict]:
    """Published values and ours: mean, 2.5 % and 97.5 %; for ours also the Monte Carlo error of the mean."""
    rows = {}
    for series, theirs in POSTER.items():
        draws = np.exp(found[f"exp(cum_losses[{bound.reports.series.index(series) + 1},365])"])
        ess = float(diagnose(draws[..., None]).ess_bulk[0])
        ours = (float(draws.mean()), *(float(x) for x in np.quantile(draws, (0.025, 0.975))))
        rows[series] = {"published": theirs, "ours": ours, "error_of_the_mean": float(draws.std() / np.sqrt(ess))}
    return rows


def gradient_costs(bound: BoundRadford2023) -> dict[str, float]:
    """Microseconds per chain of a value and gradient, sixteen chains a call, one core."""
    density = bound.density()
    rows = np.random.default_rng(1).uniform(-0.25, 0.25, size=(LANES, density.dim))
    block = np.ascontiguousarray(rows.T).T
    centred = CentredRadford2023.at(bound, density, rows)
    costs = {}
    for name, function in (("published coordinates", density), ("sampling coordinates", centred)):
        function(block)
        costs[name] = 1e6 * median_seconds(partial(function, block), 200) / LANES
        say(what="value and gradient, batched", coordinates=name, microseconds_per_chain=costs[name])
    return costs


def graph_cost(bound: BoundRadford2023) -> tuple[object, float]:
    """nutpie's compiled graph: the model, and microseconds of a value and gradient."""
    import nutpie

    began = time.perf_counter()
    compiled = nutpie.compile_pymc_model(bound.graph(), var_names=[p.name for p in bound.parameters])
    seconds = time.perf_counter() - began
    position = np.zeros(compiled.n_dim)
    compiled.logp_func(position)
    cost = 1e6 * median_seconds(lambda: compiled.logp_func(position), 100)
    say(what="value and gradient, nutpie's compiled graph", microseconds_per_chain=cost, compile_seconds=seconds)
    return compiled, cost


def stan_cost(path: Path, bound: BoundRadford2023) -> float:
    """The Stan model of the authors through pystan, on the same data; NaN if pystan is missing."""
    try:
        import stan
    except ImportError as error:
        say(what="pystan", skipped=str(error))
        return float("nan")
    r, c = bound.reports, ~bound.reports.is_daily
    data = {"num_days": r.n_days, "num_loss_type": len(r.series), "num_loss_country": 2, "num_claim_source": len(r.sources),
            "cum_num_obs": int(c.sum()), "daily_num_obs": int((~c).sum()), "num_category": len(CATEGORIES),
            "X": list(range(1, r.n_days + 1)), "num_knots": 150, "spline_degree": 3,
            "knots": np.linspace(1, r.n_days, 150).tolist()}  # fmt: skip
    for prefix, chosen in (("cum", c), ("daily", ~c)):
        columns = {"day": r.day + 1, "count": r.count, "loss_type": r.kind + 1, "claim_source": r.source + 1,
                   "loss_country": r.country + 1, "category": r.category + 1, "min": r.is_minimum.astype(int),
                   "max": r.is_maximum.astype(int)}  # fmt: skip
        data |= {f"{prefix}_{name}": values[chosen].tolist() for name, values in columns.items()}
    model = stan.build(path.read_text(), data=data, random_seed=1)
    # grad_log_prob goes through a server at each call, so the gradients of a short run are counted and timed instead.
    began = time.perf_counter()
    run = model.sample(num_chains=1, num_warmup=30, num_samples=10, save_warmup=True, max_depth=10)
    seconds, steps = time.perf_counter() - began, float(run["n_leapfrog__"].sum())
    cost = 1e6 * seconds / steps
    say(what="value and gradient, pystan", microseconds_per_chain=cost, gradients=steps, seconds=seconds)
    return cost


def ours(bound: BoundRadford2023, seconds: float, seed: int, accept: float) -> dict:
    """Our sampler until the target is met, or for at most ``seconds``."""
    began = time.perf_counter()
    draws = sample_published(bound, random_seed=seed, target_ess=ESS, target_accept=accept, max_seconds=seconds)
    took = time.perf_counter() - began
    found = published_quantities(bound, draws.parameters())
    return say(
        what="forcest",
        seconds=took,
        gradients=draws.n_gradients,
        warmup_gradients=draws.result.warmup.n_gradients,
        draws=draws.result.draws.shape[1],
        divergences=int(draws.result.infos.is_divergent.sum()),
        converged=draws.result.verdict.converged,
        reasons=draws.result.verdict.reasons,
        seconds_to_target=seconds_to_target(draws, found),
        **compare(found),
        by_23_february_2023=compared_with_poster(bound, found),
    )


def seconds_to_target(draws: PublishedDraws, found: dict[str, np.ndarray]) -> float:
    """Time at which every published quantity first met the target for ESS and rank R-hat, checked at every tenth of the draws."""
    values, run = np.stack(list(found.values()), axis=2), draws.result
    for share in np.linspace(0.1, 1.0, 10):
        table = diagnose(values[:, : round(share * values.shape[1])])
        if table.ess.min() >= ESS and table.rhat.max() <= R_HAT:
            return draws.seconds - (1 - share) * (run.seconds - run.warmup.seconds)
    return float("nan")


def nutpie_run(bound: BoundRadford2023, compiled, seconds: float) -> dict:
    """nutpie for ``seconds``, with trees as deep as the reference needed; the target is projected from its worst ESS."""
    import nutpie

    began = time.perf_counter()
    sampler = nutpie.sample(
        compiled,
        draws=5_000,
        tune=500,
        chains=2,
        cores=2,
        seed=1,
        maxdepth=12,
        save_warmup=False,
        progress_bar=False,
        blocking=False,
    )
    while time.perf_counter() - began < seconds and not _is_finished(sampler):
        time.sleep(2.0)
    took = time.perf_counter() - began
    sampler.pause()
    posterior = sampler.inspect()["posterior"]
    sampler.cancel()
    names = [p.name for p in bound.parameters]
    done = int(np.isfinite(posterior["type_level"].values).sum(axis=1).min()) if posterior.sizes.get("draw", 0) else 0
    if done < 20:
        return say(what="nutpie", draws=done, seconds=seconds, reason="still adapting at the limit; nothing to project from")
    found = published_quantities(bound, {name: posterior[name].values[:, :done].astype(float) for name in names})
    row = compare(found)
    return say(what="nutpie", draws=done, seconds=took, projected_seconds=took * max(ESS / row["min_ess"], 1.0), **row)


def _is_finished(sampler) -> bool:
    """Whether nutpie is done; it does not answer during a slow step."""
    try:
        return sampler.is_finished
    except TimeoutError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0, help="limit of our sampler")
    parser.add_argument("--nutpie", type=float, default=1800.0, help="seconds of drawing for nutpie; 0 leaves it out")
    parser.add_argument("--stan", type=Path, help="the authors' model.stan in present syntax")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accept", type=float, default=Radford2023.target_accept, help="acceptance rate of our sampler")
    options = parser.parse_args()
    bound = BoundRadford2023(Reports.of(pd.read_csv(fetch("radford2023"))))
    say(what="problem", dim=Coordinates.of(bound.parameters).dim, reports=len(bound.reports.count))
    costs = gradient_costs(bound)
    found = ours(bound, options.seconds, options.seed, options.accept)
    stan = stan_cost(options.stan, bound) if options.stan else np.nan
    compiled, cost = graph_cost(bound)
    rival = nutpie_run(bound, compiled, options.nutpie) if options.nutpie else {}
    by_gradients = {name: each * GRADIENTS_OF_NUTS / 1e6 for name, each in (("graph", cost), ("stan", stan))}
    say(
        what="ratios",
        gradient_graph_over_ours=cost / costs["published coordinates"],
        gradient_stan_over_ours=stan / costs["published coordinates"],
        projected_nutpie_over_ours=rival.get("projected_seconds", by_gradients["graph"]) / found["seconds_to_target"],
        nutpie_without_the_target_over_ours=rival.get("seconds", np.nan) / found["seconds_to_target"],
        projected_from="draws" if "projected_seconds" in rival else "gradients of NUTS for the reference",
        projected_stan_over_ours=by_gradients["stan"] / found["seconds_to_target"],
        **where(),
    )


if __name__ == "__main__":
    main()
