"""The output folder: files are written beside it and moved into it when all of them are finished."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forcest.errors import ForcestError


@contextmanager
def unfinished_folder(out: Path, force: bool) -> Iterator[Path]:
    """A folder beside `out` to write into, removed afterwards; an `out` that cannot be written is refused before the fit."""
    target = out.resolve()
    if target.exists() and not target.is_dir():
        raise ForcestError(f"--out must be a folder; got the file {out}. Name another folder.")
    if target.is_dir() and any(target.iterdir()) and not force:
        raise ForcestError(f"--out must be a new or empty folder; {out} is not empty. Name another folder, or add --force.")
    unfinished = target.parent / f".{target.name}-{os.getpid()}.unfinished"
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished.mkdir()
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def move_into_place(unfinished: Path, out: Path) -> None:
    """Move finished files into place: a new folder as a whole, an existing one file by file; its other files stay."""
    target = out.resolve()
    if not target.exists():
        unfinished.rename(target)
        return
    for file in sorted(unfinished.iterdir()):
        file.replace(target / file.name)
