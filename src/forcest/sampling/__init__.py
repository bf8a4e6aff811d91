"""Many chains in lock-step over any vectorised log density: kernels, adaptation, diagnostics. It does not depend on any model.

Names are loaded at first use, because importing Numba takes most of a second.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forcest.sampling.diagnostics import diagnose
    from forcest.sampling.progress import Progress
    from forcest.sampling.result import RunSettings, SampleResult, Verdict
    from forcest.sampling.sampler import sample

_WHERE = {
    "sample": "sampler",
    "Progress": "progress",
    "diagnose": "diagnostics",
    "RunSettings": "result",
    "SampleResult": "result",
    "Verdict": "result",
}

__all__ = ["Progress", "RunSettings", "SampleResult", "Verdict", "diagnose", "sample"]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
