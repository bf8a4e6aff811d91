"""The bench of past wars: scores by hand, merging, clustering, wrong twins, resuming, and failures that are named."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.bench import baselines
from forcest.checks.bench import claim_bench as running
from forcest.checks.bench.estimates import Estimate
from forcest.checks.bench.result import ClaimBench
from forcest.checks.bench.scores import scores_of
from forcest.checks.bench.wars import War
from forcest.errors import ForcestError
from past_war import LEDGER, OUTCOMES, spread, write_war


@pytest.fixture
def war(tmp_path):
    """A war in files: its name, as the bench takes it."""
    return write_war(tmp_path)


def steady(ledger, questions, random_seed):
    """The same answer to everything."""
    return np.repeat(spread(300, 0.5)[:, None], len(questions), axis=1)


# --- wars -----------------------------------------------------------------------------------------------------------


def test_several_outcomes_of_one_quantity_are_one_range(war):
    targets = War.named(war).targets
    assert targets[["measure", "truth_low", "truth_high"]].values.tolist() == [["killed", 250, 360], ["wounded", 500, 500]]


def test_deaths_without_a_battle_ask_for_every_battle_loss():
    targets = War.named("soviet_cuba_1962").targets
    assert targets["rule"].tolist() == ["scored", *["no_battle_losses"] * 4]
    assert targets["measure"].tolist() == ["deployed", "killed", "wounded", "captured", "missing"]


def test_a_share_of_the_claims_is_a_date_of_publication(war):
    past = War.named(war)  # published on the 3rd, 5th, 5th, 8th, 20th, and on 20 February
    assert [past.date_of(v) for v in ("1/6", "1/3", "1/2", "2/3", "all")] == [
        "1990-01-03", "1990-01-05", "1990-01-05", "1990-01-08", "1990-02-20",
    ]  # fmt: skip
    assert len(past.known("1/3")) == 3
    assert past.known("all") is past.ledger


@pytest.mark.parametrize(
    ("vintage", "message"),
    [
        ("4/3", "must be dates, shares"),
        ("1/0", "must be dates, shares"),
        ("soon", "must be a date"),
        ("1989-12-31", "before the first"),
    ],
)
def test_a_wrong_vintage_is_refused_before_anything_slow(war, vintage, message):
    with pytest.raises(ForcestError, match=message):
        fc.claim_bench(steady, wars=[war], known_by=[vintage])


def test_a_force_that_the_ledger_does_not_know_is_refused(war, tmp_path):
    file = tmp_path / "border_1990.outcomes.csv"
    file.write_text(OUTCOMES.replace("Reds,wounded", "Blues,wounded"))
    with pytest.raises(ForcestError, match="got Blues"):
        War.named(war)


# --- baselines ------------------------------------------------------------------------------------------------------


def test_baselines_by_hand(war):
    """Up to 31 January: 103 and 211 by the army, 397 by the enemy; the copy, the partial count and February are not read."""
    past = War.named(war)
    official, median, pooled = (
        rule(past.ledger, past.questions, 1)
        for rule in (baselines.last_official_figure, baselines.median_of_recent_claims, baselines.meta_analysis)
    )
    assert np.isnan(official[:, 1]).all()  # nobody counted the wounded
    assert np.median(official[:, 0]) == pytest.approx(211, rel=1e-3)
    logs = np.log1p([103, 397, 211])
    assert np.log1p(official[:, 0]).std() == pytest.approx(0.5, rel=0.01)
    assert np.median(median[:, 0]) == pytest.approx(211, rel=1e-3)
    assert np.log1p(median[:, 0]).std() == pytest.approx(logs.std(ddof=1), rel=0.01)
    assert np.median(pooled[:, 0]) == pytest.approx(np.expm1(pooled_by_hand(logs)[0]), rel=1e-3)
    assert np.log1p(pooled[:, 0]).std() == pytest.approx(pooled_by_hand(logs)[1], rel=0.01)


def pooled_by_hand(y):
    """DerSimonian and Laird on claims read as within half a person: mean and standard error."""
    within = (np.log1p(np.expm1(y) + 0.5) - np.log1p(np.expm1(y) - 0.5)) ** 2 / 12
    within = np.maximum(within, 1e-6)
    w = 1 / within
    q = np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2)
    between = (q - 2) / (np.sum(w) - np.sum(w**2) / np.sum(w))
    weights = 1 / (within + between)
    return np.sum(weights * y) / np.sum(weights), np.sqrt(1 / np.sum(weights))


def test_independent_counts_follow_the_claims_and_miss_a_quantity_without_any(war):
    past = War.named(war)
    found = baselines.independent_counts(past.ledger, past.questions, 1)
    assert 150 < np.median(found[:, 0]) < 700
    assert np.isnan(found[:, 1]).all()


# --- models of others -----------------------------------------------------------------------------------------------


def test_a_model_of_somebody_else_is_scored_like_any(war):
    found = fc.claim_bench(steady, wars=[war], known_by=["all"])
    own = found.rows[found.rows["model"] == "steady"].set_index("measure")
    assert own["truth_high"].to_dict() == {"killed": 360, "wounded": 500}
    assert own.loc["killed", "log_score"] == pytest.approx(scores_of(spread(300, 0.5), 250, 360)["log_score"], abs=1e-5)
    assert set(found.rows["model"]) == {"steady", *baselines.BASELINES}
    assert "inside the 90 % interval killed 1 of 1, wounded 1 of 1, together 2 of 2" in str(found)


def test_the_model_on_the_page_of_the_docs_is_scored(war):
    page = (Path(__file__).parents[2] / "docs" / "claim-bench.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(page.partition("# mymodel.py")[2].partition("```")[0], names)
    found = fc.claim_bench(names["estimate"], wars=[war], known_by=["all"])
    own = found.rows[found.rows["model"] == "estimate"].set_index("measure")
    assert own.loc["killed", "median"] == pytest.approx((103 + 397 + 397 + 53 + 211 + 907) / 6, rel=0.05)
    assert not own.loc["wounded", "estimated"]
    quick = fc.claim_bench(names["weekly_losses"], wars=[war], known_by=["all"]).rows
    assert quick.loc[quick["model"] == "weekly_losses", "estimated"].tolist() == [True, False]


def test_what_is_not_estimated_is_counted_and_never_inside(war):
    def half(ledger, questions, random_seed):
        draws = steady(ledger, questions, random_seed)
        draws[:, questions["measure"] == "wounded"] = np.nan
        return draws

    found = fc.claim_bench(half, wars=[war], known_by=["all"])
    row = found.rows[(found.rows["model"] == "half") & (found.rows["measure"] == "wounded")].iloc[0]
    assert (row["estimated"], row["inside"], row["overlaps"]) == (False, False, False)
    assert np.isnan(row["log_score"])
    assert "wounded 0 of 1 (1 not estimated)" in str(found)


def test_a_model_sees_neither_the_truth_nor_later_claims(war):
    seen = {}

    def curious(ledger, questions, random_seed):
        seen["columns"], seen["claims"] = list(questions), len(ledger)
        return steady(ledger, questions, random_seed)

    fc.claim_bench(curious, wars=[war], known_by=["1990-01-05"])
    assert seen == {"columns": ["war", "force", "measure", "date"], "claims": 3}


@pytest.mark.parametrize(
    ("draws", "message"),
    [
        (lambda n: np.ones((500, n + 1)), "must return a fit, or draws of shape"),
        (lambda n: np.ones((5, n)), "at least 100"),
        (lambda n: np.full((500, n), -1.0), "must be persons, 0 or more"),
    ],
)
def test_draws_that_cannot_be_scored_are_refused_by_name(war, draws, message):
    def wrong(ledger, questions, random_seed):
        return draws(len(questions))

    found = fc.claim_bench(wrong, wars=[war], known_by=["all"])
    assert found.failed["model"].tolist() == ["wrong"]
    assert message in found.failed["error"].iloc[0]


def test_losses_shown_where_nobody_fought_are_named():
    found = fc.claim_bench(steady, wars=["soviet_cuba_1962"], known_by=["all"])
    own = found.without_battle[found.without_battle["model"] == "steady"]
    assert own["shown"].all()
    assert len(own) == 4
    assert "where there was no battle: soviet_cuba_1962 (all)" in str(found)
    assert not found.without_battle.loc[found.without_battle["baseline"], "shown"].any()  # no claim counts any
    assert set(found.rows["measure"]) == {"deployed"}


# --- failures and resuming ------------------------------------------------------------------------------------------


def test_a_failing_model_is_named_and_loses_nothing_else(war):
    def broken(ledger, questions, random_seed):
        if len(ledger) > 3:
            raise ValueError("too many claims")
        return steady(ledger, questions, random_seed)

    found = fc.claim_bench(broken, wars=[war], known_by=["1/3", "all"])
    assert found.failed[["war", "vintage", "model", "error"]].values.tolist() == [
        ["border_1990", "all", "broken", "ValueError: too many claims"]
    ]
    assert found.rows.loc[found.rows["model"] == "broken", "vintage"].unique().tolist() == ["1/3"]
    assert "Failed: border_1990, all, broken: ValueError" in str(found)


def test_a_second_run_asks_no_model_and_a_changed_ledger_does(war, tmp_path):
    asked = []

    def counting(ledger, questions, random_seed):
        asked.append(random_seed)
        return steady(ledger, questions, random_seed)

    options = {"wars": [war], "known_by": ["1/3", "all"], "folder": tmp_path / "answers"}
    done: list[str] = []
    first = fc.claim_bench(counting, **options, callback=done.append)
    assert len(done) == 2 * 5
    again = fc.claim_bench(counting, **options, callback=done.append)
    assert (asked, len(done)) == ([1, 1], 10)
    pd.testing.assert_frame_equal(first.rows, again.rows, rtol=1e-5)
    (tmp_path / "border_1990.csv").write_text(LEDGER.replace("cumulative,907", "cumulative,809"))
    fc.claim_bench(counting, **options)
    assert asked == [1, 1, 1]  # as of the first third nothing changed
    fc.claim_bench(counting, **options, random_seed=2)
    assert asked == [1, 1, 1, 2, 2]


def test_what_a_model_states_of_itself_is_part_of_its_key(war):
    task = running.Task(War.named(war), "all", "steady", lambda ledger, questions, random_seed: None, 1)
    before = task.file
    task.model.description = "evidence of 2024"
    assert task.file != before


def test_a_model_without_a_name_is_refused(war):
    with pytest.raises(ForcestError, match="must be a function"):
        fc.claim_bench(partial(steady, random_seed=1), wars=[war])


def test_other_sources_of_forcest_are_another_key(war, monkeypatch):
    task = running.Task(War.named(war), "all", "steady", steady, 1)
    before = task.file
    monkeypatch.setattr(running, "_sources", lambda: "changed")
    assert task.file != before


def test_a_failure_is_tried_again(war, tmp_path):
    tries = []

    def once(ledger, questions, random_seed):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("out of memory")
        return steady(ledger, questions, random_seed)

    assert len(fc.claim_bench(once, wars=[war], known_by=["all"], folder=tmp_path / "answers").failed) == 1
    assert fc.claim_bench(once, wars=[war], known_by=["all"], folder=tmp_path / "answers").failed.empty


# --- comparisons ----------------------------------------------------------------------------------------------------


def bench_of(rows, model="mine"):
    """A bench from rows of (war, measure, model, log score, crps, inside)."""
    table = pd.DataFrame(rows, columns=["war", "measure", "model", "log_score", "crps", "inside"])
    table = table.assign(
        force="Reds", date=pd.Timestamp("1990-01-31"), vintage="all", known_by="1990-02-20", estimated=True, overlaps=True,
        width=2.0, converged=True, quick=False, in50=table["inside"], in80=table["inside"], baseline=table["model"] != model,
    )  # fmt: skip
    empty = pd.DataFrame(columns=["war", "vintage", "known_by", "model", "error", "shown"])
    return ClaimBench(table, empty, empty, model)


TWO_WARS = [
    ("a", "killed", "mine", 1.0, 0.1, True),
    ("a", "wounded", "mine", 3.0, 0.1, True),
    ("b", "killed", "mine", 5.0, 0.4, False),
]


def test_standard_errors_are_clustered_by_war():
    """Scores 1, 3 and 5 with mean 3: sums of deviations are -2 in war a and 2 in war b; sqrt(2/1 (4 + 4)) / 3 = 4/3."""
    every = bench_of(TWO_WARS).summary.set_index("measure").loc["all measures"]
    assert every["log_score"] == pytest.approx(3.0)
    assert every["log_score_se"] == pytest.approx(4 / 3)
    assert (every["outcomes"], every["inside"]) == (3, 2)


def test_gains_are_paired_on_what_both_estimate():
    rival = [("a", "killed", "rival", 0.0, 0.3, True), ("b", "killed", "rival", 2.0, 0.2, True)]
    row = bench_of([*TWO_WARS, *rival]).gains.iloc[0]
    assert (row["n"], row["wars"]) == (2, 2)
    assert row["log_score_gain"] == pytest.approx(2.0)  # 1 and 3
    assert row["log_score_gain_se"] == pytest.approx(np.sqrt(2 * 2) / 2)
    assert row["crps_gain"] == pytest.approx(0.0)  # 0.2 better, 0.2 worse


def test_a_model_gains_nothing_over_itself(war):
    found = fc.claim_bench(baselines.last_official_figure, wars=[war, "kargil_1999"], known_by=["all"])
    same = found.gains.set_index("baseline").loc["last official figure"]
    assert same["n"] == 4
    assert same[["log_score_gain", "log_score_gain_se", "crps_gain", "crps_gain_se"]].tolist() == [0, 0, 0, 0]


def test_before_and_after_war_by_war(tmp_path):
    before = bench_of([(w, m, name, x - 0.5, c, i) for w, m, name, x, c, i in TWO_WARS])
    before.rows.to_csv(tmp_path / "old.csv", index=False)
    table = bench_of(TWO_WARS).compared_with(pd.read_csv(tmp_path / "old.csv")).set_index("war")
    assert table["log_score_gain"].tolist() == [0.5, 0.5, 0.5]
    assert table["n"].to_dict() == {"a": 2, "b": 1, "all wars": 3}
    assert table.loc["all wars", "log_score_gain_se"] == pytest.approx(0.0)
    assert np.isnan(table.loc["a", "log_score_gain_se"])
    with pytest.raises(ForcestError, match="it lacks war"):
        bench_of(TWO_WARS).compared_with(pd.DataFrame({"x": [1]}))


def coverage_of(sd, *, n=200):
    """Verdicts on a model that takes the errors of its centre, lognormal with standard deviation 1, for ``sd``."""
    rows = []
    for i, centre in enumerate(spread(1_000, 1, n=n)):
        scores = scores_of(spread(centre, sd, n=400), 1_000, 1_000)
        rows.append({"war": f"w{i}", "vintage": "all", "known_by": "x", "model": "m", "estimated": True, **scores})
    found = ClaimBench(pd.DataFrame(rows), pd.DataFrame(), pd.DataFrame(), "m").coverage
    return found.set_index("level")["verdict"].to_dict()


def test_an_overconfident_twin_fails_coverage():
    """With a standard deviation halved, 59 % of 200 outcomes are inside 90 %. Errors are quantiles: there is no chance."""
    assert coverage_of(1.0) == {0.5: "", 0.8: "", 0.9: ""}
    assert set(coverage_of(0.5).values()) == {"too narrow"}
    assert set(coverage_of(2.0).values()) == {"too wide"}


# --- fits -----------------------------------------------------------------------------------------------------------


def test_a_fit_is_read_at_the_nearest_end_of_its_calendar(fit):
    curve = fit["posterior"]["killed"]
    force, last = str(curve["force"].values[0]), pd.Timestamp(curve["date"].values[-1])
    asked = [("killed", force, last + pd.Timedelta(days=40)), ("captured", "Nobody", last), ("sick", force, last)]
    questions = pd.DataFrame([{"war": "w", "force": f, "measure": m, "date": d} for m, f, d in asked])
    found = Estimate.by(lambda ledger, questions, random_seed: fit, None, questions, 1)
    expected = curve.sel(force=force).isel(date=-1).transpose("chain", "draw").to_numpy().ravel()
    assert np.allclose(found.draws[:, 0], expected)
    assert found.days_off.tolist() == [40, 0, 0]
    assert np.isnan(found.draws[:, 1:]).all()
    assert found.converged == bool(fit.attrs["converged"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the cluster's own, such as a port that another one holds
def test_a_cluster_gives_the_same_rows(war):
    distributed = pytest.importorskip("distributed", reason="dask is an extra: forcest[dask]")
    here = fc.claim_bench(baselines.last_official_figure, wars=[war], known_by=["all"])
    # Workers in processes of their own, as everywhere: one inside this process would leave its locks behind in it.
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        there = fc.claim_bench(baselines.last_official_figure, wars=[war], known_by=["all"], client=client)
    pd.testing.assert_frame_equal(here.rows, there.rows)
