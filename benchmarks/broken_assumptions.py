"""Coverage of intervals when an assumption is wrong: ledgers are simulated from a model that differs from the fitted one.

    uv run python benchmarks/broken_assumptions.py --folder broken > broken.jsonl      (about 15 minutes on 2 cores; it resumes)
    uv run python benchmarks/broken_assumptions.py --quick                             (2 ledgers a world, steps of a week)
    uv run python benchmarks/broken_assumptions.py --table broken.jsonl                (the table of the docs)

Four worlds with the layout of the shipped ledger, each fitted with and without the part of the model that is meant for it. The
lines give the share of true curves (months after the first claim) inside the equal-tailed 50, 80 and 95 % intervals.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import forcest as fc
from forcest.checks.simulations import prior_draw

BIASED, FACTOR = "HUR", 4.0
MEASURES = ("deployed", "at_front", "killed", "wounded", "casualties")
FROM, TO = "2024-12-01", "2025-03-01"
HEAVY = (0.01, 0.01, 0.01, 0.02, 0.05, 0.4, 0.5)
AS_STATED = (0.994, *[0.001] * 6)


def biased_source(bound, rng):
    """One source claims four times the true losses; the others do not."""
    p = prior_draw(bound, rng)
    k = bound.layout.source_classes.index((BIASED, "losses"))
    p["source_class_offset"][:, k] = np.log(FACTOR) / p["source_class_scale"]
    return p


def wrong_stance(bound, rng):
    """The enemy halves the losses instead of doubling them."""
    p = prior_draw(bound, rng)
    p["stance_level"][:, bound.layout.stances.index("enemy:losses")] = -0.7
    return p


def heavy_rounding(bound, rng):
    """Every source rounds to thousands and five thousands."""
    p = prior_draw(bound, rng)
    p["rounding"] = rng.dirichlet(5.0 * np.array(HEAVY), p["rounding"].shape[:-1])
    return p


@dataclass(frozen=True)
class World:
    """What is simulated, and the model fitted with and without the part meant for it."""

    truth: fc.ForceModel
    draw: object
    without: fc.ForceModel
    with_it: fc.ForceModel
    parts: tuple[str, str]


def worlds(step: str) -> dict[str, World]:
    model = fc.presets.north_korea_kursk(step)
    equal = fc.Reporting(source_effect=fc.lognormal(0.01, 0.1), source_class_effect=fc.lognormal(0.01, 0.1))
    sure = fc.Reporting(stance_levels={"losses": {"enemy": fc.normal(0.7, 0.1)}})
    stated = fc.Reporting(grid_weights=AS_STATED, grid_concentration=1000.0)
    rounded = model.replace(reporting=fc.Reporting(grid_weights=HEAVY))
    hidden = fc.Wave(size=fc.between(2_000, 6_000), window=("2024-11-20", "2024-12-20"))
    reserve = fc.Wave(size=fc.between(100, 10_000), window=("2024-11-10", "2025-02-10"))
    return {
        "a lying source": World(
            model, biased_source, model.replace(reporting=equal), model, ("all sources alike", "source effects")
        ),
        "a hidden wave": World(
            with_wave(model, hidden), prior_draw, model, with_wave(model, reserve), ("waves named in the ledger", "a reserve wave")
        ),
        "a wrong stance": World(
            model, wrong_stance, model.replace(reporting=sure), model, ("stance taken as known", "stance uncertain")
        ),
        "heavy rounding": World(
            rounded, heavy_rounding, model.replace(reporting=stated), model, ("numbers taken as stated", "rounding grids")
        ),
    }


def with_wave(model: fc.ForceModel, wave: fc.Wave) -> fc.ForceModel:
    return model.replace(arrivals=model.arrivals.replace(other=wave))


def coverage(found: fc.Calibration, measure: str) -> dict[str, float]:
    table = found.table[found.table["quantity"].str.startswith(f"{measure} 20")]
    dates = table["quantity"].str.split(" ").str[-1]
    return table.loc[dates.between(FROM, TO), ["in50", "in80", "in95"]].mean().round(3).to_dict()


def main(arguments: list[str] | None = None) -> list[dict]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--n", type=int, help="ledgers of each world")
    parser.add_argument("--world", help="run one world only, such as 'a wrong stance'")
    parser.add_argument("--folder", type=Path, help="folder for finished simulations; an interrupted run resumes there")
    parser.add_argument("--table", type=Path, help="print the table of an earlier run")
    options = parser.parse_args(arguments)
    if options.table:
        print(as_markdown([json.loads(line) for line in options.table.read_text().splitlines()]))
        return []
    ledger, lines = fc.datasets.load("north_korea_kursk"), []
    n = options.n or (2 if options.quick else 75)
    for name, world in worlds("W" if options.quick else "3D").items():
        if options.world not in (None, name):
            continue
        for part, model in zip(world.parts, (world.without, world.with_it), strict=True):
            folder = options.folder and options.folder / f"{name}, {part}".replace(" ", "_").replace(",", "")
            began = time.perf_counter()
            found = fc.calibrate(model, ledger, n, truth=world.truth, draw=world.draw, folder=folder)
            line = {"world": name, "fitted": part, "n": n, "n_unconverged": found.n_unconverged}
            line |= {"minutes": round((time.perf_counter() - began) / 60, 2)}
            line |= {"coverage": {measure: coverage(found, measure) for measure in MEASURES}}
            lines.append(line)
            print(json.dumps(line), flush=True)
    return lines


def as_markdown(lines: list[dict]) -> str:
    head = ["world", "fitted with", *(m.replace("_", " ") for m in MEASURES), "not converged"]
    rows = [head, ["---"] * len(head)]
    for line in lines:
        cells = ["/".join(f"{100 * share:.0f}" for share in line["coverage"][m].values()) for m in MEASURES]
        rows.append([line["world"], line["fitted"], *cells, f"{line['n_unconverged']} of {line['n']}"])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


if __name__ == "__main__":
    main(sys.argv[1:])
