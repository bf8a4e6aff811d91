"""Every rule, by a ledger with one error: it is the only problem found, and found where it is."""

import pytest

from forcest.errors import LedgerError
from forcest.ledger import read_ledger, schema
from forcest.ledger.rules import RULES

# (what is written into which data row; the column and rule of the only problem; part of its remedy)
FORM = [
    *[({1: {name: ""}}, name, "not be empty", schema.BY_NAME[name].doc) for name in schema.REQUIRED],
    ({1: {"id": "a1"}}, "id", "be unique", "Row 2 already has"),
    ({1: {"id": "a+2"}}, "id", 'not contain "+"', "joins ids"),
    (
        {1: {"value": "11,000"}},
        "value",
        "be a plain number",
        'Write 11000 if that is meant; in Python, read_ledger(..., thousands=",")',
    ),
    (
        {1: {"value": "11.000"}},
        "value",
        "be a plain number",
        'Write 11000 if that is meant; in Python, read_ledger(..., decimal=",", thousands=".")',
    ),
    (
        {1: {"value": "5 000"}},
        "value",
        "be a plain number",
        'Write 5000 if that is meant; in Python, read_ledger(..., thousands=" ")',
    ),
    ({1: {"value": "5\u202f000"}}, "value", "be a plain number", 'thousands=" "'),
    ({1: {"value": "5'000"}}, "value", "be a plain number", "Write 5000"),
    ({3: {"value": "2,5"}}, "value", "be a plain number", 'Write 2.5 if that is meant; in Python, read_ledger(..., decimal=","'),
    ({1: {"value": "3.5k"}}, "value", "be a plain number", "If that is meant, write 3500 in value"),
    ({1: {"value": "~300"}}, "value", "be a plain number", "write 300 in value, about in qualifier"),
    ({1: {"value": "300+"}}, "value", "be a plain number", "write 300 in value, at_least in qualifier"),
    ({1: {"value": "two"}}, "value", "be a plain number", "digits only"),
    ({1: {"value": "10-20"}}, "value", "be a plain number", "write 10 in low, 20 in high, range in qualifier and clear value"),
    ({1: {"value": "٣٠٠"}}, "value", "be a plain number", "write 300 in value"),
    ({1: {"value": "inf"}}, "value", "be finite", "empty"),
    ({1: {"value": "-Infinity"}}, "value", "be finite", "empty"),
    ({1: {"value": "1e999"}}, "value", "be finite", "empty"),
    ({1: {"as_of": "last week"}}, "as_of", "be a date", "YYYY-MM-DD"),
    ({1: {"as_of": "20250119"}}, "as_of", "be a date", "write 2025-01-19 in as_of"),
    ({1: {"as_of": "24/12/2024"}}, "as_of", "be a date", "Write 2024-12-24"),
    ({1: {"as_of": "12/24/2024"}}, "as_of", "be a date", "Write 2024-12-24"),
    ({1: {"published": "2024-02-30"}}, "published", "be a valid date, 1900 to 2199", "source"),
    ({1: {"published": "1025-02-03"}}, "published", "be a valid date, 1900 to 2199", "source"),
    ({1: {"published": "03/04/2025"}}, "published", "be unambiguous", "Write 2025-03-04 or 2025-04-03"),
    ({1: {"measure": "at front"}}, "measure", "be an allowed value", 'Did you mean "at_front"?'),
    ({1: {"scope": "Stock"}}, "scope", "be an allowed value", 'Did you mean "stock"?'),
    ({1: {"qualifier": "roughly"}}, "qualifier", "be an allowed value", 'Did you mean "about"? Allowed: exact, about'),
    ({1: {"qualifier": "no more than"}}, "qualifier", "be an allowed value", 'Did you mean "at_most"?'),
    ({1: {"qualifier": "no_less_than"}}, "qualifier", "be an allowed value", 'Did you mean "at_least"?'),
    ({1: {"qualifier": "greater than"}}, "qualifier", "be an allowed value", 'Did you mean "more_than"?'),
    ({1: {"qualifier": "More-Then"}}, "qualifier", "be an allowed value", 'Did you mean "more_than"?'),
    ({1: {"stance": "third-party"}}, "stance", "be an allowed value", 'Did you mean "third_party"?'),
    ({1: {"coverage": "some"}}, "coverage", "be an allowed value", "Allowed: total, partial"),
    ({2: {"definition": "killed + injured"}}, "definition", "be kinds of casualty joined by +", "Allowed: killed, wounded"),
    ({2: {"definition": "killed+killed"}}, "definition", "be kinds of casualty joined by +", "Allowed"),
    ({2: {"definition": "killed,wounded"}}, "definition", "be kinds of casualty joined by +", "Allowed"),
]
CASUALTIES = {"measure": "casualties", "scope": "flow", "as_of": "2025-01-29", "published": "2025-01-29"}
LOGIC = [
    ({0: {"scope": "stock"}}, "scope", "be possible for the measure", 'Use cumulative or flow for "killed"'),
    ({3: {"scope": "flow"}}, "scope", "be possible for the measure", 'Use stock for "equivalence"'),
    ({1: {"definition": "killed"}}, "definition", "be empty unless the measure is casualties", '"at_front" needs no definition'),
    ({1: {"value": "-8000"}}, "value", "not be negative", "start at 0"),
    (
        {1: {"measure": "destroyed", "scope": "cumulative"}},
        "item",
        "be given for the measure destroyed",
        "Name the kind of equipment",
    ),
    ({1: {"item": "tanks"}}, "item", "be empty unless the measure counts losses", 'Clear the cell; "at_front" counts'),
    ({1: {"value": "8000.5"}}, "value", "be a whole number", "Round it to 8000"),
    (
        {1: {"value": "11.500"}},
        "value",
        "be a whole number",
        'Write 11500 if that is meant; in Python, read_ledger(..., decimal=","',
    ),
    ({3: {"value": "0"}}, "value", "be above 0", "remove the row"),
    (
        {3: {"value": "", "qualifier": "dozens"}},
        "qualifier",
        "stand for a number where the measure is an equivalence",
        "Write the ratio",
    ),
    ({1: {"qualifier": "at_least", "value": "0"}}, "value", "be above 0", "remove the row"),
    ({1: {"qualifier": "more_than", "value": "", "low": "0"}}, "low", "be above 0", "remove the row"),
    ({1: {"qualifier": "up_to", "value": "", "high": "0"}}, "high", "be above 0", "remove the row"),
    ({1: {"low": "900", "high": "200", "qualifier": "dozens", "value": ""}}, "low", "not be above high", "900"),
    ({2: {"low": "900"}}, "low", "be below high in a range", 'qualifier to "about"'),
    ({1: {"low": "8001"}}, "value", "lie between low and high", "Correct the value, or low 8001"),
    ({1: {"high": "7999"}}, "value", "lie between low and high", "Correct the value, or high 7999"),
    ({1: {"value": ""}}, "value", "be given for this qualifier", 'Fill in value, as "exact" requires, or'),
    ({2: {"low": ""}}, "low", "be given for this qualifier", 'Fill in low and high, as "range" requires, or'),
    (
        {2: {"high": "", "qualifier": "derived"}},
        "high",
        "be given for this qualifier",
        'Fill in low and high, as "derived" requires, or',
    ),
    (
        {1: {"value": "", "qualifier": "none_seen"}},
        "high",
        "be given for this qualifier",
        'Fill in high, as "none_seen" requires, or',
    ),
    (
        {1: {"value": "", "high": "9", "qualifier": "at_least"}},
        "value",
        "be given, or a bound",
        'Fill in value or low, as "at_least" requires, or',
    ),
    (
        {1: {"value": "", "low": "9", "qualifier": "at_most"}},
        "value",
        "be given, or a bound",
        'Fill in value or high, as "at_most" requires, or',
    ),
    ({2: {"qualifier": "dozens", "high": ""}}, "high", "be given together with the other end of the range", "qualifier alone"),
    ({2: {"qualifier": "dozens", "low": ""}}, "low", "be given together with the other end of the range", "qualifier alone"),
    ({2: {"qualifier": "dozens", "low": "900"}}, "low", "be below high in a range", 'qualifier to "about"'),
    (
        {1: {"coverage": "partial", "qualifier": "fewer_than"}},
        "coverage",
        "be total for an upper bound",
        "Exclude the row, which has no effect",
    ),
    ({2: {"window_start": "2025-01-01"}}, "window_end", "be given together with the other end of the window", "both"),
    ({2: {"window_end": "2025-01-29"}}, "window_start", "be given together with the other end of the window", "both"),
    (
        {2: {"window_start": "2025-01-29", "window_end": "2025-01-01"}},
        "window_end",
        "not be before window_start",
        "Swap 2025-01-29 and 2025-01-01",
    ),
    ({1: {"as_of": "2025-01-21"}}, "published", "not be before as_of", "planned"),
    ({2: {"window_start": "2025-01-31", "window_end": "2025-02-02"}}, "published", "not be before window_start", "planned"),
    (
        {2: {"window_start": "2025-01-01", "window_end": "2025-02-02"}},
        "published",
        "not be before window_end",
        "window_end 2025-02-02",
    ),
    (
        {1: {"window_start": "2025-01-01", "window_end": "2025-01-09"}},
        "as_of",
        "lie within the window",
        "the window 2025-01-01 to 2025-01-09 is used",
    ),
    ({3: {"as_of": "1925-01-21"}}, "as_of", "lie near the other dates", "Is 2025-01-21 meant? The other dates lie between 2025"),
    ({1: {"origin": "a11"}}, "origin", "name ids of this ledger", 'Did you mean "a1"'),
    ({1: {"origin": "a1+"}}, "origin", "name ids of this ledger", ""),
    ({1: {"origin": "a2"}}, "origin", "not name its own id", "earlier"),
    ({1: {"supersedes": "nothing"}}, "supersedes", "name ids of this ledger", "Write an id of this ledger"),
    ({1: {"supersedes": "a2"}}, "supersedes", "not name its own id", "earlier"),
    ({1: {"supersedes": "a1"}}, "supersedes", "name a claim of the same source", "HUR can correct only its own"),
    ({1: {"supersedes": "a1", "source": "NIS"}}, "supersedes", "name a claim of the same measure and date", "not fitted"),
    ({0: {"supersedes": "a3", "source": "BBC", **CASUALTIES}}, "supersedes", "name an earlier claim", "a1 was published before"),
    ({1: {"source": "nis"}}, "source", "have one spelling", '"NIS"'),
    (
        {1: {"value": "0", "high": "1000", "qualifier": "none_seen"}},
        "value",
        "be empty for the qualifier none_seen",
        "belongs in high",
    ),
    ({1: {"force": "kpa"}}, "force", "have one spelling", "two forces, each with its own curves"),
    ({1: {"source": "N.I.S."}}, "source", "have one spelling", "two sources, each with its own bias"),
    ({4: {"stance": "enemy"}}, "stance", "take the same side in all claims of a source about a force", "NIS"),
]


