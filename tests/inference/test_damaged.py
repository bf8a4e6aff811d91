"""Saved fits that are damaged, or of strangers: each is refused with what is wrong, and none changes a number unseen."""

import contextlib
import json

import h5py
import numpy as np
import pytest
import xarray as xr

import forcest as fc
import synthetic_fit
from forcest.attributes import Attributes
from forcest.errors import ForcestError
from forcest.inference.checksums import SEAL, refuse_broken_seal, sealed, with_checksums
from forcest.inference.opened import OpenedFit

SAMPLED, SEED = 200, 20250226


def small():
    """A fit with two variables: a file of some 14 kB."""
    whole = synthetic_fit.build()
    posterior = whole["posterior"].to_dataset()[["killed", "combat_value"]].isel(chain=[0], draw=slice(0, 3), date=slice(70, 75))
    fit = xr.DataTree.from_dict({"posterior": posterior, "diagnostics": whole["diagnostics"].to_dataset()})
    fit.attrs = {name: whole.attrs[name] for name in ("forcest_version", "random_seed", "converged", "quick", "seconds")}
    return fit


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "fit.nc"
    with_checksums(small()).to_netcdf(path)
    return path.read_bytes()


def loaded(path, content):
    path.write_bytes(content)
    return fc.load(path)


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]


def test_a_fit_comes_back_with_and_without_a_seal(tmp_path, content):
    assert loaded(tmp_path / "a.nc", content).identical(loaded(tmp_path / "b.nc", sealed(content)))


def test_a_damaged_byte_anywhere_in_a_sealed_file_is_noticed_before_hdf5_reads_it(content):
    whole = sealed(content)
    for at in set(range(len(whole))) - set(range(len(content), len(content) + len(SEAL))):
        with pytest.raises(ForcestError, match="one of them is damaged"):
            refuse_broken_seal(flipped(whole, at))


def test_a_file_whose_seal_is_damaged_has_its_values_compared(tmp_path, content):
    for at in range(len(content), len(content) + len(SEAL)):
        assert loaded(tmp_path / "a.nc", flipped(sealed(content), at)).identical(loaded(tmp_path / "b.nc", content))


@pytest.mark.slow
def test_a_damaged_byte_in_the_arrays_is_noticed_without_a_seal(tmp_path, content):
    values = [small()["posterior"][name].astype("f8").values.tobytes() for name in ("killed", "combat_value")]
    starts = [(content.index(value), len(value)) for value in values]
    places = [start + i for start, length in starts for i in range(length)]
    for at in np.random.default_rng(SEED).choice(places, min(SAMPLED, len(places)), replace=False):
        with pytest.raises(ForcestError, match=r"posterior/(killed|combat_value) differ"):
            loaded(tmp_path / "damaged.nc", flipped(content, int(at)))


@pytest.mark.parametrize("end", [0, 1, 100, 5_000, -60])
def test_a_file_that_was_cut_off_is_refused(tmp_path, content, end):
    with pytest.raises(ForcestError, match=r"damaged|cannot be read as NetCDF"):
        loaded(tmp_path / "cut.nc", sealed(content)[:end])


@pytest.mark.parametrize("name", ["ledger", "ledger_hash", "model", "random_seed", "converged", "forcest_version"])
def test_a_changed_attribute_is_named(tmp_path, name):
    fit = synthetic_fit.build()
    fit.attrs[name] = {"forcest_version": "0.0.9"}.get(name, 0)
    fit.to_netcdf(tmp_path / "fit.nc")
    with pytest.raises(ForcestError, match=rf"attribute {name} differ from what was saved"):
        fc.load(tmp_path / "fit.nc")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model_kind": "Unknown"}, "the model of a fit must be one of ForceModel, LossModel, Radford2023"),
        ({"model": "{"}, "must be JSON"),
        ({"sampler_settings": "{"}, "attribute sampler_settings of a fit must be as forcest writes it; JSONDecodeError"),
        ({"sampler_settings": "[]"}, "attribute sampler_settings"),
        ({"sampler_settings": '{"sampler": "other"}'}, "attribute sampler_settings"),
        ({"sampler_settings": '{"sampler": "batched", "chains": -1}'}, "`chains` of Batched must be a whole number"),
        ({"ledger_hash": "0"}, "must have the hash that is stored with it"),
        ({"ledger": "a,b"}, "text must be what Ledger.to_csv"),
        ({"converged": "yes"}, "attribute converged"),
        ({"converged": 7}, "attribute converged"),
        ({"left_out": "[1]"}, "attribute left_out"),
        ({"left_out": "[" * 100_000}, "attribute left_out"),
        ({"seconds": "9" * 5_000}, "attribute seconds"),
        ({"versions": "3"}, "attribute versions"),
        ({"random_seed": "one"}, "attribute random_seed"),
        ({"forecast_from": "soon"}, "attribute forecast_from"),
        ({"scenario": "{"}, "must be JSON"),
        ({"forcest_version": "9.9.9"}, r"forcest 9\.9\.9 wrote it, and this is .*: update forcest"),
        ({"forcest_version": "?"}, "its version of forcest is"),
    ],
)
def test_a_fit_of_strangers_with_checksums_of_its_own_is_read_before_it_is_used(tmp_path, changes, says):
    fit = synthetic_fit.build()
    fit.attrs |= changes
    with_checksums(fit).to_netcdf(tmp_path / "fit.nc")
    with pytest.raises(ForcestError, match=says):
        fc.load(tmp_path / "fit.nc")


