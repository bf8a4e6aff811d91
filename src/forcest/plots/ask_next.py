"""Which answer would narrow an estimate most."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from forcest.errors import ForcestError
from forcest.estimates.measures import name_of
from forcest.plots.style import FAINT, INK, MEASURE_COLOURS, legend_with_caption, styled

CAPTION = (
    "Expected decrease of the standard deviation of log(1 + persons) by one more answer; whiskers are ± 2 standard errors. "
    "Questions whose weights are not reliable are left out."
)


def ask_next(table: pd.DataFrame, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """Expected narrowing by each question, the most telling on top.

    Parameters
    ----------
    table : DataFrame
        From :func:`forcest.ask_next`.
    most : int
        Maximum number of questions.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ForcestError
        If the table is another one, or no question has a number.

    Examples
    --------
    >>> import pandas as pd
    >>> asked = pd.DataFrame([("A register", "record", "killed", "2025-03-31")], columns=["source", "stance", "measure", "as_of"])
    >>> ax = fc.plots.ask_next(fc.ask_next(fit, "killed", asked, at="2025-03-31", answers=50))
    >>> ax.figure.savefig("questions.png")
    """
    if "narrowing" not in table:
        raise ForcestError(f"`table` must be the result of fc.ask_next; got columns {', '.join(map(str, table))}.")
    shown = table.loc[table["narrowing"].notna(), :].head(most)
    if shown.empty:
        raise ForcestError("`table` must have a question with a number; the weights of all of them are unreliable.")
    measures = list(dict.fromkeys(shown["measure"].astype(str)))
    colours = [MEASURE_COLOURS.get(measure, FAINT) for measure in shown["measure"]]
    with styled():
        axes = ax or plt.subplots(figsize=(8.2, 2.0 + 0.32 * len(shown)))[1]
        rows = np.arange(len(shown))
        axes.barh(rows, 100 * shown["narrowing"], height=0.6, color=colours)
        error = 200 * shown["narrowing_se"]
        axes.errorbar(100 * shown["narrowing"], rows, xerr=error, fmt="none", color=INK, linewidth=0.9, capsize=2)
        axes.set_yticks(rows, [str(source).replace("$", r"\$") for source in shown["source"]])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.grid(False, axis="y")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel("expected narrowing [%]")
        of = table.attrs.get("of")
        axes.set_title("Which answer would narrow the estimate most" + (f": {name_of(of).lower()}" if of else ""))
        handles = [Patch(color=MEASURE_COLOURS.get(name, FAINT), label=f"asked for: {name_of(name).lower()}") for name in measures]
        if ax is None:
            legend_with_caption(axes, handles, CAPTION)
        else:
            axes.legend(handles=handles, loc="best")
    return axes
