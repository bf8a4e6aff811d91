"""What the page of the interface says that all examples take for given."""

from __future__ import annotations

import pytest

import forcest as fc


@pytest.fixture(scope="session")
def given(tmp_path_factory):
    """Names that examples may use, and the folder in which they run, with the fit saved in it."""
    folder = tmp_path_factory.mktemp("examples")
    ledger, model = fc.datasets.load("north_korea_kursk"), fc.presets.north_korea_kursk()
    fit = fc.fit(model, ledger, random_seed=1)
    fc.save(fit, folder / "kursk.nc")
    return folder, {"fc": fc, "ledger": ledger, "model": model, "fit": fit}
