"""``forcest rerun``: repeat a saved fit and compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import forcest as fc
from forcest.cli.console import errors_as_messages, print_text


def rerun(
    fit: Annotated[Path, typer.Argument(metavar="FIT.nc", help="A saved fit.")],
) -> None:
    """Repeat a saved fit from the ledger, model, settings and seed in the file, and report whether the draws are equal.

    Exit code 0: equal, or equal within Monte Carlo error; 1: different; 2: the file is not a fit.
    """
    with errors_as_messages():
        loaded = fc.load(fit)
        print_text("Repeating the fit.", error=True)
        found = fc.rerun(loaded, progressbar=sys.stderr.isatty())
        print_text(str(found))
        if found.agreement == "different":
            raise typer.Exit(1)
