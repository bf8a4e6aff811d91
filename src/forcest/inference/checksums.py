"""Checksums of what a fit holds, so that no damage to a file changes a number unseen."""

from __future__ import annotations

import json
from hashlib import blake2b, sha256

import numpy as np
import xarray as xr

from forcest.attributes import Attributes
from forcest.errors import ForcestError

NAME = "checksums"
OF_ROOT = (
    "forcest_version", "ledger", "ledger_hash", "model", "model_kind", "predicts_claims", "sampler", "sampler_settings",
    "random_seed", "versions", "seconds", "converged", "ended_by", "quick", "left_out", "forecast_from", "scenario",
)  # fmt: skip
"""Attributes of the root that are protected; others are those of the user."""
OF_DIAGNOSTICS = ("n_diverging", "faults")
SEAL = b"forcest-sha256:"
"""What stands before the digest at the end of a file that ``save`` wrote; HDF5 ignores what follows its own data."""
SEPARATOR = "\x1f"


def checksums_of(fit: xr.DataTree) -> dict[str, str]:
    """Checksums of the attributes that forcest writes, and of every variable in every group, by name."""
    held = Attributes.of(fit)
    found = {
        f"attribute {name}": _digest(str(attributes[name]).encode())
        for attributes, names in ((held.root, OF_ROOT), (held.diagnostics, OF_DIAGNOSTICS))
        for name in names
        if name in attributes
    }
    for group, node in fit.children.items():
        for name, variable in node.to_dataset(inherit=False).variables.items():
            found[f"{group}/{name}"] = _digest(SEPARATOR.join(map(str, variable.dims)).encode(), _content(variable))
    return found


def with_checksums(fit: xr.DataTree) -> xr.DataTree:
    """The same fit, its checksums among its attributes."""
    fit.attrs = Attributes.of(fit).changed(**{NAME: json.dumps(checksums_of(fit))})
    return fit


def verify(fit: xr.DataTree) -> None:
    """Refuse a fit that is not as it was made.

    Raises
    ------
    ForcestError
        Names what differs.
    """
    try:
        stated = dict(json.loads(Attributes.of(fit).root[NAME]))
    except (KeyError, ValueError, TypeError):
        raise ForcestError("the checksums of the fit are missing or damaged") from None
    found = checksums_of(fit)
    if unstated := [name for name in found if name.startswith("attribute ") and name not in stated]:
        raise ForcestError(f"{', '.join(unstated)} must have a checksum")
    if differing := [name for name, checksum in stated.items() if found.get(name) != checksum]:
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        raise ForcestError(f"{', '.join(map(str, differing[:3]))}{more} differ from what was saved")


def sealed(content: bytes) -> bytes:
    """The bytes of a file with their digest at the end."""
    return content + SEAL + sha256(content).digest()


def refuse_broken_seal(content: bytes) -> None:
    """Refuse a sealed file that is damaged before HDF5 reads it, which damage may keep busy for ever; others have no seal."""
    body, seal = content[: -len(SEAL) - sha256().digest_size], content[-len(SEAL) - sha256().digest_size :]
    if seal.startswith(SEAL) and seal != sealed(body)[len(body) :]:
        raise ForcestError("its content does not have the checksum at its end, so one of them is damaged")


def _content(variable: xr.Variable) -> bytes | memoryview:
    """The values as bytes, the same before a file is written and after it is read."""
    values = np.asarray(variable.values)
    if values.dtype.kind == "M":
        values = values.astype("datetime64[ns]").astype(np.int64)
    elif values.dtype.kind == "f":
        values = values.astype(variable.encoding.get("dtype", values.dtype))
        values[np.isnan(values)] = np.nan
    elif values.dtype.kind in "biu":
        values = values.astype(np.int64)
    else:
        return SEPARATOR.join(map(str, values.ravel())).encode()
    return memoryview(np.ascontiguousarray(values)).cast("B") if values.size else b""


def _digest(*parts: bytes | memoryview) -> str:
    found = blake2b(digest_size=8)
    for part in parts:
        found.update(part)
    return found.hexdigest()
