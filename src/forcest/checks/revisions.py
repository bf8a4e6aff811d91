"""How estimates of one date changed as more became known: the ledger of each day fitted, and earlier intervals beside what came."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from forcest.attributes import Attributes
from forcest.checks.running import results
from forcest.checks.storage import Folder, read_result, write_result
from forcest.checks.tables import as_table, as_text
from forcest.errors import ForcestError
from forcest.estimates import summary
from forcest.estimates.draws import day_in_words
from forcest.inference.rerun import fit_in_full
from forcest.inference.samplers import Sampler, SamplerName, as_dict, sampler_named
from forcest.ledger import Ledger
from forcest.models.default import default_model

if TYPE_CHECKING:
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel

    Build = Callable[[Ledger], ForceModel | LossModel]

HOLDS = "revisions"


@dataclass(frozen=True)
class Revisions:
    """Estimates of the same dates at several vintages.

    Attributes
    ----------
    estimates : DataFrame
        Rows of :func:`forcest.summary` by vintage: `origin` is the day by which the claims were known.
    fits : DataFrame
        `origin, n_claims, converged`.
    quick : bool
        Whether the fits are quick looks.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.revisions(few, ["2024-12-31", "2025-01-31"], quick=True, folder="revisions")
    >>> found.save("revisions.json")
    >>> fc.Revisions.load("revisions.json").table.equals(found.table)
    True
    """

    estimates: pd.DataFrame
    fits: pd.DataFrame
    quick: bool = False

    @property
    def converged(self) -> bool:
        """Whether every fit converged."""
        return bool(self.fits["converged"].astype(bool).all())

    @cached_property
    def table(self) -> pd.DataFrame:
        """How the figure for a fixed date changed from vintage to vintage.

        One row per date, measure and vintage at or after the date: median and interval, the median of the last vintage
        (`last`), and whether the interval covers it (`covers_last`). The last vintage of a date has no row.
        """
        table = self.estimates[self.estimates["date"] <= self.estimates["origin"]].copy()
        keys = ["date", "force", "measure"]
        table = table.sort_values([*keys, "origin"], kind="stable")
        table["last"] = table.groupby(keys)["median"].transform("last")
        final = table["origin"] == table.groupby(keys)["origin"].transform("max")
        table["covers_last"] = (table["low"] <= table["last"]) & (table["last"] <= table["high"])
        return table[~final].reset_index(drop=True)

    def __str__(self) -> str:
        if self.table.empty:
            told = "No day has been estimated twice, so that nothing can be compared."
        else:
            covered = f"{int(self.table['covers_last'].sum())} of {len(self.table)}"
            told = f"{covered} earlier intervals hold the median of the last vintage."
        bad = self.fits.loc[~self.fits["converged"].astype(bool), "origin"]
        unfit = f" Not converged: {', '.join(map(day_in_words, bad))}." if len(bad) else ""
        return told + unfit

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the revisions as JSON.

        Parameters
        ----------
        path : path
        """
        write_result(path, HOLDS, {"estimates": as_text(self.estimates), "fits": as_text(self.fits), "quick": self.quick})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Revisions:
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        path : path

        Returns
        -------
        Revisions

        Raises
        ------
        ForcestError
            If there is no such file, or it holds something else.
        """
        found = read_result(path, HOLDS)
        return cls(as_table(found["estimates"]), as_table(found["fits"]), found["quick"])


def revisions(
    ledger: Ledger | Mapping[str, Ledger],
    dates: Sequence[str] | None = None,
    model: ForceModel | LossModel | Build | None = None,
    *,
    sampler: SamplerName | Sampler = "batched",
    random_seed: int = 1,
    quick: bool = False,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> Revisions:
    """Estimate at several days what was known then, and set each earlier estimate beside what came.

    Parameters
    ----------
    ledger : Ledger or mapping of date to Ledger
        One ledger, of which ``ledger.known_by(date)`` is fitted, or the ledger as it stood on each date.
    dates : sequence of date, optional
        Days of the vintages, which are also the days that are estimated, each by the vintages from that day on whose calendar
        covers it; every month end of one ledger, or the keys of a mapping, unless given.
    model : ForceModel, LossModel or callable, optional
        A description for all vintages, or a function from a ledger to a description; the default model of each ledger unless given.
    sampler : {"batched", "nutpie", "pymc"}, Batched, Nutpie or PyMC
    random_seed : int
    quick : bool
        Coarse and short fits; as for :func:`forcest.fit`.
    folder : path, optional
        Where each vintage is stored at once. The same call resumes an interrupted run, and one with later dates continues it.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets the date of each vintage that is finished, not those that were stored.

    Returns
    -------
    Revisions
        Print it, or read ``table`` and ``estimates``; :func:`forcest.plots.revisions` draws it.

    Raises
    ------
    ForcestError
        If there is no date, a date cannot be read, a mapping lacks a date, or the folder holds another run; if fits fail, all of
        which are named.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> found = fc.revisions(few, ["2024-12-31", "2025-01-31"], quick=True, folder="revisions")
    >>> found.table[["date", "origin"]].drop_duplicates().astype(str).values.tolist()
    [['2024-12-31', '2024-12-31']]
    """
    chosen = _dates(ledger, dates)
    ledgers = {day: ledger.known_by(day) if isinstance(ledger, Ledger) else ledger[day] for day in chosen}
    described: Any = default_model if model is None else model
    name = getattr(described, "__qualname__", repr(described)) if callable(described) else described.model_dump_json()
    options = {"sampler": sampler_named(sampler, quick=quick), "random_seed": random_seed, "quick": quick}
    tasks = [Vintage(day, ledgers[day], described, chosen, options) for day in chosen]
    store = Folder(folder, {"holds": HOLDS, "model": name, **options, "sampler": as_dict(options["sampler"])})
    found = [json.loads(content) for content in results(tasks, store, client=client, callback=callback)]
    parts = [{key: as_table(text) for key, text in tables.items()} for tables in found]
    estimates, fits = (pd.concat([part[key] for part in parts], ignore_index=True) for key in ("estimates", "fits"))
    return Revisions(estimates, fits, quick)


@dataclass(frozen=True)
class Vintage:
    """What is fitted on one day.

    Attributes
    ----------
    name : str
        The day.
    ledger : Ledger
    model : description or callable
    dates : sequence of str
        Days to estimate; those after the vintage are left to its successors.
    options : dict
        Of :func:`forcest.fit`.
    """

    name: str
    ledger: Ledger
    model: Any
    dates: Sequence[str]
    options: dict[str, Any]

    @property
    def file(self) -> str:
        """Name of its stored answer, which changes with the ledger and the days to estimate."""
        key = hashlib.sha256(f"{self.ledger.hash} {self.wanted}".encode()).hexdigest()
        return f"{self.name}-{key[:16]}.json"

    @property
    def wanted(self) -> list[str]:
        """Days to estimate."""
        return [date for date in self.dates if date <= self.name]

    def run(self) -> bytes:
        """Estimates and the row of the fit, as text."""
        described = self.model(self.ledger) if callable(self.model) else self.model
        fit = fit_in_full(described, self.ledger, **self.options)
        grid = fit["posterior"]["date"].values
        on_curves = [date for date in self.wanted if grid[0] <= pd.Timestamp(date) <= grid[-1]]
        day = pd.Timestamp(self.name)
        marks = {"origin": [day], "n_claims": [len(self.ledger.usable())], "converged": [Attributes.of(fit).verdict.converged]}
        tables = {"estimates": vintage(fit, on_curves, day), "fits": pd.DataFrame(marks)}
        return json.dumps({key: as_text(table) for key, table in tables.items()}).encode()


def vintage(fit: xr.DataTree, days: Sequence[Any], origin: pd.Timestamp) -> pd.DataFrame:
    """Estimates of some days by a fit of what was known by another."""
    return summary(fit, at=list(days)).assign(origin=origin)


def month_ends(ledger: Ledger) -> list[str]:
    """Ends of months after which something was published; the first with a month of claims behind it."""
    published = ledger.usable()["published"]
    days = pd.date_range(published.min() + pd.Timedelta(days=30), published.max() - pd.Timedelta(days=1), freq="ME")
    if days.empty:
        raise ForcestError("the ledger must span two months or more, so that it has month ends to estimate at. Name the dates.")
    return [str(day.date()) for day in days]


def _dates(ledger: Ledger | Mapping[str, Ledger], dates: Sequence[str] | None) -> list[str]:
    """Days of the vintages as ISO text, in order."""
    if isinstance(ledger, Ledger):
        found = month_ends(ledger) if dates is None else [str(date) for date in dates]
    else:
        found = list(ledger) if dates is None else [str(date) for date in dates]
        if lacking := [date for date in found if date not in ledger]:
            raise ForcestError(f"`ledger` must hold a ledger for every date; it has none for {', '.join(lacking)}.")
    if not found:
        raise ForcestError("give at least one date, such as dates=['2025-01-31'].")
    for date in found:
        (ledger if isinstance(ledger, Ledger) else ledger[date]).known_by(date)  # refuses what is not a date, before anything slow
    return sorted(found)
