"""The model of the reporting record: both statements of its density, what it finds in simulated records, and what it is told."""

import dataclasses

import numpy as np
import pandas as pd
import pytensor
import pytest

import forcest as fc
from forcest.errors import ForcestError
from forcest.history.learning import learn_bias
from forcest.history.model import RecordModel
from forcest.history.rows import Rows
from forcest.models.reporting.learned import CELLS, STANCES
from small_models import interpreted


@pytest.fixture(scope="module")
def model() -> RecordModel:
    """The model of the shipped record."""
    return RecordModel.of()


@pytest.fixture(scope="module")
def positions(model) -> np.ndarray:
    """Eight positions from the prior."""
    return model.coordinates.prior_positions(np.random.default_rng(1), 8)


def graph_density(model: RecordModel, positions: np.ndarray) -> np.ndarray:
    """Log density by the PyMC graph."""
    graph = model.graph()
    function = pytensor.function(graph.value_vars, graph.logp(), mode=interpreted())
    entries = model.coordinates.entries
    return np.array([function(*(x[e.coordinates].reshape(e.shape) for e in entries)) for x in positions])


def assert_same_density(model: RecordModel, other: RecordModel, positions: np.ndarray):
    """Equal up to one constant; sums of some 200 terms of size 1 differ by rounding alone."""
    difference = graph_density(model, positions) - other(positions)[0]
    np.testing.assert_allclose(difference, difference[0], rtol=0, atol=1e-8 * np.abs(difference[0]))


def test_the_graph_and_the_density_agree(model, positions):
    assert_same_density(model, model, positions)


def test_a_density_of_another_correlation_is_rejected(model, positions):
    @dataclasses.dataclass(frozen=True)
    class Uncorrelated(RecordModel):
        def mean_and_scale(self, xp, p):
            return super().mean_and_scale(xp, {**p, "own_side": 0 * p["own_side"]})

    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_same_density(model, Uncorrelated(model.rows), positions)


def test_the_gradient_is_that_of_the_density(model, positions):
    """Central differences of step 1e-5: truncation 1e-10, rounding 1e-13/1e-5 of a value of some hundred."""
    _, gradient = model(positions)
    for j in range(0, model.coordinates.dim, 3):
        step = 1e-5 * np.eye(model.coordinates.dim)[j]
        slope = (model(positions + step)[0] - model(positions - step)[0]) / 2e-5
        np.testing.assert_allclose(gradient[:, j], slope, rtol=1e-5, atol=1e-5)


def simulated(
    rng: np.random.Generator, wars: int, rows: int, level: dict[str, float], between: float, within: float
) -> pd.DataFrame:
    """A record of strengths and losses with known bias."""
    made = []
    for war in range(wars):
        for stance, mean in level.items():
            of_war = mean + between * rng.normal()
            for _ in range(rows):
                claim = 1000 * np.exp(of_war + within * rng.normal())
                made.append({"war": f"war {war}", "stance": stance, "claim_low": claim, "claim_high": claim})
    fixed = {
        "year": 1950, "force": "a force", "claimant": "someone", "measure": "killed", "counted": "killed", "claim_date": "1950",
        "claim_timing": "during", "concealed": "no", "names_published": "no", "established_low": 1000.0, "established_high": 1000.0,
        "established_by": "names", "established_source": "list", "claim_source": "paper", "confidence": "a", "note": "",
    }  # fmt: skip
    return pd.DataFrame(made).assign(row_id=lambda t: [f"s{i}" for i in range(len(t))], **fixed)


@pytest.mark.slow
def test_the_levels_of_a_simulated_record_are_found():
    """Within 4 posterior standard deviations, of which 40 wars leave a tenth; a twin with another truth is not."""
    truth = {"own": -0.5, "enemy": 1.2, "third_party": 0.2}
    learned = learn_bias(simulated(np.random.default_rng(3), 40, 2, truth, between=0.4, within=0.3), random_seed=1)
    at = [CELLS.index(("losses", stance)) for stance in truth]
    sd = np.sqrt(np.diag(learned.covariance)[at])
    off = (learned.mean[at] - list(truth.values())) / sd
    assert np.all(sd < 0.15)
    assert np.all(np.abs(off) < 4)
    assert np.any(np.abs(learned.mean[at] - [-0.5, 0.5, 0.2]) / sd > 4)
    assert np.sqrt(learned.of_war[at[0], at[0]]) == pytest.approx(0.4, rel=0.25)  # of 120 levels: 0.4 x (1 +- 0.07), three times


def test_rows_of_records_and_lists_are_left_out_and_ranges_count_as_intervals():
    rows = Rows.of(fc.datasets.reporting_record())
    assert set(rows.table["stance"]) == set(STANCES)
    first = rows.table.iloc[0]
    middle = np.sqrt(first["claim_low"] * first["claim_high"] / first["established_low"] / first["established_high"])
    assert rows.bias[0] == pytest.approx(np.log(middle))
    widths = [np.log(first[f"{name}_high"] / first[f"{name}_low"]) for name in ("claim", "established")]
    assert rows.unsure[0] == pytest.approx(np.hypot(*widths) / 3.289707)


def test_a_war_that_the_record_does_not_have_is_refused():
    with pytest.raises(ForcestError, match=r"`exclude` must name wars of the record; got Trojan War\. Wars of the record: Afghan"):
        Rows.of(fc.datasets.reporting_record(), ["Trojan War"])
