"""Priors learnt from past wars: what is stored, what a description makes of it, and how levels hang together."""

import numpy as np
import pytest

import forcest as fc
from forcest.errors import ModelError
from forcest.models.parameters.families import JointNormal, Normal
from forcest.models.reporting.bias import Bias
from forcest.models.reporting.description import STANCE_LEVELS, LevelsTogether, Reporting, claim_variance
from forcest.models.reporting.learned import ADOPTED, CELLS, LearnedBias
from small_models import claim, ledger


def made(mean=0.0, of_war=0.0, claim_sd=0.0) -> LearnedBias:
    """Numbers of a record without posterior uncertainty: all cells alike, levels of a war correlated by one half."""
    n, more = len(CELLS), 3
    return LearnedBias(
        mean=np.concatenate([np.full(n, mean), [0.3, -0.2, 0.1]]),
        covariance=np.zeros((n + more, n + more)),
        of_war=of_war**2 * (0.5 + 0.5 * np.eye(n)),
        claim_sd=np.full(n, claim_sd),
        share=np.array([0.5, 0.25, 0.0]),
        rows=np.ones(n, int),
        wars=np.ones(n, int),
    )


def test_a_level_is_the_mean_of_its_cell_and_what_is_known_of_the_war():
    cells = [("losses", "own"), ("strength", "enemy")]
    mean, _ = made(mean=0.5, of_war=0.4).levels(cells, claim_variance(), {})
    assert mean == pytest.approx([0.5 + 0.3 / 2 + 0.0, 0.5 + 0.3 / 2 - 0.2 / 4])
    mean, _ = made(mean=0.5, of_war=0.4).levels(cells, claim_variance(), {"after": 0.0, "concealed": 1.0, "names_published": 1.0})
    assert mean == pytest.approx([0.5 + 0.1, 0.5 - 0.2])


def test_what_claims_vary_beyond_their_own_errors_belongs_to_the_level():
    cells = [("losses", "own"), ("losses", "enemy")]
    _, covariance = made(of_war=0.4, claim_sd=0.8).levels(cells, claim_variance(), {})
    common = 0.8**2 - claim_variance()["losses"]
    np.testing.assert_allclose(covariance, [[0.16 + common, 0.08], [0.08, 0.16 + common]])
    _, covariance = made(of_war=0.4, claim_sd=0.1).levels(cells, claim_variance(), {})
    np.testing.assert_allclose(np.diag(covariance), 0.16)


def test_the_variance_of_a_claim_is_that_of_the_default_errors():
    """Logistic of scale 0.2, as a normal with its 90 % interval, and the effects of a source, of its class and of its drift."""
    expected = (0.2 * np.log(19) / 1.6448536) ** 2 + 0.15**2 + 0.1**2 + 0.15**2
    assert claim_variance()["losses"] == pytest.approx(expected)


def test_the_default_is_what_all_wars_teach_where_it_was_adopted_and_assumed_elsewhere():
    default = Reporting()
    assert default == Reporting.learned()
    assert default.levels_together.cells == tuple(":".join(cell) for cell in ADOPTED)
    for cls, by_stance in default.stance_levels.items():
        for stance, prior in by_stance.items():
            assumed = (prior.mu, prior.sd) == STANCE_LEVELS[cls][stance]
            assert assumed == ((cls, stance) not in ADOPTED)


def test_every_cell_of_which_four_wars_speak_can_be_learnt_with_correlations():
    every = Reporting.learned(every_cell=True)
    cells = {"losses:own", "losses:enemy", "losses:third_party", "strength:own", "strength:enemy", "strength:third_party"}
    assert set(every.levels_together.cells) == cells
    at = [every.levels_together.cells.index(f"strength:{stance}") for stance in ("enemy", "third_party")]
    assert every.levels_together.correlation[at[0]][at[1]] > 0.1  # who is misled is misled together
    assert every.stance_levels["losses"]["enemy"].mu > 0.9


def test_a_level_that_is_given_is_independent_of_those_learnt():
    cls, stance = ADOPTED[0]
    given = Reporting(stance_levels={cls: {stance: fc.normal(0.0, 1.0)}})
    assert given.stance_levels[cls][stance] == fc.normal(0.0, 1.0)
    assert given.levels_together.cells == tuple(":".join(cell) for cell in ADOPTED[1:])


def test_a_description_survives_being_written_and_read():
    for reporting in (Reporting(), Reporting(levels_together=LevelsTogether()), Reporting.learned(exclude="Korean War")):
        assert Reporting.model_validate(reporting.model_dump(mode="json", exclude_none=True)) == reporting


def test_a_war_that_is_left_out_changes_what_is_learnt():
    with_it, without = Reporting(), Reporting.learned(exclude="Korean War")
    assert without.stance_levels["strength"]["enemy"].mu > with_it.stance_levels["strength"]["enemy"].mu


def test_a_war_that_the_record_does_not_have_and_an_unknown_word_are_refused():
    with pytest.raises(ModelError, match=r"must name a war of the record; got 'Trojan War'\. Wars of the record: Afghanistan"):
        Reporting.learned(exclude="Trojan War")
    with pytest.raises(ModelError, match="may say after, concealed, names_published; got hidden"):
        Reporting.learned(conflict_like={"hidden": True})


def test_a_matrix_that_is_no_correlation_is_refused():
    with pytest.raises(ValueError, match="positive definite correlation matrix"):
        LevelsTogether(cells=("losses:own", "losses:enemy"), correlation=((1.0, 1.2), (1.2, 1.0)))


def bias_of(reporting: Reporting, claims) -> Bias:
    model = fc.LossModel.default(claims).replace(reporting=reporting)
    return model.on(claims).bias


def levels_prior(bias: Bias):
    return next(p.distribution for p in bias.parameters() if p.name == "stance_level")


def test_levels_of_one_force_are_correlated_and_those_of_two_are_not():
    together = LevelsTogether(cells=("losses:own", "losses:enemy"), correlation=((1.0, 0.6), (0.6, 1.0)))
    claims = ledger(
        *(
            claim(f"{force}{stance}", "killed", 50, force=force, stance=stance)
            for force in "AB"
            for stance in ("own", "enemy", "record")
        )
    )
    bias = bias_of(Reporting(levels_together=together), claims)
    prior = levels_prior(bias)
    assert isinstance(prior, JointNormal)
    correlation = (prior.factor @ prior.factor.T) / np.outer(prior.scale, prior.scale)
    labels = list(bias.layout.stances)
    expected = np.eye(len(labels))
    for force in "AB":
        i, j = labels.index(f"own:losses:{force}"), labels.index(f"enemy:losses:{force}")
        expected[i, j] = expected[j, i] = 0.6
    np.testing.assert_allclose(correlation, expected, atol=1e-12)
    assert dict(zip(labels, bias.learnt, strict=True)) == {label: "record" not in label for label in labels}


def test_without_levels_that_hang_together_the_prior_is_independent():
    claims = ledger(claim("a", "killed", 50, stance="own"), claim("b", "killed", 90, stance="enemy"))
    assert isinstance(levels_prior(bias_of(Reporting(levels_together=LevelsTogether()), claims)), Normal)
