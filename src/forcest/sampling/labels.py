"""Names of coordinates in messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SHOWN = 3


class Labels:
    """Words for coordinates: their names if given, else their numbers; number ``dim`` is the log density.

    Parameters
    ----------
    dim : int
    names : sequence of str, optional
        One per coordinate.
    """

    def __init__(self, dim: int, names: Sequence[str] | None = None):
        self._dim, self._names = dim, names

    def one(self, index: int) -> str:
        """One coordinate."""
        if index == self._dim:
            return "the log density"
        return f"coordinate {index}" if self._names is None else self._names[index]

    def some(self, indices: Iterable[int]) -> str:
        """The first few of several coordinates."""
        listed = [int(i) for i in indices]
        shown = [str(i) if self._names is None else self._names[i] for i in listed[:_SHOWN]]
        text = ", ".join(shown) + (", ..." if len(listed) > _SHOWN else "")
        return text if self._names is not None else f"coordinate{'s' if len(listed) > 1 else ''} {text}"
