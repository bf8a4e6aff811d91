r"""Multiplicative bias of sources: :math:`b(s, c) = \mu_{stance(s), c} + \tau_1 u_s + \tau_2 v_{s,c}`, plus a drift by month.

A stance's level is one shared parameter, so that it does not shrink with the number of sources; source effects come on top.
Stance is relative to the force counted: with several forces, each has its own levels and cells, :math:`\mu_{stance, c, f}` and
:math:`v_{s,c,f}`. A party has one effect :math:`u` for claims about its own side and another for the other side; a third party has
one :math:`u` for all forces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from forcest.ledger.measures import ERROR_CLASSES
from forcest.models.parameters.families import Dirichlet, Family, JointNormal, Logistic, Normal
from forcest.models.parameters.numeric import NUMERIC, pick
from forcest.models.parameters.parameter import Parameter, offsets, parameter
from forcest.models.reporting.description import GRIDS, Reporting, drift_recursion
from forcest.models.reporting.layout import Layout, month_number


@dataclass(frozen=True)
class Bias:
    """The reporting parameters of a layout."""

    reporting: Reporting
    layout: Layout

    def parameters(self) -> list[Parameter]:
        """Stance levels, source effects, drift, error scales and rounding weights."""
        r, layout = self.reporting, self.layout
        found = []
        if layout.stances:
            found = [Parameter("stance_level", ("stance_class",), self._levels(), "log", "bias shared by all sources of a stance")]
        if layout.speakers:
            found += [
                parameter("source_scale", [], r.source_effect, "log", "sd of a source's own bias"),
                parameter("source_class_scale", [], r.source_class_effect, "log", "sd of its deviation by measure class"),
                offsets("source_offset", [self._speaker], (len(layout.speakers),), "a source's own bias"),
                offsets("source_class_offset", ["source_class"], (len(layout.source_classes),), "its deviation by class"),
            ]
        if layout.bulletins:
            found.append(parameter("drift_scale", [], r.drift, "log", "sd of the part of a bias that drifts"))
            found.append(offsets("drift_offset", ["drift_step"], (len(layout.drift_steps),), "monthly steps of a source's bias"))
        scales = [r.error_scales[name] for name in ERROR_CLASSES]
        found.append(parameter("error_scale", ["error_class"], scales, "log", "logistic scale of a claim's error"))
        if layout.rounding_sources:
            found.append(self._rounding())
        if layout.origin_groups:
            n = len(layout.origin_groups)
            found.append(Parameter("origin_error", ("origin_group",), Logistic(np.zeros(n)), "scales", "error shared by copies"))
        return found

    @property
    def learnt(self) -> list[bool]:
        """Whether the prior of each level is learnt from past wars, or given as if it were: correlated with others."""
        return [place >= 0 for place in self._together()]

    def _together(self) -> list[int]:
        """Place of each level among those that are expected together; -1 for the others."""
        cells = self.reporting.levels_together.cells
        own = [f"{cls}:{stance}" for stance, cls, *_ in self._labels]
        return [cells.index(cell) if cell in cells else -1 for cell in own]

    @property
    def _labels(self) -> list[list[str]]:
        """Stance, class and, with several forces, force of each level."""
        return [label.split(":", 2) for label in self.layout.stances]

    def _levels(self) -> Family:
        """Prior of the levels: independent, or together where the description says so."""
        priors = cast(Mapping[Any, Mapping[Any, Any]], self.reporting.stance_levels)
        of = [priors[cls][stance].distribution for stance, cls, *_ in self._labels]
        loc, scale = (np.array([getattr(prior, name) for prior in of]) for name in ("loc", "scale"))
        together, at, wide = self.reporting.levels_together, self._together(), np.array(self.learnt)
        if not wide.any():
            return Normal(loc, scale)
        force = np.array(["".join(rest) for _, _, *rest in self._labels])
        joint = np.outer(wide, wide) & (force[:, None] == force)
        correlation = np.where(joint, np.array(together.correlation)[np.ix_(at, at)], np.eye(len(at)))
        factor = scale[:, None] * np.linalg.cholesky(correlation)
        return JointNormal(loc, factor, wide, together.wide_share, together.wide_factor)

    def _rounding(self) -> Parameter:
        weights = self.reporting.grid_concentration * np.array(self.reporting.grid_weights)
        concentration = np.tile(weights, (len(self.layout.rounding_sources), 1))
        dims = ("rounding_source", "grid")
        return Parameter("rounding", dims, Dirichlet(concentration), "share", "grids a source rounds on")

    def coords(self) -> dict[str, list]:
        """Labels of the dims."""
        layout = self.layout
        return {
            self._speaker: list(layout.speakers),
            "stance_class": list(layout.stances),
            "source_class": [":".join(cell) for cell in layout.source_classes],
            "drift_step": [":".join([*cell, month]) for cell, month in layout.drift_steps],
            "error_class": list(ERROR_CLASSES),
            "rounding_source": list(layout.rounding_sources),
            "grid": list(GRIDS),
            "origin_group": list(layout.origin_groups),
        }

    def log_bias(self, xp: Any, p: Mapping[str, Any], data: Any) -> Any:
        """Log bias of each point, shape (..., point), or (..., 1) where no source has one.

        Parameters
        ----------
        xp : module
            The symbolic library, or the numeric one; see :mod:`forcest.models.parameters.numeric`.
        p : mapping of str to TensorVariable or ndarray
            Parameters, for arrays with the draw axis first.
        data : ClaimArrays
            Of arrays, or of variables.
        """
        if not self.layout.stances:
            return xp.zeros_like(p["error_scale"][..., :1])
        bias = self._without_drift(xp, p, data.level, data.source, data.source_class)
        if self.layout.bulletins:
            bias = bias + p["drift_scale"][..., None] * pick(xp, self.drift(xp, p["drift_offset"]), data.drift)
        return bias

    def drift_recursion(self) -> tuple[np.ndarray, np.ndarray]:
        """Weights of the drift before and of the offset in each drift step; the first of a source has none before it."""
        by_source = [drift_recursion([*map(month_number, m)], self.reporting.drift_time) for _, m in self.layout.bulletins]
        kept, new = (np.concatenate([np.zeros(0), *weights]) for weights in zip(*by_source, strict=True))
        return kept, new

    def drift(self, xp: Any, offset: Any) -> Any:
        """Drift of each step in standard deviations, shape (..., step): the recursion as a sum, source by source."""
        lengths = np.array([len(months) for _, months in self.layout.bulletins])
        at = np.arange(lengths.max())
        rows = np.where(at < lengths[:, None], np.cumsum([0, *lengths[:-1]])[:, None] + at, -1)
        kept, new = (np.where(rows >= 0, weights[rows], 0.0) for weights in self.drift_recursion())
        weights = np.zeros((*rows.shape, len(at)))
        for j in at:
            weights[:, j] = kept[:, j, None] * weights[:, j - 1] * (j > 0)
            weights[:, j, j] = new[:, j]
        summed = xp.matmul(weights, pick(xp, offset, rows)[..., None])[..., 0]
        source, month = np.nonzero(rows >= 0)
        return summed[..., source, month]

    def continued_drift(self, offset: np.ndarray, known: Mapping[int, np.ndarray]) -> np.ndarray:
        r"""Offsets under which some steps have a drift that is known, and the others one drawn given these, (draw, step).

        Between drifts :math:`d_-` before and :math:`d_+` after a month, with correlations :math:`\phi_-` and :math:`\phi_+` to it,
        that of the month is normal with

        .. math:: mean = \frac{\phi_-(1-\phi_+^2) d_- + \phi_+(1-\phi_-^2) d_+}{1-\phi_-^2\phi_+^2}, \qquad
                  variance = \frac{(1-\phi_-^2)(1-\phi_+^2)}{1-\phi_-^2\phi_+^2}.

        Parameters
        ----------
        offset : ndarray, shape (draw, step)
            Standard normal draws.
        known : dict of int to ndarray, shape (draw,)
            Drift of a step in standard deviations, such as that of a month of the fit.
        """
        out, (kept, new) = offset.copy(), self.drift_recursion()
        first = 0
        for _, months in self.layout.bulletins:
            numbers, before = [*map(month_number, months)], np.zeros(len(offset))
            for j, month in enumerate(numbers):
                step = first + j
                later = next((k for k in range(j + 1, len(numbers)) if first + k in known), None)
                then = 0.0 if later is None else np.exp(-(numbers[later] - month) / self.reporting.drift_time)
                after = np.zeros(len(offset)) if later is None else known[first + later]
                share = 1 - kept[step] ** 2 * then**2
                mean = (kept[step] * (1 - then**2) * before + then * new[step] ** 2 * after) / share
                drawn = mean + new[step] * np.sqrt((1 - then**2) / share) * offset[:, step]
                drift = known.get(step, drawn)
                out[:, step] = (drift - kept[step] * before) / new[step]
                before = drift
            first += len(months)
        return out

    def _without_drift(self, xp: Any, p: Mapping[str, Any], level: Any, source: Any, source_class: Any) -> Any:
        """Log bias without drift, from positions of its parts in the layout (-1: no such part), shape (..., position)."""
        bias = pick(xp, p["stance_level"], level)
        if not self.layout.speakers:
            return bias
        bias = bias + p["source_scale"][..., None] * pick(xp, p["source_offset"], source)
        return bias + p["source_class_scale"][..., None] * pick(xp, p["source_class_offset"], source_class)

    @property
    def dims(self) -> tuple[str, ...]:
        """Dims of the bias of sources: ``force`` leads where there are several."""
        return (*(["force"] if self.layout.forces else []), "source", "measure_class")

    def by_source(self, p, claims: Iterable[Mapping[str, Any]], classes: tuple[str, ...]) -> np.ndarray:
        """Multiplicative bias of sources, shape (draw, *dims); NaN where a source makes no claim.

        Parameters
        ----------
        p : dict of str to ndarray, shape (draw, ...)
        claims : iterable of mapping
            Source, stance, measure_class and force of claims, each combination once.
        classes : tuple of str
        """
        layout = self.layout
        sizes = (*([len(layout.forces)] if layout.forces else []), len(layout.sources), len(classes))
        out = np.full((len(p["error_scale"]), *sizes), np.nan)
        for claim in claims:
            bias = self._without_drift(NUMERIC, p, *self._positions(claim))[:, 0]
            force = (layout.forces.index(claim["force"]),) if layout.forces else ()
            source, cls = layout.sources.index(claim["source"]), classes.index(claim["measure_class"])
            out[(slice(None), *force, source, cls)] = np.exp(bias)
        return out

    def _positions(self, claim: Mapping[str, Any]) -> np.ndarray:
        """Positions of the parts of a bias, shape (3, 1): level, source, source in a class."""
        layout, cls = self.layout, claim["measure_class"]
        level, own = layout.stances.index(layout.level_of(claim, cls)), layout.source_class_of(claim, cls)
        if own not in layout.source_classes:
            return np.array([[level], [-1], [-1]])
        return np.array([[level], [layout.speakers.index(layout.speaker_of(claim))], [layout.source_classes.index(own)]])

    @property
    def _speaker(self) -> str:
        return "source" if self.layout.speakers == self.layout.sources else "speaker"
