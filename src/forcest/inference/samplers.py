"""The samplers of `fit`, each with its own options: what does not belong together cannot be stated."""

from __future__ import annotations

from dataclasses import dataclass, fields
from numbers import Integral
from typing import Any, ClassVar, Literal, get_args

from forcest.errors import ForcestError

FEWEST_DRAWS = 4
"""Draws per chain that R-hat and effective sample sizes need."""
FEWEST_CHAINS = 2
"""Chains that the batched sampler needs."""

SamplerName = Literal["batched", "nutpie", "pymc"]


def _check_count(sampler: Batched | _Nuts, name: str, least: int) -> None:
    value = getattr(sampler, name)
    if not isinstance(value, Integral) or value < least:
        raise ForcestError(f"`{name}` of {type(sampler).__name__} must be a whole number of at least {least}; got {value!r}.")


def _check_rate(sampler: Batched | _Nuts) -> None:
    value = sampler.target_accept
    if not isinstance(value, int | float) or not 0 < value < 1:
        raise ForcestError(f"`target_accept` of {type(sampler).__name__} must lie between 0 and 1; got {value!r}.")


def _check_positive(sampler: Batched, name: str) -> None:
    value = getattr(sampler, name)
    if not isinstance(value, int | float) or not value > 0:
        raise ForcestError(f"`{name}` of {type(sampler).__name__} must be above 0; got {value!r}.")


@dataclass(frozen=True, kw_only=True)
class Batched:
    """Many chains in lock-step: nothing to compile, a warm-up that ends by itself, draws until they are good enough.

    Parameters
    ----------
    chains : int
        Groups of four share a start where there are more than 16.
    draws : int, optional
        Draws per chain; unless given, as many as the target needs.
    target_accept : float, optional
        Acceptance rate to aim at; larger takes smaller steps: slower, safer. Unless given, 0.9, and 0.98 for Radford2023.
    target_ess : float
        Bulk and tail effective sample size of every parameter at which it stops.
    max_seconds : float, optional  [s]
        Time for a fit whose claims are bound. When four fifths of it are over, the sampler stops without having met the target, and
        the fit is made of the draws it has, marked as not converged; diagnosis, curves and predictions usually take less than the
        rest.

    Raises
    ------
    ForcestError
        If an option is out of range.

    Examples
    --------
    >>> fc.Batched(chains=16, target_ess=100)
    Batched(chains=16, draws=None, target_accept=None, target_ess=100, max_seconds=None)
    """

    name: ClassVar[SamplerName] = "batched"

    chains: int = 32
    draws: int | None = None
    target_accept: float | None = None
    target_ess: float = 400.0
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        _check_count(self, "chains", FEWEST_CHAINS)
        if self.draws is not None:
            _check_count(self, "draws", FEWEST_DRAWS)
        if self.target_accept is not None:
            _check_rate(self)
        _check_positive(self, "target_ess")
        if self.max_seconds is not None:
            _check_positive(self, "max_seconds")


@dataclass(frozen=True, kw_only=True)
class _Nuts:
    """The options of NUTS on the PyMC graph."""

    draws: int = 1_500
    tune: int = 1_000
    chains: int = 4
    target_accept: float = 0.95

    def __post_init__(self) -> None:
        _check_count(self, "draws", FEWEST_DRAWS)
        _check_count(self, "tune", 1)
        _check_count(self, "chains", 1)
        _check_rate(self)


@dataclass(frozen=True, kw_only=True)
class Nutpie(_Nuts):
    """NUTS of nutpie on the PyMC graph, which is compiled first; that takes minutes. Needs the extra ``forcest[nutpie]``.

    Parameters
    ----------
    draws, tune : int
        Kept and discarded draws per chain.
    chains : int
    target_accept : float
        Acceptance rate to aim at; larger takes smaller steps: slower, safer.

    Raises
    ------
    ForcestError
        If an option is out of range.

    Examples
    --------
    >>> fc.Nutpie(draws=500)
    Nutpie(draws=500, tune=1000, chains=4, target_accept=0.95)
    """

    name: ClassVar[SamplerName] = "nutpie"


@dataclass(frozen=True, kw_only=True)
class PyMC(_Nuts):
    """NUTS of PyMC on the PyMC graph, which is compiled first; that takes minutes.

    Parameters
    ----------
    draws, tune : int
        Kept and discarded draws per chain.
    chains : int
    target_accept : float
        Acceptance rate to aim at; larger takes smaller steps: slower, safer.

    Raises
    ------
    ForcestError
        If an option is out of range.

    Examples
    --------
    >>> fc.PyMC(chains=2)
    PyMC(draws=1500, tune=1000, chains=2, target_accept=0.95)
    """

    name: ClassVar[SamplerName] = "pymc"


Sampler = Batched | Nutpie | PyMC
KINDS: dict[str, type[Sampler]] = {kind.name: kind for kind in get_args(Sampler)}
QUICK: dict[str, Sampler] = {
    "batched": Batched(chains=16, target_ess=100.0),
    "nutpie": Nutpie(draws=400, tune=400),
    "pymc": PyMC(draws=400, tune=400),
}


def sampler_named(sampler: SamplerName | Sampler, *, quick: bool) -> Sampler:
    """A sampler as it is given, or the defaults that its name stands for, those of a quick look with ``quick``."""
    if isinstance(sampler, Sampler):
        return sampler
    if sampler not in KINDS:
        choices = ", ".join(f"{name!r} or fc.{kind.__name__}(...)" for name, kind in KINDS.items())
        raise ForcestError(f"`sampler` must be one of {choices}; got {sampler!r}.")
    return QUICK[sampler] if quick else KINDS[sampler]()


def as_dict(sampler: Sampler) -> dict[str, Any]:
    """A sampler as plain values, those without one left out."""
    options = {field.name: getattr(sampler, field.name) for field in fields(sampler)}
    return {"sampler": sampler.name, **{name: value for name, value in options.items() if value is not None}}


def from_dict(stored: dict[str, Any]) -> Sampler:
    """The sampler of :func:`as_dict`; other entries are passed over."""
    kind = KINDS[stored["sampler"]]
    return kind(**{field.name: stored[field.name] for field in fields(kind) if field.name in stored})
