"""A small fit in the format of ``docs/fit-format.md`` whose every number follows from arithmetic.

One force: ``300 a`` people arrive a day for 40 days (``12,000 a`` in all), reach the front after exactly 20 days, and lose
``50 m`` a day for 60 days from 30 November (``3,000 m`` in all: 20 % killed, 76 % wounded, 1 % captured, 3 % missing). The
wounded stay 10 days in hospital; half return to the front, half leave for good. On 9 January 1,000 people move to the rear.
``a`` and ``m`` run over evenly spaced values, so that the quantile at ``p`` of ``a`` is ``0.9 + 0.2 p`` and of ``m`` is
``0.5 + p`` (prior: ``0.8 + 0.4 p`` and ``0.4 + 1.4 p``), exactly.
"""

import json

import numpy as np
import pandas as pd
import xarray as xr

import forcest as fc
from forcest.inference.checksums import with_checksums

CHAINS, DRAWS, PRIOR_DRAWS = 3, 67, 101
DATES = pd.date_range("2024-10-01", "2025-03-31")
CLASS_OF = {
    **dict.fromkeys(["deployed", "in_training", "at_front", "in_hospital", "combined_strength"], "strength"),
    **dict.fromkeys(["killed", "wounded", "casualties", "missing"], "losses"),
    **dict.fromkeys(["returned_to_duty", "withdrawn_home", "equivalence"], "other"),
    "captured": "captured",
}
CLASSES = ["strength", "losses", "captured", "other"]
FORECAST_FROM = "2025-02-21"
SHARE_OF_STANCE = 0.68  # of the variance of log casualties, exactly

COLUMNS = "id as_of measure scope qualifier form value low high source stance window_start window_end wave coverage".split()
_CLAIMS = [
    ("t01", "2024-10-20", "deployed", "cumulative", "about", "point", 6000, 5500, 6500, "Ministry", "enemy"),
    ("t02", "2024-11-30", "deployed", "cumulative", "range", "range", np.nan, 11000, 12000, "Agency", "third_party"),
    ("t03", "2024-11-15", "in_training", "stock", "up_to", "up_to", 6000, 5000, 6000, "Agency", "third_party"),
    ("t04", "2024-12-05", "at_front", "stock", "about", "point", 12000, 11500, 12500, "Ministry", "enemy", "2024-12-01", "2024-12-10"),
    ("t05", "2024-12-20", "casualties", "cumulative", "more_than", "at_least", 2000, 2000, 3000, "Ministry", "enemy"),
    ("t06", "2024-12-20", "killed", "flow", "at_least", "at_least", 100, 100, 200, "Agency", "third_party", "2024-12-11", "2024-12-20"),
    ("t07", "2025-01-10", "wounded", "cumulative", "about", "point", 2000, 1500, 2500, "Agency", "third_party"),
    ("t08", "2025-01-10", "killed", "cumulative", "derived", "range", np.nan, 900, 1100, "Broadcaster", "third_party"),
    ("t09", "2025-01-31", "at_front", "stock", "none_seen", "none_seen", np.nan, 0, 1000, "Agency", "third_party", "2025-01-20", "2025-01-31"),
    ("t10", "2025-02-20", "casualties", "cumulative", "exact", "point", 4000, 3500, 4500, "Ministry", "enemy"),
    ("t11", "2025-02-20", "captured", "cumulative", "exact", "point", 2, 1.5, 2.5, "Ministry", "enemy"),
    ("t12", "2025-02-20", "combined_strength", "stock", "about", "point", 63000, 62500, 63500, "Ministry", "enemy"),
    ("t13", "2025-02-20", "equivalence", "stock", "about", "point", 2, 1.6, 2.5, "Ministry", "enemy"),
    ("t14", "2024-10-31", "deployed", "cumulative", "about", "point", 11000, 10500, 11500, "Broadcaster", "third_party", None, None, "first"),
    ("t15", "2024-12-15", "casualties", "flow", "at_least", "at_least", 30, 30, np.inf, "Ministry", "enemy", "2024-12-14", "2024-12-15", "", "partial"),
]  # fmt: skip


def claims():
    """The claims of the synthetic ledger, one row each."""
    rows = [dict(zip(COLUMNS, row, strict=False)) for row in _CLAIMS]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(wave=table.wave.fillna(""), coverage=table.coverage.fillna("total"))


def ledger(table=None):
    """The claims as a ledger, and one that is not fitted; `low` and `high` where a claim states no number."""
    table = claims() if table is None else table
    cells = table.drop(columns="form").assign(published=table["as_of"], force="the force")
    cells[["low", "high"]] = cells[["low", "high"]].mask(table["value"].notna())
    planned = {"id": "t99", "published": "2024-10-01", "as_of": "2024-12-31", "force": "the force", "measure": "planned"}
    planned |= {"scope": "stock", "value": 1000, "qualifier": "about", "source": "Agency", "stance": "third_party"}
    return fc.read_ledger(pd.concat([cells, pd.DataFrame([planned])], ignore_index=True))


