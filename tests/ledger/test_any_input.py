"""Whatever the input, the result is a ledger or a ForcestError, never another exception."""

import contextlib

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.pandas import column, data_frames, range_indexes

from forcest.errors import ForcestError
from forcest.ledger import Ledger, read_ledger, schema

quick = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))

CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["11,000", "3.5k", "~300", "2024-02-30", "03/04/2025", "inf", "nan", "a1", "a2+a1", "+", "-0", "1e308", "45000"]
    ),
    st.sampled_from([word for name in schema.CATEGORIES for word in schema.BY_NAME[name].allowed]),
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.decimals(),
    st.complex_numbers(),
    st.binary(max_size=6),
    st.lists(st.integers(), max_size=2),
)
DTYPES = ["int8", "uint64", "float32", "bool", "datetime64[ns]", "timedelta64[ns]", "complex128"]


def use(source, **options):
    """Every method of a ledger."""
    with contextlib.suppress(ForcestError):
        ledger = read_ledger(source, **options)
        assert isinstance(ledger, Ledger)
        for part in (ledger, ledger.known_by("2025-01-25")):
            problems = part.problems()
            assert set(problems["severity"]) <= {"error", "warning"}
            part.to_dataframe(), part.sources(), part.origins(), part.forces(), repr(part), part._repr_html_()
            assert Ledger.from_csv(part.to_csv()).hash == part.hash
        errors = ledger.problems().query("severity == 'error'")
        try:
            usable = ledger.usable()
        except ForcestError:
            return
        assert errors.empty
        assert np.isfinite(usable[list(schema.NUMBERS)].fillna(0).to_numpy()).all()


@quick
@given(st.binary(max_size=400), st.sampled_from([".csv", ".xlsx", ".parquet"]))
def test_random_bytes_as_a_file(tmp_path, content, suffix):
    path = tmp_path / f"ledger{suffix}"
    path.write_bytes(content)
    use(path)


@quick
@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "latin-1"]), st.sampled_from([",", ";"]))
def test_random_text_under_a_header(tmp_path, clean, content, encoding, delimiter):
    path = tmp_path / "ledger.csv"
    text = clean.to_csv(index=False) + content
    path.write_bytes(text.encode(encoding, "replace"))
    use(path, encoding=encoding, delimiter=delimiter)


@quick
@given(st.data())
def test_a_file_cut_or_changed_anywhere(tmp_path, clean, data):
    content = bytearray(clean.to_csv(index=False).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "ledger.csv"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    use(path)


@quick
@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from(schema.NAMES), CELLS), min_size=1, max_size=8),
    st.sampled_from([{}, {"decimal": ",", "thousands": "."}, {"thousands": ","}]),
)
def test_random_cells_in_any_column(clean, faults, options):
    columns = clean.to_dict("list")
    for i, name, cell in faults:
        columns[name][i] = cell
    use(pd.DataFrame(columns, dtype=object), **options)


@quick
@given(
    st.dictionaries(st.sampled_from(schema.NAMES), st.sampled_from(DTYPES), min_size=1, max_size=6).flatmap(
        lambda dtypes: data_frames([column(name, dtype=dtype) for name, dtype in dtypes.items()], index=range_indexes(max_size=4))
    ),
    st.sampled_from(["as it is", "category", "pyarrow", "twice", "named by pairs"]),
)
def test_frames_of_odd_dtypes(frame, form):
    if form == "category":
        frame = frame.astype("category")
    elif form == "pyarrow" and not any(kind in "c" for kind in frame.dtypes.map(lambda dtype: dtype.kind)):
        frame = frame.convert_dtypes(dtype_backend="pyarrow")
    elif form == "twice":
        frame = pd.concat([frame, frame], axis=1)
    elif form == "named by pairs":
        frame = frame.set_axis(pd.MultiIndex.from_product([["a"], frame.columns]), axis=1)
    use(frame)
