"""Figures of a fit as SVG images that follow the reader's light or dark scheme."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_rgb

from forcest import plots
from forcest.estimates.draws import group
from forcest.estimates.measures import name_of
from forcest.plots.style import styled

if TYPE_CHECKING:
    from forcest.checks import ClaimBench, Comparison, Revisions

ALTS = {
    "headline": "The headline number over time: median, 50 and 90 percent bands, and the claims as published. "
    "All numbers are in the tables of this page.",
    "curves": "Curves over time with 50 and 90 percent bands and the claims on them, a panel per measure. "
    "The numbers are in the tables of this page.",
    "revisions": "For every day the interval of each vintage, the earliest at the left, with crosses where it does not hold the "
    "last median. The table below has the same numbers.",
    "flow": "Stacked areas over time: the states of the deployed, by posterior means.",
    "claims": "Every claim beside the interval in which the fit expects its source to claim. The table below has the same numbers.",
    "scenarios": "Medians and 90 percent bands of every forecast over time, a panel per measure. "
    "The tables below have the numbers at their end.",
    "claim_bench": "Interval of every model for every outcome on a log axis, over the range that was established later. "
    "The tables of this page have the same numbers.",
    "comparison": "Bars that lead from the median of the old estimate to that of the new one, a row for each step. "
    "The table below has the same numbers.",
    "bias": "Interval of the factor by which each source exaggerates, by class of measure, over its prior interval. "
    "The table below has the same numbers.",
}
LONGEST = 44  # letters of a name beside an axis
DARK_GROUND = np.array(to_rgb("#14181d"))


@dataclass(frozen=True)
class Image:
    """One figure as a data address, with the text that stands for it."""

    address: str
    alt: str
    caption: str


def images(fit: xr.DataTree, name: str) -> list[Image]:
    """The figures of one kind: one per force for curves and flow, none where the fit lacks what they draw."""
    posterior = group(fit, "posterior")
    forces = [str(force) for force in posterior["force"].values]
    lacking = {"flow": "deployed" not in posterior, "bias": "bias" not in posterior, "claims": "posterior_predictive" not in fit}
    if lacking.get(name):
        return []
    draw = partial(getattr(plots, name), with_drawable_sources(fit))
    if name not in ("curves", "flow") or len(forces) == 1:
        return [_image(draw, name, "")]
    return [_image(partial(draw, force=force), name, force) for force in forces]


def headline_image(fit: xr.DataTree, curves: Sequence[tuple[str, str]]) -> Image:
    """The curves that the headline is about, a panel per measure and force, without a legend."""
    import matplotlib.pyplot as plt

    shown, several = with_drawable_sources(fit), group(fit, "posterior").sizes["force"] > 1

    def draw() -> Any:
        with styled():
            columns = min(2, len(curves))
            rows = -(-len(curves) // columns)
            axes = plt.subplots(rows, columns, figsize=(9.5 if columns > 1 else 6.8, 3.2 * rows), squeeze=False)[1].ravel()
        for axis, (measure, force) in zip(axes, curves, strict=False):
            plots.curves(shown, measure, force=force if several else None, ax=axis)
            if several:
                axis.set_title(f"{axis.get_title(loc='left')}, {short_name(force, 1)}", loc="left")
        for spare in axes[len(curves) :]:
            spare.remove()
        return axes

    return _image(draw, "headline", "")


def bench_image(found: ClaimBench) -> Image:
    """The intervals of a bench against the truth."""
    return _image(partial(plots.claim_bench, found), "claim_bench", "")


def comparison_images(found: Comparison) -> list[Image]:
    """The path of each measure."""
    return [_image(partial(plots.comparison, found, measure), "comparison", name_of(measure)) for measure in found.measures]


def revisions_images(found: Revisions, shown: Sequence[tuple[str, str]]) -> list[Image]:
    """Every vintage of each measure of each force."""
    forces = {force for force, _ in shown}
    return [
        _image(
            partial(plots.revisions, found, measure, force=force if len(forces) > 1 else None),
            "revisions",
            name_of(f"{force}: {measure}" if len(forces) > 1 else measure),
        )
        for force, measure in shown
    ]


def short_name(name: str, number: int) -> str:
    """A name that fits a figure: on one line, with dollar signs escaped, cut where it is long and then numbered."""
    short = " ".join(name.split())
    short = short if len(short) <= LONGEST else f"{short[: LONGEST - 6]}… ({number})"
    return short.replace("$", r"\$")


def with_drawable_sources(fit: xr.DataTree) -> xr.DataTree:
    """The fit with names of sources that fit a figure."""
    names = {}
    for source in dict.fromkeys(group(fit, "constant_data")["source"].values.astype(str)):
        names[str(source)] = short_name(source, len(names) + 1)
    changed = fit.copy()
    constant = group(fit, "constant_data")
    renamed = [names[s] for s in constant["source"].values.astype(str)]
    changed["constant_data"] = xr.DataTree(constant.assign(source=("claim", np.array(renamed))))
    for name in ("posterior", "prior"):
        values = group(fit, name)
        if "source" in values.coords:
            labels = [names.get(s, s) for s in values["source"].values.astype(str)]
            changed[name] = xr.DataTree(values.assign_coords(source=labels))
    return changed


def scenario_images(forecasts: Mapping[str, xr.DataTree]) -> list[Image]:
    """Forecasts side by side, a figure per force."""
    named = {short_name(name, i): forecast for i, (name, forecast) in enumerate(forecasts.items(), start=1)}
    forces = [str(force) for force in group(next(iter(named.values())), "posterior")["force"].values]
    alone = len(forces) == 1
    return [_image(partial(plots.scenarios, named, force=f), "scenarios", "" if alone else f) for f in forces]


def _image(draw: Callable[[], Any], name: str, caption: str) -> Image:
    import matplotlib.pyplot as plt

    with warnings.catch_warnings(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "forcest"}):
        # the reader's browser draws the letters, with its own fonts
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure, written = np.atleast_1d(draw()).flat[0].get_figure(root=True), io.BytesIO()
        FigureCanvasSVG(figure).print_svg(written, metadata={"Date": None})
        plt.close(figure)
    drawing = with_schemes(compact(written.getvalue().decode("utf-8")))
    address = quote(drawing, safe=" =:/,;()-.*@$+?[]{}")  # shorter than base64
    what = "Measure" if name in ("comparison", "revisions") else "Force"
    return Image(f"data:image/svg+xml,{address}", ALTS[name] + (f" {what}: {caption}." if caption else ""), caption)


def compact(svg: str) -> str:
    """The same drawing in fewer letters: coordinates to a tenth of a point, the reader's own font, no line breaks or comments."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: sans-serif", svg)
    svg = re.sub(r"-?\d+\.\d{2,}", lambda m: f"{float(m[0]):.1f}".removesuffix(".0"), svg)
    return re.sub(r"\s*\n\s*", " ", svg)


