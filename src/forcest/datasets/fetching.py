"""Fetching public data sets: from a local store, the cache or the network, in this order; the content is always verified."""

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
from forcest.extras import needed

TIMEOUT = 30.0
"""Longest wait for an answer of the server, and between two chunks of a file [seconds]."""
CHUNK = 1 << 14
"""[bytes]"""

Callback = Callable[[int, int], None]
Progress = bool | Callback
State = Literal["store", "cache", "changed", "absent"]


def fetch(name: str, *, progress: Progress = False, cache: str | os.PathLike[str] | None = None) -> Path:
    """Path of a public data set, which is downloaded if it is not on this machine; a download needs the extra ``forcest[fetch]``.

    The folder in the environment variable ``FORCEST_DATA`` is searched first, then the cache. The SHA-256 checksum of the file is
    always verified. An interrupted download leaves no file in the cache.

    Parameters
    ----------
    name : str
        One of ``forcest.datasets.PUBLIC``, such as ``"radford2023"``.
    progress : bool or callable, optional
        Whether to show a progress bar, or a function that is called with the bytes received so far and the total.
    cache : path, optional
        The folder for downloaded files; by default, ``FORCEST_CACHE`` or the user's cache folder.

    Returns
    -------
    Path
        A file with verified content.

    Raises
    ------
    ForcestError
        If the name is unknown, the server cannot be reached, or the content differs from the registered one.

    Examples
    --------
    ``fc.datasets.fetch("radford2023")`` returns a path; the first call needs a network. An unknown name is an error:

    >>> try:
    ...     fc.datasets.fetch("radford2024")
    ... except fc.errors.ForcestError as error:
    ...     print(error)
    name must be a public data set that can be fetched; got 'radford2024'. Did you mean "radford2023"? ...
    """
    file = public_file(name)
    stored = _in_store(file)
    if stored is not None:
        if not _is_verified(stored, file):
            raise ForcestError(_changed(file, f'"{stored}" in FORCEST_DATA', "Replace it, or unset FORCEST_DATA to fetch it"))
        return stored
    target = cache_folder(cache) / file.stored
    if not _is_verified(target, file):
        _download(file, target, progress)
    return target


def cache_folder(cache: str | os.PathLike[str] | None = None) -> Path:
    """The folder for downloaded files: the argument, else ``FORCEST_CACHE``, else the user's cache folder.

    Parameters
    ----------
    cache : path, optional

    Returns
    -------
    Path

    Examples
    --------
    >>> fc.datasets.cache_folder("data").name
    'data'
    """
    chosen = cache or os.environ.get("FORCEST_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("forcest"))


def locate(name: str, *, cache: str | os.PathLike[str] | None = None) -> tuple[State, Path | None]:
    """Where a public data set is on this machine; nothing is downloaded.

    Parameters
    ----------
    name : str
        One of ``forcest.datasets.PUBLIC``.
    cache : path, optional
        As in :func:`fetch`.

    Returns
    -------
    state : {"store", "cache", "changed", "absent"}
        ``"store"``: in ``FORCEST_DATA``; ``"changed"``: found, but its content differs from the registered one.
    path : Path or None

    Examples
    --------
    >>> state, path = fc.datasets.locate("radford2023")
    >>> (path is None) == (state == "absent")
    True
    """
    file = public_file(name)
    stored, cached = _in_store(file), cache_folder(cache) / file.stored
    path = stored or (cached if cached.is_file() else None)
    if path is None:
        return "absent", None
    if not _is_verified(path, file):
        return "changed", path
    return ("store" if path == stored else "cache"), path


def _in_store(file: PublicFile) -> Path | None:
    """The file in the local store, None if there is no store or the file is not in it."""
    store = os.environ.get("FORCEST_DATA")
    path = Path(store).expanduser() / file.stored if store else None
    return path if path is not None and path.is_file() else None


def _is_verified(path: Path, file: PublicFile) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256


def _download(file: PublicFile, target: Path, progress: Progress) -> None:
    """Download to a temporary file next to the target, verify it, and move it into place."""
    pooch = needed("pooch", "fetching a data set")
    from requests.exceptions import HTTPError, RequestException  # requests is a dependency of pooch

    try:
        with _quiet(pooch.get_logger()), _bar(file, progress) as callback:

            def download(url: str, out: Any, _: object) -> None:
                _stream(url, out, file.size, callback)

            downloader: Any = download  # pooch calls it with three arguments, but declares another type

            pooch.retrieve(
                url=file.url, known_hash=f"sha256:{file.sha256}", fname=target.name, path=target.parent, downloader=downloader
            )
    except HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise ForcestError(
            f"{file.name} could not be fetched: {file.url} answers {status}. The file may have been moved or removed, or the "
            f"server may be down. Try again later; if you have the file, {_own_copy(file)}."
        ) from error
    except RequestException as error:
        raise ForcestError(
            f"{file.name} could not be fetched: {file.url} cannot be reached ({type(error).__name__}). Check the "
            f"connection and the proxy, and try again; without a network, {_own_copy(file)}."
        ) from error
    except ValueError as error:  # pooch: the hash differs
        raise ForcestError(_changed(file, f"what {file.url} sent", "Try again; no file was saved")) from error
    except OSError as error:
        raise ForcestError(
            f'{file.name} could not be saved in "{target.parent}": {error.strerror or error}. Set FORCEST_CACHE to a folder '
            "with write permission and enough space."
        ) from error


def _own_copy(file: PublicFile) -> str:
    return f"save it as {file.stored} in any folder, and set FORCEST_DATA to that folder"


def _changed(file: PublicFile, what: str, remedy: str) -> str:
    return (
        f"{file.name} must have the registered content (SHA-256 {file.sha256[:12]}..., {file.size} bytes); {what} differs: it is "
        f"damaged or was changed. {remedy}. To read a changed file on purpose, pass its path to forcest.datasets.{file.adapter}."
    )


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Suppress pooch's own messages; the caller reports errors."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _stream(url: str, out: str, size: int, callback: Callback | None) -> None:
    """Write the content of a URL to a file, and report the progress; connection and file are always closed."""
    import requests

    with requests.get(url, stream=True, timeout=TIMEOUT) as response, Path(out).open("wb") as file:
        response.raise_for_status()
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            if callback is not None:
                callback(file.tell(), size)


@contextmanager
def _bar(file: PublicFile, progress: Progress) -> Iterator[Callback | None]:
    """The function to call with the bytes received: none, the caller's, or that of a progress bar on the terminal."""
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
