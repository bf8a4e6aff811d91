"""Articles as text: plain text, Markdown, web pages and PDF."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from forcest.errors import ForcestError
from forcest.extras import needed
from forcest.ledger.cells import read_date


@dataclass(frozen=True)
class Article:
    """The text of an article, its paragraphs separated by blank lines, and the day of publication if its file says so."""

    text: str
    published: dt.date | None = None


def read_article(path: Path) -> Article:
    """Read an article from a file.

    Parameters
    ----------
    path : Path
        A ``.txt``, ``.md``, ``.html``, ``.htm`` or ``.pdf`` file.

    Returns
    -------
    Article

    Raises
    ------
    ForcestError
        If the file does not exist, is of another kind, cannot be decoded or holds no text, or a library to read it is missing.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        found = f'"{path.suffix}"' if path.suffix else "no suffix"
        raise ForcestError(f'"{path}" must end in {", ".join(_READERS)}; got {found}. Save the article as one of these.')
    if not path.is_file():
        raise ForcestError(f'"{path}" must be an existing file; no such file was found. Check the path.')
    article = reader(path)
    if not article.text.strip():
        raise ForcestError(f'"{path}" must hold text; none was found in it. Copy the text of the article into a .txt file.')
    return article


def _plain(path: Path) -> Article:
    return Article(_decoded(path))


def _markdown(path: Path) -> Article:
    parser = needed("markdown_it", _file(path)).MarkdownIt()
    blocks = [token for token in parser.parse(_decoded(path)) if token.type == "inline"]
    return Article("\n\n".join("".join(_inline_text(part) for part in block.children) for block in blocks))


def _inline_text(part: object) -> str:
    kind = getattr(part, "type", "")
    return " " if kind in ("softbreak", "hardbreak") else getattr(part, "content", "")


def _web_page(path: Path) -> Article:
    trafilatura = needed("trafilatura", _file(path))
    page = path.read_bytes()
    text = trafilatura.extract(page, include_comments=False, include_tables=False, favor_recall=True) or ""
    return Article(re.sub(r"\n+", "\n\n", text), _published(page.decode("utf-8", "replace")))


def _pdf(path: Path) -> Article:
    pypdf = needed("pypdf", _file(path))
    try:
        pages = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    except Exception as error:
        raise ForcestError(f'"{path}" must be a PDF file; it cannot be read: {error}. Save it again.') from error
    return Article("\n\n".join(pages))


def _published(page: str) -> dt.date | None:
    """The day of publication that the metadata of a page give; None if they give none, or several."""
    dates = {read_date(match["date"][:10]) for pattern in _PUBLISHED for match in pattern.finditer(page)}
    return dates.pop() if len(dates) == 1 else None


_META = r'<meta\s[^>]*?(?:property|name|itemprop)=["\'](?:article:published_time|datePublished|date|dc\.date|pubdate)["\']'
_PUBLISHED = (
    re.compile(rf'{_META}[^>]*?content=["\'](?P<date>\d{{4}}-\d\d-\d\d)', re.IGNORECASE),
    re.compile(r'"datePublished"\s*:\s*"(?P<date>\d{4}-\d\d-\d\d)'),
)


def _decoded(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ForcestError(f'"{path}" must be UTF-8 text; it cannot be decoded: {error}. Save it as UTF-8.') from error


def _file(path: Path) -> str:
    return f'"{path.name}": a {path.suffix} file'


_READERS: dict[str, Callable[[Path], Article]] = {
    ".txt": _plain,
    ".md": _markdown,
    ".html": _web_page,
    ".htm": _web_page,
    ".pdf": _pdf,
}
