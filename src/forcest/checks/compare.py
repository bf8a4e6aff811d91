"""What changed between two estimates of one matter: a path of refits from the old estimate to the new one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes, of_one_fit
from forcest.checks.comparison import NEW_MODEL, Comparison, is_firm
from forcest.checks.headlines import headlines
from forcest.checks.levels import Level, mcse_of_median, mcse_of_shift
from forcest.checks.refits import made_like
from forcest.checks.reweighting import End, reweighted
from forcest.checks.running import results
from forcest.checks.storage import Folder
from forcest.checks.tables import briefing
from forcest.errors import ForcestError, ModelError
from forcest.estimates.draws import (
    DateLike,
    as_dates,
    day_in_words,
    days,
    group,
    last_claim_date,
    needs_reporting,
    with_days_in_words,
)
from forcest.inference.forecast import forecast
from forcest.inference.opened import OpenedFit, takes_fit
from forcest.inference.rerun import fit_again
from forcest.inference.samplers import as_dict
from forcest.ledger import lineage, schema

if TYPE_CHECKING:
    from forcest.ledger import Ledger

By = Literal["source", "briefing"]
Method = Literal["refit", "reweight"]
WITHOUT_EFFECT = ("via", "note", "url")
"""Columns of a ledger that no fit reads."""
NEVER_FITTED = ("excluded", "planned")


class Step(NamedTuple):
    """One step of the path from the old ledger and model to the new ones.

    Attributes
    ----------
    kind, name : str
        See :class:`forcest.checks.comparison.Comparison`.
    n_claims : int
    ledger : Ledger
        What is fitted after the step.
    """

    kind: str
    name: str
    n_claims: int
    ledger: Ledger


@takes_fit
def compare(
    old: xr.DataTree,
    new: xr.DataTree,
    *,
    at: DateLike | tuple[DateLike, DateLike] | None = None,
    by: By | None = "source",
    method: Method = "refit",
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> Comparison:
    """What changed between two estimates of one matter, by how much, and which claims changed it.

    The path from the old number to the new one has these steps, each left out where there is nothing to do:

    1. time: the old estimate, read on the new day, continued by :func:`forcest.forecast` where that lies beyond its end;
    2. the new model, fitted to the old ledger;
    3. corrections: rows changed or removed, and new rows that correct old ones;
    4. new claims, one source or briefing after the other, in the order in which they first published.

    Each shift is that of the median, and each of 2 to 4 has a fit of its own, unless weights stand in for it. The last step ends at
    the new estimate, so that the shifts add up exactly.

    Parameters
    ----------
    old, new : DataTree
        Fits of a ForceModel or LossModel.
    at : date or pair of dates, optional
        The day on which both are read, or that of the old and that of the new numbers; of each the last with a claim unless given.
    by : {"source", "briefing"} or None
        Groups of new claims, each with a fit: by source, by source and day of publication, or all in one step.
    method : {"refit", "reweight"}
        How the numbers between the two estimates are found: by a fit for each step, or by weighting the draws of whichever
        estimate is nearer. Weights take about a third of the time, and reach only a few claims far.
    folder : path, optional
        Where what each fit gave is stored at once; the same call resumes an interrupted run. Not with ``method="reweight"``.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets the name of each step that is fitted, not of those that were stored.

    Returns
    -------
    Comparison
        Print it, or read ``sentences`` and ``table``; :func:`forcest.report` writes it as a page.

    Raises
    ------
    ForcestError
        If the two are not about one matter, one is a forecast, a day lies outside an estimate, or the new model does not cover the
        old ledger. With ``method="reweight"``, also if the models differ, or for steps that weights do not reach (a Pareto k above
        0.7, fewer than 100 effective draws, or claims that change the curves of a LossModel); all of these are named.

    Notes
    -----
    The order of the steps matters: of two claims that say the same, the first moves the estimate and the second confirms it. The
    model comes before the claims because a newer model covers both ledgers, while an older one need not know the dates and waves of
    later claims. The fits have the sampler, the settings and the seed of the new estimate.

    Weights are ratios of likelihoods, Pareto-smoothed: of the claims after a step, and of those of the estimate. What a new source
    adds to the parameters is drawn from its prior, so that the weights are right for it too.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> months = [few.known_by(day) for day in ("2025-01-31", "2025-02-28")]
    >>> old, new = (fc.fit(model.with_step("W"), known, random_seed=1, quick=True) for known in months)
    >>> found = fc.compare(old, new, at=("2025-01-31", "2025-02-28"))
    >>> found.path("killed")["step"].tolist()
    ['estimate of 31 January 2025', 'to 28 February 2025', 'HUR', 'NIS']
    >>> print(found.sentences["killed"])
    Killed ... from ... on 31 January 2025 to ... on 28 February 2025: ...
    """
    shared, only = _one_matter(old, new)
    new = old if of_one_fit(old, new) else new  # a saved fit has its curves in single precision
    opened = [OpenedFit.of(one) for one in (old, new)]
    pair = at if isinstance(at, tuple | list) else (at, at)
    first, last = (
        as_dates(fit, day)[0] if day is not None else last_claim_date(fit) for fit, day in zip((old, new), pair, strict=True)
    )
    before, after = Level.of(old, shared, first, "old"), Level.of(new, shared, last, "new")
    path = [("old", f"estimate of {day_in_words(first)}", len(opened[0].ledger.usable()), before)]
    if first != last:
        path.append(("time", f"to {day_in_words(last)}", 0, Level.of(_reaching(old, last), shared, last, "old")))
    _refuse_method(method, opened, folder)
    steps = list(_steps(*opened, by))
    if method == "reweight":
        levels = reweighted(End(old, path[-1][3]), End(new, after), {step.name: step.ledger for step in steps[:-1]})
    else:
        levels = _refitted(new, steps[:-1], shared, last, folder, client=client, callback=callback)
    path += [(*step[:3], level) for step, level in zip(steps, [*levels, after], strict=False)]
    if not steps and not _equal(path[-1][3], after):
        path.append(("sampling", "another run", 0, after))
    table = pd.DataFrame([row for name in shared for row in _rows(name, path)])
    forces = tuple(opened[1].ledger.forces())
    quick = any(one.verdict.quick for one in opened)
    return Comparison(table, (str(first), str(last)), forces, *only, quick=quick, method=method)


def _one_matter(old: xr.DataTree, new: xr.DataTree) -> tuple[list[str], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Headline measures that both estimates have, and those that only the old and only the new one has."""
    for fit in (old, new):
        needs_reporting(fit, "each estimate of a comparison")
        if Attributes.of(fit).forecast_from:
            raise ForcestError("a comparison must be of two fits; one of these is a forecast. Pass the fit that it was made from.")
    forces = [sorted(map(str, group(fit, "posterior")["force"].values)) for fit in (old, new)]
    if forces[0] != forces[1]:
        named = " and the new of ".join(", ".join(map(repr, names)) for names in forces)
        raise ForcestError(
            f"both estimates must be of the same forces; the old is of {named}. If these are one force, spell its name the same in "
            "both ledgers and fit again."
        )
    names = [list(headlines(fit, with_fixed=True)) for fit in (old, new)]
    if not set(names[0]) & set(names[1]):
        listed = " and the new ".join(", ".join(part) for part in names)
        raise ForcestError(
            f"both estimates must share a headline measure; the old has {listed}. Fit the same kind of model to both."
        )
    one, other = (tuple(name for name in names[i] if name not in names[1 - i]) for i in (0, 1))
    return [name for name in names[1] if name in names[0]], (one, other)


