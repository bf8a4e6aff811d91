"""The measures of a fit: their order, plain names and units, and which claims belong to which."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One quantity with a curve in the posterior.

    Attributes
    ----------
    name : str
        Name of the variable in the posterior.
    label : str
        How tables and figures call it.
    unit : str
        Unit of its values.
    claimed_as : str
        The `measure` a claim about it carries.
    grows : bool
        Whether it is cumulative: it never falls.
    of_partner : bool
        Whether it compares the force with its partner.
    """

    name: str
    label: str
    unit: str = "persons"
    claimed_as: str = ""
    grows: bool = False
    of_partner: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "claimed_as", self.claimed_as or self.name)


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure("deployed", "Deployed, cumulative", grows=True),
        Measure("in_training", "In training"),
        Measure("at_front", "At the front"),
        Measure("in_hospital", "In hospital"),
        Measure("rear", "In the rear"),
        Measure("casualties", "Casualties, cumulative", grows=True),
        Measure("killed", "Killed, cumulative", grows=True),
        Measure("wounded", "Wounded, cumulative", grows=True),
        Measure("captured", "Captured, cumulative", grows=True),
        Measure("missing", "Missing, cumulative", grows=True),
        Measure("returned_to_duty", "Returned to duty, cumulative", grows=True),
        Measure("withdrawn_home", "Withdrawn home, cumulative", grows=True),
        Measure("invalided", "Invalided, cumulative", grows=True),
        Measure("combined_strength", "Combined with the partner force"),
        Measure("effective_strength", "Effective strength", unit="partner soldiers", of_partner=True),
        Measure("combat_value", "Combat value", "partner soldiers per soldier", claimed_as="equivalence", of_partner=True),
    )
}
