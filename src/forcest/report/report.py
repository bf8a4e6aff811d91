"""Write a report of a fit."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from textwrap import indent

import jinja2
import pandas as pd
import xarray as xr
from markupsafe import Markup

from forcest.checks import ClaimBench, Comparison, Revisions
from forcest.errors import ForcestError
from forcest.estimates.draws import day_in_words, group, interval_name, needs_reporting
from forcest.estimates.summary import summary
from forcest.inference.opened import OpenedFit
from forcest.ledger.formulas import inert_table
from forcest.report.bench import bench_page
from forcest.report.comparison import comparison_page
from forcest.report.exploration import exploration
from forcest.report.headline import headline_of
from forcest.report.images import headline_image
from forcest.report.results import Results, date_of, results_of
from forcest.report.revisions import revisions_page
from forcest.report.sections import Page, banners, sections
from forcest.report.tables import markdown_table, plain
from forcest.writing import write_whole

FORMATS = (".html", ".md", ".csv")
SAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def report(
    fit: xr.DataTree | ClaimBench | Comparison | Revisions,
    path: str | Path,
    *,
    influence: pd.DataFrame | None = None,
    contradictions: pd.DataFrame | None = None,
    scenarios: dict[str, xr.DataTree] | None = None,
) -> Path:
    """Write a fit, a bench or a comparison as one self-contained page, as Markdown, or its numbers as CSV.

    Parameters
    ----------
    fit : DataTree, ClaimBench, Comparison or Revisions
        A fit or a forecast; or the result of :func:`forcest.claim_bench` or :func:`forcest.compare`, which take no other argument
        than the path.
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
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in FORMATS:
        raise ForcestError(f"`path` must end in {', '.join(FORMATS)}; got {target.name!r}. Write for example report.html.")
    if isinstance(fit, ClaimBench | Comparison | Revisions):
        if influence is not None or contradictions is not None or scenarios:
            raise ForcestError(
                f"a {type(fit).__name__} has no influence, contradictions or scenarios of its own. Give them with a fit."
            )
        text = _of_result(fit, ending)
    else:
        needs_reporting(fit, "a report")
        if ending == ".csv":
            text = _csv(fit)
        else:
            text = _written(partial(_page, results_of(fit, influence, contradictions, scenarios or {})), ending)
    write_whole(target, text)
    return target


def _of_result(found: ClaimBench | Comparison | Revisions, ending: str) -> str:
    """The text of a report that is not of a fit."""
    if isinstance(found, ClaimBench):
        return inert_table(found.rows).to_csv(index=False) if ending == ".csv" else _written(partial(bench_page, found), ending)
    if ending == ".csv":
        return inert_table(found.table).to_csv(index=False)
    page = comparison_page if isinstance(found, Comparison) else revisions_page
    return _written(partial(page, found), ending)


def _written(page: Callable[..., Page], ending: str) -> str:
    return _html(page(with_figures=True)) if ending == ".html" else _markdown(page(with_figures=False))


def _page(results: Results, *, with_figures: bool) -> Page:
    """The page of a fit; readers of a page with figures can choose date, sources, interval and scenario."""
    sources, headline = group(results.fit, "constant_data")["source"].values.tolist(), headline_of(results)
    return Page(
        title=f"{'Forecast' if results.opened.forecast_from else 'Estimate'}: {', '.join(results.forces)}",
        lead=f"An estimate from {len(sources)} public claims by {len(set(sources))} sources, at the end of "
        f"{day_in_words(results.date)}. Every interval is {interval_name(0.9)}.",
        sections=sections(results, with_figures=with_figures),
        banners=banners(results),
        marks=results.opened.verdict.prefix,
        headline=headline,
        figure=[headline_image(results.fit, headline.curves)] if with_figures else [],
        explore=exploration(results.fit, results.date, results.scenarios) if with_figures else None,
    )


def _html(page: Page) -> str:
    here = files("forcest.report")
    css, js = ((here / name).read_text(encoding="utf-8") for name in ("page.css", "explore.js"))
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True).from_string(
        (here / "page.html").read_text(encoding="utf-8")
    )
    data = Markup(_json_in_script(page.explore)) if page.explore else ""  # nosec B704 - cannot end the element that it stands in
    style, script = Markup(css), Markup(js)  # nosec B704 - files of the package
    return template.render(page=page, explore_json=data, css=style, js=script, csp=_policy(css, js))


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


def _markdown(page: Page) -> str:
    parts = [f"# {plain(page.title)}", *(f"> **{plain(text)}**" for text in page.banners)]
    if page.headline:
        said = [*page.headline.sentences, *page.headline.sureness]
        parts += [plain(page.lead), *(plain(text) for text in said)]
    for section in page.sections:
        parts += [f"## {section.title}", *(plain(text) for text in section.texts)]
        parts += [f"{table.caption}\n\n{markdown_table(table)}" for table in section.tables]
        parts += [indent(section.code.strip(), "    ")] if section.code else []
    return "\n\n".join([*parts, page.footer]) + "\n"


def _csv(fit: xr.DataTree) -> str:
    opened = OpenedFit.of(fit)
    table = summary(fit, at=date_of(fit, opened)).assign(**opened.flags)
    return inert_table(table).to_csv(index=False, float_format="%.6g")
