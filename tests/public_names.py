"""Every public name: those of `forcest` itself and of its public rooms."""

from __future__ import annotations

import inspect

import forcest

ROOMS = ("plots", "datasets", "presets", "sampling", "errors", "estimates", "checks")


def public_names() -> dict[str, object]:
    """Functions, classes and values by the name users write, such as ``fc.plots.curves``; each under its shortest name."""
    rooms = {"fc": forcest} | {f"fc.{room}": getattr(forcest, room) for room in ROOMS}
    named = {f"{room}.{name}": getattr(module, name) for room, module in rooms.items() for name in module.__all__}
    own = {id(getattr(forcest, name)) for name in forcest.__all__}
    return {name: v for name, v in named.items() if not inspect.ismodule(v) and (name.count(".") == 1 or id(v) not in own)}
