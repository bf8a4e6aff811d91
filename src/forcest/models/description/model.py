"""The base of the descriptions that can be fitted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args

from pydantic import ValidationInfo, field_validator, model_validator

from forcest.errors import RenamedMethods
from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, parse_step
from forcest.models.description.toml import to_toml

if TYPE_CHECKING:
    import pymc as pm
    from pydantic.fields import FieldInfo

    from forcest.ledger import Ledger


MOST_STEPS = 10_000
"""Steps of a calendar: 27 years of days, 190 of weeks."""
BYTES_PER_STEP = 2_000 * 16 * 8
"""Memory that a step takes in a fit [bytes]: kept draws and prior draws of some sixteen curves in double precision."""


class Model(RenamedMethods, Description):
    """Base of the descriptions that can be fitted; they have the fields `start`, `end` and `step`."""

    _renamed: ClassVar = {"but": "replace"}

    target_accept: ClassVar[float | None] = None
    """Acceptance rate for the batched sampler, if divergences occur at its default."""

    predicts_claims: ClassVar[bool] = True
    """Whether a fit predicts what each source claims."""

    @model_validator(mode="after")
    def _check_calendar(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"`end` must lie after `start`; got {self.start} to {self.end}")
        if (steps := self.grid.size) > MOST_STEPS:
            raise ValueError(
                f"the calendar of a model must have at most {MOST_STEPS:,} steps; from {self.start} to {self.end} in steps of "
                f"{self.step!r}, it has {steps:,}, which would take {steps * BYTES_PER_STEP / 1e9:,.0f} GB of memory, and time in "
                "proportion. Correct dates that are far from the others, which forcest check names, or choose a longer step."
            )
        return self

    @property
    def grid(self) -> Grid:
        """The calendar."""
        return Grid(self.start, self.end, parse_step(self.step))

    def _lacks(self, name: str, field: FieldInfo) -> bool:
        """Whether a part is None that a model has by default: TOML has no null, so a file says ``false``."""
        return getattr(self, name) is None and field.get_default(call_default_factory=True, validated_data={}) is not None

    @field_validator("*", mode="before")
    @classmethod
    def _false_is_none(cls, value: Any, info: ValidationInfo) -> Any:
        optional = value is False and type(None) in get_args(cls.model_fields[str(info.field_name)].annotation)
        return None if optional else value

    def with_step(self, step: str) -> Self:
        """The same model with another distance of the nodes.

        Parameters
        ----------
        step : str
            Such as ``"D"``, ``"3D"`` or ``"W"``.

        Returns
        -------
        Self
        """
        return self.replace(step=step)

    def on(self, ledger: Ledger) -> Any:
        """The model bound to the claims of a ledger."""
        raise NotImplementedError

    def to_pymc(self, ledger: Ledger) -> pm.Model:
        """The posterior of a ledger's claims as a PyMC model.

        Parameters
        ----------
        ledger : Ledger

        Returns
        -------
        pymc.Model
            With the curves as deterministic variables; without them for the published model.

        Raises
        ------
        LedgerError, ModelError
            As for :func:`forcest.fit`.
        """
        return self.on(ledger).graph(curves=True)

    def to_toml(self, path: str | os.PathLike[str] | None = None) -> str:
        """The model as a TOML file that :func:`forcest.read_model` reads back.

        Parameters
        ----------
        path : path, optional
            File to write; by default, none is written.

        Returns
        -------
        str
            The content of the file.
        """
        absent = {name: False for name, field in type(self).model_fields.items() if self._lacks(name, field)}
        text = to_toml(self.model_dump(mode="json", exclude_none=True) | absent)
        if path is not None:
            unfinished = Path(path).with_name(f".{Path(path).name}.{os.getpid()}")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        return text
