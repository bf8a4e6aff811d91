"""Predicted and realised narrowing: ``python benchmarks/ask_next.py OUT.csv``.

The shipped ledger is fitted with its own model at weekly steps. Ten questions get five simulated answers each. For every answer,
the narrowing that reweighting predicts is set beside that of a fit to the ledger with the answer added. An interrupted run goes on
where it stopped; at its end, correlations, slopes and means are printed.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import forcest as fc
from forcest.checks.ask_next import Panel, narrowing
from forcest.checks.headlines import headlines
from forcest.checks.questions import as_claims
from forcest.checks.weights import LEAST_DRAWS, RELIABLE, effective_draws, smoothed_weights
from forcest.ledger import schema

DAY, OF, ANSWERS = "2025-02-27", "killed", 5
COLUMNS = ["source", "stance", "measure", "answer", "pareto_k", "effective_draws", "predicted", "realised", "converged"]
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


def made(file: Path) -> pd.DataFrame:
    """The rows of an earlier run; an unfinished one goes on behind them."""
    return pd.read_csv(file) if file.exists() else pd.DataFrame(columns=COLUMNS)


def main(file: Path) -> None:
    """Fit once, then once for every answer that has no row yet; each row is written at once."""
    ledger, model = fc.datasets.load("north_korea_kursk"), fc.presets.north_korea_kursk(step="W")
    fit = fc.fit(model, ledger, random_seed=1)
    asked = pd.DataFrame([(*question, DAY) for question in QUESTIONS], columns=["source", "stance", "measure", "as_of"])
    claims = as_claims(fit, asked)
    panel, logs, rows = Panel.of(fit, claims), np.log1p(headlines(fit, DAY)[OF]), made(file).to_dict("records")
    for number, claim in enumerate(claims):
        answers, log_likelihood = panel.answered(claim, number, ANSWERS)
        weights, k = smoothed_weights(log_likelihood)
        predicted, effective = narrowing(logs.ravel(), weights), effective_draws(weights)
        for i, answer in enumerate(answers):
            if number * ANSWERS + i < len(rows):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                again = fc.fit(model, ledger.joined(fc.read_ledger(as_row(answer))), random_seed=2)
            realised = 1 - np.log1p(headlines(again, DAY)[OF]).std() / logs.std()
            asked_of = [claim.row[name] for name in ("source", "stance", "measure")]
            found = [answer.row["value"], k[i], effective[i], predicted[i], realised, again.attrs["converged"]]
            rows.append(dict(zip(COLUMNS, [*asked_of, *found], strict=True)))
            pd.DataFrame(rows).to_csv(file, index=False, float_format="%.6g")
    print(summary(pd.DataFrame(rows)).to_string(float_format="%.3f"))


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """How far predictions hold: of single answers, of those whose weights are reliable, and of the means of each question."""
    reliable = (rows["pareto_k"] <= RELIABLE) & (rows["effective_draws"] >= LEAST_DRAWS)
    means = rows.groupby(["source", "stance", "measure"])[["predicted", "realised"]].mean()
    parts = {"single answers": rows, "those that are reliable": rows[reliable], "means by question": means}
    return pd.DataFrame({name: agreement(part["predicted"], part["realised"]) for name, part in parts.items()}).T


def agreement(predicted: pd.Series, realised: pd.Series) -> dict[str, float]:
    """Correlation, slope of the realised on the predicted narrowing, means, and the root mean square error."""
    return {
        "answers": len(predicted),
        "correlation": predicted.corr(realised),
        "slope": np.polyfit(predicted, realised, 1)[0],
        "mean predicted": predicted.mean(),
        "mean realised": realised.mean(),
        "realised / predicted": realised.mean() / predicted.mean(),
        "rms error": float(np.sqrt(((predicted - realised) ** 2).mean())),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
