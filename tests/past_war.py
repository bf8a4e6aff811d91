"""A small past war in files, for tests of the bench."""

from __future__ import annotations

from pathlib import Path

import numpy as np

LEDGER = """\
id,published,as_of,window_start,window_end,force,measure,scope,value,low,high,qualifier,source,stance,origin,wave,coverage
a1,1990-01-03,1990-01-02,,,Reds,killed,cumulative,103,,,exact,Army,own,,,total
a2,1990-01-05,1990-01-04,,,Reds,killed,cumulative,397,,,exact,Enemy army,enemy,,,total
a3,1990-01-05,1990-01-04,,,Reds,killed,cumulative,397,,,exact,Paper,third_party,a2,,total
a4,1990-01-08,1990-01-07,1990-01-07,1990-01-07,Reds,killed,flow,53,,,exact,Army,own,,,partial
a5,1990-01-20,1990-01-19,,,Reds,killed,cumulative,211,,,exact,Army,own,,,total
a6,1990-02-20,1990-02-19,,,Reds,killed,cumulative,907,,,exact,Enemy army,enemy,,,total
"""
OUTCOMES = """\
force,measure,date,low,high,rule,source,note
Reds,killed,1990-01-31,250,300,scored,Register,
Reds,killed,1990-01-31,260,360,scored,Historian,
Reds,wounded,1990-01-31,500,500,scored,Register,
"""


def write_war(folder: Path) -> str:
    """The war in a folder; the path of its ledger."""
    (folder / "border_1990.csv").write_text(LEDGER)
    (folder / "border_1990.outcomes.csv").write_text(OUTCOMES)
    return str(folder / "border_1990.csv")


def spread(centre, sd, n=4_000):
    """Evenly spaced quantiles of a lognormal distribution."""
    from scipy.special import ndtri

    return centre * np.exp(sd * ndtri((np.arange(n) + 0.5) / n))
