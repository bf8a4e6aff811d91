# pyright: reportAttributeAccessIssue=false
# pandas types a subset of what it accepts.
"""``forcest bench``: ledgers of past wars, scored against what was established later."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.arguments import Seed
from forcest.cli.console import errors_as_messages, print_table, print_text
from forcest.cli.files import save
from forcest.errors import ForcestError

if TYPE_CHECKING:
    import pandas as pd

    from forcest.report.tables import Table as Shown


def bench(
    war: Annotated[
        list[str] | None,
        typer.Option(
            "--war", metavar="NAME", help="A shipped war, or NAME.csv beside NAME.outcomes.csv; repeat it; all unless given."
        ),
    ] = None,
    known_by: Annotated[
        list[str] | None,
        typer.Option("--known-by", metavar="DATE", help='A date, a share of the claims such as 1/3, or "all"; can be repeated.'),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="MODULE:FUNCTION", help="A model of your own, see fc.claim_bench."),
    ] = None,
    seed: Seed = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Coarse and short fits, to try things out.")] = False,
    compare: Annotated[Path | None, typer.Option(metavar="OLD.csv", help="bench.csv of an earlier run, to compare with.")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; an interrupted run resumes there.")] = Path(
        "forcest-bench"
    ),
) -> None:
    """Fit ledgers of past wars as any user would, and score the estimates against what was established later.

    Each ledger is fitted as it stands, and as of the days by which a third and two thirds of its claims had been published.
    Exit code 1 where something failed; the others are scored, and the files say so.
    """
    with errors_as_messages():
        import matplotlib as mpl

        mpl.use("Agg")
        before = None if compare is None else _earlier(compare)
        options: dict[str, Any] = {} if known_by is None else {"known_by": known_by}
        found = fc.claim_bench(
            None if model is None else _function(model),
            wars=war,
            random_seed=seed,
            quick=quick,
            folder=out / "answers",
            callback=lambda done: print_text(f"Done: {done}", error=True),
            **options,
        )
        _write(found, out)
        _show(found)
        if before is not None:
            print_table(_comparison(found.compared_with(before)))
        print_text(f"Written to {out}: bench.html, bench.csv, bench.png, table.md, and every answer in answers/.")
        if len(found.failed):
            raise typer.Exit(1)


def _earlier(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(path)


def _function(name: str) -> Any:
    """The function that MODULE:FUNCTION names; modules are also looked for in the working folder."""
    module, colon, function = name.partition(":")
    if not (module and colon and function):
        raise ForcestError(f"--model must be MODULE:FUNCTION, such as mymodel:estimate; got {name!r}.")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), function, None)
    except ModuleNotFoundError as problem:
        raise ForcestError(f"--model: {problem}. Run the command in the folder of the module, or install it.") from problem
    finally:
        sys.path.pop(0)
    if not callable(found):
        raise ForcestError(f"--model: the module {module} has no function {function}. Spell it as the module does.")
    return found


def _write(found: fc.ClaimBench, out: Path) -> None:
    from forcest.report.bench import markdown_tables

    fc.report(found, out / "bench.html")
    fc.report(found, out / "bench.csv")
    save(fc.plots.claim_bench(found), out / "bench.png")
    (out / "table.md").write_text(markdown_tables(found), encoding="utf-8")


def _show(found: fc.ClaimBench) -> None:
    from forcest.report.bench import headline_tables

    for table in headline_tables(found)[:2]:  # all models beside one another are too wide for a terminal
        print_table(_on_terminal(table))
    print_text(str(found))


def _on_terminal(shown: Shown) -> Table:
    table = Table(title=Text(shown.caption), title_justify="left")
    for column in shown.columns:
        table.add_column(column.title, justify="right" if column.numeric else "left")
    for row in shown.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _comparison(pairs: pd.DataFrame) -> Table:
    title = "Before and after, on the outcomes that both estimate (gain above 0: better than before)"
    from forcest.report.bench import with_error

    table = Table(title=Text(title), title_justify="left")
    for name in ("war", "claims"):
        table.add_column(name)
    for name in ("n", "inside", "log score", "gain", "CRPS", "gain"):
        table.add_column(name, justify="right")
    for row in pairs.itertuples():
        table.add_row(
            str(row.war), str(row.vintage), str(row.n), f"{row.inside_before} → {row.inside}",
            f"{row.log_score_before:.2f} → {row.log_score:.2f}", with_error(row.log_score_gain, row.log_score_gain_se),
            f"{row.crps_before:.2f} → {row.crps:.2f}", with_error(row.crps_gain, row.crps_gain_se),
        )  # fmt: skip
    return table
