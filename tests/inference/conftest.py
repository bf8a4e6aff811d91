"""One small ledger, compiled once, and its fit, shared by the tests of inference."""

from __future__ import annotations

import pytest

import forcest as fc
from forcest.ledger import read_ledger
from inference_ledger import small_ledger_frame, small_model


@pytest.fixture(scope="session")
def ledger():
    return read_ledger(small_ledger_frame())


@pytest.fixture(scope="session")
def compiled(ledger):
    return fc.compile_model(small_model(), ledger)


@pytest.fixture(scope="session")
def fit(compiled, ledger):
    return fc.fit(compiled, ledger, random_seed=3)


@pytest.fixture(scope="session")
def saved(fit, tmp_path_factory):
    path = tmp_path_factory.mktemp("fit") / "small.nc"
    fit.to_netcdf(path)
    return path
