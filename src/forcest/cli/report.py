"""``forcest report``: a page from a saved fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import forcest as fc
from forcest.cli.words import one_paragraph, tell


def report(
    fit: Annotated[Path, typer.Argument(metavar="FIT.nc", help="A saved fit.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="File to write: .html, .md or .csv; a page beside the fit unless given."
        ),
    ] = None,
) -> None:
    """Write one self-contained page from a saved fit, or Markdown, or its numbers as CSV."""
    with one_paragraph():
        import matplotlib as mpl

        mpl.use("Agg")
        written = fc.report(fc.load(fit), output or fit.with_suffix(".html"))
        tell(f"Written to {written}.")
