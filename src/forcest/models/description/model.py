"""The base of the descriptions that can be fitted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Self

from pydantic import model_validator

from forcest.errors import RenamedMethods
from forcest.models.description.base import Description
from forcest.models.description.calendar import Grid, parse_step
from forcest.models.description.toml import to_toml


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
        return self

    @property
    def grid(self) -> Grid:
        """The calendar."""
        return Grid(self.start, self.end, parse_step(self.step))

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
        text = to_toml(self.model_dump(mode="json", exclude_none=True))
        if path is not None:
            unfinished = Path(path).with_name(f".{Path(path).name}.{os.getpid()}")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        return text
