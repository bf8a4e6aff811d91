"""Reading files and DataFrames; a file that is not a table is an error of one paragraph with a remedy."""

import datetime as dt
import subprocess
import sys

import pandas as pd
import pytest

from forcest import datasets
from forcest.errors import ForcestError, NotATableError
from forcest.ledger import Ledger, read_ledger

KURSK = datasets.load("north_korea_kursk")
HEADER = "id,published,as_of,force,measure,scope,value,qualifier,source,stance"
ROW = "a1,2025-01-10,2025-01-09,KPA,killed,cumulative,300,about,NIS,third_party"
OTHER = ROW.replace("a1", "a2").replace("300", "310")


@pytest.fixture
def file(tmp_path):
    """Write bytes or text into a file and return its path."""

    def write(content, name="ledger.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.fixture
def excel(tmp_path):
    """Write a DataFrame into an .xlsx file and return its path."""

    def write(frame, **options):
        frame.to_excel(tmp_path / "ledger.xlsx", index=False, **options)
        return tmp_path / "ledger.xlsx"

    return write


def typed_frame(ledger):
    """The ledger as someone would hold it in pandas: real dates and numbers."""
    return ledger.to_dataframe().drop(columns=["row", "status"])


# --- one content, many forms ---------------------------------------------------------------------------------------


def test_csv_text_reads_back_to_the_same_ledger(tmp_path):
    KURSK.to_csv(tmp_path / "kursk.csv")
    assert read_ledger(tmp_path / "kursk.csv") == KURSK
    assert Ledger.from_csv(KURSK.to_csv()) == KURSK


@pytest.mark.parametrize("frame", [KURSK.text, typed_frame(KURSK)], ids=["text", "typed"])
def test_every_format_holds_the_same_ledger(tmp_path, excel, frame):
    frame.to_parquet(tmp_path / "ledger.parquet")
    copies = [read_ledger(frame), read_ledger(tmp_path / "ledger.parquet"), read_ledger(excel(frame))]
    for copy in copies:
        assert copy.hash == KURSK.hash
        assert copy.problems().empty
        pd.testing.assert_frame_equal(copy.usable(), KURSK.usable())


def test_every_format_finds_the_same_problems(tmp_path, excel, spoiled):
    ledger = spoiled({0: {"value": "11,000"}, 1: {"as_of": "03/04/2025"}, 2: {"source": "nis", "high": "1e999"}})
    ledger.text.to_parquet(tmp_path / "ledger.parquet")
    ledger.to_csv(tmp_path / "ledger.csv")
    assert len(ledger.problems()) == 4
    for path in (tmp_path / "ledger.parquet", tmp_path / "ledger.csv", excel(ledger.text)):
        pd.testing.assert_frame_equal(read_ledger(path).problems(), ledger.problems())


def test_the_hash_is_of_the_claims_not_of_their_order_or_layout(clean):
    ledger = read_ledger(clean)
    assert read_ledger(clean.iloc[::-1]) == ledger
    assert read_ledger(clean[list(clean.columns)[::-1]]) == ledger
    assert read_ledger(clean.loc[:, (clean != "").any()]) == ledger
    assert read_ledger(clean.assign(value=clean["value"].replace("300", "300.0"))) == ledger
    assert read_ledger(clean.assign(value=clean["value"].replace("300", "301"))) != ledger
    assert read_ledger(clean.assign(id=clean["id"].replace("a1", "a9"))) != ledger


def test_a_table_that_was_shown_reads_back():
    assert read_ledger(KURSK.to_dataframe()) == KURSK


def test_problems_do_not_depend_on_the_order_of_rows(spoiled):
    ledger = spoiled({0: {"value": "-3"}, 1: {"origin": "zzz"}, 2: {"definition": "hurt"}})
    turned = read_ledger(ledger.text.iloc[::-1])
    same = ["id", "column", "rule", "value", "remedy"]
    there, back = (table.sort_values("id")[same].to_numpy().tolist() for table in (ledger.problems(), turned.problems()))
    assert there == back
    assert turned.problems()["row"].tolist() == [4, 5, 6]


# --- notation -------------------------------------------------------------------------------------------------------


def test_a_german_file_is_read_with_its_separators(file):
    text = f"{HEADER};low\n{ROW};\n".replace(",", ";").replace("300", "11.000") + ROW.replace(",", ";").replace("a1", "a2")
    text = text.replace("killed;cumulative;300", "equivalence;stock;2,5")
    usable = read_ledger(file(text), delimiter=";", decimal=",", thousands=".").usable()
    assert usable["value"].tolist() == [11000, 2.5]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line", ["", "sep={}\n", '"sep={}"\r\n', "SEP={},,,\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_delimiter_is_that_of_the_line_sep_or_of_the_header(file, mark, line, encoding):
    text = line.format(mark) + f"{HEADER}\n{ROW}\n{OTHER.replace('310', '-310')}".replace(",", mark)
    ledger = read_ledger(file(text, encoding=encoding))
    assert ledger.to_dataframe()["value"].tolist() == [300, -310]
    marked = [1] if encoding == "utf-16" else []
    assert ledger.problems()["row"].tolist() == [*marked, 3], "rows are those a spreadsheet shows, which hides the line sep"


def test_a_delimiter_that_is_given_is_used(file):
    with pytest.raises(NotATableError, match="must begin with a header"):
        read_ledger(file(f"{HEADER}\n{ROW}"), delimiter=";")


def test_numbers_with_commas_in_a_file_with_semicolons_are_no_thousands(file):
    problems = read_ledger(
        file(f"{HEADER}\n{ROW.replace(',', ';').replace('300', '1,500')}".replace(HEADER, HEADER.replace(",", ";")))
    )
    assert problems.problems()[["column", "value"]].to_numpy().tolist() == [["value", "1,500"]]


def test_separators_do_not_apply_to_cells_that_hold_numbers(clean):
    clean["value"] = pd.to_numeric(clean["value"])
    ledger = read_ledger(clean, decimal=",", thousands=".")
    assert ledger.usable()["value"].dropna().tolist() == [300, 8000, 2.5]
    assert ledger == read_ledger(clean)


def test_excel_dates_are_read_as_dates_and_as_serial_numbers(excel, clean):
    clean["published"] = pd.to_datetime(clean["published"])
    clean["as_of"] = [45666, "45676", dt.date(2025, 1, 29), pd.Timestamp("2025-02-09 18:00"), "2025-03-31"]
    usable = read_ledger(excel(clean)).usable()
    assert usable["published"].dt.strftime("%m-%d").tolist() == ["01-10", "01-20", "01-30", "02-10"]
    assert usable["as_of"].dt.strftime("%m-%d").tolist() == ["01-09", "01-19", "01-29", "02-09"]


def test_a_sheet_is_chosen_by_name_or_position(tmp_path, clean):
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"about": ["x"]}).to_excel(book, sheet_name="Read me", index=False)
        clean.to_excel(book, sheet_name="Claims", index=False)
    assert read_ledger(path, sheet="Claims") == read_ledger(path, sheet=1) == read_ledger(clean)
    with pytest.raises(NotATableError, match="Its sheets: Read me, Claims"):
        read_ledger(path, sheet="claims")
    with pytest.raises(NotATableError, match="sheet must be a sheet of"):
        read_ledger(path, sheet=2)


