"""The table and the figures of docs/losses.md from the results of radford_better.py.

uv run python benchmarks/radford_better_figures.py DIR ...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from radford_better import ANCHORED_TO, PUBLISHED, RUSSIA, UKRAINE, VARIANTS, records

DOCS = Path(__file__).parents[1] / "docs"
RECORD, ASSUMED, ANCHORED = "#1b7837", "#7f7f7f", "#2166ac"
SHOWN = {"near": "near the published model", "ours": "ours, no anchor", "anchored": "ours, anchored to 28 August"}


def results(folders: list[Path]) -> tuple[list[dict], dict[str, np.ndarray]]:
    """Rows in the order of the study, and draws of weekly deaths by variant."""
    rows: dict[str, dict] = {}
    draws: dict[str, np.ndarray] = {}
    for folder in folders:
        lines = (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
        rows |= {row["variant"]: row for row in map(json.loads, lines)}
        with np.load(folder / "weekly.npz") as stored:
            draws |= {name: stored[name] for name in stored.files}
    order = ["published", "records", *(v.name for v in VARIANTS)]
    return sorted(rows.values(), key=lambda row: order.index(row["variant"])), draws


def table(rows: list[dict]) -> str:
    """The table in Markdown."""
    lines = [
        "| model | Russian deaths by 23 Feb 2023 | width | Ukrainian deaths | log score | factor | in 50 % | in 90 % | elpd |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["variant"] == "records":
            r = row[RUSSIA]
            lines.append(f"| records (Mediazona, Meduza), bounds summed | {_interval(r)} | {_width(r)} | | | | | | |")
            continue
        scores = "| | | | |"
        if "log_score" in row:
            scores = f"| {row['log_score']:.2f} | {row['factor']:.2f} | {row['covered_50']:.0%} | {row['covered_90']:.0%} |"
        elpd = f" {row['elpd']:,.0f} |" if "elpd" in row else " |"
        mark = "" if row.get("converged", 1) else " (not converged)"
        what = row["what"] + mark
        lines.append(f"| {what} | {_interval(row[RUSSIA])} | {_width(row[RUSSIA])} | {_interval(row[UKRAINE])} {scores}{elpd}")
    return "\n".join(lines) + "\n"


def _interval(interval: dict) -> str:
    return f"{interval['median']:,.0f} [{interval['low']:,.0f}-{interval['high']:,.0f}]"


def _width(interval: dict) -> str:
    return f"{interval['high'] - interval['low']:,.0f}"


def totals(rows: list[dict]) -> None:
    """Every model's interval beside the records."""
    truth = next(row for row in rows if row["variant"] == "records")[RUSSIA]
    models = [row for row in rows if row["variant"] != "records"]
    figure, ax = plt.subplots(figsize=(8.6, 1.4 + 0.36 * len(models)), layout="constrained")
    ax.axvspan(truth["low"], truth["high"], color=RECORD, alpha=0.18, linewidth=0)
    ax.axvline(truth["median"], color=RECORD, linewidth=1.4)
    for y, row in enumerate(models):
        interval = row[RUSSIA]
        colour = ANCHORED if row["variant"].startswith("anchored") else ASSUMED
        ax.plot([interval["low"], interval["high"]], [y, y], color=colour, linewidth=3.5, solid_capstyle="butt")
        ax.plot([interval["median"]], [y], marker="o", color=colour, markeredgecolor="white", markersize=7)
    marks = ["" if row.get("converged", 1) else "\n(not converged)" for row in models]
    ax.set_yticks(range(len(models)), [row["what"] + mark for row, mark in zip(models, marks, strict=True)], fontsize=9)
    ax.set_ylim(len(models) - 0.4, -0.6)
    ax.set_xscale("log")
    ticks = [10_000, 20_000, 30_000, 50_000, 100_000, 150_000]
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    figure.suptitle("Russian deaths by 23 February 2023: median, equal-tailed 90 % interval", x=0.01, ha="left", fontsize=11)
    ax.set_xlabel("Green: the records of the whole year and their\nsummed bounds, which no model has seen in full", fontsize=9)
    _bare(ax)
    figure.savefig(DOCS / "images/losses_totals.png", dpi=150)
    plt.close(figure)


def weeks_figure(draws: dict[str, np.ndarray], weeks: pd.DataFrame) -> None:
    """Weekly deaths of three models and the records."""
    figure, axes = plt.subplots(len(SHOWN), 1, figsize=(8.6, 7.4), sharex=True, sharey=True, layout="constrained")
    middle = weeks["window_start"] + (weeks["window_end"] - weeks["window_start"]) / 2
    for ax, (name, title) in zip(axes, SHOWN.items(), strict=True):
        seen = (weeks["window_end"] <= ANCHORED_TO) & name.startswith("anchored")
        low90, low50, median, high50, high90 = np.quantile(draws[name], (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
        colour = ANCHORED if name.startswith("anchored") else ASSUMED
        ax.fill_between(middle, low90, high90, color=colour, alpha=0.2, linewidth=0, label="model, 90 %")
        ax.fill_between(middle, low50, high50, color=colour, alpha=0.35, linewidth=0, label="model, 50 %")
        ax.plot(middle, median, color=colour, linewidth=1.5)
        for used, face, label in ((seen, RECORD, "records, used as anchor"), (~seen, "white", "records, kept for the score")):
            if used.any():
                of = weeks[used]
                error = [of["value"] - of["low"], of["high"] - of["value"]]
                ax.errorbar(
                    middle[used], of["value"], error, fmt="o", color=RECORD, mfc=face, markersize=4, linewidth=0.9, label=label
                )
        ax.axvline(ANCHORED_TO, color="#b0b0b0", linewidth=0.9, linestyle=(0, (4, 3)))
        ax.set_title(title, loc="left", fontsize=10)
        ax.set_yscale("log")
        ax.set_ylim(15, 20_000)
        ax.set_yticks([30, 100, 300, 1_000, 3_000, 10_000], ["30", "100", "300", "1,000", "3,000", "10,000"])
        ax.minorticks_off()
        ax.legend(fontsize=8, frameon=False, ncols=4, loc="upper center")
        _bare(ax)
    axes[1].set_ylabel("Russian deaths in a week [persons]")
    figure.savefig(DOCS / "images/losses_weekly.png", dpi=150)
    plt.close(figure)


def _bare(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)


def main() -> None:
    """Write the table and the figures."""
    mpl.use("Agg")
    rows, draws = results([Path(folder) for folder in sys.argv[1:]])
    (DOCS / "losses-table.md").write_text(table(rows), encoding="utf-8")
    totals(rows)
    weeks_figure(draws, records())
    print(table(rows), f"published: {PUBLISHED[RUSSIA]}")


if __name__ == "__main__":
    main()
