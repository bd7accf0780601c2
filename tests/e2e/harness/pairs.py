"""Combinations that cover every pair of values of every two parameters."""
import itertools
import random


def pairwise(parameters, seed):
    """`parameters`: {name: values}. A list of {name: value}; the same for the same seed."""
    draw = random.Random(seed)
    names = list(parameters)
    open_pairs = {((a, x), (b, y)) for a, b in itertools.combinations(names, 2)
                  for x in parameters[a] for y in parameters[b]}
    rows = []
    while open_pairs:
        row = dict(draw.choice(sorted(open_pairs, key=repr)))  # at least one new pair in each row
        for name in draw.sample(names, len(names)):
            if name not in row:
                row[name] = max(draw.sample(list(parameters[name]), len(parameters[name])),
                                key=lambda value: gain({**row, name: value}, names, open_pairs))
        open_pairs -= pairs_of(row, names)
        rows.append({name: row[name] for name in names})
    return rows


def pairs_of(row, names):
    return {((a, row[a]), (b, row[b])) for a, b in itertools.combinations(names, 2) if a in row and b in row}


def gain(row, names, open_pairs):
    return len(pairs_of(row, names) & open_pairs)


def product(parameters):
    return [dict(zip(parameters, values)) for values in itertools.product(*parameters.values())]
