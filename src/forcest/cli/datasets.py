"""``forcest datasets``: shipped ledgers, and public data sets to download."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.console import errors_as_messages, print_table, print_text

app = typer.Typer(help="List the shipped ledgers, and download public data sets.", invoke_without_command=True)


@app.callback()
def _datasets(context: typer.Context) -> None:
    """List the shipped ledgers, and download public data sets."""
    if context.invoked_subcommand is None:
        list_datasets()


@app.command("list")
def list_datasets() -> None:
    """List the shipped ledgers, and the public data sets that can be downloaded."""
    with errors_as_messages():
        print_table(_shipped_table())
        print_table(_public_table())


@app.command("fetch")
def fetch_dataset(name: Annotated[str, typer.Argument(metavar="NAME", help="As `forcest datasets list` names it.")]) -> None:
    """Download a public data set, and show how its rows are used in a ledger.

    FORCEST_DATA names a folder that is searched first, FORCEST_CACHE the folder for downloaded files.
    """
    with errors_as_messages():
        path = fc.datasets.fetch(name, progress=sys.stderr.isatty())
        table = Table(title=Text(f"Rows of {name}"))
        for title in ("rows", "used as", "n"):
            table.add_column(title, justify="right" if title == "n" else "left")
        for row in fc.datasets.conversion_summary(name, path).to_dict("records"):
            table.add_row(Text(row["rows"]), Text(row["becomes"] or "left out"), f"{row['n']:,}")
        print_table(table)
        print_text(f"{path}")
        print_text(f'In Python: forcest.datasets.{fc.datasets.PUBLIC[name].adapter}(forcest.datasets.fetch("{name}"))')


def _shipped_table() -> Table:
    table = Table(title="Shipped ledgers")
    for title in ("name", "claims", "to be fitted", "published", "outcomes"):
        table.add_column(title, justify="left" if title in ("name", "published") else "right", no_wrap=title == "name")
    known = fc.datasets.names(with_outcomes=True)
    for name in fc.datasets.names():
        ledger = fc.datasets.load(name)
        published = ledger.to_dataframe()["published"]
        span = f"{published.min():%Y-%m-%d} to {published.max():%Y-%m-%d}"
        later = str(len(fc.datasets.outcomes(name))) if name in known else "–"
        table.add_row(name, str(len(ledger)), str(len(ledger.usable())), span, later)
    return table


def _public_table() -> Table:
    words = {
        "store": "yes, in FORCEST_DATA",
        "cache": "yes",
        "changed": "changed: run forcest datasets fetch NAME",
        "absent": "no: forcest datasets fetch NAME",
    }
    table = Table(title="Public data sets")
    for title in ("name", "content", "licence", "size", "downloaded"):
        table.add_column(title, justify="right" if title == "size" else "left", no_wrap=title == "name")
    for name, file in fc.datasets.PUBLIC.items():
        state, _ = fc.datasets.locate(name)
        table.add_row(name, file.about, file.licence, f"{file.size / 1000:,.0f} kB", words[state])
    return table
