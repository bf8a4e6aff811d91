"""The shipped ledgers."""

import pytest

from forcest import datasets
from forcest.errors import ForcestError


def test_the_shipped_ledger_is_clean_and_has_85_claims_to_fit():
    ledger = datasets.load("north_korea_kursk")
    assert len(ledger) == 121
    assert ledger.problems().empty, ledger.problems().to_string()
    usable = ledger.usable()
    assert len(usable) == 85
    assert usable["stance"].value_counts().to_dict() == {"third_party": 45, "enemy": 40}
    assert ledger.forces() == ["KPA in Russia"]


def test_names_lists_what_load_takes():
    assert datasets.names() == ["north_korea_kursk"]


def test_an_unknown_name_is_refused_with_a_similar_one():
    with pytest.raises(ForcestError, match='Did you mean "north_korea_kursk"'):
        datasets.load("north_korea_kurks")
