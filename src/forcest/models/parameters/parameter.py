"""Parameters of a model: named, with dims, prior, unit and the reason for the prior; stated once, used everywhere.

The PyMC variable, the prior draws and the printed table of priors all come from the same :class:`Parameter`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betaincinv, expit, logit, ndtri

from forcest.models.description.priors import Prior
from forcest.models.parameters.tensors import symbolic


@dataclass(frozen=True)
class Parameter:
    """One named array of the model.

    Parameters
    ----------
    name : str
    dims : tuple of str
    family : {"normal", "lognormal", "logitnormal", "halfnormal", "logistic", "partial", "dirichlet"}
        ``logistic`` is the standard logistic; ``dirichlet`` runs over the last dim; ``partial`` is a partial correlation, a
        symmetric beta between -1 and 1.
    loc, scale : ndarray, shape (dims)
        Mean and standard deviation on the family's scale; for ``dirichlet`` and ``partial`` ``loc`` holds the concentrations.
    unit, why : str
    """

    name: str
    dims: tuple[str, ...]
    family: str
    loc: np.ndarray
    scale: np.ndarray
    unit: str
    why: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Length along each dim."""
        return self.loc.shape

    @property
    def is_standard(self) -> bool:
        """Whether the parameter is its own coordinate: a standard normal offset."""
        return self.family == "normal" and not np.any(self.loc) and bool(np.all(self.scale == 1))

    def variable(self) -> Any:
        """The PyMC variable, inside a model context whose coordinates hold the dims.

        Normal families are written as a standard normal ``name_z`` and its image, so that every coordinate has unit prior scale
        (and because ``pm.LogitNormal`` of PyMC 6.4 has a log density of -inf on its transformed scale).
        """
        import pymc as pm

        pt = symbolic()

        dims = self.dims or None
        if self.family == "dirichlet":
            return pm.Dirichlet(self.name, self.loc, dims=dims)
        if self.family == "logistic":
            return pm.Logistic(self.name, self.loc, self.scale, dims=dims)
        if self.family == "halfnormal":
            return pm.HalfNormal(self.name, self.scale, dims=dims)
        if self.family == "partial":
            share = pm.Beta(f"{self.name}_share", self.loc, self.loc, dims=dims)
            return pm.Deterministic(self.name, 2.0 * share - 1.0, dims=dims)
        if self.is_standard:
            return pm.Normal(self.name, 0.0, 1.0, dims=dims)
        x = self.loc + self.scale * pm.Normal(f"{self.name}_z", 0.0, 1.0, dims=dims)
        return pm.Deterministic(
            self.name, {"lognormal": pt.exp, "logitnormal": pt.sigmoid, "normal": pt.identity}[self.family](x), dims=dims
        )

    def draw(self, rng: np.random.Generator, draws: int) -> np.ndarray:
        """Draws from the prior, shape (draw, dims)."""
        shape = (draws, *self.shape)
        match self.family:
            case "normal":
                return rng.normal(self.loc, self.scale, shape)
            case "lognormal":
                return np.exp(rng.normal(self.loc, self.scale, shape))
            case "logitnormal":
                return expit(rng.normal(self.loc, self.scale, shape))
            case "logistic":
                return rng.logistic(self.loc, self.scale, shape)
            case "halfnormal":
                return np.abs(rng.normal(0.0, self.scale, shape))
            case "partial":
                return 2 * rng.beta(self.loc, self.loc, shape) - 1
            case "dirichlet":
                gamma = rng.standard_gamma(self.loc, shape)
                return gamma / gamma.sum(axis=-1, keepdims=True)
        raise ValueError(f"unknown family {self.family!r}")

    def quantile(self, prob: float) -> np.ndarray:
        """Marginal prior quantile, shape (dims)."""
        match self.family:
            case "normal":
                return self.loc + self.scale * ndtri(prob)
            case "lognormal":
                return np.exp(self.loc + self.scale * ndtri(prob))
            case "logitnormal":
                return expit(self.loc + self.scale * ndtri(prob))
            case "logistic":
                return self.loc + self.scale * logit(prob)
            case "halfnormal":
                return self.scale * ndtri((1 + prob) / 2)
            case "partial":
                return 2 * betaincinv(self.loc, self.loc, prob) - 1
            case "dirichlet":
                return betaincinv(self.loc, self.loc.sum(axis=-1, keepdims=True) - self.loc, prob)
        raise ValueError(f"unknown family {self.family!r}")


def parameter(
    name: str, dims: Sequence[str], priors: Prior | Sequence[Prior], unit: str, why: str, *, repeat: int | None = None
) -> Parameter:
    """A parameter whose entries have the given priors, all of one family.

    Parameters
    ----------
    priors : Prior or sequence of Prior
        One prior for a scalar (or, with ``repeat``, for every entry); a sequence gives one per entry of the only dim.
    """
    many = [priors] * repeat if isinstance(priors, Prior) and repeat is not None else priors
    if isinstance(many, Prior):
        return Parameter(name, tuple(dims), many.family, np.array(many.mu), np.array(many.sd), unit, why)
    families = {prior.family for prior in many}
    if len(families) > 1:
        raise ValueError(f"{name} must have priors of one family; got {sorted(families)}")
    loc, scale = np.array([prior.mu for prior in many]), np.array([prior.sd for prior in many])
    return Parameter(name, tuple(dims), families.pop(), loc, scale, unit, why)


def offsets(name: str, dims: Sequence[str], shape: Sequence[int], why: str) -> Parameter:
    """Standard normal offsets: a hierarchy or a walk written non-centred."""
    return Parameter(name, tuple(dims), "normal", np.zeros(tuple(shape)), np.ones(tuple(shape)), "sd", why)


def prior_table(parameters: Sequence[Parameter], coords: Mapping[str, Sequence]) -> pd.DataFrame:
    """Every prior by name: unit, median, 90 % interval and reason; offsets are named once with their count."""
    rows = []
    for p in parameters:
        low, median, high = (np.atleast_1d(p.quantile(q)) for q in (0.05, 0.5, 0.95))
        labels = _labels(p, coords)
        alike = all(np.allclose(x, x.reshape(-1)[0]) for x in (low, median, high))
        if alike and len(labels) > 1:
            labels = [f"{p.name} (each of {len(labels)})"]
        for label, lo, mid, hi in zip(labels, low.ravel(), median.ravel(), high.ravel(), strict=False):
            rows.append({"name": label, "unit": p.unit, "median": mid, "low": lo, "high": hi, "family": p.family, "why": p.why})
    return pd.DataFrame(rows)


def _labels(p: Parameter, coords: Mapping[str, Sequence]) -> list[str]:
    labels = [""]
    for dim in p.dims:
        labels = [f"{left}, {value}" if left else str(value) for left in labels for value in coords[dim]]
    return [f"{p.name}[{label}]" if label else p.name for label in labels]
