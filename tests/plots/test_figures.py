import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import forcest as fc
import synthetic_fit
from forcest.estimates.draws import days, last_claim_date
from forcest.plots.style import STYLE, drawn_until, styled


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit.build()


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def heights(stack):
    """Thickness of one layer of a stack at its last date."""
    v = stack.get_paths()[0].vertices
    last = v[v[:, 0] == v[:, 0].max(), 1]
    return last.max() - last.min()


def test_the_stack_adds_up_to_the_mean_number_deployed(fit):
    ax = fc.plots.flow(fit)
    layers = [heights(c) for c in ax.collections]
    mean = float(fit["posterior"]["deployed"].isel(date=-1).mean())
    assert sum(layers) == pytest.approx(mean)
    # killed 600 m, and the mean of m over its even steps is 1
    assert layers[-1] == pytest.approx(600)
    assert layers[-2] == pytest.approx(30 + 90)


def test_the_caption_of_the_flow_figure_states_that_means_are_stacked(fit):
    ax = fc.plots.flow(fit)
    assert "Stacked posterior means" in ax.figure.legends[0].get_title().get_text()
    assert "the day of the last claim" in ax.figure.legends[0].get_title().get_text()
    assert "Killed 600" in [t.get_text() for t in ax.texts]


def test_the_flow_figure_is_labelled_on_the_day_of_the_last_claim():
    table = synthetic_fit.claims()
    early = synthetic_fit.build(table[pd.to_datetime(table["as_of"]) <= "2024-12-31"].reset_index(drop=True))
    mean = float(early["posterior"]["killed"].sel(date=fc.summary(early)["date"].iloc[0]).mean())
    assert 0 < mean < 599
    assert f"Killed {mean:,.0f}" in [t.get_text() for t in fc.plots.flow(early).texts]
    weekly = early.copy()
    weekly["posterior"] = early["posterior"].to_dataset().isel(date=slice(None, None, 7))
    around = weekly["posterior"]["killed"].mean(("chain", "draw"))
    between = float(around.interp(date=fc.summary(early)["date"].iloc[0]).squeeze())
    assert f"Killed {between:,.0f}" in [t.get_text() for t in fc.plots.flow(weekly).texts]


def test_bias_rows_are_the_quantiles_of_their_draws(fit):
    ax = fc.plots.bias(fit)
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert labels == [
        *("Ministry, strength (3)", "losses (3)", "captured (1)", "other (1)"),
        *("Agency, strength (3)", "losses (2)"),
        *("Broadcaster, strength (1)", "losses (1)"),
    ]
    draws = fit["posterior"]["bias"].sel(source="Ministry", measure_class="losses").to_numpy().ravel()
    y = ax.get_yticks()[1]
    thin = [line for line in ax.get_lines() if list(line.get_ydata()) == [y, y] and line.get_linewidth() == pytest.approx(1.3)]
    np.testing.assert_allclose(thin[0].get_xdata(), np.quantile(draws, [0.05, 0.95]))


def test_bias_axis_is_in_factors_with_a_line_at_one(fit):
    ax = fc.plots.bias(fit)
    assert ax.get_xscale() == "log"
    labels = dict(zip(ax.get_xticks(), [t.get_text() for t in ax.get_xticklabels()], strict=True))
    assert (labels[0.5], labels[1.0], labels[2.0]) == ("×1/2", "×1", "×2")
    assert any(list(line.get_xdata()) == [1.0, 1.0] for line in ax.get_lines())


@pytest.mark.parametrize("name", ["claims", "prior_predictive"])
def test_every_claim_about_persons_has_a_row_and_an_interval(fit, name):
    ax = getattr(fc.plots, name)(fit)
    group = {"claims": "posterior_predictive", "prior_predictive": "prior_predictive"}[name]
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert len(labels) == 14
    assert labels[0] == "deployed, 20 Oct 24"
    assert "casualties, 14 Dec to 15 Dec 24" in labels
    y = ax.get_yticks()[0]
    bar = next(line for line in ax.get_lines() if list(line.get_ydata()) == [y, y] and line.get_linewidth() == pytest.approx(1.8))
    draws = fit[group]["replicated"].sel(claim="t01").to_numpy().ravel()
    np.testing.assert_allclose(bar.get_xdata(), np.quantile(draws, [0.05, 0.95]))
    assert "Not shown: claims about combat value (1)" in ax.figure.legends[0].get_title().get_text()


