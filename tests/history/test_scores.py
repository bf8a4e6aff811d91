"""Scores of priors on wars left out, the rule of adoption, and whether what is shipped follows from the record."""

import importlib.util
import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from forcest.datasets import reporting_record
from forcest.datasets.reporting_record import IN_RECORD
from forcest.history import cells_of, learn_bias, leave_one_war_out
from forcest.history.rows import Rows
from forcest.history.scores import Expected
from forcest.models.reporting.learned import ADOPTED, LearnedBias

STORED = files("forcest.models.reporting") / "learned_bias.json"


def benchmark():
    spec = importlib.util.spec_from_file_location("record_benchmark", Path(__file__).parents[2] / "benchmarks/reporting_record.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def record() -> pd.DataFrame:
    return reporting_record()


@pytest.fixture(scope="module")
def scores(record) -> pd.DataFrame:
    """Leave-one-war-out with the shipped fits."""
    wars = [war for war, rows in record.groupby("war") if len(Rows.of(rows).cell)]
    return leave_one_war_out(record, learned={war: LearnedBias.stored(war) for war in wars})


def test_the_shipped_numbers_are_of_the_shipped_record_and_model(record):
    stored = json.loads(STORED.read_text(encoding="utf-8"))["key"]
    assert stored == benchmark().key_of(record), "run benchmarks/reporting_record.py"


def test_the_adopted_cells_are_those_of_the_rule(scores):
    table = cells_of(scores)
    assert sorted(table.loc[table["adopted"], "cell"]) == sorted(":".join(cell) for cell in ADOPTED)


def test_gain_and_error_are_means_over_wars_by_loops(scores):
    table = cells_of(scores).set_index("cell")
    for cell, rows in scores.groupby("cell"):
        gains = [np.mean(of["learnt_log_score"] - of["assumed_log_score"]) for _, of in rows.groupby("war")]
        assert table.loc[cell, "gain"] == pytest.approx(np.mean(gains))
        if len(gains) > 1:
            assert table.loc[cell, "error"] == pytest.approx(np.std(gains, ddof=1) / np.sqrt(len(gains)))


def test_a_prior_that_expects_the_opposite_is_not_adopted(record):
    """A wrong twin: the same numbers with the sign of every level turned."""

    def turned(learned):
        return LearnedBias(**{**vars(learned), "mean": -2 * learned.mean})

    wars = [war for war, rows in record.groupby("war") if len(Rows.of(rows).cell)]
    scores = leave_one_war_out(record, learned={war: turned(LearnedBias.stored(war)) for war in wars})
    table = cells_of(scores).set_index("cell")
    assert not table.loc["strength:enemy", "adopted"]
    assert table.loc["losses:enemy", "gain"] < -1


def test_the_density_of_a_mixture_is_that_of_scipy():
    value = np.array([-2.0, 0.1, 3.0])
    of = Expected(np.array([0.0, 0.2, 0.5]), np.array([0.5, 0.6, 0.7]), np.array([1.5, 1.8, 2.1]), 0.1)
    density = 0.9 * stats.norm(of.mean, of.sd).pdf(value) + 0.1 * stats.norm(of.mean, of.wide_sd).pdf(value)
    below = 0.9 * stats.norm(of.mean, of.sd).cdf(value) + 0.1 * stats.norm(of.mean, of.wide_sd).cdf(value)
    np.testing.assert_allclose(of.log_density(value), np.log(density))
    np.testing.assert_allclose(of.below(value), below)


def test_wars_of_shipped_ledgers_are_in_the_record(record):
    assert set(IN_RECORD.values()) <= set(record["war"])


@pytest.mark.slow
def test_a_fit_with_another_seed_gives_the_shipped_numbers(record):
    """Monte Carlo error of a mean is below sd / 20 at 400 effective draws; two fits, 4 errors, 20 cells with claims."""
    again, stored = learn_bias(record, exclude=["Korean War"], random_seed=7), LearnedBias.stored("Korean War")
    sd = np.sqrt(np.diag(stored.covariance))
    assert np.max(np.abs(again.mean - stored.mean) / sd) < 4 * np.sqrt(2) / 20
    np.testing.assert_allclose(again.claim_sd, stored.claim_sd, rtol=0.1)  # its posterior sd is a tenth
    np.testing.assert_array_equal(again.rows, stored.rows)
