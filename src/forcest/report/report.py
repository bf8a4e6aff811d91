"""The one verb of this room: write a report of a fit."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections import Counter
from importlib.resources import files
from pathlib import Path
from textwrap import indent

import jinja2
import pandas as pd
import xarray as xr
from markupsafe import Markup

from forcest.errors import ForcestError
from forcest.estimates.draws import group, interval_name, needs_reporting
from forcest.report import tables
from forcest.report.asked import contradictions_of, influence_of
from forcest.report.exploration import exploration
from forcest.report.sections import NOT_FOR, Extras, banners, sections

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
        From :func:`forcest.influence`, with refits say; by importance weights alone, where these are reliable, unless given.
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
    if target.suffix.lower() not in FORMATS:
        raise ForcestError(f"`path` must end in {', '.join(FORMATS)}; got {target.name!r}. Write for example report.html.")
    if target.suffix.lower() == ".csv":
        text = _csv(fit)
    else:
        extras = Extras(
            influence_of(fit) if influence is None else influence,
            contradictions_of(fit) if contradictions is None else contradictions,
            scenarios or {},
        )
        text = _html(fit, extras) if target.suffix.lower() == ".html" else _markdown(fit, extras)
    unfinished = target.with_name(f".{target.name}-{os.getpid()}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def _title(fit: xr.DataTree) -> str:
    kind = "Forecast" if "forecast_from" in fit.attrs else "Estimate"
    return f"{kind}: " + ", ".join(str(force) for force in group(fit, "posterior")["force"].values)


def _html(fit: xr.DataTree, extras: Extras) -> str:
    here = files("forcest.report")
    css, js = ((here / name).read_text(encoding="utf-8") for name in ("page.css", "explore.js"))
    data = exploration(fit, tables.date_of(fit))
    sources = Counter(group(fit, "constant_data")["source"].values.astype(str).tolist())
    page = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True).from_string(
        (here / "page.html").read_text(encoding="utf-8")
    )
    return page.render(
        title=_title(fit),
        marks="".join(f"[{text.split(':')[0]}] " for text in banners(fit)),
        banners=banners(fit),
        date=tables.date_of(fit),
        interval=interval_name(0.9),
        n_claims=sum(sources.values()),
        n_sources=len(sources),
        sections=sections(fit, extras, draw=True),
        explore=data,
        explore_json=Markup(_json_in_script(data)),
        css=Markup(css),
        js=Markup(js),
        csp=_policy(css, js),
        not_for=NOT_FOR,
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


def _markdown(fit: xr.DataTree, extras: Extras) -> str:
    parts = [f"# {_plain(_title(fit))}", *(f"> **{_plain(text)}**" for text in banners(fit))]
    for section in sections(fit, extras, draw=False):
        parts += [f"## {section.title}", *(_plain(text) for text in section.texts)]
        for table in section.tables:
            heads = [_plain(c.title) for c in table.columns]
            rule = ["---:" if c.numeric else "---" for c in table.columns]
            lines = [heads, rule, *([_plain(cell) for cell in row] for row in table.rows)]
            parts.append(f"{table.caption}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines))
        parts += [indent(section.code.strip(), "    ")] if section.code else []
    return "\n\n".join([*parts, NOT_FOR]) + "\n"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return "".join("\\" + c if c in SPECIAL_IN_MARKDOWN else c for c in " ".join(text.split()))


def _csv(fit: xr.DataTree) -> str:
    from forcest.estimates.summary import summary

    marks = {"converged": bool(fit.attrs.get("converged", 0)), "quick": bool(fit.attrs.get("quick", 0))}
    return summary(fit, at=tables.date_of(fit)).assign(**marks).to_csv(index=False, float_format="%.6g")
