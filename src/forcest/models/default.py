"""The choice of a model for a ledger: dates and names come from the ledger, sizes never do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forcest.models.density.bound import of_people
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LOSSES, LossModel
from forcest.models.reporting.readings import READS

if TYPE_CHECKING:
    from forcest.ledger import Ledger


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
    return (LossModel if of_losses and all(of_losses) else ForceModel).default(ledger)
