"""Rows: what a rule may look at, and the questions rules ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forcest.ledger import lineage, schema
from forcest.ledger.cells import PLAIN, Notation
from forcest.ledger.spelling import lookalikes

Mask = np.ndarray
"""One truth value a row."""


@dataclass(frozen=True)
class Rows:
    """What a rule may look at: every row as text and typed, and what is known of the file."""

    text: pd.DataFrame
    typed: pd.DataFrame
    notation: Notation = PLAIN
    absent: frozenset[str] = frozenset()
    """Required columns that the file lacks: said once, not once a row."""
    part: bool = False
    """Whether claims outside may be named."""

    def __getitem__(self, column: str) -> np.ndarray:
        """The dates or numbers of a column, NaT or NaN where there are none."""
        return self.typed[column].to_numpy()

    def given(self, column: str) -> Mask:
        """Rows whose cell is not empty."""
        return np.array([cell != "" for cell in self.text[column]], dtype=bool)

    def says(self, column: str, words: Iterable[str]) -> Mask:
        """Rows whose cell is one of some words."""
        return self.where(column, set(words).__contains__)

    def where(self, column: str, holds: Callable[[str], bool]) -> Mask:
        """Rows whose cell is given and has a property."""
        return np.array([cell != "" and holds(cell) for cell in self.text[column]], dtype=bool)

    def by_qualifier(self, holds: Callable[[schema.Qualifier], bool]) -> Mask:
        """Rows whose qualifier has a property."""
        return self.says("qualifier", [word for word, needs in schema.QUALIFIERS.items() if holds(needs)])

    @cached_property
    def _links(self) -> dict[str, lineage.Links]:
        ids = self.text["id"]
        return {column: lineage.links(ids, self.text[column]) for column in ("origin", "supersedes")}

    def links(self, column: str) -> lineage.Links:
        """What each claim names in ``origin`` or ``supersedes``."""
        return self._links[column]

    def linking(self, column: str, holds: Callable[[str, tuple[str, ...]], bool]) -> Mask:
        """Rows with a property of their id and the ids that a column of links names."""
        links = self.links(column)
        marks = [id_ in links and holds(id_, links[id_]) for id_ in self.text["id"]]
        return self.given(column) & np.array(marks, dtype=bool)

    @cached_property
    def first_row(self) -> dict[str, int]:
        """The first row of each id."""
        pairs = zip(self.text["id"], self.text.index.tolist(), strict=True)
        return dict(reversed(list(pairs)))

    @cached_property
    def _similar(self) -> dict[str, dict[str, str]]:
        return {column: lookalikes(name for name in self.text[column] if name) for column in ("source", "force")}

    def similar(self, column: str) -> dict[str, str]:
        """Names of ``source`` or ``force`` that look like another spelling of one: that one."""
        return self._similar[column]
