"""How well `fc.draft` finds the rows of passages that were annotated by hand.

    python benchmarks/draft.py PHRASES.jsonl [--ids FILE [--others]]

PHRASES.jsonl has one passage a line, with `id`, `kind`, `published`, `text` and `rows`; tests/drafting/claims_in_text.jsonl is one.
A proposed row is found if measure, numbers and qualifier are those of an annotated one; the other columns are compared among the
rows found. `--ids` takes the passages of a list alone, such as tests/drafting/held_out.txt; with `--others`, all but these.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

import forcest as fc

FOUND_BY = ("measure", "value", "low", "high", "qualifier")
COMPARED = ("as_of", "window_start", "window_end", "scope", "source", "coverage", "stance_hint", "quote")


@dataclass
class Score:
    """Rows found, missed and false, agreement of the other columns among those found, and passages rightly without a row."""

    found: int = 0
    missed: int = 0
    false: int = 0
    agreeing: Counter[str] = field(default_factory=Counter)
    without_rows: int = 0
    without_rows_and_silent: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def agreement(self, column: str) -> float:
        """Share of the rows found whose cell in a column is that of the annotation."""
        return self.agreeing[column] / self.found if self.found else 1.0

    def add(self, passage: dict) -> None:
        """Score one passage."""
        proposed = proposed_rows(passage)
        if not passage["rows"]:
            self.without_rows += 1
            self.without_rows_and_silent += not proposed
        for row in passage["rows"]:
            match = next((other for other in proposed if all(other[name] == row[name] for name in FOUND_BY)), None)
            if match is None:
                self.missed += 1
                self.faults.append(f"{passage['id']}: missed {[row[name] for name in FOUND_BY]}, {row['quote']!r}")
                continue
            proposed.remove(match)
            self.found += 1
            self._compare(passage["id"], row, match)
        self.false += len(proposed)
        self.faults += [f"{passage['id']}: false {[row[name] for name in FOUND_BY]}, {row['quote']!r}" for row in proposed]

    def _compare(self, id_: str, row: dict, match: dict) -> None:
        for column in COMPARED:
            if match[column] == row[column]:
                self.agreeing[column] += 1
            else:
                self.faults.append(f"{id_}: {column} {match[column]!r} instead of {row[column]!r}, {row['quote']!r}")


def proposed_rows(passage: dict) -> list[dict]:
    """The rows of `fc.draft` for a passage, in the form of the annotation."""
    rows = []
    for row in fc.draft(passage["text"], passage["published"]).to_dict("records"):
        cells = {name: _cell(row[name]) for name in (*FOUND_BY, *COMPARED) if name in row}
        rows.append(cells | {"stance_hint": row["note"].rpartition(": ")[2] or "unknown"})
    return rows


def _cell(cell: object) -> object:
    if isinstance(cell, pd.Timestamp):
        return cell.date().isoformat()
    return None if cell == "" or pd.isna(cell) else cell


def passages(path: Path) -> list[dict]:
    """The passages of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def score(chosen: list[dict]) -> Score:
    """The score on some passages."""
    total = Score()
    for passage in chosen:
        total.add(passage)
    return total


def table(chosen: list[dict]) -> pd.DataFrame:
    """Rows found, missed and false by kind of passage, and in all."""
    kinds = sorted({passage["kind"] for passage in chosen})
    scores = {kind: score([passage for passage in chosen if passage["kind"] == kind]) for kind in kinds} | {"all": score(chosen)}
    return pd.DataFrame(
        [(kind, s.found, s.missed, s.false, s.precision, s.recall, s.f1) for kind, s in scores.items()],
        columns=["kind", "found", "missed", "false", "precision", "recall", "F1"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("phrases", type=Path)
    parser.add_argument("--ids", type=Path)
    parser.add_argument("--others", action="store_true")
    arguments = parser.parse_args()
    chosen = passages(arguments.phrases)
    if arguments.ids:
        ids = set(arguments.ids.read_text(encoding="utf-8").split())
        chosen = [passage for passage in chosen if (passage["id"] in ids) != arguments.others]
    total = score(chosen)
    print(table(chosen).to_string(index=False, float_format="%.2f"))
    print(f"Among the {total.found} rows found: " + ", ".join(f"{name} {total.agreement(name):.2f}" for name in COMPARED))
    print(f"Passages without a row that give none: {total.without_rows_and_silent} of {total.without_rows}")
    print("\n".join(total.faults))


if __name__ == "__main__":
    main()
