r"""Delays for sixteen chains as a sequence of stages; the batched form of ``delays.py``.

A stage with daily probability :math:`p = k/(k + mean)` of leaving is the filter :math:`s_d = p\,x_d + (1-p)\,s_{d-1}`, and k of
them are the negative binomial delay. Its slope in the mean needs no adjoint recursion: with z the shift by one day,

.. math:: \frac{\partial}{\partial mean} \Big(\frac{p}{1-(1-p)z}\Big)^k = -(1 - z)\Big(\frac{p}{1-(1-p)z}\Big)^{k+1},

which is minus the daily growth of the output of one more stage. Steps longer than a day are computed day by day, with the people of
a step spread evenly: their number rises and falls linearly between the nodes, as in :meth:`Grid.lag_reader`.
"""

from __future__ import annotations

from forcest.models.lanes import inner, load, spread, store


@inner
def clear(state, stages):
    """Empty all stages."""
    for i in range(stages):
        store(state, i, spread(0.0))


@inner
def pass_day(state, stages, p, arriving):
    """One day in ``stages`` stages, the first of which ``arriving`` people enter."""
    for i in range(stages):
        arriving = p * arriving + (1.0 - p) * load(state, i)
        store(state, i, arriving)


@inner
def pass_step(state, stages, step, first_day, p, before, now):
    """One step in ``stages + 1`` stages; returns the output on its last day, and its slope in the mean delay."""
    growth = load(state, stages)
    if step == 1:
        pass_day(state, stages + 1, p, before if first_day == 1 else now)
        return load(state, stages - 1), growth - load(state, stages)
    for day in range(1, step + 1):
        share = (day - first_day) / step
        growth = load(state, stages)
        pass_day(state, stages + 1, p, (1.0 - share) * before + share * now)
    return load(state, stages - 1), growth - load(state, stages)


@inner
def _pass_day_backward(state_bar, stages, p, leaving_bar):
    """Adjoint of :func:`pass_day` in its arrivals."""
    slope = leaving_bar
    for i in range(stages - 1, -1, -1):
        slope += load(state_bar, i)
        store(state_bar, i, (1.0 - p) * slope)
        slope = p * slope
    return slope


@inner
def pass_step_backward(state_bar, stages, step, first_day, p, leaving_bar):
    """Adjoint of :func:`pass_step` in its arrivals: slopes in those of the step before and of this step."""
    zero = spread(0.0)
    if step == 1:
        slope = _pass_day_backward(state_bar, stages, p, leaving_bar)
        return (slope, zero) if first_day == 1 else (zero, slope)
    before_bar, now_bar = zero, zero
    for day in range(step, 0, -1):
        slope = _pass_day_backward(state_bar, stages, p, leaving_bar if day == step else zero)
        share = (day - first_day) / step
        before_bar += (1.0 - share) * slope
        now_bar += share * slope
    return before_bar, now_bar
