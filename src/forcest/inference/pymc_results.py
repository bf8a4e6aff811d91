"""What comes out of a PyMC model: its variables with dims and labels, checked before a draw is made."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from forcest.errors import ModelError

if TYPE_CHECKING:
    import pymc as pm

TAKEN = ("chain", "draw")
"""Dims of every result, whose names no variable or dim of a model can have."""
AS_THEY_ARE = "biufMmU"
"""Kinds of NumPy arrays that a file can hold as labels."""


def posterior_of(model: pm.Model, variables: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The variables of draws with the model's dims and labels.

    Parameters
    ----------
    model : pymc.Model
    variables : mapping of str to ndarray, shape (chain, draw, ...)

    Returns
    -------
    Dataset
    """
    dims = {name: dims_of(model, name, values.ndim - 2) for name, values in variables.items()}
    used = {dim for own in dims.values() for dim in own}
    labels = {dim: stored_labels(values) for dim, values in model.coords.items() if values is not None and dim in used}
    n_chains, n_draws = next(iter(variables.values())).shape[:2]
    index = {"chain": np.arange(n_chains), "draw": np.arange(n_draws)}
    return xr.Dataset({name: ((*TAKEN, *dims[name]), values) for name, values in variables.items()}, coords=labels | index)


def dims_of(model: pm.Model, name: str, ndim: int) -> list[str]:
    """Dims of a variable; those that the model does not name are numbered."""
    given = model.named_vars_to_dims.get(name) or (None,) * ndim
    return [f"{name}_dim_{i}" if label is None else label for i, label in enumerate(given)]


def check_results(model: pm.Model, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse a model whose results could not be built, before anything is drawn.

    Parameters
    ----------
    model : pymc.Model
    shapes : mapping of str to tuple of int
        Shape of every variable of the results.

    Raises
    ------
    ModelError
        With all faults: a name that every result has already, or a length that does not fit the dim.
    """
    dims = {name: dims_of(model, name, len(shape)) for name, shape in shapes.items()}
    found = [
        f"a {what} must have another name than {name!r}, which every result has as a dim; rename it"
        for what, names in (("variable", shapes), ("dim", {dim for own in dims.values() for dim in own}))
        for name in TAKEN
        if name in names
    ]
    lengths: dict[str, tuple[int, str]] = {
        dim: (len(values), "its labels") for dim, values in model.coords.items() if values is not None
    }
    for name, shape in shapes.items():
        for dim, length in zip(dims[name], shape, strict=True):
            expected, source = lengths.setdefault(dim, (length, name))
            if length != expected:
                found.append(
                    f"{name} must have {expected} values along dim {dim!r}, as {source}; it has {length}. "
                    "Give the variable the dim that it has, or correct the labels"
                )
    if found:
        raise ModelError("the results of `model` could not be built: " + "; ".join(found) + ".")


def stored_labels(values: Iterable[Any]) -> np.ndarray:
    """Labels of a dim as a file can hold them: dates as dates, periods and other objects as text, pairs as "a, b"."""
    labels = list(values)
    if any(isinstance(label, tuple) for label in labels):
        return np.array([", ".join(map(str, label)) for label in labels])
    array = pd.Index(labels).to_numpy()
    if array.dtype.kind in AS_THEY_ARE:
        return array
    if all(type(label) is datetime.date for label in labels):
        return np.array(labels, dtype="datetime64[ns]")
    return array.astype(str)
