"""The figure of what to ask next: a bar for each question with a number."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.errors import ForcestError


def asked(**attrs):
    rows = [("A register", "killed", 0.2, 0.01), ("US $ DoD", "at_front", 0.05, 0.002), ("HUR", "killed", np.nan, np.nan)]
    table = pd.DataFrame(rows, columns=["source", "measure", "narrowing", "narrowing_se"])
    table.attrs = attrs
    return table


def test_bars_are_percent_and_whiskers_two_errors():
    ax = fc.plots.ask_next(asked(of="killed"))
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([20.0, 5.0])
    whiskers = ax.containers[1][2][0].get_segments()
    assert np.diff(np.array(whiskers)[:, :, 0], axis=1).ravel().tolist() == pytest.approx([4.0, 0.8])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["A register", r"US \$ DoD"]
    assert ax.get_title(loc="left") == "Which answer would narrow the estimate most: killed"
    assert [text.get_text() for text in ax.figure.legends[0].get_texts()] == ["asked for: killed", "asked for: at the front"]
    plt.close("all")


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ForcestError, match=r"must be the result of fc\.ask_next; got columns source"):
        fc.plots.ask_next(asked().drop(columns="narrowing"))
    with pytest.raises(ForcestError, match="must have a question with a number"):
        fc.plots.ask_next(asked().tail(1))
