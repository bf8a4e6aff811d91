"""Fit a model to a ledger."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

import xarray as xr

from forcest.errors import NotConvergedWarning, removed
from forcest.inference.batched import sample_batched
from forcest.inference.compiled import Bound, CompiledModel, compiled_for
from forcest.inference.diagnose import diagnose
from forcest.inference.samplers import Batched, Sampler, SamplerName
from forcest.inference.settings import Draws, Settings
from forcest.inference.to_datatree import to_datatree
from forcest.models.description.calendar import parse_step

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel
    from forcest.models.radford2023.description import Radford2023

QUICK_STEP = "3D"
OPTIONS = {"tune": "fc.Nutpie", **dict.fromkeys(("draws", "chains", "target_accept", "target_ess", "max_seconds"), "fc.Batched")}
"""Options of the samplers, each with one that has it."""


@removed(
    progress="is called `progressbar`",
    **{name: f"is an option of the sampler, such as sampler={kind}({name}=...)" for name, kind in OPTIONS.items()},
)
def fit(
    model: ForceModel | LossModel | Radford2023 | CompiledModel,
    ledger: Ledger,
    *,
    sampler: SamplerName | Sampler = "batched",
    random_seed: int | None = None,
    quick: bool = False,
    progressbar: bool = False,
) -> xr.DataTree:
    """Infer the posterior of a model from the claims of a ledger.

    Parameters
    ----------
    model : ForceModel, LossModel, Radford2023 or CompiledModel
        A compiled model can be fitted to any part of the ledger it was compiled for.
    ledger : Ledger
    sampler : {"batched", "nutpie", "pymc"}, Batched, Nutpie or PyMC
        :class:`forcest.Batched` runs many chains in lock-step until the draws are good enough and compiles nothing;
        :class:`forcest.Nutpie` and :class:`forcest.PyMC` run NUTS on the PyMC graph, which takes minutes. A name stands for the
        defaults, with ``quick`` for fewer draws; an object is used as it is.
    random_seed : int, optional
        Same seed and versions, same answer; drawn and recorded if not given.
    quick : bool
        A quick look, not an estimate: steps of three days, fewer draws, judged by R-hat 1.05 and marked QUICK.
    progressbar : bool
        Show progress on the terminal.

    Returns
    -------
    DataTree
        See docs/fit-format.md.

    Raises
    ------
    LedgerError
        If the ledger has problems or no usable claims.
    ModelError
        If the model does not cover the ledger.

    Warns
    -----
    NotConvergedWarning
        If the fit must not be used; ``fc.diagnose(fit)`` says why and what to do.

    Examples
    --------
    >>> few = ledger.known_by("2025-01-31").filter(source=["HUR", "NIS"])
    >>> look = fc.fit(model.with_step("W"), few, random_seed=1, quick=True)
    >>> bool(look.attrs["quick"])
    True
    >>> look["posterior"]["killed"].dims
    ('chain', 'draw', 'force', 'date')
    >>> longer = fc.fit(model.with_step("W"), few, random_seed=1, sampler=fc.Batched(chains=16, target_ess=500))
    """
    started = time.perf_counter()
    described = model.bound.model if isinstance(model, CompiledModel) else model
    settings = Settings.of(described, sampler, random_seed=random_seed, quick=quick, progressbar=progressbar)
    bound = model.bind(ledger) if isinstance(model, CompiledModel) else (_quick_look(model) if quick else model).on(ledger)
    draws = _draw(bound, settings, model if isinstance(model, CompiledModel) else None)
    tree = to_datatree(bound, ledger, draws, settings, started)
    verdict = diagnose(tree)
    if not verdict.converged:
        warnings.warn(str(verdict), NotConvergedWarning, stacklevel=3)
    return tree


def _draw(bound: Bound, settings: Settings, compiled: CompiledModel | None) -> Draws:
    """Draws of the posterior of a bound model; only NUTS needs its graph compiled."""
    if not isinstance(settings.sampler, Batched):
        return (compiled or compiled_for(bound)).sample(bound, settings)
    return sample_batched(bound, settings)


def _quick_look(model: ForceModel | LossModel | Radford2023) -> ForceModel | LossModel | Radford2023:
    return model if parse_step(model.step) >= parse_step(QUICK_STEP) else model.with_step(QUICK_STEP)
