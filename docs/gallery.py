"""Make the figures of the gallery from one fit: ``python docs/gallery.py [FIT.nc]``.

Without a file, the shipped ledger is fitted.
"""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import xarray as xr
from PIL import Image
from playwright.sync_api import sync_playwright

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


def first_screen(fit: xr.DataTree) -> None:
    """Save what a reader of the report sees first, as a browser draws it."""
    with TemporaryDirectory() as folder, sync_playwright() as play:
        page = fc.report(fit, Path(folder) / "report.html")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        screen = browser.new_page(viewport={"width": 1000, "height": 800}, device_scale_factor=1.5)
        screen.goto(page.as_uri())
        below = screen.locator("nav").bounding_box()
        size = {"x": 0, "y": 0, "width": 1000, "height": below["y"]}
        image = Image.open(BytesIO(screen.screenshot(clip=size, full_page=True))).convert("RGB")
        image.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / "first-screen.png", optimize=True)
        browser.close()


def main() -> None:
    """Make all figures that need only a fit. The commands that run the checks make the figures of the checks."""
    mpl.use("Agg")
    if len(sys.argv) > 1:
        fit = fc.load(sys.argv[1])
    else:
        fit = fc.fit(fc.presets.north_korea_kursk(), fc.datasets.load("north_korea_kursk"), random_seed=1)
    first_screen(fit)
    save(fc.plots.reporting_record(fc.datasets.reporting_record(), fc.history.expected_claims()), "reporting-record")
    save(fc.plots.curves(fit), "curves")
    save(fc.plots.influence(fc.influence(fit)), "influence")
    save(fc.plots.ask_next(fc.ask_next(fit)), "questions")
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
