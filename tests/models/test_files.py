"""Model files: what is written reads back as the same model, what people write reads as what they mean, faults are named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forcest as fc
from forcest.errors import ForcestError, ModelError
from forcest.models.files import read_model

HAND_WRITTEN = """
start = 2024-01-01
end = "2024-06-01"
step = "3D"
combat_value = { low = 0.5, high = 4 }

[arrivals.first]
size = { low = 3000, high = 30000, prob = 0.8 }
window = ["2024-01-08", "2024-02-15"]

[[withdrawals]]
window = ["2024-03-01", "2024-03-20"]
share = { low = 0.2, high = 0.9 }
"""


def through_a_file(model, tmp_path):
    path = tmp_path / "model.toml"
    assert model.to_toml(path) == path.read_text(encoding="utf-8")
    assert [found.name for found in tmp_path.iterdir()] == ["model.toml"]  # nothing half-written is left
    return read_model(path)


@pytest.mark.parametrize(
    "model",
    [
        fc.presets.north_korea_kursk(),
        fc.presets.north_korea_kursk("3D"),
        fc.ForceModel(start="2024-01-01", end="2024-06-01", arrivals=fc.SmoothArrivals()),
        fc.ForceModel(
            start="2024-01-01",
            end="2024-01-05",
            arrivals=fc.SmoothArrivals(),
            attrition=fc.Attrition(
                covariates={"shelling": fc.Covariate(values={f"2024-01-0{d}": d / 3 for d in range(1, 6)}, effect=fc.normal(0, 1))}
            ),
        ),
        fc.ForceModel(start="2024-01-01", end="2024-06-01", arrivals=fc.SmoothArrivals(), attrition=None),
        fc.LossModel(start="2024-01-01", end="2024-06-01", kinds=("killed", "casualties")),
        fc.ForceModel(
            start="2024-01-01",
            end="2024-06-01",
            arrivals=fc.SmoothArrivals(),
            reporting=fc.Reporting(gross_error_share=0.05, drift_from=20),
        ),
    ],
    ids=["kursk", "kursk by three days", "smooth", "covariate", "no losses", "losses", "reporting"],
)
def test_a_model_is_the_same_through_a_file(model, tmp_path):
    assert through_a_file(model, tmp_path) == model


@settings(max_examples=30, deadline=None)
@given(
    low=st.floats(1e-3, 1e6), ratio=st.floats(1.001, 1e4), prob=st.floats(0.4, 0.999)
)  # of a narrower one, the 90 % interval would be beyond the limit of priors
def test_every_digit_of_a_prior_is_kept(tmp_path_factory, low, ratio, prob):
    wave = fc.Wave(size=fc.between(low, low * ratio, prob), window=("2024-01-05", "2024-01-25"))
    model = fc.ForceModel(start="2024-01-01", end="2024-06-01", arrivals=fc.Waves(only=wave))
    assert through_a_file(model, tmp_path_factory.mktemp("files")) == model


def test_intervals_and_dates_may_be_written_by_hand(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HAND_WRITTEN, encoding="utf-8")
    assert read_model(path) == fc.ForceModel(
        start="2024-01-01",
        end="2024-06-01",
        step="3D",
        combat_value=fc.between(0.5, 4),
        arrivals=fc.Waves(first=fc.Wave(size=fc.between(3000, 30000, 0.8), window=("2024-01-08", "2024-02-15"))),
        withdrawals=[fc.Withdrawal(window=("2024-03-01", "2024-03-20"), share=fc.between(0.2, 0.9))],
    )


def test_priors_are_explained_beside_their_numbers():
    text = fc.presets.north_korea_kursk().to_toml()
    assert "# median 9487, 90 % 3000 to 3e+04" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("start = [", "must be TOML; "),
        ('kind = "WarModel"', "`kind` must be one of ForceModel, LossModel, Radford2023; got 'WarModel'"),
        (HAND_WRITTEN.replace("step", "stepp"), "stepp: is not known; ForceModel has"),
        (HAND_WRITTEN.replace("2024-06-01", "2023-06-01").replace('"3D"', '"yearly"'), "step: .*'yearly'"),
        (HAND_WRITTEN.replace("low = 3000", "low = -1"), "must have `low` above 0"),
    ],
    ids=["no toml", "unknown kind", "unknown field", "bad step", "bad interval"],
)
def test_faults_are_named(tmp_path, text, says):
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=says):
        read_model(path)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path):
    with pytest.raises(ForcestError, match="must be readable"):
        read_model(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="must be UTF-8"):
        read_model(tmp_path / "bytes.toml")
