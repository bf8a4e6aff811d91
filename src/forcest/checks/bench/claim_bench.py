# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportReturnType=false
# pandas types a subset of what it accepts.
"""Run the bench: every war as of every vintage by the model and the baselines, stored as it is finished, then scored."""

from __future__ import annotations

import hashlib
import inspect
import marshal
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import forcest
from forcest.checks.bench.baselines import BASELINES
from forcest.checks.bench.estimates import Estimate, Model, default_fit, quick_fit
from forcest.checks.bench.result import ClaimBench
from forcest.checks.bench.scores import LEVELS, SCORES, scores_of
from forcest.checks.bench.wars import ALL, War
from forcest.checks.running import Failed, outcomes
from forcest.checks.storage import Folder
from forcest.datasets import names
from forcest.datasets.outcomes import NO_BATTLE_LOSSES
from forcest.errors import ForcestError

OWN = "forcest"
MANIFEST: dict[str, object] = {"holds": "answers of a claim bench", "forcest": "as the name of each answer says"}
VINTAGES = ("1/3", "2/3", ALL)
OF_ANSWERS = (
    "ledger",
    "models",
    "inference",
    "sampling",
    "checks/baselines.py",
    "checks/bench/baselines.py",
    "checks/bench/estimates.py",
)
"""Sources of forcest on which a stored answer depends; how it is scored may change without a new fit."""
LEAST_SHOWN = 0.5
"""A median that is rounded to nobody shows no losses."""


@dataclass(frozen=True)
class Task:
    """One model, asked about one war as of one vintage."""

    war: War
    vintage: str
    label: str
    model: Model
    random_seed: int

    @property
    def where(self) -> dict[str, str]:
        """What names the task in tables."""
        named = {"war": self.war.name, "vintage": self.vintage, "known_by": self.war.date_of(self.vintage)}
        return named | {"model": self.label}

    @property
    def name(self) -> str:
        """The task in words."""
        return "{war}, {vintage} (known by {known_by}), {model}".format(**self.where)

    @property
    def file(self) -> str:
        """Name of its stored answer, which changes with everything that the answer depends on."""
        ledger, questions = self.war.known(self.vintage).hash, self.war.questions.to_csv(index=False)
        parts = [ledger, questions, _description(self.model), str(self.random_seed), forcest.__version__, _sources()]
        key = hashlib.sha256("\x1e".join(parts).encode()).hexdigest()[:16]
        words = (self.war.name, self.where["known_by"], self.label, f"seed{self.random_seed}", key)
        return f"{'-'.join(re.sub(r'[^A-Za-z0-9_]+', '_', word) for word in words)}.npz"

    def run(self) -> bytes:
        """The answer."""
        return Estimate.by(self.model, self.war.known(self.vintage), self.war.questions, self.random_seed).to_bytes()


def claim_bench(
    model: Model | None = None,
    *,
    wars: Sequence[str] | None = None,
    known_by: Sequence[str] = VINTAGES,
    random_seed: int = 1,
    quick: bool = False,
    folder: str | os.PathLike[str] | None = None,
    client: Any = None,
    callback: Callable[[str], object] | None = None,
) -> ClaimBench:
    """Fit ledgers of past wars, and score the estimates against what was established later.

    Parameters
    ----------
    model : callable, optional
        ``model(ledger, questions, random_seed)`` returns a fit, or draws (draw, question) [persons] with NaN throughout the column
        of a quantity that it does not estimate. ``questions`` has one row each: `war, force, measure, date`. Unless given, the
        default model of each ledger, fitted as ``forcest estimate`` does. A function that reads files or closes over values states
        them in an attribute ``description``, so that its stored answers change with them.
    wars : sequence of str, optional
        Names of shipped wars, or paths of ledgers (NAME.csv, with NAME.outcomes.csv beside it); all shipped ones unless given.
    known_by : sequence of str
        Vintages of each ledger: dates of publication; shares such as "1/3", for the day by which that share of its claims had been
        published; "all" for the ledger as it stands.
    random_seed : int
    quick : bool
        Coarse and short fits of the default model, to try things out.
    folder : path, optional
        Where every answer is stored at once. The same call fits nothing again; what has changed (ledger, model, seed, the sources
        of forcest) is fitted anew beside it.
    client : distributed.Client, optional
        Makes the fits on a dask cluster, each on one core, with the same result; unless given, they are made here.
    callback : callable, optional
        Gets the name of each war, vintage and model that has an answer, not those that were stored.

    Returns
    -------
    ClaimBench
        Print it, or read ``rows``, ``summary``, ``coverage``, ``gains`` and ``failed``. :func:`forcest.report` writes it as a page.

    Raises
    ------
    ForcestError
        If a war or a vintage is unknown, ``quick`` is asked of a given model, or no model gave an answer.

    Examples
    --------
    >>> found = fc.claim_bench(wars=["kosovo_1999"], known_by=["all"], quick=True, folder="bench")
    >>> print(found)
    All claims: inside the 90 % interval killed ... of 1, together ... of 1; ...

    A model of your own beside the baselines:

    >>> import numpy as np
    >>> def guess(ledger, questions, random_seed):
    ...     rng = np.random.default_rng(random_seed)
    ...     return np.exp(rng.normal(7, 1, size=(1000, len(questions))))
    >>> fc.claim_bench(guess, wars=["kosovo_1999"], known_by=["all"]).model
    'guess'
    """
    if quick and model is not None:
        raise ForcestError("`quick` is for the default model. Pass quick=True to fc.fit inside your own.")
    if not known_by or isinstance(known_by, str):
        raise ForcestError(f'`known_by` must list dates, shares such as "1/3", or "all"; got {known_by!r}.')
    if model is not None and not inspect.isfunction(model):
        raise ForcestError(
            f"`model` must be a function, whose name and source its answers are stored by; got {model!r}. Write a def."
        )
    own = OWN if model is None else model.__name__
    if own in BASELINES:
        raise ForcestError(f"the model must not have the name of a baseline; got {own!r}. Give the function another name.")
    models = {own: model or (quick_fit if quick else default_fit), **BASELINES}
    chosen = [War.named(name) for name in (names(with_outcomes=True) if wars is None else wars)]
    tasks = [Task(war, v, name, m, random_seed) for war in chosen for v in known_by for name, m in models.items()]
    _ = [task.where for task in tasks]  # refuses a wrong vintage before anything slow
    answers = dict(outcomes(tasks, Folder(folder, MANIFEST), client=client, callback=callback))
    return _scored(tasks, [answers[i] for i in range(len(tasks))], own)


