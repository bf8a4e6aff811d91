"""Losses without strengths: several forces and kinds, tied or free, and the two statements of their density."""

from datetime import date

import numpy as np
import pytest

from batched_references import Reference, disagreements, near_typical_and_far
from forcest.errors import ForcestError, LedgerError, ModelError
from forcest.models.density.lane_density import LaneDensity
from forcest.models.description.calendar import Grid
from forcest.models.description.priors import between
from forcest.models.loss_model import LossModel
from forcest.models.process.casualties import PER_KILLED
from forcest.models.process.loss_rates import LossRate, LossRates, cholesky
from forcest.models.reporting.description import Reporting
from small_models import at, claim, graph_of, ledger, log_likelihood, prior_draws, two_sides

WEEKS = LossRate(every="W")
EVERY_KIND = ("killed", "wounded", "captured", "missing")


def model(**fields) -> LossModel:
    given = {"start": "2025-01-01", "end": "2025-02-18", "rate": WEEKS, "kinds": ("killed", "wounded", "captured")}
    return LossModel(**(given | fields))


def strikes():
    """Two forces of different kinds, with days that claims count by themselves: nested ones, and one of unstated kinds."""
    other = {"force": "Y", "source": "Q", "stance": "own"}
    return two_sides().joined(
        ledger(
            claim("e1", "killed", 90, scope="flow", as_of="2025-01-22", source="Q"),
            claim("e2", "killed", 200, source="Q", **window("2025-01-21", "2025-01-25")),
            claim("e3", "casualties", 300, source="T", stance="third_party", **window("2025-02-08", "2025-02-09")),
            claim("e4", "wounded", 60, **other, **window("2025-02-03", "2025-02-05")),
            claim("m", "missing", 40, as_of="2025-02-05", **other),
        )
    )


def window(start: str, end: str) -> dict[str, str]:
    return {"scope": "flow", "window_start": start, "window_end": end, "as_of": end}


def one_side():
    return ledger(claim("a", "killed", 300), claim("b", "casualties", 1_300, source="B", stance="third_party"))


MODELS = {
    "two forces, daily, drift and gross errors": (model(reporting=Reporting(drift_from=2, gross_error_share=0.05)), two_sides()),
    "two forces, by three days, losses before": (model(step="3D", days_before=between(1, 100)), two_sides()),
    "two forces of their own kinds, events, ratios, losses before": (
        model(kinds=EVERY_KIND, days_before=between(1, 100)),
        strikes(),
    ),
    "the same by three days": (
        model(kinds=EVERY_KIND, days_before=between(1, 100), step="3D"),
        strikes(),
    ),
    "one force, casualties free": (model(kinds=("killed", "casualties")), one_side()),
    "one series": (model(kinds=("killed",)), ledger(claim("a", "killed", 300))),
}


@pytest.fixture(scope="module", params=MODELS)
def both(request):
    """A batched density, positions, and what the graph says about them."""
    description, claims = MODELS[request.param]
    bound = description.on(claims)
    density, reference = bound.density(), Reference(bound)
    positions = near_typical_and_far(density)
    return density, reference, positions, reference(positions)


def test_value_and_gradient_equal_those_of_the_graph(both):
    density, reference, positions, expected = both
    assert disagreements(density(positions), expected) == []
    assert [entry.name for entry in density.coordinates.entries] == reference.names


def test_a_gradient_off_by_a_thousandth_in_one_place_is_noticed(both):
    density, _, positions, expected = both
    value, gradient = density(positions)
    for chain, coordinate in enumerate(np.argmax(np.abs(expected[1]), axis=1)):
        wrong = gradient.copy()
        wrong[chain, coordinate] *= 1.001
        assert disagreements((value, wrong), expected)


