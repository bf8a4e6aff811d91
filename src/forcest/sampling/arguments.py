"""Errors for calls of `sample` with arguments by position or under a former name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from forcest.errors import SamplingError

P = ParamSpec("P")
R = TypeVar("R")


def refuses_old_calls(**renamed: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator of a function: a former name of an argument, or one too many by position, is an error that says what to write.

    Parameters
    ----------
    **renamed : str
        Former name and new name of each renamed argument.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        name = function.__name__
        by_position = [p.name for p in signature(function).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if len(args) > len(by_position):
                raise SamplingError(
                    f"{name} takes only {' and '.join(by_position)} by position; got {len(args)} arguments. "
                    "Name the others, for example draws=1000 or chains=32."
                )
            for old in kwargs.keys() & renamed:
                raise SamplingError(f"{name} has no argument {old!r}; it is called {renamed[old]!r}.")
            return function(*args, **kwargs)

        return checked

    return decorate
