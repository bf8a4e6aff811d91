"""Predictions of a fit for claims that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import expit, logsumexp

from forcest.estimates.draws import pooled
from forcest.inference.forecast import scenario_curves
from forcest.inference.opened import OpenedFit
from forcest.ledger import Ledger, lineage
from forcest.models.density.bound import BoundModel
from forcest.models.parameters.numeric import NUMERIC
from forcest.models.reporting.likelihood import GROSS_WIDTH, draw_beliefs, log_belief_probability
from forcest.models.reporting.origins import Claim, merge_origins, roots_of
from forcest.models.reporting.running_totals import as_increments

if TYPE_CHECKING:
    from forcest.models.density.force import BoundForce


@dataclass(frozen=True)
class Predictive:
    """Predictive distributions of claims, on the scale log(1 + persons), or log of a ratio.

    Attributes
    ----------
    claims : DataFrame
        One row per claim, as ``BoundModel.table`` has them.
    beliefs : ndarray, shape (draw, claim)
        Draws of what each source might believe, before rounding.
    log_mass : ndarray, shape (claim,)
        Log probability of the interval of belief that the claim was read as.
    pit : ndarray, shape (claim,)
        Probability below the interval, and half of that inside it.
    """

    claims: pd.DataFrame
    beliefs: np.ndarray
    log_mass: np.ndarray
    pit: np.ndarray


def is_ratio(claims: pd.DataFrame) -> np.ndarray:
    """Claims whose scale is log instead of log1p."""
    return (claims["measure"] == "equivalence").to_numpy()


def on_log_scale(claims: pd.DataFrame, column: str) -> np.ndarray:
    """A column of counts on the scale of the predictive distributions."""
    values = claims[column].to_numpy(float)
    with np.errstate(divide="ignore"):
        return np.where(is_ratio(claims), np.log(values), np.log1p(values))


def interval_of_belief(claims: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of the interval each claim was read as; -inf where it is open below or starts at zero."""
    low, high = on_log_scale(claims, "claim_low"), on_log_scale(claims, "claim_high")
    return np.where(claims["claim_low"] <= 0, -np.inf, low), high


def unseen_claims(fit: xr.DataTree, ledger: Ledger) -> tuple[BoundModel, np.ndarray, list[dict[str, str]]]:
    """The model of a fit bound to the claims it has seen and to those of a ledger.

    Returns
    -------
    bound : BoundModel
    is_new : ndarray of bool, shape (claim,)
        Claims that the fit has not seen.
    refused : list of {id, reason}
        New claims that the model cannot predict or that repeat a seen one.
    """
    opened = OpenedFit.of(fit)
    bound, both = cast("BoundModel", opened.bound), ledger.joined(opened.ledger)
    known = {claim.id for claim in bound.claims} | {copy for claim in bound.claims for copy in claim.copies}
    known |= {row.id for row in bound.left_out}
    merged, left_out = merge_origins(both.usable(), roots_of(both))
    claims = as_increments(merged)
    repeats = _repeats(both, known)
    covered, refused = _covered(bound, [claim for claim in claims if claim.id not in known | set(repeats)])
    refused += [{"id": claim.id, "reason": repeats[claim.id]} for claim in claims if claim.id in repeats]
    refused += [{"id": row.id, "reason": row.reason} for row in left_out if row.id not in known]
    together = bound.with_claims([*bound.claims, *covered])
    is_new = np.repeat([False, True], [len(bound.claims), len(covered)])
    return together, is_new, refused


def _repeats(ledger: Ledger, known: set[str]) -> dict[str, str]:
    """Rows that repeat a known claim, or that a known claim repeats, each with the reason; corrections count as new."""
    links = lineage.links(ledger.text["id"], ledger.text["origin"])
    counted = {root for id_ in known for root in (id_, *lineage.roots(links, id_))}
    corrected, found = roots_of(ledger), {}
    for id_ in (id_ for id_ in ledger.text["id"] if id_ not in known):
        if id_ in counted:
            found[id_] = "the fit has seen a copy of it"
        elif shared := counted.intersection([*lineage.roots(links, id_), *corrected.get(id_, ())]):
            found[id_] = f"repeats {' and '.join(sorted(shared))}, which the fit has seen"
    return found


def _covered(bound: BoundModel, claims: list[Claim]) -> tuple[list[Claim], list[dict[str, str]]]:
    why = [" ".join(bound.uncovered(claim)) for claim in claims]
    kept = [claim for claim, reason in zip(claims, why, strict=True) if not reason]
    return kept, [{"id": claim.id, "reason": reason} for claim, reason in zip(claims, why, strict=True) if reason]


