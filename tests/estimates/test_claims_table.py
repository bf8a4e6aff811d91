import numpy as np
import pytest

import forcest as fc
import synthetic_fit
from forcest.errors import ForcestError
from forcest.estimates.claims_table import in_words


def fit_with_replicates(claim, draws):
    """The synthetic fit with chosen predictive draws for one claim."""
    fit = synthetic_fit.build()
    pred = fit["posterior_predictive"].to_dataset()
    values = pred["replicated"].values.copy()
    values[..., list(pred["claim"].values).index(claim)] = np.asarray(draws, dtype=float).reshape(values.shape[:2])
    fit["posterior_predictive"] = pred.assign(replicated=(pred["replicated"].dims, values))
    return fit


def row(fit, claim):
    return fc.claims_table(fit).set_index("id").loc[claim]


LOG_GRID = np.linspace(-1, 1, 201)  # quantile p lies at 2 p - 1


def test_z_is_the_log_distance_to_the_nearest_edge_in_predictive_sds():
    # t10 was read as 3,500 to 4,500; predictions centred on 999 on the log1p scale
    t10 = row(fit_with_replicates("t10", 1000 * np.exp(LOG_GRID) - 1), "t10")
    assert t10["median"] == pytest.approx(999)
    assert t10["z"] == pytest.approx(np.log(3501 / 1000) / (0.9 / 1.6448536), rel=1e-6)
    assert t10["pit"] == 1.0


def test_below_the_prediction_z_is_negative_and_pit_small():
    t10 = row(fit_with_replicates("t10", 10_000 * np.exp(LOG_GRID) - 1), "t10")
    assert t10["z"] == pytest.approx(np.log(4501 / 10_000) / (0.9 / 1.6448536), rel=1e-6)
    below = np.mean(10_000 * np.exp(LOG_GRID) - 1 < 3500)
    inside = np.mean((10_000 * np.exp(LOG_GRID) - 1 >= 3500) & (10_000 * np.exp(LOG_GRID) - 1 <= 4500))
    assert t10["pit"] == pytest.approx(below + inside / 2)


def test_a_median_inside_the_interval_is_no_distance():
    t10 = row(fit_with_replicates("t10", 4000 * np.exp(LOG_GRID) - 1), "t10")
    assert t10["z"] == 0
    assert t10["pit"] == pytest.approx(0.5, abs=0.02)


def test_a_partial_count_below_every_prediction_is_no_surprise():
    t15 = row(fit_with_replicates("t15", np.full(201, 500.0)), "t15")
    assert (t15["z"], t15["pit"]) == (0, 0.5)


def test_predictions_without_spread_put_a_claim_elsewhere_infinitely_far():
    t10 = row(fit_with_replicates("t10", np.full(201, 1000.0)), "t10")
    assert t10["z"] == np.inf


def test_predictive_quantiles_are_those_of_the_replicates():
    t10 = row(fit_with_replicates("t10", np.arange(201.0)), "t10")
    assert t10[["low_90", "low_50", "median", "high_50", "high_90"]].tolist() == [10, 50, 100, 150, 190]


def test_every_fitted_claim_is_there_in_the_order_of_the_ledger():
    table = fc.claims_table(synthetic_fit.build())
    assert table["id"].tolist() == [f"t{i:02d}" for i in range(1, 16)]
    assert table.loc[1, "claimed"] == "11,000 to 12,000"


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (("about", 11_000, 10_500, 11_500), "about 11,000"),
        (("more_than", 3000, 3000, 4000), "more than 3,000"),
        (("exact", 2, 1.5, 2.5), "2"),
        (("range", np.nan, 3000, 4000), "3,000 to 4,000"),
        (("range", 3500, 3000, 4000), "3,000 to 4,000"),
        (("range", 3000, 3000, np.inf), "at least 3,000"),
        (("several_hundred", np.nan, 200, 900), "several hundred"),
        (("none_seen", np.nan, 0, 1000), "none seen (could hide 1,000)"),
        (("about", 1.25, 1.0, 1.56), "about 1.25"),
    ],
)
def test_a_claim_in_words(claim, words):
    assert in_words(*claim) == words


def test_a_forecast_has_no_predictions_to_set_beside_its_claims():
    with pytest.raises(ForcestError, match="must hold the group 'posterior_predictive'; a forecast has none"):
        fc.claims_table(synthetic_fit.forecast())
