"""The Economist's data on losses in the war in Ukraine as ledgers: estimates, and the UK's monthly figures.

The repository is https://github.com/TheEconomist/the-economist-ukraine-war-dead-and-wounded-estimates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from forcest.datasets.adapting import (
    RUSSIA,
    UKRAINE,
    Adapted,
    Column,
    Frame,
    Key,
    Source,
    count_text,
    dates,
    ledger_of,
    ledger_with_warning,
    numbers,
    publication_date_in,
    read_columns,
    require_values,
    summary_of,
)
from forcest.errors import ForcestError
from forcest.ledger import Ledger
from forcest.ledger.schema import STANCES

REPOSITORY = "https://github.com/TheEconomist/the-economist-ukraine-war-dead-and-wounded-estimates"
DAY_FIRST = "%d/%m/%Y"
FORCES = {"russia": RUSSIA, "ukraine": UKRAINE}
MEASURES = {"deaths": "killed", "casualties": "casualties"}

# --- estimates --------------------------------------------------------------------------------------------------------

ESTIMATES = "The Economist's estimates of deaths and casualties"
PARTY = "ignore for chart, data from warring parties"
ESTIMATE_COLUMNS = ("date", "estimate_low", "estimate_high", "estimate", "type", "source", "source_url", "country", PARTY)

SPELLINGS = {
    "UK Ministry of Defence": "UK MoD",  # as in The Economist's own script, like the next one
    "Pentagon leak": "US DoD",
    "The Centre for Strategic and International Studies": "CSIS",
    "Mediazona; Meduza (cumulative)": "Mediazona; Meduza",
    "Dutch Military Intelligence and Security Service (MIVD; note, timing clarified via email)": "MIVD",
    "Dutch Military Intelligence and Security Service (MIVD)": "MIVD",
}
SIDES = {
    "Armed Forces of Ukraine": "ukraine",
    "Office of the President of Ukraine": "ukraine",
    "Ukrainian estimate": "ukraine",
    "Yurii Butosov": "ukraine",
    "Russian Ministry of Defense": "russia",
    "Lostarmour": "russia",
}
"""Sources on the side of a belligerent: more than the file marks, since leaked and private figures have a side too."""
REGISTERS = ("Mediazona; Meduza", "Excess deaths estimate (D. Kobak)")
"""Estimates from registers of probate cases and of deaths."""
NAME_LISTS = ("UAlosses", "The Memory Book", "BBC Russia")
"""Lists of names: a single number from one of these is a lower bound for the total."""
DEFINITIONS = {"personnel-killed-or-wounded": "killed+wounded"}
"""Definition of casualties by a part of the URL."""

ESTIMATE_KEY = Key(
    columns=ESTIMATE_COLUMNS[:-1],
    names="estimate",
    keep="the first, which the others repeat",
    pandas="table.drop_duplicates()",
)


def read_economist_estimates(source: Source, *, stances: Mapping[str, str] | None = None, quiet: bool = False) -> Ledger:
    """Read The Economist's collection of estimates of deaths and casualties as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``Soldier deaths_casualties in Ukraine - estimates.csv``, such as ``fetch("economist_estimates")`` gives.
    stances : mapping of str to str, optional
        Stances by source, ``{source: stance}``, that replace those in the tables of this module.
    quiet : bool
        Whether to suppress the warning about rows left out (at present there are none).

    Returns
    -------
    Ledger
        One row per estimate. Low and high become a ``range`` (with the estimate, if stated, in value), low alone
        ``at_least``, high alone ``up_to``, a single number ``about``, or ``at_least`` if it is from a list of names. Belligerents
        are ``own`` or ``enemy``, estimates from registers ``record``, lists of names ``name_list``, all others ``third_party``.
        "(via NYT)" moves from the source to ``via``; different spellings of a source are unified.

    Raises
    ------
    ForcestError
        If columns are missing, a column contains unknown values, a row occurs twice, or the side of a source marked as a warring
        party is unknown.

    Notes
    -----
    The file has one date, taken as the date of the count. The date of publication is taken from the URL if it contains one (a
    date, or the id of a post on X); otherwise, the date of the count is assumed. Rows dated after the publication of their page
    are excluded, with that reason. The rows of "UK MoD" on the first of a month are running sums of the monthly figures that
    :func:`read_uk_mod_monthly` reads: use one or the other.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"date": "01/03/2023", "estimate_low": 40000, "estimate_high": 60000, "estimate": "", "type": "deaths"}
    >>> row |= {"source": "UK Ministry of Defence (via NYT)", "source_url": "https://example.org", "country": "russia"}
    >>> row |= {"ignore for chart, data from warring parties": ""}
    >>> claims = fc.datasets.read_economist_estimates(pd.DataFrame([row]))
    >>> claims.usable()[["source", "via", "qualifier", "low", "high"]].values.tolist()
    [['UK MoD', 'NYT', 'range', 40000.0, 60000.0]]
    """
    return ledger_with_warning(adapt_estimates(source, stances), ESTIMATES, quiet)


def adapt_estimates(source: Source, stances: Mapping[str, str] | None = None) -> Adapted:
    """The ledger and the summary of what becomes of the rows."""
    table = read_columns(source, ESTIMATES, ESTIMATE_COLUMNS[:-1], optional=ESTIMATE_COLUMNS[-1:])
    ESTIMATE_KEY.check(table)
    require_values(table, "type", MEASURES)
    require_values(table, "country", FORCES)
    table = table.assign(stated_source=table["source"], **_source_and_via(table["source"]))
    claims = pd.DataFrame(
        {
            "id": [f"economist-{row:03d}" for row in table.index],
            "as_of": dates(table, "date", DAY_FIRST),
            "force": table["country"].map(FORCES),
            "measure": table["type"].map(MEASURES),
            "scope": "cumulative",
            "source": table["source"],
            "via": table["via"],
            "stance": _estimate_stances(table, dict(stances or {})),
            "definition": _definitions(table),
        },
        index=table.index,
    )
    claims = claims.assign(**_counts(table), **_publication(claims["as_of"], table["source_url"]))
    claims["note"] = _estimate_notes(table, claims)
    claims["url"] = table["source_url"].where(table["source_url"].str.startswith("http"), REPOSITORY).str.split(" ").str[0]
    return Adapted(ledger_of(claims), _estimate_summary(claims))


def _source_and_via(sources: Column) -> dict[str, list[str]]:
    matches = [re.fullmatch(r"(.*?) \((?:leak )?via (.+)\)", name) for name in sources]
    plain = [match[1] if match else name for match, name in zip(matches, sources, strict=True)]
    return {"source": [SPELLINGS.get(name, name) for name in plain], "via": [match[2] if match else "" for match in matches]}


def _estimate_stances(table: Frame, chosen: dict[str, str]) -> list[str]:
    for name, stance in chosen.items():
        if stance not in STANCES:
            raise ForcestError(f'stances["{name}"] must be one of {", ".join(STANCES)}; got {stance!r}.')
    unknown = table[(table[PARTY] != "") & ~table["source"].isin([*SIDES, *chosen])]
    if len(unknown):
        name = unknown["source"].iloc[0]
        raise ForcestError(
            f'a source marked as a warring party must have a known side; that of "{name}" (row {unknown.index[0]}) is unknown. '
            f'Pass stances={{"{name}": "enemy"}} or "own".'
        )
    return [chosen.get(name) or _stance(name, country) for name, country in zip(table["source"], table["country"], strict=True)]


def _stance(source: str, country: str) -> str:
    if source in REGISTERS:
        return "record"
    if source in NAME_LISTS:
        return "name_list"
    if source not in SIDES:
        return "third_party"
    return "own" if SIDES[source] == country else "enemy"


def _definitions(table: Frame) -> list[str]:
    rows = zip(table["type"], table["source_url"], strict=True)
    return [next((d for part, d in DEFINITIONS.items() if part in url), "") if kind == "casualties" else "" for kind, url in rows]


def _counts(table: Frame) -> dict[str, Column]:
    """Value, low, high and qualifier of every estimate."""
    value, low, high = (numbers(table, name) for name in ("estimate", "estimate_low", "estimate_high"))
    value, is_point = value.fillna(low.where(low == high)), low == high
    low, high = low.mask(is_point), high.mask(is_point)
    forms = [low.notna() & high.notna(), value.notna() & table["source"].isin(NAME_LISTS), value.notna(), low.notna(), high.notna()]
    qualifier = np.select(forms, ["range", "at_least", "about", "at_least", "up_to"], default="")
    empty = table.index[qualifier == ""]
    if len(empty):
        raise ForcestError(f"a row must have an estimate, a low or a high; row {empty[0]} has none. Drop it.")
    return {"value": value, "low": low, "high": high, "qualifier": pd.Series(qualifier, index=table.index)}


def _publication(as_of: Column, urls: Column) -> dict[str, Column]:
    """Date of publication, reason to exclude a row dated after the publication of its page, and the date in its URL."""
    in_url = pd.Series(pd.to_datetime([publication_date_in(url) for url in urls]), index=as_of.index).astype("datetime64[ns]")
    late = (as_of - in_url) > pd.Timedelta(days=1)
    reasons = [
        f"dated after the publication of its page ({day:%Y-%m-%d})" if wrong else ""
        for day, wrong in zip(in_url, late, strict=True)
    ]
    published = in_url.where(in_url > as_of, as_of)
    return {"published": published, "exclude": pd.Series(reasons, index=as_of.index), "in_url": in_url}


def _estimate_notes(table: Frame, claims: Frame) -> list[str]:
    cells = pd.DataFrame(
        {
            "stated": table["stated_source"].where(table["stated_source"] != table["source"], ""),
            "undated": claims["in_url"].isna(),
            "names": (claims["qualifier"] == "at_least") & claims["value"].notna(),
            "remark": [url.partition(" ")[2] if url.startswith("http") else url for url in table["source_url"]],
        }
    )
    return [_estimate_note(row, **cell) for row, cell in zip(table.index, cells.to_dict("records"), strict=True)]


def _estimate_note(row: int, stated: str, undated: bool, names: bool, remark: str) -> str:
    parts = (
        f"Row {row}.",
        f'Source as written: "{stated}".' if stated else "",
        "Date of publication assumed." if undated else "",
        "A list of names, so a lower bound." if names else "",
        remark,
    )
    return " ".join(part for part in parts if part)


def _estimate_summary(claims: Frame) -> Frame:
    excluded = claims["exclude"] != ""
    groups: dict[tuple[str, str], int] = {}
    for kind, measure in MEASURES.items():
        of_kind = (claims["measure"] == measure) & ~excluded
        for qualifier in ("about", "range", "at_least", "up_to"):
            groups[kind, f"{measure}, {qualifier}"] = int((of_kind & (claims["qualifier"] == qualifier)).sum())
    groups["dated after the publication of their page", "excluded rows"] = int(excluded.sum())
    return summary_of(groups)


# --- UK Ministry of Defence, monthly ----------------------------------------------------------------------------------

UK_MONTHLY = "the UK Ministry of Defence's monthly figures"
AVERAGE, IN_MONTH = "casualties (average daily losses)", "casualties in month"
NEXT_MONTH = "date (at beginning of next month)"
UK_COLUMNS = ("month", "year", AVERAGE, "days in month", IN_MONTH, NEXT_MONTH, "source", "source_url")

UK_KEY = Key(
    columns=(NEXT_MONTH,),
    names="month",
    keep="the one that was published last",
    pandas=f'table.drop_duplicates("{NEXT_MONTH}", keep="last")',
)


def read_uk_mod_monthly(source: Source, *, quiet: bool = False) -> Ledger:
    """Read monthly Russian casualties according to the UK Ministry of Defence as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``... uk mod month-by-month estimates.csv``, such as ``fetch("uk_mod_monthly")`` gives.
    quiet : bool
        Whether to suppress the warning about rows left out (at present there are none).

    Returns
    -------
    Ledger
        One ``flow`` per month: the daily average that the ministry states times the days of the month. Stance
        ``third_party``, qualifier ``about``; the file does not document a definition of casualties, which stays empty. The
        cumulative column is The Economist's running sum, not a claim, and is not read.

    Raises
    ------
    ForcestError
        If columns are missing, a month occurs twice, or a monthly number is not the average times the days.

    Notes
    -----
    The posts cited as source are later than most of the months: the first 34 months were published in January 2025.

    Examples
    --------
    >>> import pandas as pd
    >>> month = {"month": "march", "year": 2022, "casualties (average daily losses)": 386, "days in month": 31}
    >>> month |= {"casualties in month": 11966, "date (at beginning of next month)": "01/04/2022"}
    >>> month |= {"source": "UK MoD", "source_url": "https://x.com/DefenceHQ/status/1876584633103507960"}
    >>> fc.datasets.read_uk_mod_monthly(pd.DataFrame([month])).usable()[["measure", "scope", "value"]].values.tolist()
    [['casualties', 'flow', 11966.0]]
    """
    return ledger_with_warning(adapt_uk_mod(source), UK_MONTHLY, quiet)


def adapt_uk_mod(source: Source) -> Adapted:
    """The ledger and the summary of what becomes of the rows."""
    table = read_columns(source, UK_MONTHLY, UK_COLUMNS)
    UK_KEY.check(table)
    end = dates(table, NEXT_MONTH, DAY_FIRST) - pd.Timedelta(days=1)
    average, days, total = (numbers(table, name) for name in (AVERAGE, "days in month", IN_MONTH))
    wrong = table.index[(average * days != total) | (end.dt.day != days)]
    if len(wrong):
        raise ForcestError(
            f"{IN_MONTH} must be the daily average times the days of the month; that of row {wrong[0]} is not. Correct or drop it."
        )
    claims = pd.DataFrame(
        {
            "id": [f"uk-mod-{day:%Y-%m}" for day in end],
            "as_of": end,
            "window_start": end.dt.to_period("M").dt.to_timestamp(),
            "window_end": end,
            "force": RUSSIA,
            "measure": "casualties",
            "scope": "flow",
            "value": total,
            "qualifier": "about",
            "source": table["source"],
            "stance": "third_party",
            "note": [f"{count_text(a)} a day on average, times {count_text(d)} days." for a, d in zip(average, days, strict=True)],
            "url": table["source_url"],
        },
        index=table.index,
    )
    claims["published"] = _publication(end, table["source_url"])["published"]
    return Adapted(ledger_of(claims), summary_of({("months", "casualties, flow of the month"): len(claims)}))
