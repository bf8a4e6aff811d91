"""The ``forcest`` command: reads its arguments, calls the public functions, prints, writes the files. One command per file.

Exit codes: 0 success; 1 the ledger has problems, or the fit did not converge (the files are written, and marked); 2 wrong
usage, or the command could not run; 130 interrupted.
"""

from __future__ import annotations

from typing import Annotated

import typer

import forcest as fc
from forcest.cli import datasets
from forcest.cli.ask_next import ask_next
from forcest.cli.backtest import backtest
from forcest.cli.bench import bench
from forcest.cli.calibrate import calibrate
from forcest.cli.check import check
from forcest.cli.compare import compare
from forcest.cli.console import signals_as_interrupts
from forcest.cli.draft import draft
from forcest.cli.estimate import estimate
from forcest.cli.new import new
from forcest.cli.report import report
from forcest.cli.rerun import rerun
from forcest.cli.revisions import revisions

app = typer.Typer(
    help="Deployment and attrition curves of a force, inferred from contradictory public claims.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Entry point of the ``forcest`` command."""
    signals_as_interrupts()
    app()


def _version(wanted: bool) -> None:
    if wanted:
        print(fc.__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Deployment and attrition curves of a force, inferred from contradictory public claims."""


app.command()(new)
app.command()(draft)
app.command()(check)
app.command()(estimate)
app.command()(report)
app.command()(rerun)
app.command()(compare)
app.command()(revisions)
app.command()(ask_next)
app.command()(backtest)
app.command()(calibrate)
app.command()(bench)
app.add_typer(datasets.app, name="datasets")
