"""Steps of a comparison by weights: they agree with fits, have honest errors, and are refused where they do not reach."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.levels import Level, mcse_of_median, mcse_of_shift
from forcest.checks.reweighting import End
from forcest.checks.weights import are_reliable, effective_draws, smoothed_weights
from forcest.errors import ForcestError
from inference_ledger import small_ledger_frame, small_model

OPTIONS = {"random_seed": 1, "sampler": fc.Batched(target_ess=1000)}
FOUR_ERRORS = 4.0
"""10 measures and steps: a false alarm in 1,600 runs, and the same seeds fail no run."""


def with_more(**rows):
    """The small ledger and more rows, each like a4 (300 killed) but for the cells that are given."""
    given = small_ledger_frame().assign(origin="", supersedes="")
    more = [given[given["id"] == "a4"].assign(id=id_, **cells) for id_, cells in rows.items()]
    return fc.read_ledger(pd.concat([given, *more], ignore_index=True))


@pytest.fixture(scope="module")
def old(ledger):
    return fc.fit(small_model(), ledger, **OPTIONS)


@pytest.fixture(scope="module")
def new():
    """A corrected row, a second claim of a known source, one of a new source, and one more so that three steps lie between."""
    ledger = with_more(
        b1={"supersedes": "a4", "value": "420", "published": "2024-03-03"},
        b2={"source": "Observer", "stance": "third_party", "value": "800", "published": "2024-03-05", "as_of": "2024-02-28"},
        b3={"source": "Herald", "stance": "third_party", "value": "700", "published": "2024-03-06", "as_of": "2024-02-28"},
        b4={"source": "Registers", "stance": "record", "value": "300", "published": "2024-03-08", "as_of": "2024-02-28"},
    )
    return fc.fit(small_model(), ledger, **OPTIONS)


@pytest.fixture(scope="module")
def found(old, new):
    return fc.compare(old, new, method="reweight")


def apart(one, other):
    """Distance of the medians of the steps between the estimates, in standard errors of two fits."""
    between = one["kind"].isin(["corrections", "claims"]) & (one["step"] != "Registers")
    error = np.hypot(one["mcse"], other["mcse"])
    return ((one["median"] - other["median"]).abs() / error)[between]


def test_weights_find_what_fits_find(old, new, found):
    refitted = fc.compare(old, new)
    assert found.table[["measure", "kind", "step", "n_claims"]].equals(refitted.table[["measure", "kind", "step", "n_claims"]])
    assert found.path("killed")["step"].tolist()[1:] == ["corrections", "Observer", "Herald", "Registers"]
    assert len(apart(found.table, refitted.table)) == 15
    assert (apart(found.table, refitted.table) < FOUR_ERRORS).all()
    for column in ("low", "high"):  # ends of intervals: three times the error of a median, and a percent for its own error
        off = (found.table[column] - refitted.table[column]).abs()
        assert (off < 12 * np.hypot(found.table["mcse"], refitted.table["mcse"]) + 0.01 * refitted.table[column]).all()


def test_without_weights_the_same_test_fails(old, new):
    """The wrong twin: each step has the draws of the old estimate as they are."""
    refitted = fc.compare(old, new).table
    first = refitted.groupby("measure")[["median", "mcse"]].transform("first")
    assert (apart(refitted.assign(**first), refitted) > FOUR_ERRORS).sum() >= 3


def test_shifts_add_up_and_the_last_number_is_the_new_estimate(found, new):
    for measure in found.measures:
        path = found.path(measure)
        assert path["shift"].iloc[1:].sum() == pytest.approx(path["median"].iloc[-1] - path["median"].iloc[0], abs=1e-9)
        summary = fc.summary(new, at=found.dates[1]).set_index("measure")
        assert path["median"].iloc[-1] == pytest.approx(summary.loc[measure, "median"])


def test_a_comparison_says_how_it_was_found(found, tmp_path):
    found.save(tmp_path / "found.json")
    assert fc.Comparison.load(tmp_path / "found.json").method == "reweight"
    text = fc.report(found, tmp_path / "found.md").read_text(encoding="utf-8")
    assert "weighted draws of the two estimates" in text
    assert "Every step after the first" not in text


def test_steps_out_of_reach_are_refused_by_name(old):
    """A register says five times as many killed as all others, and an enemy eight times: no draw says so."""
    far = {"published": "2024-03-05", "as_of": "2024-02-28", "qualifier": "exact"}
    ledger = with_more(
        b1={"source": "Registry", "stance": "record", "value": "2500", **far},
        b2={"source": "Graves", "stance": "record", "value": "2520", **far},
        b3={"source": "Paper", "stance": "third_party", "value": "310", "published": "2024-03-09"},
        b4={"source": "Graves", "stance": "record", "value": "2", "published": "2024-03-10", "as_of": "2024-01-10"},
    )
    new = fc.fit(small_model(), ledger, **OPTIONS)
    with pytest.raises(ForcestError, match=r"too far from both .*\(Pareto k [\d.]+, \d+ effective draws\).*method='refit'"):
        fc.compare(old, new, method="reweight")


def test_claims_that_change_the_curves_are_out_of_reach():
    """The curve of the captured begins with the first claim about them: the draws of the old estimate have none."""
    herald = {"measure": "captured", "source": "Herald", "stance": "third_party", "value": "50", "published": "2024-03-05"}
    later = with_more(b1=herald | {"as_of": "2024-02-28"}).filter(measure=["killed", "wounded", "casualties", "captured"])
    old = fc.fit(fc.LossModel.default(later), later.known_by("2024-03-02"), random_seed=1, quick=True)
    weighted = End(old, Level({"killed": np.zeros((2, 2))}, True, "old")).to(later)
    assert weighted.problem == "its claims give the model other curves: of a kind of loss, or of a single strike"


def test_what_weights_cannot_do_is_refused(old, ledger, tmp_path):
    other = fc.fit(small_model().replace(end="2024-05-01"), ledger, random_seed=1, quick=True)
    with pytest.raises(ForcestError, match=r"weights need one model for both estimates; the new one has other end.*method='refit'"):
        fc.compare(old, other, method="reweight")
    with pytest.raises(ForcestError, match="`folder` keeps fits; weights leave nothing to keep"):
        fc.compare(old, old, method="reweight", folder=tmp_path)
    with pytest.raises(ForcestError, match="`method` must be 'refit' or 'reweight'; got 'weights'"):
        fc.compare(old, old, method="weights")


def test_the_error_of_a_median_and_of_a_shift():
    """A normal median has sd 1.2533 / sqrt(n); with the same draws on both days a shift of all of them has no error at all."""
    draws = np.random.default_rng(1).standard_normal((20, 500))
    level, later = (Level({"x": x}, True, "old") for x in (draws, draws + 3))
    assert mcse_of_median(level, "x") == pytest.approx(1.2533 / 100, rel=0.15)  # itself known to 5 to 10 %
    assert mcse_of_shift(level, later, "x") == pytest.approx(0.0, abs=1e-9)
    another = Level({"x": draws + 3}, True, "new")
    assert mcse_of_shift(level, another, "x") == pytest.approx(np.sqrt(2) * mcse_of_median(level, "x"))
    still = Level({"x": np.zeros((2, 9))}, True, "old")
    assert mcse_of_shift(still, still, "x") == 0.0


def test_the_error_of_a_weighted_median_is_that_of_many_repetitions():
    """Draws of N(0, 1) weighted to N(1, 1), whose median is 1: 300 repetitions know the sd to 4 %, 15 % are nearly four of them."""
    rng, medians, errors = np.random.default_rng(2), [], []
    for _ in range(300):
        draws = rng.standard_normal((4, 500))
        weights, _ = smoothed_weights(draws.reshape(-1, 1))
        level = Level({"x": draws}, True, "old", weights.reshape(draws.shape))
        medians.append(level.quantiles("x")[1])
        errors.append(mcse_of_median(level, "x"))
    assert np.mean(medians) == pytest.approx(1.0, abs=4 * np.std(medians) / np.sqrt(300) + 0.005)  # the smoothing biases by little
    assert np.mean(errors) == pytest.approx(np.std(medians), rel=0.15)


def test_weights_are_reliable_up_to_a_limit():
    """N(0, 1) to N(1, 1) leaves about n / e effective draws; to a tenth of the width at 3, next to none."""
    draws = np.random.default_rng(3).standard_normal((2000, 1))
    near, k = smoothed_weights(draws)
    assert effective_draws(near)[0] == pytest.approx(2000 / np.e, rel=0.2)  # its own sd is 5 %
    assert are_reliable(near, k).all()
    assert not are_reliable(*smoothed_weights(-0.5 * ((draws - 3) / 0.1) ** 2 + 0.5 * draws**2)).any()
    equal, k = smoothed_weights(np.full((2000, 1), -4.2))
    assert k[0] == -np.inf
    assert effective_draws(equal)[0] == pytest.approx(2000)
