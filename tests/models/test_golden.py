"""Densities, gradients, first draws and estimates of fixed draws are those stored in ``golden/model_values.json``."""

import json

import numpy as np
import pytest

import golden_values

# What compilers for other processors round differently: a last digit here and there of a density; a few transitions of a sampler
# multiply it by some orders of magnitude. Interval probabilities far in a tail lose digits by cancellation.
TOLERANCES = {"logdensity": 1e-12, "gradient": 1e-12, "first_draws": 1e-7}
OF_TABLES = 1e-9


@pytest.fixture(scope="module")
def table():
    stored = json.loads(golden_values.FILE.read_text(encoding="utf-8"))
    return golden_values.differences(stored, golden_values.current())


def test_every_number_is_the_stored_one(table):
    allowed = table["numbers"].map(TOLERANCES).fillna(OF_TABLES)
    moved = table[~(table["largest relative difference"] <= allowed)]
    assert moved.empty, moved.to_string()


def test_a_gradient_that_is_off_in_the_eleventh_digit_is_noticed(table):
    stored = {"case": {"gradient": [[1.0, -250.0]], "logdensity": [-3.0]}}
    moved = {"case": {"gradient": [[1.0, -250.0 * (1 + 1e-11)]], "logdensity": [-3.0]}}
    found = golden_values.differences(stored, moved).set_index("numbers")["largest relative difference"]
    assert found["gradient"] == pytest.approx(1e-11, rel=1e-3)
    assert found["logdensity"] == 0.0
    assert np.isinf(golden_values.differences(stored, {"case": {"gradient": [[1.0]], "logdensity": [-3.0]}}).iloc[0, 2])


def test_a_column_that_was_renamed_is_a_difference():
    stored, renamed = ({"case": {"table": {"median": [1.0], name: [2.0]}}} for name in ("low", "lower"))
    assert golden_values.differences(stored, stored).iloc[0, 2] == 0.0
    assert np.isinf(golden_values.differences(stored, renamed).iloc[0, 2])
