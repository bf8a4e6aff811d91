"""A fit with what it was made from: its ledger, its model and its sampler, each parsed when it is first needed, and once."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any

from forcest.attributes import Attributes
from forcest.errors import ForcestError
from forcest.inference.samplers import Sampler, from_dict
from forcest.ledger import Ledger
from forcest.models.files import MODELS
from forcest.models.scenario import Scenario

if TYPE_CHECKING:
    from forcest.inference.compiled import Bound
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel
    from forcest.models.radford2023.description import Radford2023

OPTIONAL = {
    "ledger ledger_hash": "ledger",
    "model model_kind": "model",
    "sampler_settings": "sampler",
    "random_seed": "random_seed",
    "left_out": "left_out",
}
"""What a fit may hold, by the attributes that it needs."""
KEPT = 8
"""Ledgers, models and bound models that are kept parsed."""


class OpenedFit(Attributes):
    """The attributes of a fit with its ledger, model and sampler; make it with ``OpenedFit.of(fit)``.

    Ledgers and models are kept by their text, so that opening the same fit again parses nothing again.
    """

    @property
    def ledger(self) -> Ledger:
        """The whole ledger, rows that were not fitted included."""
        stored_hash = self._required("ledger_hash")
        return self._parsed("ledger", lambda text: _ledger(text, stored_hash))

    @property
    def model(self) -> ForceModel | LossModel | Radford2023:
        """The model as it was fitted: that of a quick look has its coarser steps."""
        kind = self._required("model_kind")
        return self._parsed("model", lambda text: _model(kind, text))

    @property
    def bound(self) -> Bound:
        """The model bound to the ledger."""
        self.require("model_kind", "model", "ledger", "ledger_hash")
        return _bound(*(self.root[name] for name in ("model_kind", "model", "ledger", "ledger_hash")))

    @property
    def sampler(self) -> Sampler:
        """The sampler with every option as it ran."""
        return self._parsed("sampler_settings", lambda text: from_dict(json.loads(text)))

    @property
    def scenario(self) -> Scenario | None:
        """What a forecast assumes to happen."""
        return self._parsed("scenario", Scenario.model_validate_json) if "scenario" in self.root else None

    def parse_all(self) -> None:
        """Read every attribute that is there, so that a fit of strangers is refused before it is used."""
        _ = self.verdict, self.predicts_claims, self.seconds, self.provenance, self.forecast_from, self.scenario
        for needed, name in OPTIONAL.items():
            if set(needed.split()) <= self.root.keys():
                getattr(self, name)
        if self.diagnostics:
            _ = self.n_diverging, self.faults


@lru_cache(KEPT)
def _ledger(text: str, stored_hash: str) -> Ledger:
    ledger = Ledger.from_csv(text)
    if ledger.hash != stored_hash:
        raise ForcestError(
            "the ledger in a fit must have the hash that is stored with it; it has another, so one of them was changed "
            "afterwards. Fit the ledger again."
        )
    return ledger


@lru_cache(KEPT)
def _model(kind: str, text: str) -> Any:
    if kind not in MODELS:
        raise ForcestError(f"the model of a fit must be one of {', '.join(MODELS)}; got {kind}. Use a newer version of forcest.")
    return MODELS[kind].model_validate_json(text)


@lru_cache(KEPT)
def _bound(kind: str, model: str, ledger: str, ledger_hash: str) -> Any:
    return _model(kind, model).on(_ledger(ledger, ledger_hash))


def takes_fit[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a check that takes model and ledger from the fit: refuses anything else in its place."""

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if args and not hasattr(args[0], "children"):
            name = function.__name__
            raise TypeError(f"{name}() takes model and ledger from the fit: fc.{name}(fit, ...); got a {type(args[0]).__name__}.")
        return function(*args, **kwargs)

    return checked
