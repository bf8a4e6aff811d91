"""``forcest estimate``: fit the model to a ledger, print the summary, write the files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.attributes import Attributes
from forcest.cli.arguments import LedgerOrShipped, ModelFile, Seed, Sheet, model_for, read_claims
from forcest.cli.console import count_of, errors_as_messages, print_table, print_text, warnings_as_messages
from forcest.cli.files import figures, write_files
from forcest.cli.output import move_into_place, unfinished_folder

if TYPE_CHECKING:
    import xarray as xr


def estimate(
    ledger: LedgerOrShipped = None,
    sheet: Sheet = None,
    known_by: Annotated[
        str | None, typer.Option(metavar="DATE", help="Use only what was published by this date (YYYY-MM-DD).")
    ] = None,
    model: ModelFile = None,
    sampler: Annotated[str | None, typer.Option(metavar="NAME", help="batched (default), nutpie or pymc.")] = None,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")] = Path("forcest-out"),
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Coarse and short, to try things out; all results are marked QUICK.")
    ] = False,
) -> None:
    """Fit the model to a ledger, print the summary and write the files.

    A ledger with strengths gets the default ForceModel, one with losses alone the default LossModel.
    Without LEDGER: the shipped ledger of North Korean soldiers in Russia, with its own model.

    Exit code 1 if the fit did not converge; the files are written nevertheless, and marked.
    """
    with errors_as_messages(), unfinished_folder(out, force) as folder:
        claims = read_claims(ledger, sheet)
        if known_by is not None:
            claims = claims.known_by(known_by)
        described = model_for(ledger, claims, model)
        print_text(f"Fitting {_what(claims)}.", error=True)
        options: dict[str, Any] = {"random_seed": seed, "quick": quick, "progressbar": sys.stderr.isatty()}
        if sampler is not None:
            options["sampler"] = sampler
        with warnings_as_messages():
            fit = fc.fit(described, claims, **options)
            write_files(fit, folder)
        move_into_place(folder)
        print_table(_summary_table(fit))
        print_text(str(fc.anchors(fit)))
        verdict = Attributes.of(fit).verdict
        print_text(str(verdict))
        print_text(
            f"Written to {out}: report.html, estimate.nc, summary.csv, claims.csv, estimate.txt and {len(figures(fit))} figures."
        )
        if verdict.is_interrupted:
            raise typer.Exit(130)
        if not verdict.converged:
            print_text(f"fc.diagnose(fc.load({str(out / 'estimate.nc')!r})) gives the reasons and remedies.")
            raise typer.Exit(1)


def _what(ledger: fc.Ledger) -> str:
    """What is about to be fitted, for somebody who waits: a date far from the others shows at once."""
    rows = ledger.usable()
    return f"{count_of(len(rows), 'claim')}, dated {rows['as_of'].min():%Y-%m-%d} to {rows['as_of'].max():%Y-%m-%d}"


def _summary_table(fit: xr.DataTree) -> Table:
    summary = fc.summary(fit)
    when = summary["date"].iloc[0]
    prefix = Attributes.of(fit).verdict.prefix
    table = Table(
        title=Text(f"{prefix}Posterior at {when.day} {when:%B %Y}, {summary.attrs['interval']} intervals"),
        caption="claims: fitted claims about this measure",
    )
    several = len(set(summary["force"])) > 1
    table.add_column("measure")
    for title in ("median", "5 %", "95 %", "prior median", "claims"):
        table.add_column(title, justify="right")
    for row in summary.to_dict("records"):
        unit = row["unit"]
        name = row["measure"].replace("_", " ") + ("" if unit == "persons" else f" [{unit}]")
        numbers = [_number(row[column], unit) for column in ("median", "low", "high", "prior_median")]
        table.add_row(Text(f"{row['force']}: {name}" if several else name), *numbers, str(row["n_claims"]))
    return table


def _number(x: float, unit: str) -> str:
    if x != x:
        return "–"
    return f"{x:z,.0f}" if unit != "partner soldiers per soldier" else f"{x:.2f}"