def _reaching(old: xr.DataTree, day: np.datetime64) -> xr.DataTree:
    """The old estimate on a calendar that reaches a day."""
    ends = days(group(old, "posterior")["date"])[-1]
    if day <= ends:
        return old
    if OpenedFit.of(old).model_kind != "ForceModel":
        raise ForcestError(
            f"the old estimate must say something of {day}; it ends on {ends}, and only one of a ForceModel can be continued. "
            f"Compare on an earlier day with at=, such as at={str(ends)!r}, or fit the old ledger with a later `end`."
        )
    return forecast(old, until=str(day))


def _steps(old: OpenedFit, new: OpenedFit, by: By | None) -> Iterator[Step]:
    """The new model, the corrections and the new claims; the ledger after the last step is the new one."""
    if old.model != new.model:
        try:
            new.model.on(old.ledger)
        except ModelError as error:
            raise ForcestError(
                f"the new model must cover the old ledger too, or its effect cannot be told from that of the claims. {error} "
                "Fit the new ledger with a model that covers both, and compare that fit."
            ) from error
        yield Step("model", f"{NEW_MODEL}{_what_differs(old, new)}", 0, old.ledger)
    groups = _new_claims(old.ledger, new.ledger, by)
    waiting = [id_ for ids in groups.values() for id_ in ids]
    known = new.ledger.exclude(id=waiting) if waiting else new.ledger
    if corrected := _differing(old.ledger, known):
        yield Step("corrections", "corrections", corrected, known)
    for name, ids in groups.items():
        waiting = waiting[len(ids) :]
        yield Step("claims", name, len(ids), new.ledger.exclude(id=waiting) if waiting else new.ledger)


def _what_differs(old: OpenedFit, new: OpenedFit) -> str:
    if old.model_kind != new.model_kind:
        return f"a {new.model_kind} instead of a {old.model_kind}"
    before, after = old.model.model_dump(), new.model.model_dump()
    names = [name for name in after if after[name] != before[name]]
    return f"other {' and '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}"


