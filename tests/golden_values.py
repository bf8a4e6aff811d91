"""Numbers that a change of the code must not move: densities, gradients, first draws, and the estimates made from fixed draws.

``python tests/golden_values.py`` prints one row per number group with its largest relative difference from the stored file;
``--write`` stores the present numbers, for a change that is meant to move them. ``--draws FILE`` stores the draws of whole fits
in FILE, or compares with those stored there bit for bit (on one machine: another compiles other instructions).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import forcest as fc
from forcest.inference.settings import Draws, Settings
from forcest.inference.to_datatree import to_datatree
from forcest.models.process.loss_rates import LossRate
from forcest.models.radford2023.model import BoundRadford2023
from forcest.models.reporting.description import Reporting
from radford_reports import small_reports
from small_models import many_claims, two_sides

FILE = Path(__file__).parent / "golden" / "model_values.json"
N_POSITIONS, CHAINS, DRAWS = 3, 2, 60


def kursk() -> tuple[fc.ForceModel, fc.Ledger]:
    """The shipped model and ledger."""
    return fc.presets.north_korea_kursk(), fc.datasets.load("north_korea_kursk")


def smooth() -> tuple[fc.ForceModel, fc.Ledger]:
    """A default model with smooth arrivals."""
    ledger = many_claims(waves_named=False)
    return fc.ForceModel.default(ledger), ledger


def losses() -> tuple[fc.LossModel, fc.Ledger]:
    """Losses of two forces, with bulletins and records."""
    return fc.LossModel(
        start="2025-01-01",
        end="2025-02-18",
        kinds=("killed", "wounded", "captured"),
        rate=LossRate(every="W"),
        days_before=fc.between(1, 100),
        reporting=Reporting(drift_from=2, gross_error_share=0.05, record_effects=False),
    ), two_sides()


CASES = {"kursk": kursk, "smooth": smooth, "losses": losses}


def bound_models() -> dict:
    """Every case bound to its claims; the published model on a small set of reports."""
    found = {name: model.on(ledger) for name, (model, ledger) in ((name, case()) for name, case in CASES.items())}
    return found | {"published": BoundRadford2023(small_reports())}


def density_values(bound) -> dict[str, np.ndarray]:
    """Log density and gradient at draws from the prior, and the first draws of a short run."""
    density = bound.density()
    positions = density.coordinates.prior_positions(np.random.default_rng(7), N_POSITIONS)
    value, gradient = density(positions)
    run = fc.sampling.sample(
        density, density.coordinates.prior_positions, random_seed=3, chains=4, draws=4, max_warmup=3, metric="diagonal", cores=1
    )
    return {"positions": positions, "logdensity": value, "gradient": gradient, "first_draws": run.draws[:, 0]}


def fit_of_prior_draws(model, ledger: fc.Ledger) -> xr.DataTree:
    """A fit whose draws are draws from the prior: every estimate of it follows without sampling."""
    bound = model.on(ledger)
    rng = np.random.default_rng(11)
    draws = {p.name: p.draw(rng, CHAINS * DRAWS).reshape(CHAINS, DRAWS, *p.shape) for p in bound.parameters}
    settings = Settings.of(model, "nutpie", random_seed=5, quick=False, progressbar=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return to_datatree(bound, ledger, Draws(draws, {}, {}), settings, time.perf_counter())


def later_claims(ledger: fc.Ledger) -> fc.Ledger:
    """The first claims under other names, which a fit therefore has not seen."""
    rows = pd.read_csv(StringIO(ledger.to_csv()), dtype=str, keep_default_na=False)
    rows = rows[(rows["exclude"] == "") & (rows["origin"] == "")].head(40)
    return fc.read_ledger(rows.assign(id="later-" + rows["id"]))


def estimates(name: str) -> dict[str, pd.DataFrame]:
    """Summary, claims table, scores of later claims, and the summary of a forecast."""
    model, ledger = CASES[name]()
    fit = fit_of_prior_draws(model, ledger)
    found = {"summary": fc.summary(fit), "claims_table": fc.claims_table(fit), "score": fc.score(fit, later_claims(ledger))}
    if isinstance(model, fc.ForceModel):
        until = model.end + pd.Timedelta(days=20)
        found["forecast"] = fc.summary(fc.forecast(fit, until=until, scenario=fc.Scenario(hazard=0.5)), at=str(until))
    return found


def numbers(table: pd.DataFrame) -> dict[str, list[float]]:
    """The numeric columns of a table."""
    kept = table.select_dtypes("number")
    return {str(name): column.astype(float).tolist() for name, column in kept.items()}


def current() -> dict[str, dict]:
    """All numbers as the code gives them now."""
    found: dict[str, dict] = {}
    for name, bound in bound_models().items():
        found[name] = {key: np.asarray(values).tolist() for key, values in density_values(bound).items()}
        if name in CASES:
            found[name] |= {key: numbers(table) for key, table in estimates(name).items()}
    return found


def differences(stored: dict, present: dict) -> pd.DataFrame:
    """Largest relative difference of every group: from the largest number of the group for gradients, entry by entry elsewhere."""
    rows = []
    for case, groups in stored.items():
        for group, values in groups.items():
            columns = values if isinstance(values, dict) else {"": values}
            other = present[case][group] if isinstance(values, dict) else {"": present[case][group]}
            worst = np.inf if columns.keys() != other.keys() else 0.0  # a column that was renamed or is new
            worst = max(
                worst, *(_relative(columns[name], other[name], whole=group == "gradient") for name in columns.keys() & other)
            )
            rows.append((case, group, worst))
    return pd.DataFrame(rows, columns=["case", "numbers", "largest relative difference"])


def _relative(stored, present, *, whole: bool) -> float:
    a, b = np.asarray(stored, dtype=float), np.asarray(present, dtype=float)
    if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
        return np.inf
    differ = (a != b) & ~np.isnan(a)
    if not differ.any():
        return 0.0
    scale = np.nanmax(np.abs(a)) if whole else np.maximum(np.abs(a[differ]), 1e-12)
    return float((np.abs(a[differ] - b[differ]) / scale).max())


def whole_fits() -> dict[str, np.ndarray]:
    """Draws of every parameter of short fits, and of the published model on its whole ledger where its data are at hand."""
    found = {}
    for name, case in CASES.items():
        model, ledger = case()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = fc.fit(model, ledger, random_seed=1, quick=name != "kursk")
        found |= {f"{name}/{p}": v.values for p, v in fit["posterior"].data_vars.items()}
    if store := os.environ.get("FORCEST_DATA"):
        ledger, model = fc.presets.radford2023(store)
        density = model.on(ledger).density()
        value, gradient = density(density.coordinates.prior_positions(np.random.default_rng(7), N_POSITIONS))
        found |= {"published/logdensity": value, "published/gradient": gradient}
    return found


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--draws", type=Path)
    options = parser.parse_args(arguments)
    if options.draws and not options.draws.exists():
        np.savez(options.draws, **whole_fits())
    elif options.draws:
        stored, present = np.load(options.draws), whole_fits()
        for name in sorted({*stored.files, *present}):
            same = name in stored.files and name in present and np.array_equal(stored[name], present[name], equal_nan=True)
            print(f"{'equal' if same else 'DIFFERENT':10} {name}")
    elif options.write:
        FILE.write_text(json.dumps(current()), encoding="utf-8")
    else:
        print(differences(json.loads(FILE.read_text(encoding="utf-8")), current()).to_string(index=False))


if __name__ == "__main__":
    main(sys.argv[1:])
