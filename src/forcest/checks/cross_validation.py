"""Claims predicted from the others: one source, origin, briefing or group of them after the other is left out."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from forcest.checks.score import score
from forcest.checks.storage import Folder
from forcest.checks.tables import as_table, as_text, briefing
from forcest.errors import ForcestError, NotConvergedWarning
from forcest.inference import fit as fit_model

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.losses import LossModel

GROUPS = ("source", "briefing", "origin")


def cross_validate(
    model: ForceModel | LossModel,
    ledger: Ledger,
    by: Literal["source", "briefing", "origin"] = "source",
    folds: int | None = None,
    *,
    random_seed: int = 1,
    folder: str | os.PathLike[str] | None = None,
    progress: Callable[[str], object] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Leave out groups of claims in turn, fit the others, and score what was left out.

    A claim is left out together with all that repeats it, whoever does, so that no copy of it stays in the fit.

    Parameters
    ----------
    model : ForceModel or LossModel
    ledger : Ledger
    by : {"source", "briefing", "origin"}
        Claims that stay together: those of one source; of one source on one day of publication; one claim and what goes back to it.
    folds : int, optional
        Deal the groups at random into so many folds of about the same number of claims; unless given, every group is a fold.
    random_seed : int
        Of the fits and of the dealing.
    folder : path, optional
        Where the scores of each fold are stored at once; the same call goes on where it was killed.
    progress : callable, optional
        Gets the name of each fold when it is begun.
    **options : Any
        Options of :func:`forcest.fit`.

    Returns
    -------
    DataFrame
        The columns of :func:`forcest.score`, with `fold`, `briefing` and `converged` (of the fold's fit), one row per claim left
        out. ``attrs["refused"]`` lists claims that could not be scored, ``{id, fold, reason}``. Two models are compared claim by
        claim; the standard error of the mean difference is clustered by briefing or fold.

    Raises
    ------
    ForcestError
        If there are fewer than two folds, or the folder holds another run.

    Examples
    --------
    >>> few = ledger.where(source=["HUR", "NIS"])
    >>> scores = fc.cross_validate(fc.ForceModel.default(few), few, by="source", quick=True)
    >>> sorted(set(scores["fold"]))
    ['HUR', 'NIS']
    """
    counted = ledger.where(id=ledger.usable()["id"])  # a corrected claim does not come back when its correction is left out
    dealt = _folds(counted, by, folds, random_seed)
    settings = {"by": by, "folds": folds, "random_seed": random_seed, "options": options}
    store = Folder(folder, {"ledger": counted.hash, "model": model.model_dump_json(), **settings})
    tables, refused = [], []
    for number, (name, ids) in enumerate(dealt.items()):
        file = f"{number:04}.json"
        if (found := store.read(file)) is None:
            if progress is not None:
                progress(name)
            found = _as_json(_one_fold(model, counted, ids, random_seed=random_seed, **options))
            store.write(file, found)
        scores, lost = _as_scores(found)
        tables.append(scores.assign(fold=name))
        refused += [{"fold": name, **row} for row in lost]
    table = pd.concat(tables, ignore_index=True)
    table["briefing"] = briefing(table)
    table.attrs = {"refused": refused}
    return table


def _folds(ledger: Ledger, by: str, folds: int | None, seed: int) -> dict[str, list[str]]:
    """Ids of the claims of each fold."""
    if by not in GROUPS:
        raise ForcestError(f"`by` must be one of {', '.join(GROUPS)}; got {by!r}.")
    claims = ledger.usable()
    links = ledger.origins()
    root = dict(zip(links["id"], links["root"].str.split("+").str[0], strict=True))
    first = pd.Series([root.get(id_, id_) for id_ in claims["id"]])
    label = {"source": claims["source"], "briefing": briefing(claims), "origin": claims["id"]}[by]
    groups = first.map(dict(zip(claims["id"], label, strict=True))).fillna(first)  # an origin may lie outside the ledger
    members = {str(name): list(part) for name, part in claims["id"].groupby(groups.to_numpy())}
    if len(members) < 2 or (folds is not None and not 2 <= folds <= len(members)):
        raise ForcestError(
            f"there are {len(members)} groups by {by}; give `folds` from 2 to that number, or claims of more groups."
        )
    return members if folds is None else _dealt(members, folds, np.random.default_rng(seed))


def _dealt(groups: dict[str, list[str]], folds: int, rng: np.random.Generator) -> dict[str, list[str]]:
    """Groups in random order, the large ones first, each to the fold that holds least."""
    names = sorted(rng.permutation(list(groups)), key=lambda name: -len(groups[name]))
    dealt: list[list[str]] = [[] for _ in range(folds)]
    for name in names:
        min(dealt, key=len).extend(groups[name])
    return {f"fold {i + 1}": ids for i, ids in enumerate(dealt)}


def _one_fold(model: ForceModel | LossModel, ledger: Ledger, ids: list[str], **options: Any) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotConvergedWarning)  # the column `converged` says it
        found = fit_model(model, ledger.without(id=ids), **options)
    scores = score(found, ledger.where(id=ids))
    return scores.assign(converged=bool(found.attrs["converged"]))


def _as_json(scores: pd.DataFrame) -> bytes:
    return json.dumps({"scores": as_text(scores), "refused": scores.attrs["refused"]}).encode()


def _as_scores(found: bytes) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    content = json.loads(found)
    return as_table(content["scores"]), content["refused"]