def _new_claims(old: Ledger, new: Ledger, by: By | None) -> dict[str, list[str]]:
    """Ids of rows that are in the new ledger alone and correct none of the old one, by group in order of publication."""
    if by not in ("source", "briefing", None):
        raise ForcestError(f"`by` must be 'source', 'briefing' or None; got {by!r}.")
    known, corrects = set(old.text["id"]), lineage.links(new.text["id"], new.text["supersedes"])
    rows = _fitted_rows(new)
    is_new = [id_ not in known and known.isdisjoint(lineage.ancestors(corrects, id_)) for id_ in rows["id"]]
    rows = rows.loc[is_new, :].sort_values(["published", "source"], kind="stable")
    together = pd.Series("new claims", rows.index)
    names = {"source": rows["source"], "briefing": briefing(rows).map(with_days_in_words), None: together}[by]
    return {str(name): list(ids) for name, ids in rows["id"].groupby(names, sort=False)}


def _fitted_rows(ledger: Ledger) -> pd.DataFrame:
    """Rows that are fitted unless a later one corrects them."""
    rows = ledger.to_dataframe()
    return rows.loc[~rows["status"].str.startswith(NEVER_FITTED), :]


def _differing(one: Ledger, other: Ledger) -> int:
    """Number of rows that differ between two ledgers in what a fit reads; a row that only one of them has differs."""
    columns = [name for name in schema.NAMES if name not in WITHOUT_EFFECT]
    held = [_fitted_rows(ledger)[columns].astype("str").itertuples(index=False, name=None) for ledger in (one, other)]
    return len({row[0] for row in set(held[0]) ^ set(held[1])})


def _refuse_method(method: Method, opened: Sequence[OpenedFit], folder: str | os.PathLike[str] | None) -> None:
    """Refuse what weights cannot do, and an unknown method."""
    if method not in ("refit", "reweight"):
        raise ForcestError(f"`method` must be 'refit' or 'reweight'; got {method!r}.")
    if method == "refit":
        return
    if folder is not None:
        raise ForcestError("`folder` keeps fits; weights leave nothing to keep. Leave it out, or use method='refit'.")
    if opened[0].model != opened[1].model:
        raise ForcestError(
            f"weights need one model for both estimates; the new one has {_what_differs(*opened)}. Use method='refit', or fit both "
            "ledgers with one model."
        )


@dataclass(frozen=True)
class StepFit:
    """The fit of the ledger after a step, made like the new estimate, of which the measures are read."""

    step: Step
    opened: OpenedFit
    measures: Sequence[str]
    day: np.datetime64

    @property
    def name(self) -> str:
        """The step in words."""
        return f"{self.step.kind}: {self.step.name}"

    @property
    def file(self) -> str:
        """Name of the stored result, which changes with the ledger."""
        return f"{self.step.ledger.hash[:16]}.npz"

    def run(self) -> bytes:
        """The measures after the step."""
        return Level.of(fit_again(self.opened, ledger=self.step.ledger), self.measures, self.day, self.name).to_bytes()


def _refitted(
    new: xr.DataTree,
    steps: Sequence[Step],
    names: Sequence[str],
    day: np.datetime64,
    folder: str | os.PathLike[str] | None,
    **options: Any,
) -> list[Level]:
    """The measures after each step, by fits."""
    opened = made_like(new)
    settings = {"sampler": as_dict(opened.sampler), "random_seed": opened.random_seed} if steps else {}
    store = Folder(folder, {"model": opened.model.model_dump_json(), **settings, "day": str(day), "measures": list(names)})
    tasks = [StepFit(step, opened, names, day) for step in steps]
    found = results(tasks, store, **options)
    return [Level.from_bytes(content, task.name) for content, task in zip(found, tasks, strict=True)]


def _rows(name: str, path: Sequence[tuple[str, str, int, Level]]) -> Iterator[dict[str, object]]:
    """The rows of one measure; see :class:`Comparison`."""
    before = None
    for kind, step, n_claims, level in path:
        low, median, high = level.quantiles(name)
        row = {"measure": name, "kind": kind, "step": step, "n_claims": n_claims}
        row |= {"median": median, "low": low, "high": high, "mcse": mcse_of_median(level, name)}
        shift = error = np.nan
        if before is not None:
            shift = median - before.quantiles(name)[1]
            error = mcse_of_shift(before, level, name)
        yield row | {"shift": shift, "shift_mcse": error, "firm": is_firm(shift, error), "converged": level.converged}
        before = level


def _equal(one: Level, other: Level) -> bool:
    return all(np.array_equal(one.draws[name], other.draws[name]) for name in other.draws)
