"""What a ledger may say, as data: columns, words, and which words go together.

Everything that reads, checks or explains a ledger takes its knowledge from the tables of this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "ids", "text", "word", "kinds", "date", "number"]


@dataclass(frozen=True)
class Measure:
    """What is counted, and the scopes in which it can be counted."""

    doc: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Qualifier:
    """How a source words its count, and which numbers that wording needs."""

    doc: str
    every: tuple[str, ...] = ()
    """Columns that must all be given."""
    either: tuple[str, ...] = ()
    """Columns of which one must be given; the first that is given is the count."""
    positive: bool = False
    """Whether the count must be above zero, because a bound at zero says nothing."""


@dataclass(frozen=True)
class Column:
    """One column of the ledger: its name, how its cells are read, and what they mean."""

    name: str
    kind: Kind
    doc: str
    required: bool = False
    words: tuple[str, ...] = ()


_ANY = ("stock", "cumulative", "flow")
_EVENTS = ("cumulative", "flow")

MEASURES: dict[str, Measure] = {
    "deployed": Measure("sent into the theatre", _ANY),
    "in_training": Measure("in training there (flow, cumulative: who began it)", _ANY),
    "at_front": Measure("at the front (flow, cumulative: who reached it)", _ANY),
    "in_hospital": Measure("wounded in care", _ANY),
    "killed": Measure("killed, died of wounds included", _EVENTS),
    "wounded": Measure("wounded", _EVENTS),
    "casualties": Measure("killed, wounded and what else the source counts (see definition)", _EVENTS),
    "captured": Measure("prisoners of the other side", _ANY),
    "missing": Measure("missing", _ANY),
    "returned_to_duty": Measure("wounded who returned to the front", _EVENTS),
    "withdrawn_home": Measure("left for home", _EVENTS),
    "combined_strength": Measure("at the front together with the partner force", ("stock",)),
    "equivalence": Measure("partner soldiers per own soldier; may be fractional", ("stock",)),
    "planned": Measure("an announcement, never a count of people", _ANY),
    "destroyed": Measure("things destroyed, damaged or captured by the other side (see item)", _EVENTS),
}

ITEM_MEASURES = ("destroyed", "killed", "wounded", "casualties", "captured", "missing")
"""Measures that may count something other than the force's own people."""

SCOPES: dict[str, str] = {
    "stock": "at as_of",
    "cumulative": "up to as_of",
    "flow": "within window_start..window_end, or on as_of when no window is given",
}

QUALIFIERS: dict[str, Qualifier] = {
    "exact": Qualifier("a precise number", every=("value",)),
    "about": Qualifier("a round or approximate number", every=("value",)),
    "at_least": Qualifier("this many or somewhat more: up to the next number as round", either=("value", "low"), positive=True),
    "more_than": Qualifier("more than this, up to the next number as round", either=("value", "low"), positive=True),
    "up_to": Qualifier("as many as this or somewhat fewer; a hard bound is at_most", either=("value", "high"), positive=True),
    "fewer_than": Qualifier("fewer than this", either=("value", "high"), positive=True),
    "at_most": Qualifier("a hard upper bound", either=("value", "high")),
    "range": Qualifier("between low and high, as the source says", every=("low", "high")),
    "derived": Qualifier("only a share was published; low and high are the compilers'", every=("low", "high")),
    "none_seen": Qualifier("nobody seen, which is not zero; high is the detection limit", every=("high",)),
    "dozens": Qualifier("the word alone"),
    "several_hundred": Qualifier("the words alone"),
    "several_thousand": Qualifier("the words alone"),
}

STANCES: dict[str, str] = {
    "own": "the side of the force counted",
    "enemy": "the side it fights",
    "third_party": "no belligerent of this war",
    "record": "names, payouts, registers",
}

COVERAGES: dict[str, str] = {
    "total": "the whole force",
    "partial": "one place, unit or strike: bounds the total from below",
}

CASUALTY_KINDS = ("killed", "wounded", "missing", "captured")

COLUMNS: tuple[Column, ...] = (
    Column("id", "id", "a name for this row, used once in the ledger", required=True),
    Column("published", "date", "when the claim was made public, YYYY-MM-DD", required=True),
    Column("as_of", "date", "the date the count speaks of, YYYY-MM-DD", required=True),
    Column("window_start", "date", "first day of a flow, or of the days on which an undated count may lie"),
    Column("window_end", "date", "last day of that window"),
    Column("force", "text", "the force counted", required=True),
    Column("measure", "word", "what is counted", required=True, words=tuple(MEASURES)),
    Column("item", "text", "what is counted where it is not the force's people: a kind of equipment, or civilians of its side"),
    Column("scope", "word", "at a date, up to a date, or within a window", required=True, words=tuple(SCOPES)),
    Column("value", "number", "the number stated [persons]"),
    Column("low", "number", "lower end of a range [persons]"),
    Column("high", "number", "upper end of a range, or the detection limit [persons]"),
    Column("qualifier", "word", "how the source words its number", required=True, words=tuple(QUALIFIERS)),
    Column("definition", "kinds", "casualties only: what the source counts, joined by +", words=CASUALTY_KINDS),
    Column("source", "text", "who states the number; one spelling per source", required=True),
    Column("via", "text", "who passed it on"),
    Column("stance", "word", "the source's side toward the force counted", required=True, words=tuple(STANCES)),
    Column("origin", "ids", "id(s) of the claim this one repeats or is computed from, joined by +"),
    Column("supersedes", "ids", "id of the earlier claim of the same source, measure and date that this one corrects"),
    Column("wave", "text", "the one wave of arrivals the claim speaks of"),
    Column("coverage", "word", "total (also when empty), or partial", words=tuple(COVERAGES)),
    Column("exclude", "text", "a reason not to fit this row; it is kept and shown"),
    Column("note", "text", "a paraphrase of the claim and remarks"),
    Column("url", "text", "where the claim can be read"),
)

NAMES = tuple(column.name for column in COLUMNS)
BY_NAME = {column.name: column for column in COLUMNS}
DATES = tuple(column.name for column in COLUMNS if column.kind == "date")
NUMBERS = tuple(column.name for column in COLUMNS if column.kind == "number")
TEXTS = tuple(column.name for column in COLUMNS if column.kind not in ("date", "number"))
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
WORDS = tuple(column.name for column in COLUMNS if column.kind == "word")
ADDED = ("row", "status")
"""What ``Ledger.to_dataframe()`` adds, and what reading such a table back passes over."""
