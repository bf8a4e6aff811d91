"""The attributes of a fit as typed values, and the verdict on it in words.

The attributes of a fit are read here and nowhere else; docs/fit-format.md lists them. Nothing here needs a model, so that a saved
fit is summarised and drawn without compiling anything; ``inference/opened.py`` adds its ledger, model and sampler.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self, cast

from forcest.errors import ForcestError

if TYPE_CHECKING:
    import xarray as xr

LIMITS_OF_USE = (
    "These are estimates from public claims made by interested parties. They are not a count of identified people, not evidence "
    "about any person or unit, and not a basis for targeting. The intervals hold if the model is right; the level depends on the "
    "anchors named above."
)


@dataclass(frozen=True)
class Verdict:
    """Whether the numbers of a fit may be used; printed as sentences.

    Parameters
    ----------
    converged : bool
    quick : bool
        Judged by the limits of a quick look.
    ended_by : str
        What cut the run short; empty if it ended as asked.
    """

    converged: bool
    quick: bool = False
    ended_by: str = ""

    @property
    def warnings(self) -> dict[str, str]:
        """What is wrong, as a mark and a sentence, the most serious first; empty where the numbers may be used."""
        found = {}
        if self.ended_by:
            found["UNFINISHED"] = f"the run was {self.ended_by}. It has not converged: do not use these numbers."
        elif not self.converged:
            found["NOT CONVERGED"] = "the draws do not represent the posterior. Do not use these numbers."
        if self.quick:
            found["QUICK"] = "a short and coarse run, judged by a looser standard. Do not quote these numbers."
        return found

    @property
    def is_interrupted(self) -> bool:
        """Whether a person stopped the run."""
        return self.ended_by == "interrupted"

    @property
    def prefix(self) -> str:
        """The marks before a title, such as ``[NOT CONVERGED, QUICK] ``; empty where there is none."""
        return f"[{', '.join(self.warnings)}] " if self.warnings else ""

    @property
    def sentences(self) -> list[str]:
        """A sentence for each warning."""
        return [f"{mark}: {text}" for mark, text in self.warnings.items()]

    def __str__(self) -> str:
        return " ".join(self.sentences) or "The fit has converged."


@dataclass(frozen=True)
class Attributes:
    """The attributes of a fit or a forecast; make it with ``of``.

    Parameters
    ----------
    root, diagnostics : mapping
        Attributes of the root and of the group ``diagnostics``.
    """

    root: Mapping[str, Any]
    diagnostics: Mapping[str, Any]

    @classmethod
    def of(cls, fit: xr.DataTree | xr.Dataset) -> Self:
        """The attributes of a fit, a forecast, or a difference of forecasts."""
        groups = getattr(fit, "children", {})
        diagnostics = groups["diagnostics"].attrs if "diagnostics" in groups else {}
        return cls(cast("dict[str, Any]", fit.attrs), cast("dict[str, Any]", diagnostics))

    def require(self, *names: str) -> None:
        """Refuse a fit that lacks some attributes."""
        if lacking := [name for name in names if name not in self.root]:
            raise ForcestError(f"the fit must hold {', '.join(lacking)}; it does not. Use one that forcest.fit made.")

    def _required(self, name: str) -> Any:
        self.require(name)
        return self.root[name]

    def _parsed[T](self, name: str, parse: Callable[[Any], T], where: Mapping[str, Any] | None = None, default: object = None) -> T:
        """What an attribute states, of the root unless it is another; one that cannot be read is refused by its name."""
        stated = (self.root if where is None else where).get(name, default)
        if stated is None:
            return self._required(name)
        try:
            return parse(stated)
        except ForcestError:
            raise
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
            what = f"{type(error).__name__}: {error}"
            raise ForcestError(f"the attribute {name} of a fit must be as forcest writes it; {what}") from error

    def _described(self, name: str) -> str:
        return str(self.root.get(name, "unknown"))

    # --- may its numbers be used -----------------------------------------------------------------------------------

    @property
    def verdict(self) -> Verdict:
        """Whether its numbers may be used; without the attribute, a fit counts as not converged."""
        converged, quick = (self._parsed(name, _flag, default=0) for name in ("converged", "quick"))
        return Verdict(converged, quick, str(self.root.get("ended_by", "")))

    @property
    def flags(self) -> dict[str, bool]:
        """The verdict as two values, for tables."""
        return {"converged": self.verdict.converged, "quick": self.verdict.quick}

    @property
    def n_diverging(self) -> int:
        """Divergent transitions, before thinning."""
        return self._parsed("n_diverging", int, self.diagnostics)

    @property
    def faults(self) -> tuple[str, ...]:
        """What the sampler itself found wrong."""
        return self._parsed("faults", lambda text: tuple(json.loads(text)), self.diagnostics)

    # --- what it was made from -------------------------------------------------------------------------------------

    @property
    def is_of_forcest(self) -> bool:
        """Whether forcest wrote it."""
        return "forcest_version" in self.root

    @property
    def version(self) -> str:
        """Version of forcest that wrote it."""
        return self._described("forcest_version")

    @property
    def model_kind(self) -> str:
        """Name of the class of its model."""
        return self._described("model_kind")

    @property
    def predicts_claims(self) -> bool:
        """Whether its model predicts what each source claims."""
        return self._parsed("predicts_claims", _flag, default=1)

    @property
    def random_seed(self) -> int:
        """Seed of all its random numbers."""
        return self._parsed("random_seed", int)

    @property
    def seconds(self) -> dict[str, float]:
        """Time spent compiling, sampling and in all."""
        return self._parsed("seconds", json.loads, default="{}")

    @property
    def left_out(self) -> list[dict[str, str]]:
        """Rows of the ledger that were not fitted, each with `id` and `reason`."""
        return self._parsed("left_out", _rows)

    @property
    def provenance(self) -> dict[str, str]:
        """What made its numbers, as text by name."""
        names = {
            "forcest": "forcest_version",
            "ledger (SHA-256)": "ledger_hash",
            "sampler": "sampler",
            "random seed": "random_seed",
        }
        versions = self._parsed("versions", lambda text: dict(json.loads(text)), default="{}")
        return {label: self._described(name) for label, name in names.items()} | versions

    # --- forecasts -------------------------------------------------------------------------------------------------

    @property
    def forecast_from(self) -> date | None:
        """First day after the last claim, where it is a forecast."""
        return self._parsed("forecast_from", date.fromisoformat) if "forecast_from" in self.root else None

    def changed(self, **attributes: Any) -> dict[str, Any]:
        """All attributes of the root, some replaced or added."""
        return {**self.root, **attributes}


def _flag(stated: Any) -> bool:
    """0 or 1 as a boolean."""
    return {0: False, 1: True}[int(stated)]


def _rows(text: str) -> list[dict[str, str]]:
    """A list of `id` and `reason`."""
    return [{name: str(row[name]) for name in ("id", "reason")} for row in json.loads(text)]


def of_one_fit(*trees: xr.DataTree) -> bool:
    """Whether a fit and its forecasts, or several forecasts of one fit, hold the same draws: the same statistics, draw by draw."""
    made_from = {tuple(tree.attrs.get(name) for name in ("ledger_hash", "random_seed")) for tree in trees}
    first, *others = [tree.children["sample_stats"].to_dataset() for tree in trees]
    return len(made_from) == 1 and all(first.equals(other) for other in others)
