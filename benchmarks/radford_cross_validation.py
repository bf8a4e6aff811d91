"""Claims on the killed of Radford et al. (2023), predicted from the others: by source, and by folds of briefings.

    uv run python benchmarks/radford_cross_validation.py --folder DIR > cross.jsonl     (about 15 minutes on 2 cores; it resumes)
    uv run python benchmarks/radford_cross_validation.py --table cross.jsonl            (the tables of docs/losses.md)
    uv run python benchmarks/radford_cross_validation.py --quick                        (one model, two folds, coarse fits)

The models are the first and the last one of radford_better.py without records that use the same claims as the same ranges, in steps
of a week. Scores are means over the claims left out; the gain is that over the first model, claim by claim, with a standard error
clustered by source and month.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from radford_better import END, START, VARIANTS, ledger_of, reporting_of

import forcest as fc
from forcest.checks.backtest import clustered

MODELS = [variant for variant in VARIANTS if variant.name in ("ranges", "ours")]
SCHEMES = {"source": None, "briefing": 5}
SHOWN = {"log_score": "log score", "crps": "CRPS of log", "in50": "inside 50 %", "in90": "inside 90 %", "pit": "mean PIT"}


def scores(variant, by: str, folds: int | None, folder: Path | None, **options) -> pd.DataFrame:
    model = fc.LossModel(start=START, end=END, step="W", kinds=("killed",), reporting=reporting_of(variant))
    place = folder and folder / f"{variant.name}-{by}"

    def tell(name: str) -> None:
        print(f"{variant.name}, without {name}", file=sys.stderr, flush=True)

    return fc.cross_validate(model, ledger_of(variant), by, folds, folder=place, callback=tell, **options)


def row(table: pd.DataFrame, first: pd.DataFrame) -> dict:
    """Mean scores, and the gain over the first model."""
    month = table["source"] + " " + table["as_of"].dt.strftime("%Y-%m")
    gain = table.set_index("id")["log_score"] - first.set_index("id")["log_score"]
    mean, error = clustered(gain, pd.Series(month.to_numpy(), index=table["id"]).reindex(gain.index))
    unconverged = int((~table.groupby("fold")["converged"].first().astype(bool)).sum())
    found = {
        "n": len(table),
        "refused": len(table.attrs["refused"]),
        "gain": mean,
        "gain_se": error,
        "unconverged_folds": unconverged,
    }
    return found | {score: float(table[score].mean()) for score in SHOWN}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--table", type=Path, help="print the tables of an earlier run")
    options = parser.parse_args()
    if options.table:
        print(as_markdown([json.loads(line) for line in options.table.read_text().splitlines()]))
        return
    for by, folds in {"source": 2}.items() if options.quick else SCHEMES.items():
        first = None
        for variant in MODELS[:1] if options.quick else MODELS:
            began = time.perf_counter()
            table = scores(variant, by, folds, options.folder, quick=options.quick)
            first = table if first is None else first
            parts = {str(fold): row(part, first[first["id"].isin(part["id"])]) for fold, part in with_attrs(table)}
            line = {"by": by, "model": variant.name, "what": variant.what, **row(table, first)}
            print(json.dumps(line | {"folds": parts, "seconds": round(time.perf_counter() - began)}, default=float), flush=True)


def with_attrs(table: pd.DataFrame):
    """The part of each fold, with the claims refused there."""
    for fold, part in table.groupby("fold", sort=False):
        part.attrs = {"refused": [lost for lost in table.attrs["refused"] if lost["fold"] == fold]}
        yield fold, part


def as_markdown(lines: list[dict]) -> str:
    return "\n\n".join(_table([line for line in lines if line["by"] == by]) for by in SCHEMES)


def _table(lines: list[dict]) -> str:
    head = ["left out by " + lines[0]["by"], "claims", *SHOWN.values(), "log score gained"]
    rows = [head, ["---"] * len(head)]
    for line in lines:
        rows += [_cells(line["what"], line)]
        if line["by"] == "source" and line is lines[-1]:
            rows += [_cells(f"- without {name}", part) for name, part in line["folds"].items()]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in rows)


def _cells(name: str, line: dict) -> list[str]:
    numbers = [f"{100 * line[s]:.0f} %" if s.startswith("in") else f"{line[s]:.2f}" for s in SHOWN]
    return [name, str(line["n"]), *numbers, f"{line['gain']:.2f} ± {line['gain_se']:.2f}"]


if __name__ == "__main__":
    main()
