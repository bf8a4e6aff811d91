"""Tables of the page as text, ready for any format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr

from forcest.estimates.anchors import HEADLINES
from forcest.estimates.claims_table import claims_table
from forcest.estimates.draws import group, last_claim_date, on_date, quantiles
from forcest.estimates.measures import MEASURES
from forcest.estimates.probability import probability
from forcest.estimates.summary import summary
from forcest.inference.forecast import difference
from forcest.models.scenario import Scenario
from forcest.report.likelihood_words import likelihood_word, percent

LADDER = np.array([m * 10.0**k for k in range(7) for m in (1, 2, 5)])


@dataclass(frozen=True)
class Column:
    """Title of a column, and whether it holds numbers."""

    title: str
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A table as text."""

    caption: str
    columns: list[Column]
    rows: list[list[str]] = field(default_factory=list)


def number(x: float) -> str:
    """A number as people write it: thousands separators, three digits below twenty."""
    if pd.isna(x):
        return "–"
    if np.isinf(x):
        return "no limit"
    return f"{x:z,.0f}" if abs(x) >= 20 or float(x).is_integer() else f"{x:z.3g}"


def persons(x: float) -> str:
    """A number of people, whole as on the terminal."""
    return number(float(np.rint(x)))


def table_of(frame: pd.DataFrame, caption: str) -> Table:
    """Any DataFrame as text, its numbers rounded for reading."""
    columns = [Column(str(c).replace("_", " "), pd.api.types.is_numeric_dtype(frame[c])) for c in frame.columns]
    return Table(caption, columns, [[_text(x) for x in row] for row in frame.itertuples(index=False)])


def _text(x: object) -> str:
    if isinstance(x, bool | np.bool_):
        return "yes" if x else "no"
    if isinstance(x, pd.Timestamp):
        return f"{x:%Y-%m-%d}"
    if isinstance(x, int | float | np.number):
        return number(float(x))
    return "–" if x is None or x is pd.NaT else str(x)


def numbers(fit: xr.DataTree) -> Table:
    """Every measure at the last day with a claim, or at the end of a forecast."""
    found = summary(fit, at=date_of(fit))
    several = len(set(found["force"])) > 1
    shown = {"median": "median", "low": "5 %", "high": "95 %"}
    shown |= {"prior_median": "median of the prior", "prior_low": "its 5 %", "prior_high": "its 95 %"}
    if np.isnan(found["prior_median"].to_numpy()).all():  # a forecast has no prior
        shown = {name: title for name, title in shown.items() if not name.startswith("prior")}
    rows = []
    for row in found.to_dict("records"):
        name = MEASURES[row["measure"]].label + ("" if row["unit"] == "persons" else f" [{row['unit']}]")
        spans = [(number if " per " in row["unit"] else persons)(row[c]) for c in shown]
        rows.append([f"{row['force']}: {name}" if several else name, *spans, str(row["n_claims"])])
    columns = [Column("measure"), *(Column(h, numeric=True) for h in (*shown.values(), "claims"))]
    return Table(f"Numbers at {date_of(fit)}, {found.attrs['interval']} intervals, persons unless said", columns, rows)


def date_of(fit: xr.DataTree) -> str:
    """The day the page speaks of: the last with a claim; of a forecast, its end."""
    if "forecast_from" in fit.attrs:
        return str(group(fit, "posterior")["date"].values[-1])[:10]
    return str(last_claim_date(fit))


def statements(fit: xr.DataTree) -> Table:
    """How probable it is that each headline measure exceeds round numbers, in percent and in words."""
    posterior, day = group(fit, "posterior"), np.datetime64(date_of(fit), "D")
    several, rows = posterior.sizes["force"] > 1, []
    for name in (m for m in HEADLINES if m in posterior):
        for i, force in enumerate(posterior["force"].values.astype(str)):
            draws = on_date(posterior[name], day).isel(force=i)
            low, high = quantiles(draws, (0.02, 0.98))
            inside = LADDER[(low < LADDER) & (high > LADDER)]
            for bound in inside[np.unique(np.linspace(0, len(inside) - 1, 3).round().astype(int))] if len(inside) else []:
                p = probability(draws > bound)
                label = f"{force}: {MEASURES[name].label}" if several else MEASURES[name].label
                rows.append([f"{label}: more than {bound:,.0f}", percent(p), likelihood_word(p), f"{100 * p.mcse:.1f} points"])
    columns = [Column("statement"), Column("probability", numeric=True), Column("in words (ICD 203)")]
    return Table(f"How probable, at {day}", [*columns, Column("Monte Carlo standard error", numeric=True)], rows)


def claims(fit: xr.DataTree) -> Table:
    """Every fitted claim, by source, beside what the fit expects the source to claim."""
    frame = claims_table(fit).sort_values(["source", "as_of"])
    shown = pd.DataFrame({"source": frame["source"], "measure": frame["measure"].str.replace("_", " ")})
    claimed = frame["claimed"] + np.where(frame["coverage"] == "partial", " (of a part)", "")
    shown = shown.assign(day=frame["as_of"], claimed=claimed, expected=frame["median"])
    shown = shown.assign(
        **{"5 %": frame["low_90"], "95 %": frame["high_90"], "distance [sd]": frame["z"].round(1), "id": frame["id"]}
    )
    caption = (
        "Claims and what the fit expects their source to claim of the whole; distance 0 where the claim covers the median, "
        "or is a count of a part below it"
    )
    return table_of(shown, caption)


