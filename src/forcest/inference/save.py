"""Save a fit: whole, with its checksums compared, and sealed."""

from __future__ import annotations

import os
from pathlib import Path

import xarray as xr

from forcest.attributes import Attributes
from forcest.errors import ForcestError
from forcest.inference.checksums import sealed, verify
from forcest.writing import write_whole


def save(fit: xr.DataTree, path: str | os.PathLike[str]) -> Path:
    """Write a fit or a forecast to a file that :func:`forcest.load` reads back.

    The file is NetCDF, which any NetCDF library reads, with a checksum of all its bytes at the end: where it is damaged later,
    :func:`forcest.load` notices before the file is opened. ``fit.to_netcdf`` writes no such checksum.

    Parameters
    ----------
    fit : DataTree
        From :func:`forcest.fit`, :func:`forcest.forecast` or :func:`forcest.load`, unchanged except for attributes of your own.
    path : path
        Where to write. An existing file is replaced at once; if writing fails, it stays as it was.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ForcestError
        If it is not a fit as forcest made it, or there is no such folder.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> file = fc.save(fit, "kursk.nc")
    >>> fc.load(file).attrs["ledger_hash"] == ledger.hash
    True
    """
    target = Path(path)
    if not Attributes.of(fit).is_of_forcest:
        raise ForcestError("`fit` must be a fit of forcest; it has no forcest_version. Save other trees with their to_netcdf.")
    if not target.parent.is_dir():
        raise ForcestError(f"`path` must be in a folder that exists; there is no {str(target.parent)!r}. Make it first.")
    try:
        verify(fit)
    except ForcestError as error:
        raise ForcestError(
            f"`fit` must be saved as forcest made it: {error}. Save the original; write a changed copy with its to_netcdf."
        ) from None
    with fit.to_netcdf(engine="h5netcdf") as view:  # in memory: where HDF5 cannot write its own file, Python crashes at exit
        write_whole(target, sealed(bytes(view)))
    return target
