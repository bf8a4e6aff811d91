"""Results of long runs in a folder: each is stored at once and whole, so that an interrupted run can be resumed."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from pathlib import Path

import forcest
from forcest.errors import ForcestError
from forcest.writing import contents_of, write_whole

MANIFEST = "manifest.json"
DIGEST = hashlib.sha256().digest_size
"""Bytes at the end of a stored result that verify it."""


class Folder:
    """Named results, in memory or in a folder.

    Parameters
    ----------
    folder : path, optional
    manifest : dict
        What makes results comparable: ledger, model, seed, settings; the version of forcest is added unless it is given. A folder
        with another manifest is refused.

    Attributes
    ----------
    folder : path or None
        None where results are in memory alone.

    Raises
    ------
    ForcestError
        If the folder holds something else.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, manifest: dict[str, object]):
        self._held: dict[str, bytes] = {}
        self.folder = None if folder is None else Path(folder)
        if self.folder is not None:
            self._open(self.folder, json.loads(json.dumps({"forcest": forcest.__version__, **manifest})))

    def _open(self, folder: Path, manifest: dict) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / MANIFEST
        found = [path.name for path in contents_of(folder)]
        before = _manifest_in(file) if file.exists() else None
        if before is None and found in ([], [MANIFEST]):  # empty, or a run that was ended before its first result
            write_whole(file, json.dumps(manifest, indent=1))
        elif before is None and MANIFEST in found:
            raise ForcestError(
                f"{file} must say what the results beside it belong to; it is damaged. Name another folder, or empty this one."
            )
        elif before is None:
            raise ForcestError(f"`folder` must be empty or hold such results; {folder} holds other files. Name another folder.")
        elif changed := [name for name in manifest if before.get(name) != manifest[name]]:
            raise ForcestError(
                f"{folder} holds results of another run: {', '.join(changed)} differ. Name another folder, or run as before."
            )

    def read(self, name: str) -> bytes | None:
        """A result, or None where there is none yet; one that is damaged counts as none, with a warning."""
        if self.folder is None:
            return self._held.get(name)
        file = self.folder / name
        if not file.exists():
            return None
        stored = file.read_bytes()
        content, digest = stored[:-DIGEST], stored[-DIGEST:]
        if hashlib.sha256(content).digest() == digest:
            return content
        warnings.warn(f"{file} is damaged, and is computed again.", stacklevel=2)
        return None

    def write(self, name: str, content: bytes) -> None:
        """Store a result."""
        if self.folder is None:
            self._held[name] = content
        else:
            write_whole(self.folder / name, content + hashlib.sha256(content).digest())


def _manifest_in(file: Path) -> dict | None:
    """The manifest that a file holds, None if it is damaged."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def write_result(path: str | os.PathLike[str], holds: str, content: dict[str, object]) -> None:
    """Write a result as JSON, with the words for what it is."""
    write_whole(path, json.dumps({"holds": holds, **content}).encode())


def read_result(path: str | os.PathLike[str], holds: str) -> dict:
    """The content that :func:`write_result` wrote; a file that holds anything else is refused."""
    file = Path(path)
    if not file.is_file():
        raise ForcestError(f"`path` must be {holds}; there is no file {os.fspath(path)!r}. Write one with its method save(path).")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("holds") != holds:
        raise ForcestError(f"{os.fspath(path)!r} must hold {holds}; it does not. Give a file that its method save(path) wrote.")
    return found
