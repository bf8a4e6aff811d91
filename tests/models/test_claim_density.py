"""The density of claims, against a second implementation in straightforward loops, and against what each rule says by hand."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from claim_loops import Loops
from forcest.models.parameters.numeric import NUMERIC
from forcest.models.reporting import likelihood
from forcest.models.reporting.description import Reporting
from small_models import claim, ledger, log_likelihood, many_claims, prior_draws, prior_medians, smooth_model, waves_model

THIRD = {"source": "Observers", "stance": "third_party"}
OTHER = {"source": "Ministry", "stance": "own"}


@pytest.mark.parametrize("step", ["D", "3D"])
@pytest.mark.parametrize("model", [waves_model, smooth_model])
def test_the_density_of_a_whole_ledger_equals_straightforward_loops(model, step):
    reports = many_claims(waves_named=model is waves_model).exclude(id="d2")
    bound = model(step).on(reports)
    p = prior_draws(bound, 3, seed=4)
    curves = bound.curves_forward(p)
    for draw, found in enumerate(log_likelihood(bound, p, curves)):
        # Where no claim is so far off that the loops' plain difference of CDFs loses its digits.
        mild = {name: values[draw] for name, values in p.items()}
        loops = Loops(bound, {name: curve[draw] for name, curve in curves.items()}, mild).total()
        assert loops == pytest.approx(found, rel=1e-9)


# --- reading curves -------------------------------------------------------------------------------------------------


def read_by(step, **cells) -> np.ndarray:
    """Counts that one claim reads from curves made up for the purpose: killed(day) = day squared, at_front = 100 - day, ..."""
    bound = waves_model(step).on(ledger(claim("a", **cells)))
    days = bound.model.grid.days.astype(float)
    made_up = {"killed": days**2, "wounded": 3 * days, "captured": days + 1, "missing": 5 + 0 * days, "at_front": 100 - days}
    made_up |= {"reached_front": 10 * days, "deployed": 20 + days, "in_training": 7 * days, "deployed[second]": 2 * days}
    made_up |= {"in_training[second]": 4 * days, "present": 1_000 + days, "combined_strength": 50_000 + days}
    made_up["killed+wounded"] = made_up["killed"] + made_up["wounded"]
    made_up["killed+wounded+captured+missing"] = made_up["killed+wounded"] + made_up["captured"] + made_up["missing"]
    curves = np.stack([made_up[str(curve)] for curve in bound.layout.curves])[None]
    return bound.likelihood.belief(prior_medians(bound), curves, bound.data)[0][0]


WINDOW = {"window_start": "2025-01-05", "window_end": "2025-01-08"}


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        ({"measure": "killed", "value": 9, "as_of": "2025-01-11"}, [100]),
        ({"measure": "killed", "value": 9, "as_of": "2025-01-01"}, [0]),
        ({"measure": "killed", "value": 9, "scope": "flow", "as_of": "2025-01-11"}, [100 - 81]),
        ({"measure": "killed", "value": 9, "scope": "flow", **WINDOW}, [49 - 9]),
        ({"measure": "captured", "value": 9, "scope": "flow", "as_of": "2025-01-01"}, [1]),
        (
            {
                "measure": "captured",
                "value": 9,
                "scope": "flow",
                "window_start": "2024-12-01",
                "window_end": "2025-01-03",
                "as_of": "2025-01-03",
            },
            [3],
        ),
        ({"measure": "at_front", "value": 9, "scope": "stock", "as_of": "2025-01-08", **WINDOW}, [96, 95, 94, 93]),
        ({"measure": "at_front", "high": 9, "qualifier": "none_seen", "scope": "stock", "as_of": "2025-01-08", **WINDOW}, [96]),
        ({"measure": "at_front", "value": 9, "scope": "flow", **WINDOW}, [40]),
        ({"measure": "at_front", "value": 9, "as_of": "2025-01-08"}, [70]),
        ({"measure": "in_training", "value": 9, "as_of": "2025-01-08"}, [27]),
        ({"measure": "in_training", "value": 9, "scope": "stock", "as_of": "2025-01-08"}, [49]),
        ({"measure": "in_training", "value": 9, "scope": "stock", "as_of": "2025-01-08", "wave": "second"}, [28]),
        ({"measure": "deployed", "value": 9, "as_of": "2025-01-08", "wave": "second"}, [14]),
        ({"measure": "deployed", "value": 9, "as_of": "2025-01-08", "scope": "stock"}, [1_007]),
        ({"measure": "combined_strength", "value": 9, "as_of": "2025-01-08", "scope": "stock"}, [50_007]),
        ({"measure": "casualties", "value": 9, "as_of": "2025-01-11"}, [130, 146]),
        ({"measure": "casualties", "value": 9, "as_of": "2025-01-11", "definition": "wounded+killed"}, [130]),
        ({"measure": "casualties", "value": 9, "as_of": "2025-01-11", "definition": "killed + wounded"}, [130]),
        ({"measure": "casualties", "value": 9, "as_of": "2025-01-11", "definition": "killed"}, [100]),
        ({"measure": "casualties", "value": 9, "as_of": "2025-01-11", "definition": "captured+killed+missing+wounded"}, [146]),
    ],
)
def test_a_claim_reads_the_count_it_speaks_of(cells, counts):
    np.testing.assert_allclose(read_by("D", **cells), counts)


def test_between_nodes_curves_are_read_linearly():
    # Nodes at days 0, 3, 6, 9, 12: killed is 0, 9, 36, 81, 144 there.
    assert read_by("3D", measure="killed", value=9, as_of="2025-01-11") == pytest.approx([81 + 63 / 3])
    assert read_by("3D", measure="killed", value=9, scope="flow", **WINDOW) == pytest.approx([36 + 45 / 3 - 9])
    assert read_by("3D", measure="captured", value=9, scope="flow", as_of="2025-01-01") == pytest.approx([1])


def test_a_vague_date_averages_probabilities_not_counts():
    vague = waves_model().on(ledger(claim("a", "killed", 300, **WINDOW, as_of="2025-01-08")))
    p = prior_draws(vague, 5)
    curves = vague.curves_forward(p)
    chances, counts = [], []
    for day in range(5, 9):
        sure = waves_model().on(ledger(claim("a", "killed", 300, as_of=f"2025-01-0{day}")))
        chances.append(np.exp(log_likelihood(sure, p, curves)))
        counts.append(sure.likelihood.belief(p, sure.read_curves(curves), sure.data)[0])
    np.testing.assert_allclose(log_likelihood(vague, p, curves), np.log(np.mean(chances, axis=0)), rtol=1e-12)
    assert np.ptp(counts) > 0


def test_a_window_longer_than_a_month_is_read_at_31_of_its_days():
    bound = waves_model().on(
        ledger(claim("a", "killed", 300, window_start="2025-01-01", window_end="2025-02-10", as_of="2025-02-10"))
    )
    weights = bound.data.variant_log_weight[0]
    assert len(weights) == 31
    assert np.exp(weights).sum() == pytest.approx(1)


# --- bias, drift, meaning, rounding -----------------------------------------------------------------------------------


def bulletins(n: int) -> list[dict]:
    days = pd.date_range("2025-01-03", "2025-02-17", periods=n).strftime("%Y-%m-%d")
    return [claim(f"b{i}", "killed", scope="flow", low=1, high=9, qualifier="range", as_of=day) for i, day in enumerate(days)]


def test_a_source_drifts_if_it_speaks_in_several_months():
    model = waves_model(reporting=Reporting())
    in_january = [row for row in bulletins(12) if row["as_of"] < "2025-02"]
    assert "drift_offset" not in {q.name for q in model.on(ledger(*in_january)).parameters}
    bound = model.on(ledger(*bulletins(12)))
    assert bound.coords["drift_step"] == ["A:losses:2025-01", "A:losses:2025-02"]
    p = prior_medians(bound)
    moved = p | {"drift_scale": np.array([0.1]), "drift_offset": np.array([[1.0, 2.0]])}
    curves = bound.read_curves(bound.curves_forward(p))
    _, plain, *_ = bound.likelihood.belief(p, curves, bound.data)
    _, drifted, *_ = bound.likelihood.belief(moved, curves, bound.data)
    remains = np.exp(-1 / 6)
    february = 0.1 * (remains * 1.0 + np.sqrt(1 - remains**2) * 2.0)
    expected = [np.exp(february if c.row["as_of"].month == 2 else 0.1) for c in bound.claims]
    np.testing.assert_allclose((drifted / plain)[0], expected, rtol=1e-12)


def drift_covariance(bound, steps: int) -> np.ndarray:
    """Covariance of the drift of the months spoken of, from the belief in each when one offset alone is not zero."""
    p = prior_medians(bound)
    curves = bound.read_curves(bound.curves_forward(p))
    flat = p | {"drift_scale": np.array([1.0]), "drift_offset": np.zeros((1, steps))}
    moves = []
    for step in range(steps):
        one = flat | {"drift_offset": np.eye(steps)[step : step + 1]}
        _, moved, *_ = bound.likelihood.belief(one, curves, bound.data)
        _, plain, *_ = bound.likelihood.belief(flat, curves, bound.data)
        moves.append(np.log(moved / plain)[0])
    return np.array(moves).T @ np.array(moves)


def test_the_drift_of_two_sources_is_stationary_whatever_months_they_leave_out():
    """A process without memory beyond its last value: its correlation falls with the distance of months, spoken of or not."""
    spoken = {"A": ("2025-01", "2025-04", "2025-05"), "B": ("2025-02", "2025-12")}
    rows = [
        claim(f"{s}{m}", "killed", 10 + i, source=s, as_of=f"{m}-15", published="2026-01-20")
        for s in spoken
        for i, m in enumerate(spoken[s])
    ]
    bound = waves_model(reporting=Reporting()).replace(end="2026-01-31").on(ledger(*rows))
    assert bound.coords["drift_step"] == [f"{s}:losses:{m}" for s in spoken for m in spoken[s]]
    month = np.array([claim.row["as_of"].month for claim in bound.claims])
    same = np.array([[a.row["source"] == b.row["source"] for a in bound.claims] for b in bound.claims])
    expected = np.where(same, np.exp(-np.abs(np.subtract.outer(month, month)) / 6), 0.0)
    np.testing.assert_allclose(drift_covariance(bound, 5), expected, atol=1e-9)


def months_of_one_source(months: tuple[int, ...], added: tuple[int, ...] = ()):
    """A model bound to claims of some months of 2025, and the same bound to claims of further months too."""
    rows = [claim(f"m{m}", "killed", 9 + m, as_of=f"2025-{m:02}-15", published="2026-01-10") for m in (*months, *added)]
    model = waves_model(reporting=Reporting()).replace(end="2025-12-31")
    bound = model.on(ledger(*rows[: len(months)]))
    return bound, bound.with_claims(model.on(ledger(*rows)).claims)


def test_claims_of_further_months_leave_the_drift_of_known_months_as_it_is():
    """Of a stationary process, whichever months were known first: known ones keep their drift, all together have its covariance."""
    own, more = months_of_one_source((3, 9), added=(1, 5, 6, 12))
    assert [month for _, months in more.layout.bulletins for month in months] == [f"2025-{m:02}" for m in (1, 3, 5, 6, 9, 12)]
    rng, draws = np.random.default_rng(1), 40_000
    known = own.bias.drift(NUMERIC, rng.standard_normal((draws, 2)))
    offset = more.bias.continued_drift(rng.standard_normal((draws, 6)), {1: known[:, 0], 4: known[:, 1]})
    drift = more.bias.drift(NUMERIC, offset)
    np.testing.assert_allclose(drift[:, [1, 4]], known, rtol=1e-12, atol=1e-12)
    lag = np.abs(np.subtract.outer([1, 3, 5, 6, 9, 12], [1, 3, 5, 6, 9, 12]))
    np.testing.assert_allclose(np.cov(drift.T), np.exp(-lag / 6), atol=5 / np.sqrt(draws) * 1.5)  # five errors of a covariance
    np.testing.assert_allclose(np.cov(offset.T), np.eye(6), atol=5 / np.sqrt(draws) * 1.5)


def test_a_month_that_is_drawn_from_the_one_before_it_alone_is_noticed():
    """The wrong twin: with offsets of the prior, a known later month does not pull the months before it."""
    own, more = months_of_one_source((3, 9), added=(6,))
    rng, draws = np.random.default_rng(1), 40_000
    known = own.bias.drift(NUMERIC, rng.standard_normal((draws, 2)))
    alone = more.bias.drift(NUMERIC, rng.standard_normal((draws, 3)))
    both = np.stack([known[:, 0], np.exp(-0.5) * known[:, 0] + (alone[:, 1] - np.exp(-0.5) * alone[:, 0]), known[:, 1]])
    assert abs(np.cov(both)[1, 2] - np.exp(-0.5)) > 0.3


def test_bias_is_the_stance_level_plus_the_source_plus_its_deviation_by_class():
    bound = waves_model().on(
        ledger(claim("a", "killed", 300), claim("b", "captured", 3, scope="stock"), claim("c", "at_front", 9, scope="stock"))
    )
    p = prior_medians(bound) | {"source_scale": np.array([0.2]), "source_class_scale": np.array([0.3])}
    p |= {"source_offset": np.array([[1.5]]), "source_class_offset": np.array([[-1.0, 2.0, 0.5]])}
    count, stated, *_ = bound.likelihood.belief(p, bound.read_curves(bound.curves_forward(p)), bound.data)
    assert bound.coords["source_class"] == ["A:captured", "A:losses", "A:strength"]
    strength = Reporting().stance_levels["strength"]["enemy"].mu
    np.testing.assert_allclose((stated / count)[0], np.exp([0.7 + 0.3 + 0.6, 0.3 - 0.3, strength + 0.3 + 0.15]), rtol=1e-12)


def test_exact_counts_are_half_as_vague_and_those_of_a_window_are_noisy():
    """A total is the number that took place; of a window the curve has only the expected number."""
    window = {"scope": "flow", "window_start": "2025-01-21", "window_end": "2025-01-25", "as_of": "2025-01-25"}
    rows = [claim("a", "killed", 300), claim("b", "killed", 300, qualifier="exact"), claim("c", "killed", 30, **window)]
    bound = waves_model().on(ledger(*rows, claim("e", "equivalence", 2, scope="stock")))
    p = prior_medians(bound)
    _, stated, _, scale = bound.likelihood.belief(p, bound.read_curves(bound.curves_forward(p)), bound.data)
    noisy = np.sqrt(0.2**2 + 3 / np.pi**2 / (stated[0, 2] + 1))
    np.testing.assert_allclose(scale[0], [0.2, 0.1, noisy, 0.25], rtol=1e-12)


def test_what_a_source_means_by_casualties_is_one_choice_for_all_its_claims():
    rows = [
        claim("a", "casualties", 700),
        claim("b", "casualties", 900, as_of="2025-02-10"),
        claim("c", "casualties", 100, as_of="2025-02-10", **OTHER),
    ]
    model = waves_model(reporting=Reporting(gross_error_share=0.0))
    bound = model.on(ledger(*rows))
    p = prior_draws(bound, 4, seed=7)
    curves = bound.curves_forward(p)
    joint = 0.0
    meanings = ("killed+wounded", "killed+wounded+captured+missing")
    for of_a, of_other in product(meanings, meanings):
        definitions = [of_a, of_a, of_other]
        stated = model.on(ledger(*(row | {"definition": d} for row, d in zip(rows, definitions, strict=True))))
        joint = joint + 0.25 * np.exp(log_likelihood(stated, p))
    np.testing.assert_allclose(log_likelihood(bound, p, curves), np.log(joint), rtol=1e-11)
    by_claim = bound.likelihood.by_claim(bound.likelihood.forward(p, bound.read_curves(curves), bound.data), bound.data)
    without_b = model.on(ledger(rows[0], rows[2]), bound.layout)
    np.testing.assert_allclose(by_claim[:, 1], log_likelihood(bound, p, curves) - log_likelihood(without_b, p, curves), rtol=1e-9)


def learned(bound):
    """The same claims with the rounding of the source as a parameter."""
    return replace(bound, layout=replace(bound.layout, rounding_sources=("A",)))


def test_the_rounding_of_a_single_number_is_integrated_out_exactly():
    # For 10 persons only grids 1 and 10 are possible: their ratio is a beta variable.
    single = waves_model(reporting=Reporting()).on(ledger(claim("a", "returned_to_duty", 10)))
    p = prior_medians(single)
    weights = 5 * np.array(Reporting().grid_weights)

    def given(share):
        rounding = np.array([[[1 - share, share, *[0.1] * 5]]])
        return np.exp(log_likelihood(learned(single), p | {"rounding": rounding}))[0]

    integral, _ = quad(lambda s: given(s) * beta.pdf(s, weights[1], weights[0]), 0, 1, epsabs=0, epsrel=1e-6, limit=200)
    assert integral == pytest.approx(np.exp(log_likelihood(single, p))[0], rel=1e-5)


def test_the_rounding_of_a_round_number_is_integrated_out_exactly_over_its_dirichlet():
    single = waves_model(reporting=Reporting()).on(ledger(claim("a", "killed", 4_000)))
    n = 20_000
    p = {name: np.repeat(values, n, axis=0) for name, values in prior_medians(single).items()}
    rounding = np.random.default_rng(8).dirichlet(5 * np.array(Reporting().grid_weights), (n, 1))
    curves = single.curves_forward(prior_medians(single))
    read = set(map(str, single.layout.curves))
    repeated = {name: np.broadcast_to(curve, (n, curve.shape[1])) for name, curve in curves.items() if name in read}
    chances = np.exp(log_likelihood(learned(single), p | {"rounding": rounding}, repeated))
    expected = np.exp(log_likelihood(single, prior_medians(single)))[0]
    error = chances.std() / np.sqrt(n)
    assert abs(chances.mean() - expected) < 4 * error
    assert abs(chances.mean() - expected * (1 - 0.10)) > 4 * error  # normalised over the dividing grids alone it would be more


def test_two_numbers_of_a_source_teach_its_rounding():
    bound = waves_model().on(ledger(claim("a", "killed", 300), claim("b", "killed", 400), claim("c", "killed", 400, **OTHER)))
    assert bound.layout.rounding_sources == ("A",)


def test_a_claim_switched_off_does_not_count():
    bound = waves_model().on(many_claims())
    p = prior_draws(bound, 3)
    curves = bound.read_curves(bound.curves_forward(p))
    variants = bound.likelihood.forward(p, curves, bound.data)
    keep = np.array([c.id != "k1" for c in bound.claims])
    without = replace(bound.data, used=keep[bound.data.variant_claim].astype(float))
    k1 = variants[:, bound.data.variant_claim == int(np.flatnonzero(~keep)[0])].sum(axis=1)
    total = bound.likelihood.total(bound.likelihood.forward(p, curves, without), without)
    np.testing.assert_allclose(total, bound.likelihood.total(variants, bound.data) - k1, rtol=1e-12)


def test_part_of_a_ledger_has_the_same_density_in_the_layout_of_the_whole():
    whole = waves_model().on(many_claims())
    part = many_claims().filter(measure=["killed", "at_front", "equivalence"])
    own, in_whole = waves_model().on(part), waves_model().on(part, whole.layout)
    # A source that has several numbers in the whole rounds and drifts as there, so compare where it does so in the part too.
    months = tuple((cell, months) for cell, months in whole.layout.bulletins if cell in own.layout.source_classes)
    own = replace(own, layout=replace(own.layout, rounding_sources=whole.layout.rounding_sources, bulletins=months))
    p = prior_draws(in_whole, 4)
    mine = {}
    for q in own.parameters:
        values = p[q.name]
        for axis, dim in enumerate(q.dims):
            labels = in_whole.coords[dim]
            values = values.take([labels.index(label) for label in own.coords[dim]], axis=1 + axis)
        mine[q.name] = values
    np.testing.assert_allclose(log_likelihood(own, mine), log_likelihood(in_whole, p), rtol=1e-12)


def test_a_tenth_of_a_percent_in_the_loops_would_be_seen():
    reports = many_claims().exclude(id="d2")
    bound = waves_model().on(reports)
    p = prior_draws(bound, 1, seed=4)
    curves = {name: curve[0] for name, curve in bound.curves_forward(p).items()}
    for name in ("stance_level", "source_offset", "source_class_scale", "drift_offset", "error_scale", "rounding"):
        moved = {n: v[0] * (1.001 if n == name else 1) for n, v in p.items()}
        moved["rounding"] = moved["rounding"] ** (1.001 if name == "rounding" else 1)
        assert Loops(bound, curves, moved).total() != pytest.approx(log_likelihood(bound, p)[0], rel=1e-9), name


def test_draws_that_are_evaluated_piece_by_piece_have_the_same_probabilities(monkeypatch):
    bound = waves_model().on(many_claims())
    p = prior_draws(bound, 10)
    curves = bound.read_curves(bound.curves_forward(p))
    whole = bound.likelihood.forward(p, curves, bound.data)
    monkeypatch.setattr(likelihood, "AT_ONCE", 3 * bound.data.low.size)
    np.testing.assert_array_equal(bound.likelihood.forward(p, curves, bound.data), whole)
