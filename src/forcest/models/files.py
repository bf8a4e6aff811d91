"""Model files: read a model from TOML."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from forcest.errors import ForcestError, ModelError
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.radford2023.description import Radford2023

MODELS: dict[str, type[ForceModel] | type[LossModel] | type[Radford2023]] = {
    "ForceModel": ForceModel,
    "LossModel": LossModel,
    "Radford2023": Radford2023,
}


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
    try:
        fields = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ForcestError(f"a model file must be readable; {error}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{name} must be UTF-8 text; {error}. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{name} must be TOML; {error}. model.to_toml() writes an example.") from error
    kind = fields.get("kind", "ForceModel")
    if kind not in MODELS:
        raise ModelError(f"`kind` must be one of {', '.join(MODELS)}; got {kind!r} ({name}).")
    return MODELS[kind](**fields)
