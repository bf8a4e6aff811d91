import datetime as dt

import pytest

import forcest as fc
import synthetic_fit
from forcest.errors import ModelError
from forcest.models.description.model import MOST_STEPS


def test_a_calendar_without_end_is_refused_with_its_cost():
    with pytest.raises(
        ModelError, match=r"from 2024-10-01 to 9999-12-31 in steps of 'D', it has 2,912,\d+, which would take 746 GB"
    ):
        synthetic_fit.model().replace(end="9999-12-31")


def test_the_longest_calendar_is_taken_and_a_day_more_is_not():
    model = fc.LossModel(start="2000-01-01", end="2001-01-01", step="W")
    longest = dt.date(2000, 1, 1) + dt.timedelta(days=7 * (MOST_STEPS - 1))
    with pytest.raises(ModelError, match="at most 10,000 steps"):
        model.replace(end=longest + dt.timedelta(days=1))
    assert model.replace(end=longest).grid.size == MOST_STEPS
