"""Random input beyond the reader of tables: whatever comes in is answered, alike by two statements, or refused in one sentence.

    uv run python benchmarks/fuzz.py --minutes 120 --out fuzz.jsonl       (a line per failure, with the seed that repeats it)
    uv run python benchmarks/fuzz.py --only ledger --seed 17              (one try, with its traceback)

Four kinds of input take turns. *ledger*: a random ledger is bound to its default model; at positions drawn from the prior, the
density of the kernels must be finite and equal to what the formulas of prior and claims say in NumPy. *model*: a model file with
words exchanged is read and bound. *fit*: a saved fit with changed bytes must be refused. *command*: a random command line must
end with exit code 0, 1 or 2 and without a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import forcest as fc
from forcest.errors import ForcestError
from forcest.ledger import schema
from forcest.ledger.measures import LOSSES
from forcest.models.default import default_model

START = pd.Timestamp("2024-01-01")
WEIRD = ("", "-5", "0", "1e9", "nan", "a3", "a1+a2", "2024-02-30", "1924-05-01", "killed", "stock", "partial", "Ω", "=1+1", "3,5")
RELATIVE = 1e-9
"""Largest difference of the two densities: both sum some hundred terms in double precision, those of far claims lose digits."""


# --- ledgers that bind ------------------------------------------------------------------------------------------------


def random_rows(rng: np.random.Generator) -> pd.DataFrame:
    """Rows of one to three forces that a person could have written; now and then a cell is something else."""
    forces = [f"force {i}" for i in range(1 + (rng.random() < 0.3) * int(rng.integers(1, 3)))]
    measures = rng.choice([name for name in schema.MEASURES if name != "destroyed"], int(rng.integers(1, 6)), replace=False)
    sources = [f"source {i}" for i in range(int(rng.integers(1, 6)))]
    span = int(rng.choice([5, 60, 400, 1500]))
    rows = [_row(i, rng, forces, measures, sources, span) for i in range(int(rng.integers(2, 25)))]
    frame = pd.DataFrame(rows, columns=list(schema.NAMES)).fillna("").astype(str)
    for _ in range(int(rng.poisson(0.3))):
        frame.iloc[int(rng.integers(len(frame))), int(rng.integers(len(frame.columns)))] = str(rng.choice(WEIRD))
    return frame


def without_faults(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in which the reader finds no error."""
    problems = fc.read_ledger(frame).problems()
    faulty = set(problems.loc[problems["severity"] == "error", "id"])
    return frame[~frame["id"].isin(faulty)]


def _row(i: int, rng: np.random.Generator, forces, measures, sources, span: int) -> dict:
    measure = str(rng.choice(measures))
    scope = str(rng.choice(schema.MEASURES[measure].scopes))
    last = START + pd.Timedelta(days=int(rng.integers(0, span)))
    number = float(np.round(np.exp(rng.uniform(0, 11))))
    row = {
        "id": f"a{i}",
        "published": last + pd.Timedelta(days=int(rng.integers(0, 30))),
        "as_of": last,
        "force": str(rng.choice(forces)),
        "measure": measure,
        "scope": scope,
        "source": str(rng.choice(sources)),
        "stance": str(rng.choice(list(schema.STANCES))),
        "qualifier": str(rng.choice(list(schema.QUALIFIERS))),
    }
    row |= _numbers(row["qualifier"], number)
    if rng.random() < (0.8 if scope == "flow" else 0.1):  # a flow without a window is of one day
        row |= {"window_start": last - pd.Timedelta(days=int(rng.integers(1, 40))), "window_end": last}
    if measure == "casualties" and rng.random() < 0.5:
        row["definition"] = str(rng.choice(["killed+wounded", "killed+wounded+captured", "killed"]))
    if i and rng.random() < 0.2:
        row["origin" if rng.random() < 0.8 else "supersedes"] = f"a{int(rng.integers(i))}"
    if rng.random() < 0.1:
        row["coverage"] = "partial"
    if measure == "deployed" and rng.random() < 0.3:
        row["wave"] = str(rng.choice(["first", "second"]))
    return row


def _numbers(qualifier: str, number: float) -> dict:
    rule = schema.QUALIFIERS[qualifier]
    needed = rule.every or rule.either[:1]
    sizes = {"low": 0.5 * number, "value": number, "high": 2 * number}
    return {name: f"{np.round(sizes[name]):.0f}" for name in needed}


def try_ledger(rng: np.random.Generator, _folder: Path) -> str:
    """Bind a ledger to its default model, and compare both statements of its density."""
    rows = random_rows(rng)
    for _ in range(3 * (rng.random() < 0.9)):  # a row that is taken away may leave another without its origin
        rows = without_faults(rows)
    ledger = fc.read_ledger(rows)
    if ledger.forces() and not set(rows["measure"]) <= set(LOSSES):
        ledger = ledger.filter(force=ledger.forces()[0])
    bound = default_model(ledger).on(ledger)
    density = bound.density()
    positions = np.ascontiguousarray(density.coordinates.prior_positions(rng, 16).T).T
    value, gradient = density(positions)
    p = density.coordinates.parameters_of(positions)
    claims = bound.likelihood.total(bound.likelihood.forward(p, bound.read_curves(bound.curves_forward(p)), bound.data), bound.data)
    expected = claims + density.coordinates.log_prior(positions)[0]
    assert np.isfinite(value).all(), "the density is not finite"
    assert np.isfinite(gradient).all(), "the gradient is not finite"
    worst = np.max(np.abs(value - expected) / (1 + np.abs(expected)))
    assert worst < RELATIVE, f"the two statements of the density differ by {worst:.2g}"
    return type(bound.model).__name__


