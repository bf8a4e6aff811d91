"""One BLAS thread per tile: more would compete with the threads of the tiles, and could change the order of sums."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import scipy
import scipy.linalg  # loads its library, as Numba would at its first call

_SUFFIXES = ("64_", "_64", "")


def _controls() -> list[tuple[Callable[[], int], Callable[[int], None]]]:
    """Getter and setter of the thread count of every OpenBLAS bundled with NumPy and SciPy; empty for other libraries."""
    found = []
    for package in (np, scipy):
        folder = Path(str(package.__file__)).parent.parent / f"{package.__name__}.libs"
        for file in sorted(folder.glob("*openblas*")):
            with suppress(OSError):
                library = ctypes.CDLL(str(file))
                for suffix in _SUFFIXES:
                    getter = getattr(library, f"scipy_openblas_get_num_threads{suffix}", None)
                    setter = getattr(library, f"scipy_openblas_set_num_threads{suffix}", None)
                    if getter is not None and setter is not None:
                        found.append((getter, setter))
                        break
    return found


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Inside the block every OpenBLAS call uses one thread; afterwards the previous number is restored."""
    controls = [(getter(), setter) for getter, setter in _controls()]
    for _, setter in controls:
        setter(1)
    try:
        yield
    finally:
        for before, setter in controls:
            setter(before)
