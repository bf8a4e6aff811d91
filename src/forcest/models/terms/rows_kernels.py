"""Loops over draws that NumPy has no single call for."""

from __future__ import annotations

import numba


@numba.njit(cache=True, nogil=True, error_model="numpy")
def convolve_rows(lags, series, out):
    """Add to ``out`` each series delayed by its draw's lag probabilities, shapes (draw, lag), (draw, wave, date) twice."""
    for draw in range(series.shape[0]):
        for wave in range(series.shape[1]):
            for lag in range(series.shape[2]):
                weight = lags[draw, lag]
                for t in range(lag, series.shape[2]):
                    out[draw, wave, t] += weight * series[draw, wave, t - lag]
