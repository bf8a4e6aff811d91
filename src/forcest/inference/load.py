"""Read a saved fit back."""

from __future__ import annotations

import os
from pathlib import Path

import xarray as xr

from forcest.attributes import Attributes
from forcest.errors import ForcestError


def load(path: str | os.PathLike[str]) -> xr.DataTree:
    """Read a fit that ``fit.to_netcdf`` wrote, with everything needed to summarise, plot and forecast it.

    Parameters
    ----------
    path : path

    Returns
    -------
    DataTree
        In memory; the file is closed. Curves are rounded to single precision by the file.

    Raises
    ------
    ForcestError
        If there is no such file, or forcest did not write it.

    Examples
    --------
    >>> saved = fc.load("kursk.nc")  # written by fit.to_netcdf("kursk.nc")
    >>> saved.attrs["model_kind"]
    'ForceModel'
    """
    if not Path(path).is_file():
        raise ForcestError(f"`path` must be a saved fit; there is no file {os.fspath(path)!r}. Write one with fit.to_netcdf(path).")
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            fit = tree.load()
    except (OSError, ValueError, KeyError) as error:
        raise ForcestError(f"{os.fspath(path)!r} cannot be read as NetCDF ({error}). Give the .nc file of a fit.") from None
    if "posterior" not in fit.children or not Attributes.of(fit).is_of_forcest:
        raise ForcestError(f"{os.fspath(path)!r} must be a fit of forcest; it has no forcest_version. Give the .nc file of a fit.")
    return fit
