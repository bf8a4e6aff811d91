import subprocess
import sys
import warnings
from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest
import xarray as xr

import forcest as fc
import synthetic_fit
from forcest.attributes import Attributes
from forcest.cli.files import FIGURES, _left_out
from forcest.errors import ModelError, NotConvergedWarning, SamplingError
from forcest.inference.checksums import with_checksums
from forcest.inference.opened import OpenedFit
from forcest.writing import write_whole

FILES = {"report.html", "estimate.nc", "summary.csv", "claims.csv", "estimate.txt", "flow.png"}
HEADER = "id,published,as_of,force,measure,scope,value,qualifier,source,stance\n"
FITTING = "Fitting 85 claims, dated 2024-10-13 to 2025-02-27.\n"
"""What is said of the shipped ledger before the fit."""
GOOD = HEADER + "a1,2025-01-02,2025-01-01,KPA,deployed,cumulative,11000,about,NIS,third_party\n"
BAD = HEADER + "a1,2025-01-02,2025-31-01,KPA,slain,cumulative,11000,about,NIS,third_party\n"


class StubModels:
    """Stands in for the models: says which was asked for."""

    @staticmethod
    def north_korea_kursk():
        return "the shipped model"

    @staticmethod
    def default(ledger):
        return f"default model of {len(ledger)} claims"


@pytest.fixture
def fitted(monkeypatch):
    """Replace the fit by the synthetic one; gives the calls, and a dict of what the fit should be like."""
    calls, like = [], {}

    def fit(model, ledger, **options):
        calls.append((model, len(ledger), options))
        if "raises" in like:
            raise like["raises"]
        if "warns" in like:
            warnings.warn(like["warns"], stacklevel=1)
        fit = synthetic_fit.build(converged=like.get("converged", 1), quick=int(options["quick"]))
        fit.attrs["ended_by"] = like.get("ended_by", "")
        return with_checksums(fit)

    monkeypatch.setattr("forcest.cli.files.DPI", 20)
    monkeypatch.setattr("forcest.cli.files.FIGURES", ("flow",))  # one is enough for most tests
    for name, value in {"fit": fit, "presets": StubModels}.items():
        monkeypatch.setattr(fc, name, value, raising=False)
    monkeypatch.setattr("forcest.models.default.default_model", StubModels.default)
    return calls, like


@pytest.fixture
def all_figures(fitted, monkeypatch):
    monkeypatch.setattr("forcest.cli.files.FIGURES", FIGURES)


def wrote(folder):
    return {p.name for p in folder.iterdir()}


# --- check ------------------------------------------------------------------------------------------------------------


def test_another_sheet_is_read_by_its_name(run, fitted, tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"about": ["x"]}).to_excel(book, sheet_name="Read me", index=False)
        pd.read_csv(tmp_path / "good.csv").to_excel(book, sheet_name="Claims", index=False)
    assert "--sheet 'Claims'" in run("estimate", "book.xlsx").output
    assert run("estimate", "book.xlsx", "--sheet", "Claims").exit_code == 0


# --- estimate ---------------------------------------------------------------------------------------------------------


def test_estimate_writes_every_file_and_prints_the_summary(run, fitted, tmp_path):
    done = run("estimate")
    assert done.exit_code == 0, done.output
    assert wrote(tmp_path) == {"forcest-out"}
    assert wrote(tmp_path / "forcest-out") == FILES
    assert "Posterior at 20 February 2025, equal-tailed 90 % intervals" in done.output
    assert "68 % and 2 % of their uncertainty" in done.output
    assert "The fit has converged." in done.output


def test_estimate_without_a_ledger_runs_the_shipped_one_with_its_model(run, fitted):
    run("estimate")
    assert fitted[0] == [("the shipped model", 121, {"random_seed": 1, "quick": False, "progressbar": False})]


def test_estimate_of_a_ledger_uses_the_default_model_and_the_options(run, fitted, tmp_path):
    (tmp_path / "good.csv").write_text(GOOD)
    done = run("estimate", "good.csv", "--seed", 7, "--sampler", "nutpie", "--quick", "--out", "here")
    assert done.exit_code == 0
    options = {"random_seed": 7, "quick": True, "progressbar": False, "sampler": "nutpie"}
    assert fitted[0] == [("default model of 1 claims", 1, options)]


def test_known_by_leaves_out_what_was_published_later(run, fitted):
    run("estimate", "--known-by", "2024-12-31")
    published = fc.datasets.load("north_korea_kursk").to_dataframe()["published"]
    assert fitted[0][0][1] == (published <= "2024-12-31").sum()


