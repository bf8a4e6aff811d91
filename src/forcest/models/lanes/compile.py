"""How kernels are compiled, and when a compiled one is compiled anew."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from numba import njit

# Kernels only fill arrays they are given, so the reference counts that Numba keeps of arrays are switched off (nine tenths of the
# run time otherwise); and only compiled code calls them, so they need no wrapper (most of the code, for tuples of many arrays).
# A function that only calls kernels is ``inner``: as a kernel it cost a density a tenth of its speed.
_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
kernel = njit(**_OPTIONS, no_cpython_wrapper=True)
inner = njit(**_OPTIONS, no_cpython_wrapper=True, forceinline=True)


def entry(function):
    """Compile a function that Python calls, and keep it on disk until any source file of the models changes.

    Numba looks only at the file of the function itself, but everything that the function calls is compiled into it, and so is
    every constant that a kernel imports, from whichever file.
    """
    compiled = njit(**_OPTIONS, cache=True)(function)
    compiled._cache._cache_file._source_stamp = sources_digest()
    return compiled


@cache
def sources_digest() -> str:
    """Digest of the contents of all source files of ``forcest.models``, some 5 ms once a process.

    Contents, since a copied or checked-out file may have the size and the time of another version.
    """
    root = Path(__file__).parents[1]
    digest = sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()
