"""The figure of a bench: intervals, truth and names are where the rows say."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import forcest as fc
from forcest.errors import ForcestError
from past_war import write_war


def guess(ledger, questions, random_seed):
    """Between 80 and 1,000 killed; no wounded."""
    draws = np.repeat(np.geomspace(80, 1_000, 501)[:, None], len(questions), axis=1)
    draws[:, questions["measure"] == "wounded"] = np.nan
    return draws


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return fc.claim_bench(guess, wars=[write_war(tmp_path_factory.mktemp("war"))], known_by=["1/3", "all"])


def test_every_estimate_is_a_line_from_5_to_95_percent_and_the_truth_a_bar(found):
    ax = fc.plots.claim_bench(found)
    own = found.rows[(found.rows["model"] == "guess") & found.rows["estimated"] & (found.rows["vintage"] == "all")].iloc[0]
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 2]
    assert len(lines) == 1 + 4  # killed by the model and four baselines; nobody estimates the wounded
    assert np.allclose(lines[0].get_xdata(), [own["low_90"], own["high_90"]])
    bars = [c.get_paths()[0].get_extents() for c in ax.collections]
    assert np.allclose([[b.x0, b.x1] for b in bars], [[250 / 1.012, 360 * 1.012], [500 / 1.012, 500 * 1.012]])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Reds\nkilled, 31 Jan 1990", "Reds\nwounded, 31 Jan 1990"]
    assert "Border 1990" in [text.get_text() for text in ax.texts]
    plt.close("all")


def test_another_vintage_can_be_drawn_and_an_unknown_one_is_refused(found):
    assert "first 1/3 of the claims" in fc.plots.claim_bench(found, vintage="1/3").get_title("left")
    plt.close("all")
    with pytest.raises(ForcestError, match="must be one of all, 1/3"):
        fc.plots.claim_bench(found, vintage="2/3")
