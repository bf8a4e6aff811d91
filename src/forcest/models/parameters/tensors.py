"""The symbolic library, loaded when a graph is first built, so that importing forcest stays fast."""

from __future__ import annotations

from typing import Any


def symbolic() -> Any:
    """``pytensor.tensor``, typed as Any because its annotations do not describe what operators return."""
    import pytensor.tensor as pt

    return pt
