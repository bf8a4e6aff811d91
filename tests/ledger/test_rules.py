"""Every rule by a ledger with one fault: it is found, where it is, and nothing else is."""

import pytest

from forcest.errors import LedgerError
from forcest.ledger import read_ledger, schema
from forcest.ledger.rules import RULES

# (what is written into which data row; the column and rule of the one problem; a word of its remedy)
FORM = [
    *[({1: {name: ""}}, name, "not be empty", schema.BY_NAME[name].doc) for name in schema.REQUIRED],
    ({1: {"id": "a1"}}, "id", "be used once", "row 2"),
    ({1: {"id": "a+2"}}, "id", 'not contain "+"', "joins ids"),
    (
        {1: {"value": "11,000"}},
        "value",
        "be a plain number",
        'Write 11000 if that is meant; in Python, read_ledger with thousands=","',
    ),
    (
        {1: {"value": "11.000"}},
        "value",
        "be a plain number",
        'Write 11000 if that is meant; in Python, read_ledger with decimal=",", thousands="."',
    ),
    (
        {1: {"value": "5 000"}},
        "value",
        "be a plain number",
        'Write 5000 if that is meant; in Python, read_ledger with thousands=" "',
    ),
    ({1: {"value": "5\u202f000"}}, "value", "be a plain number", 'thousands=" "'),
    ({1: {"value": "5'000"}}, "value", "be a plain number", "Write 5000"),
    ({3: {"value": "2,5"}}, "value", "be a plain number", 'Write 2.5 if that is meant; in Python, read_ledger with decimal=","'),
    ({1: {"value": "3.5k"}}, "value", "be a plain number", "digits alone"),
    ({1: {"value": "~300"}}, "value", "be a plain number", "qualifier"),
    ({1: {"value": "300+"}}, "value", "be a plain number", "qualifier"),
    ({1: {"value": "two"}}, "value", "be a plain number", "digits alone"),
    ({1: {"value": "10-20"}}, "value", "be a plain number", "low and high"),
    ({1: {"value": "٣٠٠"}}, "value", "be a plain number", "digits alone"),
    ({1: {"value": "inf"}}, "value", "be finite", "empty"),
    ({1: {"value": "-Infinity"}}, "value", "be finite", "empty"),
    ({1: {"value": "NaN"}}, "value", "be finite", "empty"),
    ({1: {"value": "1e999"}}, "value", "be finite", "empty"),
    ({1: {"as_of": "last week"}}, "as_of", "be a date", "YYYY-MM-DD"),
    ({1: {"as_of": "20250119"}}, "as_of", "be a date", "YYYY-MM-DD"),
    ({1: {"as_of": "24/12/2024"}}, "as_of", "be a date", "Write 2024-12-24"),
    ({1: {"as_of": "12/24/2024"}}, "as_of", "be a date", "Write 2024-12-24"),
    ({1: {"published": "2024-02-30"}}, "published", "be a day that exists", "source"),
    ({1: {"published": "1025-02-03"}}, "published", "be a day that exists", "source"),
    ({1: {"published": "03/04/2025"}}, "published", "be one date", "Write 2025-03-04 or 2025-04-03"),
    ({1: {"measure": "at front"}}, "measure", "be a known word", 'Did you mean "at_front"?'),
    ({1: {"scope": "Stock"}}, "scope", "be a known word", 'Did you mean "stock"?'),
    ({1: {"qualifier": "roughly"}}, "qualifier", "be a known word", 'Did you mean "about"? Known: exact, about'),
    ({1: {"qualifier": "no more than"}}, "qualifier", "be a known word", 'Did you mean "at_most"?'),
    ({1: {"qualifier": "no_less_than"}}, "qualifier", "be a known word", 'Did you mean "at_least"?'),
    ({1: {"qualifier": "greater than"}}, "qualifier", "be a known word", 'Did you mean "more_than"?'),
    ({1: {"qualifier": "More-Then"}}, "qualifier", "be a known word", 'Did you mean "more_than"?'),
    ({1: {"stance": "third-party"}}, "stance", "be a known word", 'Did you mean "third_party"?'),
    ({1: {"coverage": "some"}}, "coverage", "be a known word", "Known: total, partial"),
    ({2: {"definition": "killed + injured"}}, "definition", "join kinds of casualty with +", "Known: killed, wounded"),
    ({2: {"definition": "killed+killed"}}, "definition", "join kinds of casualty with +", "Known"),
    ({2: {"definition": "killed,wounded"}}, "definition", "join kinds of casualty with +", "Known"),
]
LOGIC = [
    ({0: {"scope": "stock"}}, "scope", "suit the measure", '"killed" can be cumulative or flow'),
    ({3: {"scope": "flow"}}, "scope", "suit the measure", '"equivalence" can be stock'),
    ({1: {"definition": "killed"}}, "definition", "be empty unless the measure is casualties", '"at_front" needs no definition'),
    ({1: {"value": "-8000"}}, "value", "not be negative", "starts at 0"),
    ({1: {"measure": "destroyed", "scope": "cumulative"}}, "item", "be given where things are counted", "Name the kind of thing"),
    ({1: {"item": "tanks"}}, "item", "be empty unless losses are counted", 'Empty it; "'),
    ({1: {"value": "8000.5"}}, "value", "be a whole number", "Round it to 8000"),
    (
        {1: {"value": "11.500"}},
        "value",
        "be a whole number",
        'Write 11500 if that is meant; in Python, read_ledger with decimal=","',
    ),
    ({3: {"value": "0"}}, "value", "be above 0", "Leave the row out"),
    ({1: {"qualifier": "at_least", "value": "0"}}, "value", "be above 0", "Leave the row out"),
    ({1: {"qualifier": "more_than", "value": "", "low": "0"}}, "low", "be above 0", "Leave the row out"),
    ({1: {"qualifier": "up_to", "value": "", "high": "0"}}, "high", "be above 0", "Leave the row out"),
    ({1: {"low": "900", "high": "200", "qualifier": "dozens", "value": ""}}, "low", "not be above high", "900"),
    ({2: {"low": "900"}}, "low", "be below high in a range", 'qualifier "about"'),
    ({1: {"low": "8001"}}, "value", "lie within low and high", "Correct it, or low 8001"),
    ({1: {"high": "7999"}}, "value", "lie within low and high", "Correct it, or high 7999"),
    ({1: {"value": ""}}, "value", "be given with this qualifier", '"exact" needs value'),
    ({2: {"low": ""}}, "low", "be given with this qualifier", '"range" needs low and high'),
    ({2: {"high": "", "qualifier": "derived"}}, "high", "be given with this qualifier", '"derived" needs low and high'),
    ({1: {"value": "", "qualifier": "none_seen"}}, "high", "be given with this qualifier", '"none_seen" needs high'),
    ({1: {"value": "", "high": "9", "qualifier": "at_least"}}, "value", "be given, or a bound", '"at_least" needs value or low'),
    ({1: {"value": "", "low": "9", "qualifier": "at_most"}}, "value", "be given, or a bound", '"at_most" needs value or high'),
    ({2: {"qualifier": "dozens", "high": ""}}, "high", "be given with the other end of the range", "words alone"),
    ({2: {"qualifier": "dozens", "low": ""}}, "low", "be given with the other end of the range", "words alone"),
    ({2: {"qualifier": "dozens", "low": "900"}}, "low", "be below high in a range", 'qualifier "about"'),
    ({2: {"window_start": "2025-01-01"}}, "window_end", "be given with the other end of the window", "both"),
    ({2: {"window_end": "2025-01-29"}}, "window_start", "be given with the other end of the window", "both"),
    ({2: {"window_start": "2025-01-29", "window_end": "2025-01-01"}}, "window_end", "not lie before window_start", "Exchange"),
    ({1: {"as_of": "2025-01-21"}}, "published", "not lie before as_of", "planned"),
    ({2: {"window_start": "2025-01-31", "window_end": "2025-02-02"}}, "published", "not lie before window_start", "planned"),
    ({2: {"window_start": "2025-01-01", "window_end": "2025-02-02"}}, "published", "not lie before window_end", "End the window"),
    ({1: {"window_start": "2025-01-01", "window_end": "2025-01-09"}}, "as_of", "lie within its window", "The window 2025-01-01"),
    ({1: {"origin": "a11"}}, "origin", "name claims of this ledger", 'Did you mean "a1"'),
    ({1: {"origin": "a1+"}}, "origin", "name claims of this ledger", ""),
    ({1: {"origin": "a2"}}, "origin", "not name its own claim", "earlier"),
    ({1: {"supersedes": "nothing"}}, "supersedes", "name claims of this ledger", "Name an id of this ledger"),
    ({1: {"supersedes": "a2"}}, "supersedes", "not name its own claim", "earlier"),
    ({1: {"supersedes": "a1"}}, "supersedes", "name a claim of the same source", "Only HUR can correct"),
    ({1: {"supersedes": "a1", "source": "NIS"}}, "supersedes", "name a claim of the same measure and date", "not fitted"),
    ({1: {"source": "nis"}}, "source", "have one spelling", '"NIS"'),
    ({1: {"value": "0", "high": "1000", "qualifier": "none_seen"}}, "value", "be empty where nobody was seen", "stands in high"),
    ({1: {"force": "kpa"}}, "force", "have one spelling", "two forces with curves of their own"),
    ({1: {"source": "N.I.S."}}, "source", "have one spelling", "two sources, each with a bias of its own"),
    ({4: {"stance": "enemy"}}, "stance", "be one per source and force", "NIS"),
]


