"""Headline measures in fits of other ledgers and models, made as a first fit was made."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from forcest.attributes import Attributes
from forcest.checks.headlines import headlines
from forcest.checks.storage import Folder
from forcest.estimates.draws import last_claim_date
from forcest.inference.opened import OpenedFit
from forcest.inference.rerun import fit_again
from forcest.inference.samplers import as_dict

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel

NEEDED = ("model_kind", "model", "sampler_settings", "random_seed", "quick")
"""Attributes of a fit from which another one is made; its draws stay where they are."""


@dataclass(frozen=True)
class Refit:
    """Another fit, made and dated like a first one, of which the medians of the headline measures are read.

    Attributes
    ----------
    name : str
    opened : OpenedFit
        What the first fit was made from; the other has its sampler, settings and seed, and its model unless another is given.
    day : date
        The last day with a claim of the first fit.
    ledger : Ledger
    model : ForceModel or LossModel, optional
    """

    name: str
    opened: OpenedFit
    day: np.datetime64
    ledger: Ledger
    model: ForceModel | LossModel | None = None

    @property
    def file(self) -> str:
        """Name of the stored result, which changes with ledger and model."""
        model = "" if self.model is None else f"-{hashlib.sha256(self.model.model_dump_json().encode()).hexdigest()[:16]}"
        return f"{self.ledger.hash[:16]}{model}.json"

    def run(self) -> bytes:
        """Medians of the headline measures, and whether the fit has converged."""
        other = fit_again(self.opened, model=self.model, ledger=self.ledger)
        medians = {name: float(np.median(draws)) for name, draws in headlines(other, self.day).items()}
        return json.dumps({"medians": medians, "converged": Attributes.of(other).verdict.converged}).encode()

    @staticmethod
    def read(content: bytes) -> tuple[dict[str, float], bool]:
        """What :meth:`run` found."""
        found = json.loads(content)
        return found["medians"], found["converged"]


def made_like(fit: xr.DataTree) -> OpenedFit:
    """What :func:`forcest.inference.rerun.fit_again` needs of a fit to make another one of another ledger; small."""
    root = OpenedFit.of(fit).root
    return OpenedFit({name: root[name] for name in NEEDED if name in root}, {})


def refits(fit: xr.DataTree, others: Mapping[str, tuple[Ledger, ForceModel | LossModel | None]]) -> list[Refit]:
    """The fits of other ledgers, and other models where they are given, by name."""
    opened, day = made_like(fit), last_claim_date(fit)
    return [Refit(name, opened, day, ledger, model) for name, (ledger, model) in others.items()]


def refits_in(folder: str | os.PathLike[str] | None, fit: xr.DataTree) -> Folder:
    """Where the results of :func:`refits` are kept."""
    opened = OpenedFit.of(fit)
    first = {"model": opened.model.model_dump_json(), "day": str(last_claim_date(fit)), "quick": opened.verdict.quick}
    sampler = {"sampler": as_dict(opened.sampler), "random_seed": opened.random_seed}
    return Folder(folder, {"holds": "medians of refits", **first, **sampler})
