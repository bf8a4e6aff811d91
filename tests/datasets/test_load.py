"""The shipped ledgers."""

import re

import pytest

from forcest import datasets
from forcest.errors import ForcestError


def test_the_shipped_ledger_is_clean_and_has_85_claims_to_fit():
    ledger = datasets.load("north_korea_kursk")
    assert len(ledger) == 121
    assert ledger.problems().empty, ledger.problems().to_string()
    usable = ledger.usable()
    assert len(usable) == 85
    assert usable["stance"].value_counts().to_dict() == {"enemy_ally": 43, "enemy": 40, "third_party": 2}
    assert ledger.forces() == ["KPA in Russia"]


def test_names_lists_what_load_takes():
    past = datasets.names(with_outcomes=True)
    assert datasets.names() == sorted([*past, "north_korea_kursk"])
    assert len(past) == 7


CLAIMS_TO_FIT = {
    "chechnya_1994_96": 29,
    "chinese_volunteers_korea_1950": 26,
    "cubans_angola_1975": 20,
    "falklands_1982": 33,
    "kargil_1999": 41,
    "kosovo_1999": 19,
    "soviet_cuba_1962": 24,
}


WITHOUT_EFFECT = {"cubans_angola_1975": [["ca003", "must be total for an upper bound"]]}
"""Warnings: "as many as 700 by two ships" bounds nothing of the whole force."""


@pytest.mark.parametrize("name", datasets.names(with_outcomes=True))
def test_a_past_war_is_clean_and_none_of_its_claims_repeats_an_outcome(name):
    ledger, outcomes = datasets.load(name), datasets.outcomes(name)
    problems = ledger.problems()
    assert problems[["id", "rule"]].to_numpy().tolist() == WITHOUT_EFFECT.get(name, []), problems.to_string()
    claims = ledger.usable()
    assert len(claims) == CLAIMS_TO_FIT[name]
    assert set(outcomes["force"]) <= set(ledger.forces())
    for row in outcomes.itertuples():
        same = claims[(claims["force"] == row.force) & (claims["measure"] == row.measure)]
        assert not same["value"].isin([row.low, row.high]).any()


def test_deaths_without_a_battle_are_not_scored_by_a_rule_in_the_data():
    every = [datasets.outcomes(name).assign(war=name) for name in datasets.names(with_outcomes=True)]
    rules = {(row.war, row.measure) for table in every for row in table.itertuples() if row.rule == "no_battle_losses"}
    assert rules == {("soviet_cuba_1962", "killed")}


def test_every_wrong_row_of_outcomes_is_named(tmp_path):
    file = tmp_path / "war.outcomes.csv"
    file.write_text(
        "force,measure,date,low,high,rule,source,note\n"
        "Reds,killed,1982-06-14,10,20,scored,Register,\n"
        "Reds,slain,1982-06-14,10,20,scored,Register,\n"
        "Reds,killed,14 June,20,10,guessed,,\n"
        "NA,killed,0082-06-14,NA,20,scored,Register,\n"
    )
    with pytest.raises(ForcestError) as error:
        datasets.read_outcomes(file)
    for rule, row in (
        ("`measure`", "3"),
        ("`date`", "4, 5"),
        ("`low` and `high`", "4, 5"),
        ("`rule`", "4"),
        ("`force` and `source`", "4, 5"),
    ):
        assert re.search(rf"{rule}[^;]*; not so in row {row}\.", str(error.value)), rule


def test_outcomes_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(ForcestError, match="must be a shipped ledger of a past war"):
        datasets.outcomes("north_korea_kursk")
    with pytest.raises(ForcestError, match="must stand beside their ledger"):
        datasets.read_outcomes(tmp_path / "none.outcomes.csv")


def test_an_unknown_name_is_refused_with_a_similar_one():
    with pytest.raises(ForcestError, match='Did you mean "north_korea_kursk"'):
        datasets.load("north_korea_kurks")
