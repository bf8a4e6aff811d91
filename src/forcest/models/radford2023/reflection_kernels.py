"""Householder reflections of the spline coefficients of a series, for sixteen chains."""

from __future__ import annotations

from forcest.models.lanes import kernel, load, spread, store


@kernel
def products(vectors, begin, n, rows, first, out):
    """Inner products of ``n`` vectors with the rows from ``first`` on."""
    fours = n - n % 4
    for i in range(0, fours, 4):
        at = begin + i
        a, b, c, d = spread(0.0), spread(0.0), spread(0.0), spread(0.0)
        for j in range(vectors.shape[1]):
            row = load(rows, first + j)
            a += vectors[at, j] * row
            b += vectors[at + 1, j] * row
            c += vectors[at + 2, j] * row
            d += vectors[at + 3, j] * row
        store(out, i, a)
        store(out, i + 1, b)
        store(out, i + 2, c)
        store(out, i + 3, d)
    for i in range(fours, n):
        a = spread(0.0)
        for j in range(vectors.shape[1]):
            a += vectors[begin + i, j] * load(rows, first + j)
        store(out, i, a)


@kernel
def subtract(vectors, begin, n, factors, rows, first):
    """Subtract ``n`` vectors times factors from the rows from ``first`` on."""
    fours = n - n % 4
    for i in range(0, fours, 4):
        at = begin + i
        a, b, c, d = load(factors, i), load(factors, i + 1), load(factors, i + 2), load(factors, i + 3)
        for j in range(vectors.shape[1]):
            pair, other = vectors[at, j] * a + vectors[at + 1, j] * b, vectors[at + 2, j] * c + vectors[at + 3, j] * d
            store(rows, first + j, load(rows, first + j) - (pair + other))
    for i in range(fours, n):
        a = load(factors, i)
        for j in range(vectors.shape[1]):
            store(rows, first + j, load(rows, first + j) - vectors[begin + i, j] * a)


@kernel
def reflect(c, t, rows, first, factors):
    """All reflections of a series, the first one first, of the rows from ``first`` on."""
    begin, n = c.start[t], c.start[t + 1] - c.start[t]
    products(c.reflections, begin, n, rows, first, factors)
    for i in range(n):
        for earlier in range(i):
            store(factors, i, load(factors, i) - c.overlap[begin + i, earlier] * load(factors, earlier))
    subtract(c.reflections, begin, n, factors, rows, first)


@kernel
def reflect_back(c, t, rows, first, factors):
    """Inverse of :func:`reflect`: the last reflection first."""
    begin, n = c.start[t], c.start[t + 1] - c.start[t]
    products(c.reflections, begin, n, rows, first, factors)
    for step in range(n):
        i = n - 1 - step
        for later in range(i + 1, n):
            store(factors, i, load(factors, i) - c.overlap[begin + later, i] * load(factors, later))
    subtract(c.reflections, begin, n, factors, rows, first)
