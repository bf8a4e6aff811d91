"""Scores of later claims: arithmetic of mixtures, what is refused, and honest predictions of what the model itself would say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, logistic

import forcest as fc
from forcest.checks.predictive import mixture, parameters_of, predict, unseen_claims
from forcest.checks.score import scores_of, stated
from inference_ledger import ROWS, small_ledger_frame, small_model


def claims(**columns) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    words = {"id": "x", "force": "f", "source": "s", "stance": "enemy", "scope": "cumulative", "measure": "killed"}
    table = pd.DataFrame({name: [word] * n for name, word in words.items()})
    days = {"as_of": pd.Timestamp("2024-01-01"), "published": pd.Timestamp("2024-01-02")}
    usual = {"form": "point", "wave": "", "coverage": "total", "window_start": pd.NaT, "window_end": pd.NaT}
    return table.assign(**{**usual, **days, **columns})


def test_scores_of_one_logistic_belief_by_hand():
    """log1p(99) = log 100; a logistic around it of scale 0.2, read as 90 to 110 persons."""
    table = claims(value=[99.0], claim_low=[89.0], claim_high=[109.0])
    mean, scale = np.full((4_000, 1), np.log(120.0)), np.full((4_000, 1), 0.2)
    row = scores_of(mixture(table, mean, scale, np.random.default_rng(1))).iloc[0]
    belief = logistic(np.log(120.0), 0.2)
    below, upto = belief.cdf(np.log(90.0)), belief.cdf(np.log(110.0))
    assert row["log_score"] == pytest.approx(np.log(upto - below), rel=1e-9)
    assert row["pit"] == pytest.approx((below + upto) / 2, rel=1e-9)
    # CRPS of a logistic: scale (2 softplus(z) - z - 1) with z = (y - mean) / scale; 4,000 draws give it to 3 %.
    z = (np.log(100.0) - np.log(120.0)) / 0.2
    assert row["crps"] == pytest.approx(0.2 * (2 * np.log1p(np.exp(z)) - z - 1), rel=0.03)
    assert row["width_90"] == pytest.approx(2 * 0.2 * np.log(19), rel=0.05)


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_a_score_counts_on_the_gross_errors_of_the_model(fit, share):
    """The exact mixture of two logistic distributions, the wider one five scales wide, averaged over the draws of the fit."""
    reporting = fc.Reporting(gross_error_share=share)
    assumed = fit.copy()
    assumed.attrs["model"] = small_model().replace(reporting=reporting).model_dump_json()
    ledger = more(later("b1", "killed", "4000"))
    row = fc.score(assumed, ledger).iloc[0]
    mean, scale = belief_of_the_last_claim(assumed, ledger)
    edges = np.log1p([row["claim_low"], row["claim_high"]])[:, None]
    below, upto = ((1 - share) * logistic.cdf(edges, mean, scale) + share * logistic.cdf(edges, mean, 5 * scale)).mean(axis=1)
    assert row["log_score"] == pytest.approx(np.log(upto - below), rel=1e-9)
    assert row["pit"] == pytest.approx((below + upto) / 2, rel=1e-9)


def test_drawn_beliefs_have_the_gross_errors_of_the_mixture():
    """20,000 draws of one belief; a uniform distribution function is rejected at a false-alarm rate of 0.001."""
    mean, scale = np.full((20_000, 1), np.log(120.0)), np.full((20_000, 1), 0.2)
    table = claims(value=[99.0], claim_low=[89.0], claim_high=[109.0])
    drawn = mixture(table, mean, scale, np.random.default_rng(1), gross_error_share=0.3).beliefs[:, 0]
    narrow, wide = (logistic.cdf(drawn, np.log(120.0), width) for width in (0.2, 1.0))
    assert kstest(0.7 * narrow + 0.3 * wide, "uniform").pvalue > 0.001
    assert kstest(narrow, "uniform").pvalue < 0.001


def belief_of_the_last_claim(fit, ledger) -> tuple[np.ndarray, np.ndarray]:
    """Mean and scale of the belief behind the one claim that a fit has not seen, each (draw,), as the likelihood has them."""
    bound, is_new, _ = unseen_claims(fit, ledger)
    p = parameters_of(bound, fit, np.random.default_rng([fit.attrs["random_seed"], 5]))
    _, _, mean, scale = bound.likelihood.belief(p, bound.read_curves(bound.curves_forward(p)), bound.data)
    points = np.unique(bound.data.variant_points[bound.data.variant_claim == np.flatnonzero(is_new)[0]])
    assert len(points) == 1
    return mean[:, points[0]], scale[:, points[0]]


def test_a_bound_states_no_number_and_a_range_its_middle():
    table = claims(value=[np.nan, 5.0, np.nan], claim_low=[99.0, 5.0, 0.0], claim_high=[399.0, np.inf, 10.0])
    table["form"] = ["range", "at_least", "none_seen"]
    np.testing.assert_allclose(stated(table), [np.log(200.0), np.nan, np.nan])


def more(*rows) -> fc.Ledger:
    frame = pd.concat(
        [small_ledger_frame(), pd.DataFrame(rows, columns=small_ledger_frame().columns[:-1]).assign(force="The force")]
    )
    return fc.read_ledger(frame)


def later(id_: str, measure: str, value: str, source: str = "Paper", when: str = "2024-03-10") -> tuple:
    stance = "enemy" if source.endswith("nemy staff") else "third_party"
    return (id_, when, when, "", "", measure, "cumulative", value, "", "", "about", source, stance)


def test_seen_claims_are_not_scored_and_what_the_model_lacks_is_named(fit):
    ledger = more(later("b1", "killed", "400"), later("b2", "killed", "500", when="2024-05-10"))
    table = fc.score(fit, ledger)
    assert table["id"].tolist() == ["b1"]
    assert [row["id"] for row in table.attrs["refused"]] == ["b2"]
    assert "must refer to a day between" in table.attrs["refused"][0]["reason"]
    assert fc.score(fit, fc.read_ledger(small_ledger_frame())).empty


def ledger_with(*changed: dict[str, str]) -> fc.Ledger:
    """The small ledger with further rows, each a6 with some cells changed, published later."""
    frame = small_ledger_frame().assign(origin="", supersedes="")
    rows = [frame[frame["id"] == "a6"].assign(**{"published": "2024-03-05", **cells}) for cells in changed]
    return fc.read_ledger(pd.concat([frame, *rows]))


OTHER_DAY = {"source": "Other", "as_of": "2024-03-01"}


@pytest.mark.parametrize(
    ("changed", "scored", "reasons"),
    [
        ([{"id": "copy", "origin": "a6", "source": "Other"}], [], []),
        ([{"id": "copy", "origin": "a6", **OTHER_DAY}], [], ["repeats a6, which the fit has seen"]),
        ([{"id": "new", "supersedes": "a6", "value": "1200"}], ["new"], []),
        (
            [{"id": "new", "supersedes": "a6", "value": "1200"}, {"id": "copy", "origin": "a6", **OTHER_DAY}],
            ["new"],
            ["repeats a6, which the fit has seen"],
        ),
        ([{"id": "new", "as_of": "2024-03-02"}, {"id": "copy", "origin": "new", **OTHER_DAY}], ["new", "copy"], []),
    ],
    ids=["same date", "other date", "correction", "correction and copy", "copy of what is new"],
)
def test_copies_of_seen_claims_are_not_scored_and_corrections_are(fit, changed, scored, reasons):
    table = fc.score(fit, ledger_with(*changed))
    assert table["id"].tolist() == scored
    assert [row["reason"] for row in table.attrs["refused"]] == reasons


def test_the_original_of_a_seen_copy_is_not_scored(model):
    whole = ledger_with({"id": "copy", "origin": "a6", "source": "Other"})
    seen = fc.fit(model, whole.exclude(id="a6"), random_seed=1, quick=True)
    table = fc.score(seen, whole)
    assert table.empty
    assert table.attrs["refused"] == [{"id": "a6", "reason": "the fit has seen a copy of it"}]


def test_known_sources_keep_their_bias_and_new_ones_get_the_spread_of_the_prior(fit):
    """A source that is new is less certain: its own bias is drawn from the fitted scale."""
    ledger = more(later("b1", "killed", "400", "Enemy staff"), later("b2", "killed", "400", "New enemy staff"))
    bound, is_new, _ = unseen_claims(fit, ledger)
    predictive, _ = predict(fit, ledger)
    assert bound.layout.sources == ("Enemy staff", "New enemy staff", "Observer", "Paper", "Registers")
    assert is_new.sum() == 2
    known, new = predictive.beliefs.std(axis=0)
    assert new > 1.02 * known


def test_predictions_are_those_of_the_fit_for_a_claim_like_one_it_has_seen(fit):
    """A claim that repeats a seen one word for word, as news: its expected belief is the fit's own prediction of the old one."""
    twin = list(next(row for row in ROWS if row[0] == "a6"))
    twin[0], twin[1] = "c6", "2024-03-05"
    predictive, _ = predict(fit, more(tuple(twin)))
    own = np.log1p(fit["posterior_predictive"]["replicated"].sel(claim="a6").values.ravel())
    # Medians of 1,500 draws each, sd of a draw about 0.5: four standard errors of their difference.
    error = 1.2533 * np.hypot(own.std(), predictive.beliefs.std()) / np.sqrt(own.size)
    assert abs(np.median(own) - np.median(predictive.beliefs)) < 4 * error


