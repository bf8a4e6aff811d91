"""The schema of a ledger, as data: its columns, their allowed values, and which values go together.

All code that reads, checks or explains a ledger takes the schema from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from forcest.ledger import measures
from forcest.ledger.measures import Measure

Kind = Literal["id", "ids", "text", "category", "kinds", "date", "number"]


@dataclass(frozen=True)
class Qualifier:
    """How a source qualifies its number, and which numbers that requires."""

    doc: str
    every: tuple[str, ...] = ()
    """Columns that must all be given."""
    either: tuple[str, ...] = ()
    """Columns of which at least one must be given; the first that is given holds the number."""
    positive: bool = False
    """Whether the number must be above zero, because a bound at zero carries no information."""
    of_people: bool = False
    """Whether it says something of a number of people, and nothing of a ratio."""


@dataclass(frozen=True)
class Column:
    """A column of the ledger: its name, how its cells are read, what they mean, and which values are allowed."""

    name: str
    kind: Kind
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    """Allowed values; any if empty."""


MEASURES: dict[str, Measure] = {name: measure for name, measure in measures.MEASURES.items() if measure.scopes}

ITEM_MEASURES = ("destroyed", "casualties", *measures.BATTLE_KINDS)
"""Measures that may count something other than people of the force."""

SCOPES: dict[str, str] = {
    "stock": "the number on the date as_of",
    "cumulative": "the total up to as_of",
    "flow": "the number within window_start to window_end, or on as_of if no window is given",
}

QUALIFIERS: dict[str, Qualifier] = {
    "exact": Qualifier("a precise number", every=("value",)),
    "about": Qualifier("a round or approximate number", every=("value",)),
    "at_least": Qualifier("this number or more, up to the next equally round number", either=("value", "low"), positive=True),
    "more_than": Qualifier("more than this number, up to the next equally round number", either=("value", "low"), positive=True),
    "up_to": Qualifier(
        "this number or fewer, down to the next equally round number; a hard upper bound is at_most",
        either=("value", "high"),
        positive=True,
    ),
    "fewer_than": Qualifier("fewer than this number", either=("value", "high"), positive=True),
    "at_most": Qualifier("a hard upper bound", either=("value", "high")),
    "range": Qualifier("between low and high, as stated by the source", every=("low", "high")),
    "derived": Qualifier("the source states only a share; low and high were computed from it", every=("low", "high")),
    "none_seen": Qualifier(
        "no one was seen, which does not mean zero; high is the detection limit", every=("high",), of_people=True
    ),
    "dozens": Qualifier('the word "dozens", without a number', of_people=True),
    "several_hundred": Qualifier('the words "several hundred", without a number', of_people=True),
    "several_thousand": Qualifier('the words "several thousand", without a number', of_people=True),
}

STANCES: dict[str, str] = {
    "own": "the side of the force counted",
    "enemy": "the side that fights it",
    "own_ally": "a party that supports the force's side: an ally, a supplier of arms",
    "enemy_ally": "a party that supports the side that fights it: an ally, a supplier of arms or intelligence",
    "third_party": "a party that supports neither side",
    "record": "a register that means to hold everybody: graves, payouts, personnel files",
    "name_list": "a list of people known by name, which holds those whose fate became known",
}

SIDES = ("own", "enemy", "own_ally", "enemy_ally", "third_party")
"""Stances that are a side; a record and a list of names are kinds of statement."""

COVERAGES: dict[str, str] = {
    "total": "the whole force",
    "partial": "one place, unit or strike: a lower bound for the total",
}

COLUMNS: tuple[Column, ...] = (
    Column("id", "id", "a unique name for the row", required=True),
    Column("published", "date", "date of publication of the claim, YYYY-MM-DD", required=True),
    Column("as_of", "date", "date to which the count refers, YYYY-MM-DD", required=True),
    Column("window_start", "date", "first day of a flow, or of the period that contains the date of an undated count"),
    Column("window_end", "date", "last day of that window"),
    Column("force", "text", "the force counted", required=True),
    Column("measure", "category", "what is counted", required=True, allowed=tuple(MEASURES)),
    Column("item", "text", "what is counted if not people of the force: a kind of equipment, or civilians of its side"),
    Column("scope", "category", "at a date, up to a date, or within a window", required=True, allowed=tuple(SCOPES)),
    Column("value", "number", "the number stated [persons]"),
    Column("low", "number", "lower end of a range [persons]"),
    Column("high", "number", "upper end of a range, or the detection limit [persons]"),
    Column("qualifier", "category", "how the source qualifies its number", required=True, allowed=tuple(QUALIFIERS)),
    Column("definition", "kinds", "for casualties only: the kinds that the source counts, joined by +", allowed=measures.KINDS),
    Column("source", "text", "who states the number; one spelling per source", required=True),
    Column("via", "text", "who relayed the claim, such as a newspaper"),
    Column("stance", "category", "the source's side relative to the force counted", required=True, allowed=tuple(STANCES)),
    Column("origin", "ids", "id(s) of the claim that this one repeats or is computed from, joined by +"),
    Column("supersedes", "ids", "id of the earlier claim of the same source, measure and date that this one corrects"),
    Column("wave", "text", "the wave of arrivals that the claim counts, if only one"),
    Column("coverage", "category", "total (also if empty), or partial", allowed=tuple(COVERAGES)),
    Column("exclude", "text", "the reason not to fit this row; the row is kept and shown"),
    Column("note", "text", "a paraphrase of the claim, and remarks"),
    Column("url", "text", "address of the claim"),
)

NAMES = tuple(column.name for column in COLUMNS)
BY_NAME = {column.name: column for column in COLUMNS}
DATES = tuple(column.name for column in COLUMNS if column.kind == "date")
NUMBERS = tuple(column.name for column in COLUMNS if column.kind == "number")
TEXTS = tuple(column.name for column in COLUMNS if column.kind not in ("date", "number"))
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
CATEGORIES = tuple(column.name for column in COLUMNS if column.kind == "category")
ADDED = ("row", "status")
"""Columns that ``Ledger.to_dataframe()`` adds; ``read_ledger`` skips them."""

QUOTE = "quote"
"""A column that may follow those of the schema: the words of the article, which no fit reads."""
DRAFT = "draft: compare the row with its quote, fill in what is empty, and clear this cell"
"""The reason in ``exclude`` of a row that ``fc.draft`` proposed and nobody has accepted yet."""
OPEN_IN_DRAFTS = ("force", "source", "stance")
"""Required columns that may be empty as long as a row is a draft."""
