"""One line on the terminal that shows how far a run of many chains has come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


@contextmanager
def progress_line(wanted: bool, chains: int) -> Iterator[Any]:
    """A callback for :func:`forcest.sampling.sample` that keeps one line up to date, or None if it is not ``wanted``."""
    if not wanted:
        yield None
        return
    from rich.console import Console
    from rich.status import Status

    with Status("starting", console=Console(stderr=True)) as status:

        def report(p: Any) -> None:
            rate = p.n_gradients / max(p.seconds, 1e-9)
            found = "" if np.isnan(p.min_ess) else f", ESS {p.min_ess:.0f} of {p.target_ess:.0f}, R-hat {p.max_rhat:.3f}"
            done = p.n_done * max(1.0, p.target_ess / p.min_ess) if p.min_ess > 0 else np.nan
            left = "" if np.isnan(done) or p.n_done == 0 else f", about {p.seconds * (done / p.n_done - 1):.0f} s left"
            status.update(f"{p.phase}: {p.n_done} draws of {chains} chains, {rate:,.0f} gradients/s{found}{left}")

        yield report
