import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pytest

import forcest as fc
import synthetic_fit
from forcest.errors import ForcestError

FROM = synthetic_fit.FORECAST_FROM


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


forecast = synthetic_fit.forecast


def test_curves_shade_the_days_of_the_forecast():
    axes = fc.plots.curves(forecast(), ["killed", "wounded", "deployed"])
    for ax in axes:
        (ground,) = ax.patches
        assert mdates.num2date(ground.get_x()).date().isoformat() == FROM
        assert "forecast" in [text.get_text() for text in ax.texts]
    assert "forecast, from 21 Feb 2025" in [t.get_text() for t in axes[0].figure.legends[0].get_texts()]


def test_curves_of_a_fit_shade_the_days_after_the_last_claim():
    ax = fc.plots.curves(synthetic_fit.build(), "killed")
    (ground,) = ax.patches
    assert mdates.num2date(ground.get_x()).date().isoformat() == "2025-02-20"
    assert [text.get_text() for text in ax.texts] == ["no claims"]


def test_scenarios_are_drawn_with_their_own_medians_and_names():
    ax = fc.plots.scenarios({"as before": forecast(), "doubled": forecast(2.0)}, "killed")
    ends = {line.get_label(): line.get_ydata()[-1] for line in ax.get_lines() if not line.get_label().startswith("_")}
    assert ends == {"as before": pytest.approx(600), "doubled": pytest.approx(1200)}
    assert ax.collections[1].get_paths()[0].vertices[:, 1].max() == pytest.approx(1200 * 1.45)


def test_scenarios_get_a_panel_per_measure_and_one_legend():
    axes = fc.plots.scenarios({"as before": forecast(), "doubled": forecast(2.0)}, ["wounded", "killed"])
    assert [ax.get_title(loc="left") for ax in axes] == ["Wounded, cumulative", "Killed, cumulative"]
    ends = [[line.get_ydata()[-1] for line in ax.get_lines() if line.get_label() == "doubled"] for ax in axes]
    assert ends == [[pytest.approx(2280)], [pytest.approx(1200)]]  # 76 % of 3,000, as before; 2 times 20 %
    (legend,) = axes[0].figure.legends
    assert [t.get_text() for t in legend.get_texts()] == ["as before", "doubled", "forecast, from 21 Feb 2025"]
    with pytest.raises(ForcestError, match="one axes per measure, 2; got 1"):
        fc.plots.scenarios({"a": forecast()}, ["wounded", "killed"], ax=axes[0])


def test_a_difference_is_zero_before_and_computed_draw_by_draw_after():
    ax = fc.plots.difference(fc.difference(forecast(2.0), forecast()), "killed")
    median = ax.get_lines()[0].get_ydata()
    assert median[0] == 0
    assert median[100] == 0
    assert median[-1] == pytest.approx(600)


def test_figures_of_forecasts_draw_on_given_axes_and_are_marked_quick():
    quick = forecast(quick=1)
    _, (one, two) = plt.subplots(2)
    assert fc.plots.scenarios({"a": quick}, "killed", ax=one) is one
    assert fc.plots.difference(fc.difference(quick, quick), "killed", ax=two) is two
    assert all(ax.get_title(loc="left").startswith("[QUICK]") for ax in (one, two))


def test_a_fit_no_forecast_and_an_unknown_measure_are_refused():
    with pytest.raises(ForcestError, match="forecasts of one fit"):
        fc.plots.scenarios({"fit": synthetic_fit.build()}, "killed")
    with pytest.raises(ForcestError, match="1 to 5 forecasts; got 0"):
        fc.plots.scenarios({}, "killed")
    with pytest.raises(ForcestError, match="among deployed"):
        fc.plots.scenarios({"a": forecast()}, "morale")
