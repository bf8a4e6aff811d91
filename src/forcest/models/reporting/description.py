"""How counts become claims: bias by stance, source and class, error scales, rounding, drift.

Descriptions and their default numbers; the claim likelihood is in ``likelihood.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, Self, cast

import numpy as np
from pydantic import Field, field_validator, model_validator
from scipy.special import ndtri

from forcest.ledger.measures import BiasClass, ErrorClass
from forcest.models.description.base import Description
from forcest.models.description.priors import Positive, Prior, Real, lognormal, normal
from forcest.models.reporting.learned import ADOPTED, WIDE_FACTOR, WIDE_SHARE, Cell, LearnedBias, like_of

GRIDS = (1, 10, 50, 100, 500, 1_000, 5_000)

Stance = Literal["own", "enemy", "own_ally", "enemy_ally", "third_party", "record", "name_list"]

# Mean and standard deviation of the log bias shared by all sources of a stance: belligerents understate their own losses and
# overstate the enemy's (Radford et al. 2023: own 0.28-1.0, enemy 1.9-4.3); a captor can count its prisoners. An ally has the same
# interest and less at stake: half the mean. A list of names holds between a quarter and nearly all of those it is about:
# docs/decisions/0029.
NAMED = (-0.7, 0.4)
STANCE_LEVELS: dict[BiasClass, dict[Stance, tuple[float, float]]] = {
    "losses": {
        "own": (-0.5, 0.7),
        "own_ally": (-0.25, 0.5),
        "enemy": (0.7, 0.7),
        "enemy_ally": (0.35, 0.5),
        "third_party": (0.0, 0.4),
        "record": (-0.1, 0.1),
        "name_list": NAMED,
    },
    "strength": {
        "own": (-0.1, 0.3),
        "own_ally": (-0.05, 0.3),
        "enemy": (0.1, 0.3),
        "enemy_ally": (0.05, 0.3),
        "third_party": (0.0, 0.2),
        "record": (0.0, 0.1),
        "name_list": NAMED,
    },
    "captured": {
        "own": (0.0, 0.3),
        "own_ally": (0.0, 0.3),
        "enemy": (0.0, 0.1),
        "enemy_ally": (0.0, 0.2),
        "third_party": (0.0, 0.3),
        "record": (0.0, 0.1),
        "name_list": NAMED,
    },
    "other": {
        "own": (0.0, 0.3),
        "own_ally": (0.0, 0.3),
        "enemy": (0.0, 0.3),
        "enemy_ally": (0.0, 0.3),
        "third_party": (0.0, 0.3),
        "record": (0.0, 0.1),
        "name_list": NAMED,
    },
}

ERROR_SCALES = {"deployed": 0.15, "stocks": 0.3, "losses": 0.2, "other": 0.25}
ERROR_SPREAD = 0.35  # of the log: within a factor of 2; a wider prior lets a scale fall to where exact claims make a funnel


SOURCE_EFFECT, SOURCE_CLASS_EFFECT, DRIFT = 0.15, 0.1, 0.15
ERROR_CLASS: dict[str, ErrorClass] = {"losses": "losses", "strength": "deployed", "captured": "other", "equipment": "losses"}
"""Class of the error of a claim, by the class of its bias: of those of strengths the smallest."""


def claim_variance() -> dict[str, float]:
    """Variance of a single claim's log error around the level of its stance, at the medians of the defaults, by class of bias."""
    of_source = SOURCE_EFFECT**2 + SOURCE_CLASS_EFFECT**2 + DRIFT**2
    logistic_90 = np.log(19) / ndtri(0.95)  # standard deviation of a normal with the 90 % interval of a standard logistic
    return {cls: float((logistic_90 * ERROR_SCALES[name]) ** 2 + of_source) for cls, name in ERROR_CLASS.items()}


Levels = dict[BiasClass, dict[Stance, Prior]]


def _at(levels: Levels, cell: str) -> Prior:
    cls, stance = cell.split(":")
    return levels[cast(BiasClass, cls)][cast(Stance, stance)]


def drift_recursion(months: Sequence[int], drift_time: float) -> tuple[np.ndarray, np.ndarray]:
    r"""Weights of the drift before, and of a standard normal step, in the drift of each month; each shape (month,).

    .. math:: d_0 = z_0, \qquad d_j = \phi_j d_{j-1} + \sqrt{1-\phi_j^2}\,z_j, \qquad \phi_j = e^{-(t_j - t_{j-1})/\tau}

    Months that are left out change nothing: the process has no memory beyond its last value.

    Parameters
    ----------
    months : sequence of int
        Numbers of the months, ascending.
    drift_time : float  [months]
        The correlation time :math:`\tau`.
    """
    kept = np.exp(-np.diff(months, prepend=-np.inf) / drift_time)
    return kept, np.sqrt(1 - kept**2)


