# pyright: reportArgumentType=false, reportCallIssue=false
# Fields accept what pydantic turns into them; the checker sees only the result.
"""A model for any ledger, with strengths or with losses alone: dates and names come from the ledger, sizes never do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from forcest.errors import LedgerError
from forcest.models.claims.readings import KINDS, READS
from forcest.models.force_model import ForceModel
from forcest.models.losses import LossModel
from forcest.models.parts import PartnerForce, SmoothArrivals, Wave, Waves
from forcest.models.priors import between
from forcest.models.reported import of_people
from forcest.models.reporting import ERROR_CLASS

if TYPE_CHECKING:
    from forcest.ledger import Ledger

STRENGTHS = tuple(measure for measure, cls in ERROR_CLASS.items() if cls in ("deployed", "stocks"))
WAVE_SIZE = (100, 100_000)
PARTNER_STRENGTH = (1_000, 1_000_000)
LOST_BEFORE = (1, 100_000)
LOSSES = (*KINDS, "casualties")
LEAD = pd.Timedelta(days=30)
LOOK_AHEAD = pd.Timedelta(days=90)


def default_force_model(ledger: Ledger) -> ForceModel:
    """A model built from a ledger's dates and wave names.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    ForceModel
        Waves where the ledger's ``wave`` column names some, else smooth arrivals; a partner force where there are claims on
        combined strength. The calendar runs from a month before the first date of a claim to three months after the last. Priors
        of sizes are wide and use no count of the ledger: state your own for a real estimate.

    Raises
    ------
    LedgerError
        If no usable claim is about strengths.
    """
    rows = of_people(ledger.usable(), "ForceModel")
    if set(rows["measure"]).isdisjoint(STRENGTHS):
        raise LedgerError(
            "a ForceModel needs at least one claim on strengths (deployed, in_training, at_front, in_hospital or "
            f"combined_strength); got {', '.join(sorted(set(rows['measure'])))}. Add one, or use LossModel.default."
        )
    first = rows[["as_of", "window_start"]].min(axis=1).min()
    last = rows[["as_of", "window_end"]].max(axis=1).max()
    named = rows[rows["wave"] != ""]
    combined = "combined_strength" in set(rows["measure"])
    return ForceModel(
        start=(first - LEAD).date(),
        end=(last + LOOK_AHEAD).date(),
        arrivals=_waves(named, (first - LEAD + pd.Timedelta(days=1)).date()) if len(named) else SmoothArrivals(),
        partner=PartnerForce(strength=between(*PARTNER_STRENGTH)) if combined else None,
    )


def default_model(ledger: Ledger) -> ForceModel | LossModel:
    """A loss model where all usable claims are about losses, else a force model.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    ForceModel or LossModel
    """
    rows = of_people(ledger.usable(), "default model")
    of_losses = [READS[m, s][0] in LOSSES for m, s in zip(rows["measure"], rows["scope"], strict=True) if (m, s) in READS]
    return default_loss_model(ledger) if of_losses and all(of_losses) else default_force_model(ledger)


def default_loss_model(ledger: Ledger) -> LossModel:
    """A model built from a ledger's dates, forces and kinds of loss.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    LossModel
        Killed and wounded, and the captured or missing where a claim or its definition counts them, for every force; casualties
        are their sums. The calendar runs from the day before the first date of a claim, with wide priors of what was lost before,
        to three months after the last. State `start` (and no `initial`) for a war whose first day is known.

    Raises
    ------
    LedgerError
        If some usable claim is not about losses.
    """
    rows = of_people(ledger.usable(), "LossModel")
    others = sorted({str(m) for m, s in zip(rows["measure"], rows["scope"], strict=True) if READS[m, s][0] not in LOSSES})
    if others:
        raise LedgerError(
            f"a LossModel is for losses only; got claims on {', '.join(others)}. Use ForceModel.default, or give those rows a "
            "reason in `exclude`."
        )
    said = {READS[m, s][0] for m, s in zip(rows["measure"], rows["scope"], strict=True)}
    said |= {kind.strip() for definition in rows["definition"] for kind in definition.split("+")}
    both = ("killed", "wounded") if said & {"wounded", "casualties"} else ("killed",) if "killed" in said else ()
    first = rows[["as_of", "window_start"]].min(axis=1).min()
    last = rows[["as_of", "window_end"]].max(axis=1).max()
    return LossModel(
        start=(first - pd.Timedelta(days=1)).date(),
        end=(last + LOOK_AHEAD).date(),
        kinds=(*both, *(kind for kind in ("captured", "missing") if kind in said)),
        initial=between(*LOST_BEFORE),
    )


def _waves(named: pd.DataFrame, start: date) -> Waves:
    """Waves by name; the earliest may have begun at any time, since claims made before waves were told apart name none."""
    waves: dict[str, Any] = {str(name): _wave(claims) for name, claims in named.groupby("wave")}
    earliest = min(waves, key=lambda name: waves[name].window[1])
    begun = min(start, waves[earliest].window[0])
    waves[earliest] = waves[earliest].model_copy(update={"window": (begun, waves[earliest].window[1])})
    return Waves(**waves)


def _wave(claims: pd.DataFrame) -> Wave:
    """A wave has arrived by the first date for which it is counted; it began with the earliest window that names it."""
    starts = claims["window_start"].dropna()
    ends = claims["window_end"].fillna(claims["as_of"])
    end = ends.min()
    start = starts.min() if len(starts) else end - LEAD
    return Wave(size=between(*WAVE_SIZE), window=(min([start, end - pd.Timedelta(days=1)]).date(), end.date()))
