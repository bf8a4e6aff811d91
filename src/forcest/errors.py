"""Errors and warnings of forcest, and the message about a renamed method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["ForcestError", "LedgerError", "ModelError", "NotATableError", "NotConvergedWarning", "SamplingError"]


class ForcestError(Exception):
    """Base of all errors that forcest raises; the message names the rule that was violated and the remedy.

    Examples
    --------
    >>> try:
    ...     fc.datasets.load("kursk")
    ... except fc.errors.ForcestError as error:
    ...     print(error.exit_code)
    2
    """

    exit_code = 2
    """Exit code of the command line."""


class NotATableError(ForcestError):
    """A source cannot be read as a table: wrong encoding or delimiter, damaged, or empty.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("empty.csv").write_text("")
    >>> try:
    ...     fc.read_ledger("empty.csv")
    ... except fc.errors.NotATableError as error:
    ...     print(error)
    "empty.csv" must contain a header and rows; it is empty (0 bytes). Save or download it again.
    """


class LedgerError(ForcestError):
    """A ledger has errors, or no usable rows.

    Parameters
    ----------
    message : str
    problems : sequence of forcest.ledger.problems.Problem
        All errors, each with row, id, column, rule, value and remedy.

    Examples
    --------
    >>> import pandas as pd
    >>> claims = fc.read_ledger(pd.DataFrame({"id": ["a1"], "measure": ["kiled"]}))
    >>> try:
    ...     claims.usable()
    ... except fc.errors.LedgerError as error:
    ...     print(next(problem.remedy for problem in error.problems if problem.value == "kiled"))
    Did you mean "killed"? Allowed: deployed, in_training, ...
    """

    exit_code = 1

    def __init__(self, message: str, problems: Sequence[object] = ()):
        super().__init__(message)
        self.problems = tuple(problems)


class ModelError(ForcestError):
    """A model description is invalid, or cannot be used with the ledger.

    Examples
    --------
    >>> try:
    ...     fc.Delay(mean=21)
    ... except fc.errors.ModelError as error:
    ...     print(error)
    Delay cannot be built. mean: a prior must be an interval; got the number 21. Use between(low, high).
    """


class SamplingError(ForcestError):
    """Sampling could not start or had to stop because the log density is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> try:
    ...     fc.sampling.sample(lambda x: (np.full(len(x), np.nan), x), np.zeros((32, 2)), random_seed=1)
    ... except fc.errors.SamplingError as error:
    ...     print(error)
    No usable starting point for 8 of 8 chains after 10 re-draws: the log density was nan ...
    """


class NotConvergedWarning(UserWarning):
    """A fit did not converge; its numbers must not be used.

    Examples
    --------
    >>> import warnings
    >>> few = ledger.filter(source=["HUR", "NIS"])
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", fc.errors.NotConvergedWarning)  # stop the script if the fit has not converged
    ...     result = fc.fit(model.with_step("W"), few, random_seed=1, quick=True)
    """


class RenamedMethods:
    """Base of classes with renamed methods: a method called by its old name raises an error that gives the new one."""

    _renamed: ClassVar[Mapping[str, str]] = {}
    """New names by old name."""

    if not TYPE_CHECKING:  # to a type checker, a class with __getattr__ has every attribute

        def __getattr__(self, name: str) -> Any:
            """Called for names that are not found."""
            if name in self._renamed:
                new = self._renamed[name]
                raise AttributeError(f"{type(self).__name__}.{name} is now called {new}. Write {new}(...) in place of {name}(...).")
            # In the end __getattribute__, which raises the usual error, or that of a property which failed.
            return getattr(super(), "__getattr__", super().__getattribute__)(name)


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
