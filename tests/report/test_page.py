import os
import shutil
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

import forcest as fc
import synthetic_fit

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
HOSTILE = [
    "<script>document.title='owned'</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "Ministry 🪖 & “quotes”",
    "A" * 200,
    "وزارة الدفاع",
]
WIDTHS, LOOKS = (390, 1440), ("light", "dark", "print")


def build(sources=(), informative=0.02, **marks):
    """The synthetic fit with log likelihoods, its sources renamed."""
    table = synthetic_fit.claims()
    if sources:
        table["source"] = [sources[i % len(sources)] for i in range(len(table))]
        table["stance"] = "enemy"
    fit = synthetic_fit.build(table, **marks)
    shape = (synthetic_fit.CHAINS, synthetic_fit.DRAWS)
    killed = fit["posterior"]["killed"].isel(force=0, date=-1).to_numpy()
    # the first source alone speaks of the level: without it, draws count in proportion to exp(-informative * z)
    first = (table.source == table.source.iloc[0]).to_numpy()
    z = (killed - killed.mean()) / killed.std()
    terms = np.where(first, informative * z[..., None] / first.sum(), 0.0).reshape(*shape, len(table))
    fit["log_likelihood"] = xr.DataTree(xr.Dataset({"claims": (("chain", "draw", "claim"), terms)}))
    return fit


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        reason = "no chromium on this machine; Debian's package has it"
        if os.environ.get("FORCEST_BROWSER_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield found
        found.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    mpl.use("Agg")
    folder = tmp_path_factory.mktemp("pages")
    made = {"plain": build(), "hostile": build(HOSTILE), "telling": build(informative=6.0), "forecast": synthetic_fit.forecast()}
    written = {name: fc.report(fit, folder / f"{name}.html") for name, fit in made.items()}
    forecasts = {name: synthetic_fit.forecast(1.0 + i) for i, name in enumerate(["as before", *HOSTILE[:4]])}
    written["scenarios"] = fc.report(made["plain"], folder / "scenarios.html", scenarios=forecasts)
    return written


def opened(browser, path, width=1440, look="light", script=True):
    """The page, and a list that fills with console messages and requests."""
    scheme = "dark" if look == "dark" else "light"
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script)
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.on("request", lambda r: messages.append(r.url) if not r.url.startswith(("data:", path.as_uri())) else None)
    if look == "print":
        page.emulate_media(media="print", color_scheme="light")
    page.goto(path.as_uri())
    return page, messages


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["plain", "hostile", "forecast", "scenarios"])
def test_page_fits_is_silent_and_accessible(browser, pages, name, width, look):
    from axe_playwright_python.sync_playwright import Axe

    page, messages = opened(browser, pages[name], width, look)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert messages == []
    assert "owned" not in page.title()
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0 && i.alt)")
    found = [
        (v["id"], [n["html"][:200] for n in v["nodes"]])
        for v in Axe().run(page).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert found == []
    page.close()


def test_names_from_a_ledger_are_text_and_nothing_else(browser, pages):
    page, _ = opened(browser, pages["hostile"])
    text = page.locator("main").inner_text()
    assert [name for name in HOSTILE if name not in text] == []
    assert page.locator("script").count() == 2
    assert page.locator("img[src=x]").count() == 0
    page.close()


def test_without_javascript_everything_but_the_explorer_is_there(browser, pages):
    page, messages = opened(browser, pages["plain"], script=False)
    assert page.locator("#explore").is_hidden()
    assert page.locator("#explore-without").is_visible()
    assert page.locator("section").count() == 14
    assert messages == []
    page.close()


def test_on_paper_what_is_folded_is_open(browser, pages):
    for look, is_open in (("light", False), ("print", True)):
        page, _ = opened(browser, pages["scenarios"], look=look)
        assert page.get_by_text("[arrivals.first]").is_visible() == is_open
        page.close()


def test_numbers_and_dates_are_not_broken_over_lines(browser, pages):
    page, _ = opened(browser, pages["scenarios"], 720, "print")
    lines = page.evaluate(
        "[...document.querySelectorAll('td.n')].filter(c => c.checkVisibility()).map(c => { const r = document.createRange(); "
        "r.selectNodeContents(c); return r.getClientRects().length })"
    )
    assert set(lines) == {1}
    page.close()


def median_of(page, label):
    row = page.locator("#explore-body tr", has_text=label)
    return float(row.locator("td").first.inner_text().replace(",", ""))


def test_slider_shows_the_numbers_of_its_date(browser, pages):
    page, _ = opened(browser, pages["plain"])
    slider = page.locator("#explore-date")
    slider.focus()
    page.keyboard.press("End")
    assert page.locator("#explore-shown").inner_text() == "6 March 2025"  # a tenth of 142 days after the last claim
    assert median_of(page, "Killed") == 600  # 20 % of 3,000 m at the median m = 1
    page.keyboard.press("Home")
    assert median_of(page, "Killed") == 0
    page.close()


def test_tens_of_millions_are_written_whole_beside_the_axis(browser, pages):
    page, _ = opened(browser, pages["plain"])
    first = """label => { const text = document.querySelector("svg[aria-label$='over time'] text");
                          text.textContent = label; return text.getBBox().x; }"""
    assert page.evaluate(first, "12,345,678") >= 0
    assert page.evaluate(first, "12,345,678,901,234") < 0, "a label that is too long begins outside the drawing"
    page.close()


def test_a_source_that_says_little_is_reweighted(browser, pages):
    page, _ = opened(browser, pages["plain"])
    page.locator("[data-source='0']").uncheck()
    assert "an approximation by reweighting" in page.locator("#explore-status").inner_text()
    assert "–" not in page.locator("#explore-body").inner_text()
    page.close()


def test_a_source_that_carries_the_answer_is_refused(browser, pages):
    page, _ = opened(browser, pages["telling"])
    page.locator("[data-source='0']").uncheck()
    assert "Not shown" in page.locator("#explore-status").inner_text()
    assert set(page.locator("#explore-body td").all_inner_texts()) == {"–"}
    page.close()
