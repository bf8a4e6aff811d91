"""Markdown tables of the JSON lines of targets.py: medians over seeds, and ratios of our sampler to each other one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

OURS = "mams"
COLUMNS = {
    "mams": ("mams",),
    "hmc": ("hmc",),
    "nutpie diag": ("nutpie_diag",),
    "nutpie low-rank": ("nutpie_low_rank",),
    "PyMC": ("pymc_diag", "pymc_dense"),
    "NumPyro": ("numpyro_diag", "numpyro_dense"),
    "blackjax": ("blackjax_diag", "blackjax_dense"),
}
"""Where there are two settings, a column shows the one that needed fewer gradients."""
METRICS = {
    "ESS per 1,000 gradients, warm-up left out": ("ess_per_1000_gradients", True, 1.0),
    "Gradients until the rule holds, warm-up included, in thousands": ("gradients", False, 1e-3),
    "ESS per second, warm-up included, compilation not": ("ess_per_second", True, 1.0),
}

Cells = dict[tuple[str, str], list[dict]]


def _gather(lines: Iterable[dict]) -> Cells:
    """Lines by target and sampler; of several lines of one seed, the last one."""
    latest = {(line["target"], line["sampler"], line.get("seed")): line for line in lines}
    cells: Cells = defaultdict(list)
    for (target, sampler, _), line in latest.items():
        cells[target, sampler].append(line)
    return cells


def _reached(runs: list[dict]) -> list[dict]:
    """Runs that met the rule, if most of them did; otherwise none."""
    done = [run for run in runs if run.get("converged")]
    return done if 2 * len(done) > len(runs) else []


def _median(runs: list[dict], key: str) -> float:
    return float(np.median([run[key] for run in runs])) if runs else math.nan


def _best(cells: Cells, target: str, samplers: tuple[str, ...]) -> tuple[str, list[dict]]:
    """The setting that met the rule with the fewest gradients, else the one with the better R-hat."""
    tried = [name for name in samplers if (target, name) in cells]

    def cost(name: str) -> tuple[float, float]:
        runs = cells[target, name]
        gradients = _median(_reached(runs), "gradients")
        rhat = min((run.get("max_rhat", math.inf) for run in runs), default=math.inf)
        return (math.inf if math.isnan(gradients) else gradients, rhat)

    if not tried:
        return "", []
    name = min(tried, key=cost)
    return name, cells[target, name]


def _why_not(runs: list[dict], is_ours: bool) -> str:
    if not runs:
        return ""
    if all("skipped" in run for run in runs):
        return "skipped"
    reached = sum(bool(run.get("converged")) for run in runs)
    word = "alarm" if is_ours and any("ended by max_seconds" not in " ".join(run["reasons"]) for run in runs) else "not reached"
    return f"{word} ({reached} of {len(runs)})" if reached else word


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _setting(name: str, column: tuple[str, ...]) -> str:
    return " dense" if len(column) > 1 and name.endswith("dense") else ""


def _speed(cells: Cells, target: str, title: str, key: str, more_is_better: bool, scale: float) -> str:
    samplers = COLUMNS[title]
    name, runs = _best(cells, target, samplers)
    done, ours = _reached(runs), _reached(cells.get((target, OURS), []))
    if not done:
        return _why_not(runs, title in ("mams", "hmc"))
    value = _median(done, key) * scale
    text = _figure(value) + _setting(name, samplers)
    if title == OURS or not ours:
        return text
    ratio = _median(ours, key) * scale / value
    ratio = ratio if more_is_better else 1 / ratio
    shown = f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.2g}x"
    return f"{text} ({shown})" if ratio >= 1 else f"{text} (**{shown}**)"


def _error(cells: Cells, target: str, title: str) -> str:
    _, runs = _best(cells, target, COLUMNS[title])
    known = [run for run in runs if "rms_z_mean" in run]
    if not known:
        return _why_not(runs, title in ("mams", "hmc"))
    means, sds = (_median(known, f"rms_z_{what}") for what in ("mean", "sd"))
    worst = max(run[f"worst_z_{what}"] for run in known for what in ("mean", "sd"))
    text = f"{means:.2g}, {sds:.2g}; {worst:.2g}"
    return text if _reached(runs) else f"({text})"


def _grid(cells: Cells, write: Callable[[str, str], str]) -> str:
    targets = list(dict.fromkeys(target for target, _ in cells))
    titles = [title for title, names in COLUMNS.items() if any(cells.get((t, n)) for t in targets for n in names)]
    rows = [["target", *titles], ["---"] * (len(titles) + 1)]
    rows += [[target, *(write(target, title) for title in titles)] for target in targets]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _losses(cells: Cells, key: str, more_is_better: bool) -> str:
    """Targets where another sampler is better than our default kernel, with the names of these samplers."""
    behind = []
    for target in dict.fromkeys(target for target, _ in cells):
        ours = _median(_reached(cells.get((target, OURS), [])), key)
        ahead = []
        for title, samplers in COLUMNS.items():
            theirs = _median(_reached(_best(cells, target, samplers)[1]), key)
            is_ahead = theirs > ours if more_is_better else theirs < ours
            if title not in ("mams", "hmc") and (is_ahead or (math.isnan(ours) and not math.isnan(theirs))):
                ahead.append(title)
        if ahead:
            behind.append(f"{target} ({', '.join(ahead)})")
    return "Behind: " + ("; ".join(behind) if behind else "nowhere") + "."


def table(lines: Iterable[dict]) -> str:
    """All tables, each with the targets where we are behind.

    Bold ratios are those below 1, where ours is slower; ratios are always better above 1.
    """
    cells = _gather(lines)
    seeds = sorted({line["seed"] for runs in cells.values() for line in runs if "seed" in line})
    parts = [f"Medians over up to {len(seeds)} seeds. In brackets how many times better `mams` is; in bold where it is worse."]
    for heading, (key, more_is_better, scale) in METRICS.items():

        def write(target: str, title: str, rule: tuple = (key, more_is_better, scale)) -> str:
            return _speed(cells, target, title, *rule)

        parts += [f"**{heading}**", _grid(cells, write), _losses(cells, key, more_is_better)]
    heading = "Errors in standard errors: rms of means, rms of sds; worst of all (in brackets: the rule was not met)"
    parts += [f"**{heading}**", _grid(cells, lambda target, title: _error(cells, target, title))]
    return "\n\n".join(parts)
