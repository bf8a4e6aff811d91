"""Fetching public data sets: a local store first, then the user's cache, then the network; the content is always verified."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from forcest.datasets.registry import PublicFile, public_file
from forcest.errors import ForcestError

TIMEOUT = 30.0
"""How long to wait for the server to answer, and between two pieces of a file [seconds]."""

Progress = bool | Any
State = Literal["store", "cache", "changed", "absent"]


def fetch(name: str, *, progress: Progress = False, cache: str | os.PathLike[str] | None = None) -> Path:
    """The path of a public data set, downloaded where it is not there yet.

    The folder named by the environment variable ``FORCEST_DATA`` is looked at first, then the cache. Whatever is
    found or downloaded must have the registered sha256. A download appears in the cache whole or not at all.

    Parameters
    ----------
    name : str
        One of ``forcest.datasets.PUBLIC``, such as ``"radford2023"``.
    progress : bool or object, optional
        Show a bar, or an object with ``total``, ``update(n_bytes)``, ``reset()`` and ``close()`` that is told.
    cache : path, optional
        The folder to keep files in; ``FORCEST_CACHE``, or the user's cache folder, unless given.

    Returns
    -------
    Path
        A file whose content is verified.

    Raises
    ------
    ForcestError
        When the name is unknown, the server cannot be reached, or the content is not what is registered.
    """
    file = public_file(name)
    stored = _in_store(file)
    if stored is not None:
        if not _is_whole(stored, file):
            raise ForcestError(_changed(file, f'"{stored}" in FORCEST_DATA', "Replace it, or unset FORCEST_DATA to fetch it"))
        return stored
    target = cache_folder(cache) / file.stored
    if not _is_whole(target, file):
        _download(file, target, progress)
    return target


def cache_folder(cache: str | os.PathLike[str] | None = None) -> Path:
    """Where fetched files are kept: the argument, else ``FORCEST_CACHE``, else the user's cache folder."""
    chosen = cache or os.environ.get("FORCEST_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    import pooch  # only who fetches needs it

    return Path(pooch.os_cache("forcest"))


def whereabouts(name: str, *, cache: str | os.PathLike[str] | None = None) -> tuple[State, Path | None]:
    """Where a public data set lies on this machine, without fetching it.

    Parameters
    ----------
    name : str
        One of ``forcest.datasets.PUBLIC``.
    cache : path, optional
        As in :func:`fetch`.

    Returns
    -------
    state : {"store", "cache", "changed", "absent"}
        ``"changed"``: a file is there, but its content is not the registered one.
    path : Path or None
    """
    file = public_file(name)
    stored, cached = _in_store(file), cache_folder(cache) / file.stored
    path = stored or (cached if cached.is_file() else None)
    if path is None:
        return "absent", None
    if not _is_whole(path, file):
        return "changed", path
    return ("store" if path == stored else "cache"), path


def _in_store(file: PublicFile) -> Path | None:
    """The file in the local store, None where there is no store or the store does not hold it."""
    store = os.environ.get("FORCEST_DATA")
    path = Path(store).expanduser() / file.stored if store else None
    return path if path is not None and path.is_file() else None


def _is_whole(path: Path, file: PublicFile) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256


def _download(file: PublicFile, target: Path, progress: Progress) -> None:
    """Download into a temporary file beside the target, verify it, and move it into place."""
    import pooch
    from requests.exceptions import HTTPError, RequestException

    try:
        with _quiet(pooch.get_logger()), _bar(file, progress) as bar:
            downloader: Any = pooch.HTTPDownloader(progressbar=bar, timeout=TIMEOUT)
            pooch.retrieve(
                url=file.url,
                known_hash=f"sha256:{file.sha256}",
                fname=target.name,
                path=target.parent,
                downloader=downloader,
            )
    except HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise ForcestError(
            f"{file.name} could not be fetched: {file.url} answers {status}. The file may have been moved or withdrawn, or the "
            f"server is out of order. Try again later; if you have the file, {_own_copy(file)}."
        ) from error
    except RequestException as error:
        raise ForcestError(
            f"{file.name} could not be fetched: {file.url} cannot be reached ({type(error).__name__}). Check the "
            f"connection or the proxy and try again; without a network, {_own_copy(file)}."
        ) from error
    except ValueError as error:  # pooch: the hash differs
        raise ForcestError(_changed(file, f"what {file.url} sent", "Try again; nothing was kept")) from error
    except OSError as error:
        raise ForcestError(
            f'{file.name} could not be kept in "{target.parent}": {error.strerror or error}. Set FORCEST_CACHE to a folder '
            "that can be written to, or free some space."
        ) from error


def _own_copy(file: PublicFile) -> str:
    return f"put it at {file.stored} in a folder of yours and set FORCEST_DATA to that folder"


def _changed(file: PublicFile, what: str, remedy: str) -> str:
    return (
        f"{file.name} must have the content that forcest was written for (sha256 {file.sha256[:12]}..., {file.size} bytes); "
        f"{what} has another: it is damaged, or was changed. {remedy}. A changed file of your own can be given to "
        f"forcest.datasets.{file.adapter}(path) directly."
    )


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Pooch's own messages are left out: what matters is said by the caller."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _bar(file: PublicFile, progress: Progress) -> Iterator[Any]:
    """What pooch tells of the bytes that have come: nothing, the caller's object, or a bar on the terminal."""
    if progress is not True:
        yield progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        yield _Bar(bars, bars.add_task(file.name, total=file.size))


class _Bar:
    """A rich bar in the form that pooch speaks to. The server may send fewer bytes (compressed): the size is ours."""

    total = 0

    def __init__(self, bars: Any, task: Any) -> None:
        self._bars, self._task = bars, task

    def update(self, n_bytes: int) -> None:
        """More bytes have come."""
        self._bars.advance(self._task, n_bytes)

    def reset(self) -> None:
        """Begin again."""
        self._bars.update(self._task, completed=0)

    def close(self) -> None:
        """All have come."""
        self._bars.update(self._task, completed=self._bars.tasks[0].total)
