"""``forcest new``: a ledger to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forcest.cli.console import errors_as_messages, print_text
from forcest.errors import ForcestError
from forcest.writing import write_whole


def new(
    ledger: Annotated[Path, typer.Argument(metavar="LEDGER.csv", help="The file to write; it must not exist.")],
) -> None:
    """Start a ledger: a CSV file with every column and example rows, and a text file that explains them.

    The examples have a reason in `exclude`, so that they are not fitted.
    """
    with errors_as_messages():
        from forcest.ledger.template import EXAMPLES, columns_text, template

        if ledger.suffix.lower() != ".csv":
            raise ForcestError(f"the new ledger must be a .csv file; got {ledger}. Name it {ledger.with_suffix('.csv').name}.")
        guide = ledger.with_suffix(".columns.txt")
        for path in (ledger, guide):
            if path.exists():
                raise ForcestError(f"{path} exists already and is not overwritten. Name another file.")
        for path, text in ((guide, columns_text()), (ledger, template())):
            write_whole(path, text)
        print_text(
            f"{ledger}: {len(EXAMPLES)} example rows to replace with claims of your own. {guide} explains every column. "
            f"Then: forcest check {ledger}"
        )
