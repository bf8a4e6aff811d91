"""What to ask next: what narrows, what says nothing, where weights do not carry, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.ask_next import UNRELIABLE, Panel, expected_narrowing, narrowing
from forcest.checks.headlines import headlines
from forcest.checks.questions import as_claims, usual_questions
from forcest.checks.weights import smoothed_weights
from forcest.errors import ForcestError, LedgerError

DAY = "2024-02-29"


def asked(*rows):
    return pd.DataFrame(rows, columns=["source", "stance", "measure", "as_of"])


@pytest.fixture(scope="module")
def found(fit):
    return fc.ask_next(fit, "killed", at=DAY)


def test_a_record_of_the_very_quantity_narrows_most(found):
    assert found.loc[0, ["source", "stance", "measure"]].tolist() == ["a new record", "record", "killed"]
    assert found.loc[0, "narrowing"] > 0.1 > 5 * found.loc[0, "narrowing_se"]
    by = found.set_index(["source", "measure"])["narrowing"]
    assert by["a new record", "killed"] > by["a new record", "casualties"] > by["a new record", "deployed"]


def test_every_source_and_a_new_one_of_each_stance_is_asked_for_every_headline(found):
    sources = {"Enemy staff", "Observer", "Paper", "Registers", "a new record", "a new third party", "a new list of names"}
    sources |= {"a new source of its own side", "a new source of the enemy", "a new ally of its side", "a new ally of the enemy"}
    assert set(found["source"]) == sources
    assert len(found) == 11 * 5
    assert found["as_of"].eq(pd.Timestamp(DAY)).all()


def test_an_answer_without_information_narrows_by_nothing(model, ledger):
    """The wrong twin: a record of losses with errors of a factor of some hundred, beside one of strength with its usual error.

    Of six questions all lie within 4 standard errors of 0: a false alarm in 2,600 runs, and the same seed fails no run.
    """
    blind = fc.Reporting(error_scales={"losses": fc.between(2.5, 3.0)}, stance_levels={"losses": {"record": fc.normal(0, 0.1)}})
    fit = fc.fit(model.replace(reporting=blind), ledger, random_seed=1, sampler=fc.Batched(target_ess=400))
    rows = [
        ("A new record", stance, measure, DAY) for stance in ("record", "enemy") for measure in ("killed", "wounded", "casualties")
    ]
    told = fc.ask_next(fit, "deployed", asked(*rows), at=DAY)
    assert (told["narrowing"].abs() < 4 * told["narrowing_se"]).all()
    assert (told["narrowing"].abs() < 0.03).all()  # so that a large error hides nothing
    sharp = fc.ask_next(fit, "deployed", asked(("A new record", "record", "deployed", DAY)), at=DAY)
    assert sharp.loc[0, "narrowing"] > 0.1


def test_what_is_predicted_is_what_a_fit_with_the_answer_finds(fit, model, ledger):
    """One answer of a record: the sd of log killed falls as predicted, to the error of two sds.

    With 400 effective draws each sd is known to 3.5 %, their ratio to 5 %: three errors are 0.15 of a ratio of about 0.8.
    """
    claims = as_claims(fit, asked(("A register", "record", "killed", DAY)))
    answers, log_likelihood = Panel.of(fit, claims).answered(claims[0], 0, 20)
    logs = np.log1p(headlines(fit, DAY)["killed"])
    predicted = narrowing(logs.ravel(), smoothed_weights(log_likelihood)[0])[7]
    cells = {name: answers[7].row[name] for name in ("source", "stance", "measure", "scope", "qualifier", "force")}
    row = pd.DataFrame([cells | {"id": "new", "as_of": DAY, "published": "2024-03-09", "value": f"{answers[7].row['value']:.0f}"}])
    again = fc.fit(model, ledger.joined(fc.read_ledger(row)), random_seed=2)
    realised = 1 - np.log1p(headlines(again, DAY)["killed"]).std() / logs.std()
    assert predicted > 0.05
    assert realised == pytest.approx(predicted, abs=0.15)


def test_narrowing_by_hand():
    """Of -2, 0 and 2 all weights on two neighbours leave an sd of 1 of sqrt(8/3); equal weights, and their size, change nothing."""
    logs, weights = np.array([-2.0, 0.0, 2.0]), np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 1.0]])
    assert narrowing(logs, weights) == pytest.approx([1 - 1 / np.sqrt(8 / 3), 0.0])
    assert narrowing(logs, 5 * weights) == pytest.approx(narrowing(logs, weights))
    mean, error = expected_narrowing(np.tile(logs, (4, 1)), np.tile(weights, (4, 1)))
    assert mean == pytest.approx((1 - 1 / np.sqrt(8 / 3)) / 2)
    assert error == pytest.approx(np.std([1 - 1 / np.sqrt(8 / 3), 0.0], ddof=1) / np.sqrt(2))  # chains are alike: no more error


def test_weights_narrow_a_normal_as_theory_says():
    """A normal answer with the error of the prior halves the variance: the sd falls by 1 - 1/sqrt(2) = 0.293.

    The error of the mean is about 0.004 (4,000 draws, 200 answers); 0.015 is nearly four of them.
    """
    rng = np.random.default_rng(1)
    x = rng.standard_normal((20, 200))
    answers = x.ravel()[:200] + rng.standard_normal(200)
    weights, k = smoothed_weights(-0.5 * (x.ravel()[:, None] - answers) ** 2)
    assert weights.sum(axis=0) == pytest.approx(np.ones(200))
    assert (k > 0.7).mean() < 0.05  # one answer in hundreds lies beyond all draws
    mean, error = expected_narrowing(x, weights)
    assert mean == pytest.approx(1 - 1 / np.sqrt(2), abs=0.015)
    assert 0.001 < error < 0.01


def test_where_weights_do_not_carry_there_is_no_number(fit):
    """A fit of a few dozen draws has no hundred effective ones left after any answer."""
    few = fit.copy()
    for name in ("posterior", "sample_stats"):
        few[name] = fit[name].to_dataset().isel(draw=slice(0, 2))
    told = fc.ask_next(few, "killed", asked(("A register", "record", "killed", DAY)), at=DAY, answers=50)
    assert told.loc[0, "method"] == UNRELIABLE
    assert told[["narrowing", "narrowing_se"]].isna().all(axis=None)
    assert told.loc[0, "unreliable"] == 1.0


def test_the_same_call_gives_the_same_numbers_and_counts(fit):
    done, questions = [], asked(("A register", "record", "killed", DAY), ("Paper", "third_party", "wounded", DAY))
    first, second = (
        fc.ask_next(fit, "killed", questions, at=DAY, answers=30, callback=lambda *n: done.append(n)) for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert done == [(1, 2), (2, 2)] * 2


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        (asked(("A", "record", "killed", DAY)).drop(columns="as_of"), "it lacks as_of"),
        (asked(("A", "record", "killed", DAY)).assign(value=3), "it has value too"),
        (asked(), "it has no rows"),
        (asked(("A", "record", "killed", "2026-01-01")), "must cover every question.*got 2026-01-01"),
        (asked(("A", "record", "sick", DAY)), "sick needs a share of casualties"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(fit, questions, message):
    with pytest.raises(ForcestError, match=message):
        fc.ask_next(fit, "killed", questions)


def test_every_problem_of_every_question_is_named_at_once(fit):
    with pytest.raises(LedgerError) as refused:
        fc.ask_next(fit, "killed", asked(("A", "recrd", "killed", DAY), ("B", "enemy", "kiled", "soon")))
    text = str(refused.value)
    assert all(word in text for word in ('"recrd"', '"kiled"', '"soon"', "row 2", "row 3"))


def test_what_cannot_be_narrowed_is_refused(fit):
    with pytest.raises(
        ForcestError, match=r"`of` must be a headline measure that is uncertain on 2024-02-29: deployed, .*; got 'sick'"
    ):
        fc.ask_next(fit, "sick", at=DAY)
    with pytest.raises(ForcestError, match="`answers` must be at least 20"):
        fc.ask_next(fit, answers=5)
    with pytest.raises(ForcestError, match=r"a forecast cannot be made again"):
        fc.ask_next(fc.forecast(fit))


def test_a_question_reads_what_the_measure_is_and_a_loss_is_well_defined(fit):
    claims = as_claims(fit, usual_questions(fit, np.datetime64(DAY), "The force"))
    scopes = {claim.row["measure"]: claim.row["scope"] for claim in claims}
    assert scopes == {name: "stock" if name == "at_front" else "cumulative" for name in scopes}
    assert {c.row["definition"] for c in claims if c.row["measure"] == "casualties"} == {"killed+wounded"}
