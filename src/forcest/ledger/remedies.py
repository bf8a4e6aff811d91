"""Remedies: what to do about a problem, where that depends on the contents of the row."""

from __future__ import annotations

import math
from difflib import get_close_matches

from forcest.ledger import lineage, schema
from forcest.ledger.cells import Notation, number_remedy, possible_dates, read_number
from forcest.ledger.rows import Rows


def fill_in(rows: Rows, line: int, column: str) -> str:
    """What the empty cell must hold."""
    return f"Fill in the cell: {schema.BY_NAME[column].doc}"


SYNONYMS = {
    "at_most": ("no more than", "not more than", "never more than", "not exceeding", "no higher than", "maximum", "max"),
    "at_least": ("no fewer than", "no less than", "not less than", "not fewer than", "minimum", "min"),
    "fewer_than": ("less than", "lower than", "smaller than", "under", "below"),
    "more_than": ("greater than", "larger than", "higher than", "upwards of", "over", "above", "exceeding", "exceeds"),
    "about": ("approximately", "around", "roughly", "some", "circa", "ca.", "nearly", "almost", "estimated"),
    "up_to": ("as many as",),
    "range": ("between", "from to"),
    "none_seen": ("none", "no", "zero", "not seen"),
}
"""Other wordings of a qualifier. Similarity of spelling alone would take "no more than" for its opposite."""


def allowed_values(rows: Rows, line: int, column: str) -> str:
    """The allowed values of the column, after the one that is probably meant."""
    allowed, cell = schema.BY_NAME[column].allowed, rows.text.at[line, column].lower()
    meant = _qualifier_meant(cell) if column == "qualifier" else get_close_matches(cell, allowed, n=1)
    return (f'Did you mean "{meant[0]}"? ' if meant else "") + f"Allowed: {', '.join(allowed)}"


def _qualifier_meant(cell: str) -> list[str]:
    """The qualifier of which the cell is a synonym or, unless it contains a negation, a misspelling."""
    plain = " ".join(cell.replace("_", " ").replace("-", " ").split())
    meant = [qualifier for qualifier, synonyms in SYNONYMS.items() if plain in synonyms]
    if meant or {"no", "not", "never"} & set(plain.split()):
        return meant
    return get_close_matches(plain.replace(" ", "_"), schema.QUALIFIERS, n=1, cutoff=0.85)


def plain_number(rows: Rows, line: int, column: str) -> str:
    """The number that is probably meant."""
    return number_remedy(rows.text.at[line, column], rows.notation)


def which_date(rows: Rows, line: int, column: str) -> str:
    """The dates that may be meant."""
    dates = [date.isoformat() for date in possible_dates(rows.text.at[line, column])]
    return f"Write {' or '.join(dates) or 'YYYY-MM-DD, such as 2024-12-31'}"


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
    others = [id_ for id_ in rows.first_row if id_ != own]
    near = [f'"{match}"' for id_ in missing for match in get_close_matches(id_, others, n=2, cutoff=0.8)]
    return f"Did you mean {' or '.join(near)}?" if near else "Write an id of this ledger, or clear the cell"


def cycle(rows: Rows, line: int, column: str) -> str:
    """The cycle of ids to be broken."""
    id_ = rows.text.at[line, "id"]
    path = " > ".join([id_, *lineage.ancestors(rows.links(column), id_)])
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
