"""``forcest report``: a page from a saved fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import forcest as fc
from forcest.cli.console import errors_as_messages, print_text

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def report(
    fit: Annotated[Path, typer.Argument(metavar="FIT.nc", help="A saved fit.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="File to write: .html, .md or .csv. Default: an HTML page next to the fit."
        ),
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Refit without each source whose importance weights are unreliable.")
    ] = False,
) -> None:
    """Write one self-contained page from a saved fit, or Markdown, or its numbers as CSV."""
    with errors_as_messages():
        import matplotlib as mpl

        mpl.use("Agg")
        loaded = fc.load(fit)
        influence = _influence(loaded) if refit else None
        written = fc.report(loaded, output or fit.with_suffix(".html"), influence=influence)
        print_text(f"Written to {written}.")


def _influence(fit: xr.DataTree) -> pd.DataFrame:
    """Influence of every source, by refits where weights are not reliable."""
    return fc.influence(fit, callback=lambda name: print_text(f"Refitted without {name}", error=True))
