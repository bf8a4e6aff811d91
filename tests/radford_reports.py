"""A small set of reports in the published model's form."""

import numpy as np
import pandas as pd

from forcest.models.radford2023.reports import Reports


def small_reports() -> Reports:
    """The reports of :func:`small_table` as arrays."""
    return Reports.of(small_table())


def small_table() -> pd.DataFrame:
    """Two kinds of loss of two countries over 40 days, with every form of report and counts from 0 to thousands."""
    rng = np.random.default_rng(5)
    n = 60
    category = rng.choice(["Military Deaths", "Tanks"], n)
    country = rng.choice(["Russia", "Ukraine"], n)
    form = rng.integers(3, size=n)
    return pd.DataFrame({
        "days": np.append(rng.integers(1, 41, n - 1), 40),
        "loss_count": rng.choice([0, 1, 2, 9, 10, 11, 40, 3_000], n),
        "loss_type": [f"{a}-{b}" for a, b in zip(category, country, strict=True)],
        "claim_source": rng.choice(["one", "two", "three"], n),
        "time_frame": rng.choice(["Cumulative", "Cumulative", "Day"], n),
        "loss_country": country,
        "minimum": (form == 1).astype(int),
        "maximum": (form == 2).astype(int),
        "category": category,
        "source_target": "",
    })  # fmt: skip
