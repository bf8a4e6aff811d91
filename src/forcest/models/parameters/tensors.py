"""The symbolic library, loaded when a graph is first built: importing forcest must stay light."""

from __future__ import annotations

from typing import Any


def symbolic() -> Any:
    """``pytensor.tensor``, typed as Any because its annotations do not describe what operators return."""
    import pytensor.tensor as pt

    return pt
