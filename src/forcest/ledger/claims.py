"""The class Ledger: an immutable table of claims, and the methods that check it and select from it."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from io import StringIO
from typing import ClassVar

import numpy as np
import pandas as pd

from forcest.errors import ForcestError, LedgerError, RenamedMethods
from forcest.ledger import lineage, schema
from forcest.ledger.cells import PLAIN, Notation, canonical, cell_text, read_date, typed
from forcest.ledger.formulas import inert_table, table_as_written
from forcest.ledger.problems import MISSING_COLUMN, Problem
from forcest.ledger.rows import Rows
from forcest.ledger.rules import find_problems
from forcest.ledger.selection import check_names, matching
from forcest.writing import write_whole

_SHOWN = 10
USABLE = "usable"


@dataclass(frozen=True, eq=False, repr=False)
class Ledger(RenamedMethods):
    """Public claims about a force, as read by :func:`forcest.read_ledger`.

    A ledger is immutable: every method that selects or renames returns a new one. Rows keep their number in the file (the
    header is row 1). Two ledgers are equal if they hold the same claims, in any order and file format.

    Parameters
    ----------
    text : DataFrame, indexed by row number
        All cells as text: first the columns of the schema, then any others.
    notation : Notation
        Decimal and thousands separators of that text.
    file_problems : tuple of Problem
        Problems of the file, its header or the layout of its rows.
    part : bool
        Whether ``origin`` and ``supersedes`` may name claims outside this ledger.

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

    # --- contents ---------------------------------------------------------------------------------------------

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
        """All problems of all rows.

        Returns
        -------
        DataFrame
            Columns row (as in a spreadsheet: the header is row 1), id, column, rule, value, remedy and severity
            (``"error"`` or ``"warning"``); no rows if there are no problems.
        """
        names = [f.name for f in fields(Problem)]
        table = pd.DataFrame([asdict(problem) for problem in self._problems], columns=names)
        return table.astype({name: "int64" if name == "row" else "str" for name in names})

    @cached_property
    def _status(self) -> pd.Series:
        status = [_own_status(*cells) for cells in zip(self.text["measure"], self.text["exclude"], strict=True)]
        links = lineage.links(self.text["id"], self.text["supersedes"])
        # An excluded correction has no effect.
        counted = [id_ for id_, own in zip(self.text["id"], status, strict=True) if own == USABLE]
        corrected = set(lineage.ancestors(links, *counted))
        in_force = lineage.latest(links, [id_ for id_ in dict.fromkeys(counted) if id_ not in corrected])
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
        """The rows to fit: not excluded, not an announcement, not superseded by another claim.

        Returns
        -------
        DataFrame
            Columns in the order of the schema: dates as datetime64[ns] (NaT if empty), numbers as float64 [persons] (NaN if
            empty), the others as text (``""`` if empty); index 0, 1, ...

        Raises
        ------
        LedgerError
            If the ledger has errors (the message and ``problems`` list them), or no usable rows.
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
                f"The ledger must have usable rows; got {found}. Add claims, drop fewer of them, or clear cells in exclude."
            )
        return fitted

    def forces(self) -> list[str]:
        """Names of the forces in the usable rows, in the order of the file."""
        return list(dict.fromkeys(self.text["force"][self._is_usable]))

    def sources(self) -> pd.DataFrame:
        """The sources, in descending order of their number of claims.

        Returns
        -------
        DataFrame
            Columns source, stance, n_claims, n_fitted, first and last (dates of publication), and measures.
        """
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
        """The claims that repeat others or are computed from them.

        Returns
        -------
        DataFrame
            One row per claim and id in its ``origin``. Columns id, origin, root (the original claim at the end of the chain;
            several are joined by ``+``), and same_date and same_measure (whether the two claims agree in these; missing if the
            origin is not in this ledger).
        """
        links = lineage.links(self.text["id"], self.text["origin"])
        claims = self._typed.drop_duplicates("id").set_index("id")
        ends, rows = lineage.ends(links, self.text["id"]), []
        root_of = {end: "+".join(lineage.roots(links, end)) for end in set(ends.values())}
        for id_, origin in ((id_, origin) for id_, named in links.items() for origin in named):
            claim, other = claims.loc[id_], claims.loc[origin] if origin in claims.index else None
            same = [pd.NA if other is None else bool(claim[name] == other[name]) for name in ("as_of", "measure")]
            rows.append([id_, origin, root_of[ends[origin]] if origin in ends else origin, *same])
        table = pd.DataFrame(rows, columns=["id", "origin", "root", "same_date", "same_measure"])
        return table.astype({"id": "str", "origin": "str", "root": "str", "same_date": "boolean", "same_measure": "boolean"})

    # --- selection ----------------------------------------------------------------------------------------------

    def known_by(self, date: str | dt.date) -> Ledger:
        """The claims published up to a date, that day included, as a backtest uses them.

        A claim whose correction is published later is usable again. A row whose date of publication cannot be read is kept,
        so that its problem stays visible.

        Parameters
        ----------
        date : str or date
            In ISO format if text, such as ``"2025-01-31"``.

        Returns
        -------
        Ledger

        Raises
        ------
        ForcestError
            If the date cannot be read.
        """
        day = read_date(cell_text(date))
        if day is None:
            raise ForcestError(f'date must be a date such as "2025-01-31"; got {date!r}. Write it as YYYY-MM-DD.')
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
        return self._kept(matching(self.text, criteria))

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
        return self._kept(~matching(self.text, criteria))

    def rename_sources(self, names: Mapping[str, str]) -> Ledger:
        """The same claims with sources renamed; sources that are given the same name become one.

        Parameters
        ----------
        names : mapping of str to str
            New names by old name.

        Returns
        -------
        Ledger

        Raises
        ------
        ForcestError
            If an old name does not occur in the ledger; similar ones are suggested.
        """
        check_names("source must be one in the ledger", names, self.text["source"])
        return replace(self, text=self.text.assign(source=self.text["source"].replace(dict(names))))

    def joined(self, other: Ledger) -> Ledger:
        """The claims of this ledger, followed by those of another with other ids.

        If an id occurs in both, the row of this ledger is kept, with its ``origin`` and ``supersedes``.

        Parameters
        ----------
        other : Ledger

        Returns
        -------
        Ledger
        """
        first, second = (canonical(ledger.text, ledger.notation) for ledger in (self, other))
        text = pd.concat([first, second[~second["id"].isin(first["id"])]]).fillna("").astype("str")
        return replace(self, text=text.set_axis(pd.RangeIndex(2, len(text) + 2, name="row")), notation=PLAIN, part=True)

    def _kept(self, mask: np.ndarray) -> Ledger:
        """The rows of a mask; links to a dropped row are replaced by the claims that row goes back to."""
        text, ids = self.text[mask], set(self.text["id"][mask])
        contracted = {}
        for column in ("origin", "supersedes"):
            links = lineage.links(self.text["id"], self.text[column])
            contracted[column] = ["+".join(lineage.contracted(links, id_, ids)) for id_ in text["id"]]
        return replace(self, text=text.assign(**contracted).astype("str"), part=self.part or not mask.all())

    # --- identity ----------------------------------------------------------------------------------------------

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str | None:
        """Write the ledger as canonical CSV: UTF-8, commas, ISO dates, plain numbers, all columns.

        Cells that cannot be read stay as they are. One that a spreadsheet program would run as a formula gets an apostrophe before
        it, which reading removes. ``Ledger.from_csv`` turns the text into an equal ledger.

        Parameters
        ----------
        path : path, optional
            The file to write.

        Returns
        -------
        str or None
            The text if no path is given.
        """
        text = inert_table(canonical(self.text, self.notation)).to_csv(index=False, lineterminator="\n")
        return text if path is None else write_whole(path, text)

    @classmethod
    def from_csv(cls, text: str) -> Ledger:
        """The ledger of a canonical text; ``origin`` and ``supersedes`` may name claims outside it.

        Parameters
        ----------
        text : str
            From :meth:`to_csv`.

        Returns
        -------
        Ledger

        Raises
        ------
        ForcestError
            If it is another text, such as the path of a file, which :func:`forcest.read_ledger` reads.
        """
        if not set(schema.NAMES) <= set(str(text).partition("\n")[0].split(",")):
            raise ForcestError(
                f"text must be what Ledger.to_csv() returns; got {str(text)[:60]!r}. To read a file, use read_ledger(path)."
            )
        table = pd.read_csv(StringIO(text), dtype="str", keep_default_na=False)
        return cls(text=table_as_written(table).set_axis(pd.RangeIndex(2, len(table) + 2, name="row")), part=True)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical rows in sorted order: the same for the same claims in any order and file format."""
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
        problems = f"{severity.count('error')} errors, {severity.count('warning')} warnings"
        return f"<Ledger: {len(self)} claims, {usable} usable, {n_sources} sources{when}; {problems}>"

    def _repr_html_(self) -> str:
        columns = ["row", "id", "published", "as_of", "measure", "scope", "value", "low", "high", "source", "status"]
        shown = self.to_dataframe()[columns].to_html(index=False, max_rows=20, na_rep="", border=0)
        return f"<p>{repr(self).strip('<>')}</p>{shown}"


def _joined(cells: Iterable[str]) -> str:
    return ", ".join(sorted(set(cells) - {""}))


def _own_status(measure: str, exclude: str) -> str:
    """The status of a row, corrections aside."""
    if exclude:
        return f"excluded: {exclude}"
    return "planned: an announcement" if measure == "planned" else USABLE
