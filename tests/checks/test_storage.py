"""A folder of results can be resumed after anything that may befall it, and never mixes what does not belong together."""

import json

import pytest

import forcest
from forcest.checks.storage import MANIFEST, Folder
from forcest.errors import ForcestError


@pytest.mark.parametrize("name", [".DS_Store", ".forcest-12-ab.unfinished", "Thumbs.db"])
def test_what_systems_and_killed_runs_leave_does_not_block_a_folder(tmp_path, name):
    (tmp_path / name).touch()
    Folder(tmp_path, {"seed": 1}).write("a", b"x")
    assert Folder(tmp_path, {"seed": 1}).read("a") == b"x"


@pytest.mark.parametrize("damaged", ["", "{", "[1]", "\x00"])
def test_a_damaged_manifest_is_written_anew_unless_results_depend_on_it(tmp_path, damaged):
    Folder(tmp_path, {"seed": 1})
    (tmp_path / MANIFEST).write_text(damaged)
    Folder(tmp_path, {"seed": 1}).write("a", b"x")
    (tmp_path / MANIFEST).write_text(damaged)
    with pytest.raises(ForcestError, match=r"manifest\.json must say what the results beside it belong to; it is damaged"):
        Folder(tmp_path, {"seed": 1})


def test_a_result_with_any_damage_is_computed_again(tmp_path):
    store, content = Folder(tmp_path, {}), b"PK numbers"
    for cut in range(len(content) + 32):
        store.write("a.npz", content)
        whole = (tmp_path / "a.npz").read_bytes()
        for damaged in (whole[:cut], whole[:cut] + bytes([whole[cut] ^ 4]) + whole[cut + 1 :]):
            (tmp_path / "a.npz").write_bytes(damaged)
            with pytest.warns(UserWarning, match=r"a\.npz is damaged, and is computed again"):
                assert store.read("a.npz") is None


def test_results_of_another_version_are_refused(tmp_path, monkeypatch):
    Folder(tmp_path, {"seed": 1})
    assert json.loads((tmp_path / MANIFEST).read_text()) == {"forcest": forcest.__version__, "seed": 1}
    monkeypatch.setattr(forcest, "__version__", "9.9.9")
    with pytest.raises(ForcestError, match="results of another run: forcest differ"):
        Folder(tmp_path, {"seed": 1})


def test_other_files_are_refused(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ForcestError, match="holds other files"):
        Folder(tmp_path, {})
