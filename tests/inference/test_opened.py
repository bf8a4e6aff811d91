"""A fit is opened in one place: its attributes as typed values, parsed once and when asked for, and one wording of the verdict."""

from __future__ import annotations

import datetime

import pytest

import forcest as fc
from forcest.attributes import Attributes, Verdict
from forcest.errors import ForcestError
from forcest.inference import opened as opened_module
from forcest.inference.opened import OpenedFit
from forcest.ledger import Ledger


def test_a_loaded_fit_holds_what_it_was_made_from(saved, ledger, compiled):
    opened = OpenedFit.of(fc.load(saved))
    assert opened.ledger == ledger
    assert opened.model == compiled.bound.model
    assert opened.bound.layout == compiled.bound.layout
    assert opened.sampler == fc.Batched(target_accept=0.9)
    assert opened.random_seed == 3
    assert opened.verdict == Verdict(converged=True)
    assert opened.faults == ()
    assert opened.scenario is opened.forecast_from is None
    assert set(opened.seconds) == {"sample", "total"}
    assert opened.provenance["ledger (SHA-256)"] == ledger.hash


def test_a_forecast_says_from_when_on_and_under_what(fit):
    scenario = fc.Scenario(hazard=0.5)
    opened = OpenedFit.of(fc.forecast(fit, until="2024-05-01", scenario=scenario))
    assert opened.forecast_from == datetime.date(2024, 3, 1)
    assert opened.scenario == fc.Scenario(hazard=0.5, begins="2024-03-01")
    assert opened.model.end == datetime.date(2024, 5, 1)


def test_ledger_and_model_are_parsed_once_however_often_a_fit_is_opened(saved, monkeypatch, tmp_path):
    for kept in (opened_module._ledger, opened_module._model, opened_module._bound):
        kept.cache_clear()
    parsed = []
    parse = Ledger.from_csv.__func__
    monkeypatch.setattr(Ledger, "from_csv", classmethod(lambda cls, text: parsed.append(text) or parse(cls, text)))
    fc.report(fc.load(saved), tmp_path / "page.html")
    fc.sensitivity(fc.load(saved), {})
    fc.forecast(fc.load(saved))
    assert len(parsed) == 1


def test_what_is_not_asked_for_is_not_parsed(fit):
    broken = fit.copy()
    broken.attrs |= {"model": "no model", "ledger": "no ledger"}
    opened = OpenedFit.of(broken)
    assert opened.verdict.converged
    assert opened.random_seed == 3
    with pytest.raises(ForcestError, match="must be JSON"):
        _ = opened.model


def test_a_ledger_that_was_changed_afterwards_is_refused(fit):
    changed = fit.copy()
    changed.attrs["ledger"] = changed.attrs["ledger"].replace("5000", "6000")
    with pytest.raises(ForcestError, match="must have the hash that is stored with it"):
        fc.influence(changed, refit=False)


@pytest.mark.parametrize(
    ("verdict", "prefix", "text"),
    [
        (Verdict(True), "", "The fit has converged."),
        (Verdict(False), "[NOT CONVERGED] ", "NOT CONVERGED: the draws do not represent the posterior."),
        (Verdict(True, quick=True), "[QUICK] ", "QUICK: a short and coarse run"),
        (Verdict(False, ended_by="interrupted"), "[UNFINISHED] ", "UNFINISHED: the run was interrupted. It has not converged:"),
        (Verdict(False, quick=True), "[NOT CONVERGED, QUICK] ", "Do not use these numbers. QUICK:"),
    ],
)
def test_the_verdict_in_words(verdict, prefix, text):
    assert verdict.prefix == prefix
    assert text in str(verdict)
    assert verdict.converged or "not use these numbers" in str(verdict)


def test_a_fit_that_does_not_say_that_it_converged_has_not(fit):
    silent = fit.copy()
    del silent.attrs["converged"]
    assert not Attributes.of(silent).verdict.converged


def test_the_verdict_is_worded_alike_everywhere(tmp_path):
    import synthetic_fit
    from forcest.cli.files import _text

    fit = synthetic_fit.build(converged=0, quick=1)
    fit.attrs["ended_by"] = "interrupted"
    sentences = Attributes.of(fit).verdict.sentences
    page = fc.report(fit, tmp_path / "page.html").read_text(encoding="utf-8")
    assert all(sentence in page for sentence in sentences)
    note = _text(fit, fc.contradictions(fit))
    assert all(sentence in note for sentence in sentences)
    assert "<title>[UNFINISHED, QUICK] Estimate: the force</title>" in page
    assert fc.plots.flow(fit).figure.get_suptitle().startswith("[UNFINISHED, QUICK] ")
