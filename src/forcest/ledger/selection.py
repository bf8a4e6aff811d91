"""Selection: which rows of a ledger meet given criteria."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import numpy as np
import pandas as pd

from forcest.errors import ForcestError
from forcest.ledger import lineage, schema
from forcest.ledger.spelling import did_you_mean


def matching(text: pd.DataFrame, criteria: Mapping[str, str | Iterable[str]]) -> np.ndarray:
    """One boolean per row: whether it meets every criterion, given as accepted values by column.

    Raises
    ------
    ForcestError
        If no criterion is given, or a column or value does not occur in the ledger.
    """
    if not criteria:
        raise ForcestError('at least one column must be given; got none. Write, for example, source="HUR".')
    rows = np.ones(len(text), dtype=bool)
    for column, accepted in criteria.items():
        check_names("column must be a text column of the ledger", [column], schema.TEXTS)
        values = [accepted] if isinstance(accepted, str) else list(accepted)
        rows &= _descending(text, values) if column == "origin" else _holding(text, column, values)
    return rows


def _holding(text: pd.DataFrame, column: str, values: list[str]) -> np.ndarray:
    """Rows that hold one of the values in a column."""
    check_names(f"{column} must be one in the ledger", values, text[column])
    return text[column].isin(values).to_numpy(dtype=bool)


def _descending(text: pd.DataFrame, origins: list[str]) -> np.ndarray:
    """Rows of the named claims and of all claims that go back to them."""
    links = lineage.links(text["id"], text["origin"])
    check_names("origin must be an id in the ledger", origins, chain(text["id"], chain.from_iterable(links.values())))
    return text["id"].isin(list(lineage.descendants(links, origins))).to_numpy(dtype=bool)


def check_names(rule: str, names: Iterable[object], known: Iterable[str]) -> None:
    """Raise an error for an unknown name, with similar known ones."""
    known = dict.fromkeys(known)
    for name in names:
        if name not in known:
            hint = did_you_mean(str(name), known) or f"Known: {', '.join(list(known)[:20])}."
            raise ForcestError(f"{rule}; got {name!r}. {hint}")
