"""The ``forcest`` command: reads its arguments, calls the public functions, prints, writes the files.

Exit codes: 0 done; 1 the ledger has problems, or the fit did not converge (files are written and say so); 2 wrong use, or
nothing could be done; 130 interrupted.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.errors import ForcestError, NotConvergedWarning

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from forcest.ledger import Ledger

SHIPPED = "north_korea_kursk"
FIGURES = ("curves", "flow", "bias", "claims", "prior_predictive")
DPI = 170
NOT_FOR = (
    "These are estimates from public claims by parties with a stake: no count of identified people, no evidence about any "
    "person or unit, no basis for targeting. Their level rests on what is named above."
)

app = typer.Typer(
    help="Deployment and attrition curves of a force, inferred from contradictory public claims.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
datasets_app = typer.Typer(help="Ledgers that ship with the package, public data to fetch.", invoke_without_command=True)
app.add_typer(datasets_app, name="datasets")

LedgerFile = Annotated[Path, typer.Argument(metavar="LEDGER", help="CSV, Parquet or Excel file of claims.")]


def main() -> None:
    """Entry point of the ``forcest`` command."""
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


@app.command()
def check(ledger: LedgerFile) -> None:
    """Show every problem of a ledger at once.

    Exit code 0: none that prevents a fit; 1: the ledger has problems; 2: the file is not a table.
    """
    with _one_paragraph():
        read = fc.read_ledger(ledger)
        problems = read.problems()
        if len(problems):
            _out().print(_problem_table(problems, ledger.name))
        errors = list(problems["severity"]).count("error")
        if errors:
            _tell(f"{ledger.name}: {_n(errors, 'problem')} to mend in {_n(len(read), 'row')}; nothing can be fitted before.")
            raise typer.Exit(1)
        usable = len(read.usable())
        _tell(f"{ledger.name}: {_n(len(read), 'row')}, {usable} to be fitted, {_n(len(problems), 'warning')}.")


@app.command()
def estimate(
    ledger: Annotated[
        Path | None,
        typer.Argument(metavar="LEDGER", help="CSV, Parquet or Excel file of claims; the shipped ledger unless given."),
    ] = None,
    known_by: Annotated[
        str | None, typer.Option(metavar="DATE", help="Use only what was published by this date (YYYY-MM-DD).")
    ] = None,
    sampler: Annotated[str | None, typer.Option(metavar="NAME", help="Sampler; the default of `fit` unless given.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all random numbers.")] = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")] = Path("forcest-out"),
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Coarse and short, to try things out; everything is marked QUICK.")
    ] = False,
) -> None:
    """Fit the model to a ledger, print the summary and write the files.

    Without LEDGER: the shipped ledger of North Korean soldiers in Russia, with its own model.

    Exit code 1 where the fit did not converge; the files are written all the same and say so.
    """
    with _one_paragraph(), _staging(out, force) as staging:
        claims, model = _ledger_and_model(ledger, known_by)
        options: dict[str, Any] = {"random_seed": seed, "quick": quick, "progress": sys.stderr.isatty()}
        if sampler is not None:
            options["sampler"] = sampler
        with _warnings_as_paragraphs():
            fit = fc.fit(model, claims, **options)
            _write_files(fit, staging)
        _publish(staging, out)
        _out().print(_summary_table(fit))
        _tell(str(fc.anchors(fit)))
        _tell(_verdict(fit))
        _tell(f"Written to {out}: estimate.nc, summary.csv, claims.csv, estimate.txt and {len(FIGURES)} figures.")
        if not fit.attrs.get("finished", 1):
            raise typer.Exit(130)
        if not _converged(fit):
            raise typer.Exit(1)


@datasets_app.callback()
def _datasets(context: typer.Context) -> None:
    """Ledgers that ship with the package, public data to fetch."""
    if context.invoked_subcommand is None:
        list_datasets()


@datasets_app.command("list")
def list_datasets() -> None:
    """List the ledgers that ship with the package, and the public data sets that can be fetched."""
    with _one_paragraph():
        _out().print(_shipped_table())
        _out().print(_public_table())


@datasets_app.command("fetch")
def fetch_dataset(name: Annotated[str, typer.Argument(metavar="NAME", help="As `forcest datasets list` names it.")]) -> None:
    """Fetch a public data set, and show what becomes of its rows in a ledger.

    FORCEST_DATA names a folder to look in first, FORCEST_CACHE one to keep files in.
    """
    with _one_paragraph():
        path = fc.datasets.fetch(name, progress=sys.stderr.isatty())
        table = Table(title=Text(f"Rows of {name}"))
        for title in ("rows", "become", "n"):
            table.add_column(title, justify="right" if title == "n" else "left")
        for row in fc.datasets.account(name, path).to_dict("records"):
            table.add_row(Text(row["rows"]), Text(row["becomes"] or "left out"), f"{row['n']:,}")
        _out().print(table)
        _tell(f"{path}")
        _tell(f'In Python: forcest.datasets.{fc.datasets.PUBLIC[name].adapter}(forcest.datasets.fetch("{name}"))')


# --- what the commands are made of ------------------------------------------------------------------------------------


def _shipped_table() -> Table:
    table = Table(title="Shipped ledgers")
    for title in ("name", "claims", "to be fitted", "published"):
        table.add_column(title, justify="right" if title in ("claims", "to be fitted") else "left")
    for name in fc.datasets.names():
        ledger = fc.datasets.load(name)
        published = ledger.table()["published"]
        span = f"{published.min():%Y-%m-%d} to {published.max():%Y-%m-%d}"
        table.add_row(name, str(len(ledger)), str(len(ledger.usable())), span)
    return table


def _public_table() -> Table:
    words = {
        "store": "yes, in FORCEST_DATA",
        "cache": "yes",
        "changed": "changed: fetch says what to do",
        "absent": "no: forcest datasets fetch NAME",
    }
    table = Table(title="Public data sets")
    for title in ("name", "what it is", "licence", "size", "here"):
        table.add_column(title, justify="right" if title == "size" else "left", no_wrap=title == "name")
    for name, file in fc.datasets.PUBLIC.items():
        state, _ = fc.datasets.whereabouts(name)
        table.add_row(name, file.about, file.licence, f"{file.size / 1000:,.0f} kB", words[state])
    return table


def _ledger_and_model(path: Path | None, known_by: str | None) -> tuple[Ledger, Any]:
    ledger = fc.datasets.load(SHIPPED) if path is None else fc.read_ledger(path)
    if known_by is not None:
        ledger = ledger.known_by(known_by)
    ledger.usable()  # every problem is named before anything slow begins
    return ledger, fc.presets.north_korea_kursk() if path is None else fc.ForceModel.default(ledger)


def _write_files(fit: xr.DataTree, folder: Path) -> None:
    """All files of an estimate, into a folder of their own."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    import numpy as np

    mpl.use("Agg")
    fit.to_netcdf(folder / "estimate.nc")
    marks = {"converged": str(_converged(fit)).lower(), "quick": str(_is_quick(fit)).lower()}
    for name, table in (("summary", fc.summary(fit)), ("claims", fc.claims_table(fit))):
        table.assign(**marks).to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    note = ", ".join(f"{k}={v}" for k, v in marks.items())
    for name in FIGURES:
        axes = np.atleast_1d(getattr(fc.plots, name)(fit))
        figure = axes[0].get_figure(root=True)
        figure.savefig(folder / f"{name}.png", dpi=DPI, metadata={"Description": f"forcest {fc.__version__}: {note}"})
        plt.close(figure)
    (folder / "estimate.txt").write_text(_text(fit, note), encoding="utf-8")


