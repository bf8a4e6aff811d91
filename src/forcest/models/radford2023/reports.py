"""The reports of Radford et al. as arrays, in the published model's own numbering."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from forcest.errors import ForcestError

CATEGORIES = (
    "AA Systems",
    "Aircraft (unspecified)",
    "Armored Vehicles",
    "Artillery",
    "Civilian Casualties",
    "Civilian Deaths",
    "Civilian Injuries",
    "Ground Vehicles (unspecified)",
    "Helicopters",
    "Jets",
    "Military Casualties",
    "Military Deaths",
    "Military Injuries",
    "MLRS",
    "Ships",
    "Special Military Motor Vehicles",
    "Tanks",
    "Tanks & Armored Combat Vehicles",
    "Trucks",
    "UAVs",
    "Vehicles & Fuel Tanks",
)
"""Kinds of loss of the published model; two of them have no report, so that their bias keeps its prior."""
COUNTRIES = ("Russia", "Ukraine")


class Reads(NamedTuple):
    """What reports read: cumulative losses of a series at the end of a day, or the losses of a day.

    Attributes
    ----------
    series, day, is_daily : ndarray, shape (read,)
        Sorted by series.
    start : ndarray of int, shape (series + 1,)
        First read of each series.
    of_report : ndarray of int, shape (report,)
    """

    series: np.ndarray
    day: np.ndarray
    is_daily: np.ndarray
    start: np.ndarray
    of_report: np.ndarray


@dataclass(frozen=True)
class Reports:
    """Reports as arrays; every index begins at 0.

    Attributes
    ----------
    series : tuple of str
        Kind of loss and country, such as ``"Tanks-Russia"``, sorted without regard to case.
    sources : tuple of str
    n_days : int
    day, count, kind, source, country, category : ndarray of int, shape (report,)
        ``kind`` is the series; ``day`` the position on the calendar.
    is_minimum, is_maximum, is_daily : ndarray of bool, shape (report,)
    """

    series: tuple[str, ...]
    sources: tuple[str, ...]
    n_days: int
    day: np.ndarray
    count: np.ndarray
    kind: np.ndarray
    source: np.ndarray
    country: np.ndarray
    category: np.ndarray
    is_minimum: np.ndarray
    is_maximum: np.ndarray
    is_daily: np.ndarray

    @classmethod
    def of(cls, table: Any, n_days: int | None = None) -> Reports:
        """Reports from the columns of the replication data, one row each, in their order.

        Parameters
        ----------
        table : DataFrame
            As the CSV file of the authors is read.
        n_days : int, optional
            Length of the calendar; unless given, it ends with the last report.

        Raises
        ------
        ForcestError
            If a kind of loss or a country does not occur in the published model.
        """
        for column, known in (("category", CATEGORIES), ("loss_country", COUNTRIES)):
            if unknown := sorted(set(table[column]) - set(known)):
                raise ForcestError(f"{column} must be one of {', '.join(known)}; got {', '.join(map(repr, unknown))}.")
        series, sources = (tuple(sorted(set(table[name]), key=str.lower)) for name in ("loss_type", "claim_source"))
        return cls(
            series,
            sources,
            n_days=n_days or int(table["days"].max()),
            day=table["days"].to_numpy(dtype=np.int64) - 1,
            count=table["loss_count"].to_numpy(dtype=np.int64),
            kind=_places(table["loss_type"], series),
            source=_places(table["claim_source"], sources),
            country=_places(table["loss_country"], COUNTRIES),
            category=_places(table["category"], CATEGORIES),
            is_minimum=table["minimum"].to_numpy() == 1,
            is_maximum=table["maximum"].to_numpy() == 1,
            is_daily=(table["time_frame"] == "Day").to_numpy(),
        )

    @cached_property
    def reads(self) -> Reads:
        """The quantities that reports read, each once."""
        keys = np.stack([self.kind, self.is_daily, self.day], axis=1)
        wanted, of_report = np.unique(keys, axis=0, return_inverse=True)
        series, is_daily, day = wanted.T
        start = np.searchsorted(series, np.arange(len(self.series) + 1))
        return Reads(series, day, is_daily == 1, start.astype(np.int64), of_report.ravel())


def _places(column: pd.Series, labels: tuple[str, ...]) -> np.ndarray:
    return column.map({label: place for place, label in enumerate(labels)}).to_numpy(dtype=np.int64)
