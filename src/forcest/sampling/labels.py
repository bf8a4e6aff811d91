"""Names of coordinates in messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SHOWN = 3


class Labels:
    """Names of coordinates, or their numbers if they have none; number ``dim`` is the log density.

    Parameters
    ----------
    dim : int
    names : sequence of str, optional
        One per coordinate.
    """

    def __init__(self, dim: int, names: Sequence[str] | None = None):
        self._dim, self._names = dim, names

    def of(self, index: int) -> str:
        """Name of one coordinate."""
        if index == self._dim:
            return "the log density"
        return f"coordinate {index}" if self._names is None else self._names[index]

    def list_of(self, indices: Iterable[int]) -> str:
        """Names of the first few of several coordinates."""
        listed = [int(i) for i in indices]
        shown = [str(i) if self._names is None else self._names[i] for i in listed[:_SHOWN]]
        text = ", ".join(shown) + (", ..." if len(listed) > _SHOWN else "")
        return text if self._names is not None else f"coordinate{'s' if len(listed) > 1 else ''} {text}"
