"""Remedies: what to do about a problem, where that depends on the contents of the row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import islice

from forcest.ledger import lineage, schema
from forcest.ledger.cells import Notation, number_remedy, possible_dates, read_number
from forcest.ledger.proposals import agrees, in_words, proposal
from forcest.ledger.rows import Rows
from forcest.ledger.wording import said_count, said_dates

SHOWN = 10
"""Ids of a cycle that are shown."""
PROPOSED = 50
"""Unknown ids for which similar ones are looked for, which takes time in proportion to all ids."""


def fill_in(rows: Rows, line: int, column: str) -> str:
    """What the empty cell must hold; in a spreadsheet, merged cells leave all but the first one empty."""
    above = _last_above(rows, column).get(line) if column in ("force", "source", "stance") else None
    hint = f'; if it was merged with the cells above, write "{above[1]}", as in row {above[0]}' if above else ""
    return f"Fill in the cell: {schema.BY_NAME[column].doc}{hint}"


def _last_above(rows: Rows, column: str) -> dict[int, tuple[int, str]]:
    """For each row, the nearest row above it whose cell is not empty, and that cell; computed once for a column."""
    name = f"last above {column}"
    if name not in rows.shared:
        found, last = {}, None
        for row, cell in zip(rows.text.index.tolist(), rows.text[column], strict=True):
            last = (row, cell) if cell else last
            found[row] = last
        rows.shared[name] = found
    return rows.shared[name]


def allowed_values(rows: Rows, line: int, column: str) -> str:
    """The allowed values of the column, after the one that is probably meant."""
    allowed, row = schema.BY_NAME[column].allowed, rows.text.loc[line].to_dict()
    meant = proposal(row, column).get(column) or _similar_value(row[column].lower(), column, allowed)
    return (f'Did you mean "{meant}"? ' if meant else "") + f"Allowed: {', '.join(allowed)}"


def _similar_value(cell: str, column: str, allowed: Sequence[str]) -> str:
    """The allowed value of which the cell may be a misspelling; a qualifier with a negation is none."""
    if column != "qualifier":
        return next(iter(get_close_matches(cell, allowed, n=1)), "")
    plain = " ".join(cell.replace("_", " ").replace("-", " ").split())
    near = (
        [] if {"no", "not", "never"} & set(plain.split()) else get_close_matches(plain.replace(" ", "_"), allowed, n=1, cutoff=0.85)
    )
    return next(iter(near), "")


def plain_number(rows: Rows, line: int, column: str) -> str:
    """The number that is probably meant, and the notation in which all such cells are read; or what the cell says in words."""
    row = rows.text.loc[line].to_dict()
    if remedy := number_remedy(row[column], rows.notation):
        return remedy
    if cells := proposal(row, column):
        return f"If that is meant, {in_words(cells)}"
    said = said_count(row[column])
    if said and not agrees(said.qualifier, row["qualifier"]):
        return f'The cell says "{said.qualifier}", and the qualifier is "{row["qualifier"]}": correct one of them'
    if said:
        return "The cell states a range, which belongs in low and high: correct the three"
    return 'Write digits only, such as 3500; wording such as "about" belongs in qualifier, a range in low and high'


def which_date(rows: Rows, line: int, column: str) -> str:
    """The dates that may be meant, or the window within which the date lies."""
    row = rows.text.loc[line].to_dict()
    if dates := [date.isoformat() for date in possible_dates(row[column])]:
        return f"Write {' or '.join(dates)}"
    if cells := proposal(row, column):
        return f"If that is meant, {in_words(cells)}"
    if said := said_dates(row[column]):
        return f"Look up the day: the cell names the period {said.first} to {said.last}"
    return "Write YYYY-MM-DD, such as 2024-12-31"


def allowed_scopes(rows: Rows, line: int, column: str) -> str:
    """The scopes of the row's measure."""
    measure = rows.text.at[line, "measure"]
    return f'Use {" or ".join(schema.MEASURES[measure].scopes)} for "{measure}"'


def own_id(rows: Rows, line: int, column: str) -> str:
    """The row that has the id already, and whether this one repeats it: an id of its own would then count the claim twice."""
    first = rows.first_row[rows.text.at[line, "id"]]
    count = [name for name in schema.NAMES if name not in ("id", "note", "url")]
    if rows.text.loc[line, count].equals(rows.text.loc[first, count]):
        return f"Delete the row: it repeats row {first}, and would count twice under an id of its own"
    return f"Row {first} already has this id: delete one of the two if they are one claim, else give this one an id of its own"


def whole_number(rows: Rows, line: int, column: str) -> str:
    """The whole number that is probably meant."""
    if math.isfinite(read_number(rows.text.at[line, column], Notation(decimal=",", thousands="."))):
        return plain_number(rows, line, column)  # 11.500 is eleven thousand five hundred in another notation
    return f"Round it to {round(rows.typed.at[line, column])}"


def similar_ids(rows: Rows, line: int, column: str) -> str:
    """Ids of the ledger that are similar to those not found in it."""
    own = rows.text.at[line, "id"]
    missing = [id_ for id_ in rows.links(column)[own] if id_ not in rows.first_row]
    rows.shared["similar ids"] = asked = rows.shared.get("similar ids", 0) + 1
    others = [id_ for id_ in rows.first_row if id_ != own] if asked <= PROPOSED else []
    near = [f'"{match}"' for id_ in missing for match in get_close_matches(id_, others, n=2, cutoff=0.8)]
    return f"Did you mean {' or '.join(near)}?" if near else "Write an id of this ledger, or clear the cell"


def cycle(rows: Rows, line: int, column: str) -> str:
    """The cycle of ids to be broken."""
    id_ = rows.text.at[line, "id"]
    path = " > ".join([id_, *islice(lineage.ancestors(rows.links(column), id_), SHOWN)])
    return f"Break the cycle {path}: clear the cell of the earliest claim"


def bounds(rows: Rows, line: int, column: str) -> str:
    """The bounds outside of which the value lies."""
    cells = rows.text.loc[line, ["low", "high"]]
    return "Correct the value, or " + " and ".join(f"{name} {cell}" for name, cell in cells.items() if cell)


def required_numbers(rows: Rows, line: int, column: str) -> str:
    """The numbers that the row's qualifier requires."""
    name = rows.text.at[line, "qualifier"]
    qualifier = schema.QUALIFIERS.get(name)
    if qualifier is None:
        return "Fill in value, or low and high"
    numbers = " and ".join(qualifier.every) or " or ".join(qualifier.either)
    return f'Fill in {numbers}, as "{name}" requires, or choose another qualifier'


def one_spelling(rows: Rows, line: int, column: str) -> str:
    """The other spelling, and how to replace this one by it."""
    name = rows.text.at[line, column]
    other = rows.similar(column)[name]
    in_python = f" (in Python: ledger.rename_sources({{{name!r}: {other!r}}}))" if column == "source" else ""
    if_left = "two forces, each with its own curves" if column == "force" else "two sources, each with its own bias"
    return f'If it is the same as "{other}", write that in every row{in_python}; as spelled, they are {if_left}'
