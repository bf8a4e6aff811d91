"""The text of a CSV file: its encoding, the line ``sep=;`` that Excel understands, and its delimiter."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from forcest.errors import ForcestError, NotATableError

_BOM = "\ufeff"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEP = re.compile(r'"?sep=(.)"?[ ,;\t]*\r?\n', re.IGNORECASE)
_DELIMITERS = (",", ";", "\t", "|")
_MAGIC = {b"PK\x03\x04": ".xlsx", b"PAR1": ".parquet"}


@dataclass(frozen=True)
class Delimited:
    """The text of a CSV file from its header on, its delimiter, and whether it began with a byte-order mark."""

    text: str
    delimiter: str
    byte_order_mark: bool = False


def read_delimited(
    path: Path, data: bytes, names: Collection[str], delimiter: str | None = None, encoding: str = "utf-8"
) -> Delimited:
    """Decode a CSV file and find its delimiter.

    Parameters
    ----------
    path : Path
        For messages.
    data : bytes
        Content of the file.
    names : collection of str
        Names of columns, in lower case: the delimiter is the one under which the header has most of them.
    delimiter : str, optional
        The delimiter, if it is known.
    encoding : str
        UTF-16 with a byte-order mark is recognised.

    Raises
    ------
    NotATableError
        If the file is not text in that encoding.
    ForcestError
        If the encoding or the delimiter is invalid.
    """
    if delimiter is not None and (not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n \0'):
        raise ForcestError(f'delimiter must be one character, such as ";" or "\\t"; got {delimiter!r}.')
    text = _decoded(path, data, encoding)
    marked, text = text.startswith(_BOM) or data.startswith(_UTF16), text.removeprefix(_BOM)
    stated = _SEP.match(text)
    text = text[stated.end() :] if stated else text
    return Delimited(text, delimiter or (stated[1] if stated else _delimiter_of(text, names)), marked)


def _delimiter_of(text: str, names: Collection[str]) -> str:
    header = text.lstrip("\r\n").partition("\n")[0].lower()
    found = {mark: len({title.strip().strip('"') for title in header.split(mark)} & set(names)) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: found[mark])  # a comma if none has any


def _decoded(path: Path, data: bytes, encoding: str) -> str:
    for magic, suffix in _MAGIC.items():
        if data.startswith(magic):
            raise NotATableError(f'"{path}" must be a text file; it is a {suffix} file. Change its suffix to {suffix}.')
    try:
        return data.decode("utf-16" if data.startswith(_UTF16) else encoding)
    except LookupError:
        raise ForcestError(f'encoding must be an encoding known to Python, such as "cp1252"; got {encoding!r}.') from None
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise NotATableError(
            f'"{path}" must be {encoding} text; line {line} cannot be decoded: {error}. '
            'Save it as UTF-8, or pass its encoding, such as encoding="cp1252".'  # that of Windows is the most likely one
        ) from error
