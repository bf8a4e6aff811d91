import numpy as np
import pytest

import forcest as fc
import synthetic_fit


@pytest.fixture(scope="module")
def anchors():
    return fc.anchors(synthetic_fit.build())


def share(anchors, measure):
    return anchors.table.set_index("measure").loc[measure, "share_from_stance"]


def test_the_share_is_the_adjusted_r_squared_of_log_casualties_on_the_stance_levels(anchors):
    n, k = 201, 3
    adjusted = 1 - (1 - synthetic_fit.SHARE_OF_STANCE) * (n - 1) / (n - k - 1)
    assert share(anchors, "casualties") == pytest.approx(adjusted, abs=1e-4)


def test_levels_that_say_nothing_explain_nothing(anchors):
    assert share(anchors, "deployed") < 0.05


def test_prior_stands_beside_posterior(anchors):
    killed = anchors.table.set_index("measure").loc["killed"]
    assert killed[["posterior_median", "prior_median"]].tolist() == pytest.approx([600, 660])


def test_the_sentence_names_the_share_and_who_speaks(anchors):
    assert str(anchors) == (
        "The level of casualties rests mostly on assumed source bias, that of the number deployed little: if it were known how far "
        "each side exaggerates on average, 68 % and 2 % of their uncertainty (the variance of the logarithm) would disappear; the "
        "rest comes from single sources, errors of claims and the other priors. "
        "Of 15 fitted claims 8 come from the enemy's side, 7 come from third parties, none "
        "from the force's own side, records or lists of names: no claim anchors the level independently of assumed bias."
    )
    none = dict.fromkeys(("own", "own_ally", "enemy_ally", "record", "name_list"), 0)
    assert anchors.claims_by_stance == {"enemy": 8, "third_party": 7} | none
    assert not anchors.independent


def test_a_record_counts_as_an_anchor():
    table = synthetic_fit.claims()
    table.loc[table["source"] == "Broadcaster", "stance"] = "record"
    found = fc.anchors(synthetic_fit.build(table))
    assert found.independent
    assert "2 come from records" in found.sentence
    assert "independently" not in found.sentence


def with_learnt(*learnt: bool):
    """A fit whose stance levels are marked as learnt from past wars or not."""
    fit = synthetic_fit.build()
    posterior = fit["posterior"].to_dataset()
    fit["posterior"] = posterior.assign_coords(learnt=("stance_class", list(learnt)))
    return fit


def test_the_share_of_levels_learnt_from_past_wars_is_told_apart():
    """The first level explains casualties; the other two explain nothing."""
    of_all, of_first, of_others = (fc.anchors(with_learnt(*learnt)) for learnt in ((1, 1, 1), (1, 0, 0), (0, 1, 1)))
    casualties = [found.table.set_index("measure").loc["casualties"] for found in (of_all, of_first, of_others)]
    whole = casualties[0]["share_from_stance"]
    assert casualties[0]["share_from_record"] == pytest.approx(whole)
    assert casualties[1]["share_from_record"] == pytest.approx(whole, abs=0.03)  # 200 draws: noise of an R-squared is 2/200
    assert casualties[2]["share_from_record"] == pytest.approx(0.0, abs=0.03)
    assert "would disappear (68 % and 2 % through bias as past wars were reported, 0 % and 0 % through bias" in of_all.sentence
    assert "assumed source bias" not in of_all.sentence


def test_before_any_loss_there_is_no_variance_to_share():
    assert np.isnan(share(fc.anchors(synthetic_fit.build(), at="2024-11-01"), "casualties"))


def test_where_stance_says_little_the_sentence_says_so():
    fit = synthetic_fit.build()
    posterior = fit["posterior"].to_dataset()
    fit["posterior"] = posterior.assign(stance_level=posterior["stance_level"].isel(stance_class=[1, 2]))
    assert fc.anchors(fit).sentence.startswith("The levels of casualties and of the number deployed rest little on")
    shares = fc.anchors(fit).table.set_index("measure")["share_from_stance"]
    assert shares[["casualties", "deployed"]].max() < 0.05


def test_a_fit_without_stance_levels_says_only_who_speaks():
    fit = synthetic_fit.build()
    fit["posterior"] = fit["posterior"].to_dataset().drop_vars("stance_level")
    assert fc.anchors(fit).sentence.startswith("Of 15 fitted claims")


def test_one_claim_is_singular():
    table = synthetic_fit.claims()
    table.loc[0, "stance"] = "own"
    assert "1 comes from the force's own side" in fc.anchors(synthetic_fit.build(table)).sentence
