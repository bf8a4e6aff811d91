"""The function ``draft``: proposed rows of a ledger as a table, by the rules of forcest or an extractor of the user's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping

import pandas as pd

from forcest.drafting.proposals import proposals
from forcest.drafting.sides import UNKNOWN
from forcest.errors import ForcestError
from forcest.ledger import schema
from forcest.ledger.cells import cell_text, read_date, typed
from forcest.ledger.reading import read_ledger

Extractor = Callable[[str, dt.date], Iterable[Mapping[str, object]]]

GIVEN = ("id", "published", "force", "url", "exclude")
"""Columns that the call or the table fills."""
FOR_A_PERSON = ("stance", "origin", "supersedes")
"""Columns that need more than the article."""
PROPOSED = tuple(name for name in schema.NAMES if name not in GIVEN + FOR_A_PERSON)
"""Columns that an extractor may fill, beside the quote."""


def draft(
    text: str,
    published: str | dt.date,
    *,
    force: str = "",
    url: str = "",
    extractor: Extractor | None = None,
) -> pd.DataFrame:
    """Propose rows of a ledger from the text of an article, each with its quote, for a person to accept.

    The rows are drafts: a reason in ``exclude`` keeps them out of every fit until a person has compared them with the quote, filled
    in the stance and whatever else is empty, and cleared that cell. The rules are for English prose; they need the extra
    ``forcest[draft]``, but no model and no network, and give the same rows every time.

    Parameters
    ----------
    text : str
        The article; a blank line ends a paragraph.
    published : str or date
        Day of publication, to which "yesterday" and "last week" refer; in ISO format if text.
    force, url : str
        What the columns ``force`` and ``url`` are to say in every row.
    extractor : callable, optional
        Proposes rows in place of the rules: called with the text and the day of publication (a date), it returns mappings from
        columns of a ledger to cells, each with a ``quote`` that occurs in the text letter by letter. It may fill all columns but
        id, published, force, url, exclude, stance, origin and supersedes.

    Returns
    -------
    DataFrame
        One row per proposal in the order of the text: the columns of a ledger (dates as datetime64[ns], numbers as float64
        [persons], the others as text) and ``quote``. ``note`` gives the side of the source where the passage tells it.

    Raises
    ------
    ForcestError
        If the date cannot be read, spaCy is not installed, or rows of the extractor are faulty; the message lists all of these.

    Examples
    --------
    >>> table = fc.draft("At least 40 of the invaders were killed in Monday's raid, the ministry said.", "2025-03-12")
    >>> table.loc[0, ["measure", "scope", "qualifier", "source", "note", "quote"]].tolist()
    ['killed', 'flow', 'at_least', 'ministry', 'side as the passage has it: enemy', 'At least 40 of the invaders']
    >>> print(table.loc[0, "value"], table.loc[0, "as_of"].date(), table.loc[0, "exclude"])
    40.0 2025-03-10 draft: compare the row with its quote, fill in what is empty, and clear this cell
    """
    day = read_date(cell_text(published))
    if day is None:
        raise ForcestError(f'published must be a date such as "2025-01-31"; got {published!r}. Write it as YYYY-MM-DD.')
    found = [dict(row) for row in (extractor or _by_rules)(text, day)]
    if extractor:
        _check(found, text)
    common = {"published": day.isoformat(), "force": force, "url": url, "exclude": schema.DRAFT}
    rows = [{**row, "id": f"d{number}", **common} for number, row in enumerate(found, start=1)]
    table = pd.DataFrame(rows, columns=[*schema.NAMES, schema.QUOTE], dtype=object).map(cell_text).astype("str")
    if extractor:
        _check_cells(table)
    return typed(table)


def _by_rules(text: str, published: dt.date) -> Iterator[dict[str, object]]:
    """The proposals of the rules as cells."""
    for row in proposals(text, published):
        yield {
            "as_of": row.as_of,
            "window_start": row.window[0] if row.window else None,
            "window_end": row.window[1] if row.window else None,
            "measure": row.measure,
            "scope": row.scope,
            "value": row.value,
            "low": row.low,
            "high": row.high,
            "qualifier": row.qualifier,
            "source": row.source,
            "via": row.via,
            "coverage": "partial" if row.partial else "total",
            "note": "" if row.side == UNKNOWN else f"side as the passage has it: {row.side}",
            "quote": row.quote,
        }


def _check(rows: list[dict[str, object]], text: str) -> None:
    """Raise one error for all rows of an extractor without a quote from the text, or with columns that it may not fill."""
    problems = []
    for number, row in enumerate(rows, start=1):
        quote = row.get(schema.QUOTE)
        if not isinstance(quote, str) or not quote or quote not in text:
            problems.append(f"row {number}: quote must occur in the text letter by letter; got {quote!r}")
        unknown = [str(name) for name in row if name not in (*PROPOSED, schema.QUOTE)]
        if unknown:
            problems.append(f"row {number}: columns must be {', '.join(PROPOSED)} or quote; got {', '.join(unknown)}")
    _raise(problems)


def _check_cells(table: pd.DataFrame) -> None:
    """Raise one error for all cells that a ledger could not read."""
    problems = read_ledger(table, part=True).problems().to_dict("records")
    errors = [problem for problem in problems if problem["severity"] == "error"]
    _raise([f'row {p["row"] - 1}: {p["column"]} {p["rule"]}; got "{p["value"]}". {p["remedy"]}' for p in errors])


def _raise(problems: list[str]) -> None:
    if problems:
        raise ForcestError("\n".join(["The extractor must propose rows of a ledger, each with its quote:", *problems]))
