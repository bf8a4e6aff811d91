"""Ranks of true values among posterior draws, over ledgers simulated from the prior (Talts et al. 2018, arXiv 1804.06788)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import kstest

from forcest.inference.batched import sample_batched
from forcest.inference.settings import Settings
from forcest.models.force_model import BoundModel

CURVES = ("deployed", "at_front", "in_hospital", "killed", "returned_to_duty")
KEPT = 199  # draws a rank is taken among, thinned to be nearly independent


def quantities(bound: BoundModel, parameters: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Scalars to be ranked, each (draw,): parameters, curves on a middle and on the last day, the log likelihood of the claims."""
    found = {
        f"{p.name}{i}": column
        for p in bound.parameters
        for i, column in enumerate(parameters[p.name].reshape(len(next(iter(parameters.values()))), -1).T)
    }
    curves = bound.curves_forward(parameters)
    for name in CURVES:
        found |= {f"{name} middle": curves[name][:, bound.model.grid.size // 2], f"{name} last": curves[name][:, -1]}
    likelihood = bound.likelihood
    found["log likelihood"] = likelihood.total(likelihood.forward(parameters, bound.read_curves(curves), bound.data), bound.data)
    return found


def ranks(truth: BoundModel, fitted: BoundModel, n: int, seed: int) -> dict[str, np.ndarray]:
    """Ranks in [0, 1] of ``n`` simulated truths; ``fitted`` differs from ``truth`` only in a wrong twin."""
    rows = []
    for i in range(n):
        rng = np.random.default_rng([seed, i])
        true = {p.name: p.draw(rng, 1) for p in truth.parameters}
        claims = truth.simulate(true, rng)
        simulated = replace(fitted, claims=claims.claims)
        settings = Settings(sampler="batched", chains=16, target_accept=0.9, random_seed=i, target_ess=250.0)
        draws = sample_batched(simulated, settings)
        flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in draws.parameters.items()}
        keep = np.linspace(0, len(next(iter(flat.values()))) - 1, KEPT).round().astype(int)
        posterior = quantities(simulated, {name: values[keep] for name, values in flat.items()})
        at_truth = quantities(simulated, true)
        rows.append({name: (posterior[name] < at_truth[name]).mean() for name in posterior})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def smallest_p(found: dict[str, np.ndarray], seed: int) -> tuple[str, float]:
    """The quantity whose ranks are least uniform, and its p-value times the number of quantities (Bonferroni)."""
    rng = np.random.default_rng(seed)
    p = {name: kstest((r * KEPT + rng.random(len(r))) / (KEPT + 1), "uniform").pvalue for name, r in found.items()}
    worst = min(p, key=p.__getitem__)
    return worst, min(1.0, p[worst] * len(p))
