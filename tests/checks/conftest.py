"""A small fit that all checks are tried on."""

from __future__ import annotations

import pytest

import forcest as fc
from inference_ledger import small_ledger_frame, small_model


@pytest.fixture(scope="session")
def ledger():
    return fc.read_ledger(small_ledger_frame())


@pytest.fixture(scope="session")
def model():
    return small_model()


@pytest.fixture(scope="session")
def fit(model, ledger):
    return fc.fit(model, ledger, random_seed=1)
