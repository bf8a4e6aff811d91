"""The page of a comparison: sentences first, then figures and every step; it fits a telephone."""

import shutil
from dataclasses import replace

import pytest

import forcest as fc
from comparison_made import comparison_of
from forcest.errors import ForcestError

MEDIANS = [420, 570, 610, 612]


def test_markdown_has_the_sentence_and_every_step(tmp_path):
    found = comparison_of(MEDIANS, mcse=9.0)
    text = fc.report(found, tmp_path / "changed.md").read_text(encoding="utf-8")
    assert text.index("Killed rose by 192") < text.index("| step | rows |")
    assert "| HUR | 1 | 610 | 200 | 900 | \\+40 | 12\\.7 |  |".replace("\\.", ".") in text
    assert "| NIS | 1 | 612 | 200 | 900 | \\+2 | 12.7 | within noise |" in text


def test_the_table_is_the_csv(tmp_path):
    lines = fc.report(comparison_of(MEDIANS), tmp_path / "changed.csv").read_text().splitlines()
    assert lines[0].startswith("measure,kind,step,n_claims,median,low,high,mcse,shift,shift_mcse,firm,converged")
    assert len(lines) == 5


def test_what_may_not_be_quoted_says_so(tmp_path):
    found = comparison_of(MEDIANS)
    doubtful = replace(found, table=found.table.assign(converged=[True, True, False, True]), quick=True)
    text = fc.report(doubtful, tmp_path / "changed.md").read_text(encoding="utf-8")
    assert "> **NOT CONVERGED: some fit of this comparison" in text
    assert "> **QUICK: one of the estimates" in text
    assert "not converged |" in text
    with pytest.raises(ForcestError, match="a Comparison has no influence, contradictions or scenarios of its own"):
        fc.report(found, tmp_path / "changed.md", scenarios={"a": None})


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=shutil.which("chromium") or "/usr/bin/chromium", args=["--no-sandbox"])
        yield found
        found.close()


@pytest.mark.parametrize("width", [390, 1300])
def test_page_fits_and_fetches_nothing(browser, tmp_path, width):
    path, messages = fc.report(comparison_of(MEDIANS), tmp_path / "changed.html"), []
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("console", lambda message: messages.append(message.text))
    page.on("request", lambda r: messages.append(r.url) if not r.url.startswith(("data:", path.as_uri())) else None)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert messages == []
    assert page.locator("h2").all_inner_texts()[0] == "In words"
    assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0 && i.alt.endsWith('Measure: Killed.'))")
    page.close()
