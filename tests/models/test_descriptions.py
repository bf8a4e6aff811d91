"""What a user says about a model: kept exactly, printed back, and refused with a remedy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import lognorm, norm

from forcest.errors import LedgerError, ModelError
from forcest.models.description.calendar import parse_step
from forcest.models.description.priors import Prior, between, lognormal, normal
from forcest.models.force_model import ForceModel
from forcest.models.presets import north_korea_kursk
from forcest.models.process.arrivals import SmoothArrivals, Wave, Waves
from forcest.models.process.attrition import AR1, Covariate
from forcest.models.process.delays import Delay
from forcest.models.process.flow import Recovery, beyond_first_day
from forcest.models.process.withdrawals import Withdrawal
from forcest.models.reporting.description import Reporting
from forcest.models.scenario import Scenario
from small_models import claim, covariate_model, ledger, many_claims, smooth_model, waves_model

WINDOW = ("2025-01-02", "2025-01-09")
SIZE = between(1_000, 5_000)
DATES = {"start": "2025-01-01", "end": "2025-02-18"}


# --- priors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prob", [0.5, 0.9, 0.95])
def test_an_interval_is_kept_exactly(prob):
    positive = between(3_000, 30_000, prob).as_prior("lognormal")
    assert lognorm(s=positive.sd, scale=np.exp(positive.mu)).interval(prob) == pytest.approx((3_000, 30_000))
    share = between(0.05, 0.65, prob).as_prior("logitnormal")
    assert 1 / (1 + np.exp(-np.array(norm(share.mu, share.sd).interval(prob)))) == pytest.approx((0.05, 0.65))
    plain = between(-1, 3, prob).as_prior("normal")
    assert norm(plain.mu, plain.sd).interval(prob) == pytest.approx((-1, 3))
    for prior, low, high in ((positive, 3_000, 30_000), (share, 0.05, 0.65), (plain, -1, 3)):
        assert prior.quantile((1 - prob) / 2) == pytest.approx(low)
        assert prior.quantile((1 + prob) / 2) == pytest.approx(high)


def test_the_table_of_priors_shows_what_was_said():
    table = north_korea_kursk().priors().set_index("name")
    said = {
        "wave_size[first]": (3_000, 30_000),
        "wave_size[third]": (300, 10_000),
        "training_days[force]": (10, 45),
        "hazard_level[force]": (5e-4, 2e-2),
        "return_share[force]": (0.05, 0.65),
        "withdrawn_share[2025-01-10/2025-01-31 to rear]": (0.2, 0.9),
        "partner_strength[force]": (35_000, 70_000),
        "combat_value[force]": (0.5, 4),
        "fast_days_beyond_first[force]": (1, 4),
        "slow_days_beyond_first[force]": (19, 89),
        "hazard_correlation[force]": (30, 180),
        "captured_share[force]": (0.0005, 0.03),
    }
    for name, interval in said.items():
        assert tuple(table.loc[name, ["low", "high"]]) == pytest.approx(interval, rel=1e-9), name
    assert table.loc["wave_size[first]", "median"] == pytest.approx(np.sqrt(3_000 * 30_000))
    assert table.loc["hazard_sd[force]", "median"] == pytest.approx(0.7)
    wide = lognorm(
        s=table.loc["wounded_per_killed[force]", "high"] and north_korea_kursk().casualties.wounded_per_killed.sd,
        scale=np.sqrt(16.5),
    )
    assert wide.interval(0.95) == pytest.approx((1.5, 11))
    assert wide.ppf(0.95) == pytest.approx(table.loc["wounded_per_killed[force]", "high"])
    assert (table["unit"] != "").all()
    assert (table["description"] != "").all()


def test_the_table_of_priors_lists_the_sources_of_a_ledger():
    table = waves_model().priors(many_claims()).set_index("name")
    assert tuple(table.loc["stance_level[enemy:losses]", ["low", "median", "high"]]) == pytest.approx(
        norm(0.7, 0.7).ppf([0.05, 0.5, 0.95])
    )
    assert table.loc["error_scale[losses]", "median"] == pytest.approx(0.2)
    assert any(name.startswith("rounding[") for name in table.index)


def test_the_stay_in_hospital_beyond_its_first_day_keeps_its_interval():
    rest = beyond_first_day(between(2, 5).as_prior("lognormal"))
    assert (rest.quantile(0.05), rest.quantile(0.95)) == pytest.approx((1, 4))


# --- JSON -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model", [north_korea_kursk(), waves_model("3D"), smooth_model(), covariate_model(), waves_model(force="X")]
)
def test_a_model_is_the_same_after_it_was_written_and_read(model):
    read = ForceModel.model_validate_json(model.model_dump_json())
    assert read == model
    pd.testing.assert_frame_equal(read.priors(), model.priors())


def test_a_model_file_may_state_intervals():
    written = '{"start": "2025-01-01", "end": "2025-02-01", "arrivals": {"first": {"size": {"low": 10, "high": 90}, "window": '
    model = ForceModel.model_validate_json(written + '["2025-01-02", "2025-01-09"]}}}')
    assert model.arrivals == Waves(first=Wave(size=between(10, 90), window=WINDOW))


def test_another_step_is_the_same_model_otherwise():
    model = covariate_model("D").with_step("3D")
    assert model == covariate_model("3D")
    assert model.grid.step == 3


@pytest.mark.parametrize("name", ["replace", "__replace__"])  # copy.replace of Python 3.13 calls the latter
def test_a_copy_with_changed_fields_is_validated_anew(name):
    model = waves_model()
    changed = getattr(model, name)(end="2025-03-01")
    assert changed == ForceModel(**dict(model) | {"end": "2025-03-01"})
    assert changed.end != model.end
    with pytest.raises(ModelError, match="`end` must lie after `start`"):
        getattr(model, name)(end="1999-01-01")
    with pytest.raises(ModelError, match="ends: is not known"):
        getattr(model, name)(ends="2025-03-01")


def test_a_named_wave_is_replaced_or_added():
    waves = Waves(first=Wave(size=SIZE, window=WINDOW))
    later = Wave(size=SIZE, window=("2025-02-02", "2025-02-09"))
    assert waves.replace(second=later) == Waves(first=waves.named["first"], second=later)


def test_but_is_refused_with_the_new_name():
    with pytest.raises(AttributeError, match=r"ForceModel\.but is now called replace"):
        waves_model().but(end="2025-03-01")
    with pytest.raises(AttributeError, match="no attribute 'butt'"):
        waves_model().butt  # noqa: B018


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: between(5, 2), r"`low` must be smaller than `high`; got between\(5, 2\)"),
        (lambda: between(1, 2, prob=1.5), r"`prob` must lie between 0 and 1; got 1.5"),
        (lambda: lognormal(-1, 1), r"`median` must be positive; got -1"),
        (lambda: lognormal(1, -1), r"positive spread; got mu=0.0, sd=-1"),
        (lambda: normal(float("nan"), 1), r"finite centre"),
        (lambda: Prior(family="gamma", mu=0, sd=1), r"family: .*'gamma'"),
        (lambda: Wave(size=5, window=WINDOW), r"size: a prior must be an interval; got the number 5. Use between\(low, high\)"),
        (
            lambda: Wave(size=between(0, 5), window=WINDOW),
            r"size: a positive quantity must have `low` above 0; got between\(0, 5\)",
        ),
        (lambda: Wave(size=normal(3, 1), window=WINDOW), r"size: this quantity needs a lognormal prior; got normal. Use between"),
        (lambda: Wave(size=SIZE, window=WINDOW[::-1]), r"window: a window must end after it begins; got 2025-01-09 to 2025-01-02"),
        (lambda: Wave(size=SIZE, window=("2025-13-01", "2025-01-09")), r"window.0: .*got '2025-13-01'"),
        (lambda: Wave(size=SIZE, windows=WINDOW), r"window: must be given.*windows: is not known; Wave has size, window"),
        (lambda: Waves(), r"`arrivals` must name at least one wave; use Waves\(first=Wave\(...\)\)"),
        (lambda: Waves(first=3), r"first: must be a Wave; got 3. Write Wave\(...\)"),
        (
            lambda: Withdrawal(window=WINDOW, share=between(0.5, 2)),
            r"share: a share must lie between 0 and 1; got between\(0.5, 2\)",
        ),
        (
            lambda: Withdrawal(window=WINDOW, share=between(0.1, 0.2), to="home", returns=WINDOW),
            r"ordered home do not come back; use to=",
        ),
        (
            lambda: Withdrawal(window=WINDOW, share=between(0.1, 0.2), returns=("2025-01-01", "2025-02-01")),
            r"`returns` must begin after the withdrawal begins; got 2025-01-01 and 2025-01-02",
        ),
        (lambda: Delay(mean=between(1, 2), stages=0), r"stages: .*greater than or equal to 1; got 0"),
        (
            lambda: Recovery(fast=Delay(mean=between(0.5, 3))),
            r"fast: a stay in hospital lasts at least one day: .* must lie above 1",
        ),
        (lambda: AR1(every="X"), r"every: a step must be whole days or weeks, such as 'D', '3D' or 'W', .*; got 'X'"),
        (lambda: Covariate(values={}), r"values: a covariate must have a finite number for every day; got no days"),
        (lambda: Covariate(values=pd.Series([1, np.nan], index=pd.to_datetime(WINDOW))), r"got 2025-01-09. Fill it"),
        (lambda: Reporting(grid_weights=(0.5, 0.5)), r"grid_weights: `grid_weights` must be 7 positive numbers that sum to 1"),
        (lambda: Reporting(gross_error_share=0.7), r"gross_error_share: .*less than 0.5; got 0.7"),
        (lambda: ForceModel(**DATES), r"arrivals: must be given"),
        (lambda: ForceModel(**DATES, step="4X", arrivals=SmoothArrivals()), r"step: a step must be .*; got '4X'"),
        (lambda: ForceModel(start="2025-02-01", end="2025-01-01", arrivals=SmoothArrivals()), r"`end` must lie after `start`; got"),
        (
            lambda: ForceModel(
                **DATES,
                arrivals=SmoothArrivals(),
                withdrawals=[Withdrawal(window=("2025-01-01", "2025-01-09"), share=between(0.1, 0.2))],
            ),
            r"a withdrawal must begin after `start` 2025-01-01; got 2025-01-01. Move",
        ),
        (lambda: ForceModel(**DATES, arrivals=SmoothArrivals(), training={"mean": 4}), r"training: .*Use between"),
        (lambda: ForceModel.model_validate_json("{"), r"must be JSON, as model_dump_json\(\) writes it"),
        (
            lambda: (
                ForceModel(**DATES, arrivals=SmoothArrivals(), attrition=covariate_model().attrition)
                .with_step("W")
                .model_copy(update={"start": pd.Timestamp("2024-12-01").date()})
                .priors()
            ),
            r"'drones' must cover every day of the model; it runs from 2025-01-01 to 2025-02-20, the model from 2024-12-01",
        ),
    ],
)
def test_a_faulty_description_says_what_is_wrong_and_what_to_write(build, says):
    with pytest.raises(ModelError, match=says) as raised:
        build()
    assert "pydantic" not in str(raised.value)


def test_all_faults_of_a_part_are_named_at_once():
    with pytest.raises(ModelError, match=r"size: .*; window: .*; place: "):
        Wave(size=3, window=WINDOW[::-1], place="Kursk")


def test_steps_are_read_in_days():
    assert [parse_step(step) for step in ("D", "1D", "3D", "W", "2W")] == [1, 1, 3, 7, 14]
    for wrong in ("", "0D", "D3", "40D", "1.5D", "M"):
        with pytest.raises(ValueError, match="whole days or weeks"):
            parse_step(wrong)


def test_a_description_cannot_be_changed():
    with pytest.raises(Exception, match="frozen"):
        waves_model().step = "W"


def test_given_stance_levels_replace_only_what_they_name():
    reporting = Reporting(stance_levels={"losses": {"own": normal(-1, 0.5)}}, error_scales={"losses": lognormal(0.5, 0.1)})
    assert reporting.stance_levels["losses"]["own"] == normal(-1, 0.5)
    assert reporting.stance_levels["losses"]["enemy"] == Reporting().stance_levels["losses"]["enemy"]
    assert reporting.stance_levels["strength"] == Reporting().stance_levels["strength"]
    assert reporting.error_scales["deployed"] == Reporting().error_scales["deployed"]
    assert reporting.error_scales["losses"].quantile(0.5) == pytest.approx(0.5)


# --- a model that does not cover its ledger ---------------------------------------------------------------------------


def test_everything_that_a_model_does_not_cover_is_named_at_once_with_row_and_remedy():
    rows = [
        claim("early", "killed", 3, as_of="2024-12-30"),
        claim("late", "killed", 3, as_of="2025-02-27"),
        claim("which", "deployed", 3, wave="fourth"),
        claim("what", "at_front", 3, scope="stock", wave="first"),
        claim("both", "combined_strength", 30_000, scope="stock"),
        claim("fine", "killed", 3),
    ]
    with pytest.raises(ModelError) as raised:
        waves_model(partner=None).on(ledger(*rows))
    said = str(raised.value)
    for id_ in ("early", "late", "which", "what", "both"):
        assert f"(row id {id_!r})" in said
    assert "fine" not in said
    assert "killed claim must refer to a day between 2025-01-01 and 2025-02-18; got 2024-12-30" in said
    assert "got 2025-02-27" in said
    assert "Move `start` or `end`, or exclude the row." in said
    assert "wave must be one of ['first', 'second']; got 'fourth'" in said
    assert "Add the wave to the model or empty the cell." in said
    assert "a claim on one wave must be of deployed, in_training, or at_front as a flow; got at_front" in said
    assert "Add partner=PartnerForce(strength=between(low, high))." in said


def test_two_forces_need_two_models():
    rows = [claim("a", "killed", 3), claim("b", "killed", 3, force="Y")]
    with pytest.raises(LedgerError, match=r"'X', 'Y'.*Keep one with ledger.filter\(force='X'\)"):
        waves_model().on(ledger(*rows))
    with pytest.raises(LedgerError, match="the model is about 'Y', the ledger about 'X'"):
        waves_model(force="Y").on(ledger(rows[0]))


def test_a_flow_may_begin_before_the_first_day():
    window = {"window_start": "2024-12-01", "window_end": "2025-01-05", "as_of": "2025-01-05"}
    waves_model().on(ledger(claim("a", "killed", 3, scope="flow", **window)))
    with pytest.raises(ModelError, match="got 2024-12-01"):
        waves_model().on(ledger(claim("a", "killed", 3, **window)))


def test_a_scenario_says_what_happens_and_nothing_else():
    added = Wave(size=between(1_000, 5_000), window=("2025-04-01", "2025-04-30"))
    said = str(Scenario(hold_wave="third", add_wave=added, hazard=0.5, return_share=0.3, withdraw=0.25))
    assert said.split("; ") == [
        'arrivals of the wave "third" stop',
        "1,000 to 5,000 more (90 %) are sent between 2025-04-01 and 2025-04-30",
        "the hazard at the front is 0.5 times that of the model",
        "30 % of those wounded from then on return to the front",
        "25 % of the front are ordered home within 30 days",
    ]
    assert str(Scenario(hazard_rate=0.002)) == "the hazard at the front is 0.002 a day"
    assert str(Scenario(name="plain")) == "no change from the model"
