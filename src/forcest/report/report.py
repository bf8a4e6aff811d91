"""Write a report of a fit."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path
from textwrap import indent

import jinja2
import pandas as pd
import xarray as xr
from markupsafe import Markup

from forcest.attributes import LIMITS_OF_USE
from forcest.errors import ForcestError
from forcest.estimates.draws import group, interval_name, needs_reporting
from forcest.estimates.summary import summary
from forcest.inference.opened import OpenedFit
from forcest.report.exploration import exploration
from forcest.report.results import Results, date_of, results_of
from forcest.report.sections import banners, sections
from forcest.report.tables import Table

FORMATS = (".html", ".md", ".csv")
SAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
SPECIAL_IN_MARKDOWN = "\\`*_{}[]<>#+!|~&"


def report(
    fit: xr.DataTree,
    path: str | Path,
    *,
    influence: pd.DataFrame | None = None,
    contradictions: pd.DataFrame | None = None,
    scenarios: dict[str, xr.DataTree] | None = None,
) -> Path:
    """Write a fit as one self-contained page, as Markdown, or its numbers as CSV.

    Parameters
    ----------
    fit : DataTree
        A fit or a forecast.
    path : str or Path
        Where to write; the ending chooses the format: `.html`, `.md` or `.csv`. An existing file is replaced at once.
    influence : DataFrame, optional
        From :func:`forcest.influence`, such as one with refits; unless given, computed by importance weights where these are
        reliable.
    contradictions : DataFrame, optional
        From :func:`forcest.contradictions`; computed unless given.
    scenarios : dict of str to DataTree, optional
        Forecasts of this fit by the name of their scenario, all to one day and at most five; differences are from the first.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ForcestError
        An ending that names no format, or scenarios that are not forecasts of this fit to one day.

    Examples
    --------
    >>> fc.report(fit, "kursk.html").name
    'kursk.html'
    """
    needs_reporting(fit, "a report")
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in FORMATS:
        raise ForcestError(f"`path` must end in {', '.join(FORMATS)}; got {target.name!r}. Write for example report.html.")
    if ending == ".csv":
        text = _csv(fit)
    else:
        results = results_of(fit, influence, contradictions, scenarios or {})
        text = _html(results) if ending == ".html" else _markdown(results)
    unfinished = target.with_name(f".{target.name}-{os.getpid()}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def _title(results: Results) -> str:
    return f"{'Forecast' if results.opened.forecast_from else 'Estimate'}: {', '.join(results.forces)}"


def _html(results: Results) -> str:
    here = files("forcest.report")
    css, js = ((here / name).read_text(encoding="utf-8") for name in ("page.css", "explore.js"))
    data = exploration(results.fit, results.date)
    sources = group(results.fit, "constant_data")["source"].values.tolist()
    page = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True).from_string(
        (here / "page.html").read_text(encoding="utf-8")
    )
    return page.render(
        title=_title(results),
        marks=results.opened.verdict.prefix,
        banners=banners(results),
        date=results.date,
        interval=interval_name(0.9),
        n_claims=len(sources),
        n_sources=len(set(sources)),
        sections=sections(results, with_figures=True),
        explore=data,
        explore_json=Markup(_json_in_script(data)),
        css=Markup(css),
        js=Markup(js),
        csp=_policy(css, js),
        limits_of_use=LIMITS_OF_USE,
    )


def _policy(css: str, js: str) -> str:
    """Nothing is fetched, and nothing runs or styles but the two blocks of this page."""
    style, script = (base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") for text in (css, js))
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _json_in_script(data: dict) -> str:
    """JSON that cannot end the element it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(str.maketrans(SAFE_IN_SCRIPT))


def _markdown(results: Results) -> str:
    parts = [f"# {_plain(_title(results))}", *(f"> **{_plain(text)}**" for text in banners(results))]
    for section in sections(results, with_figures=False):
        parts += [f"## {section.title}", *(_plain(text) for text in section.texts)]
        parts += [f"{table.caption}\n\n{_markdown_table(table)}" for table in section.tables]
        parts += [indent(section.code.strip(), "    ")] if section.code else []
    return "\n\n".join([*parts, LIMITS_OF_USE]) + "\n"


def _markdown_table(table: Table) -> str:
    heads = [_plain(column.title) for column in table.columns]
    rule = ["---:" if column.numeric else "---" for column in table.columns]
    lines = [heads, rule, *([_plain(cell) for cell in row] for row in table.rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return "".join("\\" + c if c in SPECIAL_IN_MARKDOWN else c for c in " ".join(text.split()))


def _csv(fit: xr.DataTree) -> str:
    opened = OpenedFit.of(fit)
    return summary(fit, at=date_of(fit, opened)).assign(**opened.flags).to_csv(index=False, float_format="%.6g")
