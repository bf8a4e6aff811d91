"""Scores of draws against what was established later, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from forcest.checks.bench.scores import log_density, scores_of
from past_war import spread


def test_inside_is_judged_by_the_geometric_middle_and_overlaps_by_the_range():
    draws = np.arange(1, 101).astype(float)  # 5 % at 5.95, 95 % at 95.05
    scores = scores_of(draws, 90, 140)  # middle 112.2: above all draws
    assert scores["rank"] == 1.0
    assert (scores["inside"], scores["overlaps"]) == (False, True)
    assert scores["low_90"] == pytest.approx(5.95)
    assert scores["high_90"] == pytest.approx(95.05)
    assert scores["width"] == pytest.approx(95.05 / 5.95)
    inside = scores_of(draws, 40, 90)  # middle 60: 59 draws below it
    assert inside["rank"] == 0.59
    assert (inside["in50"], inside["in80"], inside["inside"]) == (True, True, True)
    edge = scores_of(draws, 90.5, 90.5)
    assert (edge["rank"], edge["in80"], edge["inside"]) == (0.9, True, True)


def test_the_log_score_is_the_kernel_density_of_logs():
    draws = np.exp([1.0, 2.0, 3.0])
    width = 1.06 * np.sqrt(2 / 3) * 3**-0.2  # standard deviation of 1, 2, 3
    kernels = np.exp(-0.5 * (np.array([-1.0, 0.0, 1.0]) / width) ** 2) / np.sqrt(2 * np.pi)
    assert log_density(draws, np.exp(2.0)) == pytest.approx(np.log(kernels.mean() / width))


def test_the_log_score_of_a_lognormal_is_its_log_density():
    """Of 4,000 quantiles; the kernel widens a standard deviation of 0.7 by 2 % (0.141 of it, in quadrature, is 1 %)."""
    found = scores_of(spread(1_000, 0.7), 500, 500)["log_score"]
    z = np.log(0.5) / 0.7
    assert found == pytest.approx(-0.5 * z**2 - np.log(0.7 * np.sqrt(2 * np.pi)), abs=0.03)


def test_the_crps_by_hand():
    """Of two draws a and b against x: the mean distance to x less a quarter of |a - b| twice, on log(1 + persons)."""
    a, b, x = np.log1p(10), np.log1p(100), np.log1p(50)
    by_hand = (abs(a - x) + abs(b - x)) / 2 - abs(a - b) / 4
    assert scores_of(np.array([10.0, 100.0]), 50, 50)["crps"] == pytest.approx(by_hand)


def test_nobody_has_a_place_on_the_log_scale():
    scores = scores_of(np.zeros(100), 0, 0)  # the middle is one person
    assert scores["width"] == 1.0
    assert np.isfinite(scores["log_score"])
    assert scores["rank"] == 1.0
