"""A description as TOML text that people read and change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forcest.models.description.priors import Prior

PRIOR = frozenset({"family", "mu", "sd"})
HEADING = (
    "A model of forcest: forcest estimate LEDGER --model THIS_FILE",
    "An interval may stand for a prior: size = { low = 3000, high = 30000 } (90 % unless prob says otherwise).",
)


def to_toml(described: Mapping[str, Any]) -> str:
    """A description as TOML text; every number is written in full, so that reading it back gives the same description.

    Parameters
    ----------
    described : mapping
        As ``model_dump(mode="json", exclude_none=True)`` gives it.

    Returns
    -------
    str
        Each prior has its median and equal-tailed 90 % interval as a comment.
    """
    import tomlkit

    document = tomlkit.document()
    for line in HEADING:
        document.add(tomlkit.comment(line))
    _fill(document, described)
    return tomlkit.dumps(document)


def _fill(table: Any, fields: Mapping[str, Any]) -> None:
    """Plain values first, then tables, as TOML requires."""
    import tomlkit

    for name, value in fields.items():
        if _is_prior(value) or not _is_table(value):
            table.add(name, _prior(value) if _is_prior(value) else value)
    for name, value in fields.items():
        if _is_table(value) and not _is_prior(value):
            if isinstance(value, list):
                tables = tomlkit.aot()
                for item in value:
                    tables.append(_table(item))
                table.add(name, tables)
            else:
                table.add(name, _table(value))


def _table(fields: Mapping[str, Any]) -> Any:
    import tomlkit

    table = tomlkit.table()
    _fill(table, fields)
    return table


def _is_prior(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == PRIOR


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _prior(fields: Mapping[str, Any]) -> Any:
    import tomlkit

    prior = Prior(**fields)
    low, median, high = (prior.quantile(q) for q in (0.05, 0.5, 0.95))
    line = tomlkit.inline_table()
    line.update(dict(fields))
    line.comment(f"median {median:.4g}, 90 % {low:.4g} to {high:.4g}")
    return line
