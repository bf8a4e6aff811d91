"""What changed between two estimates: shifts that add up, causes that are named, and what is refused."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import forcest as fc
import synthetic_fit
from comparison_made import comparison_of
from forcest.checks.compare import _new_claims, _steps
from forcest.errors import ForcestError
from forcest.estimates.measures import name_of
from forcest.inference.opened import OpenedFit
from inference_ledger import small_ledger_frame, small_model

OPTIONS = {"random_seed": 1, "sampler": fc.Batched(target_ess=400)}
EARLIER = "2024-02-22"


def frame(**rows):
    """The small ledger with more rows: each is like a4 ("about 300 killed"), but for the cells that are given."""
    given = small_ledger_frame().assign(origin="", supersedes="", note="", exclude="")
    more = [given[given["id"] == "a4"].assign(id=id_, **cells) for id_, cells in rows.items()]
    return pd.concat([given, *more], ignore_index=True)


@pytest.fixture(scope="module")
def old(ledger):
    return fc.fit(small_model(), ledger.known_by(EARLIER), **OPTIONS)


DAYS = {"published": "2024-03-10", "as_of": "2024-02-28"}
PLANTED = {"source": "Registry", "stance": "record", "value": "1500", "qualifier": "exact", **DAYS}


@pytest.fixture(scope="module")
def planted():
    """A register counts five times as many killed as the others, and three more claims say nothing new."""
    return fc.read_ledger(frame(p1=PLANTED))


@pytest.fixture(scope="module")
def new(planted):
    return fc.fit(small_model(), planted, **OPTIONS)


@pytest.fixture(scope="module")
def found(old, new):
    return fc.compare(old, new)


def test_shifts_add_up_to_the_difference_of_the_estimates(found, old, new):
    """To rounding errors of sums of a few numbers below 10,000: 1e-9."""
    for measure in found.measures:
        path = found.path(measure)
        assert path["shift"].iloc[1:].sum() == pytest.approx(path["median"].iloc[-1] - path["median"].iloc[0], abs=1e-9)
        for fit, day, row in ((old, found.dates[0], path.iloc[0]), (new, found.dates[1], path.iloc[-1])):
            summary = fc.summary(fit, at=day).set_index("measure")
            assert row[["low", "median", "high"]].tolist() == pytest.approx(
                summary.loc[measure, ["low", "median", "high"]].tolist()
            )


def test_the_steps_are_time_then_new_claims_by_source_in_order_of_publication(found):
    path = found.path("killed")
    assert found.dates == ("2024-02-19", "2024-02-29")
    assert path["kind"].tolist() == ["old", "time", *["claims"] * 4]
    assert path["step"].tolist()[2:] == ["Paper", "Enemy staff", "Registers", "Registry"]
    assert path["n_claims"].tolist()[2:] == [2, 1, 1, 1]


def test_a_planted_claim_is_named_as_the_cause(found):
    path = found.path("killed").set_index("step")
    assert path["shift"].iloc[1:].abs().idxmax() == "Registry"
    assert path.loc["Registry", "firm"]
    sentence = found.sentences["killed"]
    assert sentence.startswith("Killed rose by ")
    assert "from new claims (Registry +" in sentence
    assert found.measures[0] in ("killed", "casualties")


def numbers_of(sentence):
    """Every number of a sentence but those of dates."""
    told = re.sub(r"\d+ [A-Z][a-z]+ \d{4}", "", sentence).replace("−", "-").replace("±", "").replace(",", "")
    return [int(number) for number in re.findall(r"[+-]?\d+", told)]


def test_numbers_of_a_sentence_add_up_as_printed():
    """Medians of 421.4, 569.6, 613.4 and 611.6: rounded to 421, 570, 613 and 612, shifts are of the rounded ones."""
    medians = [421.4, 569.6, 613.4, 611.6]
    sentence = comparison_of(medians).sentences["killed"]
    assert sentence == (
        "Killed rose by 191, from 421 [200 to 900] on 31 January 2025 to 612 [200 to 900] on 28 February 2025: +149 as time passed "
        "(the old estimate had 570 for 28 February 2025); +42 from new claims (HUR +43, the rest −1)."
    )
    rose, start, _, _, end, _, _, time, _, claims, hur, rest = numbers_of(sentence)
    assert (start + rose, time + claims, hur + rest) == (end, rose, claims)


def test_large_numbers_are_rounded_to_three_digits_and_still_add_up():
    """11,240 is read as 11,200, 11,353 as 11,400 and 10,849 as 10,800."""
    sentence = comparison_of([11_240, 11_353, 10_849], ("old", "model", "corrections"), mcse=10.0).sentences["killed"]
    assert "fell by 400, from 11,200 [200 to 900]" in sentence
    assert sentence.endswith(": +200 from the new model (other start); −600 from corrections.")


@pytest.mark.parametrize(("error", "noise"), [(20.0, False), (25.0, True)])
def test_a_shift_below_three_standard_errors_is_noise(error, noise):
    """Killed moves by 100 in one step, whose error is sqrt(2) times that of a median: 28, or 35, of which three are 85, or 106."""
    sentence = comparison_of([500, 600], ("old", "claims"), mcse=error).sentences["killed"]
    assert ("Killed did not change beyond Monte Carlo noise: from 500" in sentence) is noise
    assert ("+100 from new claims (within Monte Carlo noise)" in sentence) is noise
    assert ("HUR +100" in sentence) is not noise


def test_an_estimate_compared_with_itself_has_not_changed(old, tmp_path):
    """Also when it was saved, which rounds its curves to single precision."""
    old.to_netcdf(tmp_path / "old.nc")
    for again in (old, fc.load(tmp_path / "old.nc")):
        found = fc.compare(old, again)
        assert set(found.table["kind"]) == {"old"}
        assert all("nothing changed" in sentence for sentence in found.sentences.values())
    later = fc.compare(old, old, at=(EARLIER, "2024-02-29")).path("deployed")
    assert later["kind"].tolist() == ["old", "time"]


def test_another_seed_is_another_run_and_noise(old, ledger):
    """Of 5 measures none should differ by more than 4 standard errors: a false alarm in 3,000 runs; the same seed fails no run."""
    again = fc.fit(small_model(), ledger.known_by(EARLIER), random_seed=2, sampler=OPTIONS["sampler"])
    found = fc.compare(old, again)
    assert set(found.table["kind"]) == {"old", "sampling"}
    moved = found.table[found.table["kind"] == "sampling"]
    assert (moved["shift"].abs() < 4 * moved["shift_mcse"]).all()
    assert (moved["shift"] != 0).all()


def opened(ledger, model=None):
    """What a fit holds of its ledger and model."""
    model = model or small_model()
    named = {"model_kind": model.kind, "model": model.model_dump_json()}
    return OpenedFit({**named, "ledger": ledger.to_csv(), "ledger_hash": ledger.hash}, {})


def path_of(before, after, by="source", model=None):
    """Kind, name, number of rows and ids in the ledger of every step."""
    steps = _steps(opened(before), opened(after, model), by)
    return [(step.kind, step.name, step.n_claims, set(step.ledger.text["id"])) for step in steps]


def test_corrections_come_before_new_claims(ledger):
    """b1 corrects a4, a6 is another number now, a9 is gone: three rows; b2 is new."""
    rows = frame(
        b1={"supersedes": "a4", "value": "350", "published": "2024-03-01"}, b2={"source": "Herald", "published": "2024-03-05"}
    )
    rows.loc[rows["id"] == "a6", "value"] = "1100"
    rows.loc[rows["id"] == "a1", "note"] = "a remark is no correction"
    after = fc.read_ledger(rows[rows["id"] != "a9"])
    everything = set(after.text["id"])
    assert path_of(ledger, after) == [
        ("corrections", "corrections", 3, everything - {"b2"}),
        ("claims", "Herald", 1, everything),
    ]


def test_rows_that_are_never_fitted_are_no_step(ledger):
    after = fc.read_ledger(frame(b1={"exclude": "a rumour"}, b2={"measure": "planned", "scope": "stock"}))
    assert path_of(ledger, after) == []


def test_groups_come_in_order_of_their_first_publication(ledger):
    after = fc.read_ledger(
        frame(
            b1={"source": "Zeta", "published": "2024-03-05"},
            b2={"source": "Alpha", "published": "2024-03-06"},
            b3={"source": "Zeta", "published": "2024-03-07"},
        )
    )
    assert [(name, n) for _, name, n, _ in path_of(ledger, after)] == [("Zeta", 2), ("Alpha", 1)]
    assert [name for _, name, *_ in path_of(ledger, after, "briefing")] == [
        "Zeta 5 March 2024",
        "Alpha 6 March 2024",
        "Zeta 7 March 2024",
    ]
    assert [(name, n) for _, name, n, _ in path_of(ledger, after, None)] == [("new claims", 3)]
    assert list(_new_claims(ledger, after, "source")) == ["Zeta", "Alpha"]
    with pytest.raises(ForcestError, match="`by` must be 'source', 'briefing' or None; got 'stance'"):
        path_of(ledger, after, "stance")


def test_another_model_comes_first_and_is_fitted_to_the_old_ledger(ledger):
    model = small_model().replace(training=fc.Delay(mean=fc.between(10, 30)))
    after = fc.read_ledger(frame(b1={"source": "Herald"}))
    first, second = path_of(ledger, after, model=model)
    assert first == ("model", "new model: other training", 0, set(ledger.text["id"]))
    assert second[:3] == ("claims", "Herald", 1)
    short = small_model().replace(end="2024-02-25")
    with pytest.raises(ForcestError, match=r"the new model must cover the old ledger too.*a model that covers both"):
        path_of(ledger, ledger.known_by(EARLIER), model=short)


def test_an_interrupted_path_goes_on_where_it_stopped(old, new, found, tmp_path):
    done = []

    def stop(name):
        done.append(name)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fc.compare(old, new, folder=tmp_path / "path", callback=stop)
    again = fc.compare(old, new, folder=tmp_path / "path", callback=done.append)
    assert done == ["claims: Paper", "claims: Enemy staff", "claims: Registers"]
    pd.testing.assert_frame_equal(again.table, found.table)
    with pytest.raises(ForcestError, match="day differ"):
        fc.compare(old, new, at="2024-02-20", folder=tmp_path / "path")


def test_a_saved_comparison_is_read_back_number_for_number(found, tmp_path):
    found.save(tmp_path / "changed.json")
    again = fc.Comparison.load(tmp_path / "changed.json")
    pd.testing.assert_frame_equal(again.table, found.table, check_dtype=False)
    assert (again.dates, again.forces, again.method, str(again)) == (found.dates, found.forces, "refit", str(found))
    (tmp_path / "other.json").write_text('{"holds": "revisions"}')
    for file, message in (("other.json", "must hold a comparison"), ("none.json", "there is no file")):
        with pytest.raises(ForcestError, match=message):
            fc.Comparison.load(tmp_path / file)


def test_what_is_not_one_matter_is_refused(old, ledger):
    other = synthetic_fit.build()
    with pytest.raises(ForcestError, match=r"the old is of 'The force' and the new of 'the force'\. If these are one force, spell"):
        fc.compare(old, other)
    with pytest.raises(ForcestError, match=r"one of these is a forecast\. Pass the fit that it was made from"):
        fc.compare(old, fc.forecast(old))
    with pytest.raises(TypeError, match=r"fc\.compare\(fit, \.\.\.\)"):
        fc.compare(ledger, old)
    with pytest.raises(ForcestError, match="must share a headline measure; the old has deployed and the new killed"):
        fc.compare(with_only(old, "deployed"), with_only(old, "killed"))


def with_only(fit, measure):
    """A fit with one headline measure."""
    kept = fit["posterior"].to_dataset()
    one = fit.copy()
    one["posterior"] = kept.drop_vars({"deployed", "at_front", "casualties", "killed", "wounded"} - {measure})
    return one


def test_an_old_estimate_is_continued_to_the_new_day_or_refused(old, ledger):
    """Beyond its end a force model is forecast; losses have no states to continue."""
    found = fc.compare(
        old, fc.fit(small_model().replace(end="2024-05-01"), ledger.known_by(EARLIER), **OPTIONS), at=(EARLIER, "2024-04-20")
    )
    forecast = fc.summary(fc.forecast(old, until="2024-04-20"), at="2024-04-20").set_index("measure")
    path = found.path("deployed").set_index("kind")
    assert path.loc["time", "median"] == pytest.approx(forecast.loc["deployed", "median"], abs=1e-5)  # a summary has six decimals
    losses = ledger.filter(measure=["killed", "wounded", "casualties"])
    one = fc.fit(fc.LossModel.default(losses), losses, **OPTIONS)
    ends = str(one["posterior"]["date"].values[-1])[:10]
    other = fc.fit(fc.LossModel.default(losses).replace(end="2024-08-01"), losses, **OPTIONS)
    with pytest.raises(
        ForcestError, match=rf"it ends on {ends}, and only one of a ForceModel can be continued\. Compare on an earlier day"
    ):
        fc.compare(one, other, at=("2024-02-29", "2024-07-30"))


def test_measures_have_the_names_of_the_tables():
    assert [name_of(name) for name in ("killed", "at_front", "KPA: at_front")] == ["Killed", "At the front", "KPA: at the front"]


def test_claims_that_cancel_are_named_all_the_same():
    """+100 and -99, each far beyond its error of 2.8, but together no more than noise."""
    sentence = comparison_of([500, 600, 501], ("old", "claims", "claims")).sentences["killed"]
    assert sentence.endswith(": +1 from new claims (together within Monte Carlo noise; HUR +100, NIS −99).")
