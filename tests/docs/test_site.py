"""The site builds without a warning and without a network, and every link of it leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MARKDOWN = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")

BUILD = """
import socket, sys
def refuse(*args, **options):
    raise OSError("the documentation must build without a network")
socket.socket.connect = socket.create_connection = refuse
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site, one parsed page by path."""
    folder = tmp_path_factory.mktemp("site")
    options = ["-q", "-W", "--keep-going", "-n", "-b", "html", "-d", str(folder / "doctrees"), str(DOCS), str(folder / "html")]
    done = subprocess.run([sys.executable, "-c", BUILD, *options], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in (folder / "html").rglob("*.html")}


def anchors(page):
    return {tag["id"] for tag in page.find_all(id=True)}


def dead_links(pages):
    """Links and sources of pages that lead nowhere on this site."""
    known = {path: anchors(page) for path, page in pages.items()}
    for path, page in pages.items():
        addresses = [tag[name] for name in ("href", "src") for tag in page.find_all(attrs={name: True})]
        for address in addresses:
            to = urlsplit(address)
            if to.scheme or to.netloc:
                continue
            target = (path.parent / unquote(to.path)).resolve() if to.path else path
            if not target.is_file() or (to.fragment and target in known and unquote(to.fragment) not in known[target]):
                yield f"{path.name}: {address}"


@pytest.mark.slow
def test_every_link_and_anchor_leads_somewhere(site):
    assert len(site) > 40
    assert sorted(set(dead_links(site))) == []


@pytest.mark.slow
def test_pages_fetch_nothing(site):
    loading = ["script", "img", "iframe", "source", "video", "audio"]
    for path, page in site.items():
        sources = [tag["src"] for tag in page.find_all(loading) if tag.get("src")]
        sources += [tag["href"] for tag in page.find_all("link") if {"stylesheet", "preload", "icon"} & set(tag.get("rel", []))]
        assert [source for source in sources if urlsplit(source).netloc] == [], path.name


@pytest.mark.slow
def test_every_page_of_the_folder_is_on_the_site_and_every_formula_is_drawn(site):
    built = {path.with_suffix("").as_posix().partition("/html/")[2] for path in site}
    written = {page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.md")} - {
        "claim-bench-table",
        "losses-table",
        "reporting-record-table",
    }
    assert written <= built
    model = next(page for path, page in site.items() if path.name == "model.html")
    assert len(model.find_all("math", display="block")) == (DOCS / "model.md").read_text(encoding="utf-8").count("$$") // 2
    assert model.find_all("merror") == []


@pytest.mark.slow
def test_every_public_name_is_on_the_site(site):
    from public_names import public_names

    said = set().union(*(anchors(page) for page in site.values()))
    for name in public_names():
        full = name.replace("fc.presets.", "forcest.models.presets.").replace("fc.", "forcest.")
        assert full in said or name == "fc.datasets.PUBLIC", name


def test_a_dead_link_is_found(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<a id="here" href="#here"></a><a href="#there"></a><a href="none.html"></a><a href="https://a.example"></a>')
    assert list(dead_links({page: BeautifulSoup(page.read_text(), "html.parser")})) == ["page.html: #there", "page.html: none.html"]


def slug(heading):
    """The anchor that a heading of Markdown has."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")


@pytest.mark.parametrize("file", MARKDOWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_of_markdown_lead_somewhere_in_the_repository(file):
    for address in LINK.findall(file.read_text(encoding="utf-8")):
        to = urlsplit(address)
        if to.scheme or to.netloc:
            continue
        target = file.parent / to.path if to.path else file
        assert target.exists(), address
        if to.fragment and target.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert to.fragment in {slug(heading) for heading in headings}, address


def test_the_build_refuses_a_network():
    code = BUILD.partition("from sphinx")[0] + "socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert "must build without a network" in done.stderr
