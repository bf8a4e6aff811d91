"""Model files: a description as TOML that people read and change, and back."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forcest.errors import ForcestError, ModelError
from forcest.models.force_model import ForceModel
from forcest.models.losses import LossModel
from forcest.models.priors import Prior
from forcest.models.radford2023.description import Radford2023

MODELS: dict[str, type[ForceModel] | type[LossModel] | type[Radford2023]] = {
    "ForceModel": ForceModel,
    "LossModel": LossModel,
    "Radford2023": Radford2023,
}
PRIOR = frozenset({"family", "mu", "sd"})
HEADING = (
    "A model of forcest: forcest estimate LEDGER --model THIS_FILE",
    "An interval may stand for a prior: size = { low = 3000, high = 30000 } (90 % unless prob says otherwise).",
)


def model_to_toml(model: ForceModel | LossModel | Radford2023) -> str:
    """A model as TOML text: every number is written in full, so that reading it back gives the same model.

    Parameters
    ----------
    model : ForceModel, LossModel or Radford2023

    Returns
    -------
    str
        Each prior with its median and equal-tailed 90 % interval as a remark.
    """
    import tomlkit

    document = tomlkit.document()
    for line in HEADING:
        document.add(tomlkit.comment(line))
    _fill(document, model.model_dump(mode="json", exclude_none=True))
    return tomlkit.dumps(document)


def _fill(table: Any, said: Mapping[str, Any]) -> None:
    """Numbers and words first, then tables, as TOML wants it."""
    import tomlkit

    for name, value in said.items():
        if _is_prior(value) or not _is_table(value):
            table.add(name, _prior(value) if _is_prior(value) else value)
    for name, value in said.items():
        if _is_table(value) and not _is_prior(value):
            if isinstance(value, list):
                tables = tomlkit.aot()
                for item in value:
                    tables.append(_table(item))
                table.add(name, tables)
            else:
                table.add(name, _table(value))


def _table(said: Mapping[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.table()
    _fill(table, said)
    return table


def _is_prior(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == PRIOR


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _prior(said: Mapping[str, Any]) -> Any:
    import tomlkit

    prior = Prior(**said)
    low, median, high = (prior.quantile(q) for q in (0.05, 0.5, 0.95))
    line = tomlkit.inline_table()
    line.update(dict(said))
    line.comment(f"median {median:.4g}, 90 % {low:.4g} to {high:.4g}")
    return line


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
        If it is no TOML, or no model; all faults are named.

    Examples
    --------
    >>> text = model.to_toml("model.toml")
    >>> fc.read_model("model.toml") == model
    True
    """
    name = os.fspath(path)
    try:
        said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ForcestError(f"a model file must be readable; {error}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{name} must be UTF-8 text; {error}. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{name} must be TOML; {error}. model.to_toml() writes an example.") from error
    kind = said.get("kind", "ForceModel")
    if kind not in MODELS:
        raise ModelError(f"`kind` must be one of {', '.join(MODELS)}; got {kind!r} ({name}).")
    return MODELS[kind](**said)
