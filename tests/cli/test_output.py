"""The output folder under faults: other file systems, other runs, full disks, and a kill at every system call."""

import os
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest

from forcest.cli import output
from forcest.cli.files import write_table
from forcest.cli.output import FIT, move_into_place, unfinished_folder
from forcest.errors import ForcestError
from forcest.writing import write_whole

OLD = {FIT: "old", "report.html": "old", "flow.png": "old", "claims.csv": "old"}
NEW = {FIT: "new", "report.html": "new", "summary.csv": "new"}
WRITES = ("mkdir", "replace", "rename", "unlink", "rmdir")
"""System calls that change a folder."""


def published(folder):
    return {p.name: p.read_text() for p in folder.iterdir() if p.is_file()}


def hidden(folder):
    return [p for p in folder.glob(".*") if p.name != ".forcest-lock"]


def run_into(folder, files, *, force=True):
    """What ``forcest estimate`` does to its folder."""
    with unfinished_folder(folder, force) as unfinished:
        for name, content in files.items():
            write_whole(unfinished / name, content)
        move_into_place(unfinished)


class KilledError(BaseException):
    """What stands for a kill: from then on, no system call has an effect."""


@pytest.fixture
def calls(monkeypatch):
    """Counts the system calls; the process is dead from number ``last`` on."""
    seen = SimpleNamespace(n=0, last=None)

    def counted(call):
        def wrapped(*args, **kwargs):
            seen.n += 1
            if seen.last is not None and seen.n > seen.last:
                raise KilledError
            return call(*args, **kwargs)

        return wrapped

    for name in WRITES:
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    return seen


def test_a_new_run_replaces_all_files_of_an_old_one_and_no_others(tmp_path):
    run_into(tmp_path, OLD)
    (tmp_path / "mine.txt").write_text("mine")
    run_into(tmp_path, NEW)
    assert published(tmp_path) == NEW | {"mine.txt": "mine"}
    assert hidden(tmp_path) == []


def test_a_kill_at_any_system_call_mixes_no_runs_and_loses_no_fit(tmp_path, calls, capsys):
    """The next run makes the folder whole: with the old files and the new fit kept, or with the new files alone."""
    first, met = tmp_path / "count", set()
    run_into(first, OLD)
    calls.n = 0
    run_into(first, NEW)
    total = calls.n
    assert total > len(OLD) + len(NEW)
    for last in range(total):
        folder = tmp_path / str(last)
        run_into(folder, OLD)
        calls.n, calls.last = 0, last
        with pytest.raises(KilledError):
            run_into(folder, NEW)
        calls.last = None
        assert len(set(published(folder).values()) - {""}) <= 1, f"two runs are mixed after call {last}"
        had_fit = "new" in [path.read_text() for path in (*folder.glob(f".forcest-*/{FIT}"), *folder.glob(FIT))]
        with unfinished_folder(folder, force=True):
            pass
        kept = [p.read_text() for p in folder.glob(f".forcest-*/{FIT}")]
        assert (published(folder), kept) in ((NEW, []), (OLD, ["new"]), (OLD, [])), last
        assert had_fit == (published(folder) == NEW or kept == ["new"]), f"the fit is lost after call {last}"
        met.add((tuple(published(folder)), had_fit))
    assert len(met) == 3  # killed before the fit was there, before its files were moved, and after


def test_a_failed_move_restores_the_old_files_and_keeps_the_fit(tmp_path, monkeypatch, capsys):
    run_into(tmp_path, OLD)
    move, count = os.replace, iter(range(100))

    def other_device(source, target):
        if next(count) == 6:
            raise OSError(18, "Invalid cross-device link")
        return move(source, target)

    monkeypatch.setattr(os, "replace", other_device)
    with pytest.raises(OSError, match="cross-device"):
        run_into(tmp_path, NEW)
    assert published(tmp_path) == OLD
    (kept,) = tmp_path.glob(f".forcest-*/{FIT}")
    assert kept.read_text() == "new"
    assert f"A finished fit is kept in {kept}" in capsys.readouterr().err.replace("\n", "")


