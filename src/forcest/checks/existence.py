"""How probable it is that a wave or a withdrawal of the model took place, from fits with and without it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import xarray as xr
from scipy.optimize import brentq
from scipy.special import expit, logit

from forcest.attributes import Attributes
from forcest.checks.predictive import parameters_of
from forcest.checks.running import results
from forcest.checks.storage import Folder
from forcest.errors import ForcestError
from forcest.estimates.draws import group
from forcest.inference.opened import OpenedFit, takes_fit
from forcest.inference.rerun import fit_again
from forcest.inference.samplers import as_dict
from forcest.models.force_model import ForceModel
from forcest.models.process.arrivals import Waves

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.density.bound import BoundModel

LEAST_OVERLAP = 0.02
"""Share of the draws with and without the part that could come from either; below it the ratio rests on a handful of draws."""
LARGEST_ERROR = 0.5
"""Standard error of the log Bayes factor above which there is no number."""
NOBODY = 1e-9
"""Size of a wave, or share of the front, that counts as none."""


@dataclass(frozen=True)
class Part:
    """A wave or a withdrawal, and the model and ledger without it.

    Attributes
    ----------
    model : ForceModel
        Without the part.
    ledger : Ledger
        Without the claims that name the part.
    parameter : str
        Its size; the part does not exist where that is zero.
    index : int
        Its place among the sizes.
    """

    model: ForceModel
    ledger: Ledger
    parameter: str
    index: int


def parts_of(model: ForceModel, ledger: Ledger) -> dict[str, Part]:
    """Every wave and withdrawal that the model could be without, by name; a model of waves needs at least one."""
    found: dict[str, Part] = {}
    if isinstance(model.arrivals, Waves) and len(model.arrivals.named) > 1:
        named, claimed = model.arrivals.named, set(ledger.usable()["wave"])
        for index, wave in enumerate(named):
            others: Any = {name: named[name] for name in named if name != wave}
            less = ledger.exclude(wave=[wave]) if wave in claimed else ledger
            found[f"{wave} wave"] = Part(model.replace(arrivals=Waves(**others)), less, "wave_size", index)
    for index, moved in enumerate(model.withdrawals):
        rest = tuple(other for k, other in enumerate(model.withdrawals) if k != index)
        name = f"withdrawal {moved.window[0]} to {moved.window[1]}"
        found[name] = Part(model.replace(withdrawals=rest), ledger, "withdrawn_share", index)
    return found


@takes_fit
def existence(
    fit: xr.DataTree,
    *,
    prior: float = 0.5,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> pd.DataFrame:
    """Probability that each wave and each withdrawal of the model took place.

    Parameters
    ----------
    fit : DataTree
        Of a ForceModel, from :func:`forcest.fit` or :func:`forcest.load`.
    prior : float
        Probability of each part before any claim is read, between 0 and 1.
    folder : path, optional
        Where what the fits of each part gave is stored at once; the same call resumes an interrupted run.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets the name of each part whose fits are made, not of those that were stored.

    Returns
    -------
    DataFrame
        One row per part: `part`, `prior`, `log_bayes_factor` (of the model with it against that without it), its Monte Carlo error
        `log_bayes_factor_se`, `probability` given the claims, `overlap` (share of draws that could come from either fit),
        `n_claims` that name the part and were left out, `reliable` and `converged` (of all fits used). Where it is not reliable,
        `log_bayes_factor` and `probability` are NaN.

    Raises
    ------
    ForcestError
        If the fit is a forecast or not of a ForceModel, `prior` is not between 0 and 1, or the folder holds another run; if fits
        fail, all of which are named.

    Notes
    -----
    Claims that name a wave take its existence for granted, so they are left out of both fits: the probability rests on all others.
    It depends on the prior of the part's size too; a wide one makes it harder to find. The two fits are compared by bridge sampling
    (Meng and Wong 1996): draws without the part are completed by its prior, and in every draw the likelihood with the part is
    compared with that without it. Each part needs one or two further fits.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> look = fc.fit(model.with_step("W"), few, random_seed=1, quick=True)
    >>> found = fc.checks.existence(look, prior=0.5).set_index("part")
    >>> found.index.tolist()[-1]
    'withdrawal 2025-01-10 to 2025-01-31'
    """
    if not 0 < prior < 1:
        raise ForcestError(f"`prior` must lie between 0 and 1; got {prior}.")
    opened = OpenedFit.of(fit)
    if opened.forecast_from or not isinstance(opened.model, ForceModel):
        raise ForcestError("`fit` must be of a ForceModel and not a forecast: only it has waves and withdrawals.")
    parts, own = parts_of(opened.model, opened.ledger), _parameters_alone(fit)
    tasks = [Existence(name, own, part) for name, part in parts.items()]
    made = {"ledger": opened.ledger.hash, "model": opened.model.model_dump_json(), "sampler": as_dict(opened.sampler)}
    store = Folder(folder, {"holds": "existence", **made, "random_seed": opened.random_seed})
    found = [json.loads(content) for content in results(tasks, store, client=client, callback=callback)]
    return pd.DataFrame([_row(name, prior, one) for name, one in zip(parts, found, strict=True)])


def _parameters_alone(fit: xr.DataTree) -> xr.DataTree:
    """The fit without its curves and predictions: what the bridge reads, and small."""
    names = [p.name for p in OpenedFit.of(fit).bound.parameters]
    tree = xr.DataTree.from_dict({"posterior": group(fit, "posterior")[names]})
    tree.attrs = dict(OpenedFit.of(fit).root)
    return tree


@dataclass(frozen=True)
class Existence:
    """The fits with and without one part, compared.

    Attributes
    ----------
    name : str
    fit : DataTree
        With the part, and with the claims that name it.
    part : Part
    """

    name: str
    fit: xr.DataTree
    part: Part

    @property
    def file(self) -> str:
        """Name of the stored result."""
        return f"{self.part.parameter}-{self.part.index}.json"

    def run(self) -> bytes:
        """The Bayes factor and how far it can be relied on."""
        opened, part = OpenedFit.of(self.fit), self.part
        n_claims = len(opened.ledger.usable()) - len(part.ledger.usable())
        with_it = fit_again(opened, ledger=part.ledger) if n_claims else self.fit
        without = fit_again(opened, model=part.model, ledger=part.ledger)
        ratios = [_log_ratios(with_it, draws, part) for draws in (with_it, without)]
        value, overlap = log_bridge(*ratios)
        error = _jackknife(*ratios)
        found = {
            "log_bayes_factor": value,
            "log_bayes_factor_se": error,
            "overlap": overlap,
            "n_claims": n_claims,
            "reliable": overlap >= LEAST_OVERLAP and error <= LARGEST_ERROR,
            "converged": all(Attributes.of(one).verdict.converged for one in (with_it, without)),
        }
        return json.dumps(found).encode()


def _row(name: str, prior: float, found: dict[str, Any]) -> dict[str, object]:
    """What was found of a part, with no number where it is not reliable."""
    value = found["log_bayes_factor"] if found["reliable"] else np.nan
    first = {"part": name, "prior": prior, "log_bayes_factor": value, "log_bayes_factor_se": found["log_bayes_factor_se"]}
    return first | {"probability": float(expit(logit(prior) + value))} | {k: v for k, v in found.items() if k not in first}


def _log_ratios(with_it: xr.DataTree, draws_of: xr.DataTree, part: Part) -> np.ndarray:
    """Log likelihood with the part over that without it, in every draw of a fit, shape (chain, draw).

    What the fit has no parameter for, the part itself, is drawn from its prior.
    """
    opened, sizes = OpenedFit.of(with_it), draws_of["posterior"].sizes
    bound = cast("BoundModel", opened.bound)
    p = parameters_of(bound, draws_of, np.random.default_rng([opened.random_seed, 8]))
    none = p[part.parameter].copy()
    none[:, part.index] = NOBODY
    both = [_log_likelihood(bound, draws) for draws in (p, p | {part.parameter: none})]
    return (both[0] - both[1]).reshape(sizes["chain"], sizes["draw"])


def _log_likelihood(bound: BoundModel, p: dict[str, np.ndarray]) -> np.ndarray:
    read = bound.read_curves(bound.curves_forward(p))
    return bound.likelihood.total(bound.likelihood.forward(p, read, bound.data), bound.data)


def log_bridge(of_first: np.ndarray, of_second: np.ndarray) -> tuple[float, float]:
    """Log ratio of two marginal likelihoods from draws of both posteriors.

    Parameters
    ----------
    of_first, of_second : ndarray
        Log ratio of the first likelihood to the second, in draws of the first posterior and of the second, on one space.

    Returns
    -------
    log_ratio : float
        The optimal bridge of Meng and Wong (1996, Statistica Sinica 6:831), which is Bennett's acceptance ratio.
    overlap : float
        From 0, where no draw could come from the other posterior, to 1, where the two are equal.
    """
    first, second = (np.ravel(x) for x in (of_first, of_second))
    sizes = np.log(len(first)) - np.log(len(second))

    def excess(log_ratio: float) -> float:
        return float(expit(log_ratio - sizes - first).sum() - expit(second - log_ratio + sizes).sum())

    ends = (min(first.min(), second.min()) - 50.0, max(first.max(), second.max()) + 50.0)
    log_ratio = cast("float", brentq(excess, *ends))
    return log_ratio, float(expit(log_ratio - first).mean() + expit(second - log_ratio).mean())


def _jackknife(first: np.ndarray, second: np.ndarray) -> float:
    """Standard error of the log ratio with whole chains left out, so that the draws of a chain may depend on one another."""
    chains = min(len(first), len(second))
    less = [log_bridge(np.delete(first, k, axis=0), np.delete(second, k, axis=0))[0] for k in range(chains)]
    return float(np.sqrt((chains - 1) * np.var(less)))
