"""Files that would take the memory or the time of a machine are refused, with the limit; chains take time in proportion."""

import io
import time
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import forcest as fc
from forcest.errors import NotATableError
from forcest.ledger import limits, lineage

HEADER = "id,published,as_of,force,measure,scope,value,qualifier,source,stance,origin,supersedes\n"


def refused(path):
    with pytest.raises(NotATableError) as caught:
        fc.read_ledger(path)
    return str(caught.value)


def test_a_small_file_of_many_rows_is_refused_before_they_are_unpacked(tmp_path):
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"id": np.zeros(5_000_000, dtype="i1")}), path, compression="zstd")
    assert path.stat().st_size < 100_000
    started = time.perf_counter()
    assert "must have at most 100,000 rows; it has 5,000,000." in refused(path)
    assert time.perf_counter() - started < 2  # reading them takes far longer


def test_a_small_file_of_long_cells_is_refused_while_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"id": pa.array(["x" * 100_000] * 3_000)}), path, compression="zstd")
    assert path.stat().st_size < 500_000
    assert "must have at most 100 MB once unpacked; it has 100 MB" in refused(path)


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (limits.MOST_BYTES + 10**6))
    assert path.stat().st_size < 200_000
    assert "must have at most 100 MB once unpacked; it has 101 MB" in refused(path)


def test_rows_columns_and_cells_are_counted_while_they_are_read(tmp_path, monkeypatch):
    path = tmp_path / "claims.csv"
    path.write_text(HEADER + "a\n" * 100_001)
    assert "must have at most 100,000 rows; it has more" in refused(path)
    path.write_text("id" + "," * 1_000 + "\n")
    assert "must have at most 1,000 columns; row 1 has 1,001" in refused(path)
    path.write_text(HEADER + "a1," + "x" * 131_073 + "\n")
    assert "must have cells of at most 131,072 characters; row 2 has a longer one. Shorten it" in refused(path)
    table = io.BytesIO()
    pd.DataFrame({"id": ["a1", "y" * 131_073]}).to_parquet(table)
    (tmp_path / "claims.parquet").write_bytes(table.getvalue())
    assert "row 3, column 1 has a longer one" in refused(tmp_path / "claims.parquet")
    monkeypatch.setattr(limits, "MOST_BYTES", 1_000_000)
    path.write_bytes(b"x" * 1_000_001)
    assert "must have at most 1 MB; it has 1 MB" in refused(path)


def test_a_chain_of_5000_claims_is_followed_in_time_in_proportion_to_its_length():
    links = {f"c{i}": (f"c{i - 1}",) for i in range(1, 5_000)}
    ids = [f"c{i}" for i in range(5_000)]
    started = time.perf_counter()
    assert lineage.latest(links, ids)["c0"] == "c4999"
    assert lineage.ends(links, ids) == dict.fromkeys(ids, "c0")
    assert lineage.in_cycles(links) == set()
    assert len(lineage.descendants(links, ["c1"])) == 4_999
    assert time.perf_counter() - started < 1  # some 20 ms; going back from every claim took ten seconds


def test_cycles_are_found_with_all_their_claims_and_no_others():
    links = {"a": ("b",), "b": ("c",), "c": ("a",), "d": ("a",), "e": ("e",)}
    assert lineage.in_cycles(links) == {"a", "b", "c"}
    assert set(lineage.ends(links, links)) == {"a", "b", "c", "d", "e"}


def test_the_last_correction_in_force_is_the_one_that_is_named():
    links = {"b": ("a",), "c": ("b",), "d": ("a",)}
    assert lineage.latest(links, ["c", "d"]) == {"a": "d", "b": "c"}
    assert lineage.latest(links, ["d", "c"]) == {"a": "c", "b": "c"}
