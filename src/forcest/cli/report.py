"""``forcest report``: the page of a saved fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import forcest as fc
from forcest.cli.words import one_paragraph, tell


def report(
    fit: Annotated[Path, typer.Argument(metavar="FIT.nc", help="A saved fit.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Ends in .html, .md or .csv; FIT.html unless given.")
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Title of the page.")] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit again without each source and under other priors: slower, and sure.")
    ] = False,
) -> None:
    """Write what a saved fit says, what it rests on and what speaks against it, as one page.

    The page needs no network and no other file.
    """
    with one_paragraph():
        loaded = fc.load(fit)
        tables = _refitted(loaded) if refit else {}
        target = fc.report(loaded, out or fit.with_suffix(".html"), title=title, **tables)
        tell(f"Written: {target}")


def _refitted(fit) -> dict:
    """Influence of every source and the alternative priors, fitted again."""
    from forcest.ledger import Ledger
    from forcest.models.files import MODELS

    model = MODELS[fit.attrs["model_kind"]].model_validate_json(fit.attrs["model"])
    ledger = Ledger.from_csv(fit.attrs["ledger"])

    def say(name: str) -> None:
        tell(f"Fitting again: {name}", error=True)

    return {
        "influence": fc.influence(model, ledger, fit, progress=say),
        "sensitivity": fc.sensitivity(model, ledger, fit, progress=say),
    }