@pytest.mark.parametrize(("fault", "column", "rule", "remedy"), FORM + LOGIC)
def test_one_fault_is_one_problem_that_says_where_and_what_to_do(spoiled, fault, column, rule, remedy):
    problems = spoiled(fault).problems()
    assert len(problems) == 1, problems.to_string()
    problem = problems.iloc[0]
    i, cells = next(iter(fault.items()))
    assert (problem["row"], problem["column"], problem["rule"]) == (i + 2, column, f"must {rule}")
    assert problem["id"] == cells.get("id", f"a{i + 1}")
    assert problem["value"] == cells.get(column, problem["value"])
    assert remedy in problem["remedy"]


@pytest.mark.parametrize(("fault", "column", "rule", "remedy"), FORM)
def test_an_excluded_row_is_checked_for_form(spoiled, fault, column, rule, remedy):
    i, cells = next(iter(fault.items()))
    problems = spoiled({i: cells | {"exclude": "a reason"}}).problems()
    assert problems[["row", "column", "rule"]].to_numpy().tolist() == [[i + 2, column, f"must {rule}"]]


@pytest.mark.parametrize(("fault", "column", "rule", "remedy"), LOGIC)
def test_an_excluded_row_is_not_checked_for_logic(spoiled, fault, column, rule, remedy):
    i, cells = next(iter(fault.items()))
    assert spoiled({i: cells | {"exclude": "a reason"}}).problems().empty