def test_claims_on_another_sheet_are_pointed_to(tmp_path, clean):
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"about": ["x"]}).to_excel(book, sheet_name="Read me", index=False)
        clean.to_excel(book, sheet_name="Claims", index=False)
    with pytest.raises(NotATableError, match=r"they seem to be on 'Claims'\. Read that one: forcest check --sheet 'Claims'"):
        read_ledger(path)


def test_a_cell_that_may_have_been_merged_with_those_above_says_what_they_hold(excel, clean):
    clean.loc[1, "force"] = clean.loc[2, "force"] = ""
    remedies = read_ledger(excel(clean)).problems()["remedy"].tolist()
    assert remedies == ['Fill in the cell: the force counted; if it was merged with the cells above, write "KPA", as in row 2'] * 2


def test_another_encoding_can_be_given(file):
    ledger = read_ledger(file(f"{HEADER}\n{ROW.replace('NIS', 'Général')}", encoding="cp1252"), encoding="cp1252")
    assert ledger.usable()["source"].tolist() == ["Général"]


# --- rows and columns -----------------------------------------------------------------------------------------------


def test_blank_rows_are_skipped_but_counted(file):
    ledger = read_ledger(file(f"{HEADER}\n\n,,,,\n{ROW.replace('300', '-3')}\n\n"))
    assert ledger.problems()["row"].tolist() == [4]


