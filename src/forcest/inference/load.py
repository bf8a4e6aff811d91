"""Read a saved fit back."""

from __future__ import annotations

import os
import re
from pathlib import Path

import xarray as xr

import forcest
from forcest.attributes import Attributes
from forcest.errors import ForcestError
from forcest.inference.checksums import refuse_broken_seal, verify
from forcest.inference.opened import OpenedFit

MOST_BYTES = 4 * 10**9
"""Memory that the arrays of a fit may take; those of the longest calendar take a third of it."""


def load(path: str | os.PathLike[str]) -> xr.DataTree:
    """Read a fit that :func:`forcest.save` wrote, with everything needed to summarise, plot and forecast it.

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
        If there is no such file, or it is not a fit as forcest wrote it: the checksum of the file is compared before it is opened,
        then that of every value. A file that ``fit.to_netcdf`` wrote has only the latter.

    Examples
    --------
    >>> saved = fc.load("kursk.nc")  # written by fc.save(fit, "kursk.nc")
    >>> saved.attrs["model_kind"]
    'ForceModel'
    """
    if not Path(path).is_file():
        raise ForcestError(f"`path` must be a saved fit; there is no file {os.fspath(path)!r}. Write one with fc.save(fit, path).")
    name = os.fspath(path)
    try:
        refuse_broken_seal(Path(path).read_bytes())
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            _refuse_large(tree)
            fit = tree.load()
    except ForcestError as error:
        raise ForcestError(f"{name!r} cannot be loaded: {error}. {COPY}") from None
    except Exception as error:  # noqa: BLE001 - HDF5 and xarray raise nearly anything about a damaged file
        raise ForcestError(
            f"{name!r} cannot be read as NetCDF ({error}). Give the .nc file of a fit, or an undamaged copy."
        ) from None
    if "posterior" not in fit.children or not Attributes.of(fit).is_of_forcest:
        raise ForcestError(f"{name!r} must be a fit of forcest; it has no forcest_version. Give the .nc file of a fit.")
    try:
        refuse_newer(Attributes.of(fit).version)
        verify(fit)
        OpenedFit.of(fit).parse_all()
    except ForcestError as error:
        raise ForcestError(f"{name!r} cannot be used as a fit: {error}. {COPY}") from None
    return fit


COPY = "Use an undamaged copy of the file, or fit the ledger again; xarray.open_datatree opens it unverified"


def _refuse_large(tree: xr.DataTree) -> None:
    """A few compressed bytes may stand for any number of zeros."""
    size = sum(node.to_dataset(inherit=False).nbytes for node in tree.subtree)
    if size > MOST_BYTES:
        raise ForcestError(f"its arrays must take at most {MOST_BYTES / 1e9:.0f} GB of memory; they take {size / 1e9:,.0f} GB")


def refuse_newer(version: str) -> None:
    """A fit of a later version may hold what this one misreads."""
    stated, own = (re.match(r"(\d+)\.(\d+)", text) for text in (version, forcest.__version__))
    if stated is None or own is None:
        raise ForcestError(f"its version of forcest is {version!r}")
    if tuple(map(int, stated.groups())) > tuple(map(int, own.groups())):
        raise ForcestError(f"forcest {version} wrote it, and this is {forcest.__version__}: update forcest")
