"""A small ledger without problems, and a way to introduce some."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest

from forcest.ledger import Ledger, read_ledger, schema

CLEAN = """\
id,published,as_of,measure,scope,value,low,high,qualifier,source
a1,2025-01-10,2025-01-09,killed,cumulative,300,,,about,NIS
a2,2025-01-20,2025-01-19,at_front,stock,8000,,,exact,HUR
a3,2025-01-30,2025-01-29,casualties,flow,,200,900,range,BBC
a4,2025-02-10,2025-02-09,equivalence,stock,2.5,,,about,ISW
a5,2025-02-20,2025-03-31,planned,flow,2000,,,up_to,NIS
"""


@pytest.fixture
def clean() -> pd.DataFrame:
    """Five clean claims as text; the fifth is an announcement."""
    claims = pd.read_csv(StringIO(CLEAN), dtype="str", keep_default_na=False)
    return claims.reindex(columns=list(schema.NAMES), fill_value="").assign(force="KPA", stance="third_party").astype("str")


@pytest.fixture
def spoiled(clean):
    """The clean ledger with some cells replaced: ``spoiled({0: {"value": "-3"}})``."""

    def read(errors: dict[int, dict[str, str]], **options) -> Ledger:
        for i, cells in errors.items():
            for column, cell in cells.items():
                clean.loc[i, column] = cell
        return read_ledger(clean, **options)

    return read