def bias(fit: xr.DataTree) -> Table:
    """The factor by which each source exaggerates, posterior beside prior where there is one."""
    after, before = group(fit, "posterior")["bias"], group(fit, "prior").get("bias")
    labels = [d for d in after.dims if d not in ("chain", "draw")]
    spans = quantiles(after, (0.5, 0.05, 0.95))
    tails = ["median", "5 %", "95 %"]
    if before is not None:
        spans, tails = np.concatenate([spans, quantiles(before, (0.05, 0.95))]), [*tails, "assumed 5 %", "assumed 95 %"]
    rows = []
    for place in np.argwhere(np.isfinite(spans[0])):
        at = tuple(int(i) for i in place)
        labelled = {str(d): str(after[d].values[i]) for d, i in zip(labels, at, strict=True)}
        names = [text.replace("_", " ") if d == "measure_class" else text for d, text in labelled.items()]
        rows.append([*names, *(f"{x:.2f}" if np.isfinite(x) else "–" for x in spans[(slice(None), *at)])])
    columns = [*(Column(str(d).replace("_", " ")) for d in labels), *(Column(t, numeric=True) for t in tails)]
    return Table("Factor by which claims exceed what they count; above 1 exaggerates", columns, rows)


def priors(fit: xr.DataTree, reasons: Mapping[str, tuple[str, str]]) -> Table:
    """Every parameter with few entries: what was assumed and why, and what it became."""
    before, after = group(fit, "prior"), group(fit, "posterior")
    rows = []
    for name in (str(n) for n in after.data_vars if n in before):
        other = [d for d in after[name].dims if d not in ("chain", "draw")]
        if "date" in other or "source" in other or np.prod([after.sizes[d] for d in other]) > 12:
            continue
        p, q = quantiles(before[name], (0.5, 0.05, 0.95)), quantiles(after[name], (0.5, 0.05, 0.95))
        for at in np.ndindex(*p.shape[1:]):
            label = ", ".join(str(after[d].values[i]) if d in after.coords else str(i) for d, i in zip(other, at, strict=True))
            cells = [number(float(x)) for x in (*p[(slice(None), *at)], *q[(slice(None), *at)])]
            rows.append([f"{name} ({label})" if label else name, *cells, *reasons.get(name, ())])
    heads = [f"{which}{span}" for which in ("prior ", "posterior ") for span in ("median", "5 %", "95 %")]
    why = [Column("unit"), Column("why")] if reasons else []
    columns = [Column("parameter"), *(Column(h, True) for h in heads), *why]
    return Table("Parameters: what was assumed and what it became, from draws of each", columns, rows)


def left_out(fit: xr.DataTree) -> Table:
    """Rows of the ledger that were not fitted, with the reason."""
    rows = [[str(row["id"]), str(row["reason"])] for row in json.loads(fit.attrs.get("left_out", "[]"))]
    data = group(fit, "constant_data")
    if "copies" in data:
        merged = zip(data["claim"].values, data["copies"].values, strict=True)
        rows += [
            [copy, f"says the same as {id_}, and counts once with it"]
            for id_, copies in merged
            for copy in str(copies).split("+")
            if copy
        ]
    return Table("Rows of the ledger that were not fitted", [Column("id"), Column("reason")], rows)


def diagnostics(fit: xr.DataTree) -> Table:
    """The ten quantities that are known worst."""
    frame = cast(pd.DataFrame, group(fit, "diagnostics").to_dataframe()).reset_index().sort_values("ess_bulk").head(10)
    frame = frame[[c for c in ("quantity", "r_hat", "ess_bulk", "ess_tail") if c in frame]]
    return table_of(frame.assign(r_hat=[f"{x:.3f}" for x in frame["r_hat"]]), "The ten quantities with the fewest effective draws")


def happening(forecast: xr.DataTree) -> tuple[str, str]:
    """The first day on which a forecast differs from the fit, and what happens from then on."""
    scenario = Scenario.model_validate_json(forecast.attrs["scenario"])
    return str(scenario.begins or forecast.attrs["forecast_from"]), str(scenario)


def happenings(forecasts: Mapping[str, xr.DataTree]) -> Table:
    """What each forecast assumes to happen differently."""
    rows = [[name, *happening(forecast)] for name, forecast in forecasts.items()]
    return Table("What happens in each", [Column("scenario"), Column("from"), Column("what happens")], rows)


def scenarios(forecasts: Mapping[str, xr.DataTree]) -> Table:
    """Headline measures at the end of each forecast, and how much they differ from the first, draw by draw."""
    (first, start), *_ = forecasts.items()
    at = np.datetime64(date_of(start), "D")
    apart = {name: difference(forecast, start) for name, forecast in forecasts.items()}
    forces, rows = [str(force) for force in group(start, "posterior")["force"].values], []
    for measure in (m for m in HEADLINES if m in apart[first]):
        for i, force in enumerate(forces):
            label = f"{force}: {MEASURES[measure].label}" if len(forces) > 1 else MEASURES[measure].label
            for name, forecast in forecasts.items():
                spans = [_spans(curves[measure], at)[:, i] for curves in (group(forecast, "posterior"), apart[name])]
                cells = [[persons(x) for x in span] for span in spans]
                rows.append([label, name, *cells[0], *(["–"] * 3 if name == first else cells[1])])
    heads = ("median", "5 %", "95 %", "difference", "its 5 %", "its 95 %")
    caption = f"Forecasts to {at}, equal-tailed 90 % intervals; difference from “{first}” draw by draw, its median first"
    return Table(caption, [Column("measure"), Column("scenario"), *(Column(h, True) for h in heads)], rows)


def _spans(curves: xr.DataArray, at: np.datetime64) -> np.ndarray:
    """Median, 5 and 95 % at a date, shape (3, force)."""
    return quantiles(on_date(curves, at), (0.5, 0.05, 0.95))
