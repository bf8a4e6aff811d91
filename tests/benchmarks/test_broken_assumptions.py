"""The benchmark of broken assumptions: each world breaks what it names and nothing else, and its table counts what it says."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.simulations import prior_draw

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def broken():
    sys.path.insert(0, str(FOLDER))
    try:
        import broken_assumptions
    finally:
        sys.path.remove(str(FOLDER))
    return broken_assumptions


@pytest.fixture(scope="module")
def bound():
    return fc.presets.north_korea_kursk("W").on(fc.datasets.load("north_korea_kursk"))


def believed(bound, p: dict) -> np.ndarray:
    """What each claim's source believes in the median [persons]."""
    read = bound.read_curves(bound.curves_forward(p))
    return np.expm1(bound.likelihood.beliefs(p, read, bound.data, np.random.default_rng(0)).mean[0])


def test_the_biased_source_claims_four_times_the_losses_and_the_others_are_unchanged(broken, bound):
    """Compared with the same draw without an effect of that source on losses."""
    false = broken.biased_source(bound, np.random.default_rng(4))
    truth = {name: values.copy() for name, values in false.items()}
    truth["source_class_offset"][:, bound.layout.source_classes.index((broken.BIASED, "losses"))] = 0.0
    factor = believed(bound, false) / believed(bound, truth)
    claims = bound.table
    biased = (claims["source"] == broken.BIASED) & claims["measure"].isin(["killed", "wounded", "casualties"])
    assert biased.sum() == 4  # killed, wounded and casualties by that source
    np.testing.assert_allclose(factor[biased], 4.0, rtol=1e-9)
    np.testing.assert_array_equal(factor[claims["source"] != broken.BIASED], 1.0)


def test_the_enemy_of_the_wrong_stance_understates_losses(broken, bound):
    """exp(-0.7) of the truth instead of the assumed exp(0.7)."""
    down = broken.wrong_stance(bound, np.random.default_rng(4))
    neutral = down | {"stance_level": down["stance_level"].copy()}
    neutral["stance_level"][:, bound.layout.stances.index("enemy:losses")] = 0.0
    factor = believed(bound, down) / believed(bound, neutral)
    lowered = np.abs(factor - np.exp(-0.7)) < 1e-3  # beliefs are log(1 + persons) with a bias of log persons: few persons differ
    assert set(bound.table["stance"][lowered]) == {"enemy"}
    np.testing.assert_array_equal(factor[~lowered], 1.0)


def test_heavy_rounding_leaves_few_numbers_as_they_are(broken, bound):
    drawn = [broken.heavy_rounding(bound, np.random.default_rng(seed))["rounding"] for seed in range(200)]
    mean = np.mean(drawn, axis=0)[0]
    # Dirichlet with mean HEAVY; the sd of a share of 0.5 at a total of 5 is 0.2, of 200 draws 0.015: four of them
    np.testing.assert_allclose(mean.reshape(-1, 7)[0], broken.HEAVY, atol=0.06)


def test_only_the_true_model_has_the_hidden_wave(broken):
    world = broken.worlds("W")["a hidden wave"]
    ledger = fc.datasets.load("north_korea_kursk")
    sizes = {name: model.on(ledger).coords["wave"] for name, model in (("truth", world.truth), ("without", world.without))}
    assert set(sizes["truth"]) - set(sizes["without"]) == {"other"}
    assert "other" in world.with_it.on(ledger).coords["wave"]


def test_coverage_counts_months_of_one_measure_in_its_window(broken):
    rows = [
        ("killed 2024-11-01", 0, 0, 0),
        ("killed 2024-12-01", 1, 1, 1),
        ("killed 2025-03-01", 0, 1, 1),
        ("killed 2025-04-01", 0, 0, 0),
    ]
    rows += [("killed_share 2025-01-01", 0, 0, 0), ("wounded 2025-01-01", 0, 0, 0)]
    table = pd.DataFrame(rows, columns=["quantity", "in50", "in80", "in95"])
    assert broken.coverage(SimpleNamespace(table=table), "killed") == {"in50": 0.5, "in80": 1.0, "in95": 1.0}


def test_the_table_says_what_the_lines_say(broken):
    share = {"in50": 0.524, "in80": 0.8, "in95": 0.913}
    line = {"world": "w", "fitted": "f", "n": 75, "n_unconverged": 2, "coverage": dict.fromkeys(broken.MEASURES, share)}
    assert broken.as_markdown([line]).splitlines()[2] == f"| w | f |{' 52/80/91 |' * 5} 2 of 75 |"


def test_a_prior_draw_breaks_nothing(broken, bound):
    """The wrong twin of the first test: another seed's draw differs everywhere, so equality there is no matter of course."""
    first, second = (believed(bound, prior_draw(bound, np.random.default_rng(seed))) for seed in (1, 2))
    assert np.all(first != second)


@pytest.mark.slow
def test_a_run_finds_what_a_wrong_stance_costs_and_resumes(broken, tmp_path, capsys):
    """Losses halved where they are thought doubled, within a tenth: a factor of 4 off, far beyond what is known."""
    options = ["--quick", "--n", "4", "--world", "a wrong stance", "--folder", str(tmp_path)]
    known, uncertain = broken.main(options)
    assert (known["fitted"], uncertain["fitted"]) == ("stance taken as known", "stance uncertain")
    assert known["coverage"]["killed"]["in95"] < 0.5 < uncertain["coverage"]["killed"]["in95"]
    written = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.npz")}
    again = broken.main(options)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.npz")} == written
    assert len(written) == 8
    assert [line["coverage"] for line in again] == [known["coverage"], uncertain["coverage"]]
    (tmp_path / "b.jsonl").write_text(capsys.readouterr().out)
    broken.main(["--table", str(tmp_path / "b.jsonl")])
    assert "stance taken as known" in capsys.readouterr().out
