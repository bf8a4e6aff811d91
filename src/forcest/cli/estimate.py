"""``forcest estimate``: fit the model to a ledger, print the summary, write the files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.arguments import LedgerOrShipped, ModelFile, Seed, model_for, read_claims
from forcest.cli.files import figures, write_files
from forcest.cli.staging import publish, staging
from forcest.cli.verdict import converged, interrupted, is_quick, verdict
from forcest.cli.words import one_paragraph, tell, terminal, warnings_as_paragraphs

if TYPE_CHECKING:
    import xarray as xr


def estimate(
    ledger: LedgerOrShipped = None,
    known_by: Annotated[
        str | None, typer.Option(metavar="DATE", help="Use only what was published by this date (YYYY-MM-DD).")
    ] = None,
    model: ModelFile = None,
    sampler: Annotated[str | None, typer.Option(metavar="NAME", help="Sampler; the default of `fit` unless given.")] = None,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")] = Path("forcest-out"),
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Coarse and short, to try things out; everything is marked QUICK.")
    ] = False,
) -> None:
    """Fit the model to a ledger, print the summary and write the files.

    A ledger with strengths gets the default ForceModel, one with losses alone the default LossModel.
    Without LEDGER: the shipped ledger of North Korean soldiers in Russia, with its own model.

    Exit code 1 where the fit did not converge; the files are written all the same and say so.
    """
    with one_paragraph(), staging(out, force) as folder:
        claims = read_claims(ledger)
        if known_by is not None:
            claims = claims.known_by(known_by)
        described = model_for(ledger, claims, model)
        options: dict[str, Any] = {"random_seed": seed, "quick": quick, "progressbar": sys.stderr.isatty()}
        if sampler is not None:
            options["sampler"] = sampler
        with warnings_as_paragraphs():
            fit = fc.fit(described, claims, **options)
            write_files(fit, folder)
        publish(folder, out)
        terminal().print(_summary_table(fit))
        tell(str(fc.anchors(fit)))
        tell(verdict(fit))
        tell(f"Written to {out}: report.html, estimate.nc, summary.csv, claims.csv, estimate.txt and {len(figures(fit))} figures.")
        if interrupted(fit):
            raise typer.Exit(130)
        if not converged(fit):
            raise typer.Exit(1)


def _summary_table(fit: xr.DataTree) -> Table:
    summary = fc.summary(fit)
    when = summary["date"].iloc[0]
    marks = " [QUICK]" * is_quick(fit) + " [NOT CONVERGED]" * (not converged(fit))
    table = Table(
        title=Text(f"{marks.strip()} Posterior at {when.day} {when:%B %Y}, {summary.attrs['interval']} intervals".strip()),
        caption="claims: those about this very measure",
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
