"""Many fits, here or on a cluster: each result is stored as soon as it is there, and an error names the fit."""

from __future__ import annotations

import pickle  # nosec B403 - only what this process packed is read
import traceback
from collections import ChainMap
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any, ClassVar, Protocol

import forcest
from forcest.checks.storage import Folder
from forcest.errors import ForcestError
from forcest.inference.cores import one_core

SAME = ("forcest", "numpy", "scipy", "numba")
"""Packages of which every worker must have the version of this process: draws depend on them."""


class Task(Protocol):
    """One of many fits, with everything that it needs; small, since it travels to a worker."""

    @property
    def name(self) -> str:
        """What is fitted, in words; for progress and errors."""
        ...

    @property
    def file(self) -> str:
        """Name of the stored result."""
        ...

    def run(self) -> bytes:
        """The result as it is stored; it must not depend on where and when it is computed."""
        ...


@dataclass(frozen=True)
class Failed:
    """In place of a result: what went wrong, as a sentence and with its traceback."""

    reason: str
    traceback: str = ""
    is_refused: bool = True
    """Whether forcest refused what it was given; otherwise something went wrong that nobody foresaw."""

    @classmethod
    def by(cls, error: Exception) -> Failed:
        """From an exception, which may be one that cannot travel."""
        reason = str(error) if isinstance(error, ForcestError) else f"{type(error).__name__}: {error}"
        return cls(reason, "".join(traceback.format_exception(error)), isinstance(error, ForcestError))


def results(
    tasks: Sequence[Task],
    store: Folder,
    *,
    client: Any = None,
    threads: int | None = None,
    callback: Callable[[str], object] | None = None,
    counting: Callable[[int, int], object] | None = None,
) -> list[bytes]:
    """The result of every task, in order: the stored ones, and the others as :func:`outcomes` finds them.

    Raises
    ------
    ForcestError
        If tasks fail; all are named. Where results are kept in a folder, the other tasks are finished first.
    """
    found: dict[int, bytes] = {}
    failed: dict[str, Failed] = {}
    with closing(outcomes(tasks, store, client=client, threads=threads, callback=callback, counting=counting)) as ended:
        for i, outcome in ended:
            if isinstance(outcome, bytes):
                found[i] = outcome
                continue
            failed[tasks[i].name] = outcome
            if store.folder is None:
                break
    if failed:
        raise error_of(failed, len(tasks), store)
    return [found[i] for i in range(len(tasks))]


def outcomes(
    tasks: Sequence[Task],
    store: Folder,
    *,
    client: Any = None,
    threads: int | None = None,
    callback: Callable[[str], object] | None = None,
    counting: Callable[[int, int], object] | None = None,
) -> Generator[tuple[int, bytes | Failed]]:
    """Position and result of every task, or why it has none: first what is stored, then each as it ends.

    Parameters
    ----------
    tasks : sequence of Task
    store : Folder
        Where every result is put at once; a failure is not stored.
    client : distributed.Client, optional
        Runs the tasks on a dask cluster, each on one core; those of a lost worker are run again by others.
    threads : int, optional
        Without a client: how many tasks run at once, each on one core. Unless given, they run in order, each on all cores.
    callback : callable, optional
        Gets the name of each task that has a result now, not of those that were stored.
    counting : callable, optional
        Gets (done, tasks) after each of the same, the stored ones among the done.
    """
    stored = {i: store.read(task.file) for i, task in enumerate(tasks)}
    yield from ((i, content) for i, content in stored.items() if content is not None)
    todo = [i for i, content in stored.items() if content is None]
    done = len(tasks) - len(todo)
    with closing(_ended([tasks[i] for i in todo], client, threads)) as ended:
        for place, outcome in ended:
            task = tasks[todo[place]]
            if isinstance(outcome, bytes):
                store.write(task.file, outcome)
                done += 1
                if callback is not None:
                    callback(task.name)
                if counting is not None:
                    counting(done, len(tasks))
            yield todo[place], outcome


def _ended(tasks: Sequence[Task], client: Any, threads: int | None) -> Generator[tuple[int, bytes | Failed]]:
    """Position and outcome of every task, in the order in which they end."""
    if client is None and threads is None:
        yield from ((i, _run(task)) for i, task in enumerate(tasks))
    elif client is None:
        from forcest.sampling.runner import workers  # loads Numba

        with workers(threads or 1) as executor:
            yield from _as_finished(executor, _run_on_one_core, tasks)
    elif tasks:
        packed = [_packed(task) for task in tasks]  # refused before anything slow
        with _cluster(client) as executor:
            yield from _as_finished(executor, _run_on_worker, packed)


