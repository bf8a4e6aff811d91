"""Fit the reporting record, with all wars and without each, store what the fits teach, and score them.

    uv run python benchmarks/reporting_record.py

Writes ``src/forcest/models/reporting/learned_bias.json``, which the package ships, and prints the scores of the docs.
A fit that is stored for the same record is not repeated.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from forcest.datasets import reporting_record
from forcest.history import cells_of, learn_bias, leave_one_war_out
from forcest.history.model import RecordModel
from forcest.history.rows import Rows
from forcest.models.reporting.learned import LearnedBias

SOURCE = Path(__file__).parents[1] / "src/forcest"
STORED = SOURCE / "models/reporting/learned_bias.json"


def key_of(record: pd.DataFrame) -> str:
    """Stamp of the record and of the density of its model at three positions."""
    model = RecordModel.of(record)
    density = model(model.coordinates.prior_positions(np.random.default_rng(1), 3))[0]
    stated = record.to_csv(index=False) + " ".join(f"{value:.6f}" for value in density)
    return hashlib.sha256(stated.encode()).hexdigest()[:16]


def main() -> None:
    """Fit, store and score."""
    record = reporting_record()
    stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    if stored.get("key") != key_of(record):
        stored = {"key": key_of(record), "learned": {}}
    wars = sorted(war for war, rows in record.groupby("war") if len(Rows.of(rows).cell))
    for war in ["", *wars]:
        if war not in stored["learned"]:
            stored["learned"][war] = learn_bias(record, exclude=[war] if war else []).to_json()
            STORED.write_text(json.dumps(stored, separators=(",", ":")) + "\n", encoding="utf-8")
            print(war or "all wars", file=sys.stderr, flush=True)
    learned = {war: LearnedBias.from_json(stored["learned"][war]) for war in wars}
    scores = leave_one_war_out(record, learned=learned)
    print(cells_of(scores).round(2).to_string())


if __name__ == "__main__":
    main()
