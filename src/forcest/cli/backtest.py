"""``forcest backtest``: predictions from earlier dates, scored against what was published afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.arguments import LedgerOrShipped, ModelFile, Seed, Sheet, read_claims
from forcest.cli.console import errors_as_messages, print_table, print_text
from forcest.cli.files import save, write_table
from forcest.errors import ForcestError

if TYPE_CHECKING:
    import pandas as pd

    from forcest.ledger import Ledger

SHOWN = ("n_claims", "n_rows", "log_score", "crps", "in50", "in90", "log_score_gain", "log_score_gain_se")


def backtest(
    ledger: LedgerOrShipped = None,
    sheet: Sheet = None,
    origins: Annotated[
        str | None, typer.Option(metavar="DATES", help="Dates to predict from, separated by commas. Default: every month end.")
    ] = None,
    horizons: Annotated[str, typer.Option(metavar="DAYS", help="Horizons to score, separated by commas.")] = "30,60,90",
    model: ModelFile = None,
    seed: Seed = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Coarse and short fits, to try things out.")] = False,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; an interrupted run resumes there.")] = Path(
        "forcest-backtest"
    ),
) -> None:
    """Fit at earlier dates with what was known then, and score what was published later, compared with simple baselines.

    By default, the model is built from what was known at each date; a model from --model is used unchanged, even if its priors
    use later information. Exit code 1 if a fit did not converge.
    """
    with errors_as_messages():
        from forcest.checks.revisions import month_ends

        claims = read_claims(ledger, sheet)
        dates = month_ends(claims) if origins is None else [date.strip() for date in origins.split(",")]
        found = fc.backtest(
            _builder(model),
            claims,
            dates,
            _days(horizons),
            random_seed=seed,
            folder=out / "origins",
            callback=lambda origin: print_text(f"Fitted what was known by {origin}", error=True),
            quick=quick,
        )
        tables = {
            "table": found.table,
            "by_measure": found.by("measure"),
            "scores": found.scores,
            "revisions": found.revisions.table,
            "refused": found.refused,
        }
        for name, table in tables.items():
            write_table(table, out / f"{name}.csv")
        if not found.baselines:
            print_text("No baseline predicts any of the later claims; scores.csv has the scores of forcest.")
        else:
            save(fc.plots.backtest(found), out / "backtest.png")
            print_table(_shown(found.table))
            print_table(_by_measure(found.by_measure))
        print_text(f"{found.refused['id'].nunique()} later claims could not be scored; {out / 'refused.csv'} lists the reasons.")
        print_text(f"Written to {out}: {', '.join(f'{name}.csv' for name in tables)}.")
        if not bool(found.fits["converged"].all()):
            bad = found.fits.loc[~found.fits["converged"].astype(bool), "origin"]
            print_text(f"Not converged, so do not use: {', '.join(f'{day:%Y-%m-%d}' for day in bad)}.")
            raise typer.Exit(1)


def _builder(file: Path | None) -> Callable[[Ledger], Any]:
    """From a ledger to its model; the name identifies the model, so that a stored run can be resumed."""
    from forcest.models.default import default_model

    if file is None:
        return default_model
    described = fc.read_model(file)

    def build(_ledger: Ledger) -> Any:
        return described

    build.__qualname__ = described.model_dump_json()
    return build


def _days(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise ForcestError(f"--horizons must be days separated by commas, such as 30,60,90; got {text!r}.") from None


def _shown(scores: pd.DataFrame) -> Table:
    title = "Mean scores of the later claims that all forecasters predict, each claim once (gain: forcest over the baseline)"
    table = Table(title=Text(title))
    table.add_column("forecaster")
    for name in SHOWN:
        table.add_column(name.replace("_", " "), justify="right")
    for row in scores.to_dict("records"):
        numbers = [f"{row[name]:,.0f}" if name.startswith("n_") else f"{row[name]:.2f}" for name in SHOWN]
        table.add_row(Text(str(row["forecaster"])), *numbers)
    return table


def _by_measure(scores: pd.DataFrame) -> Table:
    """Measures one by one, with the losses in plain sight."""
    table = Table(title=Text("By measure, beside the baseline that does best there (a gain below 0: forcest loses)"))
    for name in ("measure", "best baseline"):
        table.add_column(name)
    for name in ("claims", "rows", "log score", "gain", "gain se"):
        table.add_column(name, justify="right")
    for row in scores.to_dict("records"):
        numbers = [f"{row[name]:.2f}" for name in ("log_score", "log_score_gain", "log_score_gain_se")]
        counts = [f"{row[name]:,.0f}" for name in ("n_claims", "n_rows")]
        table.add_row(Text(row["measure"].replace("_", " ")), Text(row["best_baseline"]), *counts, *numbers)
    return table
