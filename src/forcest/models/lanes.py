# pyright: reportArgumentType=false, reportCallIssue=false, reportOperatorIssue=false, reportIncompatibleMethodOverride=false
# pyright: reportOptionalCall=false, reportAttributeAccessIssue=false
# Kernels are typed by Numba, not by annotations; the checker does not know what operators of a new Numba type return.
"""Sixteen chains as one number: a Numba type whose arithmetic is that of LLVM vectors.

Every quantity of the batched density is held for sixteen chains side by side. Left to itself the compiler calls the scalar exp and
log of the C library and refuses to vectorise loops over many arrays that might overlap; a vector type makes both explicit, keeps
states of recursions in registers, and compiles fast. ``load`` and ``store`` move a row of a C-contiguous array (row, 16).

Multiplication and addition may be contracted to one rounding, nothing else is relaxed: infinities and NaN behave.
"""

from __future__ import annotations

import math
import operator
from pathlib import Path

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 16
_ALIGNMENT = 64
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_BITS = ir.VectorType(ir.IntType(64), LANES)


class LanesType(types.Type):
    """Type of a number that has a value in each lane."""

    def __init__(self):
        super().__init__(name="Lanes")


lanes = LanesType()
_OPERATORS = {
    operator.add: "fadd",
    operator.iadd: "fadd",
    operator.sub: "fsub",
    operator.isub: "fsub",
    operator.mul: "fmul",
    operator.truediv: "fdiv",
}


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, fe_type):
        super().__init__(manager, fe_type, _VECTOR)


def _constant(kind: ir.VectorType, value) -> ir.Constant:
    return ir.Constant(kind, [value] * LANES)


def _spread(builder, value):
    """One number in every lane."""
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, ir.Constant(_VECTOR, ir.Undefined), _constant(ir.VectorType(ir.IntType(32), LANES), 0))


def _define(op, name: str) -> None:
    """Arithmetic between lanes, and between lanes and plain numbers."""

    class Typing(ConcreteTemplate):
        cases = (
            signature(lanes, lanes, lanes),
            signature(lanes, lanes, types.float64),
            signature(lanes, types.float64, lanes),
        )

    infer_global(op)(Typing)

    def lower(context, builder, sig, args):
        left, right = (
            value if isinstance(kind, LanesType) else _spread(builder, value) for kind, value in zip(sig.args, args, strict=True)
        )
        return getattr(builder, name)(left, right, flags=("contract",))

    for pair in ((lanes, lanes), (lanes, types.float64), (types.float64, lanes)):
        lower_builtin(op, *pair)(lower)


for _op, _name in _OPERATORS.items():
    _define(_op, _name)


@infer_global(operator.neg)
class _Negation(ConcreteTemplate):
    cases = (signature(lanes, lanes),)


@lower_builtin(operator.neg, lanes)
def _lower_negation(context, builder, sig, args):
    return builder.fneg(args[0])


def _row(context, builder, kind, array, row):
    """Pointer to a row of an array (row, lane)."""
    data = context.make_array(kind)(context, builder, array).data
    start = builder.gep(data, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(start, _VECTOR.as_pointer())


@intrinsic
def load(typing, array, row):
    """Row of an array."""

    def lower(context, builder, sig, args):
        return builder.load(_row(context, builder, sig.args[0], *args), align=8)

    return lanes(array, types.intp), lower


@intrinsic
def store(typing, array, row, value):
    """Put a value into a row of an array."""

    def lower(context, builder, sig, args):
        builder.store(args[2], _row(context, builder, sig.args[0], *args[:2]), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), lower


@intrinsic
def add_to(typing, array, row, value):
    """Add a value to a row of an array."""

    def lower(context, builder, sig, args):
        place = _row(context, builder, sig.args[0], *args[:2])
        builder.store(builder.fadd(builder.load(place, align=8), args[2]), place, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), lower


@intrinsic
def spread(typing, value):
    """One number in every lane."""

    def lower(context, builder, sig, args):
        return _spread(builder, args[0])

    return lanes(types.float64), lower


@intrinsic
def where_less(typing, a, b, yes, no):
    """``yes`` in the lanes where a < b, ``no`` elsewhere (also where either is NaN)."""

    def lower(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[2], args[3])

    return lanes(lanes, lanes, lanes, lanes), lower


@intrinsic
def where_equal(typing, a, b, yes, no):
    """``yes`` in the lanes where a == b, ``no`` elsewhere."""

    def lower(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered("==", args[0], args[1]), args[2], args[3])

    return lanes(lanes, lanes, lanes, lanes), lower


@intrinsic
def any_less(typing, a, b):
    """Whether a < b in any lane."""

    def lower(context, builder, sig, args):
        found = builder.fcmp_ordered("<", args[0], args[1])
        return builder.icmp_signed("!=", builder.bitcast(found, ir.IntType(LANES)), ir.Constant(ir.IntType(LANES), 0))

    return types.boolean(lanes, lanes), lower


def _call(builder, name: str, *args):
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(args))
    return builder.call(builder.module.declare_intrinsic(f"{name}.v{LANES}f64", (), kind), args)


