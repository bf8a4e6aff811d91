"""Claims as arrays: what the likelihood of ``likelihood.py`` is evaluated on.

Three levels: *readings* of a curve at a date; *points*, one count each (a reading, or the highest of several); *variants*, one for
each meaning of a claim, whose probability is a mean over its points. Each point has a row of cells, one per rounding grid.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from forcest.ledger.measures import ERROR_CLASSES, MEASURES
from forcest.models.description.calendar import Grid
from forcest.models.reporting.cells import Cell, count_of, form_of
from forcest.models.reporting.description import Reporting
from forcest.models.reporting.layout import Layout, SourceClass, bias_class, month_of
from forcest.models.reporting.origins import Claim
from forcest.models.reporting.readings import READS, Reading, readings_of, window_of

NOTHING = -1e30  # log weight of padding: finite, so that gradients stay finite


@dataclass(frozen=True)
class ClaimArrays:
    """Constants of the claim likelihood; an index of -1 means "none" and points to an appended zero.

    Attributes
    ----------
    reading_nodes : ndarray of int, shape (reading, 4)
        Positions in the curves, flattened over (curve, date).
    reading_weights : ndarray, shape (reading, 4)
    highest : ndarray of int, shape (none_seen point, date)
        Readings whose highest counts; these points come after those with one reading.
    single : ndarray of int, shape (single point,)
    level, source, source_class, drift, error_class, group : ndarray
        Of each point: indices into the layout.
    vague, own_share, is_ratio, is_expected : ndarray, shape (point,)
    low, high, log_weight, rounding, grid, n_grids : ndarray, shape (point, cell)
        Cells on the log1p scale (log for ratios), a constant log weight, and the indices of their rounding weight.
    variant_points : ndarray of int, shape (variant, date)
    variant_log_weight : ndarray, shape (variant, date)
    variant_claim, variant_meaning : ndarray of int, shape (variant,)
        The claim, and which of the two meanings of "casualties" (-1: the claim has one meaning).
    variant_source : ndarray of int, shape (variant,)
    used : ndarray, shape (variant,)
        1, or 0 to leave a claim out of the likelihood.
    """

    reading_nodes: np.ndarray
    reading_weights: np.ndarray
    single: np.ndarray
    highest: np.ndarray
    level: np.ndarray
    source: np.ndarray
    source_class: np.ndarray
    drift: np.ndarray
    error_class: np.ndarray
    group: np.ndarray
    vague: np.ndarray
    own_share: np.ndarray
    is_ratio: np.ndarray
    is_expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    log_weight: np.ndarray
    rounding: np.ndarray
    grid: np.ndarray
    n_grids: np.ndarray
    variant_points: np.ndarray
    variant_log_weight: np.ndarray
    variant_claim: np.ndarray
    variant_meaning: np.ndarray
    variant_source: np.ndarray
    used: np.ndarray

    def named(self) -> dict[str, np.ndarray]:
        """The arrays by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass
class _Rows:
    """Arrays under construction."""

    readings: list[Reading] = field(default_factory=list)
    points: list[dict] = field(default_factory=list)
    variants: list[dict] = field(default_factory=list)


def claim_arrays(claims: Sequence[Claim], layout: Layout, grid: Grid, reporting: Reporting) -> ClaimArrays:
    """Arrays of a set of claims in a layout."""
    rows = _Rows()
    for index, claim in enumerate(claims):
        meanings = layout.curves_of(claim.row)
        for meaning, curve in enumerate(meanings):
            points = _add_points(rows, claim, readings_of(claim.row, curve, grid))
            source = layout.sources.index(claim.row["source"]) if claim.row["source"] in layout.sources else -1
            rows.variants.append(
                {"points": points, "claim": index, "meaning": meaning if len(meanings) > 1 else -1, "source": source}
            )
    return _assemble(rows, claims, layout, grid, reporting)


def _add_points(rows: _Rows, claim: Claim, readings: tuple[Reading, ...]) -> list[int]:
    first = len(rows.readings)
    rows.readings += readings
    numbers = list(range(first, first + len(readings)))
    groups = [numbers] if form_of(claim.row) == "none_seen" else [[number] for number in numbers]
    start = len(rows.points)
    rows.points += [{"claim": claim, "readings": group} for group in groups]
    return list(range(start, len(rows.points)))


def _assemble(rows: _Rows, claims: Sequence[Claim], layout: Layout, grid: Grid, reporting: Reporting) -> ClaimArrays:
    order = sorted(range(len(rows.points)), key=lambda p: len(rows.points[p]["readings"]) > 1)
    place = {old: new for new, old in enumerate(order)}
    points = [rows.points[p] for p in order]
    singles = [p["readings"][0] for p in points if len(p["readings"]) == 1]
    highest = [p["readings"] for p in points if len(p["readings"]) > 1]
    curve_at = {curve: i * grid.size for i, curve in enumerate(layout.curves)}
    padded = _pad([[place[p] for p in v["points"]] for v in rows.variants], 0)
    weights = _pad([[-np.log(len(v["points"]))] * len(v["points"]) for v in rows.variants], NOTHING)
    return ClaimArrays(
        reading_nodes=np.array([[curve_at[r.curve] + node for node in r.nodes] for r in rows.readings], dtype=np.int64).reshape(
            -1, 4
        ),
        reading_weights=np.array([r.weights for r in rows.readings], dtype=float).reshape(-1, 4),
        single=np.array(singles, dtype=np.int64),
        highest=_pad(highest, -1),
        **_reporting_indices([p["claim"] for p in points], layout, reporting),
        **_cell_arrays([p["claim"] for p in points], layout, reporting),
        variant_points=padded,
        variant_log_weight=weights,
        variant_claim=np.array([v["claim"] for v in rows.variants], dtype=np.int64),
        variant_meaning=np.array([v["meaning"] for v in rows.variants], dtype=np.int64),
        variant_source=np.array([v["source"] for v in rows.variants], dtype=np.int64),
        used=np.ones(len(rows.variants)),
    )


