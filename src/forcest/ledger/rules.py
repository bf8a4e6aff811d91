"""Rules: what the rows of a ledger must obey, as one table.

A rule marks the rows that break it. Rules of form hold for every row; rules of logic spare the rows with a reason in
``exclude``, which are kept and shown but not fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from forcest.ledger import lineage, measures, schema
from forcest.ledger import remedies as say
from forcest.ledger.cells import date_fault, is_infinite
from forcest.ledger.problems import Problem
from forcest.ledger.rows import Mask, Rows

Remedy = str | Callable[[Rows, int, str], str]


@dataclass(frozen=True)
class Rule:
    """One rule: the columns it is checked for, the rows that break it, and what their author can do."""

    columns: tuple[str, ...]
    must: str
    broken: Callable[[Rows, str], Mask]
    remedy: Remedy
    of_form: bool = False
    severity: str = "error"

    def problems(self, rows: Rows) -> list[Problem]:
        """The problems of the rows that break this rule."""
        checked = ~rows.given("exclude") | self.of_form
        return [
            self._problem(rows, line, column)
            for column in self.columns
            for line in rows.text.index[self.broken(rows, column) & checked].tolist()
        ]

    def _problem(self, rows: Rows, line: int, column: str) -> Problem:
        cells = rows.text.loc[line]
        remedy = self.remedy.format_map(cells) if isinstance(self.remedy, str) else self.remedy(rows, line, column)
        return Problem(line, cells["id"], column, f"must {self.must}", cells[column], remedy, self.severity)


# --- which rows break a rule --------------------------------------------------------------------------------------


def _unreadable_number(rows: Rows, column: str) -> Mask:
    return np.isnan(rows[column]) & rows.given(column) & ~_infinite(rows, column)


def _infinite(rows: Rows, column: str) -> Mask:
    return rows.where(column, lambda cell: is_infinite(cell, rows.notation))


def _date(fault: str) -> Callable[[Rows, str], Mask]:
    return lambda rows, column: rows.where(column, lambda cell: date_fault(cell) == fault)


def _unknown_kinds(rows: Rows, column: str) -> Mask:
    def unknown(cell: str) -> bool:
        kinds = lineage.linked_ids(cell)
        return len(set(kinds)) < len(kinds) or not set(kinds) <= set(measures.KINDS)

    return rows.where(column, unknown)


def _scope_not_allowed(rows: Rows, column: str) -> Mask:
    allowed = {(measure, scope) for measure, m in schema.MEASURES.items() for scope in m.scopes}
    pairs = zip(rows.text["measure"], rows.text["scope"], strict=True)
    known = rows.says("measure", schema.MEASURES) & rows.says("scope", schema.SCOPES)
    return known & np.array([pair not in allowed for pair in pairs], dtype=bool)


def _fractional(rows: Rows, column: str) -> Mask:
    return (rows[column] % 1 > 0) & ~rows.says("measure", ["equivalence"])


def _without_effect(rows: Rows, column: str) -> Mask:
    """A ratio of zero, or a bound at zero where that says nothing."""
    unless_value = True if column == "value" else ~rows.given("value")
    bound = rows.by_qualifier(lambda q: q.positive and column in q.either) & unless_value
    return (rows[column] == 0) & (bound | rows.says("measure", ["equivalence"]))


def _low_above_high(rows: Rows, column: str) -> Mask:
    return rows["low"] > rows["high"]


def _empty_range(rows: Rows, column: str) -> Mask:
    words = rows.by_qualifier(lambda q: not (q.every or q.either))
    return (rows["low"] == rows["high"]) & (words | rows.says("qualifier", ["range", "derived"]))


def _one_bound_of_words(rows: Rows, column: str) -> Mask:
    """Words such as "dozens" stand for a range of their own: one bound beside them could contradict it."""
    other = "high" if column == "low" else "low"
    return rows.by_qualifier(lambda q: not (q.every or q.either)) & ~rows.given(column) & rows.given(other)


def _outside_its_range(rows: Rows, column: str) -> Mask:
    value, low, high = (rows[name] for name in schema.NUMBERS)
    return ((value < low) | (value > high)) & ~(low > high)


def _lacking(rows: Rows, column: str) -> Mask:
    """The qualifier needs this very column."""
    return rows.by_qualifier(lambda q: column in q.every) & ~rows.given(column)


def _no_count(rows: Rows, column: str) -> Mask:
    """The qualifier, or a count as such, needs one of several columns and has none."""
    unknown = ~rows.says("qualifier", schema.QUALIFIERS)
    none = ~(rows.given("value") | rows.given("low") | rows.given("high")) & unknown
    for word, needs in schema.QUALIFIERS.items():
        if needs.either:
            given = np.logical_or.reduce([rows.given(name) for name in needs.either])
            none |= rows.says("qualifier", [word]) & ~given
    return none


def _one_end(rows: Rows, column: str) -> Mask:
    other = "window_end" if column == "window_start" else "window_start"
    return ~rows.given(column) & rows.given(other)


def _before(later: str) -> Callable[[Rows, str], Mask]:
    """The date of the column lies before another date; an announcement may speak of days to come."""
    return lambda rows, column: (rows[column] < rows[later]) & ~rows.says("measure", ["planned"])


def _outside_its_window(rows: Rows, column: str) -> Mask:
    date, start, end = (rows[name] for name in ("as_of", "window_start", "window_end"))
    return ((date < start) | (date > end)) & (start <= end) & ~rows.says("scope", ["flow"])


def _dangling(rows: Rows, column: str) -> Mask:
    lost = rows.linking(column, lambda _, linked: any(id_ not in rows.first_row for id_ in linked))
    return lost & np.array(not rows.part)


def _itself(rows: Rows, column: str) -> Mask:
    return rows.linking(column, lambda id_, linked: id_ in linked)


def _circular(rows: Rows, column: str) -> Mask:
    links = rows.links(column)
    return rows.linking(column, lambda id_, linked: id_ not in linked and id_ in lineage.ancestors(links, id_))


def _other_source(rows: Rows, column: str) -> Mask:
    source = dict(zip(rows.text["id"], rows.text["source"], strict=True))
    return rows.linking(column, lambda id_, linked: any(source.get(other, source[id_]) != source[id_] for other in linked))


def _other_count(rows: Rows, column: str) -> Mask:
    """A correction of what is no earlier statement of the same count: that claim would be lost."""
    count = dict(zip(rows.text["id"], rows.text[["measure", "as_of"]].itertuples(index=False, name=None), strict=True))
    other = rows.linking(column, lambda id_, linked: any(count.get(earlier, count[id_]) != count[id_] for earlier in linked))
    return other & ~_other_source(rows, column)


def _first(keys: Iterable[object]) -> Mask:
    """Where a key stands for the first time."""
    seen: set[object] = set()
    return np.array([not (key in seen or seen.add(key)) for key in keys], dtype=bool)


def _second_spelling(rows: Rows, column: str) -> Mask:
    return _first(rows.text[column]) & rows.says(column, rows.similar(column))


def _second_stance(rows: Rows, column: str) -> Mask:
    """The first row on which a source changes sides toward a force."""
    known = rows.given("source") & rows.given("force") & rows.says("stance", schema.STANCES)
    claims = zip(rows.text["source"], rows.text["force"], rows.text["stance"], known, strict=True)
    stances: dict[tuple[str, str], str] = {}
    other = [counts and stances.setdefault((source, force), stance) != stance for source, force, stance, counts in claims]
    return np.array(other, dtype=bool) & _first(rows.text[["source", "force", "stance"]].itertuples(index=False))


# --- the rules ----------------------------------------------------------------------------------------------------

RULES: tuple[Rule, ...] = (
    # Form: can every cell be read?
    Rule(
        schema.REQUIRED,
        "not be empty",
        lambda rows, column: ~rows.given(column) & (column not in rows.absent),
        say.fill,
        of_form=True,
    ),
    Rule(("id",), "be used once", lambda rows, c: rows.given(c) & ~_first(rows.text[c]), say.own_id, of_form=True),
    Rule(
        ("id",),
        'not contain "+"',
        lambda rows, c: rows.where(c, lambda cell: "+" in cell),
        'Write it with "-": in origin the "+" joins ids',
        of_form=True,
    ),
    Rule(schema.NUMBERS, "be a plain number", _unreadable_number, say.plain_number, of_form=True),
    Rule(schema.NUMBERS, "be finite", _infinite, "Leave the cell empty where no number is stated", of_form=True),
    Rule(schema.DATES, "be a date", _date("unreadable"), say.which_date, of_form=True),
    Rule(schema.DATES, "be a day that exists", _date("impossible"), "Look the date up in the source", of_form=True),
    Rule(schema.DATES, "be one date", _date("ambiguous"), say.which_date, of_form=True),
    Rule(
        schema.WORDS,
        "be a known word",
        lambda rows, c: rows.given(c) & ~rows.says(c, schema.BY_NAME[c].words),
        say.known_words,
        of_form=True,
    ),
    Rule(("definition",), "join kinds of casualty with +", _unknown_kinds, say.known_words, of_form=True),
    # Logic of the count.
    Rule(("scope",), "suit the measure", _scope_not_allowed, say.allowed_scopes),
    Rule(
        ("definition",),
        "be empty unless the measure is casualties",
        lambda rows, c: rows.given(c) & rows.given("measure") & ~rows.says("measure", ["casualties"]),
        'Empty it; "{measure}" needs no definition',
    ),
    Rule(
        ("item",),
        "be given where things are counted",
        lambda rows, c: ~rows.given(c) & rows.says("measure", ["destroyed"]),
        "Name the kind of thing, such as tanks",
    ),
    Rule(
        ("item",),
        "be empty unless losses are counted",
        lambda rows, c: rows.given(c) & rows.says("measure", set(schema.MEASURES) - set(schema.ITEM_MEASURES)),
        'Empty it; "{measure}" counts people of the force',
    ),
    Rule(schema.NUMBERS, "not be negative", lambda rows, c: rows[c] < 0, "A count starts at 0"),
    Rule(schema.NUMBERS, "be a whole number", _fractional, say.round_number),
    Rule(schema.NUMBERS, "be above 0", _without_effect, "Leave the row out, or state the count that is meant"),
    Rule(("low",), "not be above high", _low_above_high, "Exchange low {low} and high {high}, or correct one"),
    Rule(("low",), "be below high in a range", _empty_range, 'Put {low} into value with the qualifier "about"'),
    Rule(("value",), "lie within low and high", _outside_its_range, say.bounds),
    Rule(schema.NUMBERS, "be given with this qualifier", _lacking, say.needs),
    Rule(("value",), "be given, or a bound", _no_count, say.needs),
    Rule(
        ("value",),
        "be empty where nobody was seen",
        lambda rows, c: rows.given(c) & rows.says("qualifier", ["none_seen"]),
        "It is not read; what could have stayed unseen stands in high",
        severity="warning",
    ),
    Rule(("low", "high"), "be given with the other end of the range", _one_bound_of_words, "Give both, or the words alone"),
    # Logic of the dates.
    Rule(schema.DATES[2:], "be given with the other end of the window", _one_end, "Give both ends, or neither"),
    Rule(
        ("window_end",),
        "not lie before window_start",
        lambda rows, c: rows[c] < rows["window_start"],
        "Exchange {window_start} and {window_end}, or correct one",
    ),
    Rule(
        ("published",),
        "not lie before as_of",
        _before("as_of"),
        'Correct it or as_of {as_of}; a count of days to come is measure "planned"',
    ),
    Rule(
        ("published",),
        "not lie before window_start",
        lambda rows, c: _before("window_start")(rows, c) & ~_before("as_of")(rows, c),
        'Correct it or window_start {window_start}; a count of days to come is measure "planned"',
    ),
    Rule(
        ("published",),
        "not lie before window_end",
        lambda rows, c: _before("window_end")(rows, c) & ~_before("window_start")(rows, c),
        "End the window by the day of publication; window_end is {window_end}",
        severity="warning",
    ),
    Rule(
        ("as_of",),
        "lie within its window",
        _outside_its_window,
        "The window {window_start} to {window_end} is used, not this date; correct one of them",
        severity="warning",
    ),
    # Logic of repetition and correction.
    Rule(("origin", "supersedes"), "name claims of this ledger", _dangling, say.near_ids),
    Rule(("origin", "supersedes"), "not name its own claim", _itself, "Empty it, or name the earlier claim"),
    Rule(("origin", "supersedes"), "not lead back to its own claim", _circular, say.circle),
    Rule(
        ("supersedes",),
        "name a claim of the same source",
        _other_source,
        "Only {source} can correct its own claim; two sources that differ are both kept",
    ),
    Rule(
        ("supersedes",),
        "name a claim of the same measure and date",
        _other_count,
        "The claim it names is not fitted; empty the cell if both are meant",
        severity="warning",
    ),
    # Worth a look.
    Rule(("source", "force"), "have one spelling", _second_spelling, say.one_name, severity="warning"),
    Rule(
        ("stance",),
        "be one per source and force",
        _second_stance,
        "Another row of {source} has another stance; correct one, or name two sources",
        severity="warning",
    ),
)


def find_problems(rows: Rows) -> list[Problem]:
    """Every fault of every row, in the order of the file."""
    found = [problem for rule in RULES for problem in rule.problems(rows)]
    return sorted(found, key=lambda problem: (problem.row, schema.NAMES.index(problem.column)))
