r"""The published density of Radford et al. (2023), stated as parameters and as a PyMC graph.

With the log losses of a day :math:`\log r_{jt}` (:mod:`forcest.models.process.loss_rates`) and their cumulative sum C, a report of
source s on kind k of the losses of country c has the mean

.. math:: \log\mu = \log C_{jt} + b_{sck} + \mathrm{min}\,\beta^{min}_s + \mathrm{max}\,\beta^{max}_s,
          \qquad b_{sck} = \sigma_b u_{sc} + \sigma_{sc} v_{sck}

and is negative binomial with size :math:`\phi_j = \exp\{-(\phi_0 + \sigma_\phi w_j)\}` if it is cumulative, and Poisson with the
losses of the day in place of C if it is daily. All offsets are standard normal, all scales half-normal, the correlations of
the splines LKJ(2).
Source :cite:p:`radford2023`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from forcest.models.density.lane_density import LaneDensity
from forcest.models.parameters.coordinates import Coordinates
from forcest.models.parameters.families import HalfNormal, Normal
from forcest.models.parameters.numeric import NUMERIC
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
        pair, cell = ("source", "country"), ("source", "country", "category")
        return [
            _normal("dispersion_level", "log"),
            _scale("dispersion_scale", "log"),
            offsets("dispersion_offset", ["series"], (n,), "a series' own dispersion"),
            _scale("bias_scale", "log"),
            _scale("bias_source_scale", "log", pair, (sources, 2)),
            offsets("bias_source_offset", pair, (sources, 2), "bias of a source on the losses of a country"),
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
        """The PyMC model of the reports: the reference for the density."""
        import pymc as pm

        with pm.Model(coords=self.coords) as model:
            p = {parameter.name: parameter.variable() for parameter in self.parameters}
            pt = symbolic()
            pm.Potential("reports", pt.sum(self._log_probability(pt, p)) - self.constant)
        return model

    def losses(self, p: dict[str, Any], xp: Any = NUMERIC) -> tuple[Any, Any]:
        """Log losses of each day and cumulative losses, each (..., series, date).

        Parameters
        ----------
        p : dict of str to ndarray or TensorVariable
            Parameters, for arrays with the draw axis first.
        xp : module
            The numeric library, or the symbolic one; see :mod:`forcest.models.parameters.numeric`.
        """
        level, slope = self._effects(p, "type"), self._effects(p, "slope")
        return self.rates.formula(xp, {**p, "loss_rate": xp.exp(level), "loss_slope": slope})

    def log_bias(self, p: dict[str, Any]) -> Any:
        """Log bias, shape (..., source, country, category)."""
        shared = p["bias_scale"][..., None, None] * p["bias_source_offset"]
        return shared[..., None] + p["bias_source_scale"][..., None] * p["bias_offset"]

    def log_shift(self, p: dict[str, Any], bound: str) -> Any:
        """Log shift of a source's claims of a ``minimum`` or ``maximum``, shape (..., source)."""
        return self._effects(p, bound)

    @staticmethod
    def _effects(p: dict[str, Any], name: str) -> Any:
        """A level and scaled offsets around it."""
        return p[f"{name}_level"][..., None] + p[f"{name}_scale"][..., None] * p[f"{name}_offset"]

    def log_likelihood(self, p: dict[str, np.ndarray]) -> np.ndarray:
        """Log probability of every report from arrays of draws, shape (draw, report)."""
        return self._log_probability(NUMERIC, p) - NUMERIC.gammaln(self.reports.count + 1.0)

    def _log_probability(self, xp, p):
        r"""Log probability of every report without :math:`\log y!`, shape (..., report)."""
        r = self.reports
        log_rate, cumulative = self.losses(p, xp)
        log_factor = self.log_bias(p)[..., r.source, r.country, r.category]
        for bound, is_bound in (("minimum", r.is_minimum), ("maximum", r.is_maximum)):
            log_factor = log_factor + self.log_shift(p, bound)[..., r.source] * is_bound
        log_mean = xp.where(r.is_daily, log_rate[..., r.kind, r.day], xp.log(cumulative[..., r.kind, r.day])) + log_factor
        log_size = -self._effects(p, "dispersion")[..., r.kind]
        size, log_ratio, count = xp.exp(log_size), log_mean - log_size, r.count
        counted = xp.gammaln(count + size) - xp.gammaln(size) - (count + size) * xp.logaddexp(0.0, log_ratio) + count * log_ratio
        return xp.where(r.is_daily, count * log_mean - xp.exp(log_mean), counted)

    @cached_property
    def constant(self) -> float:
        """Sum of log y! over all reports; subtracted last, since it is a thousand times larger than the rest."""
        return float(np.sum(NUMERIC.gammaln(self.reports.count + 1.0)))

    def graph_data(self) -> dict[str, np.ndarray]:
        """Data of the graph that can be replaced: none, since the reports are constants."""
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
