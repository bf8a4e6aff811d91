"""How often a fit of the default model converges: whole ledgers and random parts of them, each with several seeds.

A part leaves out one or more of: some sources, some measures, all claims outside a span of dates. Writes a JSON line per fit to a
file and goes on where the file ends:

    uv run python benchmarks/convergence.py LEDGER.csv ... --parts 200 --seeds 3 --out fits.jsonl
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import forcest as fc
from forcest.models.default import default_model

FEWEST_CLAIMS = 4


def part_of(ledger: fc.Ledger, rng: np.random.Generator) -> fc.Ledger:
    """A random part of a ledger: some sources and measures dropped, and the dates outside a span."""
    rows = ledger.usable()
    kept = rows[rows["source"].isin(_some(rows["source"], rng)) & rows["measure"].isin(_some(rows["measure"], rng))]
    days = np.sort(rng.choice(rows["as_of"].unique(), 2)) if rng.random() < 0.5 else (rows["as_of"].min(), rows["as_of"].max())
    kept = kept[kept["as_of"].between(*days)]
    dropped = sorted(set(ledger.to_dataframe()["id"]) - set(kept["id"]))
    return ledger.exclude({id_: "not in this part" for id_ in dropped}) if dropped else ledger


def _some(values, rng: np.random.Generator) -> list:
    """Half of the time all values, otherwise each with a probability of 70 %."""
    found = sorted(set(values))
    return found if rng.random() < 0.5 else [value for value in found if rng.random() < 0.7]


def cases(files: list[Path], parts: int) -> Iterator[tuple[str, fc.Ledger]]:
    """Every ledger as it is, then so many parts, dealt to the ledgers in turn."""
    ledgers = [fc.read_ledger(file) for file in files]
    yield from ((file.stem, ledger) for file, ledger in zip(files, ledgers, strict=True))
    for number in range(parts):
        file, ledger = files[number % len(files)], ledgers[number % len(files)]
        yield f"{file.stem} part {number}", part_of(ledger, np.random.default_rng([number, 1]))


def fitted(name: str, ledger: fc.Ledger, seed: int) -> dict:
    """What became of one fit."""
    found = {"case": name, "seed": seed, "claims": len(ledger.usable())}
    if found["claims"] < FEWEST_CLAIMS:
        return found | {"result": "too few claims"}
    began = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fc.errors.NotConvergedWarning)
            fit = fc.fit(default_model(ledger), ledger, random_seed=seed)
    except fc.errors.ForcestError as error:
        return found | {"result": "refused", "why": str(error)}
    verdict = fc.diagnose(fit)
    found |= {"result": "converged" if verdict.converged else "not converged", "seconds": time.process_time() - began}
    return found | ({} if verdict.converged else {"why": list(verdict.reasons), "claims_disputed": list(verdict.claims)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledgers", nargs="+", type=Path)
    parser.add_argument("--parts", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("convergence.jsonl"))
    options = parser.parse_args()
    done = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
    known = {(row["case"], row["seed"]) for row in done}
    for name, ledger in cases(options.ledgers, options.parts):
        for seed in range(1, options.seeds + 1):
            if (name, seed) not in known:
                done.append(fitted(name, ledger, seed))
                with options.out.open("a") as file:
                    file.write(json.dumps(done[-1]) + "\n")
    fits = [row for row in done if row["result"] in ("converged", "not converged")]
    failed = [row for row in fits if row["result"] == "not converged"]
    print(
        f"{len(failed)} of {len(fits)} fits did not converge; {len(done) - len(fits)} parts had too few claims or no default model."
    )
    for row in failed:
        print(f"{row['case']}, seed {row['seed']}: {' '.join(row['why'])}")


if __name__ == "__main__":
    main()
