"""Binding a model to a ledger, refused where the calendar is so long that the fit would not end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forcest.errors import ModelError

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel
    from forcest.models.radford2023.description import Radford2023

MOST_STEPS = 10_000
"""Steps of a calendar: 27 years of days, 190 of weeks."""
BYTES_PER_STEP = 2_000 * 16 * 8
"""Memory that a step takes in a fit [bytes]: kept draws and prior draws of some sixteen curves in double precision."""


def bound(model: ForceModel | LossModel | Radford2023, ledger: Ledger) -> Any:
    """The model bound to the claims of a ledger.

    Raises
    ------
    ModelError
        If the calendar has more than ``MOST_STEPS`` steps, or the model does not cover the ledger.
    """
    refuse_endless(model)
    return model.on(ledger)


def refuse_endless(model: ForceModel | LossModel | Radford2023) -> None:
    """Refuse a calendar with more than ``MOST_STEPS`` steps."""
    steps = model.grid.size
    if steps > MOST_STEPS:
        raise ModelError(
            f"the calendar of a model must have at most {MOST_STEPS:,} steps; from {model.start} to {model.end} in steps of "
            f"{model.step!r}, it has {steps:,}, which would take {steps * BYTES_PER_STEP / 1e9:,.0f} GB of memory, and time in "
            "proportion. Correct dates that are far from the others, which forcest check names, or choose a longer step."
        )
