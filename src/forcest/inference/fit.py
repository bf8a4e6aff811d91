"""Fit a model to a ledger."""

from __future__ import annotations

import secrets
import time
import warnings
from typing import TYPE_CHECKING

import xarray as xr

from forcest.errors import ForcestError, NotConvergedWarning
from forcest.inference.compiled import CompiledModel, compile_model
from forcest.inference.diagnose import diagnose
from forcest.inference.settings import Sampler, Settings
from forcest.inference.to_datatree import to_datatree
from forcest.models.parts import parse_step

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel

QUICK_STEP = "3D"


def fit(
    model: ForceModel | CompiledModel,
    ledger: Ledger,
    *,
    sampler: Sampler = "nutpie",
    draws: int | None = None,
    tune: int | None = None,
    chains: int = 4,
    target_accept: float = 0.95,
    random_seed: int | None = None,
    quick: bool = False,
    progress: bool = False,
) -> xr.DataTree:
    """Infer the posterior of a model from the claims of a ledger.

    Parameters
    ----------
    model : ForceModel or CompiledModel
        A compiled model can be fitted to any part of the ledger it was compiled for.
    ledger : Ledger
    sampler : {"nutpie", "pymc"}
    draws, tune : int, optional
        Kept and discarded draws per chain; 1,500 and 1,000, for a quick look 400 and 400.
    chains : int
    target_accept : float
        Larger takes smaller steps: slower, safer.
    random_seed : int, optional
        Same seed and versions, same answer; drawn and recorded if not given.
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
    >>> import forcest as fc
    >>> ledger = fc.datasets.load("north_korea_kursk")
    >>> fit = fc.fit(fc.presets.north_korea_kursk(), ledger, random_seed=1)  # doctest: +SKIP
    """
    if sampler not in ("nutpie", "pymc"):
        raise ForcestError(f"`sampler` must be 'nutpie' or 'pymc'; got {sampler!r}.")
    started = time.perf_counter()
    compiled = model if isinstance(model, CompiledModel) else compile_model(_quick_look(model) if quick else model, ledger)
    bound = compiled.bind(ledger)
    settings = Settings(
        sampler=sampler,
        draws=draws or (400 if quick else 1_500),
        tune=tune or (400 if quick else 1_000),
        chains=chains,
        target_accept=target_accept,
        random_seed=secrets.randbits(31) if random_seed is None else random_seed,
        quick=quick,
        progress=progress,
    )
    sampled = compiled.sample(bound, settings)
    tree = to_datatree(bound, ledger, sampled.timed(total=time.perf_counter() - started), settings)
    if not tree.attrs["converged"]:
        warnings.warn(f"do not use these numbers. {diagnose(tree)}", NotConvergedWarning, stacklevel=2)
    return tree


def _quick_look(model: ForceModel) -> ForceModel:
    return model if parse_step(model.step) >= parse_step(QUICK_STEP) else model.with_step(QUICK_STEP)