def test_a_row_with_more_cells_than_the_header_is_a_problem(file):
    problems = read_ledger(file(f"{HEADER}\n{ROW}\n{OTHER},rest\n")).problems()
    assert problems[["row", "column", "rule", "value"]].to_numpy().tolist() == [
        [3, "row", "must have 10 cells, as the header has", "rest"]
    ]


def test_a_missing_column_is_reported_once(clean):
    problems = read_ledger(clean.drop(columns=["stance", "wave"])).problems()
    assert problems[["row", "column", "rule"]].to_numpy().tolist() == [[1, "stance", "must be a column of the file"]]


def test_a_misspelled_column_is_an_error_and_a_foreign_one_a_warning(clean):
    problems = read_ledger(clean.rename(columns={"origin": "Orgin"}).assign(analyst="me")).problems()
    assert problems[["column", "severity"]].to_numpy().tolist() == [["Orgin", "error"], ["analyst", "warning"]]
    assert problems["remedy"][0] == 'Did you mean "origin"?'


def test_a_column_that_occurs_twice_is_an_error(clean):
    problems = read_ledger(pd.concat([clean, clean[["value"]]], axis=1)).problems()
    assert problems[["column", "rule"]].to_numpy().tolist() == [["value", "must occur once"]]


def test_a_byte_order_mark_is_read_and_reported(file):
    ledger = read_ledger(file(f"\ufeff{HEADER}\n{ROW}"))
    assert ledger.problems()[["row", "column", "severity"]].to_numpy().tolist() == [[1, "file", "warning"]]
    assert ledger.usable()["id"].tolist() == ["a1"]


def test_words_for_missing_values_are_read_as_empty_and_reported_once_for_the_file(file):
    text = f"{HEADER},exclude,coverage,low\n{ROW},NA,NA,NaN\n{ROW.replace('a1', 'a2').replace('01-09', '01-08')},NULL,NA,n/a\n"
    ledger = read_ledger(file(text))
    problems = ledger.problems()
    assert problems[["row", "column", "value", "severity"]].to_numpy().tolist() == [
        [1, "file", "NA, NaN, NULL, n/a (6 in exclude, coverage, low)", "warning"]
    ]
    assert ledger.usable()["id"].tolist() == ["a1", "a2"], "NA is no reason to exclude a row"
    assert set(ledger.usable()["coverage"]) == {""}


def test_a_name_that_reads_as_a_missing_value_is_refused_not_lost(file):
    problems = read_ledger(file(f"{HEADER}\n{ROW.replace('KPA', 'NA')}\n")).problems()
    assert problems[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "file", "must leave cells without a value empty"], [2, "force", "must not be empty"],
    ]  # fmt: skip
    assert "if one of them is a name, spell it out" in problems["remedy"][0]


def test_links_that_became_floats_lead_to_ids_that_are_numbers(file):
    rows = [ROW.replace("a1", id_) + f",{origin}" for id_, origin in (("1", ""), ("2", "1.0"), ("3", "1.0+2.0"), ("2.0", "2"))]
    ledger = read_ledger(file("\n".join([f"{HEADER},origin", *rows])))
    assert ledger.to_dataframe()["origin"].tolist() == ["", "1", "1+2.0", "2"], "2.0 is an id of its own here"
    assert ledger.problems()["rule"].tolist() == []


