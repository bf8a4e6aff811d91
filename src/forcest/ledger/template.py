"""A template for a new ledger: all columns, and example rows that are excluded from fits until they are replaced."""

from __future__ import annotations

import csv
import io

from forcest.ledger.schema import COLUMNS, COVERAGES, MEASURES, NAMES, QUALIFIERS, SCOPES, STANCES

EXAMPLE = "example: replace this row with a claim of your own, and clear this cell"
_SOURCES = ("Enemy ministry", "Own general staff", "A newspaper")
EXAMPLES: tuple[dict[str, str], ...] = (
    {"as_of": "2025-01-10", "measure": "deployed", "scope": "cumulative", "value": "5000", "qualifier": "about",
     "source": _SOURCES[0], "stance": "enemy", "note": "A total up to a date, stated as a round number."},
    {"as_of": "2025-01-20", "measure": "at_front", "scope": "stock", "low": "3000", "high": "4000", "qualifier": "range",
     "source": _SOURCES[2], "stance": "third_party", "note": "A number at a date, stated as a range: low and high, no value."},
    {"as_of": "2025-02-01", "measure": "killed", "scope": "cumulative", "value": "300", "qualifier": "more_than",
     "source": _SOURCES[0], "stance": "enemy", "note": "A lower bound."},
    {"as_of": "2025-02-01", "measure": "killed", "scope": "cumulative", "value": "120", "qualifier": "exact",
     "source": _SOURCES[1], "stance": "own", "note": "The other side's number for the same total."},
    {"as_of": "2025-02-09", "window_start": "2025-02-03", "window_end": "2025-02-09", "measure": "casualties", "scope": "flow",
     "qualifier": "several_hundred", "definition": "killed+wounded", "source": _SOURCES[2], "stance": "third_party",
     "note": "Losses within a week, stated in words; definition lists the kinds that the source counts."},
    {"as_of": "2025-02-10", "measure": "killed", "scope": "cumulative", "value": "300", "qualifier": "more_than",
     "source": _SOURCES[2], "stance": "third_party", "origin": "example3", "note": "A repetition of the claim in origin."},
    {"as_of": "2025-02-12", "measure": "killed", "scope": "cumulative", "value": "40", "qualifier": "about", "coverage": "partial",
     "source": _SOURCES[2], "stance": "third_party", "note": "A count of one unit or place only: a lower bound for the total."},
    {"as_of": "2025-03-01", "measure": "at_front", "scope": "stock", "high": "500", "qualifier": "none_seen",
     "source": _SOURCES[0], "stance": "enemy", "note": "None seen: high is the number that could have gone unnoticed; no value."},
    {"as_of": "2025-03-05", "measure": "deployed", "scope": "stock", "value": "4500", "qualifier": "about",
     "source": _SOURCES[2], "stance": "third_party", "note": "The number there now: those sent, without those lost or gone home."},
    {"as_of": "2025-03-10", "measure": "casualties", "scope": "cumulative", "value": "500", "qualifier": "more_than",
     "definition": "killed+missing", "source": _SOURCES[0], "stance": "enemy",
     "note": "Killed and missing as one number, sometimes called irrecoverable losses."},
)  # fmt: skip


def template() -> str:
    """CSV text of a ledger of example rows, each excluded."""
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES, lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(EXAMPLES, start=1):
        defaults = {"id": f"example{number}", "published": row["as_of"], "force": "The force", "exclude": EXAMPLE}
        writer.writerow(defaults | row)
    return text.getvalue()


def columns_text() -> str:
    """The meaning of every column and its allowed values, as plain text."""
    lines = ["Each row is one count stated by one source. Columns marked * are required.", ""]
    for column in COLUMNS:
        lines.append(f"{column.name}{'*' if column.required else ''}: {column.doc}")
    for name, values in (
        ("measure", {name: measure.doc for name, measure in MEASURES.items()}),
        ("scope", SCOPES),
        ("qualifier", {name: qualifier.doc for name, qualifier in QUALIFIERS.items()}),
        ("stance", STANCES),
        ("coverage", COVERAGES),
    ):
        lines += ["", f"Values of {name}:", *(f"  {value}: {doc}" for value, doc in values.items())]
    return "\n".join(lines) + "\n"
