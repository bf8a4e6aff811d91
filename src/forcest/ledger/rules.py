"""Rules: what the rows of a ledger must satisfy, as one table.

A rule marks the rows that violate it. Rules about the form of a cell apply to every row. Rules about its meaning skip rows with
a reason in ``exclude``, which are kept and shown but not fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from forcest.ledger import far_dates, lineage, measures, remedies, schema
from forcest.ledger.cells import YEARS, date_problem, is_infinite
from forcest.ledger.problems import Problem
from forcest.ledger.rows import Mask, Rows
from forcest.ledger.series import series_problems

Remedy = str | Callable[[Rows, int, str], str]


@dataclass(frozen=True)
class Rule:
    """One rule: the columns it applies to, the rows that violate it, and what to do about them."""

    columns: tuple[str, ...]
    must: str
    violations: Callable[[Rows, str], Mask]
    remedy: Remedy
    """What to do: a text with the row's cells by column in braces, or a function of rows, row number and column."""
    also_excluded: bool = False
    """Whether excluded rows are checked too."""
    severity: str = "error"

    def problems(self, rows: Rows) -> list[Problem]:
        """The problems of the rows that violate this rule."""
        checked = ~rows.given("exclude") | self.also_excluded
        return [
            self._problem(rows, line, column)
            for column in self.columns
            for line in rows.text.index[self.violations(rows, column) & checked].tolist()
        ]

    def _problem(self, rows: Rows, line: int, column: str) -> Problem:
        cells = rows.text.loc[line]
        remedy = self.remedy.format_map(cells) if isinstance(self.remedy, str) else self.remedy(rows, line, column)
        return Problem(line, cells["id"], column, f"must {self.must}", cells[column], remedy, self.severity)


# --- which rows violate a rule --------------------------------------------------------------------------------------


def _unreadable_number(rows: Rows, column: str) -> Mask:
    return np.isnan(rows[column]) & rows.given(column) & ~_infinite(rows, column)


def _infinite(rows: Rows, column: str) -> Mask:
    return rows.matching(column, lambda cell: is_infinite(cell, rows.notation))


def _left_open(rows: Rows, column: str) -> Mask:
    """Rows that are drafts, in a column that a person is yet to fill."""
    return rows.isin("exclude", [schema.DRAFT]) & np.array(column in schema.OPEN_IN_DRAFTS)


def _date(problem: str) -> Callable[[Rows, str], Mask]:
    return lambda rows, column: rows.matching(column, lambda cell: date_problem(cell) == problem)


def _unknown_kinds(rows: Rows, column: str) -> Mask:
    def unknown(cell: str) -> bool:
        kinds = lineage.linked_ids(cell)
        return len(set(kinds)) < len(kinds) or not set(kinds) <= set(measures.KINDS)

    return rows.matching(column, unknown)


def _scope_not_allowed(rows: Rows, column: str) -> Mask:
    allowed = {(measure, scope) for measure, m in schema.MEASURES.items() for scope in m.scopes}
    pairs = zip(rows.text["measure"], rows.text["scope"], strict=True)
    known = rows.isin("measure", schema.MEASURES) & rows.isin("scope", schema.SCOPES)
    return known & np.array([pair not in allowed for pair in pairs], dtype=bool)


def _fractional(rows: Rows, column: str) -> Mask:
    return (rows[column] % 1 > 0) & ~rows.isin("measure", ["equivalence"])


def _uninformative_zero(rows: Rows, column: str) -> Mask:
    """A ratio of zero, or a bound at zero that carries no information."""
    unless_value = True if column == "value" else ~rows.given("value")
    bound = rows.by_qualifier(lambda q: q.positive and column in q.either) & unless_value
    return (rows[column] == 0) & (bound | rows.isin("measure", ["equivalence"]))


def _low_above_high(rows: Rows, column: str) -> Mask:
    return rows["low"] > rows["high"]


def _empty_range(rows: Rows, column: str) -> Mask:
    return (rows["low"] == rows["high"]) & (_qualifier_alone(rows) | rows.isin("qualifier", ["range", "derived"]))


def _qualifier_alone(rows: Rows) -> Mask:
    """Rows whose qualifier needs no number, such as "dozens"."""
    return rows.by_qualifier(lambda q: not (q.every or q.either))


