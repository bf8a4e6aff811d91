"""The published model through `fit`: claims of a ledger become its reports, and its draws a fit like others."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.datasets import read_radford2023_reports
from forcest.errors import ForcestError, ModelError, NotATableError, NotConvergedWarning
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.radford2023.description import Radford2023
from forcest.models.radford2023.reports import Reports
from radford_reports import small_table

STORE = os.environ.get("FORCEST_DATA")
needs_data = pytest.mark.skipif(STORE is None, reason="FORCEST_DATA does not name a store of public data sets")


@pytest.fixture(scope="module")
def table():
    return small_table().assign(loss_count=lambda t: t["loss_count"].clip(lower=1))  # the ledger has no "at least 0"


@pytest.fixture(scope="module")
def ledger(table):
    return read_radford2023_reports(table)


@pytest.fixture(scope="module")
def model():
    return Radford2023(end="2022-04-04", n_knots=8)


@pytest.fixture(scope="module")
def fit(ledger, model):
    with pytest.warns(NotConvergedWarning):
        return fc.fit(model, ledger, random_seed=1, sampler=fc.Batched(draws=40, chains=8))


def test_claims_of_a_ledger_are_the_reports_of_the_file(table, ledger, model):
    mine, theirs = model.on(ledger).reports, Reports.of(table)
    assert (mine.series, mine.sources, mine.n_days) == (theirs.series, theirs.sources, 40)
    for name in ("day", "count", "kind", "source", "country", "category", "is_minimum", "is_maximum", "is_daily"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name), err_msg=name)


def test_the_model_returns_from_its_file(model, tmp_path):
    model.to_toml(tmp_path / "model.toml")
    assert fc.read_model(tmp_path / "model.toml") == model


def test_the_log_likelihood_by_claim_and_the_prior_add_up_to_the_compiled_density(ledger, model):
    bound = model.on(ledger)
    density = bound.density()
    positions = np.random.default_rng(3).normal(size=(4, density.dim)) * 0.5
    by_claim = bound.log_likelihood(density.coordinates.parameters_of(positions))
    whole = density.coordinates.log_prior(positions)[0] + by_claim.sum(axis=1)
    np.testing.assert_allclose(density(positions)[0], whole, rtol=1e-9)


def test_stored_log_densities_and_curves_are_those_of_the_stored_parameters(fit, ledger, model):
    bound = model.on(ledger)
    posterior = fit["posterior"].to_dataset()
    flat = {p.name: posterior[p.name].values.reshape(-1, *posterior[p.name].shape[2:]) for p in bound.parameters}
    _, cumulative = bound.losses(flat)
    stored = posterior["losses"].values.reshape(cumulative.shape)
    np.testing.assert_allclose(stored, cumulative, rtol=1e-5)
    deaths = bound.reports.series.index("Military Deaths-Ukraine")
    np.testing.assert_array_equal(
        posterior["killed"].sel(force="Ukrainian forces").values.ravel(), posterior["losses"].isel(series=deaths).values.ravel()
    )
    bias = posterior["bias"].sel(source="two", country="Russia", category="Tanks").values.ravel()
    np.testing.assert_allclose(np.log(bias), bound.log_bias(flat)[:, bound.reports.sources.index("two"), 0, 16], rtol=1e-10)
    by_claim = fit["log_likelihood"]["claims"].values.reshape(len(bias), -1)
    np.testing.assert_allclose(by_claim, bound.log_likelihood(flat), rtol=1e-4, atol=1e-4)


def test_a_fit_knows_its_model_ledger_and_verdict(fit, ledger, model):
    assert json.loads(fit.attrs["model"])["n_knots"] == 8
    assert (fit.attrs["model_kind"], fit.attrs["ledger_hash"], fit.attrs["converged"]) == ("Radford2023", ledger.hash, 0)
    assert any("effective sample size" in reason for reason in fc.diagnose(fit).reasons)
    quantity = fit["diagnostics"]["quantity"].values
    assert {"log losses Tanks-Russia 2022-04-04", "log bias [one, Russia, Tanks]", "log shift of minimum [two]"} < set(quantity)


def test_a_summary_has_the_people_of_both_forces(fit, table):
    found = fc.summary(fit, at="2022-04-04")
    assert found["measure"].tolist() == ["killed", "killed"]
    n = (table["category"] == "Military Deaths").groupby(table["loss_country"]).sum()
    assert found.set_index("force")["n_claims"].to_dict() == {"Russian forces": n["Russia"], "Ukrainian forces": n["Ukraine"]}
    assert (found["low"] < found["median"]).all()


def test_a_repetition_is_equal_number_for_number(fit):
    assert fc.rerun(fit).agreement == "equal"


def test_a_saved_fit_returns(fit, tmp_path):
    fit.to_netcdf(tmp_path / "fit.nc")
    again = fc.load(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(fc.summary(again), fc.summary(fit), rtol=1e-5)


def test_models_of_people_refuse_things_and_name_the_remedy(ledger):
    for build in (fc.LossModel.default, fc.ForceModel.default):
        with pytest.raises(ModelError, match=r"claims of the ledger count something else \(Tanks\)\. .*ledger\.filter\(item=''\)"):
            build(ledger)
    loss = fc.LossModel(start="2022-02-24", end="2022-04-10", kinds=("killed",))
    with pytest.raises(ModelError, match="a LossModel counts the people of a force"):
        loss.on(ledger)
    assert loss.on(ledger.filter(item="")).forces == ("Russian forces", "Ukrainian forces")


def test_the_published_model_names_every_claim_that_it_does_not_cover(ledger, model):
    claims = ledger.to_dataframe().drop(columns=["row", "status"])
    claims.loc[0, "qualifier"], claims.loc[1, "force"], claims.loc[2, "as_of"] = "more_than", "Others", pd.Timestamp("2021-01-01")
    with pytest.raises(ModelError) as refused:
        model.on(fc.read_ledger(claims))
    for words in (
        "among exact, about, at_least, up_to, and a value; these rows do not: 'radford-0001'",
        "do not: 'radford-0002'",
        "'radford-0003'",
    ):
        assert words in str(refused.value)


def test_a_compiled_model_serves_its_own_ledger_alone(ledger, model):
    compiled = fc.compile_model(model, ledger)
    with pytest.raises(ModelError, match="compiled for one ledger"):
        compiled.bind(ledger.filter(measure="destroyed"))


def test_a_path_that_holds_no_replication_data_is_refused(tmp_path):
    with pytest.raises(ForcestError, match=r"must be replication-data-pnas\.csv or a folder that holds it.*forcest datasets fetch"):
        fc.presets.radford2023(tmp_path)
    (tmp_path / "replication-data-pnas.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NotATableError, match="missing: days"):
        fc.presets.radford2023(tmp_path)


@needs_data
@pytest.mark.parametrize("path", [None, "radford2023", "radford2023/replication-data-pnas.csv", ""])
def test_the_preset_has_the_published_claims(path):
    ledger, model = fc.presets.radford2023(None if path is None else Path(STORE) / path)
    bound = model.on(ledger)
    r = bound.reports
    assert (len(ledger), len(r.series), len(r.sources), r.n_days) == (4609, 30, 7, 365)
    assert (int(r.is_daily.sum()), int(r.is_minimum.sum()), int(r.is_maximum.sum())) == (162, 173, 51)
    assert Coordinates.of(bound.parameters).dim == 5462
    usable = ledger.usable()
    assert usable["item"].ne("").sum() == 4609 - 788
    assert usable["item"].eq("civilians").sum() == 46 + 26 + 21


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit, model, ledger: fc.claims_table(fit),
        lambda fit, model, ledger: fc.contradictions(fit),
        lambda fit, model, ledger: fc.sensitivity(fit),
        lambda fit, model, ledger: fc.report(fit, "unwritten.html"),
        lambda fit, model, ledger: fc.plots.bias(fit),
        lambda fit, model, ledger: fc.plots.flow(fit),
        lambda fit, model, ledger: fc.score(fit, ledger.filter(measure="killed")),
        lambda fit, model, ledger: fc.calibrate(model, ledger, n=1),
        lambda fit, model, ledger: fc.backtest(lambda part: model, ledger, origins=["2022-03-20"], horizons=[10]),
    ],
)
def test_what_needs_predicted_claims_says_what_to_do_instead(fit, model, ledger, ask):
    with pytest.raises(ForcestError, match=r"LossModel to (the claims on people, )?ledger\.filter\(item=''\)"):
        ask(fit, model, ledger)
