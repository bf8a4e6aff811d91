"""The commands that check: what they write, how they end, and that they go on where they were stopped."""

import pandas as pd
import pytest

from inference_ledger import small_ledger_frame, small_model


@pytest.fixture
def run(run):
    small_ledger_frame().to_csv("claims.csv", index=False)
    small_model().to_toml("model.toml")
    return run


@pytest.mark.slow
def test_calibrate_writes_its_table_and_extends_an_earlier_run(run, tmp_path):
    first = run("calibrate", "claims.csv", "--model", "model.toml", "--n", 2, "--out", "cal")
    assert first.exit_code in (0, 1), first.output
    stored = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "cal" / "simulations").glob("*.npz")}
    assert sorted(stored) == ["000000.npz", "000001.npz"]
    run("calibrate", "claims.csv", "--model", "model.toml", "--n", 3, "--out", "cal")
    again = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "cal" / "simulations").glob("*.npz")}
    assert {name: again[name] for name in stored} == stored
    table = pd.read_csv("cal/calibration.csv")
    assert table["quantity"].is_unique
    assert set(table["in50"].round(6)) <= {0.0, round(1 / 3, 6), round(2 / 3, 6), 1.0}  # three ledgers
    other_seed = run("calibrate", "claims.csv", "--model", "model.toml", "--n", 1, "--seed", 2, "--out", "cal")
    assert other_seed.exit_code == 2
    assert "random_seed differ" in other_seed.output


def test_backtest_writes_scores_that_the_table_averages(run):
    options = ("--model", "model.toml", "--origins", "2024-02-11", "--horizons", "30", "--quick", "--out", "bt")
    result = run("backtest", "claims.csv", *options)
    assert result.exit_code in (0, 1), result.output
    scores, table = pd.read_csv("bt/scores.csv"), pd.read_csv("bt/table.csv")
    assert set(scores["forecaster"]) >= {"forcest", "last official figure"}
    assert scores[scores["forecaster"] == "forcest"]["id"].tolist() == ["a4", "a5", "a6", "a7", "a8", "a9"]
    told = scores.dropna(subset="log_score")
    shared = set.intersection(*(set(part["id"]) for _, part in told.groupby("forecaster")))
    own = told[(told["forecaster"] == "forcest") & told["id"].isin(shared)]["log_score"].mean()
    assert table.set_index("forecaster").loc["forcest", "log_score"] == pytest.approx(own, rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("backtest", "claims.csv", "--horizons", "soon"), "must be days separated by commas"),
        (("backtest", "claims.csv", "--origins", "tomorrow"), "must be a date such as"),
        (("calibrate", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_wrong_use_is_one_paragraph(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output
