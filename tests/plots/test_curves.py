import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import forcest as fc
import synthetic_fit
from forcest.errors import ForcestError
from forcest.plots.style import LATER, STANCE_FACES, claim_mark


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit.build()


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def marks(ax):
    """(date, number) of every mark on an axes, by marker."""
    found = {}
    for line in ax.get_lines():
        if line.get_marker() not in ("None", None, ""):
            date = mdates.num2date(mdates.date2num(line.get_xdata()[0])).date().isoformat()
            found.setdefault(line.get_marker(), []).append((date, pytest.approx(float(line.get_ydata()[0]))))
    return found


def band(ax, i):
    """Largest height of the i-th band."""
    return ax.collections[i].get_paths()[0].vertices[:, 1].max()


def test_median_and_bands_are_the_quantiles_of_the_draws(fit):
    ax = fc.plots.curves(fit, "killed")
    median = ax.get_lines()[0].get_ydata()
    assert median[-1] == pytest.approx(600)
    assert band(ax, 0) == pytest.approx(600 * 1.45)  # 90 %
    assert band(ax, 1) == pytest.approx(600 * 1.25)  # 50 %


def test_marks_are_at_the_claims_and_their_shape_is_the_form(fit):
    ax = fc.plots.curves(fit, "at_front")
    # about 12,000 between 1 and 10 December: in the middle of its window; none seen is at the detection limit
    assert marks(ax) == {"o": [("2024-12-05", 12_000)], "X": [("2025-01-25", 1_000)]}


def test_a_claim_about_a_window_rises_from_the_median_before_it(fit):
    ax = fc.plots.curves(fit, "killed")
    # at least 100 killed from 11 to 20 December; up to 10 December 11 days of 50 casualties, a fifth of them killed: 110
    assert marks(ax)["^"] == [("2024-12-20", 110 + 100)]
    rise = [line for line in ax.get_lines() if len(line.get_xdata()) == 2 and line.get_ydata()[0] == pytest.approx(110)]
    assert len(rise) == 1
    assert rise[0].get_ydata()[1] == pytest.approx(210)


def later():
    """Claims published after the synthetic fit, as from fc.score: 700 killed, and 200 more killed within three days."""
    rows = synthetic_fit.claims().iloc[[0, 5]].rename(columns={"low": "claim_low", "high": "claim_high"})
    days = {"as_of": ["2025-03-01", "2025-03-12"], "window_start": [None, "2025-03-10"], "window_end": [None, "2025-03-12"]}
    return rows.assign(measure="killed", value=[700.0, 200.0], low_90=[300.0, 50.0], high_90=[900.0, 400.0], log_score=-6.0, **days)


def test_later_claims_are_red_with_a_bar_for_their_prediction(fit):
    ax = fc.plots.curves(fit, "killed", later=later())
    red = [line for line in ax.get_lines() if line.get_color() == LATER or line.get_markerfacecolor() == LATER]
    bars = [tuple(line.get_ydata()) for line in red if line.get_linewidth() == 2.4]
    assert bars == [(300, 900), pytest.approx((650, 1000))]  # the second on the median before its window, 600
    marks = [line.get_ydata()[0] for line in ax.get_lines() if LATER in (line.get_markerfacecolor(), line.get_markeredgecolor())]
    assert 700 in marks
    assert pytest.approx(800) in marks
    texts = [t.get_text() for t in ax.figure.legends[0].get_texts()]
    assert texts[-2:] == ["claim published later", "predicted claim, equal-tailed 90 %"]


def test_without_later_claims_nothing_is_red(fit):
    ax = fc.plots.curves(fit, "killed", later=later().head(0))
    assert not [line for line in ax.get_lines() if LATER in (line.get_color(), line.get_markerfacecolor())]
    assert "claim published later" not in [t.get_text() for t in ax.figure.legends[0].get_texts()]


def test_later_claims_must_be_scored(fit):
    with pytest.raises(ForcestError, match=r"must be the table of fc\.score"):
        fc.plots.curves(fit, "killed", later=synthetic_fit.claims())


def test_a_range_is_a_bar_from_low_to_high(fit):
    ax = fc.plots.curves(fit, "killed")
    bars = [tuple(line.get_ydata()) for line in ax.get_lines() if line.get_xdata()[0] == line.get_xdata()[-1]]
    assert (900, 1100) in bars


def test_stance_is_the_filling(fit):
    ax = fc.plots.curves(fit, "deployed")
    faces = {line.get_ydata()[0]: line.get_markerfacecolor() for line in ax.get_lines() if line.get_marker() == "o"}
    assert faces[6000] == "#222222"
    assert faces[11_000] == "white"


