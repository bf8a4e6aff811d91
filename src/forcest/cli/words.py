"""What the command says: tables and paragraphs, and one paragraph for whatever goes wrong."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from forcest.errors import ForcestError, NotConvergedWarning


def terminal() -> Console:
    """The terminal, or the file that stands for it."""
    return Console()


def tell(text: str, *, error: bool = False) -> None:
    """One paragraph, never cut or wrapped by us: the terminal wraps it, a file keeps it whole."""
    Console(stderr=error).print(Text(text), soft_wrap=True)


def counted(count: int, what: str) -> str:
    """A count with its noun."""
    return f"{count} {what}{'' if count == 1 else 's'}"


@contextmanager
def one_paragraph() -> Iterator[None]:
    """Turn whatever goes wrong into one paragraph and an exit code; FORCEST_DEBUG=1 keeps the traceback."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        tell("Interrupted; no file was written.", error=True)
        raise typer.Exit(130) from None
    except Exception as problem:  # the last stop before the user: a traceback helps nobody there
        if os.environ.get("FORCEST_DEBUG"):
            raise
        tell(f"Error: {_explained(problem)}", error=True)
        raise typer.Exit(problem.exit_code if isinstance(problem, ForcestError) else 2) from None


def _explained(problem: Exception) -> str:
    if isinstance(problem, ForcestError):
        return str(problem)
    if isinstance(problem, OSError):
        return f"{problem}. Check the path, the permissions and the free space."
    return (
        f"{type(problem).__name__}: {problem}. This is a fault of forcest, not of your data; "
        "please report it. FORCEST_DEBUG=1 shows where it happened."
    )


@contextmanager
def warnings_as_paragraphs() -> Iterator[None]:
    """Say each warning meant for users once, without file names; the verdict speaks of convergence itself."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    said = {str(w.message): w for w in caught if issubclass(w.category, UserWarning)}
    for text, warning in said.items():
        if not issubclass(warning.category, (NotConvergedWarning, DeprecationWarning)):
            tell(f"Warning: {text}", error=True)
