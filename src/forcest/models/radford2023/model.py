r"""The published density of Radford et al. (2023), stated as parameters and as a PyMC graph.

With the log losses of a day :math:`\log r_{jt}` (:mod:`forcest.models.process.loss_rates`) and their cumulative sum C, a report of
source s on kind k of the losses of country c has the mean

.. math:: \log\mu = \log C_{jt} + b_{sck} + \mathrm{min}\,\beta^{min}_s + \mathrm{max}\,\beta^{max}_s,
          \qquad b_{sck} = \sigma_b u_{sc} + \sigma_{sc} v_{sck}

and is negative binomial with size :math:`\phi_j = \exp\{-(\phi_0 + \sigma_\phi w_j)\}` where it is cumulative, Poisson with the
losses of the day in place of C where it is daily. All offsets are standard normal, all scales half-normal, the correlations of
the splines LKJ(2).
Source :cite:p:`radford2023`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from forcest.models.density.lane_density import LaneDensity
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.families import HalfNormal, Normal
from forcest.models.parameters.parameter import Parameter, offsets
from forcest.models.parameters.tensors import symbolic
from forcest.models.process.loss_rates import LossRate, LossRates, partial_correlations, spline_basis
from forcest.models.radford2023.reports import CATEGORIES, COUNTRIES, Reports

if TYPE_CHECKING:
    import pymc as pm

N_KNOTS, CONCENTRATION, YEAR = 150, 2.0, 365.0


@dataclass(frozen=True)
class BoundRadford2023:
    """The published model bound to reports.

    Parameters
    ----------
    reports : Reports
    n_knots : int
        150 in the publication; fewer for a smaller model in tests.
    """

    reports: Reports
    n_knots: int = N_KNOTS

    @cached_property
    def rates(self) -> LossRates:
        """The latent term, with the published splines and time in years from the day before the first."""
        days = np.arange(1.0, self.reports.n_days + 1)
        basis = spline_basis(days, np.linspace(1.0, days[-1], self.n_knots))
        return LossRates(self.reports.series, LossRate(), basis, days / YEAR, np.ones(len(days)))

    @cached_property
    def parameters(self) -> list[Parameter]:
        """All parameters, in the order of the graph."""
        n, sources, n_coefficients = len(self.reports.series), len(self.reports.sources), self.rates.basis.shape[1]
        voice, cell = ("source", "country"), ("source", "country", "category")
        return [
            _normal("dispersion_level", "log"),
            _scale("dispersion_scale", "log"),
            offsets("dispersion_offset", ["series"], (n,), "a series' own dispersion"),
            _scale("bias_scale", "log"),
            _scale("bias_source_scale", "log", voice, (sources, 2)),
            offsets("bias_source_offset", voice, (sources, 2), "bias of a source on the losses of a country"),
            offsets("bias_offset", cell, (sources, 2, len(CATEGORIES)), "its deviation by kind of loss"),
            *(_normal(f"{bound}_level", "log") for bound in ("minimum", "maximum")),
            *(_scale(f"{bound}_scale", "log") for bound in ("minimum", "maximum")),
            *(offsets(f"{b}_offset", ["source"], (sources,), f"shift of a source's {b} claims") for b in ("minimum", "maximum")),
            _normal("type_level", "log persons/day"),
            _scale("type_scale", "log"),
            offsets("type_offset", ["series"], (n,), "a series' own rate"),
            _normal("slope_level", "log per year"),
            _scale("slope_scale", "log per year"),
            offsets("slope_offset", ["series"], (n,), "a series' own slope"),
            offsets("loss_offset", ["series", "coefficient"], (n, n_coefficients), "splines of the log rates"),
            partial_correlations("loss_partial", "series_pair", n, CONCENTRATION),
            _scale("loss_scale", "log", ("series",), (n,)),
        ]

    @cached_property
    def coords(self) -> dict[str, list]:
        """Labels of all dims of parameters."""
        return self.rates.coords() | {
            "source": list(self.reports.sources),
            "country": list(COUNTRIES),
            "category": list(CATEGORIES),
        }

    def graph(self) -> pm.Model:
        """The PyMC model of the reports: the authority on the density."""
        import pymc as pm

        with pm.Model(coords=self.coords) as model:
            p = {parameter.name: parameter.variable() for parameter in self.parameters}
            pm.Potential("reports", self._log_likelihood(p))
        return model

    def _log_likelihood(self, p):
        """Log probability of all reports, a scalar."""
        pt = symbolic()

        r = self.reports
        level = p["type_level"] + p["type_scale"] * p["type_offset"]
        slope = p["slope_level"] + p["slope_scale"] * p["slope_offset"]
        log_rate, cumulative = self.rates.graph({**p, "loss_rate": pt.exp(level), "loss_slope": slope})
        bias = p["bias_scale"] * p["bias_source_offset"][:, :, None] + p["bias_source_scale"][:, :, None] * p["bias_offset"]
        said = bias[r.source, r.country, r.category]
        for bound, is_bound in (("minimum", r.is_minimum), ("maximum", r.is_maximum)):
            shift = p[f"{bound}_level"] + p[f"{bound}_scale"] * p[f"{bound}_offset"]
            said = said + shift[r.source] * is_bound
        log_mean = pt.switch(r.is_daily, log_rate[r.kind, r.day], pt.log(cumulative[r.kind, r.day])) + said
        log_size = -(p["dispersion_level"] + p["dispersion_scale"] * p["dispersion_offset"])[r.kind]
        size, count = pt.exp(log_size), r.count
        # gammaln(y + size) - gammaln(size) + y log(mean) + size log(size) - (y + size) log(size + mean)
        counted = pt.gammaln(count + size) - pt.gammaln(size) - (count + size) * pt.log1p(pt.exp(log_mean - log_size))
        cumulative_claims = counted + count * (log_mean - log_size)
        daily_claims = count * log_mean - pt.exp(log_mean)
        return pt.sum(pt.switch(r.is_daily, daily_claims, cumulative_claims)) - self.constant

    def losses(self, p: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Log losses of each day and cumulative losses from arrays of draws, each (draw, series, date)."""
        level = p["type_level"][:, None] + p["type_scale"][:, None] * p["type_offset"]
        slope = p["slope_level"][:, None] + p["slope_scale"][:, None] * p["slope_offset"]
        return self.rates.forward({**p, "loss_rate": np.exp(level), "loss_slope": slope})

    def log_bias(self, p: dict[str, np.ndarray]) -> np.ndarray:
        """Log bias of draws, shape (draw, source, country, category)."""
        shared = p["bias_scale"][:, None, None] * p["bias_source_offset"]
        return shared[..., None] + p["bias_source_scale"][..., None] * p["bias_offset"]

    def log_shift(self, p: dict[str, np.ndarray], bound: str) -> np.ndarray:
        """Log shift of a source's claims of a ``minimum`` or ``maximum``, shape (draw, source)."""
        return p[f"{bound}_level"][:, None] + p[f"{bound}_scale"][:, None] * p[f"{bound}_offset"]

    def log_likelihood(self, p: dict[str, np.ndarray]) -> np.ndarray:
        """Log probability of every report from arrays of draws, shape (draw, report)."""
        from scipy.special import gammaln

        r = self.reports
        log_rate, cumulative = self.losses(p)
        said = self.log_bias(p)[:, r.source, r.country, r.category]
        for bound, is_bound in (("minimum", r.is_minimum), ("maximum", r.is_maximum)):
            said = said + self.log_shift(p, bound)[:, r.source] * is_bound
        log_mean = np.where(r.is_daily, log_rate[:, r.kind, r.day], np.log(cumulative[:, r.kind, r.day])) + said
        size = np.exp(-(p["dispersion_level"][:, None] + p["dispersion_scale"][:, None] * p["dispersion_offset"]))[:, r.kind]
        log_ratio, count = log_mean - np.log(size), r.count
        counted = gammaln(count + size) - gammaln(size) - (count + size) * np.logaddexp(0.0, log_ratio) + count * log_ratio
        return np.where(r.is_daily, count * log_mean - np.exp(log_mean), counted) - gammaln(count + 1.0)

    @cached_property
    def constant(self) -> float:
        """Sum of log y! over all reports; it is taken off last, since it is a thousand times the rest."""
        from scipy.special import gammaln

        return float(np.sum(gammaln(self.reports.count + 1.0)))

    def graph_data(self) -> dict[str, np.ndarray]:
        """What of the graph could be replaced: nothing, the reports are built in."""
        return {}

    def density(self) -> LaneDensity:
        """The log density and its gradient for many chains at once, in the coordinates of the graph."""
        from forcest.models.radford2023 import kernels
        from forcest.models.radford2023.lists import constants_of

        coordinates = Coordinates.of(self.parameters)
        return LaneDensity(kernels, coordinates, constants_of(self.reports, self.rates, coordinates))


def _normal(name: str, unit: str) -> Parameter:
    return Parameter(name, (), Normal(0.0), unit, "standard normal, as published")


def _scale(name: str, unit: str, dims: tuple[str, ...] = (), shape: tuple[int, ...] = ()) -> Parameter:
    return Parameter(name, dims, HalfNormal(np.ones(shape)), unit, "half-normal, as published")
