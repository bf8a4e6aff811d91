"""Results of long runs in a folder: each is stored at once and whole, so that an interrupted run can be resumed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from forcest.errors import ForcestError
from forcest.writing import write_whole

MANIFEST = "manifest.json"


class Folder:
    """Named results, in memory or in a folder.

    Parameters
    ----------
    folder : path, optional
    manifest : dict
        What makes results comparable: ledger, model, seed, settings. A folder with another manifest is refused.

    Raises
    ------
    ForcestError
        If the folder holds something else.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, manifest: dict[str, object]):
        self._held: dict[str, bytes] = {}
        self._folder = None if folder is None else Path(folder)
        if self._folder is not None:
            self._open(self._folder, json.loads(json.dumps(manifest)))

    def _open(self, folder: Path, manifest: dict) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / MANIFEST
        if not file.exists():
            if any(folder.iterdir()):
                raise ForcestError(f"`folder` must be empty or hold such results; {folder} holds other files. Name another folder.")
            write_whole(file, json.dumps(manifest, indent=1).encode())
            return
        before = json.loads(file.read_text(encoding="utf-8"))
        if changed := [name for name in manifest if before.get(name) != manifest[name]]:
            raise ForcestError(
                f"{folder} holds results of another run: {', '.join(changed)} differ. Name another folder, or run as before."
            )

    def read(self, name: str) -> bytes | None:
        """A result, or None where there is none yet."""
        if self._folder is None:
            return self._held.get(name)
        file = self._folder / name
        return file.read_bytes() if file.exists() else None

    def write(self, name: str, content: bytes) -> None:
        """Store a result."""
        if self._folder is None:
            self._held[name] = content
        else:
            write_whole(self._folder / name, content)


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
