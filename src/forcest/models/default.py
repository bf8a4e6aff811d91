"""The default model for a ledger; it takes dates and names from the ledger, but no counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from forcest.errors import ForcestError
from forcest.ledger.measures import LOSSES
from forcest.models.density.bound import of_people
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.process.arrivals import Waves
from forcest.models.reporting.readings import READS

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.description.model import Model


def default_model(ledger: Ledger) -> ForceModel | LossModel:
    """A loss model if all usable claims are about losses, otherwise a force model.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    ForceModel or LossModel
    """
    rows = of_people(ledger.usable(), "default model")
    reads = [READS.get(row) for row in zip(rows["measure"], rows["scope"], strict=True)]
    of_losses = [read.curve in (*LOSSES, "admitted") for read in reads if read]
    return (LossModel if of_losses and all(of_losses) else ForceModel).default(ledger)


def choice(model: Model, ledger: Ledger) -> str:
    """What the default model of a ledger is, what the ledger cannot tell, and what changes it; empty for another model.

    Parameters
    ----------
    model : Model
    ledger : Ledger

    Returns
    -------
    str
        One paragraph.
    """
    rows = ledger.usable()
    try:
        if len(rows) == 0 or default_model(ledger) != model:
            return ""
    except ForcestError:  # no default model fits the ledger, so this is another one
        return ""
    told = _of_force(model) if isinstance(model, ForceModel) else _of_losses(cast("LossModel", model))
    stances = sorted(set(rows["stance"]))
    alone = f" All claims come from one stance ({stances[0]}), so the level rests on its assumed bias." if len(stances) == 1 else ""
    weeks = WEEKS if model.step == "W" else ""
    return f"{told}{weeks}{alone} The choice follows from dates, measures, forces and stances, never from counts."


def _of_force(model: ForceModel) -> str:
    named = isinstance(model.arrivals, Waves)
    waves = f"waves of arrivals as the ledger names them ({', '.join(model.arrivals.named)})" if named else SPELLS
    home = ", people going home unhurt between the dates of claims about it" if model.withdrawals else ""
    fighting = LOSSES_AT_FRONT if model.attrition else NO_LOSSES
    return f"The default model has {waves}, {fighting}{home}, from {model.start} to {model.end}.{'' if named else NOBODY_AFTER}"


def _of_losses(model: LossModel) -> str:
    kinds = ", ".join(model.kinds)
    return f"The default model has rates of {kinds} that change smoothly, from {model.start} to {model.end}. {WAR_BEGAN}"


WEEKS = (
    " The calendar goes by weeks, since it covers more than two years and no claim counts single days "
    '(model.replace(step="D") for days).'
)
SPELLS = "arrivals in spells, since no claim names a wave"
NOBODY_AFTER = ' If nobody arrived after a date, say so: model.replace(arrivals=fc.SmoothArrivals(until="YYYY-MM-DD")).'
LOSSES_AT_FRONT = "losses at the front (model.replace(attrition=None) for a force that never fought)"
NO_LOSSES = (
    "no losses, since no claim counts any: the estimate says nothing of them (model.replace(attrition=fc.Attrition()) adds them)"
)
WAR_BEGAN = (
    "Single strikes and battles have days of their own. Other kinds of loss are not estimated, since no claim counts them. The "
    "ledger cannot tell what was lost before its first date: if the war began on a known day, use "
    'model.replace(start="YYYY-MM-DD", days_before=None).'
)
