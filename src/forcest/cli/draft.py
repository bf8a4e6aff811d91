"""``forcest draft``: rows of a ledger proposed from articles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

import forcest as fc
from forcest.cli.console import count_of, errors_as_messages, print_table, print_text
from forcest.errors import ForcestError
from forcest.writing import write_whole

if TYPE_CHECKING:
    import pandas as pd

SHOWN = ("id", "claim", "as_of", "source", "quote")


def draft(
    articles: Annotated[list[Path], typer.Argument(metavar="ARTICLE...", help="Articles: .txt, .md, .html or .pdf files.")],
    published: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Day of publication, YYYY-MM-DD, of the articles that do not give theirs."),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="The ledger to write; it must not exist.")] = None,
    force: Annotated[str, typer.Option(metavar="NAME", help="The force counted.")] = "",
    url: Annotated[str, typer.Option(metavar="URL", help="Address of the article.")] = "",
) -> None:
    """Propose rows of a ledger from the text of articles, each with its quote, for you to accept.

    Every row has a reason in `exclude`, so that it is not fitted before you have compared it with its quote.
    """
    with errors_as_messages():
        if out is not None:
            _check_out(out)
        table = _drafts(articles, published, force, url)
        if table.empty:
            print_text(f"No numbers of soldiers were found in {', '.join(path.name for path in articles)}.")
            return
        print_table(_shown(table))
        if out is None:
            print_text(f"{count_of(len(table), 'row')} proposed, none written. Write them to a file: --out drafts.csv")
            return
        _write(table, out)
        print_text(
            f"{out}: {count_of(len(table), 'row')} proposed. To accept a row, compare it with its quote, correct it, fill in the "
            f"stance and what else is empty, and clear its cell in the column exclude. Then: forcest check {out}"
        )


def _check_out(out: Path) -> None:
    if out.suffix.lower() != ".csv":
        raise ForcestError(f"--out must be a .csv file; got {out}. Name it {out.with_suffix('.csv').name}.")
    if out.exists():
        raise ForcestError(f"{out} exists already and is not overwritten. Name another file.")


def _drafts(articles: list[Path], published: str | None, force: str, url: str) -> pd.DataFrame:
    """The proposals from all articles; their ids begin with the name of the article."""
    import pandas as pd

    from forcest.drafting.reading import read_article

    tables = []
    for path in articles:
        article = read_article(path)
        day = article.published or published
        if day is None:
            raise ForcestError(f"{path}: the day of publication must be known; the file gives none. Pass --published YYYY-MM-DD.")
        if article.published:
            instead = f", not {published}" if published and str(day) != published else ""
            print_text(f"{path}: published {day}, as its metadata say{instead}.")
        table = fc.draft(article.text, day, force=force, url=url)
        tables.append(table.assign(id=[f"{path.stem.replace('+', '-')}-{n}" for n in range(1, len(table) + 1)]))
    return pd.concat(tables, ignore_index=True)


def _shown(table: pd.DataFrame) -> Table:
    shown = Table(title="Proposed rows")
    for name in SHOWN:
        shown.add_column(name, overflow="fold")
    for row in table.to_dict("records"):
        cells = row | {"claim": _claim(row), "as_of": f"{row['as_of']:%Y-%m-%d}"}
        shown.add_row(*(Text(cells[name]) for name in SHOWN))
    return shown


def _claim(row: dict) -> str:
    """What a row says: killed (cumulative): at_least 100."""
    ends = [f"{row[name]:,.10g}" for name in ("low", "high") if row[name] == row[name]]
    number = f"{row['value']:,.10g}" if row["value"] == row["value"] else " to ".join(ends)
    return f"{row['measure']} ({row['scope']}): {row['qualifier']} {number}".rstrip()


def _write(table: pd.DataFrame, out: Path) -> None:
    from forcest.ledger.formulas import inert_table

    text = inert_table(table).to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n", float_format="%.10g")
    write_whole(out, text)