@pytest.mark.slow
def test_later_claims_of_the_model_itself_are_predicted_honestly(model, ledger):
    """20 simulated ledgers, fitted to the first six claims, scored on the others: PIT uniform (false alarm 1 %), its square not."""
    from forcest.checks.simulations import prior_draw

    bound, early = model.on(ledger), ledger.filter(id=["a1", "a2", "a3", "a4", "a5", "a6"])
    pits = []
    for i in range(20):
        rng = np.random.default_rng([7, i])
        told = bound.simulate(prior_draw(bound, rng), rng)
        frame = small_ledger_frame().set_index("id")
        for claim in told.claims:
            numbers = zip(("value", "low", "high"), (round, math.floor, math.ceil), strict=True)
            frame.loc[claim.id, ["value", "low", "high"]] = [_cell(claim.row[name], whole) for name, whole in numbers]
            if claim.row["qualifier"] not in ("exact", "about"):
                frame.loc[claim.id, "qualifier"] = "range"
        whole = fc.read_ledger(frame.reset_index())
        known = whole.filter(id=list(early.to_dataframe()["id"]))
        fit = fc.fit(model, known, random_seed=i, sampler=fc.Batched(target_ess=800))
        table = fc.score(fit, whole)
        pits += table["pit"].tolist()
    assert len(pits) >= 50
    assert kstest(pits, "uniform").pvalue > 0.01
    assert kstest(np.square(pits), "uniform").pvalue < 0.01


def _cell(x: float, whole) -> str:
    return "" if not np.isfinite(x) else str(max(whole(x), 0))


def test_a_forecast_reaches_further(fit):
    """Claims after the end of its fit."""
    ahead = fc.forecast(fit, until="2024-06-01")
    table = fc.score(ahead, more(later("b2", "killed", "500", when="2024-05-10")))
    assert table["id"].tolist() == ["b2"]
