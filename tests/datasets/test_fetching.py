"""Fetching from a server on this machine."""

import re
import socket

import pytest
from typer.testing import CliRunner

from forcest import datasets
from forcest.cli import app
from forcest.datasets import registry
from forcest.errors import ForcestError

CONTENT = b"days,loss_count\n1,10\n" * 5_000


def files_in(folder):
    return [file for file in folder.rglob("*") if file.is_file()]


def test_every_entry_names_a_pinned_commit_a_hash_and_an_adapter():
    for name, file in datasets.PUBLIC.items():
        assert re.fullmatch(rf"{registry.RAW}/[^/]+/[^/]+/[0-9a-f]{{40}}/[!-~]+", file.url)
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert callable(getattr(datasets, file.adapter))
        assert file.name == name
        assert file.licence


def test_a_file_is_fetched_once_into_the_cache(server, cache, small):
    path = datasets.fetch("radford2023")
    assert path == cache / small.stored
    assert path.read_bytes() == CONTENT
    assert datasets.fetch("radford2023") == path
    assert server.requested == [f"/{small.repository}/{small.commit}/{small.path}"]
    assert datasets.locate("radford2023") == ("cache", path)


def test_the_cache_can_be_named_in_the_call(server, cache, small, tmp_path):
    assert datasets.fetch("radford2023", cache=tmp_path / "mine") == tmp_path / "mine" / small.stored
    assert not cache.exists()


def test_spaces_in_a_path_are_quoted():
    assert datasets.PUBLIC["economist_estimates"].url.endswith("/Soldier%20deaths_casualties%20in%20Ukraine%20-%20estimates.csv")


def test_progress_is_reported_in_bytes(server, cache, small):
    calls = []
    datasets.fetch("radford2023", progress=lambda n_bytes, size: calls.append((n_bytes, size)))
    assert calls[-1] == (len(CONTENT), len(CONTENT))
    assert calls == sorted(calls)
    assert len(calls) > 1


def test_a_bar_is_drawn_on_request(server, cache, small, capsys):
    datasets.fetch("radford2023", progress=True)
    printed = capsys.readouterr()
    assert "radford2023" in printed.err
    assert printed.out == ""


def test_an_address_that_is_gone_is_explained(server, cache, small):
    server.status = 404
    with pytest.raises(ForcestError, match=r"answers 404.*FORCEST_DATA") as caught:
        datasets.fetch("radford2023")
    assert "\n" not in str(caught.value)
    assert files_in(cache) == []


def test_other_content_is_refused_and_not_saved(server, cache, small):
    server.body = CONTENT + b"one more line\n"
    with pytest.raises(ForcestError, match=r"damaged or was changed.*no file was saved.*read_radford2023"):
        datasets.fetch("radford2023")
    assert files_in(cache) == []


def test_a_damaged_file_in_the_cache_is_fetched_again(server, cache, small):
    path = cache / small.stored
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[:100])
    assert datasets.locate("radford2023") == ("changed", path)
    assert datasets.fetch("radford2023").read_bytes() == CONTENT
    assert len(server.requested) == 1


def test_a_damaged_file_in_the_cache_stays_if_the_download_is_incomplete(server, cache, small):
    path = cache / small.stored
    path.parent.mkdir(parents=True)
    path.write_bytes(b"old")
    server.withheld = 100
    with pytest.raises(ForcestError):
        datasets.fetch("radford2023")
    assert files_in(cache) == [path]
    assert path.read_bytes() == b"old"


def test_without_a_network_the_remedy_is_a_local_store(cache, small, monkeypatch):
    with socket.socket() as closed:  # bound but not listening: connections are refused
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(registry, "RAW", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(ForcestError, match=r"cannot be reached.*try again.*set FORCEST_DATA") as caught:
            datasets.fetch("radford2023")
    assert "\n" not in str(caught.value)
    assert files_in(cache) == []


def test_a_connection_that_breaks_leaves_nothing_half_written(server, cache, small):
    server.body, server.withheld = CONTENT[:30_000], len(CONTENT) - 30_000
    with pytest.raises(ForcestError, match="cannot be reached"):
        datasets.fetch("radford2023")
    assert files_in(cache) == []


def test_an_interrupted_download_leaves_nothing_half_written(server, cache, small):
    def interrupt(n_bytes, size):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        datasets.fetch("radford2023", progress=interrupt)
    assert files_in(cache) == []


def test_a_cache_that_cannot_be_written_is_explained(server, cache, small):
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file where a folder should be")
    with pytest.raises(ForcestError, match="Set FORCEST_CACHE"):
        datasets.fetch("radford2023")


def test_the_local_store_is_searched_first_and_verified(server, cache, small, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCEST_DATA", str(tmp_path / "store"))
    stored = tmp_path / "store" / small.stored
    stored.parent.mkdir(parents=True)
    stored.write_bytes(CONTENT)
    assert datasets.fetch("radford2023") == stored
    assert datasets.locate("radford2023") == ("store", stored)
    stored.write_bytes(CONTENT[1:])
    with pytest.raises(ForcestError, match=r"in FORCEST_DATA differs.*unset FORCEST_DATA"):
        datasets.fetch("radford2023")
    assert datasets.locate("radford2023") == ("changed", stored)
    assert server.requested == []


def test_a_store_without_the_file_is_skipped(server, cache, small, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCEST_DATA", str(tmp_path))
    assert datasets.fetch("radford2023") == cache / small.stored


def test_an_unknown_name_is_refused_with_a_similar_one():
    with pytest.raises(ForcestError, match='Did you mean "meduza_weekly"'):
        datasets.fetch("meduza_weakly")


def test_the_list_shows_which_files_are_on_this_machine(server, cache, small):
    run = CliRunner().invoke
    assert datasets.locate("radford2023") == ("absent", None)
    before = run(app, ["datasets", "list"], env={"COLUMNS": "200"}).output
    datasets.fetch("radford2023")
    after = run(app, ["datasets", "list"], env={"COLUMNS": "200"}).output
    line = {text: next(row for row in text.splitlines() if "radford2023" in row) for text in (before, after)}
    assert "MIT" in line[before]
    assert "105 kB" in line[before]
    assert "no: forcest datasets fetch" in line[before]
    assert "yes" in line[after]
    assert "north_korea_kursk" in before


@pytest.mark.parametrize("status", [404, 500])
def test_the_command_prints_one_paragraph_and_exits_with_2(server, cache, small, status):
    server.status = status
    done = CliRunner().invoke(app, ["datasets", "fetch", "radford2023"])
    assert done.exit_code == 2
    assert f"answers {status}" in done.output
    assert "Traceback" not in done.output


def test_the_command_shows_what_becomes_of_the_rows(public):
    public("radford2023")
    done = CliRunner().invoke(app, ["datasets", "fetch", "radford2023"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert [word in done.output for word in ("590", "left out", "3,728", "read_radford2023")] == [True] * 4
