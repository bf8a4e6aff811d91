"""Remedies: what the author of a row can do, where that depends on what the cell says."""

from __future__ import annotations

import math
from difflib import get_close_matches

from forcest.ledger import lineage, schema
from forcest.ledger.cells import Notation, local_readings, number_remedy, read_number
from forcest.ledger.rows import Rows


def fill(rows: Rows, line: int, column: str) -> str:
    """What belongs into an empty cell."""
    return f"Fill the cell: {schema.BY_NAME[column].doc}"


SAYINGS = {
    "at_most": ("no more than", "not more than", "never more than", "not exceeding", "no higher than", "maximum", "max"),
    "at_least": ("no fewer than", "no less than", "not less than", "not fewer than", "minimum", "min"),
    "fewer_than": ("less than", "lower than", "smaller than", "under", "below"),
    "more_than": ("greater than", "larger than", "higher than", "upwards of", "over", "above", "exceeding", "exceeds"),
    "about": ("approximately", "around", "roughly", "some", "circa", "ca.", "nearly", "almost", "estimated"),
    "up_to": ("as many as",),
    "range": ("between", "from to"),
    "none_seen": ("none", "no", "zero", "not seen"),
}
"""What people write for a qualifier. A near spelling alone would take "no more than" for its opposite."""


def known_words(rows: Rows, line: int, column: str) -> str:
    """The words a column knows, the near one first."""
    words, said = schema.BY_NAME[column].words, rows.text.at[line, column].lower()
    near = _qualifier_meant(said) if column == "qualifier" else get_close_matches(said, words, n=1)
    return (f'Did you mean "{near[0]}"? ' if near else "") + f"Known: {', '.join(words)}"


def _qualifier_meant(said: str) -> list[str]:
    """What people mean by it, or a slip of the pen in a word without a negation; else nothing."""
    plain = " ".join(said.replace("_", " ").replace("-", " ").split())
    meant = [word for word, sayings in SAYINGS.items() if plain in sayings]
    if meant or {"no", "not", "never"} & set(plain.split()):
        return meant
    return get_close_matches(plain.replace(" ", "_"), schema.BY_NAME["qualifier"].words, n=1, cutoff=0.85)


def plain_number(rows: Rows, line: int, column: str) -> str:
    """The number that may be meant."""
    return number_remedy(rows.text.at[line, column], rows.notation)


def which_date(rows: Rows, line: int, column: str) -> str:
    """The dates that may be meant."""
    readings = [date.isoformat() for date in local_readings(rows.text.at[line, column])]
    return f"Write {' or '.join(readings) or 'YYYY-MM-DD, such as 2024-12-31'}"


def allowed_scopes(rows: Rows, line: int, column: str) -> str:
    """The scopes of the row's measure."""
    measure = rows.text.at[line, "measure"]
    return f'"{measure}" can be {" or ".join(schema.MEASURES[measure].scopes)}'


def own_id(rows: Rows, line: int, column: str) -> str:
    """Where the id stands already."""
    return f"Give this claim an id of its own; row {rows.first_row[rows.text.at[line, 'id']]} has this one already"


def round_number(rows: Rows, line: int, column: str) -> str:
    """The whole number that may be meant."""
    if math.isfinite(read_number(rows.text.at[line, column], Notation(decimal=",", thousands="."))):
        return plain_number(rows, line, column)  # 11.500 is eleven thousand five hundred in another notation
    return f"Round it to {round(rows.typed.at[line, column])}"


def near_ids(rows: Rows, line: int, column: str) -> str:
    """Ids of the ledger like those that are not in it."""
    own = rows.text.at[line, "id"]
    lost = [id_ for id_ in rows.links(column)[own] if id_ not in rows.first_row]
    others = [id_ for id_ in rows.first_row if id_ != own]
    near = [f'"{match}"' for id_ in lost for match in get_close_matches(id_, others, n=2, cutoff=0.8)]
    return f"Did you mean {' or '.join(near)}?" if near else "Name an id of this ledger, or leave it empty"


def circle(rows: Rows, line: int, column: str) -> str:
    """The circle, to be broken."""
    id_ = rows.text.at[line, "id"]
    return f"Break the circle {' > '.join([id_, *lineage.ancestors(rows.links(column), id_)])}; the earliest claim names none"


def bounds(rows: Rows, line: int, column: str) -> str:
    """The bounds that the value lies outside of."""
    cells = rows.text.loc[line, ["low", "high"]]
    return "Correct it, or " + " and ".join(f"{name} {cell}" for name, cell in cells.items() if cell)


def needs(rows: Rows, line: int, column: str) -> str:
    """The numbers that the row's qualifier needs."""
    word = rows.text.at[line, "qualifier"]
    needs = schema.QUALIFIERS.get(word)
    if needs is None:
        return "Give a value, or low and high"
    return f'"{word}" needs {" and ".join(needs.every) or " or ".join(needs.either)}; give it, or choose another qualifier'


def one_name(rows: Rows, line: int, column: str) -> str:
    """The other spelling, and how to join the two."""
    name = rows.text.at[line, column]
    other = rows.similar(column)[name]
    in_python = f" (in Python: ledger.rename_sources({{{name!r}: {other!r}}}))" if column == "source" else ""
    apart = "two forces with curves of their own" if column == "force" else "two sources, each with a bias of its own"
    return f'It looks like "{other}"; if they are one, write that in every row{in_python}. Left so, they are {apart}'
