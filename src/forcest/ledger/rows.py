"""Rows: what a rule may look at, and the questions rules ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from forcest.ledger import lineage, schema
from forcest.ledger.cells import PLAIN, Notation
from forcest.ledger.spelling import lookalikes


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

    def given(self, column: str) -> pd.Series:
        return self.text[column] != ""

    def says(self, column: str, words: Iterable[str]) -> pd.Series:
        return self.text[column].isin(list(words))

    def where(self, column: str, holds: Callable[[str], bool]) -> pd.Series:
        """Rows whose cell is given and has a property."""
        marks = [cell != "" and holds(cell) for cell in self.text[column]]
        return pd.Series(marks, index=self.text.index, dtype=bool)

    def by_qualifier(self, holds: Callable[[schema.Qualifier], bool]) -> pd.Series:
        return self.says("qualifier", [word for word, needs in schema.QUALIFIERS.items() if holds(needs)])

    @cached_property
    def origins(self) -> dict[str, tuple[str, ...]]:
        return lineage.links(self.text["id"], self.text["origin"])

    @cached_property
    def corrections(self) -> dict[str, tuple[str, ...]]:
        return {id_: (cell,) for id_, cell in zip(self.text["id"], self.text["supersedes"], strict=True) if cell}

    def links(self, column: str) -> dict[str, tuple[str, ...]]:
        return self.origins if column == "origin" else self.corrections

    def linking(self, column: str, holds: Callable[[str, tuple[str, ...]], bool]) -> pd.Series:
        """Rows with a property of their id and the ids that a column of links names."""
        links = self.links(column)
        marks = [id_ in links and holds(id_, links[id_]) for id_ in self.text["id"]]
        return self.given(column) & pd.Series(marks, index=self.text.index, dtype=bool)

    @cached_property
    def first_row(self) -> dict[str, int]:
        """The first row of each id."""
        return {id_: row for row, id_ in reversed(list(self.text["id"].items()))}  # type: ignore[misc]

    @cached_property
    def similar_sources(self) -> dict[str, str]:
        return lookalikes(self.text["source"][self.given("source")])
