"""Estimate North Korean deployment and losses in Russia from the shipped claims, as known in January and as known today.

Run it with ``uv run python examples/kursk.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

import forcest as fc


def main(arguments: list[str] | None = None) -> None:
    """Fit the model, print the headline numbers and what they rest on, and save the curves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("kursk-example"), help="folder for the figure and the fit")
    options = parser.parse_args(arguments)
    mpl.use("agg")

    ledger = fc.datasets.load("north_korea_kursk")
    model = fc.presets.north_korea_kursk()
    today = fc.fit(model, ledger, random_seed=1)
    january = fc.fit(model, ledger.known_by("2025-01-31"), random_seed=1)

    for name, fit in (("known by 31 January", january), ("all claims", today)):
        print(f"\n{name}, state of 31 January 2025")
        print(fc.summary(fit, at="2025-01-31")[["measure", "median", "low", "high", "n_claims"]].round().to_string(index=False))
    killed = today["posterior"]["killed"].sel(date="2025-02-26")
    print(f"\nProbability that more than 1,000 had been killed by 26 February 2025: {fc.probability(killed > 1_000)}")
    print(fc.anchors(today))

    options.out.mkdir(parents=True, exist_ok=True)
    axes = fc.plots.curves(today)
    axes.flat[0].figure.savefig(options.out / "curves.png", dpi=150, bbox_inches="tight")
    fc.save(today, options.out / "kursk.nc")


if __name__ == "__main__":
    main()
