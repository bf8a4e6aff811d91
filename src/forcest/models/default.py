"""The default model for a ledger; it takes dates and names from the ledger, but no counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forcest.ledger.measures import LOSSES
from forcest.models.density.bound import of_people
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.reporting.readings import READS

if TYPE_CHECKING:
    from forcest.ledger import Ledger


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
