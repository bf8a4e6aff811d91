"""Arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LedgerFile = Annotated[Path, typer.Argument(metavar="LEDGER", help="CSV, Parquet or Excel file of claims.")]
