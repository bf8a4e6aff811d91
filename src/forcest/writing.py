"""Writing files whole: a file has its old content or its new one, never a part of one, whatever ends the program."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

OWN = ".forcest-"
"""How the names begin that forcest gives to what is not finished."""
OF_SYSTEMS = frozenset({".DS_Store", ".directory", "Thumbs.db", "desktop.ini", "lost+found"})
"""What file managers and file systems put into any folder."""


def write_whole(path: str | os.PathLike[str], content: str | bytes | memoryview) -> None:
    """Write a file beside its place, and move it there when it is on disk.

    Parameters
    ----------
    path : path
    content : str, bytes or memoryview
        Text is written as UTF-8, its line ends unchanged.
    """
    target = Path(path)
    unfinished = target.with_name(f"{OWN}{os.getpid()}-{secrets.token_hex(4)}.unfinished")  # `target` may have a name of any length
    try:
        with unfinished.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())  # otherwise a crash of the machine may leave an empty file under the final name
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def contents_of(folder: Path) -> list[Path]:
    """What people put into a folder: neither the files of systems nor what forcest has not finished."""
    return [path for path in folder.iterdir() if not (path.name in OF_SYSTEMS or path.name.startswith((OWN, "._")))]