@intrinsic
def square_root(typing, x):
    """Square root."""
    return lanes(lanes), lambda context, builder, sig, args: _call(builder, "llvm.sqrt", *args)


@intrinsic
def magnitude(typing, x):
    """Absolute value."""
    return lanes(lanes), lambda context, builder, sig, args: _call(builder, "llvm.fabs", *args)


@intrinsic
def _times_power(typing, x, shifted):
    """X times 2**n, where n stands in the lowest bits of ``shifted``; x and the result must be normal numbers."""

    def lower(context, builder, sig, args):
        power = builder.shl(builder.bitcast(args[1], _BITS), _constant(_BITS, 52))
        return builder.bitcast(builder.add(builder.bitcast(args[0], _BITS), power), _VECTOR)

    return lanes(lanes, lanes), lower


_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer, which then stands in the lowest bits
_MAGIC_BITS = 0x4338000000000000


@intrinsic
def _mantissa(typing, x):
    """The number in [sqrt(1/2), sqrt(2)) that x is a power of two times of."""

    def lower(context, builder, sig, args):
        bits = builder.bitcast(args[0], _BITS)
        exponent = builder.ashr(builder.sub(bits, _constant(_BITS, _SQRT_HALF_BITS)), _constant(_BITS, 52))
        return builder.bitcast(builder.sub(bits, builder.shl(exponent, _constant(_BITS, 52))), _VECTOR)

    return lanes(lanes), lower


@intrinsic
def _exponent(typing, x):
    """The power of two that belongs to ``_mantissa``."""

    def lower(context, builder, sig, args):
        bits = builder.bitcast(args[0], _BITS)
        exponent = builder.ashr(builder.sub(bits, _constant(_BITS, _SQRT_HALF_BITS)), _constant(_BITS, 52))
        rounded = builder.bitcast(builder.add(exponent, _constant(_BITS, _MAGIC_BITS)), _VECTOR)
        return builder.fsub(rounded, _constant(_VECTOR, _MAGIC))

    return lanes(lanes), lower


# Kernels only fill arrays they are given, so the reference counts that Numba keeps of arrays are switched off (nine tenths of the
# run time otherwise); and only compiled code calls them, so they need no wrapper (most of the code, for tuples of many arrays).
_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
kernel = njit(**_OPTIONS, no_cpython_wrapper=True)
inner = njit(**_OPTIONS, no_cpython_wrapper=True, forceinline=True)


def entry(function):
    """Compile a function that Python calls, and keep it on disk until the source of any kernel changes.

    Numba looks only at the file of the function itself, but everything it calls is compiled into it.
    """
    compiled = njit(**_OPTIONS, cache=True)(function)
    here = Path(__file__).parent
    sources = sorted(file for file in here.rglob("*.py") if "kernels" in file.name or file.name == "lanes.py")
    files = [file.stat() for file in sources]
    compiled._cache._cache_file._source_stamp = tuple((found.st_mtime, found.st_size) for found in files)
    return compiled


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


@kernel
def clear(rows):
    """Set all rows to zero."""
    for i in range(len(rows)):
        store(rows, i, spread(0.0))


@kernel
def take(columns, first, n, rows):
    """Fill rows (row, lane) from ``n`` columns of (row, chain); lanes without a chain repeat the last one."""
    for i in range(columns.shape[0]):
        for c in range(n):
            rows[i, c] = columns[i, first + c]
        for c in range(n, LANES):
            rows[i, c] = columns[i, first + n - 1]


@kernel
def give(rows, columns, first, n):
    """Fill ``n`` columns of (row, chain) from rows (row, lane)."""
    for i in range(columns.shape[0]):
        for c in range(n):
            columns[i, first + c] = rows[i, c]


def aligned_empty(shape: tuple[int, int]) -> np.ndarray:
    """An array that begins at the start of a cache line, its values not set."""
    size = shape[0] * shape[1]
    raw = np.empty(size + _ALIGNMENT // 8)
    start = (-raw.ctypes.data % _ALIGNMENT) // 8
    return raw[start : start + size].reshape(shape)


def aligned_rows(rows: int) -> np.ndarray:
    """Zeros of shape (row, lane) that begin at the start of a cache line."""
    made = aligned_empty((rows, LANES))
    made[:] = 0.0
    return made
