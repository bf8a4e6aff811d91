"""How many cores a fit may use: all of them, or one where many fits run at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LIMIT: ContextVar[int | None] = ContextVar("core_limit")


def core_limit() -> int | None:
    """Cores that a fit may use; None for all."""
    return _LIMIT.get(None)


@contextmanager
def one_core() -> Iterator[None]:
    """Inside the block every fit of this thread uses one core, whoever calls it; the draws are the same."""
    token = _LIMIT.set(1)
    try:
        yield
    finally:
        _LIMIT.reset(token)
