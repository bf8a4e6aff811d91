"""Articles as text, and the day of publication where the file says it."""

import datetime as dt

import pytest

from forcest.drafting.reading import read_article
from forcest.errors import ForcestError

PAGE = """<html><head>{head}</head><body><nav>Menu: 300 soldiers killed</nav><article><h1>Losses grow</h1>
<p>At least 100 of the soldiers had died by Monday, the intelligence service told lawmakers in a closed session of the council.</p>
<p>Another 1,000 were wounded, it said, in what may be the first heavy losses of the force since it arrived in the region.</p>
</article><footer>All rights reserved</footer></body></html>"""
META = '<meta property="article:published_time" content="2024-12-19T10:00:00Z">'


@pytest.fixture
def saved(tmp_path):
    def save(name, text, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return save


def test_plain_text_is_read_as_it_is(saved):
    article = read_article(saved("a.txt", "\ufeffOne.\n\n“Two”—three."))
    assert (article.text, article.published) == ("One.\n\n“Two”—three.", None)


def test_markdown_is_read_without_its_marks(saved):
    article = read_article(
        saved("a.md", "# Losses\n\nThe **ministry** said [some 520](http://example.org) of its\nmen had fallen.\n")
    )
    assert article.text == "Losses\n\nThe ministry said some 520 of its men had fallen."


def test_a_page_is_read_without_menus_and_with_its_date(saved):
    article = read_article(saved("a.html", PAGE.format(head=META)))
    assert "At least 100 of the soldiers had died by Monday" in article.text
    assert "Menu" not in article.text
    assert article.published == dt.date(2024, 12, 19)


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("", None),
        ('<script type="application/ld+json">{"datePublished": "2024-12-19"}</script>' + META, dt.date(2024, 12, 19)),
        ('<script type="application/ld+json">{"datePublished": "2024-12-20"}</script>' + META, None),
    ],
)
def test_dates_that_disagree_are_none(saved, head, published):
    assert read_article(saved("a.html", PAGE.format(head=head))).published == published


def test_a_pdf_is_read(saved):
    lines = "BT /F1 12 Tf 72 720 Td (At least 100 men had died.) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(lines)} >>\nstream\n{lines}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    body += f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    assert read_article(saved("a.pdf", body)).text == "At least 100 men had died."


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.docx", "x", r'"a.docx" must end in .txt, .md, .html, .htm, .pdf; got ".docx". Save the article as one of these.'),
        ("a.txt", "Müller".encode("cp1252"), r"must be UTF-8 text; it cannot be decoded: .* Save it as UTF-8."),
        ("a.txt", " \n", r"must hold text; none was found in it. Copy the text of the article into a .txt file."),
        ("a.pdf", "no pdf", r"must be a PDF file; it cannot be read: .* Save it again."),
    ],
)
def test_what_cannot_be_read_is_refused(saved, monkeypatch, tmp_path, name, text, message):
    path = saved(name, text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ForcestError, match=message):
        read_article(path.relative_to(tmp_path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ForcestError, match=r'none.txt" must be an existing file; no such file was found. Check the path.'):
        read_article(tmp_path / "none.txt")
