"""The base of the descriptions that can be fitted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Self

from forcest.errors import RenamedMethods
from forcest.models.description.base import Description
from forcest.models.description.toml import to_toml


class Model(RenamedMethods, Description):
    """Base of the descriptions that can be fitted."""

    _renamed: ClassVar = {"but": "replace"}

    target_accept: ClassVar[float | None] = None
    """Acceptance rate for the batched sampler, if divergences occur at its default."""

    predicts_claims: ClassVar[bool] = True
    """Whether a fit predicts what each source claims."""

    def with_step(self, step: str) -> Self:
        """The same model on a coarser or finer calendar."""
        return self.replace(step=step)

    def to_toml(self, path: str | os.PathLike[str] | None = None) -> str:
        """The model as a TOML file that :func:`forcest.read_model` reads back.

        Parameters
        ----------
        path : path, optional
            File to write, if any.

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