def test_a_panel_for_each_headline_and_each_claimed_measure(fit):
    axes = fc.plots.curves(fit)
    titles = [ax.get_title(loc="left") for ax in axes]
    assert titles == [
        "Deployed, cumulative",
        "In training",
        "At the front",
        "Casualties, cumulative",
        "Killed, cumulative",
        "Wounded, cumulative",
        "Captured, cumulative",
        "Combined with the partner force",
    ]


def test_counts_start_at_zero_and_nothing_is_cut_off(fit):
    ax = fc.plots.curves(fit, "casualties")
    low, high = ax.get_ylim()
    assert low == 0
    assert high > 3000 * 1.45


def test_claims_that_differ_by_orders_of_magnitude_have_a_log_axis():
    table = synthetic_fit.claims()
    table.loc[table["id"] == "t10", ["value", "low", "high"]] = [9e5, 8e5, 1e6]
    ax = fc.plots.curves(synthetic_fit.build(table), "casualties")
    assert ax.get_yscale() == "log"
    assert fc.plots.curves(synthetic_fit.build(table), "casualties", scale="linear").get_yscale() == "linear"


def test_the_legend_names_the_interval_and_the_last_claim(fit):
    figure = fc.plots.curves(fit)[0].figure
    texts = [t.get_text() for t in figure.legends[0].get_texts()]
    assert "equal-tailed 90 % interval" in texts
    assert "last claim, 20 Feb 2025" in texts
    assert "source: enemy" in texts
    assert "source: record" not in texts


def test_it_draws_on_axes_it_is_given(fit):
    _, axes = plt.subplots(2)
    out = fc.plots.curves(fit, ["killed", "wounded"], ax=axes)
    assert list(out) == list(axes)


@pytest.mark.parametrize(("attrs", "mark"), [({"quick": 1}, "[QUICK]"), ({"converged": 0}, "[NOT CONVERGED]")])
def test_every_figure_of_a_quick_or_unconverged_fit_is_marked(attrs, mark):
    fit = synthetic_fit.build(**attrs)
    for draw in (fc.plots.curves, fc.plots.claims, fc.plots.bias, fc.plots.flow, fc.plots.prior_predictive):
        ax = np.atleast_1d(draw(fit))[0]
        assert ax.figure.get_suptitle().startswith(mark), draw.__name__
        _, given = plt.subplots()
        on_given = draw(fit, "killed", ax=given) if draw is fc.plots.curves else draw(fit, ax=given)
        assert on_given.get_title(loc="left").startswith(mark), draw.__name__


@pytest.mark.parametrize("measures", ["hazard", "morale", [], ["killed", "x"]])
def test_a_measure_that_cannot_be_drawn_is_refused(fit, measures):
    with pytest.raises(ForcestError, match="among deployed"):
        fc.plots.curves(fit, measures)


def test_too_few_axes_are_refused(fit):
    with pytest.raises(ForcestError, match="one axes per measure, 8; got 1"):
        fc.plots.curves(fit, ax=plt.subplots()[1])


def test_of_several_forces_one_must_be_named():
    one = synthetic_fit.build()
    posterior = one["posterior"].to_dataset()
    two = one.copy()
    import xarray as xr

    two["posterior"] = xr.concat(
        [posterior, posterior.assign_coords(force=["another"])], dim="force", data_vars="minimal", coords="minimal", compat="equals"
    )
    with pytest.raises(ForcestError, match="the force, another"):
        fc.plots.curves(two, "killed")
    assert fc.plots.curves(two, "killed", force="another").get_lines()[0].get_ydata()[-1] == pytest.approx(600)


def test_each_year_is_shown_at_its_first_tick():
    from forcest.plots.style import MonthFormatter

    ticks = mdates.date2num(pd.to_datetime(["2024-10-01", "2024-12-01", "2025-02-01", "2025-04-01"]))
    assert MonthFormatter().format_ticks(list(ticks)) == ["Oct\n2024", "Dec", "Feb\n2025", "Apr"]


def test_a_later_claim_of_an_ally_of_the_enemy_is_red_and_an_earlier_one_is_not():
    assert claim_mark("point", "enemy_ally", ink=LATER)["markerfacecolor"] == "#dd7084"
    assert claim_mark("point", "enemy_ally")["markerfacecolor"] == STANCE_FACES["enemy_ally"]
    assert claim_mark("point", "third_party", ink=LATER)["markerfacecolor"] == "white"
