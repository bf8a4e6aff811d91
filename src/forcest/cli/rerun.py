"""``forcest rerun``: repeat a saved fit and compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import forcest as fc
from forcest.cli.words import one_paragraph, tell


def rerun(
    fit: Annotated[Path, typer.Argument(metavar="FIT.nc", help="A saved fit.")],
) -> None:
    """Repeat a saved fit from the ledger, model, settings and seed in the file, and say whether the draws are equal.

    Exit code 0: equal, or equal within Monte Carlo error; 1: different; 2: the file is no fit.
    """
    with one_paragraph():
        found = fc.rerun(fc.load(fit), progressbar=sys.stderr.isatty())
        tell(str(found))
        if found.agreement == "different":
            raise typer.Exit(1)