def test_a_claim_far_from_its_prediction_is_marked_with_its_distance(fit):
    texts = [t.get_text() for t in fc.plots.claims(fit).texts]
    table = fc.claims_table(fit).set_index("id")
    assert f"z = −{abs(table.loc['t09', 'z']):.1f}" in texts
    assert sum(t.startswith("z =") for t in texts) == (table["z"].abs() > 2.5).sum()


def test_sources_are_grouped_by_stance_and_ordered_by_number_of_claims(fit):
    texts = [t.get_text() for t in fc.plots.claims(fit).texts if not t.get_text().startswith("z =")]
    assert texts == ["Ministry", "Agency", "Broadcaster"]


def test_many_claims_are_drawn_in_columns_and_none_is_lost():
    import pandas as pd

    table = pd.concat([synthetic_fit.claims()] * 6, ignore_index=True)
    table["id"] = [f"c{i:03d}" for i in range(len(table))]
    axes = fc.plots.claims(synthetic_fit.build(table))
    assert len(axes) == 2
    assert sum(len(ax.get_yticks()) for ax in axes) == 6 * 14
    assert axes[1].texts[0].get_text().endswith("(continued)") or not axes[1].texts[0].get_text().startswith("z")


def test_a_number_of_zero_is_drawn_at_the_left_edge():
    table = synthetic_fit.claims()
    table.loc[table["id"] == "t11", ["value", "low", "high"]] = [0, 0, 0.5]
    ax = fc.plots.claims(synthetic_fit.build(table))
    assert np.isfinite(ax.dataLim.get_points()).all()


def test_a_backend_loaded_with_the_first_figure_keeps_its_settings(fit):
    """A notebook's backend turns interactive mode on when it draws the first figure; the second must still be shown."""
    size = mpl.rcParams["font.size"]
    with mpl.rc_context():
        with styled():
            assert mpl.rcParams["font.size"] == STYLE["font.size"] != size
            mpl.rcParams["interactive"] = True
        assert mpl.rcParams["interactive"]
        assert mpl.rcParams["font.size"] == size


@pytest.mark.parametrize("name", ["claims", "curves", "bias", "flow"])
def test_the_legend_is_not_wider_than_the_figure(fit, name):
    figure = np.ravel(getattr(fc.plots, name)(fit))[0].figure
    figure.canvas.draw()
    (legend,) = figure.legends
    assert legend.get_window_extent().x1 <= figure.bbox.width


def test_influence_marks_parts_without_an_estimate_and_refits_that_did_not_converge():
    rows = {"source": ["A", "A", "B", "B"], "measure": ["killed", "wounded"] * 2, "n_claims": [3, 3, 1, 1]}
    rows |= {"shift_sd": [np.nan, np.nan, 0.5, -0.25], "converged": [True, True, True, False]}
    ax = fc.plots.influence(pd.DataFrame(rows))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A (3)", "B (1)"]
    crosses = ax.collections[-1]
    assert crosses.get_offsets().tolist() == [[0, 0]], "at A, which is on top"
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["killed", "wounded", "refit not converged", "no reliable estimate"]
    clear = fc.plots.influence(pd.DataFrame(rows).iloc[2:3])
    assert [text.get_text() for text in clear.get_legend().get_texts()] == ["killed"]


def test_the_name_of_the_shaded_days_is_above_the_curves():
    axes = fc.plots.scenarios({"a": synthetic_fit.forecast(), "b": synthetic_fit.forecast(2.0)}, ["killed", "deployed"])
    axes[0].figure.canvas.draw()
    for ax in axes:
        top = max(line.get_ydata()[-1] for line in ax.get_lines())
        (name,) = ax.texts
        assert ax.transData.transform((0, top))[1] < name.get_window_extent().y0


def test_a_figure_of_a_fit_ends_a_tenth_of_its_time_after_the_last_claim():
    fit = synthetic_fit.build(synthetic_fit.claims())
    dates = days(fit["posterior"]["date"])
    last = last_claim_date(fit)
    shown = drawn_until(fit, dates)
    assert shown[-1] == dates[dates <= last + (last - dates[0]) // 10][-1]
    assert len(shown) < len(dates)
    assert len(drawn_until(synthetic_fit.forecast(), dates)) == len(dates)
    later = dates[-1] - np.timedelta64(1, "D")
    assert drawn_until(fit, dates, later)[-1] == dates[-1]