# --- not a table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "parts"),
    [
        (b"", "a.csv", ["0 bytes"]),
        (b" \n\n ", "a.csv", ["blank", "id, published, as_of"]),
        ("date;killed\n2025-01-01;3\n", "a.csv", ['"date;killed"', "id, published, as_of"]),
        (f"{HEADER}\n{ROW}\n{ROW.replace('NIS', 'Général')}".encode("cp1252"), "a.csv", ["line 3", 'encoding="cp1252"']),
        (f'{HEADER}\n"{ROW}', "a.csv", ["row 2", "Quote"]),
        ("date,killed\n2025-01-01,3\n", "a.csv", ['"date", "killed"', "id, published, as_of"]),
        (f"\n{HEADER}\n{ROW}", "a.csv", ["first row is blank"]),
        ("<html><body>Not found</body></html>", "a.csv", ["first row is", "html"]),
        (b"PK\x03\x04rest", "a.csv", ["Change its suffix to .xlsx"]),
        (HEADER, "a.txt", [".csv, .parquet or .xlsx", '".txt"']),
        (HEADER, "a", ["no suffix"]),
        (HEADER, "a.xlsx", ["must be an Excel file"]),
        (b"PK\x03\x04rest", "a.xlsx", ["must be an Excel file"]),
        (HEADER, "a.parquet", ["must be a Parquet file"]),
    ],
)
def test_what_is_not_a_table_is_refused_with_a_remedy(file, content, name, parts):
    with pytest.raises(NotATableError) as raised:
        read_ledger(file(content, name))
    message = str(raised.value)
    assert name in message
    assert "\n" not in message
    assert [part for part in parts if part not in message] == []


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(NotATableError, match="must be an existing file"):
        read_ledger(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(NotATableError, match="must be a readable file"):
        read_ledger(tmp_path / "folder.csv")
    with pytest.raises(NotATableError, match="must be a readable file"):
        read_ledger("a\0b.csv")


@pytest.mark.parametrize("source", [None, 3, [["id"]], {"id": ["a1"]}])
def test_what_is_neither_path_nor_frame_is_refused(source):
    with pytest.raises(NotATableError, match="source must be a path or a DataFrame"):
        read_ledger(source)


def test_an_empty_frame_is_not_a_table(clean):
    with pytest.raises(NotATableError, match="blank"):
        read_ledger(pd.DataFrame())
    assert len(read_ledger(clean.iloc[:0])) == 0


@pytest.mark.parametrize("options", [{"delimiter": ""}, {"delimiter": ";;"}, {"encoding": "klingon"}, {"decimal": "x"}])
def test_an_invalid_option_is_refused(file, options):
    with pytest.raises(ForcestError, match=f"{next(iter(options))} must be"):
        read_ledger(file(f"{HEADER}\n{ROW}"), **options)


def test_reading_a_ledger_loads_no_sampler_and_no_figures():
    heavy = "{'pymc', 'pytensor', 'numba', 'matplotlib', 'pandera'}"
    code = f"import sys, forcest.ledger, forcest.datasets; sys.exit(str({heavy} & set(sys.modules) or ''))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr.strip() == ""


def test_a_comma_that_shifts_a_row_is_reported_before_the_shifted_cells(file):
    """``1,500`` unquoted: the last cell, a blank, is pushed beyond the header."""
    header, whole = f"{HEADER},note", f"{ROW},"
    problems = read_ledger(file(f"{header}\n{whole}\n{whole.replace('a1', 'a2').replace('300', '1,500')}\n")).problems()
    first = problems.iloc[0]
    assert first[["row", "column", "severity", "value"]].tolist() == [3, "row", "warning", "12 cells"]
    assert "1500 for 1,500" in first["remedy"]
    assert "error" in set(problems["severity"])


def test_blank_cells_at_the_end_of_every_row_are_accepted(file):
    assert read_ledger(file(f"{HEADER}\n{ROW},,\n{OTHER},,\n")).problems().empty
