"""Logistic regression over sparse rows: L-BFGS (Nocedal 1980), deterministic, one thread."""

import subprocess

import numpy


class Matrix:
    """Rows of (column, value), compressed."""

    def __init__(self, starts, columns, values, width):
        self.starts, self.columns, self.values, self.width = starts, columns, values, width
        self.rows = numpy.repeat(numpy.arange(len(starts) - 1), numpy.diff(starts))

    def __len__(self):
        return len(self.starts) - 1

    def times(self, vector):
        return numpy.bincount(self.rows, self.values * vector[self.columns], len(self))

    def times_transposed(self, vector):
        return numpy.bincount(self.columns, self.values * vector[self.rows], self.width)

    def take(self, rows):
        rows = numpy.asarray(rows)
        if rows.dtype == bool:
            rows = numpy.flatnonzero(rows)
        sizes = (self.starts[1:] - self.starts[:-1])[rows]
        starts = numpy.concatenate([[0], numpy.cumsum(sizes)])
        at = numpy.repeat(self.starts[rows] - starts[:-1], sizes) + numpy.arange(starts[-1])
        return Matrix(starts, self.columns[at], self.values[at], self.width)


def features(program, model, mode, inputs, bits):
    """Run language_features over inputs (bytes) and hash its features into 1 << bits columns."""
    made = subprocess.run([program, model] + mode, input=b"".join(inputs),
                          stdout=subprocess.PIPE, check=True).stdout
    raw = numpy.frombuffer(made, numpy.uint32)
    sizes, at = numpy.zeros(len(inputs), numpy.int64), 0
    for i in range(len(inputs)):
        sizes[i] = raw[at]
        at += 1 + 2 * int(sizes[i])
    starts = numpy.concatenate([[0], numpy.cumsum(sizes)])
    keep = numpy.ones(len(raw), bool)
    keep[starts[:-1] * 2 + numpy.arange(len(inputs))] = False
    pairs = raw[keep].reshape(-1, 2)
    columns = (pairs[:, 0] & numpy.uint32((1 << bits) - 1)).astype(numpy.int64)
    values = pairs[:, 1].copy().view(numpy.float32).astype(float)
    return Matrix(starts, columns, values, 1 << bits)


def blob(text):
    data = text.encode("utf-8", "replace")
    return b"%d:" % len(data) + data


def loss(matrix, signs, weights, decay, x):
    """Value and gradient; x is the weights with the bias behind them."""
    z = signs * (matrix.times(x[:-1]) + x[-1])
    value = numpy.dot(weights, numpy.logaddexp(0, -z)) + decay / 2 * numpy.dot(x[:-1], x[:-1])
    pull = -weights * signs / (1 + numpy.exp(numpy.clip(z, -500, 500)))
    gradient = numpy.append(matrix.times_transposed(pull) + decay * x[:-1], pull.sum())
    return value, gradient


def direction(gradient, steps):
    q, alphas = gradient.copy(), []
    for s, y, rho in reversed(steps):
        alphas.append(rho * numpy.dot(s, q))
        q -= alphas[-1] * y
    if steps:
        s, y, _ = steps[-1]
        q *= numpy.dot(s, y) / numpy.dot(y, y)
    for (s, y, rho), alpha in zip(steps, reversed(alphas)):
        q += s * (alpha - rho * numpy.dot(y, q))
    return -q


def fit(matrix, positive, weights, decay, rounds=60):
    """Weights and bias of a head. `decay`: how strongly weights are pulled to zero."""
    signs = numpy.where(positive, 1.0, -1.0)
    x = numpy.zeros(matrix.width + 1)
    value, gradient = loss(matrix, signs, weights, decay, x)
    steps = []
    for _ in range(rounds):
        d = direction(gradient, steps)
        slope, step = numpy.dot(gradient, d), 1.0 if steps else 1 / numpy.abs(gradient).sum()
        while True:
            after, new = loss(matrix, signs, weights, decay, x + step * d)
            if after <= value + 1e-4 * step * slope or step < 1e-10:
                break
            step /= 2
        s, y = step * d, new - gradient
        if numpy.dot(s, y) > 1e-12:
            steps = (steps + [(s, y, 1 / numpy.dot(s, y))])[-8:]
        x, done = x + s, value - after < 1e-6 * abs(value)
        value, gradient = after, new
        if done:
            break
    return x[:-1], x[-1]
