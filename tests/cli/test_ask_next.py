"""``forcest ask-next``: from a saved fit or a ledger, what is written, and how it ends."""

from functools import partial

import pandas as pd
import pytest

import forcest as fc
from forcest.inference.checksums import with_checksums
from inference_ledger import small_ledger_frame, small_model

QUESTIONS = pd.DataFrame(
    [("A register", "record", "killed", "2024-02-29"), ("A ministry", "enemy", "deployed", "2024-02-29")],
    columns=["source", "stance", "measure", "as_of"],
)


@pytest.fixture
def run(run, tmp_path):
    small_ledger_frame().to_csv("claims.csv", index=False)
    small_model().to_toml("model.toml")
    QUESTIONS.to_csv("questions.csv", index=False)
    return partial(run, "ask-next")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    file = tmp_path_factory.mktemp("fit") / "estimate.nc"
    fc.fit(small_model(), fc.read_ledger(small_ledger_frame()), random_seed=1).to_netcdf(file)
    return file


def test_a_saved_fit_is_asked_as_in_python(run, saved, tmp_path):
    done = run(saved, "--questions", "questions.csv", "--answers", 40, "--at", "2024-02-29", "--out", "out")
    assert done.exit_code == 0, done.output
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"questions.csv", "questions.png"}
    expected = fc.ask_next(fc.load(saved), "killed", QUESTIONS, at="2024-02-29", answers=40)
    found = pd.read_csv("out/questions.csv")
    assert found["source"].tolist() == ["A register", "A ministry"]
    assert found["narrowing"].tolist() == pytest.approx(expected["narrowing"].tolist(), rel=1e-5)  # six digits in the file
    assert f"{expected.loc[0, 'narrowing']:.3f}" in done.output
    assert "Expected narrowing of log(1 + killed) on 29 February 2024" in done.output


def test_a_ledger_is_fitted_first_and_the_fit_is_kept(run, saved, tmp_path):
    """The same model, claims and seed as the saved fit: the same numbers."""
    options = ("--questions", "questions.csv", "--answers", 40)
    assert run("claims.csv", "--model", "model.toml", *options, "--out", "one").exit_code == 0
    assert run(saved, *options, "--out", "two").exit_code == 0
    one, two = (pd.read_csv(f"{name}/questions.csv") for name in ("one", "two"))
    assert one["narrowing"].tolist() == pytest.approx(two["narrowing"].tolist(), rel=1e-3)  # a file has curves in single precision
    assert fc.load("one/estimate.nc").attrs["random_seed"] == 1


def test_a_fit_that_has_not_converged_is_1(run, tmp_path):
    bad = fc.fit(small_model(), fc.read_ledger(small_ledger_frame()), random_seed=1)
    bad.attrs["converged"] = 0
    with_checksums(bad).to_netcdf(tmp_path / "bad.nc")
    done = run("bad.nc", "--questions", "questions.csv", "--answers", 40, "--out", "out")
    assert done.exit_code == 1, done.output
    assert (tmp_path / "out" / "questions.csv").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--of", "sick"), "`of` must be a headline measure"),
        (("--model", "model.toml"), "--sheet and --model are for a ledger"),
        (("--questions", "claims.csv"), "`questions` must be a table with the columns"),
        (("--questions", "none.csv"), "none.csv"),
        (("--answers", 5), "Invalid value for '--answers'"),
        (("--out", "full"), "full is not empty"),
    ],
)
def test_wrong_use_is_2_and_writes_nothing(run, saved, tmp_path, more, message):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("mine")
    done = run(saved, *more)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "forcest-ask-next").exists()
