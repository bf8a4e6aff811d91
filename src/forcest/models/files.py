"""Model files: read a model from TOML."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from forcest.errors import ForcestError, ModelError
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.radford2023.description import Radford2023

MODELS: dict[str, type[ForceModel] | type[LossModel] | type[Radford2023]] = {
    "ForceModel": ForceModel,
    "LossModel": LossModel,
    "Radford2023": Radford2023,
}

LARGEST = 10**6
"""Size of a model file [bytes]; ten years of a daily covariate take a tenth."""
DEEP = re.compile(r"(?:\[\s*){101}")
"""Nested brackets that are refused before they are read: how many the reader survives depends on who else set a limit."""


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
    name = os.fspath(path)
    fields = _fields(Path(path), name)
    kind = fields.get("kind", "ForceModel")
    if not isinstance(kind, str):
        raise ModelError(f'{name}: `kind` must be a name in quotation marks, such as "ForceModel"; got {str(kind)[:60]}.')
    if kind not in MODELS:
        raise ModelError(f"`kind` must be one of {', '.join(MODELS)}; got {kind!r} ({name}).")
    try:
        return MODELS[kind](**fields)
    except ModelError as error:
        raise ModelError(f"{name}: {error}") from None


def _fields(path: Path, name: str) -> dict[str, Any]:
    """What a file of a model says, read within limits that no model of a war comes near."""
    try:
        if path.stat().st_size > LARGEST:
            raise ModelError(f"{name} must have at most {LARGEST / 1e6:.0f} MB; it has {path.stat().st_size / 1e6:,.1f} MB.")
        text = path.read_text(encoding="utf-8")
        if DEEP.search(text):
            raise RecursionError
        return tomllib.loads(text)
    except OSError as error:
        raise ForcestError(f"a model file must be readable; {error}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{name} must be UTF-8 text; {error}. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{name} must be TOML; {error}. model.to_toml() writes an example.") from error
    except RecursionError:
        raise ModelError(f"{name} must not nest brackets hundreds of levels deep. model.to_toml() writes an example.") from None
    except ValueError as error:
        raise ModelError(f"{name} must not have numbers of thousands of digits ({error}).") from None
