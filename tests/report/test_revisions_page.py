"""The page of revisions: every earlier interval beside what came, and whether it held."""

import pandas as pd

import forcest as fc
from forcest.checks import Revisions


def revisions() -> Revisions:
    """Two vintages of one day: the first expected 100 [80, 120] killed, the second says 150, so that the first was surprised."""
    day, first, second = (pd.Timestamp(f"2025-{text}") for text in ("01-31", "01-31", "02-28"))
    rows = [(first, 100.0, 80.0, 120.0), (second, 150.0, 90.0, 200.0)]
    columns = ["origin", "median", "low", "high"]
    estimates = pd.DataFrame(rows, columns=columns).assign(date=day, force="the force", measure="killed")
    fits = pd.DataFrame({"origin": [first, second], "n_claims": [9, 12], "converged": [True, True]})
    return Revisions(estimates, fits)


def test_the_page_says_which_interval_was_surprised(tmp_path):
    text = fc.report(revisions(), tmp_path / "r.md").read_text(encoding="utf-8")
    assert "0 of 1 earlier intervals hold the median of the last vintage." in text
    assert "| 31 January 2025 | 31 January 2025 | 100 | 80 | 120 | 150 | no |" in text


def test_the_page_has_a_figure_and_warns_of_what_has_not_converged(tmp_path):
    found = revisions()
    page = fc.report(found, tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.count("<img") == 1
    assert "NOT CONVERGED" not in page
    bad = Revisions(found.estimates, found.fits.assign(converged=[True, False]))
    assert "NOT CONVERGED" in fc.report(bad, tmp_path / "bad.html").read_text(encoding="utf-8")
