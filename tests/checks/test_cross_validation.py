"""Leaving groups of claims out: what stays together, what is scored, and that a left-out claim teaches nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks import cross_validation
from forcest.checks.cross_validation import cross_validate
from forcest.errors import ForcestError
from inference_ledger import small_ledger_frame


def with_copy() -> fc.Ledger:
    """The paper's a6 is repeated by the observer."""
    frame = small_ledger_frame().assign(origin="")
    copy = frame[frame["id"] == "a6"].assign(id="a6x", source="Observer", origin="a6", published="2024-02-26")
    return fc.read_ledger(pd.concat([frame, copy]))


@pytest.fixture
def folds_seen(monkeypatch, fit):
    """Instead of fitting: what each fold was asked to fit and to score."""
    seen = []

    def fitted(model, ledger, **options):
        seen.append({"fitted": set(ledger.to_dataframe()["id"]), "options": options})
        return fit

    def scored(found, ledger):
        seen[-1]["scored"] = set(ledger.to_dataframe()["id"])
        table = ledger.to_dataframe()[["id", "source", "published"]].assign(log_score=-1.0)
        table.attrs = {"refused": []}
        return table

    monkeypatch.setattr(cross_validation, "fit_in_full", fitted)
    monkeypatch.setattr(cross_validation, "score", scored)
    return seen


def test_a_source_is_left_out_with_all_that_repeats_it(folds_seen, model):
    ledger = with_copy()
    table = cross_validate(model, ledger, by="source")
    everything = set(ledger.to_dataframe()["id"])
    assert [fold["scored"] for fold in folds_seen] == [{"a1", "a4", "a5", "a8"}, {"a2", "a3"}, {"a6", "a6x", "a7"}, {"a9"}]
    assert all(fold["fitted"] == everything - fold["scored"] for fold in folds_seen)
    assert list(dict.fromkeys(table["fold"])) == ["Enemy staff", "Observer", "Paper", "Registers"]


def test_folds_keep_briefings_whole_and_are_about_equal(folds_seen, model):
    cross_validate(model, with_copy(), by="briefing", folds=3, random_seed=2)
    scored = [fold["scored"] for fold in folds_seen]
    assert set().union(*scored) == set(with_copy().to_dataframe()["id"])
    assert sorted(map(len, scored)) == [3, 3, 4]
    assert any({"a6", "a6x"} <= ids for ids in scored)
    assert sum(map(len, scored)) == 10


def test_a_claim_does_not_come_back_when_its_correction_is_left_out(folds_seen, model):
    frame = small_ledger_frame().assign(supersedes="")
    corrected = frame[frame["id"] == "a4"].assign(id="a4c", value="200", published="2024-02-28", supersedes="a4")
    cross_validate(model, fc.read_ledger(pd.concat([frame, corrected])), by="origin")
    assert [fold["scored"] for fold in folds_seen if "a4c" in fold["scored"]] == [{"a4", "a4c"}]
    assert not any(("a4" in fold["fitted"]) != ("a4c" in fold["fitted"]) for fold in folds_seen)


def test_who_repeats_what_was_later_corrected_or_lies_outside_stays_with_it(folds_seen, model):
    """A paper repeats a4, which a4c corrects; a1 and a2 repeat a claim that is not in this part of the ledger."""
    frame = small_ledger_frame().assign(supersedes="", origin="")
    bulletin = frame[frame["id"] == "a1"].assign(id="a0", source="Agency", stance="third_party")
    frame.loc[frame["id"].isin(["a1", "a2"]), "origin"] = "a0"
    corrected = frame[frame["id"] == "a4"].assign(id="a4c", value="200", published="2024-02-28", supersedes="a4")
    copied = frame[frame["id"] == "a4"].assign(id="a4p", source="Paper", stance="third_party", published="2024-02-21", origin="a4")
    whole = fc.read_ledger(pd.concat([bulletin, frame, corrected, copied]))
    cross_validate(model, whole.exclude(id=["a0"]), by="source")
    scored = [fold["scored"] for fold in folds_seen]
    assert {"a1", "a2", "a4", "a4c", "a4p", "a5", "a8"} in scored
    assert sum(map(len, scored)) == 11


def test_a_killed_run_goes_on_where_it_was(folds_seen, model, tmp_path):
    whole = cross_validate(model, with_copy(), folder=tmp_path)
    (tmp_path / "0002.json").unlink()
    again = cross_validate(model, with_copy(), folder=tmp_path)
    assert len(folds_seen) == 5
    pd.testing.assert_frame_equal(whole, again)
    with pytest.raises(ForcestError, match="by differ"):
        cross_validate(model, with_copy(), by="origin", folder=tmp_path)


@pytest.mark.parametrize(
    ("by", "folds", "words"), [("month", None, "must be one of"), ("source", 9, "4 groups"), ("source", 1, "4 groups")]
)
def test_what_cannot_be_dealt_is_refused(model, by, folds, words):
    with pytest.raises(ForcestError, match=words):
        cross_validate(model, with_copy(), by=by, folds=folds)


@pytest.mark.slow
def test_a_left_out_claim_teaches_nothing(model, ledger, fit):
    """A source claims five times as much: as it is left out, what is expected of it stays the same to the last digit."""
    frame = small_ledger_frame()
    frame.loc[frame["id"] == "a2", "value"] = "22500"
    options = {"by": "source", "folds": 2, "random_seed": 1, "quick": True}
    stated, inflated = (cross_validate(model, claims, **options).set_index("id") for claims in (ledger, fc.read_ledger(frame)))
    assert stated.loc["a2", "median"] == inflated.loc["a2", "median"]
    assert inflated.loc["a2", "log_score"] < stated.loc["a2", "log_score"] - 1.0
    assert np.isfinite(stated["log_score"]).all()
    assert stated.loc["a1", "median"] < inflated.loc["a1", "median"]
