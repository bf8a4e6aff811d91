"""Variants of claims for sixteen chains: mean over the dates of a claim, and over the two meanings of "casualties" of a source."""

from __future__ import annotations

import numpy as np

from forcest.models.lanes import add_to, exp, inner, kernel, larger, load, log, magnitude, spread, store, where_less

LOG_2 = float(np.log(2.0))


@inner
def _variant(k, work, variant):
    """Log probability of a variant: the mean over its points."""
    first, last = k.variant_start[variant], k.variant_start[variant + 1]
    result = load(work.point, k.variant_point[first])
    if last - first > 1:
        highest = result
        for i in range(first + 1, last):
            highest = larger(load(work.point, k.variant_point[i]), highest)
        total = spread(0.0)
        for i in range(first, last):
            total += k.variant_weight[i] * exp(load(work.point, k.variant_point[i]) - highest)
        result = highest + log(total)
    return result


@kernel
def variants_forward(k, work):
    """Log likelihood of all claims; fills the totals of both meanings of each source."""
    total = spread(0.0)
    for side in range(2 * k.n_sides):
        store(work.side, side, spread(0.0))
    for v in range(len(k.used)):
        if k.used[v] == 0.0:
            continue
        probability = k.used[v] * _variant(k, work, v)
        if k.variant_side[v] < 0:
            total += probability
        else:
            add_to(work.side, k.variant_side[v], probability)
    for s in range(k.n_sides):
        a, b = load(work.side, 2 * s), load(work.side, 2 * s + 1)
        near = exp(-magnitude(a - b))
        total += larger(a, b) + log(1.0 + near) - LOG_2
        share = where_less(a, b, near, spread(1.0)) / (1.0 + near)
        store(work.side, 2 * s, share)
        store(work.side, 2 * s + 1, 1.0 - share)
    return total


@kernel
def variants_backward(k, work):
    """Weights of the points in the total; the sides hold the probabilities of the meanings."""
    for v in range(len(k.used)):
        if k.used[v] == 0.0:
            continue
        bar = spread(k.used[v])
        if k.variant_side[v] >= 0:
            bar = bar * load(work.side, k.variant_side[v])
        first, last = k.variant_start[v], k.variant_start[v + 1]
        if last - first == 1:
            add_to(work.point_bar, k.variant_point[first], bar)
            continue
        probability = _variant(k, work, v)
        for i in range(first, last):
            share = k.variant_weight[i] * exp(load(work.point, k.variant_point[i]) - probability)
            add_to(work.point_bar, k.variant_point[i], bar * share)
