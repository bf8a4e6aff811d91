"""What a model answers: draws for every question about a war, from a fit or from the model itself."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from forcest.attributes import Attributes
from forcest.datasets.reporting_record import IN_RECORD
from forcest.errors import ForcestError, NotConvergedWarning
from forcest.estimates.draws import SAMPLE_DIMS, days, group, on_date
from forcest.inference import fit
from forcest.models.default import default_model
from forcest.models.reporting.description import Reporting

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel

Model = Callable[["Ledger", pd.DataFrame, int], "xr.DataTree | np.ndarray"]
"""From a ledger, questions (rows of `war, force, measure, date`) and a seed to a fit, or to draws (draw, question) [persons]."""

FEWEST_DRAWS = 100


def default_fit(ledger: Ledger, questions: pd.DataFrame, random_seed: int) -> xr.DataTree:
    """The default model of the ledger, fitted as ``forcest estimate`` does."""
    return fit(_default(ledger, questions), ledger, random_seed=random_seed)


def quick_fit(ledger: Ledger, questions: pd.DataFrame, random_seed: int) -> xr.DataTree:
    """The same, as a quick look."""
    return fit(_default(ledger, questions), ledger, random_seed=random_seed, quick=True)


def _default(ledger: Ledger, questions: pd.DataFrame) -> ForceModel | LossModel:
    """The default model, with priors that have not learnt from the war asked about."""
    model = default_model(ledger)
    unseen = Reporting.learned(exclude=IN_RECORD.get(questions["war"].iloc[0], ""))
    levels = {name: getattr(unseen, name) for name in ("stance_levels", "levels_together")}
    return model.replace(reporting=model.reporting.model_copy(update=levels))


@dataclass(frozen=True)
class Estimate:
    """What a model answered.

    Parameters
    ----------
    draws : ndarray, shape (draw, question)  [persons]
        NaN throughout a column where the model does not estimate the quantity.
    days_off : ndarray of int, shape (question,)
        Days between the date of a question and the nearest day of the calendar of the fit; 0 inside it.
    converged, quick : bool
        What the fit says of itself; draws without a fit count as converged.
    """

    draws: np.ndarray
    days_off: np.ndarray
    converged: bool = True
    quick: bool = False

    @classmethod
    def by(cls, model: Model, ledger: Ledger, questions: pd.DataFrame, random_seed: int) -> Estimate:
        """The answer of a model; an unconverged fit is kept and flagged."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotConvergedWarning)
            found = model(ledger, questions.copy(), random_seed)
        if isinstance(found, xr.DataTree):
            return _read(found, questions)
        return cls(_checked(found, questions), np.zeros(len(questions), dtype=int))

    def to_bytes(self) -> bytes:
        """As the content of an npz file."""
        buffer = BytesIO()
        draws = self.draws.astype(np.float32)
        np.savez_compressed(buffer, draws=draws, days_off=self.days_off, converged=self.converged, quick=self.quick)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Estimate:
        """What :meth:`to_bytes` wrote."""
        with np.load(BytesIO(content), allow_pickle=False) as found:
            return cls(found["draws"].astype(float), found["days_off"], bool(found["converged"]), bool(found["quick"]))


def _read(fit: xr.DataTree, questions: pd.DataFrame) -> Estimate:
    """Draws of a fit; a date outside its calendar reads the nearest end."""
    verdict, posterior = Attributes.of(fit).verdict, group(fit, "posterior")
    if verdict.is_interrupted:
        raise KeyboardInterrupt
    grid = days(posterior["date"])
    asked = questions["date"].to_numpy().astype("datetime64[D]")
    nearest = np.clip(asked, grid[0], grid[-1])
    draws = np.full((posterior.sizes["chain"] * posterior.sizes["draw"], len(questions)), np.nan)
    for i, (force, measure) in enumerate(zip(questions["force"], questions["measure"], strict=True)):
        if measure in posterior and force in posterior["force"].values:
            curve = on_date(posterior[measure].sel(force=force), nearest[i])
            draws[:, i] = curve.transpose(*SAMPLE_DIMS).to_numpy().ravel()
    draws[:, ~np.isfinite(draws).all(axis=0)] = np.nan
    return Estimate(draws, np.abs((asked - nearest).astype(int)), **Attributes.of(fit).flags)


def _checked(found: object, questions: pd.DataFrame) -> np.ndarray:
    """Draws that a model returned, refused where they cannot be scored."""
    draws = np.asarray(found, dtype=float)
    if draws.ndim != 2 or draws.shape[1] != len(questions) or len(draws) < FEWEST_DRAWS:
        raise ForcestError(
            f"a model must return a fit, or draws of shape (draw, question), at least {FEWEST_DRAWS} for each of the "
            f"{len(questions)} questions; got shape {draws.shape}. Fill the column of a quantity it does not estimate with NaN."
        )
    told = np.isfinite(draws) & (draws >= 0)
    if wrong := [i for i in range(len(questions)) if not told[:, i].all() and not np.isnan(draws[:, i]).all()]:
        raise ForcestError(
            f"draws must be persons, 0 or more, or NaN throughout a column; not so for question {', '.join(map(str, wrong))}. "
            "Cut draws off at 0, and mark a quantity that is not estimated with NaN in every draw."
        )
    return draws
