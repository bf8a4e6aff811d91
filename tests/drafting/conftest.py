"""The scoring script, and the passages that the rules were and were not written on."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="session")
def scoring():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import draft
    finally:
        sys.path.remove(str(BENCHMARKS))
    return draft


@pytest.fixture(scope="session")
def passages(scoring):
    """Passages by whether they were held out."""
    held_out = set((HERE / "held_out.txt").read_text(encoding="utf-8").split())
    found = scoring.passages(HERE / "claims_in_text.jsonl")
    return {held: [passage for passage in found if (passage["id"] in held_out) == held] for held in (False, True)}