def test_files_are_prepared_inside_the_folder_which_may_be_a_file_system_of_its_own(tmp_path):
    with unfinished_folder(tmp_path, force=False) as unfinished:
        assert unfinished.parent == tmp_path


def test_a_second_run_into_one_folder_is_refused_while_the_first_is_at_work(tmp_path):
    with unfinished_folder(tmp_path, force=False) as unfinished:
        for force in (False, True):
            with pytest.raises(ForcestError, match="another run of forcest is writing into"), unfinished_folder(tmp_path, force):
                pass
        (unfinished / FIT).write_text("first")
        move_into_place(unfinished)
    assert published(tmp_path) == {FIT: "first"}
    with pytest.raises(ForcestError, match="is not empty"), unfinished_folder(tmp_path, force=False):
        pass


def test_what_a_killed_run_left_is_removed_unless_it_is_a_finished_fit(tmp_path, capsys):
    for name, files in {".forcest-a.unfinished": ["summary.csv"], ".forcest-b.unfinished": [FIT]}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_text("x")
    with pytest.raises(ForcestError, match=r"holds the finished fit of a run that was cut short, .*\.forcest-b"):
        run_into(tmp_path, NEW, force=False)
    run_into(tmp_path, NEW)
    assert [p.name for p in hidden(tmp_path)] == [".forcest-b.unfinished"]
    assert published(tmp_path) == NEW


def test_a_folder_named_like_a_file_is_found_before_the_fit(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(ForcestError, match=r"report\.html must be a file"), unfinished_folder(tmp_path, force=True):
        pytest.fail("the fit began")


@pytest.mark.parametrize("name", [".DS_Store", "lost+found", "._x"])
def test_what_systems_put_into_an_empty_folder_does_not_fill_it(tmp_path, name):
    (tmp_path / name).mkdir()
    run_into(tmp_path, NEW, force=False)
    assert published(tmp_path) == NEW


def test_a_folder_that_cannot_be_written_is_found_before_the_fit(tmp_path, monkeypatch):
    def denied(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "mkdir", denied)
    with pytest.raises(ForcestError, match=r"must be a folder that can be written; got .*new.*Permission denied"):
        run_into(tmp_path / "new", NEW)
    monkeypatch.undo()
    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(ForcestError, match=r"must be a folder that can be written"):
        run_into(tmp_path, NEW)


def test_a_full_disk_is_found_before_the_fit(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=output.ROOM - 1))
    with pytest.raises(ForcestError, match=r"--out must have 8 MB of free space; .* has 8\.4 MB"):
        run_into(tmp_path / "new", NEW)
    assert not (tmp_path / "new").exists()


def test_tables_hold_no_formula(tmp_path):
    write_table(pd.DataFrame({"source": ["@SUM(1)", "NIS"], "median": [-1.5, 2.0]}), tmp_path / "claims.csv")
    assert (tmp_path / "claims.csv").read_text() == "source,median\n'@SUM(1),-1.5\nNIS,2\n"


@pytest.mark.parametrize("fits", range(len(NEW)))
def test_a_disk_that_is_full_after_some_files_leaves_the_old_ones_and_keeps_a_finished_fit(tmp_path, monkeypatch, capsys, fits):
    run_into(tmp_path, OLD)
    synced, written = os.fsync, iter(range(100))

    def full_after(file):
        if next(written) >= fits:
            raise OSError(28, "No space left on device")
        synced(file)

    monkeypatch.setattr(os, "fsync", full_after)
    with pytest.raises(OSError, match="No space left"):
        run_into(tmp_path, NEW)  # the fit comes first
    assert published(tmp_path) == OLD
    assert [path.read_text() for path in tmp_path.glob(f".forcest-*/{FIT}")] == ["new"] * (fits > 0)
