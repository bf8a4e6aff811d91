"""Claims predicted from the others: one source, origin, briefing or group of them after the other is left out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from forcest.attributes import Attributes
from forcest.checks.running import results
from forcest.checks.score import score
from forcest.checks.storage import Folder
from forcest.checks.tables import as_table, as_text, briefing
from forcest.errors import ForcestError, removed
from forcest.inference.rerun import fit_in_full
from forcest.inference.samplers import Sampler, SamplerName, as_dict, sampler_named
from forcest.ledger import lineage

if TYPE_CHECKING:
    from forcest.ledger import Ledger
    from forcest.models.force_model import ForceModel
    from forcest.models.loss_model import LossModel

GROUPS = ("source", "briefing", "origin")


@removed(progress="is called `callback`")
def cross_validate(
    model: ForceModel | LossModel,
    ledger: Ledger,
    by: Literal["source", "briefing", "origin"] = "source",
    folds: int | None = None,
    *,
    sampler: SamplerName | Sampler = "batched",
    random_seed: int = 1,
    quick: bool = False,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> pd.DataFrame:
    """Leave out groups of claims in turn, fit the others, and score what was left out.

    A claim is left out together with all claims that repeat or correct it, by any source, so that the fit does not contain it.

    Parameters
    ----------
    model : ForceModel or LossModel
    ledger : Ledger
    by : {"source", "briefing", "origin"}
        Claims that stay together: those of one source; of one source on one day of publication; one claim and what goes back to it.
    folds : int, optional
        Number of folds of about equally many claims, to which the groups are assigned at random; by default, each group is a fold.
    sampler : {"batched", "nutpie", "pymc"}, Batched, Nutpie or PyMC
    random_seed : int
        Seed of the fits and of the assignment to folds.
    quick : bool
        Coarse and short fits; as for :func:`forcest.fit`.
    folder : path, optional
        Where the scores of each fold are stored at once; the same call resumes an interrupted run.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets the name of each fold that is finished, not of those that were stored.

    Returns
    -------
    DataFrame
        The columns of :func:`forcest.score`, with `fold`, `briefing` and `converged` (of the fold's fit), one row per claim left
        out. ``attrs["refused"]`` lists claims that could not be scored, ``{id, fold, reason}``. Two models are compared claim by
        claim; the standard error of the mean difference is clustered by briefing or fold.

    Raises
    ------
    ForcestError
        If there are fewer than two folds, or the folder holds another run; if fits fail, all of which are named.

    Examples
    --------
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> scores = fc.cross_validate(fc.ForceModel.default(few), few, by="source", quick=True)
    >>> sorted(set(scores["fold"]))
    ['HUR', 'NIS']
    """
    dealt = _folds(ledger, by, folds, random_seed)
    options = {"sampler": sampler_named(sampler, quick=quick), "random_seed": random_seed, "quick": quick}
    settings = {"by": by, "folds": folds, **options, "sampler": as_dict(options["sampler"])}
    store = Folder(folder, {"ledger": ledger.hash, "model": model.model_dump_json(), **settings})
    tasks = [Fold(name, number, ids, model, ledger, options) for number, (name, ids) in enumerate(dealt.items())]
    tables, refused = [], []
    for name, content in zip(dealt, results(tasks, store, client=client, callback=callback), strict=True):
        found = json.loads(content)
        tables.append(as_table(found["scores"]).assign(fold=name))
        refused += [{"fold": name, **row} for row in found["refused"]]
    table = pd.concat(tables, ignore_index=True)
    table["briefing"] = briefing(table)
    table.attrs = {"refused": refused}
    return table


@dataclass(frozen=True)
class Fold:
    """What is left out together, and scored by a fit of the rest.

    Attributes
    ----------
    name : str
    number : int
    ids : list of str
        Rows that are left out.
    model : ForceModel or LossModel
    ledger : Ledger
        All claims.
    options : dict
        Of :func:`forcest.fit`.
    """

    name: str
    number: int
    ids: list[str]
    model: ForceModel | LossModel
    ledger: Ledger
    options: dict[str, Any]

    @property
    def file(self) -> str:
        """Name of the stored result."""
        return f"{self.number:04}.json"

    def run(self) -> bytes:
        """Scores of what is left out."""
        found = fit_in_full(self.model, self.ledger.exclude(id=self.ids), **self.options)
        scores = score(found, self.ledger.filter(id=self.ids))
        table = scores.assign(converged=Attributes.of(found).verdict.converged)
        return json.dumps({"scores": as_text(table), "refused": scores.attrs["refused"]}).encode()


def _folds(ledger: Ledger, by: str, folds: int | None, seed: int) -> dict[str, list[str]]:
    """Ids of the rows of each fold, those with what repeats or corrects them; a family is where its first claim belongs."""
    if by not in GROUPS:
        raise ForcestError(f"`by` must be one of {', '.join(GROUPS)}; got {by!r}.")
    rows, usable = ledger.to_dataframe(), ledger.usable()
    labels = {"source": usable["source"], "briefing": briefing(usable), "origin": usable["id"]}[by]
    family = pd.Series(_families(rows), index=rows["id"])
    first = labels.groupby(usable["id"].map(family).to_numpy()).first()
    group = rows["id"].map(family).map(first)  # missing where nothing of a family is fitted
    members = {str(name): list(part) for name, part in rows["id"].groupby(group)}
    if len(members) < 2 or (folds is not None and not 2 <= folds <= len(members)):
        raise ForcestError(f"there are {len(members)} groups by {by}; give `folds` from 2 up to that, or claims of more groups.")
    return members if folds is None else _dealt(members, folds, np.random.default_rng(seed))


def _families(rows: pd.DataFrame) -> np.ndarray:
    """Number of the family of each row: rows tied by origin or correction, also through others or a claim outside the ledger."""
    named = [lineage.links(rows["id"], rows[column]) for column in ("origin", "supersedes")]
    ties = [(id_, other) for links in named for id_, others in links.items() for other in others]
    names = pd.Index([*rows["id"], *(other for _, other in ties)]).unique()
    ends = [names.get_indexer([tie[end] for tie in ties]) for end in (0, 1)]
    graph = coo_array((np.ones(len(ties)), ends), shape=(len(names), len(names)))
    return connected_components(graph, directed=False)[1][: len(rows)]


def _dealt(groups: dict[str, list[str]], folds: int, rng: np.random.Generator) -> dict[str, list[str]]:
    """Groups in random order, the large ones first, each to the fold that holds least."""
    names = sorted(rng.permutation(list(groups)), key=lambda name: -len(groups[name]))
    dealt: list[list[str]] = [[] for _ in range(folds)]
    for name in names:
        min(dealt, key=len).extend(groups[name])
    return {f"fold {i + 1}": ids for i, ids in enumerate(dealt)}
