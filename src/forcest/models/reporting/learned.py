r"""Bias as past wars teach it: what a new war's stance levels are expected to be, with the correlations between them.

The numbers come from the model of the reporting record (:mod:`forcest.history`), stored in ``learned_bias.json`` for all wars
and with each war left out, so that a prior never rests on the war that it is used for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Self

import numpy as np

from forcest.errors import ModelError

Cell = tuple[str, str]
"""Class of measures, stance."""

STANCES = ("own", "own_ally", "enemy", "enemy_ally", "third_party")
"""Stances that are a side; registers and lists of names have too few rows to learn from."""
CLASSES = ("losses", "strength", "captured", "equipment")
COVARIATES = ("after", "concealed", "names_published")
"""Claims made long after the events; strengths of a force that hides; losses of a force that publishes its dead by name."""
APPLIES = {
    "after": [(c, s) for c in CLASSES for s in STANCES],
    "concealed": [("strength", s) for s in STANCES],
    "names_published": [("losses", "own"), ("losses", "own_ally")],
}
"""Cells in which a covariate acts."""
CELLS: tuple[Cell, ...] = tuple((c, s) for c in CLASSES for s in STANCES)
FEWEST_WARS = 4
WIDE_SHARE, WIDE_FACTOR = 0.1, 3.0
"""Probability that a new war is unlike those of the record, and how many times wider its levels then are."""


ADOPTED: tuple[Cell, ...] = (("losses", "third_party"), ("strength", "enemy"))
"""Cells whose learnt level foretells the claims of a war left out better than the assumed one: docs/decisions/0040."""


def like_of(conflict: Mapping[str, bool]) -> dict[str, float]:
    """What is known of a war, as covariates.

    Raises
    ------
    ModelError
        If a word is unknown.
    """
    if unknown := sorted(set(conflict) - set(COVARIATES)):
        raise ModelError(f"`conflict_like` may say {', '.join(COVARIATES)}; got {', '.join(unknown)}.")
    return {name: float(value) for name, value in conflict.items()}


NUMBERS = ("mean", "covariance", "of_war", "claim_sd", "share")
COUNTS = ("rows", "wars")


@cache
def _stored() -> dict[str, dict[str, list]]:
    return json.loads((resources.files("forcest.models.reporting") / "learned_bias.json").read_text(encoding="utf-8"))["learned"]


def _packed(array: np.ndarray) -> np.ndarray:
    return array[np.tril_indices(len(array))] if array.ndim == 2 else array


def _unpacked(packed: np.ndarray) -> np.ndarray:
    size = int((np.sqrt(8 * len(packed) + 1) - 1) / 2)
    out = np.zeros((size, size))
    out[np.tril_indices(size)] = packed
    return out + np.tril(out, -1).T


def _rounded(array: np.ndarray) -> list[float]:
    return [float(f"{x:.5g}") for x in array]


@dataclass(frozen=True)
class LearnedBias:
    r"""What the reporting record teaches about the log bias of stances.

    Parameters
    ----------
    mean : ndarray, shape (cell + covariate,)
        Posterior means of :math:`\mu` of every cell of :data:`CELLS` and of the slopes of :data:`COVARIATES`.
    covariance : ndarray, shape (cell + covariate, cell + covariate)
        Their posterior covariance.
    of_war : ndarray, shape (cell, cell)
        Posterior mean of the covariance of the levels of one war around :math:`\mu`.
    claim_sd : ndarray, shape (cell,)
        Standard deviation of a normal with the 90 % interval of a single claim's error.
    share : ndarray, shape (covariate,)
        Share of the rows, of the cells where a covariate acts, that have it.
    rows, wars : ndarray of int, shape (cell,)
        Rows and wars that speak of a cell.
    """

    mean: np.ndarray
    covariance: np.ndarray
    of_war: np.ndarray
    claim_sd: np.ndarray
    share: np.ndarray
    rows: np.ndarray
    wars: np.ndarray

    @classmethod
    def stored(cls, exclude: str = "") -> Self:
        """The shipped numbers.

        Parameters
        ----------
        exclude : str
            A war of the record to leave out; none by default.

        Raises
        ------
        ModelError
            If the record has no such war.
        """
        stored = _stored()
        if exclude not in stored:
            wars = ", ".join(sorted(war for war in stored if war))
            raise ModelError(f"`exclude` must name a war of the record; got {exclude!r}. Wars of the record: {wars}.")
        return cls.from_json(stored[exclude])

    def to_json(self) -> dict[str, list]:
        """The numbers with five digits, as lists; of a symmetric matrix the lower triangle."""
        lists = {name: _rounded(_packed(getattr(self, name))) for name in NUMBERS}
        return lists | {name: getattr(self, name).tolist() for name in COUNTS}

    @classmethod
    def from_json(cls, lists: Mapping[str, list]) -> Self:
        """The inverse of :meth:`to_json`, to five digits."""
        arrays = {name: np.array(lists[name], dtype=float) for name in NUMBERS}
        symmetric = {name: _unpacked(arrays[name]) for name in ("covariance", "of_war")}
        return cls(**{**arrays, **symmetric, **{name: np.array(lists[name], dtype=int) for name in COUNTS}})

    @property
    def candidates(self) -> tuple[Cell, ...]:
        """Cells of people of which enough wars speak."""
        return tuple(cell for cell, n in zip(CELLS, self.wars, strict=True) if n >= FEWEST_WARS and cell[0] != "equipment")

    def levels(
        self, cells: Sequence[Cell], claim_variance: Mapping[str, float], like: Mapping[str, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean and covariance of the levels of a new war.

        Parameters
        ----------
        cells : sequence of Cell
        claim_variance : mapping of class to float
            Variance of a single claim's log error that the reporting model has by itself. What claims of the record vary beyond
            it is an error that all claims of a stance share, so it belongs to the level.
        like : mapping of covariate to float
            How much the new war has of each covariate, 0 to 1; the share in the record where it is not given.

        Returns
        -------
        mean : ndarray, shape (cell,)
        covariance : ndarray, shape (cell, cell)
        """
        at = [CELLS.index(cell) for cell in cells]
        x = np.zeros((len(cells), len(CELLS) + len(COVARIATES)))
        x[np.arange(len(cells)), at] = 1.0
        for j, name in enumerate(COVARIATES):
            acts = np.array([cell in APPLIES[name] for cell in cells], dtype=float)
            x[:, len(CELLS) + j] = acts * like.get(name, self.share[j])
        common = np.array([max(self.claim_sd[i] ** 2 - claim_variance[cell[0]], 0.0) for i, cell in zip(at, cells, strict=True)])
        return x @ self.mean, x @ self.covariance @ x.T + self.of_war[np.ix_(at, at)] + np.diag(common)
