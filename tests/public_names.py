"""Every public name: those of `forcest` itself and of its public subpackages."""

from __future__ import annotations

import inspect

import forcest

SUBPACKAGES = ("plots", "datasets", "presets", "sampling", "errors", "estimates", "checks", "history")


def public_names() -> dict[str, object]:
    """Functions, classes and values by the name users write, such as ``fc.plots.curves``; each under its shortest name."""
    modules = {"fc": forcest} | {f"fc.{name}": getattr(forcest, name) for name in SUBPACKAGES}
    named = {f"{prefix}.{name}": getattr(module, name) for prefix, module in modules.items() for name in module.__all__}
    own = {id(getattr(forcest, name)) for name in forcest.__all__}
    return {name: v for name, v in named.items() if not inspect.ismodule(v) and (name.count(".") == 1 or id(v) not in own)}
