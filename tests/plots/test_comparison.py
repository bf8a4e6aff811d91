"""The figure of a comparison: bars lead from median to median, whiskers are three standard errors."""

import matplotlib.pyplot as plt
import pytest

import forcest as fc
from comparison_made import comparison_of
from forcest.checks.comparison import FIRM
from forcest.errors import ForcestError
from forcest.plots.comparison import WHISKERS

MEDIANS = [420, 570, 610, 612]


def test_bars_lead_from_one_median_to_the_next():
    ax = fc.plots.comparison(comparison_of(MEDIANS, mcse=5.0))
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert bars == [(420, 570), (570, 610), (610, 612)]
    assert [bar.get_alpha() for bar in ax.patches] == [1.0, 1.0, 0.35]  # 2 is below three standard errors of 7
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "estimate of 31 January 2025", "to 28 February 2025 (1)", "HUR (1)", "NIS (1)", "estimate of 28 February 2025",
    ]  # fmt: skip
    whiskers = [c.get_segments()[0] for c in ax.collections][:3]
    assert whiskers[0][:, 0] == pytest.approx([570 - 3 * 50**0.5, 570 + 3 * 50**0.5])
    assert ax.get_title("left") == "Killed: what changed"
    plt.close("all")


def test_whiskers_reach_as_far_as_noise():
    assert WHISKERS == FIRM


def test_an_unknown_measure_is_refused():
    with pytest.raises(ForcestError, match="`measure` must be one of killed; got 'wounded'"):
        fc.plots.comparison(comparison_of(MEDIANS), "wounded")
