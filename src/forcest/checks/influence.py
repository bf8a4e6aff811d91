"""Shifts of the headline numbers if a claim, a source, or an origin had never been published."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pandas as pd
import xarray as xr

from forcest.checks.headlines import headlines, moved
from forcest.checks.power_scaling import power_scaled
from forcest.checks.predictive import parameters_of
from forcest.checks.refits import Refit, refits, refits_in
from forcest.checks.running import Failed, error_of, outcomes
from forcest.checks.weights import RELIABLE, smoothed_weights, weighted_quantiles
from forcest.errors import ForcestError, removed
from forcest.inference.opened import OpenedFit, takes_fit
from forcest.ledger import lineage

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.density.bound import BoundModel
    from forcest.models.reporting.origins import Claim

By = Literal["source", "origin", "claim"]
Found = tuple[dict[str, float], dict[str, object]]
"""Medians without some claims, and how they were found."""
UNRELIABLE = "weights unreliable: refit needed"


@removed(progress="is called `callback`")
@takes_fit
def influence(
    fit: xr.DataTree,
    by: By = "source",
    *,
    refit: bool = True,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> pd.DataFrame:
    """How far each headline number would move if a source, an origin or a claim had never been published.

    What goes is a part of the ledger: the claims, every version of them that corrects another, and all that repeats any of these,
    whoever does. A copy by another source is not left behind as a claim of its own; a source that only repeats others has no row.

    Parameters
    ----------
    fit : DataTree
        From :func:`forcest.fit` or :func:`forcest.load`.
    by : {"source", "origin", "claim"}
        Whose claims go: those of a source; what goes back to one origin, in the ledger or not; one fitted claim.
    refit : bool
        Fit the rest of the ledger where importance weights are not reliable (Pareto k above 0.7), with the sampler, its settings
        and the seed of the fit; otherwise such numbers are NaN.
    folder : path, optional
        Where what each refit gave is stored at once; the same call resumes an interrupted run.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets the name of what is left out after each refit, not of those that were stored.

    Returns
    -------
    DataFrame
        One row per left-out part and headline measure, the most influential part first: the part (`source`, `origin` or
        `claim`), `n_claims` (fitted claims that go with it), `measure`, `median`, `new_median` and `shift` [persons], `shift_sd`
        (in posterior standard deviations), `likelihood_sensitivity` (power-scaling sensitivity to the likelihood of the part; above
        0.05 it deserves attention), `pareto_k`, `method` (``weights``, ``refit`` or the reason why there is no number) and
        `converged` of the refit. `new_median` is the median without the part.

    Raises
    ------
    ForcestError
        If the fit has no likelihood (a forecast has none), or the folder holds another run.

    Examples
    --------
    >>> table = fc.influence(fit, by="source", refit=False)
    >>> sorted(set(table["method"]))
    ['weights', 'weights unreliable: refit needed']
    >>> firm = table[table["method"] == "weights"]
    >>> bool(firm["shift"].notna().all())
    True
    """
    if "log_likelihood" not in fit.children:
        raise ForcestError("`fit` must hold the likelihood of its claims; a forecast has none. Pass the fit that it was made from.")
    values, opened = headlines(fit), OpenedFit.of(fit)
    rests = {name: _Rest.of(opened, opened.ledger.exclude(origin=ids)) for name, ids in _parts(opened, by).items()}
    log_likelihoods = _log_likelihoods(fit, {name: rest.claims for name, rest in rests.items()})
    shape = next(iter(values.values())).shape
    power = power_scaled(values, {name: part.reshape(shape) for name, part in log_likelihoods.items()})

    by_weights = {name: _by_weights(values, log_likelihoods[name]) for name, rest in rests.items() if not rest.problem}
    found = {name: ({}, _no_fit(rest.problem)) for name, rest in rests.items() if rest.problem} | by_weights
    left = {name: rests[name].ledger for name, (_, note) in by_weights.items() if note["method"] == UNRELIABLE}
    if refit and left:
        for name, (medians, note) in _by_refits(fit, left, folder, client, callback).items():
            found[name] = medians, found[name][1] | note
    rows, fitted = [], {claim.id for claim in opened.bound.claims}
    for name, rest in rests.items():
        then, note = found[name]
        n_claims = len(fitted - {claim.id for claim in rest.claims})
        for measure, draws in values.items():
            row = {by: name, "n_claims": n_claims, "measure": measure, **moved(draws, then.get(measure, np.nan))}
            rows.append(row | {"likelihood_sensitivity": power[name, measure], **note})
    return _strongest_first(pd.DataFrame(rows), by)


@dataclass(frozen=True)
class _Rest:
    """A ledger without one of its parts, the claims that a fit of it would have, and why there can be no such fit."""

    ledger: Ledger
    claims: tuple[Claim, ...] = ()
    problem: str = ""

    @classmethod
    def of(cls, opened: OpenedFit, ledger: Ledger) -> _Rest:
        try:
            return cls(ledger, cast("BoundModel", opened.model.on(ledger)).claims)
        except ForcestError as error:  # what is left may be too little for the model
            return cls(ledger, problem=str(error))


def _parts(opened: OpenedFit, by: By) -> dict[str, list[str]]:
    """Ids that each part begins with: those of its claims and of their other versions."""
    text, claims = opened.ledger.text, cast("BoundModel", opened.bound).claims
    if by == "source":
        seeds = {s: list(text.loc[text["source"] == s, "id"]) for s in sorted({claim.row["source"] for claim in claims})}
    elif by == "claim":
        seeds = {claim.id: [claim.id] for claim in claims}
    elif by == "origin":
        links = opened.ledger.origins()
        roots = dict(zip(links["id"], links["root"].str.split("+").str[0], strict=True))
        seeds = {root: [root] for root in sorted({str(roots.get(claim.id, claim.id)) for claim in claims})}
    else:
        raise ForcestError(f"`by` must be 'source', 'origin' or 'claim'; got {by!r}.")
    corrects = lineage.links(text["id"], text["supersedes"])
    return {name: _with_versions(ids, corrects) for name, ids in seeds.items()}


def _with_versions(ids: Iterable[str], corrects: lineage.Links) -> list[str]:
    """Some ids, those that they correct, and those that correct any of them."""
    found = {old for id_ in ids for old in (id_, *lineage.ancestors(corrects, id_))}
    later = {new for new in corrects if not found.isdisjoint(lineage.ancestors(corrects, new))}
    return sorted(found | later)


def _log_likelihoods(fit: xr.DataTree, rests: Mapping[str, tuple[Claim, ...]]) -> dict[str, np.ndarray]:
    """What every draw's log likelihood loses without each part, each (draw,).

    All claims of the fit and of the rests are evaluated together: a claim that stands in for a removed one, or that was merged
    with one, is another claim than the fit has.
    """
    opened = OpenedFit.of(fit)
    bound = cast("BoundModel", opened.bound)
    known = {repr(claim): claim for claims in (bound.claims, *rests.values()) for claim in claims}
    position = {key: k for k, key in enumerate(known)}
    bound = bound.with_claims(list(known.values()))
    p = parameters_of(bound, fit, np.random.default_rng([opened.random_seed, 6]))
    variants = bound.likelihood.forward(p, bound.read_curves(bound.curves_forward(p)), bound.data)

    def total(claims: tuple[Claim, ...]) -> np.ndarray:
        used = np.zeros(len(known))
        used[[position[repr(claim)] for claim in claims]] = 1.0
        return bound.likelihood.total(variants * used[bound.data.variant_claim], bound.data)

    whole = total(cast("BoundModel", opened.bound).claims)
    return {name: whole - total(claims) for name, claims in rests.items()}


def _by_weights(values: dict[str, np.ndarray], log_likelihood: np.ndarray) -> Found:
    """Medians without some claims, by weights where these are reliable."""
    weights, k = smoothed_weights(-log_likelihood.reshape(-1, 1))  # the weights that take the claims away
    if k[0] > RELIABLE:
        return {}, {"pareto_k": float(k[0]), "method": UNRELIABLE, "converged": True}
    medians = {name: float(weighted_quantiles(draws, 0.5, weights)) for name, draws in values.items()}
    return medians, {"pareto_k": float(k[0]), "method": "weights", "converged": True}


def _by_refits(
    fit: xr.DataTree,
    left: Mapping[str, Ledger],
    folder: str | os.PathLike[str] | None,
    client: Any,
    callback: Callable[[str], object] | None,
) -> dict[str, Found]:
    """Medians of fits of the rests; where one is refused, why."""
    tasks, store = refits(fit, {name: (ledger, None) for name, ledger in left.items()}), refits_in(folder, fit)
    found: dict[str, Found] = {}
    failed: dict[str, Failed] = {}
    for i, outcome in outcomes(tasks, store, client=client, callback=callback):
        name = tasks[i].name
        if isinstance(outcome, bytes):
            medians, converged = Refit.read(outcome)
            found[name] = medians, {"method": "refit", "converged": converged}
        elif outcome.is_refused:
            found[name] = {}, _no_fit(outcome.reason)
        else:
            failed[name] = outcome
    if failed:
        raise error_of(failed, len(tasks), store)
    return found


def _no_fit(problem: str) -> dict[str, object]:
    return {"pareto_k": np.nan, "method": f"cannot be refitted: {problem}", "converged": False}


def _strongest_first(table: pd.DataFrame, by: str) -> pd.DataFrame:
    size = table.groupby(by)["shift_sd"].transform(lambda x: x.abs().max())
    order = np.lexsort((table.index, table[by], -size.fillna(np.inf)))
    return table.iloc[order].reset_index(drop=True)
