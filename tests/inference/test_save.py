"""Saved fits: written whole, sealed, and refused by `load` where a byte has changed."""

from importlib import import_module

import pytest
import xarray as xr

import forcest as fc
import synthetic_fit
from forcest.errors import ForcestError
from forcest.inference.checksums import SEAL, sealed


@pytest.fixture(scope="module")
def fit():
    return synthetic_fit.build()


@pytest.fixture
def saved(fit, tmp_path):
    return fc.save(fit, tmp_path / "fit.nc")


def test_what_was_saved_comes_back_and_can_be_saved_again(fit, saved, tmp_path):
    first = fc.load(saved)
    again = fc.load(fc.save(first, str(tmp_path / "again.nc")))
    assert again.identical(first)
    assert float(first["posterior"]["killed"].isel(date=-1).median()) == pytest.approx(600)
    assert saved == tmp_path / "fit.nc"


def test_a_forecast_is_saved_too(tmp_path):
    forecast = synthetic_fit.forecast()
    assert fc.load(fc.save(forecast, tmp_path / "later.nc")).attrs["forecast_from"] == synthetic_fit.FORECAST_FROM


def test_the_file_is_netcdf_with_a_seal_over_all_of_it(saved):
    content = saved.read_bytes()
    body = content[: -len(SEAL) - 32]
    assert content == sealed(body)
    with xr.open_datatree(saved, engine="h5netcdf") as tree:
        assert "killed" in tree["posterior"]


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9995])
def test_a_flipped_bit_is_noticed_before_hdf5_opens_the_file(saved, monkeypatch, share):
    content = bytearray(saved.read_bytes())
    content[int(share * (len(content) - len(SEAL) - 32))] ^= 1
    saved.write_bytes(content)
    monkeypatch.setattr(xr, "open_datatree", lambda *_args, **_options: pytest.fail("HDF5 was given a damaged file"))
    with pytest.raises(ForcestError, match=r"fit\.nc' cannot be loaded: its content does not have the checksum at its end"):
        fc.load(saved)


def test_writing_that_fails_leaves_the_earlier_file(fit, saved, monkeypatch):
    before = saved.read_bytes()

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(import_module("forcest.inference.save"), "write_whole", full)
    with pytest.raises(OSError, match="No space left"):
        fc.save(fit, saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["fit.nc"]


def test_a_fit_that_was_changed_is_refused_and_named(tmp_path):
    changed = synthetic_fit.build()
    changed["posterior"]["killed"] = changed["posterior"]["killed"] + 1
    changed.attrs["converged"] = 0
    with pytest.raises(ForcestError, match=r"`fit` must be saved as forcest made it: attribute converged, posterior/killed differ"):
        fc.save(changed, tmp_path / "changed.nc")
    assert list(tmp_path.iterdir()) == []


def test_attributes_of_the_user_are_saved(tmp_path):
    own = synthetic_fit.build()
    own.attrs["remark"] = "mine"
    assert fc.load(fc.save(own, tmp_path / "own.nc")).attrs["remark"] == "mine"


def test_other_trees_and_folders_that_are_missing_are_refused(fit, tmp_path):
    with pytest.raises(ForcestError, match="`fit` must be a fit of forcest; it has no forcest_version"):
        fc.save(xr.DataTree(xr.Dataset({"a": 1})), tmp_path / "other.nc")
    with pytest.raises(ForcestError, match=r"`path` must be in a folder that exists; there is no .*none'\. Make it first"):
        fc.save(fit, tmp_path / "none" / "fit.nc")
