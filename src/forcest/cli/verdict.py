"""Whether the numbers of a fit may be used, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


def converged(fit: xr.DataTree) -> bool:
    """Whether the fit met the rule of convergence."""
    return bool(int(fit.attrs.get("converged", 0)))


def is_quick(fit: xr.DataTree) -> bool:
    """Whether it was a quick look."""
    return bool(int(fit.attrs.get("quick", 0)))


def interrupted(fit: xr.DataTree) -> bool:
    """Whether a person stopped it."""
    return fit.attrs.get("ended_by") == "interrupted"


def verdict(fit: xr.DataTree) -> str:
    """One sentence."""
    if ended_by := str(fit.attrs.get("ended_by", "")):
        return f"UNFINISHED: the run was {ended_by}; what was drawn until then is written. Do not use these numbers."
    if not converged(fit):
        return "The fit did NOT converge: do not use these numbers. forcest.diagnose(forcest.load(...)) says what to change."
    if is_quick(fit):
        return "QUICK: the chains agree by the loose standard of a quick run only. Run without --quick for numbers to be used."
    return "The fit converged."
