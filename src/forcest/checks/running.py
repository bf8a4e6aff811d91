"""Tasks on a cluster or on threads, each result as it is finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import AbstractContextManager
from typing import Any

RETRIES = 3
"""Times that a task of a lost worker is done again by another."""


def cluster(client: Any) -> AbstractContextManager[Executor]:
    """A dask cluster as an executor."""
    return client.get_executor(pure=False, retries=RETRIES)


def as_finished[Task, Result](
    executor: Executor, run: Callable[[Task], Result], tasks: Sequence[Task]
) -> Iterator[tuple[int, Result]]:
    """Position and result of every task, in the order in which they end; an interrupt drops those that have not begun."""
    # What a task needs travels with it: data scattered to a worker would be lost with it.
    futures = {executor.submit(run, task): i for i, task in enumerate(tasks)}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()
