"""The figures of a page, each with what a reader who does not see it must know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from forcest import plots
from forcest.estimates.draws import group
from forcest.report.svg import inline


@dataclass(frozen=True)
class Drawing:
    """One figure of the page.

    Attributes
    ----------
    svg : str
    caption : str
    """

    svg: str
    caption: str


class Drawings:
    """Figures of a fit, made one by one; their colours are gathered for the style of the page.

    Parameters
    ----------
    fit : DataTree
    """

    def __init__(self, fit: xr.DataTree):
        self._fit = fit
        self.forces = [str(force) for force in group(fit, "posterior")["force"].values]
        self.colours: dict[str, str] = {}

    def curves(self) -> list[Drawing]:
        """Curves and claims, a figure per force."""
        several = len(self.forces) > 1
        return [
            self._drawn(
                f"curves{i}", lambda force=force: plots.curves(self._fit, force=force if several else None),
                f"Curves of {force} over time with their claims. The tables of headline numbers and of claims say the same in numbers.",
            )
            for i, force in enumerate(self.forces)
        ]  # fmt: skip

    def flow(self) -> list[Drawing]:
        """Where the deployed are; losses alone have no flow."""
        if "deployed" not in group(self._fit, "posterior"):
            return []
        alt = "Where those deployed are over time: in training, at the front, in hospital, in the rear, lost or gone home."
        return [self._drawn("flow", lambda: plots.flow(self._fit), alt)]

    def claims(self) -> Drawing:
        """Claims beside predictions."""
        alt = "Each claim beside the interval that the fit expects of its source. The table of claims says the same in numbers."
        return self._drawn("claims", lambda: plots.claims(self._fit), alt)

    def bias(self) -> Drawing:
        """Bias by source."""
        alt = "How far each source is thought to exaggerate or play down, with what was assumed before."
        return self._drawn("bias", lambda: plots.bias(self._fit), alt)

    def influence(self, table: pd.DataFrame) -> Drawing:
        """What each source carries."""
        alt = "How far each headline number moves without one source. The table beside it says the same in numbers."
        return self._drawn("influence", lambda: plots.influence(table), alt)

    def _drawn(self, name: str, draw: Callable[[], Any], alt: str) -> Drawing:
        figure = np.atleast_1d(draw()).ravel()[0].get_figure(root=True)
        svg, colours = inline(figure, name, alt)
        self.colours |= colours
        return Drawing(svg, alt)