def predict(fit: xr.DataTree, ledger: Ledger) -> tuple[Predictive, list[dict[str, str]]]:
    """Predictive distributions of the claims of a ledger that a fit or forecast has not seen, and the claims refused.

    Sources, classes of measures and months that the fit did not know are drawn from their priors, given the fitted scales.
    """
    bound, is_new, refused = unseen_claims(fit, ledger)
    if not is_new.any():
        empty = np.zeros(0)
        return Predictive(bound.table[:0], np.zeros((1, 0)), empty, empty), refused
    rng = np.random.default_rng([OpenedFit.of(fit).random_seed, 5])
    p = parameters_of(bound, fit, rng)
    read = bound.read_curves(_curves(bound, fit, p))
    used = replace(bound.data, used=(~is_new[bound.data.variant_claim]).astype(float))
    given = bound.likelihood.forward(p, read, used)
    beliefs = bound.likelihood.beliefs(p, read, bound.data, rng, given=given)
    claims = bound.table[is_new].reset_index(drop=True)
    gross = bound.model.reporting.gross_error_share
    return mixture(claims, beliefs.mean[:, is_new], beliefs.scale[:, is_new], rng, gross_error_share=gross), refused


def mixture(
    claims: pd.DataFrame, mean: np.ndarray, scale: np.ndarray, rng: np.random.Generator, *, gross_error_share: float = 0.0
) -> Predictive:
    """Equal mixtures of the distributions of belief of the claim likelihood, one component a draw, each (draw, claim)."""
    low, high = interval_of_belief(claims)
    log_mass = logsumexp(log_belief_probability(low, high, mean, scale, gross_error_share), axis=0) - np.log(len(mean))
    below, upto = (_probability_below(edge, mean, scale, gross_error_share).mean(axis=0) for edge in (low, high))
    beliefs = draw_beliefs(mean, scale, gross_error_share, rng) if gross_error_share else rng.logistic(mean, scale)
    return Predictive(claims, beliefs, np.asarray(log_mass), (below + upto) / 2)


def _probability_below(edge: np.ndarray, mean: np.ndarray, scale: np.ndarray, gross_error_share: float) -> np.ndarray:
    narrow, wide = (expit((edge - mean) / (width * scale)) for width in (1.0, GROSS_WIDTH))
    return (1 - gross_error_share) * narrow + gross_error_share * wide


def parameters_of(bound: BoundModel, fit: xr.DataTree, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Draws of all parameters, each (draw, ...): those of the fit where it has the label, else of the prior."""
    posterior = cast(xr.DataTree, fit["posterior"]).to_dataset()
    n_draws = posterior.sizes["chain"] * posterior.sizes["draw"]
    found = {}
    for p in bound.parameters:
        values = p.draw(rng, n_draws)
        if p.name in posterior:
            here, there = _places(bound, p.dims, posterior[p.name].transpose("chain", "draw", ...))
            values[np.ix_(range(n_draws), *here)] = pooled(posterior[p.name])[np.ix_(range(n_draws), *there)]
        found[p.name] = values
    if "drift_offset" in found and "drift_offset" in posterior:
        found["drift_offset"] = _continued_drift(bound, fit, found["drift_offset"])
    return found


def _continued_drift(bound: BoundModel, fit: xr.DataTree, values: np.ndarray) -> np.ndarray:
    """Offsets of a model that may have more months than the fit, such that those of the fit drift as there."""
    own, offsets = cast("BoundModel", OpenedFit.of(fit).bound), pooled(cast(xr.DataTree, fit["posterior"])["drift_offset"])
    drift = own.bias.drift(NUMERIC, offsets)
    step = {label: k for k, label in enumerate(bound.coords["drift_step"])}
    known = {step[label]: drift[:, k] for k, label in enumerate(own.coords["drift_step"]) if label in step}
    if len(known) == len(step):
        return values
    return bound.bias.continued_drift(values, known)


def _places(bound: BoundModel, dims: tuple[str, ...], fitted: xr.DataArray) -> tuple[list[list[int]], list[list[int]]]:
    """Positions along each dim of the labels that model and fit share: in the model's array, and in the fit's."""
    here, there = [], []
    for dim, own in zip(dims, fitted.dims[2:], strict=True):
        place = {str(label): i for i, label in enumerate(bound.coords[dim])}
        shared = [(place[str(label)], i) for i, label in enumerate(fitted[own].values) if str(label) in place]
        here.append([a for a, _ in shared])
        there.append([b for _, b in shared])
    return here, there


def _curves(bound: BoundModel, fit: xr.DataTree, p: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    opened = OpenedFit.of(fit)
    if opened.scenario is None:
        return bound.curves_forward(p)
    return scenario_curves(cast("BoundForce", bound), p, opened.scenario, opened.random_seed)
