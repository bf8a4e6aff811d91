"""``forcest calibrate``: whether intervals cover the truth as often as they claim, on ledgers simulated from the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import forcest as fc
from forcest.cli.arguments import LedgerOrShipped, ModelFile, Seed, model_for, read_claims
from forcest.cli.console import counting, errors_as_messages, print_text
from forcest.cli.files import save, write_table


def calibrate(
    ledger: LedgerOrShipped = None,
    model: ModelFile = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Ledgers to simulate; a larger number extends an earlier run.")] = 200,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; an interrupted run resumes there.")] = Path(
        "forcest-calibration"
    ),
) -> None:
    """Simulate ledgers with the layout of LEDGER, fit each, and rank the true values among the draws.

    Exit code 0: the ranks are uniform (5 % level for all quantities together); 1: they are not, or a fit gave no draws.
    """
    with errors_as_messages():
        claims = read_claims(ledger)
        described = model_for(ledger, claims, model)
        with counting("simulated ledgers") as callback:
            found = fc.calibrate(described, claims, n, random_seed=seed, folder=out / "simulations", callback=callback)
        write_table(found.table, out / "calibration.csv")
        save(fc.plots.calibration(found), out / "calibration.png")
        print_text(str(found))
        print_text(f"Written to {out}: calibration.csv, calibration.png, and every simulation in simulations/.")
        if not found.passed:
            raise typer.Exit(1)
