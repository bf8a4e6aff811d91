"""Curves that return to zero, for sixteen chains; the batched side of ``ar1.py``."""

from __future__ import annotations

from typing import NamedTuple

from forcest.models.lanes import add_to, exp, exp_minus_one, kernel, load, spread, square_root, store


class CurveConstants(NamedTuple):
    """Where the parameters of a curve stand.

    Attributes
    ----------
    correlation, offset : int
        Values that hold the correlation time, and the first offset.
    n_knots : int
    spacing : float  [days]
    """

    correlation: int
    offset: int
    n_knots: int
    spacing: float


@kernel
def curve_forward(k, value, knots):
    """Fill the knots."""
    spacing = k.spacing / load(value, k.correlation)
    phi, psi = exp(-spacing), square_root(-exp_minus_one(-2.0 * spacing))
    curve = load(value, k.offset)
    store(knots, 0, curve)
    for i in range(1, k.n_knots):
        curve = phi * curve + psi * load(value, k.offset + i)
        store(knots, i, curve)


@kernel
def curve_backward(k, value, bar, knots, knots_bar):
    """Adjoint of :func:`curve_forward`."""
    correlation = load(value, k.correlation)
    spacing = k.spacing / correlation
    phi, psi = exp(-spacing), square_root(-exp_minus_one(-2.0 * spacing))
    phi_bar, psi_bar, later = spread(0.0), spread(0.0), spread(0.0)
    for i in range(k.n_knots - 1, 0, -1):
        curve_bar = load(knots_bar, i) + later
        phi_bar += curve_bar * load(knots, i - 1)
        psi_bar += curve_bar * load(value, k.offset + i)
        add_to(bar, k.offset + i, psi * curve_bar)
        later = phi * curve_bar
    add_to(bar, k.offset, load(knots_bar, 0) + later)
    add_to(bar, k.correlation, (phi_bar - psi_bar * phi / psi) * phi * spacing / correlation)
