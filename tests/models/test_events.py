"""Events: days that claims count by themselves have a rate of their own, and change no other day."""

import numpy as np
import pandas as pd
import pytest

from forcest.ledger import Ledger
from forcest.models.description.priors import between
from forcest.models.loss_model import LossModel
from forcest.models.process.loss_rates import LossRate
from small_models import at, claim, graph_of, ledger, prior_draws

SHIP = {"scope": "flow", "as_of": "2025-01-20", "source": "B"}


def model(**fields) -> LossModel:
    given = {"start": "2025-01-01", "end": "2025-02-18", "kinds": ("killed",), "rate": LossRate(every="2W")}
    return LossModel(**(given | fields))


def counted(id_: str, start: str, end: str, measure: str = "killed", **cells) -> dict:
    """A count of a window."""
    return claim(id_, measure, 50, scope="flow", window_start=start, window_end=end, as_of=end, **({"source": "B"} | cells))


def events_of(*claims: dict, **fields) -> list[str]:
    return [str(event) for event in model(**fields).on(with_total(*claims)).layout.events]


def with_total(*claims: dict) -> Ledger:
    return ledger(claim("total", "killed", 300), *claims)


def day_by_day(start: str, n: int) -> list[dict]:
    days = pd.date_range(start, periods=n)
    return [counted(f"b{i}", f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}") for i, day in enumerate(days)]


@pytest.mark.parametrize(("step", "nodes"), [("D", [19, 20, 21]), ("3D", [7])])
@pytest.mark.parametrize("statement", ["graph", "forward"])
def test_an_event_changes_the_increment_of_its_days_alone(step, nodes, statement):
    """The days 20 to 22 January are 19 to 21 since the start, and the step that ends on day 21."""
    bound = model(step=step, days_before=between(1, 100)).on(with_total(counted("e", "2025-01-20", "2025-01-22")))
    p = prior_draws(bound, 3)

    def increments(ratio: float) -> np.ndarray:
        moved = p | {"loss_event": np.full((3, 1), ratio)}
        if statement == "forward":
            return np.diff(bound.curves_forward(moved)["killed"], axis=1)
        graph = graph_of(bound)
        return np.diff([graph(at(moved, draw))["killed"] for draw in range(3)], axis=1)

    expected = np.ones(bound.model.grid.size - 1)
    expected[np.array(nodes) - 1] = 100.0
    np.testing.assert_allclose(increments(100.0) / increments(1.0), np.tile(expected, (3, 1)), rtol=1e-6)


def test_an_event_of_one_force_leaves_the_other_alone():
    claims = with_total(claim("y", "killed", 80, force="Y"), counted("e", "2025-01-20", "2025-01-20", force="Y"))
    bound = model().on(claims)
    p = prior_draws(bound, 3)
    quiet, loud = (bound.curves_forward(p | {"loss_event": np.full((3, 1), ratio)}) for ratio in (1.0, 100.0))
    np.testing.assert_array_equal(loud["killed@X"], quiet["killed@X"])
    assert np.all(loud["killed@Y"][:, -1] > quiet["killed@Y"][:, -1])


def test_a_short_window_is_an_event_with_its_days_and_its_kind():
    assert events_of(counted("e", "2025-01-20", "2025-01-22")) == ["killed 2025-01-20/2025-01-22"]
    both = events_of(counted("e", "2025-01-20", "2025-01-22", "casualties"), kinds=("killed", "wounded"))
    assert both == ["killed 2025-01-20/2025-01-22", "wounded 2025-01-20/2025-01-22"]


def test_a_count_on_a_day_without_a_window_is_an_event_of_that_day():
    assert events_of(claim("e", "killed", 50, **SHIP)) == ["killed 2025-01-20/2025-01-20"]


def test_two_claims_on_the_same_days_are_one_event():
    same = counted("e", "2025-01-20", "2025-01-22"), counted("f", "2025-01-20", "2025-01-22", source="C", stance="own")
    assert len(events_of(*same)) == 1


@pytest.mark.parametrize(
    ("every", "last", "n"), [("2W", "2025-01-22", 1), ("2W", "2025-01-23", 0), ("W", "2025-01-15", 1), ("W", "2025-01-16", 0)]
)
def test_a_window_as_long_as_the_knots_is_the_rate_itself(every, last, n):
    """From 10 January on: thirteen days are an event between knots of two weeks, fourteen are none."""
    assert len(events_of(counted("e", "2025-01-10", last), rate=LossRate(every=every))) == n


def test_a_source_that_counts_every_day_has_a_bulletin_and_no_events():
    """Twelve make a bulletin; one fewer are events. Another source, or another measure, is counted by itself."""
    assert len(events_of(*day_by_day("2025-01-10", 11))) == 11
    assert events_of(*day_by_day("2025-01-10", 12)) == []
    another = counted("e", "2025-01-20", "2025-01-20", source="C")
    assert events_of(*day_by_day("2025-01-10", 12), another) == ["killed 2025-01-20/2025-01-20"]


def test_the_increments_of_a_register_are_no_events():
    totals = [claim(f"r{n}", "killed", 100 * n, qualifier="exact", source="R", as_of=f"2025-01-{10 + n}") for n in range(1, 5)]
    bound = model().on(ledger(*totals))
    assert [c.row["scope"] for c in bound.claims] == ["cumulative", "flow", "flow", "flow"]
    assert bound.layout.events == ()
    assert "loss_event" not in {q.name for q in bound.parameters}


def test_of_overlapping_windows_the_shortest_has_the_day():
    claims = counted("long", "2025-01-16", "2025-01-25"), counted("day", "2025-01-20", "2025-01-20", source="C")
    bound = model().on(with_total(*claims, counted("middle", "2025-01-19", "2025-01-21", source="D")))
    labels = [event.label.removeprefix("killed ") for event in bound.rates.events]
    at_days = {day: labels[event] for day, event in enumerate(bound.rates.event_at[0]) if event >= 0}
    assert sorted(at_days) == list(range(15, 25))
    assert {day for day, label in at_days.items() if label == "2025-01-20/2025-01-20"} == {19}
    assert {day for day, label in at_days.items() if label == "2025-01-19/2025-01-21"} == {18, 20}


def test_a_battle_does_not_become_the_rate_of_its_weeks():
    """Two hundred on one day and a rate of two a day: with the event, the claim of the day moves the rate of its weeks little."""
    rate = LossRate(level=between(1, 4), scale=between(0.05, 0.4), every="2W")
    claims = with_total(claim("e", "killed", 200, **SHIP))
    bound = model(rate=rate).on(claims)
    p = {q.name: q.quantile(0.5)[None] for q in bound.parameters}
    strike = claims.usable()["id"].tolist().index("e")

    def log_probability(ratio: float, daily: float) -> float:
        moved = p | {"loss_event": np.array([[ratio]]), "loss_rate": np.array([[daily]])}
        read = bound.read_curves(bound.curves_forward(moved))
        variants = bound.likelihood.forward(moved, read, bound.data)
        return float(bound.likelihood.by_claim(variants, bound.data)[0, strike])

    assert log_probability(100.0, 2.0) > log_probability(1.0, 2.0) + 3
    assert log_probability(100.0, 2.0) > log_probability(100.0, 200.0)
