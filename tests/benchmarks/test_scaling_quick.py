"""The benchmark of how cost grows: operations are counted on the kernels themselves, and the table has every line."""

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def scaling():
    sys.path.insert(0, str(FOLDER))
    try:
        import scaling
    finally:
        sys.path.remove(str(FOLDER))
    return scaling


def test_counted_kernels_give_the_compiled_value_and_cost_a_constant_per_claim(scaling):
    counts = {}
    for claims in (40, 80, 160):
        found = scaling.operations(scaling.density_of(40, claims))  # compares value and gradient with the compiled code
        counts[claims] = sum(found.values())
        assert found["mul"] > found["truediv"] > 0
    growth = (counts[160] - counts[80]) / (counts[80] - counts[40])
    assert 1.6 < growth < 2.4  # twice the claims cost twice as much; their forms differ by chance


def test_quick_variant_measures_every_direction_of_growth(scaling, capsys):
    rows = scaling.main(["--quick"])
    assert [row["grows"] for row in rows] == ["chains"] * 2 + ["days"] * 2 + ["claims"] * 2 + ["cores"] * 2
    assert all(row["gradients_per_second"] > 0 and row["operations"] > row["dim"] for row in rows)
    text = scaling.table(rows)
    assert all(f"| {row['grows']} | {row['size']:,} | {row['dim']} |" in text for row in rows)