def _one_bound(rows: Rows, column: str) -> Mask:
    """A qualifier such as "dozens" stands for a range of its own, which a single bound could contradict."""
    other = "high" if column == "low" else "low"
    return _qualifier_alone(rows) & ~rows.given(column) & rows.given(other)


def _outside_its_range(rows: Rows, column: str) -> Mask:
    value, low, high = (rows[name] for name in schema.NUMBERS)
    return ((value < low) | (value > high)) & ~(low > high)


def _lacking(rows: Rows, column: str) -> Mask:
    """The qualifier requires this column."""
    return rows.by_qualifier(lambda q: column in q.every) & ~rows.given(column)


def _no_count(rows: Rows, column: str) -> Mask:
    """Of several columns, the qualifier (or any claim) requires one, and none is given."""
    unknown = ~rows.isin("qualifier", schema.QUALIFIERS)
    missing = ~(rows.given("value") | rows.given("low") | rows.given("high")) & unknown
    for name, qualifier in schema.QUALIFIERS.items():
        if qualifier.either:
            given = np.logical_or.reduce([rows.given(column) for column in qualifier.either])
            missing |= rows.isin("qualifier", [name]) & ~given
    return missing


def _upper_bound_of_part(rows: Rows, column: str) -> Mask:
    return rows.isin(column, ["partial"]) & rows.isin("qualifier", ["up_to", "fewer_than", "at_most", "none_seen"])


def _one_end(rows: Rows, column: str) -> Mask:
    other = "window_end" if column == "window_start" else "window_start"
    return ~rows.given(column) & rows.given(other)


def _before(later: str) -> Callable[[Rows, str], Mask]:
    """The date of the column is before another date; that of an announcement may be."""
    return lambda rows, column: (rows[column] < rows[later]) & ~rows.isin("measure", ["planned"])


def _outside_its_window(rows: Rows, column: str) -> Mask:
    date, start, end = (rows[name] for name in ("as_of", "window_start", "window_end"))
    return ((date < start) | (date > end)) & (start <= end) & ~rows.isin("scope", ["flow"])


def _unknown_id(rows: Rows, column: str) -> Mask:
    unknown = rows.linking(column, lambda _, linked: any(id_ not in rows.first_row for id_ in linked))
    return unknown & np.array(not rows.part)


def _itself(rows: Rows, column: str) -> Mask:
    return rows.linking(column, lambda id_, linked: id_ in linked)


def _circular(rows: Rows, column: str) -> Mask:
    circular = lineage.in_cycles(rows.links(column))
    return rows.linking(column, lambda id_, linked: id_ not in linked and id_ in circular)


def _other_source(rows: Rows, column: str) -> Mask:
    source = dict(zip(rows.text["id"], rows.text["source"], strict=True))
    return rows.linking(column, lambda id_, linked: any(source.get(other, source[id_]) != source[id_] for other in linked))


def _other_count(rows: Rows, column: str) -> Mask:
    """A correction of a claim about another measure or date, which would then not be fitted; a lowered total corrects any date."""
    count = dict(zip(rows.text["id"], rows.text[["measure", "as_of", "scope"]].itertuples(index=False, name=None), strict=True))
    number = dict(zip(rows.text["id"], rows.typed[list(schema.NUMBERS)].bfill(axis="columns")["value"], strict=True))

    def other(id_: str, earlier: str) -> bool:
        (measure, date, scope), (its_measure, its_date, its_scope) = count[id_], count.get(earlier, count[id_])
        lowered = scope == its_scope == "cumulative" and number[id_] < number.get(earlier, number[id_])
        return measure != its_measure or (date != its_date and not lowered)

    return rows.linking(column, lambda id_, linked: any(other(id_, earlier) for earlier in linked)) & ~_other_source(rows, column)


def _later_claim(rows: Rows, column: str) -> Mask:
    """A correction that was published before the claim that it corrects."""
    published = dict(zip(rows.text["id"], rows["published"], strict=True))
    return rows.linking(column, lambda id_, linked: any(published[id_] < published.get(other, published[id_]) for other in linked))