def test_the_numbers_in_the_files_are_those_of_the_fit(run, fitted, tmp_path):
    run("estimate")
    summary = pd.read_csv(tmp_path / "forcest-out" / "summary.csv").set_index("measure")
    assert summary.loc["killed", ["median", "low", "high", "prior_median"]].tolist() == pytest.approx([600, 330, 870, 660])
    assert set(summary["interval"]) == {"equal-tailed 90 %"}
    assert set(summary["converged"]) == {True}
    assert len(pd.read_csv(tmp_path / "forcest-out" / "claims.csv")) == 15
    with xr.open_datatree(tmp_path / "forcest-out" / "estimate.nc") as saved:
        assert float(saved["posterior"]["killed"].isel(date=-1).median()) == pytest.approx(600)


def test_not_converged_is_1_and_every_file_says_so(run, fitted, all_figures, tmp_path):
    fitted[1].update(converged=0, warns=NotConvergedWarning("R-hat 1.4"))
    done = run("estimate")
    out = tmp_path / "forcest-out"
    assert done.exit_code == 1
    assert wrote(out) == FILES | {f"{name}.png" for name in FIGURES}
    assert "NOT CONVERGED: the draws do not represent the posterior" in done.output
    assert "[NOT CONVERGED]" in done.output
    assert "R-hat 1.4" not in done.output  # the verdict says it once
    assert "converged=false" in (out / "estimate.txt").read_text()
    for name in ("summary", "claims"):
        assert set(pd.read_csv(out / f"{name}.csv")["converged"]) == {False}
    for name in FIGURES:
        assert b"converged=false" in (out / f"{name}.png").read_bytes()
    with xr.open_datatree(out / "estimate.nc") as saved:
        assert saved.attrs["converged"] == 0


def test_quick_is_marked_everywhere(run, fitted, tmp_path):
    done = run("estimate", "--quick")
    out = tmp_path / "forcest-out"
    assert done.exit_code == 0
    assert "[QUICK] Posterior at" in done.output
    assert (out / "estimate.txt").read_text().startswith("QUICK: ")
    assert set(pd.read_csv(out / "summary.csv")["quick"]) == {True}
    assert b"quick=true" in (out / "flow.png").read_bytes()


def test_the_note_says_what_anchors_the_level_and_what_it_is_not_for(run, fitted, tmp_path):
    run("estimate")
    text = (tmp_path / "forcest-out" / "estimate.txt").read_text()
    assert "What is expected by chance is not called a contradiction." in text
    assert "on average, 68 % and 2 % of their uncertainty" in text
    assert "none from the force's own side, records or lists of names" in text
    assert "not a basis for targeting" in text


def test_the_note_names_copies_for_another_date_as_check_does(monkeypatch):
    claims = [SimpleNamespace(id="c1", repeats=""), SimpleNamespace(id="c2", repeats="c1")]
    fit = synthetic_fit.build()
    monkeypatch.setattr(OpenedFit, "bound", SimpleNamespace(claims=claims))
    said = _left_out(fit, Attributes.of(fit))
    assert "   1  fitted for their own date, but share most of their error with the claim they repeat: c2" in said.splitlines()


def test_a_folder_that_is_not_empty_needs_force_and_keeps_what_is_not_ours(run, fitted, tmp_path):
    out = tmp_path / "forcest-out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    (out / "summary.csv").write_text("old")
    done = run("estimate")
    assert done.exit_code == 2
    assert "--force" in done.output
    assert fitted[0] == []  # found out before the fit, not after
    assert run("estimate", "--force").exit_code == 0
    assert wrote(out) == FILES | {"mine.txt"}
    assert (out / "mine.txt").read_text() == "mine"
    assert (out / "summary.csv").read_text() != "old"


def test_an_empty_folder_needs_no_force(run, fitted, tmp_path):
    (tmp_path / "deep").mkdir()
    assert run("estimate", "--out", "deep/er/est").exit_code == 0
    assert wrote(tmp_path / "deep" / "er" / "est") == FILES


def test_out_that_is_a_file_is_2(run, fitted, tmp_path):
    (tmp_path / "taken").write_text("x")
    done = run("estimate", "--out", "taken")
    assert done.exit_code == 2
    assert "must be a folder" in done.output


def test_a_fit_that_fails_leaves_nothing_behind(run, fitted, tmp_path):
    fitted[1]["raises"] = SamplingError("the density must be finite at the start; got nan. Widen the priors.")
    done = run("estimate")
    assert done.exit_code == 2
    assert done.output == f"{FITTING}Error: the density must be finite at the start; got nan. Widen the priors.\n"
    assert wrote(tmp_path) == set()


def test_writing_that_fails_leaves_the_old_files_alone(run, fitted, tmp_path, monkeypatch):
    assert run("estimate").exit_code == 0
    out = tmp_path / "forcest-out"
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fc, "claims_table", full)
    done = run("estimate", "--force", "--seed", 2)
    assert done.exit_code == 2
    assert "No space left on device" in done.output
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == before
    assert wrote(tmp_path) == {"forcest-out"}
    (kept,) = out.glob(".forcest-*/estimate.nc")
    assert f"A finished fit is kept in {kept}" in done.output
    assert fc.load(kept).attrs["ledger_hash"]


