"""Optional libraries: where one is missing, one message names the extra that installs it; numbers do not depend on any of them."""

import json
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import forcest as fc
from forcest import extras
from forcest.cli import app
from forcest.drafting import passages
from forcest.drafting.reading import read_article
from forcest.errors import ForcestError
from forcest.extras import EXTRAS, needed
from small_models import claim, waves_model
from small_models import ledger as small_ledger

TESTS = Path(__file__).parent


@pytest.fixture
def without(monkeypatch):
    """A function that makes a library impossible to import."""

    def block(name):
        for module in [name, *(module for module in sys.modules if module.startswith(f"{name}."))]:
            monkeypatch.setitem(sys.modules, module, None)

    passages._language.cache_clear()
    return block


def frame():
    return fc.datasets.load("north_korea_kursk").to_dataframe().head(3)


def fetched(tmp_path):
    return fc.datasets.fetch("radford2023", cache=tmp_path)


def article(suffix):
    def read(tmp_path):
        path = tmp_path / f"a{suffix}"
        path.write_text("<p>Three killed.</p>")
        return read_article(path)

    return read


def table(suffix, read):
    def run(tmp_path):
        (tmp_path / f"a{suffix}").write_bytes(b"PK\x03\x04")
        return read(tmp_path / f"a{suffix}")

    return run


JOBS = [
    ("openpyxl", "excel", r'a.xlsx": an Excel file needs openpyxl', table(".xlsx", fc.read_ledger)),
    ("openpyxl", "excel", r'a.xlsx": an Excel file needs openpyxl', table(".xlsx", fc.datasets.read_acled)),
    ("pyarrow", "parquet", r'a.parquet": a Parquet file needs pyarrow', table(".parquet", fc.read_ledger)),
    ("pyarrow", "parquet", r'a.parquet": a Parquet file needs pyarrow', table(".parquet", fc.datasets.read_acled)),
    ("pooch", "fetch", "fetching a data set needs pooch", fetched),
    ("spacy", "draft", "a draft needs spaCy", lambda _: fc.draft("Three were killed.", "2025-03-12")),
    ("trafilatura", "draft", r'"a.html": a .html file needs trafilatura', article(".html")),
    ("pypdf", "draft", r'"a.pdf": a .pdf file needs pypdf', article(".pdf")),
    ("markdown_it", "draft", r'"a.md": a .md file needs markdown-it-py', article(".md")),
    (
        "nutpie",
        "nutpie",
        "the sampler nutpie needs nutpie",
        lambda _: fc.fit(waves_model("3D"), small_ledger(claim("k1", "killed", 350)), sampler="nutpie", random_seed=1),
    ),
]


@pytest.mark.parametrize(("library", "extra", "what", "job"), JOBS)
def test_a_missing_library_is_one_message_with_its_extra(without, monkeypatch, tmp_path, library, extra, what, job):
    monkeypatch.delenv("FORCEST_DATA", raising=False)
    without(library)
    with pytest.raises(ForcestError, match=rf'{what}, which is not installed\. Install it: pip install "forcest\[{extra}\]"$'):
        job(tmp_path)


def test_every_optional_library_has_a_job_among_these():
    assert {library for library, *_ in JOBS} == set(EXTRAS)


def test_a_library_that_is_there_but_broken_is_not_called_missing(monkeypatch):
    def broken(name):
        raise ImportError("undefined symbol")

    monkeypatch.setattr(extras, "import_module", broken)
    with pytest.raises(ForcestError, match=r"x needs pyarrow, which cannot be imported \(undefined symbol\)\. Install it: pip"):
        needed("pyarrow.parquet", "x")


def test_the_command_prints_the_message_alone(without, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("claims.xlsx").write_bytes(b"PK\x03\x04")
    without("openpyxl")
    done = CliRunner().invoke(app, ["check", "claims.xlsx"])
    assert done.exit_code == 2
    assert done.output == (
        'Error: "claims.xlsx": an Excel file needs openpyxl, which is not installed. Install it: pip install "forcest[excel]"\n'
    )


def test_a_plain_installation_lists_public_data_and_reads_what_is_on_the_machine(without, tmp_path, monkeypatch):
    for library in EXTRAS:
        without(library)
    monkeypatch.setenv("FORCEST_CACHE", str(tmp_path))
    monkeypatch.delenv("FORCEST_DATA", raising=False)
    assert fc.datasets.locate("radford2023") == ("absent", None)
    monkeypatch.delenv("FORCEST_CACHE")
    assert fc.datasets.cache_folder().name == "forcest"


def test_the_extras_install_what_the_messages_promise():
    by_extra = {}
    for line in requires("forcest"):
        if match := re.match(r"([\w-]+).*; extra == '(\w+)'", line.replace('"', "'")):
            by_extra.setdefault(match[2], set()).add(match[1].replace("-", "_"))
    for library, extra in EXTRAS.items():
        package = "markdown_it_py" if library == "markdown_it" else library
        assert package in by_extra[extra], library
    assert by_extra.pop("all") == set().union(*by_extra.values())


def test_pyarrow_changes_no_number():
    """pandas keeps text in arrays of pyarrow where it is installed, and in arrays of its own otherwise."""

    def found(*blocked):
        command = [sys.executable, "digests_of_results.py", *blocked]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=TESTS)
        return json.loads(done.stdout)

    one, other = found(), found("pyarrow")
    assert (one.pop("text of pandas"), other.pop("text of pandas")) == ("ArrowStringArray", "StringArray")
    assert one == other
    assert one["north_korea_kursk"][0] == fc.datasets.load("north_korea_kursk").hash


def test_a_table_of_pandas_is_read_the_same_with_either_kind_of_text():
    by_kind = [frame().astype({"source": pd.StringDtype(kind, na_value=float("nan"))}) for kind in ("pyarrow", "python")]
    assert fc.read_ledger(by_kind[0]).hash == fc.read_ledger(by_kind[1]).hash
