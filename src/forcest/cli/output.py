"""The output folder: files are written into a hidden folder inside it, and moved into place when all of them are finished.

The hidden folder is in the file system of the output folder, which may be the mount point of another one. A lock keeps a second run
out. What a run that was killed left behind, the next run tidies: it completes a move that had begun, keeps a finished fit, and
removes the rest.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forcest.cli.console import print_text
from forcest.errors import ForcestError
from forcest.writing import OWN, contents_of

FIT = "estimate.nc"
PUBLISHED = re.compile(
    r"estimate\.(nc|txt)|(summary|claims)\.csv|report\.html|(curves(_\d+_\w*)?|flow|bias|claims|prior_predictive)\.png"
)
"""Files of an estimate. Those of an earlier run give way together, so that no folder holds files of two runs."""
LOCK = f"{OWN}lock"
REPLACED, ALL_REPLACED = "replaced", "all-replaced"
"""Folder, in that of a run that is moving its files, for those which they replace; its second name once it holds all of them."""
ROOM = 2**23
"""Free space [bytes] without which an estimate is not begun; a report and a fit of the shipped ledger take about as much."""


@contextmanager
def unfinished_folder(out: Path, force: bool) -> Iterator[Path]:
    """A folder to write into, for :func:`move_into_place`; an `out` that cannot take the files is refused before the fit.

    A finished fit that was not moved into place is kept, and its place is printed.
    """
    target = out.resolve()
    if target.exists() and not target.is_dir():
        raise ForcestError(f"--out must be a folder; got the file {out}. Name another folder.")
    with _new_unless_there(target, out), _locked(target, out):
        _tidy(target)
        _refuse_occupied(target, out, force)
        unfinished = Path(tempfile.mkdtemp(prefix=OWN, suffix=".unfinished", dir=target))
        try:
            yield unfinished
        finally:
            _discard(unfinished)


def move_into_place(unfinished: Path) -> None:
    """Move finished files into the folder around theirs, all of them or, where one cannot be moved, none."""
    _refuse_folders(unfinished.parent, [path.name for path in unfinished.iterdir()])
    (unfinished / REPLACED).mkdir()
    done: list[tuple[Path, Path]] = []
    try:
        for path, place in _moves(unfinished):
            path.replace(place)
            done.append((path, place))
    except BaseException:
        for path, place in reversed(done):
            place.replace(path)
        (unfinished / REPLACED).rmdir()
        raise
    shutil.rmtree(unfinished, ignore_errors=True)


def _moves(unfinished: Path) -> Iterator[tuple[Path, Path]]:
    """What is to be moved and where: the files of an earlier run first, so that at no time two runs are mixed."""
    target, replaced = unfinished.parent, unfinished / REPLACED
    new = sorted(path for path in unfinished.iterdir() if path.is_file())
    if replaced.is_dir():
        names = {path.name for path in new}
        for path in sorted(target.iterdir()):
            if path.name in names or PUBLISHED.fullmatch(path.name):
                yield path, replaced / path.name
        yield replaced, unfinished / ALL_REPLACED
    for path in new:
        yield path, target / path.name


@contextmanager
def _new_unless_there(target: Path, out: Path) -> Iterator[None]:
    """Make the folder, and remove it again if nothing was written into it."""
    is_new = not target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unwritable(out, problem) from problem
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):  # it has the files of the run
                target.rmdir()


def _unwritable(out: Path, problem: OSError) -> ForcestError:
    return ForcestError(f"--out must be a folder that can be written; got {out} ({problem}). Name another folder.")


@contextmanager
def _locked(target: Path, out: Path) -> Iterator[None]:
    """Hold the folder against other runs until this one ends; the system drops the lock of a run that is killed."""
    from filelock import FileLock, Timeout

    lock = target / LOCK
    try:
        held = FileLock(lock).acquire(timeout=0)
    except Timeout:
        raise ForcestError(f"another run of forcest is writing into {out}. Wait for it, or name another folder.") from None
    except OSError as problem:
        raise _unwritable(out, problem) from problem
    with held:
        try:
            if (free := shutil.disk_usage(target).free) < ROOM:
                room = f"{ROOM / 1e6:.0f} MB of free space; {out} has {free / 1e6:.1f} MB"
                raise ForcestError(f"--out must have {room}. Remove files, or name another folder.")
            yield
        finally:
            with suppress(OSError):  # while it is held: who waits for this file notices that it is gone
                lock.unlink()


def _refuse_occupied(target: Path, out: Path, force: bool) -> None:
    if force:
        _refuse_folders(target, [path.name for path in target.iterdir() if PUBLISHED.fullmatch(path.name)])
    elif contents_of(target):
        raise ForcestError(f"--out must be a new or empty folder; {out} is not empty. Name another folder, or add --force.")
    elif kept := next(target.glob(f"{OWN}*/{FIT}"), None):
        raise ForcestError(
            f"--out must be a new or empty folder; {out} holds the finished fit of a run that was cut short, {kept}. "
            "Name another folder, or add --force, which keeps that fit."
        )


def _refuse_folders(target: Path, names: list[str]) -> None:
    if taken := [name for name in names if (target / name).is_dir()]:
        raise ForcestError(f"{', '.join(taken)} must be a file in {target}; it is a folder. Remove it, or name another folder.")


def _tidy(target: Path) -> None:
    """What runs left that were killed; called by the run that holds the folder, so that none of them is at work."""
    for left in target.glob(f"{OWN}*.unfinished"):
        if (left / REPLACED).is_dir() or (left / ALL_REPLACED).is_dir():
            for path, place in _moves(left):
                path.replace(place)
            shutil.rmtree(left, ignore_errors=True)
            print_text(f"An earlier run was ended while it moved its files into {target}; this is done now.", error=True)
        elif left.is_dir():
            _discard(left)


def _discard(unfinished: Path) -> None:
    """Remove the folder of a run, unless it holds a finished fit."""
    if (unfinished / FIT).exists():
        print_text(f"A finished fit is kept in {unfinished / FIT}. forcest report FILE writes its page.", error=True)
    else:
        shutil.rmtree(unfinished, ignore_errors=True)
