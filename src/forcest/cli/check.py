"""``forcest check``: every problem of a ledger at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.arguments import LedgerFile
from forcest.cli.words import counted, one_paragraph, tell, terminal

if TYPE_CHECKING:
    import pandas as pd


def check(ledger: LedgerFile) -> None:
    """Show every problem of a ledger at once.

    Exit code 0: none that prevents a fit; 1: the ledger has problems; 2: the file is not a table.
    """
    with one_paragraph():
        read = fc.read_ledger(ledger)
        problems = read.problems()
        if len(problems):
            terminal().print(_problem_table(problems, ledger.name))
        errors = list(problems["severity"]).count("error")
        if errors:
            found = f"{counted(errors, 'problem')} to mend in {counted(len(read), 'row')}"
            tell(f"{ledger.name}: {found}; nothing can be fitted before.")
            raise typer.Exit(1)
        copies = sum(bool(origin) for origin in read.usable()["origin"])
        repeats = f" ({copies} with an origin; repeats of one claim count once)" if copies else ""
        found = f"{len(read.usable())} to be fitted{repeats}, {counted(len(problems), 'warning')}"
        tell(f"{ledger.name}: {counted(len(read), 'row')}, {found}.")


def _problem_table(problems: pd.DataFrame, name: str) -> Table:
    table = Table(title=Text(f"Problems of {name}"), caption="row 1 of the file is the heading")
    for column in ("row", "id", "column", "problem", "what to do"):
        table.add_column(column, justify="right" if column == "row" else "left", overflow="fold")
    for row in problems.to_dict("records"):
        mild = "" if row["severity"] == "error" else f"{row['severity']}: "
        problem = f'{mild}{row["rule"]}; got "{row["value"]}"'
        table.add_row(*(Text(str(cell)) for cell in (row["row"], row["id"], row["column"], problem, row["remedy"])))
    return table
