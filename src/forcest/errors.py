"""The error family: what went wrong is data for the caller, not only text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

__all__ = ["ForcestError", "LedgerError", "ModelError", "NotATableError", "NotConvergedWarning", "SamplingError"]


class ForcestError(Exception):
    """Base of all errors that forcest raises on purpose; the message names the rule and the remedy.

    Examples
    --------
    >>> try:
    ...     fc.datasets.load("kursk")
    ... except fc.errors.ForcestError as error:
    ...     print(error.exit_code)
    2
    """

    exit_code = 2


class NotATableError(ForcestError):
    """The file cannot be read as a table: encoding, delimiter, no content.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("empty.csv").write_text("")
    >>> try:
    ...     fc.read_ledger("empty.csv")
    ... except fc.errors.NotATableError as error:
    ...     print(error)
    "empty.csv" must hold a header and rows; it has zero bytes. Save or download it again.
    """


class LedgerError(ForcestError):
    """The ledger was read but its rows have problems; all of them are named at once.

    Examples
    --------
    >>> import pandas as pd
    >>> claims = fc.read_ledger(pd.DataFrame({"id": ["a1"], "measure": ["kiled"]}))
    >>> try:
    ...     claims.usable()
    ... except fc.errors.LedgerError as error:
    ...     print(next(problem.remedy for problem in error.problems if problem.value == "kiled"))
    Did you mean "killed"? Known: deployed, in_training, ...
    """

    exit_code = 1

    def __init__(self, message: str, problems: Sequence[object] = ()):
        super().__init__(message)
        self.problems = tuple(problems)


class ModelError(ForcestError):
    """A model description contradicts itself or the ledger.

    Examples
    --------
    >>> try:
    ...     fc.Delay(mean=21)
    ... except fc.errors.ModelError as error:
    ...     print(error)
    Delay cannot be built. mean: a prior must be an interval; got the number 21. Use between(low, high).
    """


class SamplingError(ForcestError):
    """Sampling could not start or had to stop: the density is not finite where it must be.

    Examples
    --------
    >>> import numpy as np
    >>> try:
    ...     fc.sampling.sample(lambda x: (np.full(len(x), np.nan), x), np.zeros((32, 2)), seed=1)
    ... except fc.errors.SamplingError as error:
    ...     print(error)
    No usable starting point for 8 of 8 chains after 10 re-draws: the log density was nan ...
    """


class NotConvergedWarning(UserWarning):
    """A fit did not converge; its numbers must not be used.

    Examples
    --------
    >>> import warnings
    >>> few = ledger.where(source=["HUR", "NIS"])
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", fc.errors.NotConvergedWarning)  # a script that must stop there
    ...     look = fc.fit(model.with_step("W"), few, random_seed=1, quick=True)
    """


def removed[**P, R](**instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a function that refuses a keyword it no longer has, and says what took its place.

    Parameters
    ----------
    **instead : str
        For each such keyword the end of the sentence that begins with its name.

    Returns
    -------
    callable
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for name in instead.keys() & kwargs.keys():
                raise TypeError(f"{function.__name__}() has no argument `{name}`: it {instead[name]}.")
            return function(*args, **kwargs)

        return checked

    return decorate
