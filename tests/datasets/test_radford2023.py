"""The reports of Radford et al. as a ledger: invented rows, and the authors' file if available."""

import pandas as pd
import pytest

from forcest.datasets import read_radford2023
from forcest.datasets.adapting import LeftOutWarning
from forcest.errors import ForcestError, NotATableError

COLUMNS = (
    "days",
    "loss_count",
    "loss_type",
    "claim_source",
    "time_frame",
    "loss_country",
    "minimum",
    "maximum",
    "category",
    "source_target",
)
ROWS = [
    ("1", "200", "Military Deaths-Russia", "UA Source", "Cumulative", "Russia", "0", "0", "Military Deaths", "UA Source-Russia"),
    ("8", "498", "Military Deaths-Russia", "RU Source", "Cumulative", "Russia", "0", "0", "Military Deaths", "RU Source-Russia"),
    (
        "8",
        "1597",
        "Military Injuries-Russia",
        "RU Source",
        "Cumulative",
        "Russia",
        "1",
        "0",
        "Military Injuries",
        "RU Source-Russia",
    ),
    (
        "9",
        "5000",
        "Military Casualties-Ukraine",
        "US Source",
        "Day",
        "Ukraine",
        "0",
        "1",
        "Military Casualties",
        "US Source-Ukraine",
    ),
    ("8", "498", "Military Deaths-Russia", "RU Source", "Cumulative", "Russia", "0", "0", "Military Deaths", "RU Source-Russia"),
    ("9", "60", "Tanks-Russia", "UA Source", "Cumulative", "Russia", "0", "0", "Tanks", "UA Source-Russia"),
    ("9", "60", "Civilian Deaths-Ukraine", "UA Source", "Day", "Ukraine", "0", "0", "Civilian Deaths", "UA Source-Ukraine"),
]


def table(rows=ROWS, **columns) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).assign(**columns)


def test_a_row_becomes_a_claim_with_its_date_force_measure_and_stance():
    claims = read_radford2023(table(), quiet=True).to_dataframe().set_index("id")
    assert list(claims.index) == [f"radford-000{row}" for row in range(1, 6)]
    assert claims["as_of"].dt.strftime("%Y-%m-%d").tolist() == [
        "2022-02-24",
        "2022-03-03",
        "2022-03-03",
        "2022-03-04",
        "2022-03-03",
    ]
    assert claims["force"].tolist() == ["Russian forces"] * 3 + ["Ukrainian forces", "Russian forces"]
    assert claims["measure"].tolist() == ["killed", "killed", "wounded", "casualties", "killed"]
    assert claims["scope"].tolist() == ["cumulative"] * 3 + ["flow", "cumulative"]
    assert claims["qualifier"].tolist() == ["about", "about", "at_least", "up_to", "about"]
    assert claims["stance"].tolist() == ["enemy", "own", "own", "third_party", "own"]
    assert claims["value"].tolist() == [200, 498, 1597, 5000, 498]


def test_a_party_is_own_for_its_own_side_and_enemy_for_the_other():
    sides = [("UA Source", "Ukraine"), ("UA Source", "Russia"), ("RU Source", "Ukraine"), ("GB Source", "Russia")]
    rows = table([ROWS[0]] * 4, claim_source=[s for s, _ in sides], loss_country=[c for _, c in sides])
    assert read_radford2023(rows, quiet=True).to_dataframe()["stance"].tolist() == ["own", "enemy", "enemy", "third_party"]


def test_a_duplicate_row_repeats_the_first():
    claims = read_radford2023(table(), quiet=True).to_dataframe().set_index("id")
    assert claims.loc["radford-0005", "origin"] == "radford-0002"
    assert (claims["origin"] != "").sum() == 1


def test_a_minimum_and_a_maximum_of_one_day_are_one_range():
    both = [(*ROWS[2][:6], "1", "0", *ROWS[2][8:]), (ROWS[2][0], "4000", *ROWS[2][2:6], "0", "1", *ROWS[2][8:])]
    ledger = read_radford2023(table(both), quiet=True)
    claim = ledger.usable().iloc[0]
    assert (claim["qualifier"], claim["low"], claim["high"]) == ("range", 1597, 4000)
    assert ledger.to_dataframe()["exclude"].tolist() == ["", "upper end of the range in radford-0001"]
    three = read_radford2023(table([*both, (ROWS[2][0], "3000", *both[1][2:])]), quiet=True)
    assert three.usable()["qualifier"].tolist() == ["at_least", "up_to", "up_to"], "which belong together is not known"


def test_what_is_left_out_is_counted():
    with pytest.warns(LeftOutWarning, match="2 of 7 rows .*Civilian deaths, injuries and casualties: 1; equipment: 1"):
        read_radford2023(table())


def test_an_unknown_value_is_refused():
    with pytest.raises(ForcestError, match='time_frame must be one of Cumulative, Day; got "Week"'):
        read_radford2023(table(time_frame="Week"))


def test_a_report_must_not_be_minimum_and_maximum_at_once():
    with pytest.raises(ForcestError, match="a minimum or a maximum, not both; got both in row 1"):
        read_radford2023(table(minimum="1", maximum="1"))


def test_a_missing_column_is_named():
    with pytest.raises(NotATableError, match="missing: loss_country"):
        read_radford2023(table().drop(columns="loss_country"))


def test_the_authors_file_has_788_reports_of_military_losses(public):
    ledger = read_radford2023(public("radford2023"), quiet=True)
    usable = ledger.usable()
    assert (len(ledger), len(usable)) == (788, 738), "50 are the upper ends of ranges"
    problems = ledger.problems()
    assert set(problems["severity"]) == {"warning"}
    assert problems["rule"].str.extract("must (be of the size|not be below)")[0].value_counts().to_dict() == {
        "not be below": 47,  # a source stands for many, so that its totals fall; some reports are misprints
        "be of the size": 1,  # 200, 2800, 280
    }
    assert usable.groupby(["force", "measure"]).size().to_dict() == {
        ("Russian forces", "casualties"): 116,
        ("Russian forces", "killed"): 500,
        ("Russian forces", "wounded"): 44,
        ("Ukrainian forces", "casualties"): 14,
        ("Ukrainian forces", "killed"): 56,
        ("Ukrainian forces", "wounded"): 8,
    }
    assert usable["qualifier"].value_counts().to_dict() == {"about": 688, "range": 50}


@pytest.mark.parametrize("day", ["0", "1.5", "NA", "1e9"])
def test_a_day_before_the_war_or_beyond_the_calendar_is_refused_with_its_row(day):
    rows = [ROWS[0], (day, *ROWS[1][1:])]
    with pytest.raises(ForcestError, match=r"days must be .*row 2"):
        read_radford2023(table(rows))


def test_codes_that_became_floats_are_codes():
    claims = read_radford2023(table(minimum=0.0, maximum=0.0, days=[float(row[0]) for row in ROWS]), quiet=True)
    assert claims == read_radford2023(table(minimum=0, maximum=0), quiet=True)