class LevelsTogether(Description):
    """Levels of stances that are correlated, and all wider with a small probability; the others are independent.

    Parameters
    ----------
    cells : tuple of str
        ``class:stance`` of each; their means and standard deviations are those of ``stance_levels``.
    correlation : tuple of tuple of float
        Correlation matrix of these levels in one force; levels of several forces are independent.
    wide_share, wide_factor : float
        Probability that all of them are wider, and how many times.
    """

    cells: tuple[str, ...] = ()
    correlation: tuple[tuple[float, ...], ...] = ()
    wide_share: float = Field(default=WIDE_SHARE, gt=0, lt=1)
    wide_factor: float = Field(default=WIDE_FACTOR, ge=1)

    @model_validator(mode="after")
    def _matrix(self) -> Self:
        matrix, n = np.array(self.correlation, dtype=float), len(self.cells)
        unit = matrix.shape == (n, n) and np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1.0)
        if n and not (unit and np.linalg.eigvalsh(matrix)[0] > 1e-9):
            raise ValueError("`correlation` must be a positive definite correlation matrix with a row for each of `cells`")
        return self

    def of(self, cells: Sequence[str]) -> LevelsTogether:
        """The same for some of its cells."""
        at = [self.cells.index(cell) for cell in cells]
        rows = tuple(tuple(self.correlation[i][j] for j in at) for i in at)
        return self.model_copy(update={"cells": tuple(cells), "correlation": rows})


def _assumed() -> Levels:
    return {c: {s: normal(*numbers) for s, numbers in by_stance.items()} for c, by_stance in STANCE_LEVELS.items()}


def _learnt(learned: LearnedBias, cells: Sequence[Cell], like: Mapping[str, float]) -> tuple[Levels, LevelsTogether]:
    """Levels with those of some cells as learnt from past wars, and how these hang together."""
    levels = _assumed()
    mean, covariance = learned.levels(cells, claim_variance(), like)
    sd = np.sqrt(np.diag(covariance))
    for (cls, stance), centre, spread in zip(cells, mean, sd, strict=True):
        levels[cast(BiasClass, cls)][cast(Stance, stance)] = normal(_digits(centre), _digits(spread))
    rows = tuple(tuple(_digits(x) for x in row) for row in covariance / np.outer(sd, sd))
    return levels, LevelsTogether(cells=tuple(":".join(cell) for cell in cells), correlation=rows)


def _digits(x: float) -> float:
    """Three decimals: more would say more than the record does."""
    return round(float(x), 3) + 0.0


@cache
def _defaults() -> tuple[Levels, LevelsTogether]:
    return _learnt(LearnedBias.stored(), ADOPTED, {})


