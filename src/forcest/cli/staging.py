"""Files appear whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forcest.errors import ForcestError


@contextmanager
def staging(out: Path, force: bool) -> Iterator[Path]:
    """A folder beside `out` to write into, gone afterwards; whatever would prevent writing is found before the fit."""
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


def publish(unfinished: Path, out: Path) -> None:
    """Put finished files into place: a new folder at once, into a folder that is forced one by one; its other files stay."""
    target = out.resolve()
    if not target.exists():
        unfinished.rename(target)
        return
    for file in sorted(unfinished.iterdir()):
        file.replace(target / file.name)
