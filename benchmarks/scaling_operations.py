"""Number of floating-point operations of a density: its kernels run in the Python interpreter on numbers that count.

The kernels are the functions that Numba compiles. Each lane's addition, subtraction, multiplication, division, square root
and comparison is one operation; the value is compared with that of the compiled code.
"""

from __future__ import annotations

import contextlib
import importlib
import operator
import pkgutil
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numba.core.dispatcher import Dispatcher

import forcest.models
from forcest.models import lanes
from forcest.models.lanes import vector

COUNT: Counter = Counter()


class Lanes:
    """A number in sixteen lanes that counts its operations."""

    __array_ufunc__ = None  # a NumPy scalar on the left defers to this class

    def __init__(self, value):
        self.value = value

    def __neg__(self):
        return _done("neg", -self.value)


def _done(name: str, value) -> Lanes:
    COUNT[name] += lanes.LANES
    return Lanes(value)


def _plain(x):
    return x.value if isinstance(x, Lanes) else x


def _binary(op, *, swapped: bool):
    def method(self, other):
        a, b = (_plain(other), self.value) if swapped else (self.value, _plain(other))
        return _done(op.__name__, op(a, b))

    return method


for _name in ("add", "sub", "mul", "truediv"):
    _op = getattr(operator, _name)
    setattr(Lanes, f"__{_name}__", _binary(_op, swapped=False))
    setattr(Lanes, f"__r{_name}__", _binary(_op, swapped=True))


def _add_to(array, row, value) -> None:
    COUNT["add"] += lanes.LANES
    array[row] += _plain(value)


def _store(array, row, value) -> None:
    array[row] = _plain(value)


def _select(a, b, yes, no, compare) -> Lanes:
    return _done("select", np.where(compare(_plain(a), _plain(b)), _plain(yes), _plain(no)))


def _scaled(x) -> tuple[np.ndarray, np.ndarray]:
    """Mantissa in [sqrt(1/2), sqrt(2)) and exponent."""
    mantissa, exponent = np.frexp(_plain(x))
    small = mantissa < np.sqrt(0.5)
    return np.where(small, 2 * mantissa, mantissa), exponent - small


INSTEAD = {
    "load": lambda array, row: Lanes(array[row].copy()),
    "store": _store,
    "add_to": _add_to,
    "spread": lambda value: Lanes(np.full(lanes.LANES, value)),
    "where_less": lambda a, b, yes, no: _select(a, b, yes, no, np.less),
    "where_equal": lambda a, b, yes, no: _select(a, b, yes, no, np.equal),
    "any_less": lambda a, b: bool((_plain(a) < _plain(b)).any()),
    "square_root": lambda x: _done("sqrt", np.sqrt(_plain(x))),
    "magnitude": lambda x: _done("abs", np.abs(_plain(x))),
    "_times_power": lambda x, shifted: _done("ldexp", np.ldexp(_plain(x), (_plain(shifted) - vector._MAGIC).astype(int))),
    "_mantissa": lambda x: _done("frexp", _scaled(x)[0]),
    "_exponent": lambda x: _done("frexp", _scaled(x)[1].astype(float)),
}


@contextlib.contextmanager
def interpreted() -> Iterator[None]:
    """Run kernels as plain Python functions on counting numbers."""
    names = [
        m.name
        for m in pkgutil.walk_packages(forcest.models.__path__, "forcest.models.")
        if "kernels" in m.name or ".lanes." in m.name
    ]
    modules = [importlib.import_module(name) for name in names]
    before = [(module, dict(vars(module))) for module in modules]
    for module, things in before:
        for name, thing in things.items():
            if name in INSTEAD:
                setattr(module, name, INSTEAD[name])
            elif isinstance(thing, Dispatcher):
                setattr(module, name, thing.py_func)
    try:
        yield
    finally:
        for module, things in before:
            vars(module).update(things)


def operations(density) -> dict[str, float]:
    """Operations of one value and gradient of a LaneDensity, per chain, by kind."""
    from forcest.models.density import force_kernels as batched_kernels

    position = np.ascontiguousarray(density.coordinates.prior_positions(np.random.default_rng(1), lanes.LANES).T)
    value, gradient = np.empty(lanes.LANES), np.empty_like(position)
    work = batched_kernels.workspace(density.constants)
    COUNT.clear()
    with interpreted(), np.errstate(all="ignore"):
        batched_kernels.density(density.constants, work, position, value, gradient)
    compiled, slope = density(position.T)
    np.testing.assert_allclose(value, compiled, rtol=1e-10)
    np.testing.assert_allclose(gradient.T, slope, atol=1e-9 * np.abs(slope).max())
    return {name: n / lanes.LANES for name, n in COUNT.items()}
