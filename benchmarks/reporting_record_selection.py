"""How far selection of the rows could move what the reporting record teaches.

    uv run python benchmarks/reporting_record_selection.py

Famous failures are remembered. This leaves out, of every class of measures and stance, the fifth of the rows that lie farthest from
the truth, fits the rest, and prints the levels of a new war beside those of the whole record. It takes half a minute.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import forcest as fc
from forcest.datasets.reporting_record import MEASURE_CLASS

SHARE = 0.2
CELLS = (("losses", "enemy"), ("losses", "third_party"), ("strength", "enemy"))


def without_extremes(record: pd.DataFrame) -> pd.DataFrame:
    """The record less the rows of each class and stance whose ratio to the truth is farthest from 1."""
    ends = np.log(record[["claim_low", "claim_high", "established_low", "established_high"]])
    distance = (ends["claim_low"] + ends["claim_high"] - ends["established_low"] - ends["established_high"]).abs()
    rank = distance.groupby([record["measure"].map(MEASURE_CLASS), record["stance"]]).rank(pct=True, method="first")
    return record[rank <= 1 - SHARE]


def main() -> None:
    """Fit both records and print the levels."""
    record = fc.datasets.reporting_record()
    rows = []
    for name, table in {"all rows": record, "without the extreme fifth": without_extremes(record)}.items():
        reporting = fc.Reporting.from_learned(fc.history.learn_bias(table), every_cell=True)
        for cls, stance in CELLS:
            level = reporting.stance_levels[cls][stance]
            centre, low, high = np.exp([level.mu, level.mu - 1.645 * level.sd, level.mu + 1.645 * level.sd])
            counted = sum((table["measure"].map(MEASURE_CLASS) == cls) & (table["stance"] == stance))
            rows.append([f"{cls}, {stance}", name, counted, level.mu, level.sd, centre, low, high])
    columns = ["cell", "record", "rows", "mean", "sd", "factor", "low", "high"]
    print(pd.DataFrame(rows, columns=columns).sort_values("cell", kind="stable").round(2).to_string(index=False))


if __name__ == "__main__":
    main()