def _text(fit: xr.DataTree, note: str) -> str:
    """The short note that travels with the files."""
    attrs = fit.attrs
    quick = "QUICK RUN: coarse and short, not to be quoted.\n\n" if _is_quick(fit) else ""
    return (
        f"{quick}forcest {attrs.get('forcest_version', fc.__version__)}, ledger {str(attrs.get('ledger_hash', ''))[:12]}, "
        f"sampler {attrs.get('sampler', '?')}, seed {attrs.get('random_seed', '?')}\n{note}\n\n"
        f"What anchors the level\n{fc.anchors(fit)}\n\nWho was heard\n{_heard(fit)}\n\n"
        f"What was left out\n{_left_out(fit)}\n\nConvergence\n{_verdict(fit)}\n\nWhat it may not be used for\n{NOT_FOR}\n\n"
        "Files\n"
        "estimate.nc           the whole fit: forcest.load() reads it back\n"
        "summary.csv           every measure at the last day with a claim; the interval is named in its column\n"
        "claims.csv            each claim beside what the fit expects its source to say\n"
        "curves.png            curves with the claims on them\n"
        "flow.png              where the deployed are\n"
        "bias.png              bias of the sources, with what was assumed\n"
        "claims.png            claims beside posterior predictions\n"
        "prior_predictive.png  claims beside what the priors alone expect\n"
    )


def _heard(fit: xr.DataTree) -> str:
    """Sources by the number of their fitted claims."""
    sources = Counter(fit["constant_data"]["source"].values.tolist())
    several = ", ".join(f"{source} {n}" for source, n in sources.most_common() if n > 1)
    once = sum(n == 1 for n in sources.values())
    return f"{_n(sum(sources.values()), 'claim')} of {_n(len(sources), 'source')}: {several}; {once} with one claim each."


def _left_out(fit: xr.DataTree) -> str:
    """Rows of the ledger that were not fitted on their own, by reason."""
    reasons = Counter(row["reason"] for row in json.loads(fit.attrs.get("left_out", "[]")))
    copies = sum(len(ids.split("+")) for ids in fit["constant_data"]["copies"].values.tolist() if ids)
    reasons |= {"merged: repeats another claim for the same date": copies} if copies else {}
    return "\n".join(f"{n:4d}  {reason}" for reason, n in reasons.most_common()) or "nothing"