def _scored(tasks: list[Task], answers: list[bytes | Failed], own: str) -> ClaimBench:
    rows, without_battle, failed = [], [], []
    for task, content in zip(tasks, answers, strict=True):
        if isinstance(content, Failed):
            failed.append(task.where | {"error": content.reason})
            continue
        answer, marks = Estimate.from_bytes(content), task.where | {"baseline": task.label != own}
        for i, target in enumerate(task.war.targets.to_dict("records")):
            draws = answer.draws[:, i]
            if target.pop("rule") == NO_BATTLE_LOSSES:
                without_battle.append(_shown(target, draws) | marks)
            else:
                more = {"days_off": int(answer.days_off[i]), "converged": answer.converged, "quick": answer.quick}
                rows.append(target | marks | _scores(target, draws) | more | {"seed": task.random_seed})
    if not rows:
        why = f"the first failed with {failed[0]['error']}" if failed else "no outcome of these wars is scored"
        raise ForcestError(f"nothing can be scored: {why}. Check the model, and name a war with scored outcomes.")
    return ClaimBench(pd.DataFrame(rows), _table(without_battle, WITHOUT_BATTLE), _table(failed, FAILED), own)


WITHOUT_BATTLE = ("war", "force", "measure", "date", "vintage", "known_by", "model", "baseline", "median", "shown")
FAILED = ("war", "vintage", "known_by", "model", "error")


def _table(rows: list[dict], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _scores(target: dict, draws: np.ndarray) -> dict[str, float | bool]:
    """Scores of one outcome; a quantity that is not estimated has none and is nowhere inside."""
    if np.isnan(draws).any():
        nothing = dict.fromkeys(SCORES, float("nan")) | dict.fromkeys((*LEVELS, "overlaps"), False)
        return {"estimated": False, **nothing}
    return {"estimated": True, **scores_of(draws, target["truth_low"], target["truth_high"])}


def _shown(target: dict, draws: np.ndarray) -> dict[str, object]:
    """Losses in battle that a model shows for a force that did not fight."""
    median = float(np.median(draws))  # NaN where it shows none
    return {name: target[name] for name in WITHOUT_BATTLE[:4]} | {"median": median, "shown": median >= LEAST_SHOWN}


def _description(model: Model) -> str:
    """What a model is: its name, the sources of its module, and what it states in an attribute ``description``."""
    file = inspect.getsourcefile(model)
    if str(model.__module__).startswith("forcest."):
        source = ""  # among the sources of forcest
    elif file is not None and Path(file).is_file():
        source = Path(file).read_text(encoding="utf-8")
    else:  # typed into a console
        source = marshal.dumps(model.__code__).hex()
    return f"{model.__module__}.{model.__qualname__} {getattr(model, 'description', '')} {source}"


@cache
def _sources() -> str:
    """A hash of the sources of forcest that a fit depends on."""
    root, found = files("forcest"), hashlib.sha256()
    for place in OF_ANSWERS:
        path = Path(str(root / place))
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(f"{file.relative_to(str(root))}\x1e".encode() + file.read_bytes())
    return found.hexdigest()
