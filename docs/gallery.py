"""Make the figures of the gallery from one fit: ``python docs/gallery.py [FIT.nc]``.

Without a file, the shipped ledger is fitted.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image

import forcest as fc

FOLDER = Path(__file__).parent / "images"
COLOURS = 96
"""Size of the palette. In figures with flat colours the result looks like the original, and the file is a third as large."""


def save(axes, name: str) -> None:
    """Save the figure of some axes as a small PNG."""
    drawn = BytesIO()
    np.atleast_1d(axes).flat[0].figure.savefig(drawn, dpi=110, bbox_inches="tight")
    image = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(FOLDER / f"{name}.png", optimize=True)


def main() -> None:
    """Make all figures that need only a fit. The commands that run the checks make the figures of the checks."""
    mpl.use("Agg")
    if len(sys.argv) > 1:
        fit = fc.load(sys.argv[1])
    else:
        fit = fc.fit(fc.presets.north_korea_kursk(), fc.datasets.load("north_korea_kursk"), random_seed=1)
    save(fc.plots.claims(fit), "claims")
    save(fc.plots.prior_predictive(fit), "prior_predictive")
    save(fc.plots.bias(fit), "bias")
    save(fc.plots.flow(fit), "flow")
    usual = fc.forecast(fit, until="2025-12-31")
    calm = fc.forecast(fit, until="2025-12-31", scenario=fc.Scenario(hold_wave="third", hazard=0.5))
    save(fc.plots.scenarios({"as the model says": usual, "no third wave, half the hazard": calm}, "casualties"), "scenarios")
    save(fc.plots.difference(fc.difference(usual, calm), "casualties"), "difference")


if __name__ == "__main__":
    main()
