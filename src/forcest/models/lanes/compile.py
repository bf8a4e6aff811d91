"""How kernels are compiled."""

from __future__ import annotations

from pathlib import Path

from numba import njit

# Kernels only fill arrays they are given, so the reference counts that Numba keeps of arrays are switched off (nine tenths of the
# run time otherwise); and only compiled code calls them, so they need no wrapper (most of the code, for tuples of many arrays).
_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
kernel = njit(**_OPTIONS, no_cpython_wrapper=True)
inner = njit(**_OPTIONS, no_cpython_wrapper=True, forceinline=True)


def entry(function):
    """Compile a function that Python calls, and keep it on disk until the source of any kernel changes.

    Numba looks only at the file of the function itself, but everything it calls is compiled into it.
    """
    compiled = njit(**_OPTIONS, cache=True)(function)
    here = Path(__file__).parent
    sources = sorted(file for file in here.rglob("*.py") if "kernels" in file.name or file.name == "lanes.py")
    files = [file.stat() for file in sources]
    compiled._cache._cache_file._source_stamp = tuple((found.st_mtime, found.st_size) for found in files)
    return compiled