@pytest.mark.parametrize(("fault", "column", "rule", "remedy"), FORM + LOGIC)
def test_a_single_error_is_a_single_problem_with_its_place_and_remedy(spoiled, fault, column, rule, remedy):
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


def test_every_rule_is_tested_with_a_single_error():
    tested = {(column, rule) for _, column, rule, _ in FORM + LOGIC}
    cycles = {(column, "not lead back to its own id") for column in ("origin", "supersedes")}
    links = {(column, rule.must) for rule in RULES for column in rule.columns if "origin" in rule.columns}
    assert {rule.must for rule in RULES} == {rule for _, rule in tested | cycles}
    assert links == {pair for pair in tested | cycles if pair[0] in ("origin", "supersedes")} - {
        ("supersedes", "name a claim of the same source"),
        ("supersedes", "name a claim of the same measure and date"),
        ("supersedes", "name an earlier claim"),
    }


@pytest.mark.parametrize("column", ["origin", "supersedes"])
def test_a_cycle_is_reported_on_each_of_its_claims_and_on_no_other(spoiled, column):
    ring = {0: {column: "a2"}, 1: {column: "a3"}, 2: {column: "a1"}, 3: {column: "a1"}}
    problems = spoiled({i: cells | {"source": "NIS"} for i, cells in ring.items()}).problems()
    problems = problems[problems["rule"] == "must not lead back to its own id"]
    assert problems["row"].tolist() == [2, 3, 4]
    assert set(problems["rule"]) == {"must not lead back to its own id"}
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
def test_what_is_allowed_is_not_a_problem(spoiled, cells):
    assert spoiled({1: cells}).problems().empty


def test_all_problems_of_all_rows_are_found(spoiled):
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
    assert 'value must not be negative; got "-3" (row 2, id "a1"). Correct the number; counts start at 0.' in str(raised.value)


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