def test_a_fit_that_finds_the_disk_full_is_kept_among_the_temporary_files(run, fitted, tmp_path, monkeypatch):
    def full(path, content):
        if path.name == "estimate.nc" and tmp_path / "forcest-out" in path.parents:
            raise OSError(28, "No space left on device")
        write_whole(path, content)

    monkeypatch.setattr(import_module("forcest.inference.save"), "write_whole", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    done = run("estimate")
    assert done.exit_code == 2
    (kept,) = (tmp_path / "temporary").glob("*/estimate.nc")
    assert f"It is kept in {kept}" in done.output
    assert fc.load(kept).attrs["ledger_hash"]
    assert wrote(tmp_path) == {"temporary"}


@pytest.mark.parametrize(("ended_by", "code"), [("interrupted", 130), ("ended early, since more draws would not help", 1)])
def test_a_run_cut_short_says_by_what_and_only_a_person_interrupts(run, fitted, tmp_path, ended_by, code):
    fitted[1].update(converged=0, ended_by=ended_by)
    done = run("estimate", "--out", tmp_path / "out")
    assert done.exit_code == code
    for text in (done.output, (tmp_path / "out" / "estimate.txt").read_text(), (tmp_path / "out" / "report.html").read_text()):
        assert f"UNFINISHED: the run was {ended_by}" in " ".join(text.split())


def test_interrupting_is_130_and_leaves_nothing_behind(run, fitted, tmp_path):
    fitted[1]["raises"] = KeyboardInterrupt()
    done = run("estimate")
    assert done.exit_code == 130
    assert done.output == f"{FITTING}Interrupted; no output was completed.\n"
    assert wrote(tmp_path) == set()


@pytest.mark.parametrize(
    ("problem", "code"), [(ModelError("`end` must come after `start`; got 2020."), 2), (ZeroDivisionError("x"), 2)]
)
def test_no_error_shows_a_traceback(run, fitted, problem, code):
    fitted[1]["raises"] = problem
    done = run("estimate")
    assert done.exit_code == code
    said, message = done.output.splitlines()
    assert f"{said}\n" == FITTING
    assert message.startswith("Error: ")
    assert str(problem) in message


def test_a_warning_is_said_once_in_a_sentence(run, fitted):
    fitted[1]["warns"] = UserWarning("two source names look like one: HUR, H.U.R.")
    done = run("estimate")
    assert done.exit_code == 0
    assert done.output.count("two source names look like one") == 1
    assert "Warning: two source names" in done.output
    assert ".py:" not in done.output


def test_estimate_of_a_bad_ledger_is_1_before_anything_is_written(run, fitted, tmp_path):
    (tmp_path / "bad.csv").write_text(BAD)
    done = run("estimate", "bad.csv")
    assert done.exit_code == 1
    assert "slain" in done.output
    assert wrote(tmp_path) == {"bad.csv"}


@pytest.mark.parametrize("args", [["--seed", "one"], ["--known-by", "soon"], ["--nonsense"], ["--seed", "-1"], ["nowhere.csv"]])
def test_wrong_use_of_estimate_is_2(run, fitted, args):
    done = run("estimate", *args)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


# --- the rest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["datasets"], ["datasets", "list"]])
def test_datasets_lists_the_shipped_ledgers(run, args):
    done = run(*args)
    assert done.exit_code == 0
    assert "north_korea_kursk" in done.output
    assert "121" in done.output


def test_version(run):
    done = run("--version")
    assert (done.exit_code, done.output.strip()) == (0, fc.__version__)


def test_help_needs_no_heavy_import():
    code = (
        "import sys; from forcest.cli import app\n"
        "try: app(['estimate', '--help'])\n"
        "except SystemExit as e: assert e.code == 0\n"
        "print([m for m in ('pymc', 'numba', 'matplotlib', 'xarray', 'pandas') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_nobody_is_never_written_with_a_minus():
    """A rear that is empty to rounding may be -1e-12 persons."""
    from forcest.cli.estimate import _number

    assert [_number(x, "persons") for x in (-1e-12, -0.0, 1_234.4)] == ["0", "0", "1,234"]


def test_the_published_model_is_refused_before_it_is_fitted(run, fitted, tmp_path):
    (tmp_path / "model.toml").write_text('kind = "Radford2023"\n')
    done = run("estimate", "--model", tmp_path / "model.toml")
    assert done.exit_code == 2
    assert "Fit it in Python" in " ".join(done.output.split())
    assert fitted[0] == []
