"""Fetching public data sets: a local store first, then the user's cache, then the network; the content is always verified."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from forcest.datasets.registry import PublicFile, public_file
from forcest.errors import ForcestError

TIMEOUT = 30.0
"""How long to wait for the server to answer, and between two pieces of a file [seconds]."""
CHUNK = 1 << 14
"""[bytes]"""

Told = Callable[[int, int], None]
Progress = bool | Told
State = Literal["store", "cache", "changed", "absent"]


def fetch(name: str, *, progress: Progress = False, cache: str | os.PathLike[str] | None = None) -> Path:
    """The path of a public data set, downloaded where it is not there yet.

    The folder named by the environment variable ``FORCEST_DATA`` is looked at first, then the cache. Whatever is
    found or downloaded must have the registered sha256. A download appears in the cache whole or not at all.

    Parameters
    ----------
    name : str
        One of ``forcest.datasets.PUBLIC``, such as ``"radford2023"``.
    progress : bool or callable, optional
        Show a bar, or a function that is told how many bytes have come and how many there are.
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

    Examples
    --------
    A call such as ``fc.datasets.fetch("radford2023")`` gives a path, and needs a network the first time. A wrong name does not:

    >>> try:
    ...     fc.datasets.fetch("radford2024")
    ... except fc.errors.ForcestError as error:
    ...     print(error)
    name must be a public data set that can be fetched; got 'radford2024'. Did you mean "radford2023"? ...
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
    """Where fetched files are kept: the argument, else ``FORCEST_CACHE``, else the user's cache folder.

    Examples
    --------
    >>> fc.datasets.cache_folder("data").name
    'data'
    """
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

    Examples
    --------
    >>> state, path = fc.datasets.whereabouts("radford2023")
    >>> (path is None) == (state == "absent")
    True
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
    from requests.exceptions import HTTPError, RequestException  # pooch brings requests

    try:
        with _quiet(pooch.get_logger()), _bar(file, progress) as told:

            def download(url: str, out: Any, _: object) -> None:
                _stream(url, out, file.size, told)

            downloader: Any = download  # pooch calls it with three arguments, and types it otherwise

            pooch.retrieve(
                url=file.url, known_hash=f"sha256:{file.sha256}", fname=target.name, path=target.parent, downloader=downloader
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


def _stream(url: str, out: str, size: int, told: Told | None) -> None:
    """Write what an address sends to a file, and tell how far it has come; nothing stays open, whatever happens."""
    import requests

    with requests.get(url, stream=True, timeout=TIMEOUT) as response, Path(out).open("wb") as file:
        response.raise_for_status()
        for piece in response.iter_content(CHUNK):
            file.write(piece)
            if told is not None:
                told(file.tell(), size)


@contextmanager
def _bar(file: PublicFile, progress: Progress) -> Iterator[Told | None]:
    """Who is told of the bytes that have come: nobody, the caller's function, or a bar on the terminal."""
    if not isinstance(progress, bool):
        yield progress
    elif not progress:
        yield None
    else:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, TextColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Bars(*columns, console=Console(stderr=True)) as bars:
            task = bars.add_task(file.name, total=file.size)
            yield lambda n_bytes, size: bars.update(task, completed=n_bytes, total=size)
