"""``forcest check``: every problem of a ledger at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.arguments import LedgerFile
from forcest.cli.console import count_of, errors_as_messages, print_table, print_text

if TYPE_CHECKING:
    import pandas as pd


def check(ledger: LedgerFile) -> None:
    """Show every problem of a ledger at once.

    Exit code 0: no problem prevents a fit; 1: the ledger has problems; 2: the file is not a table.
    """
    with errors_as_messages():
        from forcest.models.reporting.origins import merge_origins, roots_of

        read = fc.read_ledger(ledger)
        _print_unfinished(read)
        problems = read.problems()
        if len(problems):
            print_table(_problem_table(problems, ledger.name))
        errors = list(problems["severity"]).count("error")
        if errors:
            found = f"{count_of(errors, 'problem')} to fix in {count_of(len(read), 'row')}"
            print_text(f"{ledger.name}: {found} before the ledger can be fitted.")
            raise typer.Exit(1)
        usable = read.usable()
        claims = len(merge_origins(usable, roots_of(read))[0])
        repeats = f", {len(usable) - claims} that repeat or add up others" if claims < len(usable) else ""
        print_text(
            f"{ledger.name}: {count_of(len(read), 'row')}, {claims} to be fitted{repeats}, {count_of(len(problems), 'warning')}."
        )


def _print_unfinished(read: fc.Ledger) -> None:
    """Name the rows that are still examples of ``forcest new`` or proposals of ``forcest draft``."""
    from forcest.ledger.schema import DRAFT
    from forcest.ledger.template import EXAMPLE

    for reason, what, to_do in (
        (EXAMPLE, "Example rows", "Replace them, and clear their cells in the column exclude."),
        (DRAFT, "Draft rows", "Compare each with its quote, fill in stance and what else is empty, and clear its cell in exclude."),
    ):
        left = [id_ for id_, excluded in zip(read.text["id"], read.text["exclude"], strict=True) if excluded == reason]
        if left:
            print_text(f"{what}, which are not fitted: {', '.join(left)}. {to_do}")


def _problem_table(problems: pd.DataFrame, name: str) -> Table:
    table = Table(title=Text(f"Problems of {name}"), caption="row 1 of the file is the header")
    for column in ("row", "id", "column", "problem", "what to do"):
        table.add_column(column, justify="right" if column == "row" else "left", overflow="fold")
    for row in problems.to_dict("records"):
        severity = "" if row["severity"] == "error" else f"{row['severity']}: "
        problem = f'{severity}{row["rule"]}; got "{row["value"]}"'
        table.add_row(*(Text(str(cell)) for cell in (row["row"], row["id"], row["column"], problem, row["remedy"])))
    return table