WRONG = {
    "forgets the events": lambda k: k._replace(rates=k.rates._replace(event_at=np.full_like(k.rates.event_at, -1))),
    "lets every event last to the end": lambda k: k._replace(
        rates=k.rates._replace(event_at=np.maximum.accumulate(k.rates.event_at, 1))
    ),
    "forgets the ratios": lambda k: k._replace(rates=k.rates._replace(levels=k.rates.levels * [1, 0] - [0, 1])),
    "forgets the losses before": lambda k: k._replace(before=-1),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_kernel_that_forgets_something_is_noticed(wrong):
    description, claims = MODELS["two forces of their own kinds, events, ratios, losses before"]
    bound = description.on(claims)
    right = bound.density()
    positions = near_typical_and_far(right)
    expected = right(positions)
    twin = LaneDensity(right.kernels, right.coordinates, WRONG[wrong](right.constants))
    assert len(disagreements(twin(positions), expected)) > len(positions)


def test_chains_do_not_touch_each_other(both):
    density, _, positions, _ = both
    value, gradient = density(positions)
    for chain in (0, 3):
        alone = density(positions[chain : chain + 1])
        np.testing.assert_array_equal(alone[0], value[chain : chain + 1])
        np.testing.assert_array_equal(alone[1], gradient[chain : chain + 1])


def different(bound, said, p) -> list[str]:
    """Names of curves, and the log likelihood, whose recursion differs from what the graph said by more than 1e-8."""
    curves = bound.curves_forward(p)
    forward = curves | {"log_likelihood": log_likelihood(bound, p, curves)}
    return sorted(
        name for name, value in forward.items() for draw, by in enumerate(said) if not np.allclose(value[draw], by[name], rtol=1e-8)
    )


@pytest.mark.parametrize("name", list(MODELS)[:5])
def test_the_graph_and_the_recursion_give_the_same_curves_and_likelihood(name):
    description, claims = MODELS[name]
    bound = description.on(claims)
    p = prior_draws(bound, 3)
    graph = graph_of(bound)
    said = [graph(at(p, draw)) for draw in range(3)]
    assert different(bound, said, p) == []
    for parameter in {
        "loss_rate",
        "loss_scale",
        "loss_ratio",
        "loss_event",
        "days_before",
        "loss_offset",
        "stance_level",
    } & p.keys():
        moved = {n: v[:1] for n, v in (p | {parameter: p[parameter] * 1.001}).items()}
        assert different(bound, said[:1], moved), f"{parameter} makes no difference"


def test_curves_never_fall_and_casualties_are_the_sum_of_their_kinds():
    bound = model(days_before=between(1, 100)).on(two_sides())
    curves = bound.curves_forward(prior_draws(bound, 20))
    for force, counted in (("X", ("killed", "wounded", "captured")), ("Y", ("killed", "wounded"))):
        kinds = [curves[f"{kind}@{force}"] for kind in counted]
        assert all(np.all(np.diff(curve, axis=1) > 0) for curve in kinds)
        np.testing.assert_allclose(curves[f"casualties@{force}"], sum(kinds), rtol=1e-12)


def test_a_constant_rate_adds_up_day_by_day():
    bound = model(kinds=("killed",), step="3D", days_before=between(1, 100)).on(ledger(claim("a", "killed", 300)))
    p = {q.name: np.zeros((1, *q.shape)) for q in bound.parameters}
    p |= {"loss_rate": np.array([[7.0]]), "loss_scale": np.array([[1.0]]), "days_before": np.array([[4.0]])}
    expected = 4.0 * 7.0 + 7.0 * (1 + np.arange(bound.model.grid.size) * 3)
    np.testing.assert_allclose(bound.curves_forward(p)["killed"][0], expected)


def test_the_rate_of_another_kind_is_a_multiple_of_that_of_the_killed_of_its_force():
    """Where the killed are not counted, a kind has a rate of its own."""
    claims = ledger(
        claim("a", "killed", 300), claim("b", "captured", 30), claim("c", "captured", 30, force="Y"), claim("d", "wounded", 9)
    )
    bound = model(days_before=between(1, 100)).on(claims)
    labels = ["killed@X", "wounded@X", "captured@X", "captured@Y"]
    assert list(bound.rates.labels) == labels
    assert bound.coords["rated"] == ["killed@X", "captured@Y"]
    assert bound.coords["compared"] == ["wounded@X", "captured@X"]
    p = {q.name: np.zeros((1, *q.shape)) for q in bound.parameters}
    p |= {
        "loss_rate": np.array([[7.0, 2.0]]),
        "loss_ratio": np.array([[4.0, 0.5]]),
        "days_before": np.array([[4.0, 3.0, 2.0, 1.0]]),
    }
    curves = bound.curves_forward(p)
    days = 1 + np.arange(bound.model.grid.size)
    for label, rate, before in zip(labels, (7.0, 28.0, 3.5, 2.0), (4, 3, 2, 1), strict=True):
        np.testing.assert_allclose(curves[label][0], rate * (before + days), rtol=1e-12)


def test_a_given_ratio_replaces_the_default_and_leaves_the_others():
    given = model(per_killed={"wounded": between(1, 2)})
    assert set(given.per_killed) == set(PER_KILLED)
    assert given.per_killed["wounded"].quantile(0.95) == pytest.approx(2, rel=1e-6)
    assert given.per_killed["captured"] == PER_KILLED["captured"]
    with pytest.raises(ForcestError, match=r"`per_killed` is for .*; got 'killed'"):
        model(per_killed={"killed": between(1, 2)})


def test_log_rates_are_level_slope_and_correlated_splines_by_hand():
    """The splines sum to one: equal coefficients lift a log rate by their own size on every day."""
    rates = LossRates.on(WEEKS, Grid(date(2025, 1, 1), date(2025, 1, 8), 1), ["first", "second"])
    p = {"loss_rate": [5.0, 20.0], "loss_slope": [0.0, 365.25], "loss_scale": [0.1, 0.5], "loss_partial": [0.6]}
    p["loss_offset"] = np.array([[1.0], [2.0]]) * np.ones(rates.basis.shape[1])
    log_rate, losses = rates.forward({name: np.array([value]) for name, value in p.items()})
    first = np.full(8, np.log(5) + 0.1 * 1.0)
    second = np.log(20) + np.arange(-3.5, 4.0) + 0.5 * (0.6 * 1.0 + 0.8 * 2.0)  # a slope of one a day, a correlation of 0.6
    np.testing.assert_allclose(log_rate, [[first, second]], rtol=1e-12)
    np.testing.assert_allclose(losses[0, :, 1], [2 * 5 * np.exp(0.1), 20 * np.exp(1.1) * (np.exp(-3.5) + np.exp(-2.5))], rtol=1e-12)


def test_the_factor_of_three_correlated_series_by_hand():
    """Partial correlations 0.6; 0.28 and 0.6: each leaves the root of one less its square to the columns after it."""
    expected = [[1, 0, 0], [0.6, 0.8, 0], [0.28, 0.6 * 0.96, 0.8 * 0.96]]
    np.testing.assert_allclose(cholesky(np.array([[0.6, 0.28, 0.6]]), 3), [expected], rtol=1e-14)


def test_a_source_that_is_enemy_and_own_has_two_biases_and_each_force_its_own_levels():
    bound = model().on(two_sides())
    assert set(bound.layout.speakers) == {"P (enemy)", "P (own)", "Q (enemy)", "Q (own)", "T"}, "a record has its stance alone"
    own_effects = model(reporting=Reporting()).on(two_sides())
    assert set(own_effects.layout.speakers) - set(bound.layout.speakers) == {"R"}
    assert "enemy:losses:X" in bound.layout.stances
    assert "own:losses:Y" in bound.layout.stances


def test_simulated_claims_have_the_layout_of_the_real_ones_and_can_be_fitted():
    bound = model().on(two_sides())
    rng = np.random.default_rng(4)
    simulated = bound.simulate(prior_draws(bound, 1, seed=8), rng)
    assert simulated.layout == bound.layout
    assert [c.id for c in simulated.claims] == [c.id for c in bound.claims]
    assert [c.cells for c in simulated.claims] != [c.cells for c in bound.claims]
    value, gradient = simulated.density()(near_typical_and_far(simulated.density()))
    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()


def test_the_default_takes_forces_kinds_and_dates_from_the_ledger_and_no_count():
    found = LossModel.default(two_sides())
    assert found.kinds == ("killed", "wounded", "captured")
    assert found.start == date(2025, 1, 5)
    assert found.on(two_sides()).forces == ("X", "Y")
    tenfold = two_sides().to_dataframe().drop(columns=["row", "status"])
    tenfold[["value", "low", "high"]] *= 10
    from forcest.ledger import read_ledger

    assert LossModel.default(read_ledger(tenfold)) == found


def test_what_a_loss_model_cannot_read_is_named_with_its_row():
    strengths = ledger(claim("s", "at_front", 300, scope="stock"), claim("a", "killed", 300))
    with pytest.raises(LedgerError, match="losses only; got claims on at_front"):
        LossModel.default(strengths)
    with pytest.raises(ModelError, match=r"losses only; got at_front \(row id 's'\)"):
        model().on(strengths)
    with pytest.raises(ModelError, match=r"casualties claim counts missing, not in `kinds` \(row id 'm'\)"):
        model().on(ledger(claim("m", "casualties", 300, definition="killed+missing")))
    with pytest.raises(ModelError, match=r"must refer to a day between 2025-01-01 .* \(row id 'o'\)"):
        model().on(ledger(claim("o", "killed", 300, as_of="2024-12-01")))
    with pytest.raises(LedgerError, match="the ledger also counts 'Y'"):
        model(forces=("X",)).on(two_sides())


def test_a_flow_that_would_count_losses_before_the_first_day_is_refused():
    flow = claim("f", "killed", 10, scope="flow", window_start="2025-01-01", window_end="2025-01-05", as_of="2025-01-05")
    model().on(ledger(flow))
    with pytest.raises(ModelError, match=r"from after the first day of the model, 2025-01-01, .*; got 2025-01-01 \(row id 'f'\)"):
        model(days_before=between(1, 10)).on(ledger(flow))


def test_a_loss_model_survives_json():
    said = model(days_before=between(1, 10), forces=("X", "Y"))
    assert LossModel.model_validate_json(said.model_dump_json()) == said
