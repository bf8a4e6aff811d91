"""The figure of a forecast with the claims that came later: every later claim is scored or refused, none that was known."""

import json
import sys
from pathlib import Path

import pandas as pd
import pytest

import forcest as fc

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(FOLDER))
    try:
        import forecast_against_claims
    finally:
        sys.path.remove(str(FOLDER))
    return forecast_against_claims


@pytest.mark.slow
def test_every_later_claim_is_scored_or_refused(script, tmp_path, capsys):
    script.main(["--known-by", "2025-01-31", "--until", "2025-03-31", "--quick", "--out", str(tmp_path)])
    found = json.loads(capsys.readouterr().out)
    claims = fc.datasets.load("north_korea_kursk").usable()
    later = claims[claims["published"] > pd.Timestamp("2025-01-31")]
    copies = (later["origin"] != "").sum()  # a copy may be merged with the claim it repeats
    assert len(later) - copies <= found["n_scored"] + found["n_refused"] <= len(later)
    assert 0 < found["in50"] <= found["in90"] <= found["n_with_a_number"] < found["n_scored"]
    assert (tmp_path / "forecast-2025-01-31.png").read_bytes()[:4] == b"\x89PNG"