def test_a_fit_without_checksums_is_refused(tmp_path):
    fit = synthetic_fit.build()
    for checksums in (None, "{", "3", "[]"):
        fit.attrs.pop("checksums", None)
        fit.attrs |= {} if checksums is None else {"checksums": checksums}
        fit.to_netcdf(tmp_path / "fit.nc")
        with pytest.raises(ForcestError, match=r"checksums of the fit are missing|attribute ledger, .* must have a checksum"):
            fc.load(tmp_path / "fit.nc")


def test_a_variable_that_is_missing_is_named_and_attributes_of_the_user_are_not_verified(tmp_path):
    fit = synthetic_fit.build()
    fit.attrs["remark"] = "mine"
    fit.to_netcdf(tmp_path / "fit.nc")
    assert fc.load(tmp_path / "fit.nc").attrs["remark"] == "mine"
    fit["posterior"] = fit["posterior"].to_dataset().drop_vars("killed")
    fit.to_netcdf(tmp_path / "fit.nc")
    with pytest.raises(ForcestError, match="posterior/killed differ"):
        fc.load(tmp_path / "fit.nc")


def test_arrays_of_zeros_without_end_are_not_read_into_memory(tmp_path):
    with_checksums(small()).to_netcdf(tmp_path / "fit.nc")
    with h5py.File(tmp_path / "fit.nc", "r+") as file:
        zeros = {"dtype": "f4", "compression": "gzip"}
        bomb = file["posterior"].create_dataset("bomb", shape=(10**5, 10**6), chunks=(1, 1000), **zeros)
        for i, length in enumerate(bomb.shape):
            file["posterior"].create_dataset(f"dim{i}", shape=(length,), chunks=(1000,), **zeros).make_scale(f"dim{i}")
            bomb.dims[i].attach_scale(file["posterior"][f"dim{i}"])
    with pytest.raises(ForcestError, match="its arrays must take at most 4 GB of memory; they take 400 GB"):
        fc.load(tmp_path / "fit.nc")


@pytest.mark.parametrize("seed", range(60))
def test_random_attributes_raise_no_other_error(seed):
    """A small fuzz; a seed that fails is kept here by its number."""
    rng = np.random.default_rng(seed)
    pieces = ["{", "}", "[", "]", '"', ":", ",", "0", "-1", "1e999", "null", "sampler", "batched", "chains", "\x00", "é", "NaN"]
    text = "".join(rng.choice(pieces, rng.integers(1, 12)))
    for name in ("model", "sampler_settings", "ledger", "left_out", "seconds", "versions", "converged", "random_seed", "scenario"):
        with_one = OpenedFit({**ATTRIBUTES, name: text}, {"n_diverging": text, "faults": text})
        with contextlib.suppress(ForcestError):
            with_one.parse_all()


ATTRIBUTES = dict(synthetic_fit.build().attrs) | {"sampler_settings": json.dumps({"sampler": "batched"})}


def test_the_attributes_that_the_fuzz_begins_with_are_sound():
    OpenedFit(ATTRIBUTES, {}).parse_all()
    assert Attributes(ATTRIBUTES, {}).verdict.converged
