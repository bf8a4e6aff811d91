"""Predicted and realised narrowing: ``python benchmarks/ask_next.py OUT.csv``.

The shipped ledger is fitted with its own model at weekly steps. Ten questions get five simulated answers each. For every answer,
the narrowing that reweighting predicts is set beside that of a fit to the ledger with the answer added.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd

import forcest as fc
from forcest.checks.ask_next import Panel, narrowing
from forcest.checks.headlines import headlines
from forcest.checks.questions import as_claims
from forcest.checks.weights import smoothed_weights
from forcest.ledger import schema

DAY, OF, ANSWERS = "2025-02-27", "killed", 5
QUESTIONS = [
    ("A new record", "record", "killed"),
    ("A new list of names", "name_list", "killed"),
    ("Their own ministry", "own", "killed"),
    ("A new record", "record", "casualties"),
    ("A new record", "record", "wounded"),
    ("US State Department", "third_party", "killed"),
    ("A new third party", "third_party", "killed"),
    ("HUR", "enemy", "killed"),
    ("NIS", "third_party", "at_front"),
    ("A new enemy source", "enemy", "deployed"),
]


def as_row(answer) -> pd.DataFrame:
    """An answer as a row of a ledger."""
    cells = {name: answer.row[name] for name in schema.NAMES}
    cells |= {name: "" if pd.isna(cells[name]) else f"{cells[name]:%Y-%m-%d}" for name in schema.DATES}
    cells |= {name: "" if pd.isna(cells[name]) else f"{cells[name]:.0f}" for name in schema.NUMBERS}
    return pd.DataFrame([cells])


def main() -> None:
    """Fit once, then once for every answer; each row is written at once."""
    ledger, model = fc.datasets.load("north_korea_kursk"), fc.presets.north_korea_kursk(step="W")
    fit = fc.fit(model, ledger, random_seed=1)
    asked = pd.DataFrame([(*question, DAY) for question in QUESTIONS], columns=["source", "stance", "measure", "as_of"])
    claims = as_claims(fit, asked)
    panel, logs, rows = Panel.of(fit, claims), np.log1p(headlines(fit, DAY)[OF]), []
    for number, claim in enumerate(claims):
        answers, log_likelihood = panel.answered(claim, number, ANSWERS)
        weights, k = smoothed_weights(log_likelihood)
        predicted = narrowing(logs.ravel(), weights)
        for i, answer in enumerate(answers):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                again = fc.fit(model, ledger.joined(fc.read_ledger(as_row(answer))), random_seed=2)
            realised = 1 - np.log1p(headlines(again, DAY)[OF]).std() / logs.std()
            row = {"source": claim.row["source"], "stance": claim.row["stance"], "measure": claim.row["measure"]}
            row |= {"answer": answer.row["value"], "pareto_k": k[i], "effective_draws": 1 / (weights[:, i] ** 2).sum()}
            rows.append(row | {"predicted": predicted[i], "realised": realised, "converged": again.attrs["converged"]})
            pd.DataFrame(rows).to_csv(sys.argv[1], index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
