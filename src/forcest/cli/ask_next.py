"""``forcest ask-next``: which source, asked for which number, would narrow the estimate most."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.attributes import Attributes
from forcest.cli.arguments import ModelFile, Seed, Sheet, model_for, read_claims
from forcest.cli.console import counting, errors_as_messages, print_table, print_text, warnings_as_messages
from forcest.cli.files import save, save_fit, write_table
from forcest.cli.output import move_into_place, unfinished_folder
from forcest.errors import ForcestError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SHOWN = 12
"""Questions on the terminal; the file has all."""


def ask_next(
    estimate: Annotated[
        Path | None,
        typer.Argument(metavar="LEDGER|FIT.nc", help="A saved fit, or a ledger to fit first. Default: the shipped ledger."),
    ] = None,
    of: Annotated[str, typer.Option(metavar="MEASURE", help='What to narrow; "Force: killed" with several forces.')] = "killed",
    at: Annotated[str | None, typer.Option(metavar="DATE", help="Day of the number. Default: the last with a claim.")] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="Questions: source, stance, measure, as_of. Default: every source and stance, every measure."
        ),
    ] = None,
    answers: Annotated[int, typer.Option(min=20, help="Simulated answers to each question.")] = 200,
    sheet: Sheet = None,
    model: ModelFile = None,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")] = Path("forcest-ask-next"),
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
) -> None:
    """Say which answer of which source would narrow an estimate most, from simulated answers.

    A ledger is fitted first, and the fit is written too; --sheet, --model and --seed are for that fit. Exit code 1 if the fit did
    not converge.
    """
    with errors_as_messages(), unfinished_folder(out, force) as folder:
        import matplotlib as mpl

        mpl.use("Agg")
        fit = _fit(estimate, sheet, model, seed, folder)
        with counting("questions") as callback:
            found = fc.ask_next(fit, of, _read(questions), at=at, answers=answers, callback=callback)
        write_table(found, folder / "questions.csv")
        save(fc.plots.ask_next(found), folder / "questions.png")
        written = sorted(file.name for file in folder.iterdir())
        move_into_place(folder)
        print_table(_shown(found))
        print_text(f"Written to {out}: {', '.join(written)}.")
        if not (verdict := Attributes.of(fit).verdict).converged:
            print_text(str(verdict))
            raise typer.Exit(1)


def _fit(path: Path | None, sheet: str | None, model: Path | None, seed: int, folder: Path) -> xr.DataTree:
    """The saved fit, or that of a ledger, which is saved."""
    if path is not None and path.suffix.lower() == ".nc":
        if sheet is not None or model is not None:
            raise ForcestError("--sheet and --model are for a ledger; a saved fit has its claims and its model. Leave them out.")
        return fc.load(path)
    claims = read_claims(path, sheet)
    with warnings_as_messages():
        fit = fc.fit(model_for(path, claims, model), claims, random_seed=seed, progressbar=sys.stderr.isatty())
    save_fit(fit, folder)
    return fit


def _read(file: Path | None) -> pd.DataFrame | None:
    import pandas as pd

    return None if file is None else pd.read_csv(file, dtype=str, keep_default_na=False)


def _shown(found: pd.DataFrame) -> Table:
    from forcest.estimates.draws import day_in_words

    day = day_in_words(found.attrs["date"])
    table = Table(title=Text(f"Expected narrowing of log(1 + {found.attrs['of']}) on {day}, the most telling questions first"))
    for name in ("source", "stance", "measure"):
        table.add_column(name)
    for name in ("narrowing", "± standard error", "effective draws"):
        table.add_column(name, justify="right")
    for row in found.head(SHOWN).to_dict("records"):
        told = row["method"] == "weights"
        numbers = [f"{row['narrowing']:.3f}", f"{row['narrowing_se']:.3f}"] if told else ["too few draws", ""]
        words = [str(row[name]).replace("_", " ") for name in ("source", "stance", "measure")]
        table.add_row(*(Text(word) for word in words), *numbers, f"{row['effective_draws']:,.0f}")
    return table
