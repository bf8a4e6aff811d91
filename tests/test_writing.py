import os

import pytest

from forcest.writing import contents_of, write_whole


def test_a_file_whose_name_is_as_long_as_a_name_may_be_is_written(tmp_path):
    target = tmp_path / ("n" * 251 + ".csv")
    write_whole(target, "é\r\n")
    assert target.read_bytes() == "é\r\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_file_keeps_its_old_content_when_writing_fails(tmp_path, monkeypatch, fails):
    target = tmp_path / "a.csv"
    target.write_text("old")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, fails, full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(target, "new")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_what_systems_and_unfinished_writing_leave_in_a_folder_is_not_its_content(tmp_path):
    for name in (".DS_Store", "._notes.txt", "Thumbs.db", "lost+found", ".forcest-77-ab.unfinished", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in contents_of(tmp_path)] == ["notes.txt"]
