"""Terms of a negative binomial in its size, for sixteen chains: Stirling's series and its derivative."""

from __future__ import annotations

import math

from forcest.models.lanes import inner, log, spread, where_less

_SHIFT = 16
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
_C1, _C2, _C3, _C4, _C5 = 1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188
_D1, _D2, _D3, _D4, _D5 = -1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132


@inner
def log_of_one_plus(x):
    """log(1 + x) without loss near 0, for x above -1."""
    whole = 1.0 + x
    return log(whole) + (x - (whole - 1.0)) / whole


@inner
def stirling_remainder(inverse):
    """Log Gamma(A) - (A - 1/2) log A + A - log(2 pi)/2 from 1/A, for A from ten."""
    square = inverse * inverse
    return inverse * (_C1 + square * (_C2 + square * (_C3 + square * (_C4 + square * _C5))))


@inner
def digamma_remainder(inverse):
    """Digamma(A) - log A from 1/A, for A from ten."""
    square = inverse * inverse
    return square * (_D1 + square * (_D2 + square * (_D3 + square * (_D4 + square * _D5)))) - 0.5 * inverse


@inner
def size_terms(size):
    """h(phi) and log phi - digamma(phi); small sizes are moved up by sixteen."""
    up = size + float(_SHIFT)
    product, inverses = size, 1.0 / size
    for i in range(1, _SHIFT):
        product = product * (size + float(i))
        inverses += 1.0 / (size + float(i))
    log_size, log_up, inverse_up, inverse = log(size), log(up), 1.0 / up, 1.0 / size
    gamma = (up - 0.5) * log_up - up + _HALF_LOG_2PI + stirling_remainder(inverse_up) - log(product)
    few = size * log_size - size - gamma
    many = 0.5 * log_size - _HALF_LOG_2PI - stirling_remainder(inverse)
    few_slope = log_size - (log_up + digamma_remainder(inverse_up) - inverses)
    limit = spread(float(_SHIFT))
    return where_less(size, limit, few, many), where_less(size, limit, few_slope, -digamma_remainder(inverse))
