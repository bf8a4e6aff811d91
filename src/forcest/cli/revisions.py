"""``forcest revisions``: the estimate over time, each earlier interval beside what came."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import forcest as fc
from forcest.cli.arguments import ModelFile, Seed, Sheet, model_in, read_claims
from forcest.cli.console import errors_as_messages, print_text
from forcest.errors import ForcestError

if TYPE_CHECKING:
    from forcest.ledger import Ledger

ENDINGS = (".csv", ".parquet", ".xlsx")


def revisions(
    ledgers: Annotated[
        Path | None,
        typer.Argument(
            metavar="LEDGER|FOLDER",
            help="A ledger, or a folder of ledgers named by date, such as 2025-01-31.csv. Default: the shipped ledger.",
        ),
    ] = None,
    sheet: Sheet = None,
    dates: Annotated[
        str | None,
        typer.Option(
            metavar="DATES", help="Days to estimate at, separated by commas. Default: every month end, or the files of the folder."
        ),
    ] = None,
    model: ModelFile = None,
    seed: Seed = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Coarse and short fits, to try things out.")] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; an interrupted run resumes there.")] = Path(
        "forcest-revisions"
    ),
) -> None:
    """Estimate at several days what was known then, and set each earlier interval beside the later ones.

    A ledger is fitted as of each day, with a default model of what was known unless --model names one; a folder holds the ledger as
    it stood on each day. Exit code 1 if a fit did not converge.
    """
    with errors_as_messages():
        import matplotlib as mpl

        mpl.use("Agg")
        found = fc.revisions(
            _by_date(ledgers, sheet) if ledgers is not None and ledgers.is_dir() else read_claims(ledgers, sheet),
            None if dates is None else [day.strip() for day in dates.split(",")],
            None if model is None else model_in(model),
            random_seed=seed,
            quick=quick,
            folder=out / "vintages",
            callback=lambda day: print_text(f"Fitted what was known by {day}", error=True),
        )
        found.save(out / "revisions.json")
        for name in ("revisions.html", "revisions.csv"):
            fc.report(found, out / name)
        print_text(str(found))
        print_text(f"Written to {out}: revisions.html, revisions.csv and revisions.json.")
        if not found.converged:
            raise typer.Exit(1)


def _by_date(folder: Path, sheet: str | None) -> dict[str, Ledger]:
    """Every ledger of a folder, by the date that is its name."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in ENDINGS)
    unnamed = [file.name for file in files if not _is_date(file.stem)]
    twice = [file.name for file in files if [other.stem for other in files].count(file.stem) > 1]
    problems = [f"no ledger ends in {', '.join(ENDINGS)}"] if not files else []
    problems += [f"these are not named by date: {', '.join(unnamed)}"] if unnamed else []
    problems += [f"these share a date: {', '.join(twice)}"] if twice else []
    if problems:
        raise ForcestError(f"{folder} must hold one ledger a date, such as 2025-01-31.csv; {'; '.join(problems)}.")
    return {file.stem: read_claims(file, sheet) for file in files}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
