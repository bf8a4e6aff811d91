"""Write a page: HTML for readers, Markdown for editors, CSV for machines."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from forcest.errors import ForcestError
from forcest.report.content import Content, Table, content_of
from forcest.report.explore import explorer

if TYPE_CHECKING:
    from forcest.report.figures import Drawings

HERE = files("forcest.report") / "page"


def report(
    fit: xr.DataTree,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    influence: pd.DataFrame | None = None,
    sensitivity: pd.DataFrame | None = None,
    scenarios: Mapping[str, xr.DataTree] | None = None,
) -> Path:
    """Write what a fit says, what it rests on, and what speaks against it, into one file.

    Parameters
    ----------
    fit : DataTree
        A fit or a forecast.
    path : path
        ``.html``: one page that needs no network and no other file; ``.md``: its tables and sentences; ``.csv``: its tables as rows.
        Written whole or not at all.
    title : str, optional
    influence : DataFrame, optional
        From :func:`forcest.influence`, with refits say; otherwise by importance weights where these are reliable.
    sensitivity : DataFrame, optional
        From :func:`forcest.sensitivity`, with alternative priors say; otherwise by power-scaling alone.
    scenarios : mapping of str to DataTree, optional
        Forecasts by name, from :func:`forcest.forecast`.

    Returns
    -------
    Path

    Raises
    ------
    ForcestError
        If the ending is not one of the three, or the fit is not one of forcest.

    Examples
    --------
    >>> import forcest as fc
    >>> fc.report(fc.load("kursk.nc"), "kursk.html")  # doctest: +SKIP
    """
    target = Path(path)
    render = {".html": _html, ".md": _markdown, ".csv": _csv}.get(target.suffix.lower())
    if render is None:
        raise ForcestError(f"`path` must end in .html, .md or .csv; got {target.name!r}. Name the file accordingly.")
    content = content_of(fit, title, influence, sensitivity, scenarios or {})
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    unfinished.write_text(render(fit, content), encoding="utf-8", newline="")
    unfinished.replace(target)
    return target


def _html(fit: xr.DataTree, content: Content) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from forcest.report.figures import Drawings

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    script = (HERE / "explore.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    drawings = Drawings(fit)
    figures = _figures(fit, content, drawings)
    return environment.from_string((HERE / "page.html").read_text(encoding="utf-8")).render(
        content=content,
        figures=figures,
        svg=Markup,  # figures are made by us, their texts escaped by matplotlib
        style=Markup(_style(drawings.colours)),
        script=Markup(script),
        script_hash=digest,
        data=Markup(explorer(fit)),
    )


def _figures(fit: xr.DataTree, content: Content, drawings: Drawings) -> dict[str, list]:
    with_claims = "posterior_predictive" in fit.children
    return {
        "curves": drawings.curves() if with_claims else [],
        "flow": drawings.flow(),
        "claims": [drawings.claims()] if with_claims else [],
        "bias": [drawings.bias()],
        "influence": [drawings.influence(content.influence_data)] if _has_shifts(content.influence_data) else [],
    }


def _has_shifts(table: pd.DataFrame | None) -> bool:
    return table is not None and bool(table["shift"].notna().any())


def _style(colours: Mapping[str, str]) -> str:
    """The style sheet, with the colours of the figures for light and dark pages."""
    light = "".join(f"--{colour[1:]}:{colour};" for colour in sorted(colours))
    dark = "".join(f"--{colour[1:]}:{turned};" for colour, turned in sorted(colours.items()))
    return (
        f"{(HERE / 'page.css').read_text(encoding='utf-8')}\n:root{{{light}}}\n"
        f"@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}"
    )


def _tables(content: Content) -> dict[str, Table]:
    named = {
        "Headline numbers": content.headline,
        "Contradictions": content.contradictions,
        "Influence": content.influence,
        "Assumptions": content.sensitivity,
        "Scenarios": content.scenarios,
        "Claims": content.claims,
        "Bias of the sources": content.bias,
        "Left out": content.left_out,
        "Priors": content.priors,
        "Diagnostics": content.diagnostics,
        "Provenance": content.provenance,
    }
    return {name: table for name, table in named.items() if table is not None and table.rows}


def _markdown(_fit: xr.DataTree, content: Content) -> str:
    parts = [f"# {_escaped(content.title)}", content.subtitle, *(f"**{text}**" for text in content.warnings)]
    parts += [f"- {_escaped(sentence)}" for sentence in content.sentences]
    parts += [f"## What anchors the level\n\n{_escaped(content.anchors)}"]
    for name, table in _tables(content).items():
        lines = [table.head, ["---:" if i in table.numeric else "---" for i in range(len(table.head))], *table.rows]
        rows = "\n".join("| " + " | ".join(_escaped(cell) if cell[:3] != "---" else cell for cell in line) + " |" for line in lines)
        parts.append(f"## {name}\n\n{_escaped(table.caption)}\n\n{rows}")
    return "\n\n".join([*parts, f"## What it may not be used for\n\n{content.not_for}", ""])


def _escaped(text: str) -> str:
    """Text of a ledger as text: no HTML, no table cell more than there are, no links and emphasis."""
    out = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")
    for mark in "\\`*_[]|":
        out = out.replace(mark, f"\\{mark}")
    return out


def _csv(_fit: xr.DataTree, content: Content) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["section", "row", "column", "value"])
    for text in content.warnings:
        writer.writerow(["Warnings", "", "", text])
    for name, table in _tables(content).items():
        for row in table.rows:
            writer.writerows([name, _cell(row[0]), head, _cell(value)] for head, value in zip(table.head[1:], row[1:], strict=True))
    return out.getvalue()


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "@", "\t", "\r") or (text[:1] in "+-" and not text[1:2].isdigit()) else text
