"""Model files, of strangers too: read within limits that no model of a war comes near."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forcest.binding import refuse_endless
from forcest.errors import ModelError

if TYPE_CHECKING:
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel
    from forcest.models.radford2023.description import Radford2023

LARGEST = 10**6
"""Size of a model file [bytes]; ten years of a daily covariate take a tenth."""
DEEP = re.compile(r"(?:\[\s*){101}")
"""Nested brackets that are refused before they are read: how many the reader survives depends on who else set a limit."""
MOST = 1e15
"""Number that no prior may reach."""


def read_model(path: str | os.PathLike[str]) -> ForceModel | LossModel | Radford2023:
    """A model from a TOML file.

    Parameters
    ----------
    path : path
        As ``model.to_toml(path)`` writes it, or by hand: the fields of :class:`forcest.ForceModel` or, with ``kind =
        "LossModel"``, of :class:`forcest.LossModel`; ``kind = "Radford2023"`` is the published model.

    Returns
    -------
    ForceModel, LossModel or Radford2023

    Raises
    ------
    ForcestError
        If the file cannot be read.
    ModelError
        If it is not TOML, or not a valid model; all faults are named.

    Examples
    --------
    >>> text = model.to_toml("model.toml")
    >>> fc.read_model("model.toml") == model
    True
    """
    from forcest.models import files

    name = os.fspath(path)
    _refuse_unreadable(Path(path), name)
    model = files.read_model(path)
    try:
        refuse_endless(model)
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from None
    if wide := list(_wide_priors(model.model_dump())):
        raise ModelError(f"{name}: {'; '.join(wide)}. State an interval: {{ low = 3000, high = 30000 }}.")
    return model


def _refuse_unreadable(path: Path, name: str) -> None:
    """Refuse what the reader of TOML, or the check of its kind, would stumble over."""
    try:
        if path.stat().st_size > LARGEST:
            raise ModelError(f"{name} must have at most {LARGEST / 1e6:.0f} MB; it has {path.stat().st_size / 1e6:,.1f} MB.")
        text = path.read_text(encoding="utf-8")
        if DEEP.search(text):
            raise RecursionError
        fields = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return  # the reader of models names these
    except RecursionError:
        raise ModelError(f"{name} must not nest brackets hundreds of levels deep. model.to_toml() writes an example.") from None
    except ValueError as error:
        raise ModelError(f"{name} must not have numbers of thousands of digits ({error}).") from None
    kind = fields.get("kind", "")
    if not isinstance(kind, str):
        raise ModelError(f'{name}: `kind` must be a name in quotation marks, such as "ForceModel"; got {str(kind)[:60]}.')


def _wide_priors(fields: Any, place: str = "") -> Iterator[str]:
    """Priors whose 90 % interval reaches numbers that stand for nothing, each with its place."""
    from forcest.models.description.priors import Prior

    if isinstance(fields, Mapping):
        if set(fields) == {"family", "mu", "sd"}:
            ends = [Prior(**fields).quantile(prob) for prob in (0.05, 0.95)]
            if not all(abs(end) < MOST for end in ends):
                yield f"{place}: a prior must lie below {MOST:g}; its 90 % interval is {ends[0]:.3g} to {ends[1]:.3g}"
        for name, value in fields.items():
            yield from _wide_priors(value, f"{place}.{name}" if place else str(name))
    elif isinstance(fields, list | tuple):
        for number, value in enumerate(fields, start=1):
            yield from _wide_priors(value, f"{place}.{number}")