def _summary_table(fit: xr.DataTree) -> Table:
    summary = fc.summary(fit)
    when = summary["date"].iloc[0]
    marks = " [QUICK]" * _is_quick(fit) + " [NOT CONVERGED]" * (not _converged(fit))
    table = Table(
        title=Text(f"{marks.strip()} Posterior at {when.day} {when:%B %Y}, {summary.attrs['interval']} intervals".strip())
    )
    several = len(set(summary["force"])) > 1
    table.add_column("measure")
    for title in ("median", "low", "high", "prior median", "claims"):
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
    return f"{x:,.0f}" if unit != "partner soldiers per soldier" else f"{x:.2f}"


def _problem_table(problems: pd.DataFrame, name: str) -> Table:
    table = Table(title=Text(f"Problems of {name}"))
    for column in ("row", "id", "column", "problem", "what to do"):
        table.add_column(column, justify="right" if column == "row" else "left", overflow="fold")
    for row in problems.to_dict("records"):
        mild = "" if row["severity"] == "error" else f"{row['severity']}: "
        problem = f'{mild}{row["rule"]}; got "{row["value"]}"'
        table.add_row(*(Text(str(cell)) for cell in (row["row"], row["id"], row["column"], problem, row["remedy"])))
    return table


def _converged(fit: xr.DataTree) -> bool:
    return bool(int(fit.attrs.get("converged", 0)))


def _is_quick(fit: xr.DataTree) -> bool:
    return bool(int(fit.attrs.get("quick", 0)))


def _verdict(fit: xr.DataTree) -> str:
    if not fit.attrs.get("finished", 1):
        return "UNFINISHED: the run was interrupted; what was drawn until then is written. Do not use these numbers."
    if not _converged(fit):
        return "The fit did NOT converge: do not use these numbers. forcest.diagnose(forcest.load(...)) says what to change."
    if _is_quick(fit):
        return "QUICK: the chains agree by the loose standard of a quick run only. Run without --quick for numbers to be used."
    return "The fit converged."


# --- files appear whole or not at all ---------------------------------------------------------------------------------


@contextmanager
def _staging(out: Path, force: bool) -> Iterator[Path]:
    """A folder beside `out` to write into, gone afterwards; whatever would prevent writing is found before the fit."""
    target = out.resolve()
    if target.exists() and not target.is_dir():
        raise ForcestError(f"--out must be a folder; got the file {out}. Name another folder.")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise ForcestError(f"--out must be a new or empty folder; {out} is not empty. Name another folder, or add --force.")
    staging = target.parent / f".{target.name}-{os.getpid()}.unfinished"
    target.parent.mkdir(parents=True, exist_ok=True)
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _publish(staging: Path, out: Path) -> None:
    """Put finished files into place: a new folder at once, into a folder that is forced one by one; its other files stay."""
    target = out.resolve()
    if not target.exists():
        staging.rename(target)
        return
    for file in sorted(staging.iterdir()):
        file.replace(target / file.name)


# --- words ------------------------------------------------------------------------------------------------------------


def _out() -> Console:
    return Console()


def _tell(text: str, *, error: bool = False) -> None:
    """One paragraph, never cut or wrapped by us: the terminal wraps it, a file keeps it whole."""
    Console(stderr=error).print(Text(text), soft_wrap=True)


def _n(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


@contextmanager
def _one_paragraph() -> Iterator[None]:
    """Turn whatever goes wrong into one paragraph and an exit code; FORCEST_DEBUG=1 keeps the traceback."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        _tell("Interrupted; no file was written.", error=True)
        raise typer.Exit(130) from None
    except Exception as problem:  # the last stop before the user: a traceback helps nobody there
        if os.environ.get("FORCEST_DEBUG"):
            raise
        _tell(f"Error: {_explained(problem)}", error=True)
        raise typer.Exit(problem.exit_code if isinstance(problem, ForcestError) else 2) from None


def _explained(problem: Exception) -> str:
    if isinstance(problem, ForcestError):
        return str(problem)
    if isinstance(problem, OSError):
        return f"{problem}. Check the path, the permissions and the free space."
    return (
        f"{type(problem).__name__}: {problem}. This is a fault of forcest, not of your data; "
        "please report it. FORCEST_DEBUG=1 shows where it happened."
    )


@contextmanager
def _warnings_as_paragraphs() -> Iterator[None]:
    """Say each warning meant for users once, without file names; the verdict speaks of convergence itself."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    said = {str(w.message): w for w in caught if issubclass(w.category, UserWarning)}
    for text, warning in said.items():
        if not issubclass(warning.category, (NotConvergedWarning, DeprecationWarning)):
            _tell(f"Warning: {text}", error=True)
