"""``forcest report``: a page from a saved fit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import forcest as fc
from forcest.cli.words import one_paragraph, tell

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def report(
    fit: Annotated[Path, typer.Argument(metavar="FIT.nc", help="A saved fit.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="File to write: .html, .md or .csv; a page beside the fit unless given."
        ),
    ] = None,
    refit: Annotated[bool, typer.Option("--refit", help="Fit again without each source that weights cannot take away.")] = False,
) -> None:
    """Write one self-contained page from a saved fit, or Markdown, or its numbers as CSV."""
    with one_paragraph():
        import matplotlib as mpl

        mpl.use("Agg")
        loaded = fc.load(fit)
        influence = _influence(loaded) if refit else None
        written = fc.report(loaded, output or fit.with_suffix(".html"), influence=influence)
        tell(f"Written to {written}.")


def _influence(fit: xr.DataTree) -> pd.DataFrame:
    """Influence of every source, by refits where weights are not reliable."""
    from forcest.ledger import Ledger
    from forcest.models.files import MODELS

    model = MODELS[fit.attrs["model_kind"]].model_validate_json(fit.attrs["model"])
    ledger = Ledger.from_csv(fit.attrs["ledger"])
    return fc.influence(model, ledger, fit, callback=lambda name: tell(f"Fitting again without {name}", error=True))
