"""What a claim says as intervals: every wording, and the partition that rounded statements make of the counts."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import logistic

from forcest.models.reporting.cells import Cell, cells_of, form_of, merge, slack
from forcest.models.reporting.description import GRIDS
from small_models import claim, ledger, waves_model

INF = math.inf


def cells(value=None, qualifier="about", measure="killed", **given):
    return cells_of(ledger(claim("a", measure, value, qualifier=qualifier, **given)).usable().to_dict("records")[0])


def one(*args, **given) -> tuple[float, float]:
    (cell,) = cells(*args, **given)
    assert cell.grid == -1
    return cell.low, cell.high


@pytest.mark.parametrize(
    ("given", "bounds"),
    [
        ({"value": 3_000, "qualifier": "at_least"}, (3_000, 4_000)),
        ({"low": 3_000, "qualifier": "at_least"}, (3_000, 4_000)),
        ({"value": 10_000, "qualifier": "more_than"}, (10_000, 20_000)),
        ({"value": 11_000, "qualifier": "more_than"}, (11_000, 12_100)),
        ({"value": 7, "qualifier": "more_than"}, (7, 8)),
        ({"value": 3_000, "qualifier": "up_to"}, (2_250, 3_000)),
        ({"high": 11_000, "qualifier": "fewer_than"}, (10_000, 11_000)),
        ({"value": 500, "qualifier": "at_most"}, (-INF, 500)),
        ({"high": 0, "qualifier": "at_most"}, (-INF, 0)),
        ({"high": 40, "qualifier": "none_seen"}, (-INF, 40)),
        ({"low": 900, "high": 1_100, "qualifier": "range"}, (900, 1_100)),
        ({"low": 1_500, "high": 1_700, "qualifier": "derived"}, (1_500, 1_700)),
        ({"low": 0, "high": 5, "qualifier": "range"}, (-INF, 5)),
        ({"qualifier": "dozens"}, (24, 96)),
        ({"qualifier": "several_hundred"}, (200, 900)),
        ({"qualifier": "several_thousand"}, (2_000, 9_000)),
        ({"qualifier": "several_thousand", "low": 3_000, "high": 5_000}, (3_000, 5_000)),
        ({"value": 30, "qualifier": "about", "coverage": "partial"}, (30, INF)),
        ({"low": 30, "high": 50, "qualifier": "range", "coverage": "partial"}, (30, INF)),
        ({"qualifier": "dozens", "coverage": "partial"}, (24, INF)),
    ],
)
def test_each_wording_stands_for_its_interval(given, bounds):
    assert one(**given) == pytest.approx(bounds)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ({"value": 3_000}, 3_000),
        ({"low": 3_000, "qualifier": "at_least"}, 3_000),
        ({"high": 11_000, "qualifier": "fewer_than"}, 11_000),
        ({"low": 900, "high": 1_100, "qualifier": "range"}, math.nan),
        ({"qualifier": "dozens"}, math.nan),
        ({"high": 40, "qualifier": "none_seen"}, math.nan),
        ({"low": 30, "high": 50, "qualifier": "range", "coverage": "partial"}, 30),
        ({"high": 50, "qualifier": "up_to", "coverage": "partial"}, 50),
    ],
)
def test_a_claim_is_known_by_the_number_it_states_in_whichever_column(given, number):
    bound = waves_model().on(ledger(claim("a", "killed", **given)))
    assert bound.table["value"].tolist() == pytest.approx([number], nan_ok=True)


@pytest.mark.parametrize("given", [{"value": 500, "qualifier": "up_to"}, {"high": 50, "qualifier": "none_seen"}])
def test_an_upper_bound_on_a_part_says_nothing_about_the_whole(given):
    assert one(coverage="partial", **given) == (-INF, INF)


@pytest.mark.parametrize(
    ("n", "tau"),
    [
        (1, 1),
        (7, 1 / 7),
        (10, 1),
        (25, 0.1),
        (30, 1 / 3),
        (50, 0.2),
        (250, 0.1),
        (1_000, 1),
        (3_000, 1 / 3),
        (4_500, 0.1),
        (11_000, 0.1),
    ],
)
def test_a_bound_reaches_to_the_next_number_as_round(n, tau):
    assert slack(n) == pytest.approx(tau)


def test_an_equivalence_is_a_ratio_within_a_quarter():
    assert one(2.5, measure="equivalence", scope="stock") == pytest.approx((2, 3.125))
    assert one(measure="equivalence", scope="stock", low=1.5, high=2, qualifier="range") == (1.5, 2)


@pytest.mark.parametrize(
    ("n", "grids"),
    [
        (0, [1]),
        (1, [1]),
        (7, [1]),
        (25, [1]),
        (50, [1, 10, 50]),
        (250, [1, 10, 50]),
        (1_000, [1, 10, 50, 100, 500, 1_000]),
        (3_000, [1, 10, 50, 100, 500, 1_000]),
        (4_500, [1, 10, 50, 100, 500]),
        (5_000, list(GRIDS)),
        (11_000, [1, 10, 50, 100, 500, 1_000]),
    ],
)
@pytest.mark.parametrize("qualifier", ["exact", "about"])
def test_a_number_may_be_rounded_on_each_grid_that_divides_it(n, grids, qualifier):
    found = cells(n, qualifier)
    assert list(dict.fromkeys(GRIDS[cell.grid] for cell in found)) == grids
    for grid in grids:
        parts = [cell for cell in found if GRIDS[cell.grid] == grid]
        assert parts[0].low == (n - grid / 2 if n else -INF)
        assert parts[-1].high == n + grid / 2
        assert all(left.high == right.low for left, right in pairwise(parts))


def statement(n: int, x: float, weights: np.ndarray) -> float:
    """Probability that a source with these rounding weights that believes in x persons says n."""
    found = cells_of({"measure": "killed", "coverage": "", "qualifier": "about", "value": n})
    return sum(weights[c.grid] / weights[: c.n_grids].sum() for c in found if c.low < x < c.high)


def test_whatever_a_source_believes_it_says_something():
    rng = np.random.default_rng(2)
    for x in np.concatenate([[-0.3, 0.2, 0.4, 0.6, 2.4, 4.9, 5.1, 9.7, 24.9, 25.1, 49, 51], np.exp(rng.uniform(0, 11, 200))]):
        weights = rng.dirichlet(np.ones(len(GRIDS)))
        said = {round(x / grid) * grid for grid in GRIDS} | {0} - {-1}
        assert sum(statement(max(n, 0), x, weights) for n in said) == pytest.approx(1, rel=1e-12), x


def test_the_probabilities_of_all_statements_sum_to_one():
    weights = np.random.default_rng(3).dirichlet(np.ones(len(GRIDS)))
    mean, scale = np.log1p(60.0), 0.25
    most = 30_000
    total = 0.0
    for n in range(most + 1):
        for c in cells_of({"measure": "killed", "coverage": "", "qualifier": "about", "value": n}):
            low = np.log1p(c.low) if np.isfinite(c.low) else -INF
            chance = logistic.cdf(np.log1p(c.high), mean, scale) - logistic.cdf(low, mean, scale)
            total += chance * weights[c.grid] / weights[: c.n_grids].sum()
    assert total == pytest.approx(1, abs=1e-9)


def test_copies_of_the_same_words_leave_the_cells_as_they_are():
    for given in (
        {"value": 4_500},
        {"value": 0, "qualifier": "exact"},
        {"qualifier": "dozens"},
        {"value": 3_000, "qualifier": "up_to"},
    ):
        assert merge(cells(**given), cells(**given)) == cells(**given)


def test_copies_that_overlap_leave_what_both_say_and_others_all_that_either_says():
    assert merge((Cell(100, 200),), (Cell(150, 300),)) == (Cell(150, 200),)
    assert merge((Cell(100, 200),), (Cell(300, 400),)) == (Cell(100, 400),)
    rounded = merge(cells(1_000), cells(low=980, high=1_200, qualifier="range"))
    assert {(c.low, c.high) for c in rounded} == {
        (999.5, 1_000.5),
        (995, 1_005),
        (980, 1_025),
        (980, 1_050),
        (980, 1_200),
        (980, 1_200),
    }
    assert {c.grid for c in rounded} == set(range(6))


def test_a_partial_claim_is_a_lower_bound_whatever_its_words():
    row = ledger(claim("a", "killed", high=50, qualifier="none_seen", coverage="partial")).usable().to_dict("records")[0]
    assert form_of(row) == "at_least"