def model():
    """A model that covers the claims; its numbers are not those of the arithmetic."""
    wave = fc.Wave(size=fc.between(6_000, 20_000), window=("2024-10-01", "2024-10-15"))
    return fc.ForceModel(
        start="2024-10-01",
        end="2025-03-31",
        arrivals=fc.Waves(first=wave),
        casualties=fc.CasualtyMix(captured=fc.between(0.001, 0.1), missing=fc.between(0.001, 0.1)),
        partner=fc.PartnerForce(strength=fc.between(40_000, 60_000)),
    )


def _cumulated(daily):
    return np.cumsum(daily, axis=-1)


def _delayed(daily, days):
    out = np.zeros_like(daily)
    out[..., days:] = daily[..., :-days]
    return out


def curves(a, m, kappa):
    """Every curve of the arithmetic, each of shape (draw, date) for multipliers of shape (draw,)."""
    day = np.arange(len(DATES))
    arrivals = 300 * a[:, None] * (day < 40)
    lost = 50 * m[:, None] * ((day >= 60) & (day < 120))
    healed = _delayed(0.76 * lost, 10)
    to_front = _delayed(arrivals, 20)
    deployed, casualties, out = _cumulated(arrivals), _cumulated(lost), _cumulated(healed)
    rear = 1000.0 * (day >= 100) * np.ones_like(deployed)
    at_front = _cumulated(to_front) - casualties + out / 2 - rear
    found = {
        "deployed": deployed,
        "in_training": deployed - _cumulated(to_front),
        "at_front": at_front,
        "in_hospital": np.maximum(0.76 * casualties - out, 0.0),
        "rear": rear,
        "killed": 0.20 * casualties,
        "wounded": 0.76 * casualties,
        "captured": 0.01 * casualties,
        "missing": 0.03 * casualties,
        "casualties": casualties,
        "returned_to_duty": out / 2,
        "withdrawn_home": out / 2,
        "invalided": out / 2,
        "combined_strength": 50_000 + at_front,
        "effective_strength": kappa[:, None] * at_front,
        "hazard": np.divide(lost, at_front, out=np.zeros_like(lost), where=at_front > 0),
    }
    return found


def _shuffled(n, stride):
    """0..1 in ``n`` even steps, in an order that mixes."""
    return (np.arange(n) * stride % n) / (n - 1)


def _stance_levels(m, rng):
    """Levels of which the first explains ``SHARE_OF_STANCE`` of the variance of log m and the others nothing."""
    y = np.log(m) - np.log(m).mean()
    raw = np.column_stack([np.ones_like(y), y, rng.normal(size=(len(y), 4))])
    basis = np.linalg.qr(raw)[0] * np.sqrt(len(y))
    noise, others = basis[:, 2], basis[:, 3:]
    losses = y + noise * y.std() * np.sqrt(1 / SHARE_OF_STANCE - 1)
    return np.column_stack([losses, 0.3 * others])


def _quantity(table, curve, kappa):
    """What each claim counts, shape (draw, claim)."""
    at = {str(d.date()): i for i, d in enumerate(DATES)}
    out = []
    for row in table.itertuples():
        if row.measure == "equivalence":
            out.append(kappa)
            continue
        values = curve[row.measure]
        value = values[:, at[row.as_of]]
        if row.scope == "flow":
            value = values[:, at[row.window_end]] - values[:, max(at[row.window_start] - 1, 0)]
        out.append(np.maximum(value, 0.0))
    return np.column_stack(out)


