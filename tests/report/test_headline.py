"""The first screen: the answer, its interval and why it is not surer, in numbers that follow from the arithmetic of the fit."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import forcest as fc
import synthetic_fit
from forcest.estimates.draws import day_in_words, with_days_in_words
from forcest.estimates.wording import about, interval_in_words
from forcest.report.headline import headline_of
from forcest.report.results import results_of
from golden_values import fit_of_prior_draws
from small_models import claim, ledger


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit.build(synthetic_fit.claims())


def headline(fit, influence=None):
    none = pd.DataFrame({"claims": [], "finding": []})
    return headline_of(results_of(fit, influence, none, {}))


def test_the_answer_is_the_killed_with_their_interval(fit):
    """Of 3,000 m a fifth was killed, m from 0.55 to 1.45 at 90 %: 330 to 870."""
    found = headline(fit)
    assert found.sentences == ["the force: about 600 killed by 20 February 2025, with 90 % probability between 330 and 870."]
    assert found.sureness[0] == "There is one chance in ten that the true number lies outside 330 to 870, if the model is right."


def test_cards_are_measures_with_claims_and_their_bars_have_the_ratios_of_the_logarithms(fit):
    found = {card.label: card for card in headline(fit).cards}
    assert list(found) == ["Sent", "At the front", "Casualties", "Killed", "Wounded", "Captured"]
    killed = found["Killed"]
    assert (killed.number, killed.interval) == ("600", "330 to 870")
    assert killed.spoken == "600 killed, 90 % interval 330 to 870. Before the claims: 280 to 1,000."
    assert killed.bar.prior_low == 0
    assert killed.bar.prior_high == 200
    low, high = 3000 * 0.2 * (0.4 + 1.4 * 0.05) + 1, 3000 * 0.2 * (0.4 + 1.4 * 0.95) + 1
    expected = 200 * (pd.Series([601.0]) / low).transform("log") / (pd.Series([high]) / low).transform("log")
    assert killed.bar.median == pytest.approx(float(expected[0]), abs=0.06)  # places are rounded to a tenth


def test_it_says_what_the_uncertainty_rests_on_and_which_source_carries_the_answer(fit):
    shifts = {"source": ["Agency", "Ministry"], "measure": "killed", "shift": [-10.0, 120.0], "shift_sd": [-0.1, 1.1]}
    influence = pd.DataFrame(shifts | {"new_median": [590.0, 720.0], "method": "weights"})
    found = headline(fit, influence).sureness
    assert found[1].startswith(
        "Most of that uncertainty (68 %) is about how far each side exaggerates, which is assumed. Of 15 claims "
    )
    assert found[1].endswith("none from the force's own side, records or lists of names.")
    assert found[2].endswith("would narrow it most; without the claims of Ministry it would be 720.")
    unknown = influence.assign(shift=[-10.0, float("nan")])
    assert "without the claims of Ministry it would probably move" in headline(fit, unknown).sureness[2]
    neither = influence.assign(shift=float("nan"))
    assert (
        headline(fit, neither)
        .sureness[2]
        .endswith("how much it hangs on 2 of the 2 sources can be said only by fits without them.")
    )


def test_it_says_what_part_of_the_uncertainty_is_learnt_from_past_wars(fit):
    results = results_of(fit, None, pd.DataFrame({"claims": [], "finding": []}), {})
    table = results.anchors.table.assign(share_from_record=0.3)
    found = headline_of(replace(results, anchors=replace(results.anchors, table=table))).sureness[1]
    assert "(68 %) is about how far each side exaggerates, which is in part (30 %) learnt from past wars and otherwise" in found


def of_prior_draws(*claims):
    """A fit of the default loss model of some claims, with draws of its prior."""
    given = ledger(*claims)
    return fit_of_prior_draws(fc.LossModel.default(given), given)


def test_each_force_has_the_answer_that_its_claims_are_about(tmp_path):
    fit = of_prior_draws(claim("a", "killed", 300), claim("b", "captured", 50, force="Y", source="B"))
    found = headline(fit)
    assert [sentence.split(",")[0].split(" ")[0] for sentence in found.sentences] == ["X:", "Y:"]
    assert found.curves == [("killed", "X"), ("captured", "Y")]
    assert found.sureness[0].startswith("For each force there is one chance in ten")
    assert fc.report(fit, tmp_path / "r.html").read_text(encoding="utf-8").count('class="answer"') == 2


def test_a_ledger_of_deserters_alone_has_an_answer():
    assert " deserted by " in headline(of_prior_draws(claim("a", "deserted", 300))).sentences[0]


def test_a_forecast_says_so():
    assert "(a forecast), with 90 % probability" in headline(synthetic_fit.forecast()).sentences[0]


@pytest.mark.parametrize(
    ("persons", "said"),
    [(0, "0"), (0.3, "fewer than 1"), (0.7, "1"), (2.49, "2"), (14.4, "14"), (618, "620"), (995, "1,000"), (14_910, "15,000")],
)
def test_numbers_are_said_with_two_digits(persons, said):
    assert about(persons) == said


def test_an_interval_of_one_number_and_a_day_are_said_as_people_say_them():
    assert interval_in_words(2.1, 2.4) == "2"
    assert interval_in_words(2.1, 3.6) == "between 2 and 4"
    assert day_in_words("2025-02-07") == "7 February 2025"
    assert with_days_in_words("share (2025-01-10/2025-01-31 to rear)") == "share (10 January 2025 to 31 January 2025 to rear)"
    assert with_days_in_words("killed 1982-06-09/1982-06-09") == "killed 9 June 1982"
