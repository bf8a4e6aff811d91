"""Deserters and the sick: kinds of casualty that a model has where claims count them, apart from those of battle."""

import numpy as np
import pytest

from batched_references import Reference, disagreements, near_typical_and_far
from forcest.errors import ModelError
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.process.casualties import CasualtyMix, mix_shares
from small_models import claim, ledger, many_claims, prior_draws, prior_medians, smooth_model, waves_model

EVERY = CasualtyMix.counting(["captured", "missing", "deserted", "sick"])
ALL_KINDS = "killed+wounded+captured+missing+deserted+sick"


def claims_on_both():
    """Claims on deserters and the sick, alone and within casualties, beside casualties that do not say what they count."""
    return ledger(
        claim("d", "deserted", 40, source="Own ministry", stance="own"),
        claim("s", "sick", scope="flow", low=50, high=90, qualifier="range", window_start="2025-01-10", window_end="2025-01-20"),
        claim("c", "casualties", 900, definition=ALL_KINDS, as_of="2025-02-01"),
        claim("b", "casualties", 700, source="B", as_of="2025-02-01"),
        claim("h", "in_hospital", 300, scope="stock", as_of="2025-02-02"),
        claim("a", "in_hospital", 500, as_of="2025-02-02"),
        claim("p", "deployed", 4_000, scope="stock", as_of="2025-02-05"),
    )


def test_shares_are_taken_one_after_the_other():
    p = {"captured_share": 0.1, "missing_share": 0.2, "deserted_share": 0.5, "sick_share": 0.25, "wounded_per_killed": 2.0}
    found = mix_shares(p)
    expected = {"captured": 0.1, "missing": 0.18, "deserted": 0.36, "sick": 0.09, "killed": 0.09, "wounded": 0.18}
    assert found == {name: pytest.approx(share, rel=1e-14) for name, share in expected.items()}
    assert sum(found.values()) == pytest.approx(1.0, rel=1e-14)


@pytest.fixture(scope="module")
def curves():
    bound = smooth_model("D", casualties=EVERY).on(claims_on_both())
    p = prior_medians(bound)
    return {name: curve[0] for name, curve in bound.curves_forward(p).items()}, {name: value[0] for name, value in p.items()}


def test_casualties_are_those_of_battle(curves):
    found, _ = curves
    battle = found["killed"] + found["wounded"] + found["captured"] + found["missing"]
    np.testing.assert_allclose(found["casualties"], battle, rtol=1e-12)
    every_kind = battle + found["deserted"] + found["sick"]
    np.testing.assert_allclose(found[ALL_KINDS], every_kind, rtol=1e-12)
    assert found["sick"][-1] > found["deserted"][-1] > 0


def test_the_sick_are_treated_and_return_as_the_wounded_do_and_deserters_do_not(curves):
    found, p = curves
    admitted = found["wounded"] + found["sick"]
    np.testing.assert_allclose(found["admitted"], admitted, rtol=1e-12)
    left = found["returned_to_duty"] + found["invalided"]
    np.testing.assert_allclose(found["in_hospital"], admitted - left, rtol=1e-9)
    share = found["returned_to_duty"][-1] / left[-1]
    assert share == pytest.approx(p["return_share"][0], abs=0.05)  # those still in hospital have not all had the same time


def test_everybody_deployed_is_in_one_state(curves):
    found, _ = curves
    states = ("in_training", "at_front", "rear", "in_hospital", "withdrawn_home", "captured", "missing", "deserted", "killed")
    np.testing.assert_allclose(sum(found[name] for name in states), found["deployed"], rtol=1e-9)


@pytest.mark.parametrize(
    "model", [smooth_model("D", casualties=EVERY), waves_model("3D", casualties=EVERY)], ids=["daily", "3 days"]
)
def test_the_kernels_equal_the_graph(model):
    bound = model.on(claims_on_both())
    density = bound.density()
    positions = near_typical_and_far(density)
    assert disagreements(density(positions), Reference(bound)(positions)) == []


def test_a_kernel_that_forgets_the_sick_in_hospital_is_noticed(monkeypatch):
    bound = smooth_model("D", casualties=EVERY).on(claims_on_both())
    monkeypatch.setattr("forcest.models.process.flow_kernels.ADMITTED_KINDS", ("wounded",))
    density = bound.density()
    positions = near_typical_and_far(density)
    assert disagreements(density(positions), Reference(bound)(positions))


def test_a_model_without_a_share_refuses_claims_on_the_kind():
    with pytest.raises(ModelError, match=r"deserted needs a share of casualties \(row id 'd'\).*CasualtyMix\(deserted="):
        smooth_model().on(ledger(claim("d", "deserted", 40)))
    with pytest.raises(ModelError, match=r"sick needs a share of casualties \(row id 'c'\)"):
        smooth_model().on(ledger(claim("c", "casualties", 900, definition="killed+wounded+sick")))


def test_a_default_model_has_a_kind_where_claims_count_it():
    assert ForceModel.default(many_claims()).casualties == CasualtyMix.counting(["captured", "missing"])
    assert ForceModel.default(claims_on_both()).casualties == EVERY, "the definition of casualties counts as a claim on each kind"
    deaths = ledger(claim("k", "killed", 100), claim("p", "deployed", 4_000, scope="stock", source="B"))
    assert ForceModel.default(deaths).casualties == CasualtyMix()
    assert CasualtyMix().kinds == ("killed", "wounded")
    losses = ledger(claim("k", "killed", 100), claim("s", "sick", 80), claim("d", "deserted", 4, source="B"))
    assert LossModel.default(losses).kinds == ("killed", "deserted", "sick")


def test_losses_of_battle_are_what_casualties_sum():
    model = LossModel(start="2025-01-01", end="2025-02-18", kinds=("killed", "wounded", "sick"))
    bound = model.on(ledger(claim("c", "casualties", 900, as_of="2025-02-01"), claim("s", "sick", 80)))
    curves = bound.curves_forward(prior_draws(bound, 3))
    np.testing.assert_allclose(curves["casualties"], curves["killed"] + curves["wounded"], rtol=1e-14)
    alone = LossModel(start="2025-01-01", end="2025-02-18", kinds=("sick",)).on(ledger(claim("s", "sick", 80)))
    assert list(alone.curve_labels) == ["sick"]