def _cluster(client: Any) -> AbstractContextManager[Executor]:
    """A dask cluster as an executor, refused where its workers would give other numbers."""
    client.wait_for_workers(1)
    found = client.get_versions(packages=list(SAME))
    own = found["client"]["packages"]
    differing = [
        f"{worker} has {name} {has['packages'].get(name) or 'not at all'}, not {own[name]}"
        for worker, has in found["workers"].items()
        for name in SAME
        if has["packages"].get(name) != own[name]
    ]
    if differing:
        raise ForcestError(
            f"every worker must have the versions of this process: {'; '.join(differing)}. Install the same versions there, and "
            "start the workers again."
        )
    return client.get_executor(pure=False)


def _as_finished[T](
    executor: Executor, run: Callable[[T], bytes | Failed], tasks: Sequence[T]
) -> Iterator[tuple[int, bytes | Failed]]:
    futures: dict[Future[bytes | Failed], int] = {}
    try:
        for i, task in enumerate(tasks):  # what a task needs travels with it: data scattered to a worker would be lost with it
            futures[executor.submit(run, task)] = i
        for future in as_completed(futures):
            place, outcome = futures.pop(future), _outcome(future)
            del future  # or a cluster would keep the result, and compute it again where its worker is lost
            yield place, outcome
    finally:
        for future in futures:  # after an interrupt or a failure: those that have not ended
            future.cancel()


def _outcome(future: Future[bytes | Failed]) -> bytes | Failed:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001, of the cluster, such as a task on which one worker after another died
        return Failed.by(error)


def _run(task: Task) -> bytes | Failed:
    """One that fails does not stop the others; an interrupt does."""
    try:
        return task.run()
    except Exception as error:  # noqa: BLE001, models of anybody run here
        return Failed.by(error)


def _run_on_one_core(task: Task) -> bytes | Failed:
    with one_core():
        return _run(task)


def _packed(task: Task) -> bytes:
    """A task to be unpacked where it runs: dask would wait forever for a worker that cannot read it."""
    import cloudpickle  # comes with distributed, which is an extra

    by_name = {type(forcest): lambda module: (import_module, (module.__name__,))}  # a lazy module, which functions of users name

    class Packer(cloudpickle.CloudPickler):
        dispatch_table: ClassVar = ChainMap(*cloudpickle.CloudPickler.dispatch_table.maps, by_name)

    buffer = BytesIO()
    try:
        Packer(buffer).dump(task)
        return buffer.getvalue()
    except Exception as error:
        raise ForcestError(
            f"{task.name} must be sent to a worker, and cannot be: {type(error).__name__}: {error}. Give functions that hold no "
            "open files, locks or connections."
        ) from error


def _run_on_worker(packed: bytes) -> bytes | Failed:
    _one_blas_thread()
    try:
        task = pickle.loads(packed)  # nosec B301 - packed by _packed, and sent by the cluster of the user
    except Exception as error:  # noqa: BLE001, such as a module that the worker lacks
        return Failed.by(error)
    return _run_on_one_core(task)


@cache
def _one_blas_thread() -> AbstractContextManager[None]:
    """From the first task of a worker to its end: tasks in several threads would undo one another's limit."""
    from forcest.sampling.blas import single_threaded_blas  # loads Numba

    limit = single_threaded_blas()
    limit.__enter__()
    return limit


def error_of(failed: dict[str, Failed], n: int, store: Folder) -> ForcestError:
    """One error that names every task that failed, of ``n``."""
    what = "; ".join(f"{name}: {one.reason.removesuffix('.')}" for name, one in failed.items())
    if store.folder is None:
        told = f"a fit failed and ended the run. {what}. With `folder`, the other fits go on, and the same call resumes."
    else:
        rest = f"The others are kept in {store.folder}; the same call fits the failed ones again."
        told = f"{len(failed)} of {n} fits failed. {what}. {rest}"
    error = ForcestError(told)
    error.add_note(next(iter(failed.values())).traceback)
    return error
