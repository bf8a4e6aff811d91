"""Names that may be one name spelled twice."""

import pytest

from forcest.ledger.spelling import did_you_mean, second_spellings


@pytest.mark.parametrize(
    ("common", "rare"),
    [
        ("US DoD", "U.S. DoD"),
        ("US DoD", "us dod"),
        ("Zelensky", "Zelenskyy"),
        ("Ukrainian official", "Ukrainian officials"),
        ("Rep. Lee Seong-kweun", "Rep Lee Seong Kweun"),
    ],
)
def test_the_rarer_spelling_points_to_the_commoner(common, rare):
    assert second_spellings([rare, common, common]) == {rare: common}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HUR", "HUT"),
        ("UK MoD", "US DoD"),
        ("93rd brigade of KPA", "94rd brigade of KPA"),
        ("US officials (NYT)", "US and Ukrainian officials (NYT)"),
    ],
)
def test_different_names_are_left_alone(one, other):
    assert second_spellings([one, other]) == {}


def test_a_suggestion_names_similar_names():
    assert did_you_mean("Zelenski", ["NIS", "Zelensky"]) == 'Did you mean "Zelensky"?'
    assert did_you_mean("nis", ["NIS", "Zelensky"]) == 'Did you mean "NIS"?'
    assert did_you_mean("Pentagon", ["NIS", "HUR"]) == ""
