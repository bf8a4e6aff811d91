"""A ledger to begin with: every column, and example rows that are left out of every fit until somebody replaces them."""

from __future__ import annotations

import csv
import io

from forcest.ledger.schema import COLUMNS, COVERAGES, MEASURES, NAMES, QUALIFIERS, SCOPES, STANCES

EXAMPLE = "an example: replace this row with a claim of your own, and empty this cell"
_SOURCES = ("Enemy's ministry", "Own general staff", "A newspaper")
EXAMPLES: tuple[dict[str, str], ...] = (
    {"as_of": "2025-01-10", "measure": "deployed", "scope": "cumulative", "value": "5000", "qualifier": "about",
     "source": _SOURCES[0], "stance": "enemy", "note": "A total up to a date, said as a round number."},
    {"as_of": "2025-01-20", "measure": "at_front", "scope": "stock", "low": "3000", "high": "4000", "qualifier": "range",
     "source": _SOURCES[2], "stance": "third_party", "note": "A number at a date, said as a range: low and high, no value."},
    {"as_of": "2025-02-01", "measure": "killed", "scope": "cumulative", "value": "300", "qualifier": "more_than",
     "source": _SOURCES[0], "stance": "enemy", "note": "A lower bound."},
    {"as_of": "2025-02-01", "measure": "killed", "scope": "cumulative", "value": "120", "qualifier": "exact",
     "source": _SOURCES[1], "stance": "own", "note": "The same question, answered by the other side."},
    {"as_of": "2025-02-09", "window_start": "2025-02-03", "window_end": "2025-02-09", "measure": "casualties", "scope": "flow",
     "qualifier": "several_hundred", "definition": "killed+wounded", "source": _SOURCES[2], "stance": "third_party",
     "note": "What happened within a week, in words; definition says what the source counts."},
    {"as_of": "2025-02-10", "measure": "killed", "scope": "cumulative", "value": "300", "qualifier": "more_than",
     "source": _SOURCES[2], "stance": "third_party", "origin": "example3", "note": "A paper that repeats another claim: origin."},
    {"as_of": "2025-02-12", "measure": "killed", "scope": "cumulative", "value": "40", "qualifier": "about", "coverage": "partial",
     "source": _SOURCES[2], "stance": "third_party", "note": "A count of one unit or place only: it bounds the total from below."},
    {"as_of": "2025-03-01", "measure": "at_front", "scope": "stock", "high": "500", "qualifier": "none_seen",
     "source": _SOURCES[0], "stance": "enemy", "note": "None seen, with what could have stayed unseen in high; no value."},
)  # fmt: skip


def template() -> str:
    """CSV text of a ledger with example rows, each with a reason not to be fitted."""
    text = io.StringIO()
    writer = csv.DictWriter(text, NAMES, lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(EXAMPLES, start=1):
        usual = {"id": f"example{number}", "published": row["as_of"], "force": "The force", "exclude": EXAMPLE}
        writer.writerow(usual | row)
    return text.getvalue()


def columns_text() -> str:
    """What every column means, and the words that it may hold, as plain text."""
    lines = ["One row is one count stated by one source. Columns marked * are required.", ""]
    for column in COLUMNS:
        lines.append(f"{column.name}{'*' if column.required else ''}: {column.doc}")
    for title, words in (
        ("measure", {name: measure.doc for name, measure in MEASURES.items()}),
        ("scope", SCOPES),
        ("qualifier", {name: qualifier.doc for name, qualifier in QUALIFIERS.items()}),
        ("stance", STANCES),
        ("coverage", COVERAGES),
    ):
        lines += ["", f"Words of {title}:", *(f"  {word}: {doc}" for word, doc in words.items())]
    return "\n".join(lines) + "\n"
