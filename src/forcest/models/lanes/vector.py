"""Sixteen chains as one number: a Numba type whose arithmetic is that of LLVM vectors.

Every quantity of the batched density is held for sixteen chains side by side. Left to itself the compiler calls the scalar exp and
log of the C library and refuses to vectorise loops over many arrays that might overlap; a vector type makes both explicit, keeps
states of recursions in registers, and compiles fast. ``load`` and ``store`` move a row of a C-contiguous array (row, 16).

Multiplication and addition may be contracted to one rounding, nothing else is relaxed: infinities and NaN behave.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba import types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 16
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
