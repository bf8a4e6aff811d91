"""The density of claims in straightforward loops, one draw at a time: what the model and its kernels are compared with."""

from itertools import pairwise, product

import numpy as np
import pandas as pd
from scipy.stats import logistic

from forcest.ledger.measures import MEASURES
from forcest.models.reporting.description import GRIDS


def mass(low: float, high: float, mean: float, scale: float) -> float:
    """Mass of a logistic distribution in an interval, from the tail in which the interval lies."""
    if low > mean:
        return logistic.sf(low, mean, scale) - logistic.sf(high, mean, scale)
    return logistic.cdf(high, mean, scale) - logistic.cdf(low, mean, scale)


class Loops:
    """The density of a ledger without copies, claim by claim, as model.md states it; curves are dicts of arrays over nodes."""

    def __init__(self, bound, curves, p):
        self.bound, self.curves, self.p = bound, curves, p
        self.dates = bound.model.grid.dates
        self.rows = [claim.row for claim in bound.claims]
        self.reporting = bound.model.reporting

    def label(self, name: str, dim: str, label) -> float:
        return self.p[name][list(self.bound.coords[dim]).index(label)]

    def curve(self, row, name) -> np.ndarray:
        curves = self.curves
        if row["wave"]:
            name = f"{name}[{row['wave']}]"
        return sum(curves[part] for part in name.split("+"))

    def level(self, curve, day) -> float:
        """The curve at the end of a day: linear between nodes, nothing before the first."""
        if day < self.dates[0]:
            return 0.0
        return float(np.interp(day.value, self.dates.as_unit("ns").asi8, curve))

    def counts(self, row, name) -> list[float]:
        """The count at each date that the claim may mean."""
        curve = self.curve(row, name)
        start, end = (row["as_of"], row["as_of"]) if pd.isna(row["window_start"]) else (row["window_start"], row["window_end"])
        if row["scope"] == "flow":
            return [self.level(curve, end) - self.level(curve, start - pd.Timedelta(days=1))]
        return [self.level(curve, day) for day in pd.date_range(start, end)]

    def name(self, row) -> str:
        measure, scope = row["measure"], row["scope"]
        special = {
            ("deployed", "stock"): "in_training+at_front+rear+in_hospital",
            ("in_training", "cumulative"): "deployed",
            ("in_training", "flow"): "deployed",
            ("at_front", "cumulative"): "reached_front",
            ("at_front", "flow"): "reached_front",
            ("in_hospital", "cumulative"): "wounded",
            ("equivalence", "stock"): "combat_value",
        }
        return special.get((measure, scope), measure)

    def bias(self, row) -> float:
        if row["measure"] == "equivalence":
            return 0.0
        cls, source = MEASURES[row["measure"]].bias, row["source"]
        b = self.label("stance_level", "stance_class", f"{row['stance']}:{cls}")
        b += self.p["source_scale"] * self.label("source_offset", "source", source)
        b += self.p["source_class_scale"] * self.label("source_class_offset", "source_class", f"{source}:{cls}")
        return b + self.p.get("drift_scale", 0.0) * self.drift(f"{source}:{cls}", row["as_of"].to_period("M"))

    def drift(self, cell: str, month: pd.Period) -> float:
        """The drift of a source month by month, from its first: what remains of the month before, and a step of its own."""
        steps = [step.rsplit(":", 1) for step in self.bound.coords.get("drift_step", [])]
        months = {when: self.p["drift_offset"][i] for i, (own, when) in enumerate(steps) if own == cell}
        drift = 0.0
        for when, step in months.items():
            remains = 0.0 if when == min(months) else np.exp(-1 / self.reporting.drift_time)
            if when == min(months) or pd.Period(when) <= month:
                drift = remains * drift + np.sqrt(1 - remains**2) * step
        return drift

    def cells(self, row) -> list[tuple[float, float, float]]:
        """Bounds in persons and weight."""
        n, low, high, q = row["value"], row["low"], row["high"], row["qualifier"]
        if row["measure"] == "equivalence":
            return [(n / 1.25, n * 1.25, 1.0)]
        if row["coverage"] == "partial":
            return [(n, np.inf, 1.0)]
        if q in ("exact", "about"):
            return self.rounded(row["source"], n)
        tau = {1000: 1.0, 40: 0.25, 1250: 0.1, 4000: 0.25, 60: 1 / 6}.get(n)
        words = {"dozens": (24, 96), "several_hundred": (200, 900), "several_thousand": (2000, 9000)}
        bounds = {
            **dict.fromkeys(("at_least", "more_than"), (n, n * (1 + (tau or np.nan)))),
            **dict.fromkeys(("up_to", "fewer_than"), (n / (1 + (tau or np.nan)), n)),
            **dict.fromkeys(("range", "derived"), (low, high)),
            "at_most": (-np.inf, n),
            "none_seen": (-np.inf, high),
        } | words
        return [(*bounds[q], 1.0)]

    def rounded(self, source, n) -> list[tuple[float, float, float]]:
        weights = np.array(self.reporting.grid_weights)
        if source in self.bound.coords.get("rounding_source", []):
            weights = self.label("rounding", "rounding_source", source)
        if n == 0:
            return [(-np.inf, 0.5, 1.0)]
        found = []
        for position, grid in enumerate(GRIDS):
            if n % grid == 0:
                edges = sorted({n - grid / 2, n + grid / 2, *(g / 2 for g in GRIDS[1:] if abs(n - g / 2) < grid / 2)})
                for a, b in pairwise(edges):
                    possible = [w for w, g in zip(weights, GRIDS, strict=True) if g == 1 or g / 2 <= a]
                    found.append((a, b, weights[position] / sum(possible)))
        return found

    def probability(self, row, count) -> float:
        """Probability of the words, given the count."""
        stated = max(count, 0) * np.exp(self.bias(row))
        sigma = self.p["error_scale"][["deployed", "stocks", "losses", "other"].index(MEASURES[row["measure"]].error)]
        sigma = sigma * (0.5 if row["qualifier"] == "exact" else 1)
        ratio = row["measure"] == "equivalence"
        mean, to_scale = (np.log(stated), np.log) if ratio else (np.log1p(stated), np.log1p)
        noise = 3 / np.pi**2 / (stated + 1) if row["scope"] == "flow" else 0.0
        scale = np.sqrt(sigma**2 + noise)
        gross = self.reporting.gross_error_share
        total = 0.0
        for low, high, weight in self.cells(row):
            a = to_scale(low) if np.isfinite(low) else -np.inf
            for share, width in ((1 - gross, 1.0), (gross, 5.0)):
                total += share * weight * mass(a, to_scale(high), mean, scale * width)
        return total

    def claim(self, row, meaning: str | None = None) -> float:
        counts = self.counts(row, meaning or self.name(row))
        if row["qualifier"] == "none_seen" and row["coverage"] != "partial":
            counts = [max(counts)]
        return float(np.log(np.mean([self.probability(row, count) for count in counts])))

    def total(self) -> float:
        """Sum over claims; for each source that does not define casualties, a mean over what it may mean."""
        unstated = [row for row in self.rows if row["measure"] == "casualties" and not row["definition"]]
        total = 0.0
        for row in self.rows:
            if row["measure"] == "casualties" and row["definition"]:
                total += self.claim(row, row["definition"])
            elif row["measure"] != "casualties":
                total += self.claim(row)
        sources = sorted({row["source"] for row in unstated})
        joint = 0.0
        meanings = ("killed+wounded", "killed+wounded+captured+missing")
        for combination in product(meanings, repeat=len(sources)):
            meant = dict(zip(sources, combination, strict=True))
            joint += 0.5 ** len(sources) * np.exp(sum(self.claim(row, meant[row["source"]]) for row in unstated))
        return total + float(np.log(joint))
