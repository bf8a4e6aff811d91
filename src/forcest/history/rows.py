"""Rows of the reporting record as arrays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forcest.datasets.reporting_record import MEASURE_CLASS
from forcest.errors import ForcestError
from forcest.models.reporting.learned import APPLIES, CELLS, COVARIATES, STANCES

OWN_SIDE = ("own", "own_ally")
NORMAL_90 = 2 * ndtri(0.95)


@dataclass(frozen=True)
class Rows:
    """Rows of the record as arrays.

    Parameters
    ----------
    table : DataFrame
        The rows, with `class` and `cell`.
    bias, unsure : ndarray, shape (row,)
        Log ratio of the geometric middles, and the standard deviation that both ranges stand for.
    cell, block : ndarray of int, shape (row,)
        Position in ``CELLS``; war, force and class.
    group : ndarray of int, shape (row,)
        War, force, class and stance.
    covariates : ndarray, shape (row, covariate)
    """

    table: pd.DataFrame
    bias: np.ndarray
    unsure: np.ndarray
    cell: np.ndarray
    block: np.ndarray
    group: np.ndarray
    covariates: np.ndarray

    @classmethod
    def of(cls, record: pd.DataFrame, exclude: Collection[str] = ()) -> Rows:
        """Rows of sides that the model reads; wars in ``exclude`` are left out.

        Raises
        ------
        ForcestError
            If a war to leave out is not in the record.
        """
        if unknown := sorted(set(exclude) - set(record["war"])):
            wars = ", ".join(sorted(set(record["war"])))
            raise ForcestError(f"`exclude` must name wars of the record; got {', '.join(unknown)}. Wars of the record: {wars}.")
        table = record[record["stance"].isin(STANCES) & ~record["war"].isin(list(exclude))].reset_index(drop=True)
        table = table.assign(**{"class": [MEASURE_CLASS[measure] for measure in table["measure"]]})
        logs = {name: np.log(table[name].to_numpy(dtype=float)) for name in _RANGES}
        widths = [logs[f"{name}_high"] - logs[f"{name}_low"] for name in ("claim", "established")]
        cells = list(zip(table["class"], table["stance"], strict=True))
        return cls(
            table=table,
            bias=(logs["claim_low"] + logs["claim_high"] - logs["established_low"] - logs["established_high"]) / 2,
            unsure=np.hypot(*widths) / NORMAL_90,
            cell=np.array([CELLS.index(cell) for cell in cells]),
            block=table.groupby(["war", "force", "class"], sort=True).ngroup().to_numpy(),
            group=table.groupby(["war", "force", "class", "stance"], sort=True).ngroup().to_numpy(),
            covariates=np.stack([_covariate(table, cells, name) for name in COVARIATES], axis=1),
        )

    @property
    def cls(self) -> np.ndarray:
        """Position of the class of each row in ``CLASSES``."""
        return self.cell // len(STANCES)

    @property
    def stance(self) -> np.ndarray:
        """Position of the stance of each row in ``STANCES``."""
        return self.cell % len(STANCES)

    @property
    def own_side(self) -> np.ndarray:
        """Whether a row is of the own side or an ally of it."""
        return np.isin(self.stance, [STANCES.index(name) for name in OWN_SIDE])

    @property
    def blocks(self) -> int:
        """Number of wars, forces and classes."""
        return int(self.block.max()) + 1

    @property
    def groups(self) -> int:
        """Number of wars, forces, classes and stances."""
        return int(self.group.max()) + 1


_RANGES = ("claim_low", "claim_high", "established_low", "established_high")


def _covariate(table: pd.DataFrame, cells: list[tuple[str, str]], name: str) -> np.ndarray:
    has = table["claim_timing"] == "after" if name == "after" else table[name] == "yes"
    return has.to_numpy() * np.array([cell in APPLIES[name] for cell in cells], dtype=float)
