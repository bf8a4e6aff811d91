"""A forecast from a date and the claims published afterwards: the figure of docs/how-we-know.md, and a line of numbers.

    uv run python benchmarks/forecast_against_claims.py --out docs/images      (about 10 seconds)

The default model is built from what was known on the date, fitted, and continued to the last day; claims published later are scored
and drawn.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib as mpl
import xarray as xr

import forcest as fc
from forcest.errors import ForcestError

MEASURES = ("deployed", "at_front", "casualties", "killed", "wounded", "combined_strength")


def forecast_from(ledger: fc.Ledger, known_by: str, until: str, *, seed: int, quick: bool) -> xr.DataTree:
    """The forecast from what was known on a date."""
    known = ledger.known_by(known_by)
    fit = fc.fit(fc.ForceModel.default(known), known, random_seed=seed, quick=quick)
    if not fit.attrs["converged"]:
        raise ForcestError(f"the fit of what was known by {known_by} has not converged; nothing was drawn. Take another seed.")
    return fc.forecast(fit, until=until)


def main(arguments: list[str] | None = None) -> None:
    """Fit, forecast, score, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--known-by", default="2024-12-31")
    parser.add_argument("--until", default="2025-03-31")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a coarse and short fit, to try things out")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the figure")
    options = parser.parse_args(arguments)
    mpl.use("agg")

    ledger = fc.datasets.load("north_korea_kursk")
    forecast = forecast_from(ledger, options.known_by, options.until, seed=options.seed, quick=options.quick)
    later = fc.score(forecast, ledger.known_by(options.until))
    axes = fc.plots.curves(forecast, MEASURES, later=later)
    axes[0].figure.suptitle(
        f"Forecast on {options.known_by}, and the claims that came later  [persons]", x=0.01, ha="left", weight="bold"
    )
    axes[0].figure.savefig(options.out / f"forecast-{options.known_by}.png", dpi=94)
    number = later["in90"].notna()
    found = {
        "known_by": options.known_by,
        "until": options.until,
        "n_scored": len(later),
        "n_refused": len(later.attrs["refused"]),
        "n_with_a_number": int(number.sum()),
        "in50": int(later["in50"].sum()),
        "in90": int(later["in90"].sum()),
        "lowest_log_score": {
            "id": later["id"][later["log_score"].idxmin()],
            "log_score": round(float(later["log_score"].min()), 2),
        },
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
