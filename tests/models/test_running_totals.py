"""Running totals of one source: each total after the first counts what was added since the one before it."""

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.models.reporting.origins import merge_origins, roots_of
from forcest.models.reporting.running_totals import as_increments
from small_models import claim, ledger

DAYS = ("2025-01-10", "2025-01-20", "2025-01-30", "2025-02-09")
TOTALS = (10_000, 20_000, 30_000, 30_600)


def total(id_: str, day: str, value: int, **cells) -> dict:
    return claim(id_, "killed", value, as_of=day, **({"qualifier": "exact", "source": "R", "stance": "record"} | cells))


def register(values=TOTALS, **cells) -> list[dict]:
    return [total(f"r{i}", day, value, **cells) for i, (day, value) in enumerate(zip(DAYS, values, strict=False))]


def read(*rows: dict) -> list[dict]:
    """How claims are read: scope, window and number, by id."""
    claims = ledger(*rows)
    merged, _ = merge_origins(claims.usable(), roots_of(claims))
    return {c.id: c for c in as_increments(merged)}


def summary(claims) -> dict[str, tuple]:
    return {id_: (c.row["scope"], c.row["value"], c.since) for id_, c in claims.items()}


def test_totals_become_what_was_added_since_the_one_before():
    claims = read(*register())
    assert summary(claims) == {
        "r0": ("cumulative", 10_000, ""),
        "r1": ("flow", 10_000, "r0"),
        "r2": ("flow", 10_000, "r1"),
        "r3": ("flow", 600, "r2"),
    }
    windows = [(f"{c.row['window_start']:%Y-%m-%d}", f"{c.row['window_end']:%Y-%m-%d}") for c in list(claims.values())[1:]]
    assert windows == [("2025-01-11", "2025-01-20"), ("2025-01-21", "2025-01-30"), ("2025-01-31", "2025-02-09")]
    assert [c.cells[0].low for c in claims.values()] == [9_999.5, 9_999.5, 9_999.5, 599.5]
    assert [c.cells[0].high for c in claims.values()] == [10_000.5, 10_000.5, 10_000.5, 600.5]


def test_the_order_of_the_ledger_does_not_matter_and_is_kept():
    claims = read(*reversed(register()))
    assert list(claims) == ["r3", "r2", "r1", "r0"]
    assert summary(claims)["r3"] == ("flow", 600, "r2")


def test_two_totals_may_be_an_estimate_and_its_revision():
    assert {c.since for c in read(*register()[:2]).values()} == {""}


def test_a_total_that_does_not_exceed_the_one_before_is_read_as_it_stands():
    """A fall is a correction, from which the increments start anew; a total that stays repeats what is known."""
    fallen = summary(read(*register((10_000, 20_000, 15_000, 15_500))))
    assert fallen["r2"] == ("cumulative", 15_000, "")
    assert fallen["r3"] == ("flow", 500, "r2")
    unchanged = summary(read(*register((10_000, 20_000, 20_000, 20_700))))
    assert unchanged["r2"] == ("cumulative", 20_000, "")
    assert unchanged["r3"] == ("flow", 700, "r2")


@pytest.mark.parametrize("qualifier", ["at_least", "about", "more_than", "up_to"])
def test_only_exact_totals_are_a_series(qualifier):
    assert {c.since for c in read(*register(qualifier=qualifier)).values()} == {""}


def test_what_is_no_total_of_the_whole_neither_changes_nor_counts():
    parts = [
        total(f"p{i}", day, value, coverage="partial", qualifier="at_least")
        for i, (day, value) in enumerate(zip(DAYS, TOTALS, strict=True))
    ]
    assert {c.since for c in read(*parts).values()} == {""}
    days_of = [total(f"w{i}", day, value, scope="flow") for i, (day, value) in enumerate(zip(DAYS, TOTALS, strict=True))]
    assert {c.since for c in read(*days_of).values()} == {""}
    strengths = [
        claim(f"s{i}", "deployed", n, as_of=day, qualifier="exact") for i, (day, n) in enumerate(zip(DAYS, TOTALS, strict=True))
    ]
    assert {c.since for c in read(*strengths).values()} == {""}


@pytest.mark.parametrize("other", [{"source": "S"}, {"stance": "third_party"}, {"force": "Y"}])
def test_a_series_is_of_one_source_stance_and_force(other):
    first, second, *rest = register()
    assert {c.since for c in read(first, second).values()} == {""}
    moved = {**rest[0], **other}
    assert {c.since for c in read(first, second, moved).values()} == {""}
    assert {c.since for c in read(first, second, rest[0]).values()} == {"", "r0", "r1"}


def test_copies_for_another_date_and_their_original_stay():
    """Their error is shared already, so that they count once; the others of the register are a series without them."""
    copy = total("copy", "2025-01-25", 20_000, source="Paper", stance="third_party", origin="r1")
    found = summary(read(*register(), copy))
    assert found["copy"] == ("cumulative", 20_000, "")
    assert found["r1"] == ("cumulative", 20_000, "")
    assert found["r2"] == ("flow", 20_000, "r0")


# --- a register before and after a truce --------------------------------------------------------------------------

COUNTS = {
    "2023-10-31": 8500, "2023-12-31": 21900, "2024-03-31": 32800, "2024-06-30": 37900, "2024-09-30": 41600, "2024-12-31": 45500,
    "2025-02-28": 48300, "2025-03-31": 50300, "2025-04-30": 52300, "2025-05-31": 54300, "2025-06-30": 56500,
    "2025-07-31": 60100, "2025-08-31": 63500, "2025-09-30": 66100, "2025-10-10": 67200,
    "2025-11-15": 67550, "2025-12-20": 67900, "2026-01-25": 68200, "2026-02-28": 68459,
}  # fmt: skip
"""Cumulative count of the killed: 67,200 on the day of a truce and 68,459 at the end, so 1,259 since, 1.87 % of the level."""

TRUCE, END = "2025-10-10", "2026-02-28"


def share_since_the_truce() -> np.ndarray:
    """5 and 95 % of the killed since the truce as a share of those before it  [percent]."""
    claims = ledger(*(total(f"t{i}", day, n, published=day) for i, (day, n) in enumerate(COUNTS.items())))
    model = fc.LossModel(start="2023-10-07", end=END, kinds=("killed",), step="W")
    fit = fc.fit(model, claims, random_seed=1, sampler=fc.Batched(chains=16, target_ess=200))
    killed = fit["posterior"]["killed"].isel(force=0)
    then, now = (killed.interp(date=pd.Timestamp(day)) for day in (TRUCE, END))
    return 100 * ((now - then) / then).quantile([0.05, 0.95]).to_numpy()


@pytest.mark.slow
def test_a_register_that_slows_down_knows_its_growth_better_than_its_level():
    low, high = share_since_the_truce()
    assert low < 1.87 < high < 3.5


@pytest.mark.slow
def test_read_as_totals_its_growth_drowns_in_the_error_of_the_level(monkeypatch):
    monkeypatch.setattr("forcest.models.density.losses.as_increments", list)
    assert share_since_the_truce()[1] > 3.5


def test_a_table_of_claims_says_that_a_number_is_the_growth_since_another():
    model = fc.LossModel(start="2025-01-01", end="2025-02-10", kinds=("killed",), step="3D")
    table = fc.claims_table(fc.fit(model, ledger(*register()), random_seed=1, quick=True)).set_index("id")
    assert table["since"].tolist() == ["", "r0", "r1", "r2"]
    assert table.loc[["r0", "r3"], "claimed"].tolist() == ["10,000", "600 more than in r2"]
