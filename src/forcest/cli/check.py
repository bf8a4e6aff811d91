"""``forcest check``: every problem of a ledger at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.arguments import LedgerFile, Sheet
from forcest.cli.console import count_of, errors_as_messages, print_table, print_text
from forcest.errors import ForcestError

if TYPE_CHECKING:
    import pandas as pd


def check(
    ledger: LedgerFile,
    sheet: Sheet = None,
    fix: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.csv", help="Write a copy in which cells that say what is meant are readable, and list the changes."
        ),
    ] = None,
) -> None:
    """Show every problem of a ledger at once.

    Exit code 0: no problem prevents a fit; 1: the ledger has problems; 2: the file is not a table.
    """
    with errors_as_messages():
        read = fc.read_ledger(ledger, sheet=sheet or 0)
        if fix is None:
            _report(read, ledger.name)
        elif _fix(read, ledger, fix):
            _report(fc.read_ledger(fix), fix.name)
        else:
            _report(read, ledger.name)


def _report(read: fc.Ledger, name: str) -> None:
    """Print the problems and what is fitted; exit with 1 if there are errors."""
    _print_unfinished(read)
    problems = read.problems()
    if len(problems):
        print_table(_problem_table(problems, name))
    errors = list(problems["severity"]).count("error")
    if errors:
        found = f"{count_of(errors, 'problem')} to fix in {count_of(len(read), 'row')}"
        print_text(f"{name}: {found} before the ledger can be fitted.")
        raise typer.Exit(1)
    _print_counts(read, f"{name}: {count_of(len(read), 'row')}", count_of(len(problems), "warning"))


def _fix(read: fc.Ledger, ledger: Path, out: Path) -> bool:
    """Write a mended copy and print what was changed; False if nothing can be mended."""
    from forcest.ledger.mending import mended

    if out.suffix.lower() != ".csv":
        raise ForcestError(f"--fix must name a .csv file; got {out}. Name it {out.with_suffix('.csv').name}.")
    if out.exists():
        raise ForcestError(f"--fix must name a new file; {out} exists and is not overwritten. Name another file.")
    copy, changes = mended(read)
    if not changes:
        print_text(f"{ledger.name}: no cell can be mended, and {out} is not written.")
        return False
    copy.to_csv(out)
    for problem in read.file_problems:
        print_text(f"{ledger.name}: {problem}")
    table = Table(title=Text(f"Changes in {out.name}"), caption="rows are those of the original; confirm each change")
    for column in ("row", "id", "column", "from", "to", "because it"):
        table.add_column(column, justify="right" if column == "row" else "left", overflow="fold")
    for change in changes:
        cells = (change.row, change.id, change.column, change.before, change.after, change.rule)
        table.add_row(*(Text(str(cell)) for cell in cells))
    print_table(table)
    print_text(f"{out}: a copy of {ledger.name} with {count_of(len(changes), 'change')}. Confirm each of them before you use it.")
    return True


def _print_counts(read: fc.Ledger, rows: str, warnings: str) -> None:
    """How many rows are fitted, and what becomes of each of the others."""
    from forcest.models.reporting.origins import merge_origins, roots_of, what_becomes

    usable = read.usable()
    items, people = (usable.loc[of_item] for of_item in (usable["item"] != "", usable["item"] == ""))
    claims, left_out = merge_origins(people, roots_of(read))
    counts = {
        "to be fitted": len(claims),
        "merged into others": sum(len(claim.copies) for claim in claims),
        "computed from others or part of a total": len(left_out),
        "not of people": len(items),
        "excluded, superseded or planned": len(read) - len(usable),
    }
    shown = [f"{n} {what}" for what, n in counts.items() if n or what == "to be fitted"]
    print_text(f"{rows}: {', '.join(shown)}; {warnings}.")
    for id_, fate in what_becomes(claims, left_out).items():
        print_text(f"{id_} {fate}.")
    _print_refusal(read)


def _print_refusal(read: fc.Ledger) -> None:
    """Say if the default model does not cover the ledger, before somebody waits for an estimate."""
    from forcest.models.default import default_model

    try:
        default_model(read).on(read)
    except ForcestError as error:
        print_text(f"forcest estimate would refuse this ledger with its default model: {error}")


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