def test_every_rule_has_its_one_fault_ledger():
    tested = {(column, rule) for _, column, rule, _ in FORM + LOGIC}
    circular = {(column, "not lead back to its own claim") for column in ("origin", "supersedes")}
    links = {(column, rule.must) for rule in RULES for column in rule.columns if "origin" in rule.columns}
    assert {rule.must for rule in RULES} == {rule for _, rule in tested | circular}
    assert links == {pair for pair in tested | circular if pair[0] in ("origin", "supersedes")} - {
        ("supersedes", "name a claim of the same source"),
        ("supersedes", "name a claim of the same measure and date"),
    }


@pytest.mark.parametrize("column", ["origin", "supersedes"])
def test_a_circle_is_reported_on_each_of_its_claims_and_on_no_other(spoiled, column):
    ring = {0: {column: "a2"}, 1: {column: "a3"}, 2: {column: "a1"}, 3: {column: "a1"}}
    problems = spoiled({i: cells | {"source": "NIS"} for i, cells in ring.items()}).problems()
    problems = problems[problems["rule"] == "must not lead back to its own claim"]
    assert problems["row"].tolist() == [2, 3, 4]
    assert set(problems["rule"]) == {"must not lead back to its own claim"}
    assert "a1 > a2 > a3 > a1" in problems["remedy"][0]


@pytest.mark.parametrize("scope", schema.SCOPES)
@pytest.mark.parametrize("measure", schema.MEASURES)
def test_a_scope_is_a_problem_exactly_when_the_measure_does_not_allow_it(spoiled, measure, scope):
    item = "tanks" if measure == "destroyed" else ""
    problems = spoiled({1: {"measure": measure, "scope": scope, "item": item}}).problems()
    assert problems.empty == (scope in schema.MEASURES[measure].scopes)


@pytest.mark.parametrize(
    "cells",
    [
        {"value": "1e4"},
        {"value": "0"},
        {"value": "", "qualifier": "dozens"},
        {"value": "", "qualifier": "several_thousand"},
        {"value": "", "low": "5", "qualifier": "more_than"},
        {"value": "", "high": "5", "qualifier": "fewer_than"},
        {"value": "0", "qualifier": "at_most"},
        {"value": "", "high": "1000", "qualifier": "none_seen"},
        {"measure": "planned", "as_of": "2026-01-01"},
        {"window_start": "2025-01-01", "window_end": "2025-01-20"},
        {"scope": "flow"},
        {"coverage": "partial", "wave": "second", "via": "Yonhap", "origin": "a1+a3"},
        {"as_of": "2025-01-19T23:59:00Z"},
        {"as_of": "45676"},
    ],
)
def test_what_is_allowed_is_no_problem(spoiled, cells):
    assert spoiled({1: cells}).problems().empty


def test_every_fault_of_every_row_is_found_at_once(spoiled):
    ledger = spoiled(
        {
            0: {"value": "-3", "published": "2025-02-30", "stance": "neutral"},
            2: {"low": "900", "high": "200", "origin": "zz9"},
            3: {"id": "a1", "exclude": ""},
        }
    )
    assert ledger.problems()[["row", "column"]].to_numpy().tolist() == [
        [2, "published"],
        [2, "value"],
        [2, "stance"],
        [4, "low"],
        [4, "origin"],
        [5, "id"],
    ]
    with pytest.raises(LedgerError, match="The ledger has 6 problems") as raised:
        ledger.usable()
    assert raised.value.exit_code == 1
    assert len(raised.value.problems) == 6
    assert 'value must not be negative; got "-3" (row 2, id "a1"). A count starts at 0.' in str(raised.value)


def test_a_long_list_of_problems_is_cut_with_a_pointer(clean):
    many = read_ledger(clean.loc[[1] * 14].assign(id=[f"b{i}" for i in range(14)], value="x"))
    with pytest.raises(LedgerError) as raised:
        many.usable()
    lines = str(raised.value).splitlines()
    assert len(lines) == 12
    assert lines[-1] == "and 4 more; see ledger.problems()"


def test_warnings_do_not_keep_a_ledger_from_use(spoiled):
    ledger = spoiled({1: {"source": "nis"}})
    assert ledger.problems()["severity"].tolist() == ["warning"]
    assert len(ledger.usable()) == 4
