"""The Economist's collection on the war in Ukraine as ledgers: estimates, UK monthly figures, Meduza's weekly series.

The repository is https://github.com/TheEconomist/the-economist-ukraine-war-dead-and-wounded-estimates.
"""

from __future__ import annotations

import datetime as dt
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
    Source,
    account_of,
    columns_of,
    counted,
    dates,
    finished,
    ledger_of,
    numbers,
    one_of,
    published_by_address,
)
from forcest.errors import ForcestError
from forcest.ledger import Ledger
from forcest.ledger.cells import cell_text, read_date
from forcest.ledger.schema import STANCES as STANCE_WORDS

REPOSITORY = "https://github.com/TheEconomist/the-economist-ukraine-war-dead-and-wounded-estimates"
DAY_FIRST = "%d/%m/%Y"
FORCES = {"russia": RUSSIA, "ukraine": UKRAINE}
MEASURES = {"deaths": "killed", "casualties": "casualties"}

# --- estimates --------------------------------------------------------------------------------------------------------

ESTIMATES = "The Economist's estimates of deaths and casualties"
PARTY = "ignore for chart, data from warring parties"
ESTIMATE_COLUMNS = ("date", "estimate_low", "estimate_high", "estimate", "type", "source", "source_url", "country", PARTY)

SPELLINGS = {
    "UK Ministry of Defence": "UK MoD",  # so does The Economist's own script, and the next
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
"""The sources on the side of a belligerent; more than the file marks, because a leaked or private figure has a side too."""
REGISTERS = ("Mediazona; Meduza", "Excess deaths estimate (D. Kobak)")
"""Built on the registers of probate cases and of deaths."""
NAME_LISTS = ("UAlosses", "The Memory Book", "BBC Russia")
"""Lists of names: a plain number of theirs bounds the total from below."""
DEFINITIONS = {"personnel-killed-or-wounded": "killed+wounded"}
"""What an address says about the casualties that its page counts."""


def read_economist_estimates(source: Source, *, stances: Mapping[str, str] | None = None, quiet: bool = False) -> Ledger:
    """The Economist's collected estimates of deaths and casualties as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``Soldier deaths_casualties in Ukraine - estimates.csv``, such as ``fetch("economist_estimates")`` gives.
    stances : mapping of str to str, optional
        Stance of a source, ``{source: stance}``, where it shall differ from the tables of this module.
    quiet : bool
        Do not warn of rows that are left out (at present there are none).

    Returns
    -------
    Ledger
        One row for one estimate: low and high are one range (its middle, where stated, stands in value), low alone
        is ``at_least``, high alone ``up_to``, a single number ``about``. Parties are ``own`` or ``enemy``, estimates from
        registers and lists of names ``record``, all others ``third_party``. A plain number of a list of names is
        ``at_least``. "(via NYT)" moves from the source into ``via``; spellings of one source are made one.

    Raises
    ------
    ForcestError
        When the columns or words are not those of the file, or a source that it marks as a warring party is unknown.

    Notes
    -----
    The file has one date, taken as that of the count. The date of publication is read from the address where it
    carries one (a day, or a post on X), else that of the count is assumed. Rows dated after the page that carries
    them are excluded, with that reason. The rows "UK MoD" at the first of a month are running sums of the monthly
    figures, which :func:`read_uk_mod_monthly` reads: use one or the other.

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
    return finished(adapt_estimates(source, stances), ESTIMATES, quiet)


def adapt_estimates(source: Source, stances: Mapping[str, str] | None = None) -> Adapted:
    """The ledger and the account of every row."""
    table = columns_of(source, ESTIMATES, ESTIMATE_COLUMNS[:-1], optional=ESTIMATE_COLUMNS[-1:])
    one_of(table, "type", MEASURES)
    one_of(table, "country", FORCES)
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
    return Adapted(ledger_of(claims), _estimate_account(claims))


def _source_and_via(sources: Column) -> dict[str, list[str]]:
    matches = [re.fullmatch(r"(.*?) \((?:leak )?via (.+)\)", name) for name in sources]
    plain = [match[1] if match else name for match, name in zip(matches, sources, strict=True)]
    return {"source": [SPELLINGS.get(name, name) for name in plain], "via": [match[2] if match else "" for match in matches]}


def _estimate_stances(table: Frame, chosen: dict[str, str]) -> list[str]:
    for name, stance in chosen.items():
        if stance not in STANCE_WORDS:
            raise ForcestError(f'stances["{name}"] must be one of {", ".join(STANCE_WORDS)}; got {stance!r}.')
    unknown = table[(table[PARTY] != "") & ~table["source"].isin([*SIDES, *chosen])]
    if len(unknown):
        name = unknown["source"].iloc[0]
        raise ForcestError(
            f'a source that the file marks as a warring party must have a side; "{name}" (row {unknown.index[0]}) has none. '
            f'Pass stances={{"{name}": "enemy"}} or "own".'
        )
    return [chosen.get(name) or _stance(name, country) for name, country in zip(table["source"], table["country"], strict=True)]


def _stance(source: str, country: str) -> str:
    if source in (*REGISTERS, *NAME_LISTS):
        return "record"
    if source not in SIDES:
        return "third_party"
    return "own" if SIDES[source] == country else "enemy"


def _definitions(table: Frame) -> list[str]:
    rows = zip(table["type"], table["source_url"], strict=True)
    return [next((d for words, d in DEFINITIONS.items() if words in url), "") if kind == "casualties" else "" for kind, url in rows]


def _counts(table: Frame) -> dict[str, Column]:
    """Value, low, high and qualifier: one row for one estimate, whatever it states."""
    value, low, high = (numbers(table, name) for name in ("estimate", "estimate_low", "estimate_high"))
    value, collapsed = value.fillna(low.where(low == high)), low == high
    low, high = low.mask(collapsed), high.mask(collapsed)
    forms = [low.notna() & high.notna(), value.notna() & table["source"].isin(NAME_LISTS), value.notna(), low.notna(), high.notna()]
    qualifier = np.select(forms, ["range", "at_least", "about", "at_least", "up_to"], default="")
    nothing = table.index[qualifier == ""]
    if len(nothing):
        raise ForcestError(f"a row must state an estimate, a low or a high; row {nothing[0]} states none. Drop it.")
    return {"value": value, "low": low, "high": high, "qualifier": pd.Series(qualifier, index=table.index)}


def _publication(as_of: Column, urls: Column) -> dict[str, Column]:
    """When each row was published, and a reason to exclude those dated after the page that carries them."""
    carried = pd.Series(pd.to_datetime([published_by_address(url) for url in urls]), index=as_of.index).astype("datetime64[ns]")
    late = (as_of - carried) > pd.Timedelta(days=1)
    reasons = [
        f"dated after the page that carries it ({day:%Y-%m-%d})" if wrong else "" for day, wrong in zip(carried, late, strict=True)
    ]
    published = carried.where(carried > as_of, as_of)
    return {"published": published, "exclude": pd.Series(reasons, index=as_of.index), "carried": carried}


def _estimate_notes(table: Frame, claims: Frame) -> list[str]:
    cells = pd.DataFrame(
        {
            "stated": table["stated_source"].where(table["stated_source"] != table["source"], ""),
            "undated": claims["carried"].isna(),
            "names": (claims["qualifier"] == "at_least") & claims["value"].notna(),
            "remark": [url.partition(" ")[2] if url.startswith("http") else url for url in table["source_url"]],
        }
    )
    return [_estimate_note(row, **cell) for row, cell in zip(table.index, cells.to_dict("records"), strict=True)]


def _estimate_note(row: int, stated: str, undated: bool, names: bool, remark: str) -> str:
    parts = (
        f"Row {row}.",
        f'Source as written: "{stated}".' if stated else "",
        "Published on that day by assumption." if undated else "",
        "A list of names: counts those found." if names else "",
        remark,
    )
    return " ".join(part for part in parts if part)


def _estimate_account(claims: Frame) -> Frame:
    excluded = claims["exclude"] != ""
    groups: dict[tuple[str, str], int] = {}
    for kind, measure in MEASURES.items():
        of_kind = (claims["measure"] == measure) & ~excluded
        for qualifier in ("about", "range", "at_least", "up_to"):
            groups[kind, f"{measure}, {qualifier}"] = int((of_kind & (claims["qualifier"] == qualifier)).sum())
    groups["dated after the page that carries them", "excluded rows"] = int(excluded.sum())
    return account_of(groups)


# --- UK Ministry of Defence, monthly ----------------------------------------------------------------------------------

UK_MONTHLY = "the UK Ministry of Defence's monthly figures"
AVERAGE, IN_MONTH = "casualties (average daily losses)", "casualties in month"
NEXT_MONTH = "date (at beginning of next month)"
UK_COLUMNS = ("month", "year", AVERAGE, "days in month", IN_MONTH, NEXT_MONTH, "source", "source_url")


def read_uk_mod_monthly(source: Source, *, quiet: bool = False) -> Ledger:
    """Russian casualties month by month after the UK Ministry of Defence, as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``... uk mod month-by-month estimates.csv``, such as ``fetch("uk_mod_monthly")`` gives.
    quiet : bool
        Do not warn of rows that are left out (at present there are none).

    Returns
    -------
    Ledger
        One flow a month: the average day that the ministry states times the days of the month. Third party,
        ``about``; the definition of casualties is not documented in the file and stays empty. The cumulative column is
        The Economist's running sum and no claim of its own: it is not read.

    Raises
    ------
    ForcestError
        When the columns are not those of the file, or a month is not its average times its days.

    Notes
    -----
    The posts named as source are later than most months they show: the first 34 months are known by January 2025 only.

    Examples
    --------
    >>> import pandas as pd
    >>> month = {"month": "march", "year": 2022, "casualties (average daily losses)": 386, "days in month": 31}
    >>> month |= {"casualties in month": 11966, "date (at beginning of next month)": "01/04/2022"}
    >>> month |= {"source": "UK MoD", "source_url": "https://x.com/DefenceHQ/status/1876584633103507960"}
    >>> fc.datasets.read_uk_mod_monthly(pd.DataFrame([month])).usable()[["measure", "scope", "value"]].values.tolist()
    [['casualties', 'flow', 11966.0]]
    """
    return finished(adapt_uk_mod(source), UK_MONTHLY, quiet)


def adapt_uk_mod(source: Source) -> Adapted:
    """The ledger and the account of every row."""
    table = columns_of(source, UK_MONTHLY, UK_COLUMNS)
    end = dates(table, NEXT_MONTH, DAY_FIRST) - pd.Timedelta(days=1)
    average, days, total = (numbers(table, name) for name in (AVERAGE, "days in month", IN_MONTH))
    wrong = table.index[(average * days != total) | (end.dt.day != days)]
    if len(wrong):
        raise ForcestError(
            f"{IN_MONTH} must be the average times the days of the month; row {wrong[0]} is not. Correct or drop it."
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
            "note": [f"{counted(a)} a day on average, times {counted(d)} days." for a, d in zip(average, days, strict=True)],
            "url": table["source_url"],
        },
        index=table.index,
    )
    claims["published"] = _publication(end, table["source_url"])["published"]
    return Adapted(ledger_of(claims), account_of({("months", "casualties, flow of the month"): len(claims)}))


# --- Meduza, weekly ---------------------------------------------------------------------------------------------------

MEDUZA = "Meduza's weekly series"
MEDUZA_COLUMNS = ("Year", "Week", "ED", "EDPrediction", "EDAssembled", "EDAssembledHigh", "EDAssembledLow")
INVASION = pd.Timestamp("2022-02-24")


def read_meduza_weekly(source: Source, *, published: str | dt.date = "2026-08-22", quiet: bool = False) -> Ledger:
    """Russian deaths week by week, estimated from the probate register by Meduza and Mediazona, as a ledger.

    Parameters
    ----------
    source : path or DataFrame
        ``meduza_2026_weekly.csv``, such as ``fetch("meduza_weekly")`` gives.
    published : date
        When the series was public. The file does not say; the default is the last day of The Economist's own
        estimates in the same commit, by which it was.
    quiet : bool
        Do not warn of rows that are left out (at present there are none).

    Returns
    -------
    Ledger
        One flow of killed for each ISO week of death (``EDAssembled``: excess probate cases plus missing), with its
        95 % bounds as a range, stance ``record``, whole persons; bounds that the file has crossed are exchanged. Weeks
        whose dead are predicted by the authors' model are no record: they are excluded, with that reason. The week of
        24 February 2022 begins on that day.

    Raises
    ------
    ForcestError
        When the columns are not those of the file.

    Notes
    -----
    The columns of parts and of named lists (``Bmz...``, ``ED...``, ``EC...``) are not read: they are the same deaths again.

    Examples
    --------
    >>> import pandas as pd
    >>> week = {"Year": 2022, "Week": 9, "ED": 650.6, "EDPrediction": "", "EDAssembled": 691.0}
    >>> weeks = pd.DataFrame([week | {"EDAssembledHigh": 822.3, "EDAssembledLow": 559.8}])
    >>> fc.datasets.read_meduza_weekly(weeks).usable()[["measure", "low", "high", "stance"]].values.tolist()
    [['killed', 560.0, 822.0, 'record']]
    """
    return finished(adapt_meduza(source, published), MEDUZA, quiet)


def adapt_meduza(source: Source, published: str | dt.date = "2026-08-22") -> Adapted:
    """The ledger and the account of every row."""
    table = columns_of(source, MEDUZA, MEDUZA_COLUMNS)
    day = read_date(cell_text(published))
    if day is None:
        raise ForcestError(f'published must be a date such as "2026-08-22"; got {published!r}. Write it as YYYY-MM-DD.')
    year, week = numbers(table, "Year").astype(int), numbers(table, "Week").astype(int)
    monday = pd.Series([pd.Timestamp.fromisocalendar(y, w, 1) for y, w in zip(year, week, strict=True)], index=table.index)
    bounds = pd.DataFrame({name: numbers(table, name) for name in ("EDAssembledLow", "EDAssembledHigh")})
    crossed = bounds["EDAssembledLow"] > bounds["EDAssembledHigh"]
    turned = [" (exchanged: the file has the low above the high)." if wrong else "." for wrong in crossed]
    predicted = numbers(table, "ED").isna() & numbers(table, "EDPrediction").notna()
    claims = pd.DataFrame(
        {
            "id": [f"meduza-{y}-W{w:02d}" for y, w in zip(year, week, strict=True)],
            "published": pd.Timestamp(day),
            "as_of": monday + pd.Timedelta(days=6),
            "window_start": monday.clip(lower=INVASION),
            "window_end": monday + pd.Timedelta(days=6),
            "force": RUSSIA,
            "measure": "killed",
            "scope": "flow",
            "value": numbers(table, "EDAssembled").round(),
            "low": bounds.min(axis="columns").round().clip(lower=0),
            "high": bounds.max(axis="columns").round(),
            "qualifier": "range",
            "source": "Mediazona; Meduza",
            "stance": "record",
            "exclude": predicted.map({True: "predicted by the authors' model, not from records", False: ""}),
            "note": ["By week of death; excess probate cases plus missing, with 95 % bounds" + word for word in turned],
            "url": REPOSITORY,
        },
        index=table.index,
    )
    groups = {
        ("weeks from records", "killed, flow of the week"): (~predicted).sum(),
        ("weeks predicted", "excluded rows"): predicted.sum(),
    }
    return Adapted(ledger_of(claims), account_of(groups))
