"""The error family: what went wrong is data for the caller, not only text."""

from __future__ import annotations

from collections.abc import Sequence


class ForcestError(Exception):
    """Base of all errors that forcest raises on purpose; the message names the rule and the remedy."""

    exit_code = 2


class NotATableError(ForcestError):
    """The file cannot be read as a table: encoding, delimiter, no content."""


class LedgerError(ForcestError):
    """The ledger was read but its rows have problems; all of them are named at once."""

    exit_code = 1

    def __init__(self, message: str, problems: Sequence[object] = ()):
        super().__init__(message)
        self.problems = tuple(problems)


class ModelError(ForcestError):
    """A model description contradicts itself or the ledger."""


class SamplingError(ForcestError):
    """Sampling could not start or had to stop: the density is not finite where it must be."""


class NotConvergedWarning(UserWarning):
    """A fit did not converge; its numbers must not be used."""
