"""Sensitivity to the priors: each made slightly stronger or weaker, and whole sets of them replaced."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forcest.checks.existence import parts_of
from forcest.checks.headlines import headlines, moved
from forcest.checks.power_scaling import power_scaled
from forcest.checks.refits import Refit, refits, refits_in
from forcest.checks.running import results
from forcest.errors import ForcestError, removed
from forcest.estimates.draws import group, needs_reporting, pooled
from forcest.inference.opened import OpenedFit, takes_fit
from forcest.models.description.priors import Prior, between, normal
from forcest.models.force_model import ForceModel
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.process.casualties import CasualtyMix
from forcest.models.reporting.description import Reporting

if TYPE_CHECKING:
    from forcest.inference.compiled import Bound
    from forcest.ledger import Ledger
    from forcest.models.loss_model import LossModel
    from forcest.models.reporting.description import Stance

SIDE_OF_ALLY: dict[Stance, Stance] = {"enemy_ally": "enemy", "own_ally": "own"}
NOTABLE = 0.05
"""Power-scaling sensitivity above which a prior deserves attention."""


class Alternative(NamedTuple):
    """Another set of assumptions.

    Attributes
    ----------
    model : ForceModel or LossModel
    ledger : Ledger
    reason : str
        What is assumed, and what speaks for it.

    Examples
    --------
    >>> wider_bias = model.replace(reporting=fc.Reporting(stance_levels={"losses": {"enemy": fc.between(0.5, 2)}}))
    >>> mine = {"the enemy exaggerates more": fc.checks.Alternative(wider_bias, ledger, "as in an earlier war")}
    >>> mine["the enemy exaggerates more"].reason
    'as in an earlier war'
    """

    model: ForceModel | LossModel
    ledger: Ledger
    reason: str


@removed(progress="is called `callback`")
@takes_fit
def sensitivity(
    fit: xr.DataTree,
    alternatives: Mapping[str, Alternative] | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> pd.DataFrame:
    """How far the headline numbers depend on the priors.

    Parameters
    ----------
    fit : DataTree
        From :func:`forcest.fit` or :func:`forcest.load`, of a ForceModel or LossModel.
    alternatives : mapping of str to Alternative, optional
        Sets of assumptions to be fitted instead, with the sampler, its settings and the seed of the fit;
        :func:`forcest.checks.alternative_priors` unless given.
    folder : path, optional
        Where what each fit gave is stored at once; the same call resumes an interrupted run.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets the name of each alternative that is fitted, not of those that were stored.

    Returns
    -------
    DataFrame
        One row per assumption and headline measure. `kind` is ``power-scaling`` (`name` is a parameter; `prior_sensitivity`
        is the sensitivity to its prior, `likelihood_sensitivity` that to the likelihood of all claims) or ``refit`` (`name` is
        an alternative; `median` of the fit, `new_median` of the alternative, `shift` [persons], `shift_sd` in posterior standard
        deviations, `converged`). `notable` marks a prior sensitivity above 0.05 or a shift of more than half a standard
        deviation; `note` says what it means.

    Raises
    ------
    ForcestError
        If the fit is of the published model, or a forecast; if the folder holds another run; if fits fail, all of which are named.

    Examples
    --------
    >>> table = fc.sensitivity(fit, alternatives={})  # power-scaling alone, without fitting again
    >>> set(table["kind"])
    {'power-scaling'}
    >>> strongest = table[table["measure"] == "killed"].nlargest(3, "prior_sensitivity")["name"].tolist()
    """
    needs_reporting(fit, "sensitivity")
    if "log_likelihood" not in fit.children:
        raise ForcestError("`fit` must hold the likelihood of its claims; a forecast has none. Pass the fit that it was made from.")
    opened, values = OpenedFit.of(fit), headlines(fit)
    rows = _power_rows(opened.bound, fit, values)
    sets = alternative_priors(opened.model, opened.ledger) if alternatives is None else alternatives
    named = {name: Alternative(*alternative) for name, alternative in sets.items()}
    if named:
        tasks = refits(fit, {name: (other.ledger, other.model) for name, other in named.items()})
        found = results(tasks, refits_in(folder, fit), client=client, callback=callback)
        for (name, other), content in zip(named.items(), found, strict=True):
            rows += _refit_rows(name, other.reason, Refit.read(content), values)
    return pd.DataFrame(rows)


def alternative_priors(model: ForceModel | LossModel, ledger: Ledger) -> dict[str, Alternative]:
    """Sets of assumptions that a critic would try first.

    Parameters
    ----------
    model : ForceModel or LossModel
    ledger : Ledger

    Returns
    -------
    dict of str to Alternative
        Stance means zero; no bias beyond errors; third parties with the bias of the enemy, where there are claims of both; allies
        with the bias of the side that they support, where they make claims; and for a force model few wounded per killed, and each
        wave and withdrawal missing in turn.

    Examples
    --------
    >>> sets = list(fc.checks.alternative_priors(model, ledger))
    >>> sets[:3]
    ['stance means zero', 'no stance bias', 'third parties as the enemy']
    >>> sets[3:5]
    ['allies as their side', 'few wounded per killed']
    >>> sets[5:]
    ['no first wave', 'no second wave', 'no third wave', 'no withdrawal 2025-01-10 to 2025-01-31']
    """
    zero = _with_stance_levels(model, lambda prior: normal(0.0, prior.sd))
    exact = _with_stance_levels(model, lambda _: normal(0.0, 0.02))
    found = {
        "stance means zero": Alternative(zero, ledger, "no side is assumed to exaggerate or understate on average"),
        "no stance bias": Alternative(exact, ledger, "no stance has a bias; single sources may still err"),
    }
    stances = set(ledger.usable()["stance"])
    if {"third_party", "enemy"} <= stances:
        reason = "third parties may repeat what a belligerent says; here all have the bias of the enemy"
        found["third parties as the enemy"] = Alternative(_with_levels_of(model, {"third_party": "enemy"}), ledger, reason)
    if stances & set(SIDE_OF_ALLY):
        reason = "allies may have the whole bias of the side that they support, not half of it"
        found["allies as their side"] = Alternative(_with_levels_of(model, SIDE_OF_ALLY), ledger, reason)
    if isinstance(model, ForceModel) and model.attrition is not None:
        few = CasualtyMix(**{**dict(model.casualties), "wounded_per_killed": between(0.5, 3.0)})
        reason = "many of the wounded die where they cannot be evacuated (Coupland and Meddings 1999: ratios from below 1 to 13)"
        found["few wounded per killed"] = Alternative(model.replace(casualties=few), ledger, reason)
    if isinstance(model, ForceModel):
        for name, part in parts_of(model, ledger).items():
            reason = f"there was no {name}; claims that name it are left out"
            found[f"no {name}"] = Alternative(part.model, part.ledger, reason)
    return found


def _reporting(model: ForceModel | LossModel) -> Reporting:
    return model.reporting


def _with_stance_levels(model: ForceModel | LossModel, changed: Callable[[Prior], Prior]) -> ForceModel | LossModel:
    """The model with another prior for the bias of every measure class and stance."""
    reporting = _reporting(model)
    levels = {name: {stance: changed(p) for stance, p in of.items()} for name, of in reporting.stance_levels.items()}
    return model.replace(reporting=reporting.model_copy(update={"stance_levels": levels}))


def _with_levels_of(model: ForceModel | LossModel, others: Mapping[Stance, Stance]) -> ForceModel | LossModel:
    """The model in which some stances have the priors of other stances."""
    reporting = _reporting(model)
    levels = {name: {stance: of[others.get(stance, stance)] for stance in of} for name, of in reporting.stance_levels.items()}
    return model.replace(reporting=reporting.model_copy(update={"stance_levels": levels}))


def _power_rows(bound: Bound, fit: xr.DataTree, values: dict[str, np.ndarray]) -> list[dict[str, object]]:
    posterior = group(fit, "posterior")
    lead = (posterior.sizes["chain"], posterior.sizes["draw"])
    flat = {p.name: pooled(posterior[p.name]) for p in bound.parameters}
    coordinates = Coordinates.of(bound.parameters)
    priors = coordinates.log_prior_by_parameter(coordinates.positions_of(flat))
    to_prior = power_scaled(values, {name: term.reshape(lead) for name, term in priors.items()})
    total = group(fit, "log_likelihood")["claims"].transpose("chain", "draw", "claim").to_numpy().astype(float).sum(axis=2)
    to_claims = power_scaled(values, {"claims": total})
    rows = []
    for (name, measure), prior in to_prior.items():
        claims, notable = to_claims["claims", measure], prior > NOTABLE
        meaning = "prior and claims may conflict" if claims > NOTABLE else "the prior is strong, or the claims are uninformative"
        row = {"kind": "power-scaling", "name": name, "measure": measure}
        row |= {"prior_sensitivity": prior, "likelihood_sensitivity": claims}
        rows.append(row | {"notable": notable, "note": meaning if notable else ""})
    return sorted(rows, key=lambda row: -float(row["prior_sensitivity"]))


def _refit_rows(
    name: str, reason: str, found: tuple[dict[str, float], bool], values: dict[str, np.ndarray]
) -> list[dict[str, object]]:
    then, converged = found
    rows = []
    for measure, draws in values.items():
        change = moved(draws, then.get(measure, np.nan))
        row = {"kind": "refit", "name": name, "measure": measure, **change, "notable": abs(change["shift_sd"]) > 0.5}
        rows.append(row | {"note": reason, "converged": converged})
    return rows
