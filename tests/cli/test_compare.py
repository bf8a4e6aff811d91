"""``forcest compare``: what it prints and writes, and how it ends."""

import pandas as pd
import pytest

import forcest as fc
from comparison_made import comparison_of
from inference_ledger import small_ledger_frame, small_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Two fits in files: what was known on 22 February, and all."""
    folder, ledger = tmp_path_factory.mktemp("fits"), fc.read_ledger(small_ledger_frame())
    for name, known in (("old", ledger.known_by("2024-02-22")), ("new", ledger)):
        fc.fit(small_model(), known, random_seed=1, sampler=fc.Batched(target_ess=400)).to_netcdf(folder / f"{name}.nc")
    return folder


def test_it_prints_the_sentences_and_writes_page_table_and_figure(run, saved, tmp_path):
    done = run("compare", saved / "old.nc", saved / "new.nc", "--at", "2024-02-22,2024-02-29", "--by", "none", "--out", "out")
    assert done.exit_code == 0, done.output
    assert "on 22 February 2024 to " in done.output
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "changed.html",
        "changed.csv",
        "changed.png",
        "comparison.json",
        "steps",
    }
    table = pd.read_csv("out/changed.csv")
    assert table.groupby("measure")["shift"].sum().to_dict() == pytest.approx(
        table.groupby("measure")["median"].agg(lambda x: x.iloc[-1] - x.iloc[0]).to_dict()
    )
    assert str(fc.Comparison.load("out/comparison.json")) in done.output


def test_weights_make_no_fits_and_keep_none(run, saved, tmp_path):
    """Both ways end at the same estimates; the steps between are those of weights, or refused."""
    done = run("compare", saved / "old.nc", saved / "new.nc", "--by", "none", "--method", "reweight", "--out", "out")
    assert done.exit_code == 0, done.output
    assert "Fitted" not in done.output
    assert not (tmp_path / "out" / "steps").exists()
    assert fc.Comparison.load("out/comparison.json").method == "reweight"
    refused = run("compare", saved / "old.nc", saved / "new.nc", "--method", "guess")
    assert refused.exit_code == 2
    assert "Invalid value for '--method'" in refused.output


def test_what_has_not_converged_is_1(run, saved, monkeypatch, tmp_path):
    found = comparison_of([420, 570], ("old", "time"))
    monkeypatch.setattr(fc, "compare", lambda *_, **__: type(found)(found.table.assign(converged=False), found.dates, found.forces))
    (tmp_path / "out").mkdir()
    done = run("compare", saved / "old.nc", saved / "new.nc", "--out", "out")
    assert done.exit_code == 1
    assert "NOT CONVERGED: some fit does not represent its posterior" in done.output


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--at", "2024-02-22,2024-02-29,2024-03-01"), "--at must be one day, or two separated by a comma"),
        (("--at", "soon"), "`at` must be dates"),
        (("--by", "stance"), "Invalid value for '--by'"),
    ],
)
def test_wrong_use_is_2_and_one_paragraph(run, saved, more, message):
    done = run("compare", saved / "old.nc", saved / "new.nc", *more)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_a_file_that_is_no_fit_is_2(run, saved):
    done = run("compare", saved / "old.nc", "nowhere.nc")
    assert done.exit_code == 2
    assert "there is no file 'nowhere.nc'" in done.output
