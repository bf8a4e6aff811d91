"""``forcest compare``: what changed between two saved fits."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

import forcest as fc
from forcest.cli.console import errors_as_messages, print_text
from forcest.cli.files import save
from forcest.errors import ForcestError


class Groups(Enum):
    """Groups of new claims."""

    SOURCE = "source"
    BRIEFING = "briefing"
    NONE = "none"


class Method(Enum):
    """How the numbers between the estimates are found."""

    REFIT = "refit"
    REWEIGHT = "reweight"


def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD.nc", help="The older saved fit.")],
    new: Annotated[Path, typer.Argument(metavar="NEW.nc", help="The newer saved fit.")],
    at: Annotated[
        str | None,
        typer.Option(
            metavar="DATES", help="A day for both, or two separated by a comma. Default: of each the last day with a claim."
        ),
    ] = None,
    by: Annotated[Groups, typer.Option(help="Groups of new claims; none: all in one step.")] = Groups.SOURCE,
    method: Annotated[Method, typer.Option(help="A fit for each step, or weighted draws of the two fits.")] = Method.REFIT,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; an interrupted run resumes there.")] = Path(
        "forcest-compare"
    ),
) -> None:
    """Say what changed between two estimates of one matter, by how much, and which claims changed it.

    Every group of new claims has a fit of its own; with --method reweight the draws of the two fits are weighted instead, which is
    refused where weights are not reliable. Exit code 1 if one of the fits did not converge.
    """
    with errors_as_messages():
        import matplotlib as mpl

        mpl.use("Agg")
        found = fc.compare(
            fc.load(old),
            fc.load(new),
            at=_days(at),
            by=None if by is Groups.NONE else by.value,
            method=method.value,
            folder=out / "steps" if method is Method.REFIT else None,
            callback=lambda step: print_text(f"Fitted {step}", error=True),
        )
        out.mkdir(parents=True, exist_ok=True)
        found.save(out / "comparison.json")
        fc.report(found, out / "changed.html")
        fc.report(found, out / "changed.csv")
        save(fc.plots.comparison(found), out / "changed.png")
        print_text(str(found))
        print_text(f"Written to {out}: changed.html, changed.csv, changed.png and comparison.json.")
        if not found.converged:
            print_text("NOT CONVERGED: some fit does not represent its posterior. Do not use these numbers; changed.csv names it.")
            raise typer.Exit(1)


def _days(text: str | None) -> str | tuple[str, str] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 2:
        raise ForcestError(f"--at must be one day, or two separated by a comma, such as 2025-01-31,2025-02-28; got {text!r}.")
    return parts[0] if len(parts) == 1 else (parts[0], parts[1])
