"""Signals that end a process on a server are told and tidied up after like Ctrl-C."""

import os
import signal

import pytest
import typer

from forcest.cli.console import errors_as_messages, signals_as_interrupts
from forcest.cli.output import unfinished_folder


@pytest.fixture(params=["SIGTERM", "SIGHUP"])
def signal_name(request):
    number = getattr(signal, request.param)
    before = signal.signal(number, signal.SIG_DFL)
    yield request.param
    signal.signal(number, before)


def killed_while_it_writes(out, number):
    with errors_as_messages(), unfinished_folder(out, force=False) as folder:
        (folder / "summary.csv").touch()
        os.kill(os.getpid(), number)


def test_a_signal_leaves_nothing_behind_and_is_named(tmp_path, capsys, signal_name):
    signals_as_interrupts()
    with pytest.raises(typer.Exit) as stop:
        killed_while_it_writes(tmp_path / "out", getattr(signal, signal_name))
    assert stop.value.exit_code == 130
    assert capsys.readouterr().err == f"Interrupted by {signal_name}; no output was completed.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_is_ignored_stays_so(signal_name):
    number = getattr(signal, signal_name)
    signal.signal(number, signal.SIG_IGN)
    signals_as_interrupts()
    assert signal.getsignal(number) == signal.SIG_IGN
