"""A ledger of nine claims by four sources, and a model for it on a short coarse calendar: quick to compile and to sample."""

from __future__ import annotations

import pandas as pd

import forcest as fc

COLUMNS = (
    "id",
    "published",
    "as_of",
    "window_start",
    "window_end",
    "measure",
    "scope",
    "value",
    "low",
    "high",
    "qualifier",
    "source",
    "stance",
)
ROWS = [
    ("a1", "2024-01-20", "2024-01-18", "", "", "deployed", "cumulative", "5000", "", "", "about", "Enemy staff", "enemy"),
    ("a2", "2024-01-25", "2024-01-24", "", "", "deployed", "cumulative", "4500", "", "", "about", "Observer", "third_party"),
    ("a3", "2024-02-10", "2024-02-09", "", "", "at_front", "stock", "", "3000", "4000", "range", "Observer", "third_party"),
    ("a4", "2024-02-20", "2024-02-19", "", "", "killed", "cumulative", "300", "", "", "about", "Enemy staff", "enemy"),
    ("a5", "2024-02-21", "2024-02-19", "", "", "wounded", "cumulative", "900", "", "", "more_than", "Enemy staff", "enemy"),
    ("a6", "2024-02-25", "2024-02-20", "", "", "casualties", "cumulative", "1000", "", "", "about", "Paper", "third_party"),
    (
        "a7",
        "2024-03-01",
        "2024-02-29",
        "2024-02-20",
        "2024-02-29",
        "casualties",
        "flow",
        "",
        "200",
        "900",
        "several_hundred",
        "Paper",
        "third_party",
    ),
    ("a8", "2024-03-02", "2024-02-29", "", "", "returned_to_duty", "cumulative", "120", "", "", "exact", "Enemy staff", "enemy"),
    ("a9", "2024-03-02", "2024-02-29", "", "", "killed", "cumulative", "250", "", "", "up_to", "Registers", "record"),
]


def small_ledger_frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=list(COLUMNS)).assign(force="The force")


def small_model() -> fc.ForceModel:
    return fc.ForceModel(
        start="2024-01-01",
        end="2024-04-01",
        step="W",
        arrivals=fc.Waves(only=fc.Wave(size=fc.between(1_000, 20_000), window=("2024-01-05", "2024-01-25"))),
        training=fc.Delay(mean=fc.between(5, 20)),
        casualties=fc.CasualtyMix(captured=fc.between(0.0005, 0.03), missing=fc.between(0.001, 0.05)),
    )