def with_schemes(svg: str) -> str:
    """The same drawing with every colour as a CSS variable that has a light and a dark value."""
    styled = re.compile(r'(style="[^"]*")')
    colours = sorted({c for part in styled.findall(svg) for c in re.findall(r"#[0-9a-f]{6}\b", part)})
    light = "".join(f"--c{c[1:]}:{c};" for c in colours)
    dark = "".join(f"--c{c[1:]}:{_dark_colour(c)};" for c in colours)
    # letters without a colour of their own are black in SVG
    style = (
        f"<style>:root{{{light}}}text{{fill:#222222}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}text{{fill:#e4e7ea}}}}</style>"
    )
    svg = styled.sub(lambda m: re.sub(r"#([0-9a-f]{6})\b", r"var(--c\1)", m[1]), svg)
    start = svg.index(">", svg.index("<svg")) + 1
    return svg[:start] + style + svg[start:]


def _dark_colour(colour: str) -> str:
    """White becomes the dark background, ink becomes light, a colour keeps its hue and is lightened until it can be read."""
    rgb = np.array(to_rgb(colour))
    if np.ptp(rgb) < 0.05:
        found = DARK_GROUND + (1 - rgb.mean()) * (np.array([0.93, 0.94, 0.95]) - DARK_GROUND)
    else:
        found = rgb + max(0.0, 0.62 - rgb.max()) * 0.5 + 0.35 * (1 - rgb)
    return "#" + "".join(f"{round(255 * float(np.clip(x, 0, 1))):02x}" for x in found)
