"""Rows: the rows of a ledger as rules see them, and the masks that rules are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from forcest.ledger import lineage, schema
from forcest.ledger.cells import PLAIN, Notation
from forcest.ledger.spelling import second_spellings

Mask = np.ndarray
"""One boolean per row."""


@dataclass(frozen=True)
class Rows:
    """The rows of a ledger as text and typed, and what is known about the file."""

    text: pd.DataFrame
    typed: pd.DataFrame
    notation: Notation = PLAIN
    absent: frozenset[str] = frozenset()
    """Required columns that the file lacks: reported once, not for every row."""
    part: bool = False
    """Whether claims outside the ledger may be named."""
    shared: dict[str, Any] = field(default_factory=dict)
    """What several rules need of all rows, computed once."""

    def __getitem__(self, column: str) -> np.ndarray:
        """The dates or numbers of a column, NaT or NaN where there are none."""
        return self.typed[column].to_numpy()

    def given(self, column: str) -> Mask:
        """Rows whose cell is not empty."""
        return np.array([cell != "" for cell in self.text[column]], dtype=bool)

    def isin(self, column: str, values: Iterable[str]) -> Mask:
        """Rows whose cell is one of the given values."""
        return self.matching(column, set(values).__contains__)

    def matching(self, column: str, condition: Callable[[str], bool]) -> Mask:
        """Rows whose cell is not empty and meets a condition."""
        return np.array([cell != "" and condition(cell) for cell in self.text[column]], dtype=bool)

    def by_qualifier(self, condition: Callable[[schema.Qualifier], bool]) -> Mask:
        """Rows whose qualifier meets a condition."""
        return self.isin("qualifier", [name for name, qualifier in schema.QUALIFIERS.items() if condition(qualifier)])

    @cached_property
    def _links(self) -> dict[str, lineage.Links]:
        ids = self.text["id"]
        return {column: lineage.links(ids, self.text[column]) for column in ("origin", "supersedes")}

    def links(self, column: str) -> lineage.Links:
        """The ids that each claim names in ``origin`` or ``supersedes``, by id of the claim."""
        return self._links[column]

    def linking(self, column: str, condition: Callable[[str, tuple[str, ...]], bool]) -> Mask:
        """Rows whose id, together with the ids named in ``origin`` or ``supersedes``, meets a condition."""
        links = self.links(column)
        marks = [id_ in links and condition(id_, links[id_]) for id_ in self.text["id"]]
        return self.given(column) & np.array(marks, dtype=bool)

    @cached_property
    def first_row(self) -> dict[str, int]:
        """The first row of each id."""
        pairs = zip(self.text["id"], self.text.index.tolist(), strict=True)
        return dict(reversed(list(pairs)))

    @cached_property
    def _similar(self) -> dict[str, dict[str, str]]:
        return {column: second_spellings(name for name in self.text[column] if name) for column in ("source", "force")}

    def similar(self, column: str) -> dict[str, str]:
        """For each ``source`` or ``force`` that may be a second spelling of another: that other one."""
        return self._similar[column]
