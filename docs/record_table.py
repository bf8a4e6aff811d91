"""Write reporting-record-table.md: every row of the reporting record, by war.

uv run python docs/record_table.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

import forcest as fc
from forcest.datasets.reporting_record import ESTABLISHED_BY

PAGE = Path(__file__).with_name("reporting-record-table.md")
COLUMNS = ("row", "claim", "claimed", "established", "ratio", "by", "sources")
HEAD = f"| {' | '.join(COLUMNS)} |\n|{''.join('---:|' if name == 'ratio' else '---|' for name in COLUMNS)}\n"
BY = {"own_admission": "own admission", "opponent_record": "opponent's record"}


def page() -> str:
    """The page's text."""
    record = fc.datasets.reporting_record()
    return "".join(f"## {war}\n\n{HEAD}{''.join(map(_line, rows.to_dict('records')))}\n" for war, rows in record.groupby("war"))


def _line(row: dict) -> str:
    ratio = np.sqrt(row["claim_low"] * row["claim_high"] / row["established_low"] / row["established_high"])
    sources = f"claim: {row['claim_source']}; established: {row['established_source']}"
    sources += f"; note: {row['note']}" if row["note"] else ""
    counted = row["counted"] if row["force"] in row["counted"] else f"{row['force']}: {row['counted']}"
    cells = [
        row["row_id"],
        f"{counted}. {row['claimant']}, {row['claim_date']} ({row['stance'].replace('_', ' ')})",
        _range(row["claim_low"], row["claim_high"]),
        _range(row["established_low"], row["established_high"]),
        f"{ratio:.2f}",
        f"{BY.get(row['established_by'], row['established_by'])} ({row['confidence']})",
        sources,
    ]
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |\n"


def _range(low: float, high: float) -> str:
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"


if __name__ == "__main__":
    assert set(BY) < set(ESTABLISHED_BY)
    PAGE.write_text(page(), encoding="utf-8")
