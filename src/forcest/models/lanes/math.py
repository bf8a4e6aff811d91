"""Exponential, logarithm and their relatives of sixteen numbers at once, within 2 units in the last place of NumPy."""

from __future__ import annotations

import math

import numpy as np

from forcest.models.lanes.compile import inner
from forcest.models.lanes.vector import _MAGIC, _exponent, _mantissa, _times_power, spread, where_equal, where_less

_LOG2_E = 1 / math.log(2)
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_SMALLEST, _LARGEST = -708.0, 709.0
# (exp(r) - 1 - r)/r**2 for |r| <= log(2)/2, interpolated at Chebyshev nodes; error of exp 2e-17
_EXP = (
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662413,
    0.008333333333330062,
    0.0013888888917213717,
    0.00019841269863053618,
    2.4801521295954376e-05,
    2.7557268459997064e-06,
    2.7620088445409746e-07,
    2.510038549551032e-08,
)
_E0, _E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9 = _EXP
# log((1 + s)/(1 - s)) = 2 s + s**3 (...), the polynomial of FreeBSD's msun
_L1, _L2, _L3, _L4, _L5, _L6, _L7 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


@inner
def smaller(x, y):
    """The smaller of two; y where x is NaN."""
    return where_less(x, y, x, y)


@inner
def larger(x, y):
    """The larger of two; y where x is NaN."""
    return where_less(y, x, x, y)


@inner
def _exp_parts(x):
    """Rounded exponent (in the lowest bits of a large number) and exp(r) - 1 of the rest."""
    shifted = x * _LOG2_E + _MAGIC
    n = shifted - _MAGIC
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    square = r * r
    low = (_E0 + r * _E1) + square * (_E2 + r * _E3)
    high = (_E4 + r * _E5) + square * (_E6 + r * _E7) + (square * square) * (_E8 + r * _E9)
    return shifted, r + square * (low + (square * square) * high)


@inner
def exp_bounded(x):
    """Exponential of a number between -708 and 709."""
    shifted, rest = _exp_parts(x)
    return _times_power(1.0 + rest, shifted)


@inner
def exp(x):
    """Exponential; exp(-708) below -708, exp(709) above 709, NaN of NaN."""
    bounded = where_less(x, spread(_SMALLEST), spread(_SMALLEST), where_less(spread(_LARGEST), x, spread(_LARGEST), x))
    return exp_bounded(bounded)


@inner
def exp_minus_one(x):
    """exp(x) - 1 without loss near 0, for x up to 709."""
    shifted, rest = _exp_parts(where_less(x, spread(_SMALLEST), spread(_SMALLEST), x))
    power = _times_power(spread(1.0), shifted)
    return power * rest + (power - 1.0)


@inner
def log(x):
    """Natural logarithm of a positive normal number; -inf at 0, NaN below."""
    exponent = _exponent(x)
    f = _mantissa(x) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    r = z * (_L1 + w * (_L3 + w * (_L5 + w * _L7))) + w * (_L2 + w * (_L4 + w * _L6))
    half = 0.5 * f * f
    result = exponent * _LN2_HIGH - ((half - (s * (half + r) + exponent * _LN2_LOW)) - f)
    special = where_equal(x, spread(0.0), spread(-np.inf), spread(np.nan))
    return where_less(spread(0.0), x, where_less(x, spread(np.inf), result, x), special)


@inner
def sigmoid(x):
    """Logistic function."""
    return 1.0 / (1.0 + exp(-x))
