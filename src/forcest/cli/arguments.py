"""Arguments that several commands take, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import forcest as fc
from forcest.errors import ForcestError

if TYPE_CHECKING:
    from forcest.ledger import Ledger

SHIPPED = "north_korea_kursk"

LedgerFile = Annotated[Path, typer.Argument(metavar="LEDGER", help="CSV, Parquet or Excel file of claims.")]
Sheet = Annotated[str | None, typer.Option(metavar="NAME", help="Sheet of an Excel file. Default: the first one.")]
LedgerOrShipped = Annotated[
    Path | None,
    typer.Argument(metavar="LEDGER", help="CSV, Parquet or Excel file of claims. Default: the shipped ledger."),
]
ModelFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A model file (TOML). Default: a model built from the ledger.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")]


def read_claims(path: Path | None, sheet: str | None = None) -> Ledger:
    """The ledger of a file, or the shipped one; problems are reported before anything slow begins."""
    ledger = fc.datasets.load(SHIPPED) if path is None else fc.read_ledger(path, sheet=sheet or 0)
    ledger.usable()
    return ledger


def model_for(path: Path | None, ledger: Ledger, file: Path | None) -> Any:
    """The model of a file; otherwise that of the shipped ledger, or a default for another ledger."""
    if file is not None:
        return model_in(file)
    if path is None:
        return fc.presets.north_korea_kursk()
    from forcest.models.default import default_model

    return default_model(ledger)


def model_in(file: Path) -> Any:
    """The model of a file, which must predict claims."""
    model = fc.read_model(file)
    if not model.predicts_claims:
        raise ForcestError(
            "the command needs a model that predicts claims, which the published model does not. Fit it in Python; see "
            "fc.presets.radford2023."
        )
    return model
