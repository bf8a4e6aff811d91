"""What can be counted, as one table: what a claim of each measure reads, how it may be biased, and how it is labelled and drawn.

Everything that distinguishes measures takes its knowledge from here: the rules of a ledger, what a claim reads in a model, the
classes of bias and error, the curves that a fit stores, the labels of tables and the colours of figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

BiasClass = Literal["strength", "losses", "captured", "other"]
ErrorClass = Literal["deployed", "stocks", "losses", "other"]
Scope = Literal["stock", "cumulative", "flow"]


class Read(NamedTuple):
    """What a claim reads in a model: the level of a curve at a date, or its growth within a window.

    The curve ``admitted`` is the sum of the kinds of casualty that are treated in hospital.
    """

    curve: str
    how: Literal["level", "growth"]


@dataclass(frozen=True)
class Casualty:
    """A kind of casualty.

    Attributes
    ----------
    battle : bool
        Whether "casualties" may count it without saying so; of the other kinds a claim's definition must name each.
    admitted : bool
        Whether these people are treated in hospital, from where a share of them returns to the front.
    """

    battle: bool = True
    admitted: bool = False


@dataclass(frozen=True)
class Measure:
    """One quantity: something that a claim may count, a curve of a model, or both.

    Attributes
    ----------
    name : str
        The `measure` of a claim, and the name of the curve in a fit.
    doc : str
        What a claim of it counts; empty for a curve that no claim counts.
    reads : dict of scope to Read
        What a claim reads, for each scope in which it can be counted; None where no model reads it.
    bias, error : str
        Class of bias and of error of its claims; empty for a curve that no claim counts. Ratios have no bias.
    label : str
        What tables and figures call the curve; empty where they do not show it.
    unit : str
        Unit of the curve.
    colour : str
    counted : str
        What follows a number of them in a sentence: "400 killed"; empty for a curve that no headline is about.
    grows : bool
        Whether the curve is cumulative: it never falls.
    stored : bool
        Whether a fit of a force model stores the curve.
    of_partner : bool
        Whether it compares the force with its partner.
    casualty : Casualty, optional
        For kinds of casualty.
    claimed_as : str
        The measure of the claims about the curve, where it is another.
    """

    name: str
    doc: str = ""
    reads: Mapping[str, Read | None] = field(default_factory=dict)
    bias: BiasClass | Literal[""] = ""
    error: ErrorClass | Literal[""] = ""
    label: str = ""
    unit: str = "persons"
    colour: str = ""
    counted: str = ""
    grows: bool = False
    stored: bool = True
    of_partner: bool = False
    casualty: Casualty | None = None
    claimed_as: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "claimed_as", self.claimed_as or self.name)

    @property
    def scopes(self) -> tuple[str, ...]:
        """Scopes in which a claim can count it."""
        return tuple(self.reads)


def _stock(curve: str) -> dict[str, Read | None]:
    return {"stock": Read(curve, "level")}


def _events(curve: str) -> dict[str, Read | None]:
    return {"cumulative": Read(curve, "level"), "flow": Read(curve, "growth")}


_ROWS = (
    Measure(
        "deployed", "sent into the theatre", _stock("present") | _events("deployed"), "strength", "deployed",
        "Deployed, cumulative", colour="#33558b", counted="sent", grows=True,
    ),
    Measure(
        "in_training", "in training in the theatre (flow, cumulative: people who began it)",
        _stock("in_training") | _events("deployed"), "strength", "stocks", "In training", colour="#b59a24", counted="in training",
    ),
    Measure(
        "at_front", "at the front (flow, cumulative: people who reached it)", _stock("at_front") | _events("reached_front"),
        "strength", "stocks", "At the front", colour="#2b7a4b", counted="at the front",
    ),
    Measure(
        "in_hospital", "wounded or sick people under medical care", _stock("in_hospital") | _events("admitted"), "strength",
        "stocks", "In hospital", colour="#e08a4f", counted="in hospital",
    ),
    Measure("rear", label="In the rear", colour="#8fa3ad"),
    Measure(
        "casualties", "killed, wounded and whatever else the source counts (see definition)", _events("casualties"), "losses",
        "losses", "Casualties, cumulative", colour="#9c2f6f", counted="casualties", grows=True,
    ),
    Measure(
        "killed", "killed, including those who died of wounds", _events("killed"), "losses", "losses", "Killed, cumulative",
        colour="#5b1a33", counted="killed", grows=True, casualty=Casualty(),
    ),
    Measure(
        "wounded", "wounded", _events("wounded"), "losses", "losses", "Wounded, cumulative",
        colour="#d1495b", counted="wounded", grows=True, casualty=Casualty(admitted=True),
    ),
    Measure(
        "captured", "taken prisoner by the other side", _stock("captured") | _events("captured"), "captured", "other",
        "Captured, cumulative", colour="#3e8fb0", counted="captured", grows=True, casualty=Casualty(),
    ),
    Measure(
        "missing", "missing", _stock("missing") | _events("missing"), "losses", "losses", "Missing, cumulative",
        colour="#6d6d6d", counted="missing", grows=True, casualty=Casualty(),
    ),
    Measure(
        "deserted", "left the force without leave", _events("deserted"), "losses", "losses", "Deserted, cumulative",
        colour="#b8860b", counted="deserted", grows=True, casualty=Casualty(battle=False),
    ),
    Measure(
        "sick", "out of action through disease, cold or exhaustion", _events("sick"), "losses", "losses", "Sick, cumulative",
        colour="#5f9ea0", counted="sick", grows=True, casualty=Casualty(battle=False, admitted=True),
    ),
    Measure(
        "returned_to_duty", "wounded or sick who returned to the front", _events("returned_to_duty"), "other", "other",
        "Returned to duty, cumulative", colour="#3aa394", counted="returned to duty", grows=True,
    ),
    Measure(
        "withdrawn_home", "sent back to the home country", _events("withdrawn_home"), "other", "other",
        "Withdrawn home, cumulative", colour="#8d8741", counted="withdrawn home", grows=True,
    ),
    Measure("invalided", label="Invalided, cumulative", colour="#a9a25c", grows=True),
    Measure(
        "combined_strength", "at the front, the force and its partner force together", _stock("combined_strength"), "strength",
        "stocks", "Combined with the partner force", colour="#4b3b8f", counted="with the partner force",
    ),
    Measure(
        "effective_strength", label="Effective strength", unit="partner soldiers", colour="#7a68c4", of_partner=True,
    ),
    Measure("hazard", unit="1/day"),
    Measure(
        "combat_value", label="Combat value", unit="partner soldiers per soldier", stored=False, of_partner=True,
        claimed_as="equivalence",
    ),
    Measure("present", stored=False),
    Measure("reached_front", grows=True, stored=False),
    Measure(
        "equivalence", "combat value: soldiers of the partner force per soldier of the force; may be fractional",
        _stock("combat_value"), "other", "other", stored=False,
    ),
    Measure("planned", "an announcement, not a count; never fitted", dict.fromkeys(("stock", "cumulative", "flow")), stored=False),
    Measure(
        "destroyed", "equipment destroyed, damaged or captured by the other side (see item)",
        dict.fromkeys(("cumulative", "flow")), stored=False,
    ),
)  # fmt: skip

MEASURES: dict[str, Measure] = {m.name: m for m in _ROWS}

KINDS = tuple(m.name for m in _ROWS if m.casualty)
"""Kinds of casualty, in the order in which claims and tables list them."""
BATTLE_KINDS = tuple(m.name for m in _ROWS if m.casualty and m.casualty.battle)
ADMITTED_KINDS = tuple(m.name for m in _ROWS if m.casualty and m.casualty.admitted)
LOSSES = (*KINDS, "casualties")
_COUNTED = tuple(m.name for m in _ROWS if m.counted)
ANSWERS = tuple(dict.fromkeys(("killed", "casualties", "deployed", "at_front", *KINDS, *_COUNTED)))
"""Measures that a headline may be about, the most wanted first."""
CLASSES: tuple[BiasClass, ...] = ("strength", "losses", "captured", "other")
ERROR_CLASSES: tuple[ErrorClass, ...] = ("deployed", "stocks", "losses", "other")
