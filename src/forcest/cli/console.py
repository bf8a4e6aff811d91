"""What the command prints: tables, texts, and one message with an exit code for whatever goes wrong."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from forcest.errors import ForcestError, NotConvergedWarning


def print_table(table: Table) -> None:
    """A table, as wide as the terminal."""
    Console().print(table)


def print_text(text: str, *, error: bool = False) -> None:
    """A text without markup or line breaks of our own: the terminal wraps it, a file keeps it on one line."""
    Console(stderr=error).print(Text(text), soft_wrap=True)


def count_of(count: int, what: str) -> str:
    """A count with its noun."""
    return f"{count} {what}{'' if count == 1 else 's'}"


@contextmanager
def errors_as_messages() -> Iterator[None]:
    """Turn an exception into one message and an exit code; FORCEST_DEBUG=1 keeps the traceback."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt as stop:
        by = f" by {stop}" if str(stop) else ""
        print_text(f"Interrupted{by}; no output was completed.", error=True)
        raise typer.Exit(130) from None
    except Exception as problem:  # users get a message instead of a traceback
        if os.environ.get("FORCEST_DEBUG"):
            raise
        print_text(f"Error: {_explained(problem)}", error=True)
        raise typer.Exit(problem.exit_code if isinstance(problem, ForcestError) else 2) from None


def signals_as_interrupts() -> None:
    """Have the signals that end a process on a server tidied up after like Ctrl-C; one that is ignored (nohup) stays ignored."""

    def interrupt(number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt(signal.Signals(number).name)

    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, interrupt)


def _explained(problem: Exception) -> str:
    if isinstance(problem, ForcestError):
        return str(problem)
    if isinstance(problem, OSError):
        return f"{problem}. Check the path, the permissions and the free space."
    return (
        f"{type(problem).__name__}: {problem}. This is a bug in forcest, not a fault of your data; "
        "please report it. FORCEST_DEBUG=1 shows where it happened."
    )


@contextmanager
def warnings_as_messages() -> Iterator[None]:
    """Print each warning meant for users once, without file names; convergence is left to the verdict."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    by_text = {str(w.message): w for w in caught if issubclass(w.category, UserWarning)}
    for text, warning in by_text.items():
        if not issubclass(warning.category, (NotConvergedWarning, DeprecationWarning)):
            print_text(f"Warning: {text}", error=True)


def _tell_tenths(done: int, total: int) -> None:
    """A line after every tenth."""
    if 10 * done // total > 10 * (done - 1) // total:
        print_text(f"{done} of {total}", error=True)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Progress as a function of how many are done and how many there are: a bar on a terminal, elsewhere a line every tenth."""
    if not sys.stderr.isatty():
        print_text(f"Working on {what}.", error=True)
        yield _tell_tenths
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
