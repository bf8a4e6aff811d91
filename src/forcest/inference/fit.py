"""Fit a model to a ledger."""

from __future__ import annotations

import json
import secrets
import time
import warnings
from typing import TYPE_CHECKING

import xarray as xr

from forcest.errors import NotConvergedWarning
from forcest.inference.compiled import CompiledModel, compile_model
from forcest.inference.diagnose import diagnose
from forcest.inference.settings import Sampler, Settings
from forcest.inference.to_datatree import to_datatree
from forcest.models.description.calendar import parse_step

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel
    from forcest.models.radford2023.description import Radford2023

QUICK_STEP = "3D"


def fit(
    model: ForceModel | LossModel | Radford2023 | CompiledModel,
    ledger: Ledger,
    *,
    sampler: Sampler = "batched",
    random_seed: int | None = None,
    draws: int | None = None,
    tune: int | None = None,
    chains: int | None = None,
    target_accept: float | None = None,
    target_ess: float | None = None,
    max_seconds: float | None = None,
    quick: bool = False,
    progress: bool = False,
) -> xr.DataTree:
    """Infer the posterior of a model from the claims of a ledger.

    Parameters
    ----------
    model : ForceModel, LossModel, Radford2023 or CompiledModel
        A compiled model can be fitted to any part of the ledger it was compiled for.
    ledger : Ledger
    sampler : {"batched", "nutpie", "pymc"}
        ``batched`` runs many chains in lock-step until the draws are good enough and compiles nothing; the others run NUTS on the
        PyMC graph, which takes minutes.
    random_seed : int, optional
        Same seed and versions, same answer; drawn and recorded if not given.
    draws, tune : int, optional
        Kept and discarded draws per chain. By default ``batched`` draws until its target is met, the others keep 1,500 after 1,000
        (400 after 400 for a quick look).
    chains : int, optional
        32 for ``batched``, else 4.
    target_accept : float, optional
        Larger takes smaller steps: slower, safer. 0.9 for ``batched`` (0.98 for Radford2023), else 0.95.
    target_ess, max_seconds : float, optional
        Bulk and tail effective sample size at which ``batched`` stops (400), and the time after which it gives up.
    quick : bool
        A look, not an estimate: steps of three days, fewer draws, judged by R-hat 1.05 and marked QUICK.
    progress : bool
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
    """
    started = time.perf_counter()
    settings = Settings.of(
        sampler,
        quick=quick,
        progress=progress,
        random_seed=secrets.randbits(31) if random_seed is None else random_seed,
        draws=draws,
        tune=tune,
        chains=chains,
        target_accept=_usual_accept(model, sampler) if target_accept is None else target_accept,
        target_ess=target_ess,
        max_seconds=max_seconds,
    )
    compiled = model if isinstance(model, CompiledModel) else compile_model(_quick_look(model) if quick else model, ledger)
    bound = compiled.bind(ledger)
    tree = to_datatree(bound, ledger, compiled.sample(bound, settings), settings)
    tree.attrs["seconds"] = json.dumps({**json.loads(tree.attrs["seconds"]), "total": round(time.perf_counter() - started, 2)})
    if not tree.attrs["converged"]:
        warnings.warn(f"do not use these numbers. {diagnose(tree)}", NotConvergedWarning, stacklevel=2)
    return tree


def _usual_accept(model: ForceModel | LossModel | Radford2023 | CompiledModel, sampler: str) -> float | None:
    """What a model asks for where the sampler's default would diverge."""
    described = model.bound.model if isinstance(model, CompiledModel) else model
    return described.target_accept if sampler == "batched" else None


def _quick_look(model: ForceModel | LossModel | Radford2023) -> ForceModel | LossModel | Radford2023:
    return model if parse_step(model.step) >= parse_step(QUICK_STEP) else model.with_step(QUICK_STEP)
