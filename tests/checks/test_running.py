"""Many fits: the same results here and on a cluster, whatever becomes of a worker, and failures by name."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from importlib import import_module
from inspect import getdoc, signature
from pathlib import Path

import cloudpickle
import numpy as np
import pandas as pd
import pytest

import forcest as fc
from forcest.checks.running import Failed, outcomes, results
from forcest.checks.storage import Folder
from forcest.errors import ForcestError
from forcest.inference.cores import core_limit

distributed = pytest.importorskip("distributed", reason="dask is an extra: forcest[dask]")
cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a file of tests
pytestmark = pytest.mark.filterwarnings("ignore")  # of the cluster's own, such as on the loss of a worker

MANY = {
    fc.backtest,
    fc.calibrate,
    fc.checks.existence,
    fc.claim_bench,
    fc.compare,
    fc.cross_validate,
    fc.influence,
    fc.revisions,
    fc.sensitivity,
}
"""All that makes many fits."""


@dataclass(frozen=True)
class Square:
    """A number squared, slowly, with a line in a file by whom; a negative one fails."""

    number: int
    log: Path
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return f"square of {self.number}"

    @property
    def file(self) -> str:
        return f"{self.number}.txt"

    def run(self) -> bytes:
        with self.log.open("a") as log:
            log.write(f"{self.number} {os.getpid()} {core_limit()}\n")
        time.sleep(self.seconds)
        if self.number < 0:
            raise ValueError("no square of a negative number")
        return str(self.number**2).encode()


def squares(log, *numbers, seconds=0.0):
    return [Square(number, log, seconds) for number in numbers]


def begun(log):
    """Number, process and core limit of every task that was begun."""
    return [line.split() for line in log.read_text().splitlines()]


@pytest.fixture(scope="module")
def client():
    """Two workers that run two tasks each."""
    # Workers in processes of their own, as everywhere: one inside this process would leave its locks behind in it.
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        client.wait_for_workers(2)
        yield client


def kill_a_worker(client):
    worker = next(iter(client.cluster.workers.values()))
    worker.process.process.kill()
    return worker.pid


# --- without fits ---------------------------------------------------------------------------------------------------


def test_a_cluster_gives_what_this_process_gives_in_the_same_order(client, tmp_path):
    tasks = squares(tmp_path / "log", *range(8), seconds=0.05)
    assert results(tasks, Folder(None, {}), client=client) == results(tasks, Folder(None, {})) == [b"%d" % n**2 for n in range(8)]
    there, here = begun(tmp_path / "log")[:8], begun(tmp_path / "log")[8:]
    assert len({pid for _, pid, _ in there}) == 2
    assert {(pid, limit) for _, pid, limit in here} == {(str(os.getpid()), "None")}
    assert {limit for _, _, limit in there} == {"1"}  # a fit of a worker uses one core


def test_tasks_in_threads_use_one_core_each_and_no_task_starts_no_cluster(tmp_path):
    tasks = squares(tmp_path / "log", 1, 2)
    assert results(tasks, Folder(None, {}), threads=2) == [b"1", b"4"]
    assert {limit for _, _, limit in begun(tmp_path / "log")} == {"1"}
    assert core_limit() is None
    assert results([], Folder(None, {}), client=object()) == []


def test_a_killed_worker_loses_nothing(client, tmp_path):
    done, killed = [], []

    def kill_one(name):
        done.append(name)
        if len(done) == 5:
            killed.append(str(kill_a_worker(client)))

    tasks = squares(tmp_path / "log", *range(16), seconds=0.2)
    assert results(tasks, Folder(tmp_path / "out", {}), client=client, callback=kill_one) == [b"%d" % n**2 for n in range(16)]
    assert sorted(done) == sorted(task.name for task in tasks)  # each is told once
    numbers = [number for number, *_ in begun(tmp_path / "log")]
    again = {number for number in numbers if numbers.count(number) > 1}
    assert again  # what the lost worker was at is begun again, and nothing that was told before
    assert again <= {number for number, pid, _ in begun(tmp_path / "log") if pid == killed[0]}
    assert again.isdisjoint(name.removeprefix("square of ") for name in done[:5])
    client.wait_for_workers(2)


@pytest.mark.parametrize("where", ["here", "there"])
def test_all_failures_are_named_and_the_others_kept(client, tmp_path, where):
    options = {"client": client} if where == "there" else {}
    tasks, done = squares(tmp_path / "log", 1, -2, 3, -4, 5), []
    with pytest.raises(ForcestError) as caught:
        results(tasks, Folder(tmp_path / "out", {}), callback=done.append, **options)
    assert str(caught.value).startswith("2 of 5 fits failed. ")
    for number in (-2, -4):
        assert f"square of {number}: ValueError: no square of a negative number" in str(caught.value)
    assert f"The others are kept in {tmp_path / 'out'}; the same call fits the failed ones again." in str(caught.value)
    assert ", in run\n" in caught.value.__notes__[0]  # the traceback of the first
    assert sorted(done) == ["square of 1", "square of 3", "square of 5"]
    (tmp_path / "log").unlink()
    found = dict(outcomes(tasks, Folder(tmp_path / "out", {}), **options))
    assert sorted(number for number, *_ in begun(tmp_path / "log")) == ["-2", "-4"]  # the others are read
    assert [found[i] for i in (0, 2, 4)] == [b"1", b"9", b"25"]
    assert found[1] == Failed("ValueError: no square of a negative number", found[1].traceback, is_refused=False)


def test_without_a_folder_a_failure_ends_the_run_at_once(tmp_path):
    message = r"a fit failed and ended the run\. square of -2: ValueError: no square of a negative number\. With `folder`"
    with pytest.raises(ForcestError, match=message):
        results(squares(tmp_path / "log", 1, -2, 3), Folder(None, {}))
    assert [number for number, *_ in begun(tmp_path / "log")] == ["1", "-2"]


@pytest.mark.parametrize("where", ["here", "there"])
def test_an_interrupt_keeps_what_is_done_and_drops_what_has_not_begun(client, tmp_path, where):
    tasks = squares(tmp_path / "log", *range(40), seconds=0.2)

    def stop(name):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        results(tasks, Folder(tmp_path / "out", {}), callback=stop, client=client if where == "there" else None)
    time.sleep(0.5)
    assert len(begun(tmp_path / "log")) < 20
    assert len(list((tmp_path / "out").glob("*.txt"))) == 1


def test_a_module_that_workers_lack_fails_by_name_and_what_cannot_travel_is_refused(client, tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("def twice(number):\n    return 2 * number\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here  # pyright: ignore[reportMissingImports]

    task = Square(only_here.twice, tmp_path / "log")
    with pytest.raises(ForcestError, match=r"square of <function twice.*: ModuleNotFoundError: No module named 'only_here'"):
        results([task], Folder(None, {}), client=client)
    with pytest.raises(ForcestError, match=r"<unlocked.* must be sent to a worker, and cannot be: TypeError: cannot pickle"):
        results([Square(threading.Lock(), tmp_path / "log")], Folder(None, {}), client=client)


@dataclass(frozen=True)
class Version:
    """What a function of a user gets that names the package, as in ``fc.ForceModel.default``."""

    name = file = "version"

    def run(self) -> bytes:
        return fc.__version__.encode()


def test_a_function_that_names_the_package_travels(client):
    assert results([Version()], Folder(None, {}), client=client) == [fc.__version__.encode()]


def test_a_worker_with_another_version_is_refused_by_name(client, tmp_path):
    def pretend(version):
        import distributed.versions

        distributed.versions._version_cached.cache_clear()
        distributed.versions.version = (lambda name: version) if version else __import__("importlib.metadata").metadata.version

    worker = next(iter(client.scheduler_info()["workers"]))
    client.run(pretend, "0.0.1", workers=[worker])
    try:
        with pytest.raises(ForcestError) as caught:
            results(squares(tmp_path / "log", 1), Folder(None, {}), client=client)
    finally:
        client.run(pretend, None, workers=[worker])
    assert str(caught.value).startswith(f"every worker must have the versions of this process: {worker} has forcest 0.0.1, not ")
    assert f"{worker} has numpy 0.0.1, not {np.__version__}" in str(caught.value)
    assert str(caught.value).count(" has ") == 4
    assert results(squares(tmp_path / "log", 2), Folder(None, {}), client=client) == [b"4"]


# --- with fits ------------------------------------------------------------------------------------------------------

SHORT = {"sampler": fc.Batched(chains=8, draws=40), "random_seed": 3, "quick": True}
DATES = ["2024-02-11", "2024-02-22"]


def two_waves(ledger):
    """A fit of a model whose second wave may not have been."""
    windows = {"first": ("2024-01-05", "2024-01-15"), "second": ("2024-02-01", "2024-02-10")}
    waves = {name: fc.Wave(size=fc.between(1_000, 4_000), window=window) for name, window in windows.items()}
    model = fc.ForceModel(start="2024-01-01", end="2024-04-01", step="W", arrivals=fc.Waves(**waves))
    return fc.fit(model, ledger.filter(measure="deployed"), **SHORT)


RUNS = {
    "calibrate": lambda model, ledger, fit, **o: fc.calibrate(model, ledger, 2, sampler=SHORT["sampler"], **counted(o)).ranks,
    "backtest": lambda model, ledger, fit, **o: fc.backtest(lambda known: model, ledger, DATES, [15], **SHORT, **o).scores,
    "cross_validate": lambda model, ledger, fit, **o: fc.cross_validate(model, ledger, "source", 2, **SHORT, **o),
    "revisions": lambda model, ledger, fit, **o: fc.revisions(ledger, DATES, model, **SHORT, **o).estimates,
    "influence": lambda model, ledger, fit, **o: fc.influence(fit, **o),
    "sensitivity": lambda model, ledger, fit, **o: fc.sensitivity(fit, {"less known": (model, ledger.known_by(DATES[1]), "")}, **o),
    "compare": lambda model, ledger, fit, **o: fc.compare(fc.fit(model, ledger.known_by(DATES[0]), **SHORT), fit, **o).table,
    "existence": lambda model, ledger, fit, **o: fc.checks.existence(two_waves(ledger), **o),
}


def counted(options):
    """The options of a calibration, which counts its fits instead of naming them."""
    callback = options.pop("callback", None)
    return options if callback is None else options | {"callback": lambda done, _n: callback(done)}


@pytest.fixture(scope="module")
def short(model, ledger):
    return fc.fit(model, ledger, **SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("check", RUNS)
def test_fits_on_a_cluster_give_the_same_numbers_to_the_last_bit(client, model, ledger, short, check, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("forcest.checks.influence"), "RELIABLE", -np.inf)  # so that it refits for every source
    done = []
    here = RUNS[check](model, ledger, short)
    there = RUNS[check](model, ledger, short, client=client, folder=tmp_path / "out", callback=done.append)
    pd.testing.assert_frame_equal(here, there, check_exact=True)
    assert done
    again = RUNS[check](model, ledger, short, folder=tmp_path / "out", callback=done.append)
    pd.testing.assert_frame_equal(there, again, check_exact=True)
    assert len(done) == len(set(done))  # nothing is fitted twice


@pytest.mark.slow
def test_fits_are_the_same_where_a_worker_is_killed(client, model, ledger):
    killed = []

    def estimates(**options):
        return fc.revisions(ledger, [*DATES, "2024-02-29", "2024-03-02"], model, **SHORT, **options).estimates

    def kill_one(day):
        if not killed:
            killed.append(kill_a_worker(client))

    pd.testing.assert_frame_equal(estimates(), estimates(client=client, callback=kill_one), check_exact=True)
    assert killed


def test_every_check_of_many_fits_takes_the_same_arguments_in_the_same_words():
    told = set()
    for check in MANY:
        parameters = signature(check).parameters
        assert {"folder", "client", "callback"} <= set(parameters)
        lines = (getdoc(check) or "").splitlines()
        told.add(lines[lines.index("client : distributed.Client, optional") + 1])
    assert len(told) == 1
    public = {getattr(fc, name) for name in fc.__all__} | {getattr(fc.checks, name) for name in fc.checks.__all__}
    assert {f for f in public if callable(f) and not isinstance(f, type) and "client" in signature(f).parameters} == MANY
