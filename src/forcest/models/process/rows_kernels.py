"""Loops over draws for which NumPy has no function."""

from __future__ import annotations

import numba


@numba.njit(cache=True, nogil=True, error_model="numpy")
def convolve_rows(lags, series, out):
    """Add to ``out`` each series delayed by its draw's lag probabilities, shapes (draw, lag), (draw, wave, date) twice."""
    for draw in range(series.shape[0]):
        weights = lags[draw]
        for wave in range(series.shape[1]):
            row = out[draw, wave]
            for t in range(series.shape[2]):
                entering = series[draw, wave, t]
                for lag in range(series.shape[2] - t):
                    row[t + lag] += weights[lag] * entering


@numba.njit(cache=True, nogil=True, error_model="numpy")
def stages_rows(share, stages, daily):
    """Pass each row of ``daily``, shape (draw, day), through stages that a share (draw,) of their people leaves every day."""
    for draw in range(daily.shape[0]):
        leave, row = share[draw], daily[draw]
        for _ in range(stages):
            left = 0.0
            for day in range(len(row)):
                left = leave * row[day] + (1 - leave) * left
                row[day] = left


@numba.njit(cache=True, nogil=True, error_model="numpy")
def front_rows(inflow, steps, share, lags, front, casualties, returned, home):
    """Fill the front and its flows, each (draw, date), from the inflow (draw, date) and the shares of every step.

    ``steps`` are the shares of the front that stay, become casualties, go to the rear and home, and of the rear that comes back,
    each (draw, date); ``share`` is that of a date's casualties who return (draw, date), ``lags`` the weights of their delay
    (draw, lag). The outputs must hold zeros.
    """
    stay, lost, to_rear, to_home, back = steps
    size = inflow.shape[1]
    for draw in range(inflow.shape[0]):
        rear = 0.0
        front[draw, 0] = inflow[draw, 0]
        for t in range(1, size):
            before = front[draw, t - 1]
            casualties[draw, t] = before * lost[draw, t]
            home[draw, t] = before * to_home[draw, t]
            weight = share[draw, t] * casualties[draw, t]
            for lag in range(size - t):
                returned[draw, t + lag] += lags[draw, lag] * weight
            again = rear * back[draw, t]
            rear += before * to_rear[draw, t] - again
            front[draw, t] = before * stay[draw, t] + inflow[draw, t] + returned[draw, t] + again