# --- model files ------------------------------------------------------------------------------------------------------


@cache
def sound_files() -> tuple[str, ...]:
    """Model files of the defaults of all shipped ledgers."""
    return tuple(default_model(fc.datasets.load(name)).to_toml() for name in fc.datasets.names())


def try_model(rng: np.random.Generator, folder: Path) -> str:
    """Read a model file with words exchanged, and bind it."""
    number = int(rng.integers(len(sound_files())))
    words = sound_files()[number].split(" ")
    for _ in range(int(rng.integers(1, 4))):
        at, other = int(rng.integers(len(words))), int(rng.integers(len(words)))
        words[at] = str(rng.choice([words[other], "-1", "1e308", "nan", "[[", "true", '"D"', "{}", "0", "1979-05-27"]))
    path = folder / "model.toml"
    path.write_text(" ".join(words), encoding="utf-8")
    model = fc.read_model(path)
    model.on(fc.datasets.load(fc.datasets.names()[number])).density()
    assert fc.read_model(model.to_toml(folder / "again.toml") and folder / "again.toml") == model
    return "read"


# --- saved fits -------------------------------------------------------------------------------------------------------


@cache
def sound_fit() -> bytes:
    """A small saved fit."""
    ledger = fc.datasets.load("soviet_cuba_1962")
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        fit = fc.fit(default_model(ledger), ledger, random_seed=1, quick=True)
        return fc.save(fit, Path(folder) / "fit.nc").read_bytes()


def try_fit(rng: np.random.Generator, folder: Path) -> str:
    """Load a fit in which bytes were changed, cut off or repeated; none may be accepted."""
    content = bytearray(sound_fit())
    at, many = int(rng.integers(len(content))), int(rng.integers(1, 64))
    match int(rng.integers(3)):
        case 0:
            content[at] ^= 1 << int(rng.integers(8))
        case 1:
            del content[at : at + many]
        case 2:
            content[at:at] = content[at : at + many]
    path = folder / "fit.nc"
    path.write_bytes(bytes(content))
    fc.load(path)
    raise AssertionError("a changed file was accepted")


# --- command lines ----------------------------------------------------------------------------------------------------


def try_command(rng: np.random.Generator, folder: Path) -> str:
    """Commands that do not fit, with files and options that may be anything."""
    from typer.testing import CliRunner

    from forcest.cli import app

    sheet = folder / "ledger.csv"
    random_rows(rng).to_csv(sheet, index=False)
    words = [str(sheet), str(folder), "missing.csv", "north_korea_kursk", "--out", "--sheet", "--known-by", "2024-05-01", "--force",
             "--help", "--list", "--format", "csv", "-1", "é", "--seed", "1.5", "--", "--model", "list", "fetch", ""]  # fmt: skip
    command = str(rng.choice(["check", "new", "report", "datasets", "compare", "rerun", "draft"]))
    arguments = [command, *rng.choice(words, int(rng.integers(0, 5))).tolist()]
    with inside(folder):
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code in (0, 1, 2), f"{arguments}: exit code {result.exit_code}"
    assert "This is a bug in forcest" not in result.output, f"{arguments}: {result.output[-300:]}"
    assert result.exception is None or isinstance(result.exception, SystemExit), f"{arguments}: {result.exception!r}"
    return f"exit code {result.exit_code}"


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


KINDS: dict[str, Callable[[np.random.Generator, Path], str]] = {
    "ledger": try_ledger, "model": try_model, "fit": try_fit, "command": try_command,
}  # fmt: skip


def attempt(kind: str, seed: int) -> str:
    """One try: what became of it; an exception that is no message for users is passed on."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return KINDS[kind](np.random.default_rng([seed, list(KINDS).index(kind)]), Path(folder))
        except ForcestError:
            return "refused"


def main(arguments: list[str] | None = None) -> list[dict]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--seed", type=int, help="one try with this seed; needs --only")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    if options.seed is not None and options.only is None:
        parser.error("--seed repeats one try: say of which kind with --only")
    if options.seed is not None:
        print(attempt(options.only, options.seed))
        return []
    found, became, seed, end = [], Counter(), options.first, time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        for kind in [options.only] if options.only else KINDS:
            try:
                became[f"{kind}: {attempt(kind, seed)}"] += 1
            except Exception as error:  # noqa: BLE001 - whatever is no message for users is what is looked for
                found.append(
                    {
                        "kind": kind,
                        "seed": seed,
                        "error": f"{type(error).__name__}: {error}"[:400],
                        "where": traceback.format_exc()[-800:],
                    }
                )
                print(json.dumps(found[-1]), flush=True)
        seed += 1
    print(json.dumps({"seeds": [options.first, seed], "failures": len(found), **became}), flush=True)
    if options.out:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in [*found, dict(became)]), encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
