"""The ledger itself: an immutable table of claims, and the ways to look at a part of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from forcest.errors import ForcestError, LedgerError, RenamedMethods
from forcest.ledger import lineage, schema
from forcest.ledger.cells import PLAIN, Notation, canonical, cell_text, read_date, typed
from forcest.ledger.problems import MISSING_COLUMN, Problem
from forcest.ledger.rows import Rows
from forcest.ledger.rules import find_problems
from forcest.ledger.spelling import did_you_mean

_SHOWN = 10
USABLE = "usable"


@dataclass(frozen=True, eq=False, repr=False)
class Ledger(RenamedMethods):
    """Public claims about a force, as read; made by :func:`forcest.read_ledger`.

    A ledger never changes: every method that selects or renames returns a new one. Rows keep the number they have in
    the file (the header is row 1). Two ledgers are equal when their contents are, in whatever order and format.

    Parameters
    ----------
    text : DataFrame, indexed by row number
        Every cell as text; the columns of the schema first, then unknown ones.
    notation : Notation
        How that text writes numbers.
    file_problems : tuple of Problem
        Faults that belong to the file or the layout of a row.
    part : bool
        Whether claims outside this ledger may be named as origin.

    Examples
    --------
    >>> early = ledger.known_by("2025-01-31").exclude(source="Zelensky")
    >>> bool((early.to_dataframe()["published"] <= "2025-01-31").all())
    True
    >>> early.problems().empty
    True
    >>> killed = ledger.filter(measure="killed")
    >>> set(killed.usable()["measure"])
    {'killed'}
    >>> ledger.sources().columns.tolist()
    ['source', 'stance', 'n_claims', 'n_fitted', 'first', 'last', 'measures']
    >>> fc.Ledger.from_csv(ledger.to_csv()) == ledger
    True
    """

    text: pd.DataFrame
    notation: Notation = PLAIN
    file_problems: tuple[Problem, ...] = ()
    part: bool = False

    _renamed: ClassVar = {"where": "filter", "without": "exclude", "table": "to_dataframe"}

    # --- what it holds ---------------------------------------------------------------------------------------------

    @cached_property
    def _typed(self) -> pd.DataFrame:
        return typed(self.text, self.notation)

    @cached_property
    def _problems(self) -> list[Problem]:
        absent = frozenset(p.column for p in self.file_problems if p.rule == MISSING_COLUMN)
        rows = Rows(self.text, self._typed, self.notation, absent, self.part)
        of_file = [p for p in self.file_problems if p.row == 1 or p.row in self.text.index]
        return sorted([*of_file, *find_problems(rows)], key=lambda problem: problem.row)

    def problems(self) -> pd.DataFrame:
        """Every fault of every row at once.

        Returns
        -------
        DataFrame
            Columns row (as in a spreadsheet: the header is row 1), id, column, rule, value, remedy and severity
            (``"error"`` or ``"warning"``); empty when the ledger is clean.
        """
        names = [f.name for f in fields(Problem)]
        table = pd.DataFrame([asdict(problem) for problem in self._problems], columns=names)
        return table.astype({name: "int64" if name == "row" else "str" for name in names})

    @cached_property
    def _status(self) -> pd.Series:
        status = [_standing(*cells) for cells in zip(self.text["measure"], self.text["exclude"], strict=True)]
        links = lineage.links(self.text["id"], self.text["supersedes"])
        # An excluded correction corrects nothing, just as if it were not there.
        counted = [id_ for id_, standing in zip(self.text["id"], status, strict=True) if standing == USABLE]
        corrects = {id_: lineage.ancestors(links, id_) for id_ in counted}
        corrected = {earlier for earliers in corrects.values() for earlier in earliers}
        in_force = {earlier: id_ for id_, earliers in corrects.items() if id_ not in corrected for earlier in earliers}
        for i, id_ in enumerate(self.text["id"]):
            if status[i] == USABLE and id_ in corrected:
                status[i] = f"superseded by {in_force.get(id_, id_)}"
        return pd.Series(status, index=self.text.index, dtype="str")

    @property
    def _is_usable(self) -> np.ndarray:
        return (self._status == USABLE).to_numpy(dtype=bool)

    def to_dataframe(self) -> pd.DataFrame:
        """All rows, whether or not they are fitted; :meth:`usable` returns those that are.

        Returns
        -------
        DataFrame
            ``row`` (number of the row in the file), the columns of the ledger (dates as datetime64[ns], numbers as float64
            [persons]) and ``status``: ``usable``, ``excluded: <reason>``, ``superseded by <id>`` or
            ``planned: an announcement``.
        """
        return self._typed.assign(status=self._status).reset_index()

    def usable(self) -> pd.DataFrame:
        """The rows to fit: not excluded, not an announcement, not corrected by a later claim.

        Returns
        -------
        DataFrame
            Columns in the order of the schema: dates as datetime64[ns] with NaT, numbers as float64 with NaN
            [persons], text with ``""`` for empty; index 0, 1, ...

        Raises
        ------
        LedgerError
            When the ledger has errors (all are named), or no usable rows.
        """
        errors = [problem for problem in self._problems if problem.severity == "error"]
        if errors:
            lines = [str(problem) for problem in errors[:_SHOWN]]
            more = len(errors) - _SHOWN
            lines += [f"and {more} more; see ledger.problems()"] if more > 0 else []
            n = "1 problem" if len(errors) == 1 else f"{len(errors)} problems"
            raise LedgerError("\n".join([f"The ledger has {n}:", *lines]), errors)
        fitted = self._typed.loc[self._is_usable, list(schema.NAMES)].reset_index(drop=True)
        if fitted.empty:
            why = self._status.str.split(":").str[0].value_counts()
            found = ", ".join(f"{n} {reason}" for reason, n in why.items()) or "no rows"
            raise LedgerError(
                f"The ledger must have usable rows; got {found}. Add claims, filter less, or empty the cell in exclude."
            )
        return fitted

    def forces(self) -> list[str]:
        """The forces that usable rows count, in the order of the file."""
        return list(dict.fromkeys(self.text["force"][self._is_usable]))

    def sources(self) -> pd.DataFrame:
        """Who claims: source, stance, n_claims, n_fitted, first and last date of publication, measures; busiest first."""
        claims = self._typed.assign(fitted=self._is_usable)
        table = claims.groupby("source", sort=False).agg(
            stance=("stance", _joined),
            n_claims=("fitted", "size"),
            n_fitted=("fitted", "sum"),
            first=("published", "min"),
            last=("published", "max"),
            measures=("measure", _joined),
        )
        return table.sort_values("n_claims", ascending=False, kind="stable").reset_index()

    def origins(self) -> pd.DataFrame:
        """Which claim repeats which.

        Returns
        -------
        DataFrame
            One row per claim and claim it names: id, origin, root (the original that the chain ends at; several are
            joined by ``+``), same_date and same_measure as the origin (missing where the origin is not in the ledger).
        """
        links = lineage.links(self.text["id"], self.text["origin"])
        claims = self._typed.drop_duplicates("id").set_index("id")
        rows = []
        for id_, origin in ((id_, origin) for id_, named in links.items() for origin in named):
            here, there = claims.loc[id_], claims.loc[origin] if origin in claims.index else None
            same = [pd.NA if there is None else bool(here[name] == there[name]) for name in ("as_of", "measure")]
            rows.append([id_, origin, "+".join(lineage.roots(links, origin)), *same])
        table = pd.DataFrame(rows, columns=["id", "origin", "root", "same_date", "same_measure"])
        return table.astype({"id": "str", "origin": "str", "root": "str", "same_date": "boolean", "same_measure": "boolean"})

    # --- a part of it ----------------------------------------------------------------------------------------------

    def known_by(self, date: str | dt.date) -> Ledger:
        """What was published by a date (that day included): what a backtest may see.

        A claim whose correction is not yet published counts again. A row whose date of publication cannot be read is
        kept, so that its problem is not hidden.
        """
        day = read_date(cell_text(date))
        if day is None:
            raise ForcestError(f'date must be a day such as "2025-01-31"; got {date!r}.')
        return self._kept(~(self._typed["published"].to_numpy() > np.datetime64(day)))

    def filter(self, **criteria: str | Iterable[str]) -> Ledger:
        """Keep the claims that meet every criterion, such as ``filter(source=["HUR", "NIS"], measure="killed")``.

        Parameters
        ----------
        **criteria : str or iterable of str
            Accepted values by column; columns of dates and numbers cannot be used. ``origin="nk076"`` selects that claim
            and every claim that repeats it or is computed from it, directly or through other claims.

        Returns
        -------
        Ledger

        Raises
        ------
        ForcestError
            If no criterion is given, or a column or value does not occur in the ledger; similar ones are suggested.
        """
        return self._kept(self._matching(criteria))

    def exclude(self, **criteria: str | Iterable[str]) -> Ledger:
        """Drop the claims that :meth:`filter` with the same criteria keeps.

        Parameters
        ----------
        **criteria : str or iterable of str
            As in :meth:`filter`.

        Returns
        -------
        Ledger

        Raises
        ------
        ForcestError
            As in :meth:`filter`.
        """
        return self._kept(~self._matching(criteria))

    def rename_sources(self, names: Mapping[str, str]) -> Ledger:
        """The same claims with sources renamed, ``{old: new}``; two sources become one when they get one name."""
        _check_names("source", names, self.text["source"])
        return replace(self, text=self.text.assign(source=self.text["source"].replace(dict(names))))

    def joined(self, other: Ledger) -> Ledger:
        """The claims of this ledger, and those of another whose ids it does not have.

        Of a claim that both have this ledger's row stands, and with it what it says of origin and correction.
        """
        mine, theirs = (canonical(ledger.text, ledger.notation) for ledger in (self, other))
        text = pd.concat([mine, theirs[~theirs["id"].isin(mine["id"])]]).fillna("").astype("str")
        return replace(self, text=text.set_axis(pd.RangeIndex(2, len(text) + 2, name="row")), notation=PLAIN, part=True)

    def _matching(self, criteria: Mapping[str, str | Iterable[str]]) -> np.ndarray:
        if not criteria:
            raise ForcestError('at least one column must be given; got none. Write, for example, source="HUR".')
        matching = np.ones(len(self), dtype=bool)
        for column, accepted in criteria.items():
            _check_names("column", [column], schema.TEXTS)
            values = [accepted] if isinstance(accepted, str) else list(accepted)
            matching &= self._descending(values) if column == "origin" else self._holding(column, values)
        return matching

    def _holding(self, column: str, values: list[str]) -> np.ndarray:
        _check_names(column, values, self.text[column])
        return self.text[column].isin(values).to_numpy(dtype=bool)

    def _descending(self, origins: list[str]) -> np.ndarray:
        links = lineage.links(self.text["id"], self.text["origin"])
        line = {id_: {id_, *lineage.ancestors(links, id_)} for id_ in self.text["id"]}
        _check_names("origin", origins, set().union(*line.values()))
        return np.array([not line[id_].isdisjoint(origins) for id_ in self.text["id"]], dtype=bool)

    def _kept(self, mask: np.ndarray) -> Ledger:
        """The rows of a mask; what pointed at a dropped row points past it, at what that row goes back to."""
        text, ids = self.text[mask], set(self.text["id"][mask])
        past = {}
        for column in ("origin", "supersedes"):
            links = lineage.links(self.text["id"], self.text[column])
            past[column] = ["+".join(lineage.contracted(links, id_, ids)) for id_ in text["id"]]
        return replace(self, text=text.assign(**past).astype("str"), part=self.part or not mask.all())

    # --- its identity ----------------------------------------------------------------------------------------------

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """The canonical text: UTF-8, comma, ISO dates, plain numbers, all columns; cells that cannot be read as they stood.

        ``Ledger.from_csv`` of it equals this ledger.

        Parameters
        ----------
        path : path, optional
            Where to write; the text is returned when there is none.
        """
        text = canonical(self.text, self.notation).to_csv(index=False, lineterminator="\n")
        if path is None:
            return text
        Path(path).write_text(text, encoding="utf-8", newline="")
        return None

    @classmethod
    def from_csv(cls, text: str) -> Ledger:
        """The ledger, or part of one, whose canonical text this is."""
        table = pd.read_csv(StringIO(text), dtype="str", keep_default_na=False)
        return cls(text=table.set_axis(pd.RangeIndex(2, len(table) + 2, name="row")), part=True)

    @cached_property
    def hash(self) -> str:
        """sha256 of the canonical rows in sorted order: the same for the same claims in any order and file format."""
        table = canonical(self.text, self.notation)
        lines = ["\x1f".join(table.columns), *sorted("\x1f".join(row) for row in table.itertuples(index=False))]
        return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ledger) and self.hash == other.hash

    def __hash__(self) -> int:
        return int(self.hash[:15], 16)

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        severity = [problem.severity for problem in self._problems]
        days = self._typed["published"].dropna()
        when = f", published {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(days) else ""
        usable = int(self._is_usable.sum())
        n_sources = self.text["source"].replace("", np.nan).nunique()
        faults = f"{severity.count('error')} errors, {severity.count('warning')} warnings"
        return f"<Ledger: {len(self)} claims, {usable} usable, {n_sources} sources{when}; {faults}>"

    def _repr_html_(self) -> str:
        columns = ["row", "id", "published", "as_of", "measure", "scope", "value", "low", "high", "source", "status"]
        shown = self.to_dataframe()[columns].to_html(index=False, max_rows=20, na_rep="", border=0)
        return f"<p>{repr(self).strip('<>')}</p>{shown}"


def _joined(cells: Iterable[str]) -> str:
    return ", ".join(sorted(set(cells) - {""}))


def _standing(measure: str, exclude: str) -> str:
    """What a row is good for by itself, corrections aside."""
    if exclude:
        return f"excluded: {exclude}"
    return "planned: an announcement" if measure == "planned" else USABLE


def _check_names(what: str, wanted: Iterable[object], known: Iterable[str]) -> None:
    """Refuse names that are not there, with the near ones."""
    known = dict.fromkeys(known)
    for name in wanted:
        if name not in known:
            hint = did_you_mean(str(name), known) or f"Known: {', '.join(list(known)[:20])}."
            raise ForcestError(f"{what} must be one of the ledger's; got {name!r}. {hint}")
