# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false, reportCallIssue=false
# pandas types a subset of what it accepts.
"""Wars of the bench: a ledger, what was established later, and the dates as of which the ledger is fitted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Self

import pandas as pd

from forcest.datasets import load, outcomes, read_outcomes
from forcest.datasets.outcomes import NO_BATTLE_LOSSES
from forcest.errors import ForcestError
from forcest.ledger import Ledger, read_ledger
from forcest.ledger.measures import BATTLE_KINDS

ALL = "all"
"""The ledger as it stands."""
QUESTION = ["war", "force", "measure", "date"]
"""What a model is told of an outcome."""


@dataclass(frozen=True)
class War:
    """A ledger and its outcomes.

    Parameters
    ----------
    name : str
    ledger : Ledger
    outcomes : DataFrame
        From :func:`forcest.datasets.outcomes` or :func:`forcest.datasets.read_outcomes`.
    """

    name: str
    ledger: Ledger
    outcomes: pd.DataFrame

    @classmethod
    def named(cls, name: str) -> Self:
        """A shipped war, or one in a file: NAME.csv with NAME.outcomes.csv beside it."""
        if not name.endswith(".csv"):
            return cls(name, load(name), outcomes(name))
        file = Path(name)
        return cls(file.stem, read_ledger(file), read_outcomes(file.with_suffix(".outcomes.csv")))

    def __post_init__(self) -> None:
        if strange := sorted(set(self.outcomes["force"]) - set(self.ledger.forces())):
            raise ForcestError(
                f"{self.name}: every force of the outcomes must be one of the ledger, {', '.join(self.ledger.forces())}; "
                f"got {', '.join(strange)}. Spell it as the ledger does."
            )

    @cached_property
    def targets(self) -> pd.DataFrame:
        """One row per force, measure and date: `war, force, measure, date, truth_low, truth_high, rule`.

        Several outcomes of one quantity become one range, from the lowest to the highest. A row with the rule "no_battle_losses"
        becomes one for every kind of battle loss.
        """
        table = self.outcomes.assign(measure=[_measures(row) for row in self.outcomes.to_dict("records")]).explode("measure")
        keys = ["force", "measure", "date", "rule"]
        merged = table.groupby(keys, as_index=False, sort=False).agg(truth_low=("low", "min"), truth_high=("high", "max"))
        return merged.assign(war=self.name)[[*QUESTION, "truth_low", "truth_high", "rule"]]

    @property
    def questions(self) -> pd.DataFrame:
        """What a model is asked: the targets without the truth."""
        return self.targets[QUESTION].copy()

    def date_of(self, vintage: str) -> str:
        """The date of publication up to which claims are used.

        Parameters
        ----------
        vintage : str
            ``"all"``; a share such as ``"1/3"``, for the day by which that share of the usable claims had been published; a date.

        Raises
        ------
        ForcestError
            If it is none of these, or nothing had been published by then.
        """
        published = self.ledger.usable()["published"].sort_values().reset_index(drop=True)
        if vintage == ALL:
            return f"{published.iloc[-1]:%Y-%m-%d}"
        if "/" in vintage:
            return f"{published.iloc[math.ceil(_share(vintage) * len(published)) - 1]:%Y-%m-%d}"
        self.ledger.known_by(vintage)  # refuses what is not a date
        if pd.Timestamp(vintage) < published.iloc[0]:
            raise ForcestError(
                f"{self.name}: `known_by` must not be before the first claim, published on {published.iloc[0]:%Y-%m-%d}; "
                f"got {vintage}. Name a later date, or leave the war out."
            )
        return vintage

    def known(self, vintage: str) -> Ledger:
        """The ledger as of a vintage."""
        return self.ledger if vintage == ALL else self.ledger.known_by(self.date_of(vintage))


def _measures(outcome: dict) -> list[str]:
    return list(BATTLE_KINDS) if outcome["rule"] == NO_BATTLE_LOSSES else [outcome["measure"]]


def _share(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise ForcestError(f'`known_by` must be dates, shares such as "1/3", or "all"; got {text!r}.')
    return share