def _first(keys: Iterable[object]) -> Mask:
    """Where a key occurs for the first time."""
    seen: set[object] = set()
    return np.array([not (key in seen or seen.add(key)) for key in keys], dtype=bool)


def _second_spelling(rows: Rows, column: str) -> Mask:
    return _first(rows.text[column]) & rows.isin(column, rows.similar(column))


def _second_stance(rows: Rows, column: str) -> Mask:
    """The first row of a source about a force that takes another side than earlier rows; its registers and lists take none."""
    known = rows.given("source") & rows.given("force") & rows.isin("stance", schema.SIDES)
    claims = zip(rows.text["source"], rows.text["force"], rows.text["stance"], known, strict=True)
    stances: dict[tuple[str, str], str] = {}
    other = [known and stances.setdefault((source, force), stance) != stance for source, force, stance, known in claims]
    return np.array(other, dtype=bool) & _first(rows.text[["source", "force", "stance"]].itertuples(index=False))


# --- the rules ----------------------------------------------------------------------------------------------------

RULES: tuple[Rule, ...] = (
    # Form: can every cell be read?
    Rule(
        schema.REQUIRED,
        "not be empty",
        lambda rows, column: ~rows.given(column) & (column not in rows.absent) & ~_left_open(rows, column),
        remedies.fill_in,
        also_excluded=True,
    ),
    Rule(("id",), "be unique", lambda rows, c: rows.given(c) & ~_first(rows.text[c]), remedies.own_id, also_excluded=True),
    Rule(
        ("id",),
        'not contain "+"',
        lambda rows, c: rows.matching(c, lambda cell: "+" in cell),
        'Use "-" instead; in origin, "+" joins ids',
        also_excluded=True,
    ),
    Rule(schema.NUMBERS, "be a plain number", _unreadable_number, remedies.plain_number, also_excluded=True),
    Rule(schema.NUMBERS, "be finite", _infinite, "Leave the cell empty if no number is stated", also_excluded=True),
    Rule(schema.DATES, "be a date", _date("unreadable"), remedies.which_date, also_excluded=True),
    Rule(
        schema.DATES,
        f"be a valid date, {YEARS.start} to {YEARS.stop - 1}",
        _date("invalid"),
        "Look up the date in the source",
        also_excluded=True,
    ),
    Rule(schema.DATES, "be unambiguous", _date("ambiguous"), remedies.which_date, also_excluded=True),
    Rule(
        schema.CATEGORIES,
        "be an allowed value",
        lambda rows, c: rows.given(c) & ~rows.isin(c, schema.BY_NAME[c].allowed),
        remedies.allowed_values,
        also_excluded=True,
    ),
    Rule(("definition",), "be kinds of casualty joined by +", _unknown_kinds, remedies.allowed_values, also_excluded=True),
    # Meaning of the count.
    Rule(("scope",), "be possible for the measure", _scope_not_allowed, remedies.allowed_scopes),
    Rule(
        ("definition",),
        "be empty unless the measure is casualties",
        lambda rows, c: rows.given(c) & rows.given("measure") & ~rows.isin("measure", ["casualties"]),
        'Clear the cell; "{measure}" needs no definition',
    ),
    Rule(
        ("item",),
        "be given for the measure destroyed",
        lambda rows, c: ~rows.given(c) & rows.isin("measure", ["destroyed"]),
        "Name the kind of equipment, such as tanks",
    ),
    Rule(
        ("item",),
        "be empty unless the measure counts losses",
        lambda rows, c: rows.given(c) & rows.isin("measure", set(schema.MEASURES) - set(schema.ITEM_MEASURES)),
        'Clear the cell; "{measure}" counts people of the force',
    ),
    Rule(schema.NUMBERS, "not be negative", lambda rows, c: rows[c] < 0, "Correct the number; counts start at 0"),
    Rule(schema.NUMBERS, "be a whole number", _fractional, remedies.whole_number),
    Rule(schema.NUMBERS, "be above 0", _uninformative_zero, "Correct the number, or remove the row: it carries no information"),
    Rule(("low",), "not be above high", _low_above_high, "Swap low {low} and high {high}, or correct one of them"),
    Rule(("low",), "be below high in a range", _empty_range, 'Move {low} to value, and set the qualifier to "about"'),
    Rule(("value",), "lie between low and high", _outside_its_range, remedies.bounds),
    Rule(schema.NUMBERS, "be given for this qualifier", _lacking, remedies.required_numbers),
    Rule(("value",), "be given, or a bound", _no_count, remedies.required_numbers),
    Rule(
        ("qualifier",),
        "stand for a number where the measure is an equivalence",
        lambda rows, c: rows.isin("measure", ["equivalence"]) & rows.by_qualifier(lambda q: q.of_people),
        'Write the ratio in value, with the qualifier "about"',
    ),
    Rule(
        ("value",),
        "be empty for the qualifier none_seen",
        lambda rows, c: rows.given(c) & rows.isin("qualifier", ["none_seen"]),
        "Clear the cell, which is ignored; the detection limit belongs in high",
        severity="warning",
    ),
    Rule(
        ("low", "high"),
        "be given together with the other end of the range",
        _one_bound,
        "Fill in both, or neither: the qualifier alone stands for a range",
    ),
    Rule(
        ("coverage",),
        "be total for an upper bound",
        _upper_bound_of_part,
        "Exclude the row, which has no effect: an upper bound on a part bounds nothing of the whole; or clear the cell",
        severity="warning",
    ),
    # Meaning of the dates.
    Rule(
        schema.DATES[2:],
        "be given together with the other end of the window",
        _one_end,
        "Fill in both, or neither",
    ),
    Rule(
        ("window_end",),
        "not be before window_start",
        lambda rows, c: rows[c] < rows["window_start"],
        "Swap {window_start} and {window_end}, or correct one of them",
    ),
    Rule(
        ("published",),
        "not be before as_of",
        _before("as_of"),
        'Correct it or as_of {as_of}; for an announcement, use the measure "planned"',
    ),
    Rule(
        ("published",),
        "not be before window_start",
        lambda rows, c: _before("window_start")(rows, c) & ~_before("as_of")(rows, c),
        'Correct it or window_start {window_start}; for an announcement, use the measure "planned"',
    ),
    Rule(
        ("published",),
        "not be before window_end",
        lambda rows, c: _before("window_end")(rows, c) & ~_before("window_start")(rows, c),
        "Correct it or window_end {window_end}; a window ends on the day of publication at the latest",
        severity="warning",
    ),
    Rule(
        ("as_of",),
        "lie within the window",
        _outside_its_window,
        "Correct it or the window; as it stands, the window {window_start} to {window_end} is used and as_of ignored",
        severity="warning",
    ),
    Rule(tuple(far_dates.FAR), "lie near the other dates", far_dates.far, far_dates.likely_date, severity="warning"),
    # Repetitions and corrections.
    Rule(("origin", "supersedes"), "name ids of this ledger", _unknown_id, remedies.similar_ids),
    Rule(("origin", "supersedes"), "not name its own id", _itself, "Clear the cell, or name the earlier claim"),
    Rule(("origin", "supersedes"), "not lead back to its own id", _circular, remedies.cycle),
    Rule(
        ("supersedes",),
        "name a claim of the same source",
        _other_source,
        "Clear the cell: {source} can correct only its own claims, and claims of different sources are all kept",
    ),
    Rule(
        ("supersedes",),
        "name a claim of the same measure and date",
        _other_count,
        "Clear the cell if both claims hold; the one named here is not fitted",
        severity="warning",
    ),
    Rule(
        ("supersedes",),
        "name an earlier claim",
        _later_claim,
        "Swap them if the later claim corrects this one: {id} was published before the claim named here, which is not fitted",
        severity="warning",
    ),
    # Possible mistakes.
    Rule(("source", "force"), "have one spelling", _second_spelling, remedies.one_spelling, severity="warning"),
    Rule(
        ("stance",),
        "take the same side in all claims of a source about a force",
        _second_stance,
        "Correct one of them: another row of {source} has a different stance; or use two names for the source",
        severity="warning",
    ),
)


def find_problems(rows: Rows) -> list[Problem]:
    """All problems of all rows, in the order of the file."""
    found = [problem for rule in RULES for problem in rule.problems(rows)] + series_problems(rows)
    return sorted(found, key=lambda problem: (problem.row, schema.NAMES.index(problem.column)))