def _group(a, m, kappa, stance, table, chains, rng):
    shape = (chains, len(a) // chains)
    curve = curves(a, m, kappa)
    sources = list(dict.fromkeys(table.source))
    stance_of = dict(zip(table.source, table.stance, strict=True))
    classes = [CLASS_OF[x] for x in table.measure]
    levels = {"enemy:losses": stance[:, 0], "third_party:losses": stance[:, 1], "enemy:strength": stance[:, 2]}
    bias = np.full((len(a), len(sources), len(CLASSES)), np.nan)
    for source, klass in set(zip(table.source, classes, strict=True)):
        level = levels.get(f"{stance_of[source]}:{klass}", np.zeros(len(a)))
        bias[:, sources.index(source), CLASSES.index(klass)] = np.exp(level + 0.02 * sources.index(source))
    ds = xr.Dataset(
        {name: (("chain", "draw", "force", "date"), v.reshape(*shape, 1, -1)) for name, v in curve.items()},
        coords={"force": ["the force"], "date": DATES, "source": sources, "measure_class": CLASSES},
    )
    ds["combat_value"] = (("chain", "draw", "force"), kappa.reshape(*shape, 1))
    ds["wave_size"] = (("chain", "draw", "wave"), (12_000 * a).reshape(*shape, 1))
    ds["bias"] = (("chain", "draw", "source", "measure_class"), bias.reshape(*shape, len(sources), -1))
    ds["stance_level"] = (("chain", "draw", "stance_class"), np.column_stack(list(levels.values())).reshape(*shape, 3))
    ds = ds.assign_coords(wave=["first"], stance_class=list(levels))
    quantity = _quantity(table, curve, kappa)
    own = np.column_stack([bias[:, sources.index(s), CLASSES.index(c)] for s, c in zip(table.source, classes, strict=True)])
    expected = quantity * own
    noise = rng.logistic(scale=0.2, size=quantity.shape)
    predictive = {"quantity": quantity, "expected": expected, "replicated": np.round(expected * np.exp(noise))}
    pred = xr.Dataset({k: (("chain", "draw", "claim"), v.reshape(*shape, -1)) for k, v in predictive.items()})
    return ds, pred.assign_coords(claim=table.id.to_numpy())


def _constant(table):
    text = "source stance measure scope qualifier form wave coverage".split()
    data = {k: ("claim", table[k].to_numpy(dtype=str)) for k in text}
    data |= {k: ("claim", pd.to_datetime(table[k]).to_numpy("datetime64[ns]")) for k in ["as_of", "window_start", "window_end"]}
    data["published"] = data["as_of"]
    data["definition"] = ("claim", np.full(len(table), "", dtype=str))
    data["copies"] = ("claim", np.full(len(table), "", dtype=str))
    data["measure_class"] = ("claim", np.array([CLASS_OF[x] for x in table.measure], dtype=str))
    return xr.Dataset(data, coords={"claim": table.id.to_numpy()})


def _diagnostics():
    figures = {"r_hat": 1.0, "ess_bulk": 2_000.0, "ess_tail": 1_900.0}
    table = xr.Dataset({name: ("quantity", [value]) for name, value in figures.items()}, coords={"quantity": ["wave_size[first]"]})
    return table.assign_attrs(n_diverging=0, faults="[]")


def build(table=None, *, converged=1, quick=0):
    """The synthetic fit, as an xarray.DataTree."""
    table = claims() if table is None else table
    rng = np.random.default_rng(20250226)
    n = CHAINS * DRAWS
    u, v, w = _shuffled(n, 79), _shuffled(n, 50), _shuffled(n, 131)
    m = 0.5 + u
    posterior, predictive = _group(0.9 + 0.2 * v, m, 1 + 2 * w, _stance_levels(m, rng), table, CHAINS, rng)
    p, q, r = (_shuffled(PRIOR_DRAWS, k) for k in (37, 43, 53))
    stance = rng.normal(size=(PRIOR_DRAWS, 3)) * 0.7 + np.array([0.7, 0.0, 0.1])
    prior, prior_predictive = _group(0.8 + 0.4 * p, 0.4 + 1.4 * q, 0.5 + 3.5 * r, stance, table, 1, rng)
    observed = {k: ("claim", table[k].to_numpy(dtype=float)) for k in ["value", "low", "high"]}
    fit = xr.DataTree.from_dict(
        {
            "posterior": posterior,
            "prior": prior,
            "posterior_predictive": predictive,
            "prior_predictive": prior_predictive,
            "observed_data": xr.Dataset(observed, coords={"claim": table.id.to_numpy()}),
            "constant_data": _constant(table),
            "sample_stats": xr.Dataset({"diverging": (("chain", "draw"), np.zeros((CHAINS, DRAWS), dtype=bool))}),
            "diagnostics": _diagnostics(),
        }
    )
    made_of = ledger(table)
    fit.attrs = {
        "forcest_version": "0.1.0",
        "ledger": made_of.to_csv(),
        "ledger_hash": made_of.hash,
        "model": model().model_dump_json(),
        "model_kind": model().kind,
        "sampler": "arithmetic",
        "random_seed": 1,
        "seconds": json.dumps({"compile": 0.0, "sample": 0.0, "total": 0.0}),
        "left_out": json.dumps([{"id": "t99", "reason": "announces a plan, not a count"}]),
        "converged": converged,
        "quick": quick,
    }
    return with_checksums(fit)


def forecast(factor=1.0, **marks):
    """The synthetic fit as a forecast, without what a forecast lacks; its killed are ``factor`` times as many in the end."""
    fit = build(**marks)
    later = fit["posterior"]["date"] >= np.datetime64(FORECAST_FROM)
    killed = fit["posterior"]["killed"]
    fit["posterior"] = fit["posterior"].to_dataset().assign(killed=killed.where(~later, killed * factor))
    kept = ("posterior", "observed_data", "constant_data", "sample_stats", "diagnostics")
    made = xr.DataTree.from_dict({name: fit[name].to_dataset() for name in kept})
    scenario = json.dumps({"begins": FORECAST_FROM, "hazard": factor})
    made.attrs = {**fit.attrs, "forecast_from": FORECAST_FROM, "scenario": scenario}
    return with_checksums(made)
