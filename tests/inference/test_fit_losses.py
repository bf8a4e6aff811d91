"""A fit of losses alone, of two forces: its format, its numbers, its figures, and the command."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import forcest as fc
from forcest.cli import app
from forcest.errors import ForcestError
from small_models import claim, ledger

FORCES = ["X", "Y"]
FLOW = {"scope": "flow", "window_start": "2025-01-06", "window_end": "2025-01-12", "as_of": "2025-01-12"}


def rows() -> list[dict]:
    """Records of X from week to week, and a ministry that counts X fourfold and its own side, Y, by half."""
    third = {"source": "Observer", "stance": "third_party"}
    return [
        claim("r1", "killed", low=80, high=120, qualifier="range", source="Register", stance="record", **FLOW),
        claim("r2", "killed", low=180, high=220, qualifier="range", source="Register", stance="record", as_of="2025-01-19"),
        claim("p1", "killed", 800, source="Ministry", as_of="2025-01-19"),
        claim("p2", "killed", 1_600, source="Ministry", as_of="2025-02-02"),
        claim("p3", "killed", 100, source="Ministry", stance="own", force="Y", as_of="2025-02-02"),
        claim("t1", "killed", 220, force="Y", as_of="2025-02-02", **third),
        claim("t2", "casualties", 2_000, as_of="2025-02-02", **third),
        claim("t3", "wounded", 900, qualifier="at_least", force="Y", as_of="2025-02-02", **third),
    ]


@pytest.fixture(scope="module")
def fit():
    model = fc.LossModel(start="2025-01-06", end="2025-02-16", step="3D")
    return fc.fit(model, ledger(*rows()), random_seed=1, sampler=fc.Batched(chains=16, target_ess=100))


def test_a_fit_of_losses_has_the_measures_as_curves_over_both_forces(fit):
    posterior = fit["posterior"]
    curves = [name for name in posterior.data_vars if posterior[name].dims == ("chain", "draw", "force", "date")]
    assert sorted(map(str, curves)) == ["casualties", "killed", "wounded"]
    assert posterior["force"].values.tolist() == FORCES
    total = posterior["killed"] + posterior["wounded"]
    np.testing.assert_allclose(posterior["casualties"], total, rtol=1e-5)
    assert (posterior["killed"].diff("date") >= 0).all()
    assert posterior["bias"].dims == ("chain", "draw", "force", "source", "measure_class")
    spoken = np.isfinite(posterior["bias"].isel(chain=0, draw=0).sel(measure_class="losses")).to_pandas()
    assert spoken.loc["X"].to_dict() == {"Ministry": True, "Observer": True, "Register": True}
    assert spoken.loc["Y"].to_dict() == {"Ministry": True, "Observer": True, "Register": False}


def test_records_anchor_the_level_of_their_force(fit):
    """The register says 180 to 220 by 19 January, a tenth too few on average; the ministry's 800 must not move it."""
    at = fc.summary(fit, at="2025-01-19").set_index(["force", "measure"])
    assert 180 < at.loc[("X", "killed"), "median"] < 270
    assert at.loc[("X", "killed"), "high"] < 450
    ministry = fit["posterior"]["bias"].sel(source="Ministry", measure_class="losses").median(("chain", "draw"))
    assert float(ministry.sel(force="X")) > 2 > 1 > float(ministry.sel(force="Y"))


def test_without_records_the_same_claims_leave_the_level_open(fit):
    """The wrong twin: take the register away and the interval is far wider; what a third party says of casualties still counts.

    Its 2,000 casualties by 2 February are some five killed and wounded for one killed, with a factor of two either way.
    """
    model = fc.LossModel(start="2025-01-06", end="2025-02-16", step="3D")
    open_level = fc.fit(model, ledger(*rows()[2:]), random_seed=1, sampler=fc.Batched(chains=16, target_ess=100))

    def span(of):
        at = fc.summary(of, at="2025-01-19").set_index(["force", "measure"]).loc[("X", "killed")]
        return at["high"] / at["low"], at["high"]

    assert span(open_level)[0] > 2 * span(fit)[0]
    assert span(open_level)[1] > 500 > span(fit)[1]


def test_a_summary_counts_claims_by_force(fit):
    counts = fc.summary(fit).set_index(["force", "measure"])["n_claims"].to_dict()
    assert counts == {
        ("X", "killed"): 4,
        ("Y", "killed"): 2,
        ("X", "wounded"): 0,
        ("Y", "wounded"): 1,
        ("X", "casualties"): 1,
        ("Y", "casualties"): 0,
    }


def test_anchors_speak_of_each_force(fit):
    found = fc.anchors(fit)
    assert found.table["force"].unique().tolist() == FORCES
    assert found.sentence.startswith("X: ")
    assert " Y: " in found.sentence
    assert "2 come from records" in found.sentence.partition(" Y: ")[0]
    assert "none from" in found.sentence.partition(" Y: ")[2]
    assert found.independent


def test_figures_draw_the_claims_of_the_force_that_is_asked_for(fit):
    with pytest.raises(ForcestError, match="must be one of X, Y"):
        fc.plots.curves(fit)
    for force, marks in (("X", 4), ("Y", 2)):
        panel = fc.plots.curves(fit, "killed", force=force)
        drawn = [line for line in panel.get_lines() if line.get_marker() not in ("None", None, "")]
        assert len(drawn) == marks
    labels = [text.get_text() for text in fc.plots.bias(fit).texts]
    assert any("enemy" in label and label.endswith("about X") for label in labels)
    headers = [text.get_text() for text in fc.plots.claims(fit).texts]
    assert "X, Ministry" in headers
    plt.close("all")


def test_the_claims_table_names_the_force(fit):
    table = fc.claims_table(fit).set_index("id")
    assert table.loc[["p1", "p3"], "force"].tolist() == FORCES


def test_a_saved_fit_reads_the_same(fit, tmp_path):
    fit.to_netcdf(tmp_path / "losses.nc")
    pd.testing.assert_frame_equal(fc.summary(fc.load(tmp_path / "losses.nc")), fc.summary(fit), check_exact=False, rtol=1e-6)


def test_the_command_takes_a_ledger_of_losses_alone(fit, tmp_path, monkeypatch):
    monkeypatch.setattr("forcest.fit", lambda model, claims, **options: fit if model.kind == "LossModel" else None)
    path, out = tmp_path / "losses.csv", tmp_path / "out"
    path.write_text(ledger(*rows()).to_csv(), encoding="utf-8")
    done = CliRunner().invoke(app, ["estimate", str(path), "--out", str(out)])
    assert done.exit_code == 1 - int(fit.attrs["converged"]), done.output
    written = {file.name for file in out.iterdir()}
    figures = {"curves_1_x.png", "curves_2_y.png", "bias.png", "claims.png", "prior_predictive.png"}
    assert written == figures | {"report.html", "estimate.nc", "summary.csv", "claims.csv", "estimate.txt"}
    text = (out / "estimate.txt").read_text(encoding="utf-8")
    assert all(name in text for name in written - {"estimate.txt"})
