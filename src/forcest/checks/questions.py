"""Questions that could be put to a source, as rows of a ledger whose number is not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
import xarray as xr

from forcest.errors import ForcestError
from forcest.estimates.anchors import headline_measures
from forcest.estimates.draws import group
from forcest.inference.opened import OpenedFit
from forcest.ledger import read_ledger, schema
from forcest.ledger.measures import MEASURES
from forcest.models.reporting.origins import Claim, merge_origins, roots_of

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.density.bound import BoundModel

ASKED = ("source", "stance", "measure", "as_of")
"""Columns that a question must have."""
MAY_STATE = ("force", "scope", "wave", "qualifier", "definition")
"""Columns that it may have."""
DEFINITION = "killed+wounded"
"""What casualties count where a question does not say: an answer that leaves it open is worth less."""
PLACEHOLDER = 100
NEW = {
    "own": "a new source of its own side",
    "enemy": "a new source of the enemy",
    "own_ally": "a new ally of its side",
    "enemy_ally": "a new ally of the enemy",
    "third_party": "a new third party",
    "record": "a new record",
    "name_list": "a new list of names",
}
"""What a source that is not in the ledger is called, by stance."""


def usual_questions(fit: xr.DataTree, day: np.datetime64, force: str) -> pd.DataFrame:
    """Every headline measure of a force on a day, asked of every source of the fit and of a new one of each stance.

    Parameters
    ----------
    fit : DataTree
    day : datetime64
    force : str

    Returns
    -------
    DataFrame
        `source, stance, measure, as_of, force`, one row per question.
    """
    data, posterior = group(fit, "constant_data"), group(fit, "posterior")
    known = pd.DataFrame({name: data[name].values.astype(str) for name in ("source", "stance")})
    sources = known.drop_duplicates().sort_values(["stance", "source"])
    asked = [*sources.itertuples(index=False, name=None), *((name, stance) for stance, name in NEW.items())]
    own = posterior.sel(force=force)
    measures = [name for name in headline_measures(own) if np.isfinite(own[name].isel(chain=0, draw=0)).all()]
    rows = [(*who, measure, str(day), force) for who in asked for measure in measures]
    return pd.DataFrame(rows, columns=[*ASKED, "force"])


def as_claims(fit: xr.DataTree, questions: pd.DataFrame) -> list[Claim]:
    """Questions as claims whose number is a placeholder.

    Raises
    ------
    LedgerError
        All questions that could not be rows of a ledger.
    ForcestError
        A missing or unknown column, or questions that the model of the fit does not cover.
    """
    columns = [str(name) for name in questions.columns]
    lacking = [name for name in ASKED if name not in columns]
    unknown = [name for name in columns if name not in (*ASKED, *MAY_STATE)]
    if lacking or unknown or questions.empty:
        raise ForcestError(
            f"`questions` must be a table with the columns {', '.join(ASKED)}, and may have {', '.join(MAY_STATE)}; "
            f"{_what_is_wrong(lacking, unknown)}."
        )
    ledger = _as_ledger(fit, questions)
    claims, _ = merge_origins(ledger.usable(), roots_of(ledger))
    bound = cast("BoundModel", OpenedFit.of(fit).bound)
    if problems := [problem for claim in claims for problem in bound.uncovered(claim)]:
        raise ForcestError(f"the model of the fit must cover every question. {' '.join(problems)}")
    return claims


def _what_is_wrong(lacking: Sequence[str], unknown: Sequence[str]) -> str:
    found = [f"it lacks {', '.join(lacking)}"] if lacking else []
    found += [f"it has {', '.join(unknown)} too"] if unknown else []
    return " and ".join(found) or "it has no rows"


def _as_ledger(fit: xr.DataTree, questions: pd.DataFrame) -> Ledger:
    text = questions.astype("str")
    forces = [str(force) for force in group(fit, "posterior")["force"].values]
    defaults = {
        "id": [f"question-{number}" for number in range(1, len(text) + 1)],
        "published": text["as_of"],
        "force": forces[0] if len(forces) == 1 else "",
        "scope": ["stock" if name in MEASURES and not MEASURES[name].grows else "cumulative" for name in text["measure"]],
        "qualifier": "about",
        "value": str(PLACEHOLDER),
        "definition": [DEFINITION if name == "casualties" else "" for name in text["measure"]],
    }
    rows = text.assign(**{name: value for name, value in defaults.items() if name not in text})
    return read_ledger(rows.reindex(columns=list(schema.NAMES), fill_value=""))
