"""Claims that repeat one another count once, in whatever order the rows stand."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import logistic

from forcest.datasets import load
from forcest.ledger import read_ledger
from forcest.models.presets import north_korea_kursk
from forcest.models.reporting.description import Reporting
from forcest.models.reporting.origins import what_becomes
from small_models import claim, ledger, log_likelihood, many_claims, prior_draws, prior_medians, waves_model

MODEL = waves_model(reporting=Reporting())
ORIGINAL = claim("a", "killed", 300)


def bind(*rows):
    return MODEL.on(ledger(*rows))


def copy(id_: str, *, of: str = "a", source: str = "Press", **cells) -> dict:
    return ORIGINAL | {"id": id_, "origin": of, "source": source, "stance": "third_party", "published": "2025-03-12"} | cells


def same_density(one, other) -> bool:
    p = prior_draws(one, 5)
    return [q.name for q in one.parameters] == [q.name for q in other.parameters] and np.array_equal(
        log_likelihood(one, p), log_likelihood(other, p)
    )


@pytest.mark.parametrize("id_", [c.id for c in MODEL.on(many_claims()).claims])
def test_a_copy_under_its_origin_changes_nothing_at_all(id_):
    # A copy of a claim that shares its error with another one is merged with it too.
    reports = many_claims()
    rows = reports.usable()
    original = next(row for row in rows.to_dict("records") if row["id"] == id_)
    text = reports.text.loc[reports.text["id"] == id_].iloc[0].to_dict()
    repeated = text | {"id": "copy", "origin": id_, "source": "Press", "stance": "third_party", "published": "2025-03-12"}
    with_copy = read_ledger(reports.text.reindex([*reports.text.index, 10_000]).assign(**{}).pipe(_last_row, repeated))
    one, other = waves_model().on(reports), waves_model().on(with_copy)
    assert original["id"] == id_
    assert same_density(one, other)
    assert sum("copy" in c.copies for c in other.claims) == 1


def _last_row(table, row):
    table = table.copy()
    table.iloc[-1] = [row[name] for name in table.columns]
    return table


def test_a_copy_of_a_copy_changes_nothing_either():
    assert same_density(bind(ORIGINAL), bind(ORIGINAL, copy("b"), copy("c", of="b", source="Radio")))


def test_a_repeated_claim_without_its_origin_does_change_the_density():
    other = bind(ORIGINAL, copy("b", of=""))
    p = prior_draws(other, 5)
    assert not np.allclose(log_likelihood(bind(ORIGINAL), p), log_likelihood(other, p), rtol=1e-3)


def test_the_order_of_rows_and_the_names_of_sources_are_of_no_consequence():
    rows = [
        ORIGINAL,
        copy("b", low=250, high=320, value="", qualifier="range"),
        copy("c", low=330, high=400, value="", qualifier="range", source="Radio"),
        copy("d", as_of="2025-02-01", value=340),
        claim("e", "casualties", 700, source="Observers", stance="third_party"),
    ]
    bound = bind(*rows)
    p = prior_draws(bound, 4)
    expected = log_likelihood(bound, p)
    for order in list(permutations(rows))[::5]:
        np.testing.assert_allclose(log_likelihood(bind(*order), p), expected, rtol=1e-13)


def test_when_the_original_is_gone_the_order_of_its_copies_is_of_no_consequence():
    rows = [copy("c", source="Radio", value=320), copy("b"), copy("d", as_of="2025-02-01", value=340)]
    found = []
    for order in permutations(rows):
        bound = MODEL.on(ledger(ORIGINAL, *order).exclude(id="a"))
        assert {c.id: c.copies for c in bound.claims} == {"b": ("c",), "d": ()}
        found.append(log_likelihood(bound, prior_draws(bound, 3)))
    np.testing.assert_allclose(found, [found[0]] * len(found), rtol=1e-13)


def test_permuting_the_shipped_ledger_leaves_its_density_as_it_is():
    shipped = load("north_korea_kursk")
    shuffled = read_ledger(shipped.text.sample(frac=1, random_state=1))
    one, other = north_korea_kursk("3D").on(shipped), north_korea_kursk("3D").on(shuffled)
    assert one.layout == other.layout
    p = prior_draws(one, 5)
    np.testing.assert_allclose(log_likelihood(one, p), log_likelihood(other, p), rtol=1e-12)


def test_a_copy_with_other_numbers_leaves_what_both_say_in_the_voice_of_the_original():
    merged = bind(
        ORIGINAL | {"low": 200, "high": 400, "value": "", "qualifier": "range"},
        copy("b", low=300, high=500, value="", qualifier="range"),
    )
    stated = bind(ORIGINAL | {"low": 300, "high": 400, "value": "", "qualifier": "range"})
    assert same_density(merged, stated)
    apart = bind(
        ORIGINAL | {"low": 200, "high": 300, "value": "", "qualifier": "range"},
        copy("b", low=400, high=500, value="", qualifier="range"),
    )
    hull = bind(ORIGINAL | {"low": 200, "high": 500, "value": "", "qualifier": "range"})
    assert same_density(apart, hull)


def test_a_copy_for_another_date_keeps_its_date_and_shares_the_originals_error():
    said = {"qualifier": "range", "value": ""}
    first = ORIGINAL | said | {"low": 200, "high": 400}
    bound = bind(first, copy("b", as_of="2025-02-01", low=300, high=500, **said))
    assert bound.layout.origin_groups == ("a",)
    assert bound.layout.sources == ("A",)
    p = prior_medians(bound) | {"origin_error": np.array([[1.3]]), "error_scale": np.array([[0.15, 0.3, 0.4, 0.25]])}
    expected = 0.0
    for as_of, low, high in (("2025-01-20", 200, 400), ("2025-02-01", 300, 500)):
        grid = bound.model.grid
        count = bound.curves_forward(p)["killed"][0, int(grid.day_of(as_of))]
        stated = count * np.exp(0.7)
        mean = np.log1p(stated) + np.sqrt(0.9) * 0.4 * 1.3
        scale = np.sqrt(0.1 * 0.4**2)
        expected += np.log(logistic.cdf(np.log1p(high), mean, scale) - logistic.cdf(np.log1p(low), mean, scale))
    assert log_likelihood(bound, p)[0] == pytest.approx(expected, rel=1e-10)


def test_the_shared_and_the_own_error_have_the_variance_of_one():
    assert bind(ORIGINAL).data.own_share[0] == 1
    bound = bind(ORIGINAL, copy("b", as_of="2025-02-01"))
    assert np.all(bound.data.own_share == 0.1)


def test_a_copy_of_another_measure_and_a_sum_of_two_claims_are_left_out_with_a_reason():
    rows = [ORIGINAL, claim("w", "wounded", 900), copy("m", measure="casualties", value=1200), copy("s", of="a+w", value=1200)]
    rows.append(copy("t", of="s", value=1200))
    bound = bind(*rows)
    assert [c.id for c in bound.claims] == ["a", "w"]
    assert {left.id for left in bound.left_out} == {"m", "s", "t"}
    reasons = {left.id: left.reason for left in bound.left_out}
    assert reasons["m"] == "repeats a in another measure"
    assert reasons["s"] == reasons["t"] == "computed from a and w"
    assert same_density(bound, bind(*rows[:2]))


def test_when_a_filter_removes_the_original_its_earliest_copy_stands_in():
    rows = [ORIGINAL, copy("b", published="2025-03-14"), copy("c", published="2025-03-13", source="Radio", value=320)]
    bound = MODEL.on(ledger(*rows).exclude(id="a"))
    assert [(c.id, c.row["source"], c.copies) for c in bound.claims] == [("c", "Radio", ("b",))]


def test_an_excluded_original_is_no_original():
    bound = bind(ORIGINAL | {"exclude": "a reason"}, copy("b"), claim("z", "killed", 40, source="Z"))
    assert [c.id for c in bound.claims] == ["b", "z"]


def test_a_copy_of_a_corrected_claim_is_a_copy_of_its_correction():
    correction = ORIGINAL | {"id": "a2", "value": 320, "supersedes": "a", "published": "2025-03-11"}
    bound = bind(ORIGINAL, correction, copy("b"))
    assert [(c.id, c.copies) for c in bound.claims] == [("a2", ("b",))]


PARTS = [
    claim("north", "killed", 9000, coverage="partial", source="A"),
    claim("south", "killed", low=2000, high=4000, qualifier="range", coverage="partial", source="B"),
]
TOTAL = claim(
    "sum", "killed", low=11_000, high=13_000, qualifier="range", origin="north+south", source="Press", stance="third_party"
)


def test_a_total_of_disjoint_parts_is_read_in_their_place():
    bound = bind(*PARTS, TOTAL)
    assert [c.id for c in bound.claims] == ["sum"]
    assert {left.id: left.reason for left in bound.left_out} == {
        "north": "a part of sum, which is fitted in its place",
        "south": "a part of sum, which is fitted in its place",
    }
    assert same_density(bound, bind(TOTAL | {"origin": ""}))


def test_without_their_total_the_parts_bound_it_from_below():
    assert [c.id for c in bind(*PARTS).claims] == ["north", "south"]
    early = TOTAL | {"published": "2025-03-20"}
    assert [c.id for c in MODEL.on(ledger(*PARTS, early).known_by("2025-03-12")).claims] == ["north", "south"]


def test_copies_of_a_part_and_a_second_total_go_with_the_first():
    again = TOTAL | {"id": "sum2", "published": "2025-03-12", "source": "Radio"}
    bound = bind(*PARTS, TOTAL, again, copy("b", of="north", value=9000))
    assert [c.id for c in bound.claims] == ["sum"]
    reasons = {left.id: left.reason for left in bound.left_out}
    assert reasons["sum2"] == "computed from north and south, as sum is"
    assert reasons["b"] == "repeats north, a part of sum"


def test_a_total_of_one_part_that_is_excluded_is_still_read():
    bound = bind(PARTS[0], PARTS[1] | {"exclude": "a reason"}, TOTAL)
    assert [c.id for c in bound.claims] == ["sum"]


@pytest.mark.parametrize("cells", [{"as_of": "2025-01-25"}, {"window_start": "2025-01-10", "window_end": "2025-01-20"}])
def test_a_total_for_another_date_than_its_parts_says_what_is_lost(cells):
    bound = bind(*PARTS, TOTAL | cells)
    assert [c.id for c in bound.claims] == ["north", "south"]
    (left,) = bound.left_out
    assert left.reason == (
        "computed from north and south, which only bound it from below since they are not for its date, scope and window"
    )


def test_what_becomes_of_a_claim_is_said_in_words():
    bound = bind(ORIGINAL, copy("b"), copy("d", as_of="2025-02-01"), copy("m", measure="casualties"))
    assert what_becomes(bound.claims, bound.left_out) == {
        "b": "is merged into a, which it repeats for the same date",
        "d": "is fitted for its own date, but shares most of its error with a, which it repeats",
        "m": "is not fitted: repeats a in another measure",
    }
