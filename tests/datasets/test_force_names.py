"""A misspelt name of a force is refused: its people would stand under another name, or be left out."""

import pandas as pd
import pytest

from forcest.datasets.adapting import refuse_unknown_forces
from forcest.errors import ForcestError

ACTORS = pd.Series(["Military of A", "Militia B", ""])


def test_a_name_that_no_row_has_is_refused_with_the_nearest():
    with pytest.raises(ForcestError, match=r"got 'Militia C' \(did you mean 'Militia B'\?\). Correct or drop them"):
        refuse_unknown_forces({"Militia C": "C", "Military of A": "A"}, ACTORS)


def test_names_of_either_side_are_accepted():
    refuse_unknown_forces({"Militia B": "B"}, ACTORS.iloc[:1], ACTORS.iloc[1:])
    refuse_unknown_forces(None, ACTORS)
