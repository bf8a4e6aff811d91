"""Compile once, fit many: the graph of a model and layout, and the samplers that run on it (the batched one needs no graph)."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import asdict
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from forcest.errors import ModelError, SamplingError
from forcest.extras import needed
from forcest.inference.cores import core_limit
from forcest.inference.samplers import Nutpie, PyMC
from forcest.inference.settings import Draws, Settings
from forcest.models.density.bound import BoundModel
from forcest.models.force_model import ForceModel
from forcest.models.loss_model import LossModel
from forcest.models.radford2023.description import PublishedModel, Radford2023

if TYPE_CHECKING:
    import pymc as pm

    from forcest.ledger import Ledger
    from forcest.models.density.lane_density import LaneDensity

# Names of sample statistics, from each sampler's own to those that a fit stores.
STATS = {
    "logp": "lp",
    "diverging": "diverging",
    "n_steps": "n_steps",
    "depth": "tree_depth",
    "mean_tree_accept": "acceptance_rate",
    "energy": "energy",
    "step_size_bar": "step_size",
    "lp": "lp",
    "tree_depth": "tree_depth",
    "acceptance_rate": "acceptance_rate",
    "step_size": "step_size",
}
KEPT_MODELS = 4
_CHANGING_THE_CACHE = Lock()
_ONE_AT_A_TIME = Lock()
"""Fits in several threads share a graph, and each puts its own claims into it."""

Bound = BoundModel | PublishedModel


class CompiledModel:
    """A model compiled for the layout of a ledger, which any part of that ledger can be fitted with.

    Parameters
    ----------
    bound : BoundModel or PublishedModel
        The model bound to the whole ledger.

    Examples
    --------
    >>> compiled = fc.compile_model(model, ledger)
    >>> compiled.names[:3]
    ['wave_size', 'wave_shift', 'wave_spread']
    """

    def __init__(self, bound: Bound):
        self.bound = bound
        self._seconds = 0.0

    @cached_property
    def graph(self) -> pm.Model:
        """The PyMC model, without curves."""
        return self.bound.graph()

    @cached_property
    def density(self) -> LaneDensity:
        """Log density and gradient of many chains at once, for samplers of one's own: (chain, dim) to (chain,) and (chain, dim).

        It is the posterior of the ledger the model was compiled for, up to a constant, on unconstrained coordinates;
        ``density.dim`` says how many, ``density.coordinates.prior_positions(rng, n)`` draws places to start from.
        """
        return self.bound.density()

    @property
    def names(self) -> list[str]:
        """Names of the parameters."""
        return [p.name for p in self.bound.parameters]

    @cached_property
    def _nutpie(self) -> Any:
        nutpie = needed("nutpie", "the sampler nutpie")
        started = time.perf_counter()
        compiled = nutpie.compile_pymc_model(self.graph, var_names=self.names)
        self._seconds = time.perf_counter() - started
        return compiled

    def bind(self, ledger: Ledger) -> Bound:
        """The model bound to part of its ledger, in the layout it was compiled for."""
        bound = self.bound.model.on(ledger, self.bound.layout)  # pyright: ignore[reportArgumentType]
        if unknown := bound.labels_outside():
            raise ModelError(
                f"the ledger must be a part of the one the model was compiled for; it also has {', '.join(unknown)}. "
                "Compile the model with the larger ledger."
            )
        return bound

    def sample(self, bound: Bound, settings: Settings) -> Draws:
        """Draws from the posterior of the claims that ``bound`` holds, by NUTS on the graph."""
        run = {Nutpie: self._sample_nutpie, PyMC: self._sample_pymc}[type(settings.sampler)]
        with _ONE_AT_A_TIME:
            return run(bound, settings)

    def _sample_nutpie(self, bound: Bound, settings: Settings) -> Draws:
        nutpie = needed("nutpie", "the sampler nutpie")
        fresh = "_nutpie" not in self.__dict__
        compiled = self._nutpie
        used = {var.name for var in compiled.shared_var_keys}
        compiled = compiled.with_data(**{name: values for name, values in bound.graph_data().items() if name in used})
        started = time.perf_counter()
        tree = nutpie.sample(
            compiled,
            **asdict(settings.sampler),
            cores=core_limit(),
            seed=settings.random_seed,
            save_warmup=False,
            progress_bar=settings.progressbar,
        )
        seconds = {"compile": self._seconds if fresh else 0.0, "sample": time.perf_counter() - started}
        return self._draws(tree, seconds)

    def _sample_pymc(self, bound: Bound, settings: Settings) -> Draws:
        import pymc as pm

        started = time.perf_counter()
        with self.graph:
            pm.set_data(bound.graph_data())
            tree = pm.sample(
                **asdict(settings.sampler),
                cores=core_limit(),
                nuts_sampler="pymc",  # otherwise PyMC runs nutpie where it is installed
                random_seed=settings.random_seed,
                var_names=self.names,
                progressbar=settings.progressbar,
                compute_convergence_checks=False,
                quiet=not settings.progressbar,
            )
        total = time.perf_counter() - started
        sampling = float(tree["posterior"].attrs.get("sampling_time", total))
        return self._draws(tree, {"compile": total - sampling, "sample": sampling})

    def _draws(self, tree: Any, seconds: dict[str, float]) -> Draws:
        parameters = {name: tree["posterior"][name].values.astype(np.float64) for name in self.names}
        stats = {STATS[name]: values.values for name, values in tree["sample_stats"].data_vars.items() if name in STATS}
        if not all(np.isfinite(values).all() for values in parameters.values()):
            raise SamplingError("the sampler returned draws that are not finite. Check the priors for impossible values.")
        return Draws(parameters, stats, seconds)


_compiled: OrderedDict[tuple, CompiledModel] = OrderedDict()


def compile_model(model: ForceModel | LossModel | Radford2023, ledger: Ledger) -> CompiledModel:
    """Compile a model for the layout of a ledger, or return the one compiled before.

    Parameters
    ----------
    model : ForceModel, LossModel or Radford2023
    ledger : Ledger
        The largest ledger to be fitted; parts of it (``known_by``, ``exclude``) need no further compilation.

    Returns
    -------
    CompiledModel
        Pass it to :func:`forcest.fit` in place of the model.

    Examples
    --------
    >>> compiled = fc.compile_model(model, ledger)
    >>> fc.compile_model(model, ledger) is compiled
    True
    >>> early = compiled.bind(ledger.known_by("2025-01-31"))  # what fc.fit(compiled, ledger.known_by("2025-01-31")) does
    >>> early.claims[0].id
    'nk003'
    """
    return compiled_for(model.on(ledger))


def compiled_for(bound: Bound) -> CompiledModel:
    """The model compiled for the layout of a bound one, now or before."""
    key = (bound.model.model_dump_json(), bound.forces, bound.layout)  # pyright: ignore[reportAttributeAccessIssue]
    with _CHANGING_THE_CACHE:
        found = _compiled.setdefault(key, CompiledModel(bound))
        _compiled.move_to_end(key)
        if len(_compiled) > KEPT_MODELS:
            _compiled.popitem(last=False)
    return found
