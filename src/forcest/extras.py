"""Libraries that only some jobs need: which extra of forcest installs each, and the one message where it is missing."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from forcest.errors import ForcestError

EXTRAS = {
    "markdown_it": "draft",
    "nutpie": "nutpie",
    "openpyxl": "excel",
    "pooch": "fetch",
    "pyarrow": "parquet",
    "pypdf": "draft",
    "spacy": "draft",
    "trafilatura": "draft",
}
"""The extra that installs each library, by the name under which it is imported."""
PACKAGES = {"markdown_it": "markdown-it-py", "spacy": "spaCy"}
"""Libraries that people know by another name than the one they import."""


def needed(module: str, what: str) -> ModuleType:
    """Import an optional library, or a module of it.

    Parameters
    ----------
    module : str
        A key of ``EXTRAS``, or a module inside it, such as ``"pyarrow.parquet"``.
    what : str
        What needs it: the subject of the message.

    Returns
    -------
    module

    Raises
    ------
    ForcestError
        If it cannot be imported; the message names the extra that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        library = module.partition(".")[0]
        is_missing = isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == library
        fault = "is not installed" if is_missing else f"cannot be imported ({error})"
        raise ForcestError(
            f'{what} needs {PACKAGES.get(library, library)}, which {fault}. Install it: pip install "forcest[{EXTRAS[library]}]"'
        ) from error


def is_importable(module: str) -> bool:
    """Whether a library can be imported here; imports it."""
    try:
        import_module(module)
    except ImportError:
        return False
    return True