class Reporting(Description):
    """How sources state counts; everything is on by default.

    Parameters
    ----------
    stance_levels : dict of measure class to dict of stance to Prior
        Log bias shared by all sources of a stance. Entries that are given replace the defaults; the others are kept. The defaults
        of some are learnt from past wars, those of the others assumed; see :meth:`learned`.
    levels_together : LevelsTogether
        Which of these levels are correlated. By default those that are learnt, less those that are given in `stance_levels`.
    source_effect, source_class_effect : Prior
        Standard deviations of a source's own log bias and of its deviation by measure class.
    drift : Prior
        Standard deviation of the part of a source's log bias that changes from month to month; it returns to zero.
    drift_time : float  [months]
        Time after which the correlation of that part with itself has fallen to 1/e.
    drift_from : int
        Months in which a source must speak of a class of measures for its bias to drift.
    record_effects : bool
        Whether a source of stance ``record`` has effects and a drift of its own, with the scales of all sources, in addition to
        the level of records. Otherwise the level (by default 0.9 with a standard deviation of about a tenth) is the whole bias of
        a record, and records anchor the estimate.
    error_scales : dict of error class to Prior
        Logistic scale of a claim's log error; the standard deviation is 1.81 times the scale.
    vague_exact : float
        Factor on the error scale of claims stated exactly; others have 1.
    grid_weights : tuple of float
        Mean weights of the rounding grids 1, 10, 50, 100, 500, 1000, 5000.
    grid_concentration : float
        Dirichlet concentration of a source's weights around these means.
    copy_error_share : float
        Share of the error variance of a claim repeated for another date that it does not share with its origin.
    gross_error_share : float
        Share of claims that are gross errors, five scales wide; 0 switches them off.

    Examples
    --------
    >>> uncertain = fc.Reporting(stance_levels={"losses": {"enemy": fc.between(0.2, 1.6)}})
    >>> round(uncertain.stance_levels["losses"]["enemy"].mu, 2)  # e^0.9: two and a half times too high on average
    0.9
    >>> uncertain.stance_levels["losses"]["own"].mu  # the default
    -0.5
    >>> other = model.replace(reporting=uncertain)
    """

    stance_levels: dict[BiasClass, dict[Stance, Real]] = Field(default_factory=dict, validate_default=True)
    levels_together: LevelsTogether = Field(default_factory=LevelsTogether)
    source_effect: Positive = Field(default_factory=lambda: lognormal(SOURCE_EFFECT, 0.5))
    source_class_effect: Positive = Field(default_factory=lambda: lognormal(SOURCE_CLASS_EFFECT, 0.5))
    drift: Positive = Field(default_factory=lambda: lognormal(DRIFT, 0.5))
    drift_time: float = Field(default=6.0, gt=0)
    drift_from: int = Field(default=2, ge=2)
    record_effects: bool = True
    error_scales: dict[ErrorClass, Positive] = Field(default_factory=dict, validate_default=True)
    vague_exact: float = Field(default=0.5, gt=0, le=1)
    grid_weights: tuple[float, ...] = (0.10, 0.10, 0.05, 0.25, 0.10, 0.30, 0.10)
    grid_concentration: float = Field(default=5.0, gt=0)
    copy_error_share: float = Field(default=0.1, gt=0, lt=1)
    gross_error_share: float = Field(default=0.0, ge=0, lt=0.5)

    @field_validator("grid_weights")
    @classmethod
    def _weights(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if len(weights) != len(GRIDS) or min(weights) <= 0 or abs(sum(weights) - 1) > 1e-9:
            raise ValueError(f"`grid_weights` must be {len(GRIDS)} positive numbers that sum to 1; got {weights}")
        return weights

    @field_validator("stance_levels", mode="after")
    @classmethod
    def _fill_levels(cls, given: dict) -> dict:
        return {c: {**levels, **given.get(c, {})} for c, levels in _defaults()[0].items()}

    @model_validator(mode="after")
    def _together(self) -> Self:
        """Levels that were given are independent of those learnt."""
        if "levels_together" not in self.model_fields_set:
            levels, together = _defaults()
            kept = [cell for cell in together.cells if _at(self.stance_levels, cell) == _at(levels, cell)]
            object.__setattr__(self, "levels_together", together.of(kept))
        return self

    @classmethod
    def learned(
        cls, exclude: str = "", conflict_like: Mapping[str, bool] | None = None, *, every_cell: bool = False, **fields: Any
    ) -> Self:
        """Levels of stances learnt from past wars, where the record foretells a war it has not seen better than the assumed ones.

        Parameters
        ----------
        exclude : str
            A war of the reporting record to leave out: the one that the ledger is about. For several, or for rows of your own, call
            :func:`forcest.history.learn_bias`.
        conflict_like : dict of str to bool, optional
            What is known of the war: ``concealed`` (the force hides its presence or numbers), ``names_published`` (it publishes its
            dead by name), ``after`` (the claims were made more than a year after the events). What is not given counts as in the
            record's average.
        every_cell : bool
            Learn all levels of which at least four wars of the record speak, with their correlations, also where they foretell no
            better than the assumed ones.
        **fields
            Other fields of the description.

        Returns
        -------
        Reporting
            Without arguments the default.

        Raises
        ------
        ModelError
            If the record has no such war, or a word of `conflict_like` is unknown.

        Examples
        --------
        >>> hidden = fc.Reporting.learned(exclude="Korean War", conflict_like={"concealed": True})
        >>> bool(hidden.stance_levels["strength"]["enemy"].mu < fc.Reporting().stance_levels["strength"]["enemy"].mu)
        True
        """
        return cls.from_learned(LearnedBias.stored(exclude), conflict_like, every_cell=every_cell, **fields)

    @classmethod
    def from_learned(
        cls, learned: LearnedBias, conflict_like: Mapping[str, bool] | None = None, *, every_cell: bool = False, **fields: Any
    ) -> Self:
        """Levels of stances from a fit of a reporting record; see :meth:`learned`.

        Parameters
        ----------
        learned : LearnedBias
            From :func:`forcest.history.learn_bias`.
        conflict_like, every_cell, **fields
            As in :meth:`learned`.
        """
        cells = learned.candidates if every_cell else ADOPTED
        levels, together = _learnt(learned, cells, like_of(conflict_like or {}))
        return cls(stance_levels=levels, levels_together=together, **fields)

    @field_validator("error_scales", mode="after")
    @classmethod
    def _fill_scales(cls, given: dict) -> dict:
        return {**{name: lognormal(median, ERROR_SPREAD) for name, median in ERROR_SCALES.items()}, **given}