def _pad(lists: list[list], filling: float) -> np.ndarray:
    width = max((len(row) for row in lists), default=1)
    out = np.full((len(lists), width), filling, dtype=float if filling == NOTHING else np.int64)
    for i, row in enumerate(lists):
        out[i, : len(row)] = row
    return out


def _reporting_indices(claims: list[Claim], layout: Layout, reporting: Reporting) -> dict[str, np.ndarray]:
    def position(labels: Sequence, label) -> int:
        return labels.index(label) if label in labels else -1

    rows = [(c, bias_class(c)) for c in claims]
    cells = [layout.source_class_of(c.row, cls) for c, cls in rows]
    return {
        "level": np.array([position(layout.stances, layout.level_of(c.row, cls)) for c, cls in rows], dtype=np.int64),
        "source": np.array([position(layout.speakers, layout.speaker_of(c.row)) if cls else -1 for c, cls in rows], dtype=np.int64),
        "source_class": np.array([position(layout.source_classes, cell) for cell in cells], dtype=np.int64),
        "drift": _drift(claims, cells, layout),
        "error_class": np.array([ERROR_CLASSES.index(MEASURES[c.row["measure"]].error) for c in claims], dtype=np.int64),
        "group": np.array([position(layout.origin_groups, c.group) for c in claims], dtype=np.int64),
        "vague": np.array([reporting.vague_exact if c.row["qualifier"] == "exact" else 1.0 for c in claims]),
        "own_share": np.array([reporting.copy_error_share if c.group else 1.0 for c in claims]),
        "is_ratio": np.array([float(c.row["measure"] == "equivalence") for c in claims]),
        "is_expected": np.array([float(_is_expected(c, layout)) for c in claims]),
    }


def _is_expected(claim: Claim, layout: Layout) -> bool:
    """Whether a claim counts a window whose number the curve only expects."""
    row = claim.row
    if READS[row["measure"], row["scope"]].how != "growth":
        return False
    window = window_of(row)
    return not any((event.start, event.end) == window and event.force in ("", row["force"]) for event in layout.events)


def _drift(claims: list[Claim], cells: list[SourceClass], layout: Layout) -> np.ndarray:
    """Drift step of each point: that of its month, or of the last month before it in which its source speaks, or of the first."""
    first = np.cumsum([0, *(len(months) for _, months in layout.bulletins)])
    steps = {cell: (start, months) for start, (cell, months) in zip(first.tolist(), layout.bulletins, strict=False)}

    def step(claim: Claim, cell: SourceClass) -> int:
        if cell not in steps:
            return -1
        start, months = steps[cell]
        return start + max(0, bisect_right(months, month_of(claim)) - 1)

    return np.array([step(claim, cell) for claim, cell in zip(claims, cells, strict=True)], dtype=np.int64)


def _cell_arrays(claims: list[Claim], layout: Layout, reporting: Reporting) -> dict[str, np.ndarray]:
    shape = (len(claims), max((len(c.cells) for c in claims), default=1))
    low, high = np.full(shape, -np.inf), np.full(shape, np.inf)
    log_weight = np.full(shape, NOTHING)
    rounding, grids, n_grids = (np.full(shape, -1, dtype=np.int64) for _ in range(3))
    for i, claim in enumerate(claims):
        source = claim.row["source"]
        learned = layout.rounding_sources.index(source) if source in layout.rounding_sources else -1
        for j, cell in enumerate(claim.cells):
            low[i, j], high[i, j] = _on_belief_scale(cell, claim)
            log_weight[i, j] = 0.0
            if cell.grid >= 0:
                rounding[i, j], grids[i, j], n_grids[i, j] = learned, cell.grid, cell.n_grids
                if learned < 0:
                    log_weight[i, j] = _pooled_log_weight(cell, reporting)
    return {"low": low, "high": high, "log_weight": log_weight, "rounding": rounding, "grid": grids, "n_grids": n_grids}


def _on_belief_scale(cell: Cell, claim: Claim) -> tuple[float, float]:
    if claim.row["measure"] == "equivalence":
        return float(np.log(cell.low)), float(np.log(cell.high))
    return (float(np.log1p(cell.low)) if np.isfinite(cell.low) else -np.inf), float(np.log1p(cell.high))


def _pooled_log_weight(cell: Cell, reporting: Reporting) -> float:
    """Log weight of a grid for a source with one point claim, whose Dirichlet weights are integrated out exactly."""
    weights = np.array(reporting.grid_weights)
    return float(np.log(weights[cell.grid] / weights[: cell.n_grids].sum()))


def claim_table(claims: Sequence[Claim]) -> pd.DataFrame:
    """One row per fitted claim: its ledger row, its interval in persons, and the copies merged into it."""
    frame = pd.DataFrame([c.row for c in claims])
    frame["measure_class"] = [bias_class(c) for c in claims]
    frame["form"] = [form_of(c.row) for c in claims]
    frame["since"] = [c.since for c in claims]
    frame["copies"] = ["+".join(c.copies) for c in claims]
    frame["value"] = [count_of(c.row) for c in claims]
    frame["claim_low"] = [max(0.0, min(cell.low for cell in c.cells)) for c in claims]
    frame["claim_high"] = [max(cell.high for cell in c.cells) for c in claims]
    return frame
