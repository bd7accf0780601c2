"""Profile × order × lanes × members × store: whatever the combination, the stores are the fold of the log.

A few combinations in `make test`, every pair of values in `make faults`, all of them in `make long`.
"""
import pytest

from harness.judge import ORDERS, PROFILES
from harness.pairs import pairwise, product
from harness.world import EVERY

ALL = {"profile": list(PROFILES), "order": list(ORDERS), "lanes": [1, 2, 3, 4], "members": [1, 2, 3],
       "store": ["elasticsearch", "opensearch"]}
FEW = [
    ("poison", "forward", 1, 3, "elasticsearch", ("--edge",)),
    ("moves", "shuffled", 4, 2, "elasticsearch", ()),
    ("mixed", "twice", 2, 2, "opensearch", ("--edge",)),
    ("mixed", "reversed", 3, 1, "elasticsearch", ("--scatter", "0.2")),
    ("hot", "forward", 2, 3, "opensearch", ()),
    ("edits", "shuffled", 2, 1, "opensearch", ("--scatter", "0.2", "--conflicts", "0.05")),
]


def chosen(level, seed):
    if level == "test":
        return FEW
    rows = product(ALL) if level == "long" else pairwise(ALL, seed)
    extras = [(), ("--edge",), ("--scatter", "0.2")]  # one in three each
    return [(*row.values(), extras[at % 3]) for at, row in enumerate(rows)]


def pytest_generate_tests(metafunc):
    if "combination" in metafunc.fixturenames:
        rows = chosen(metafunc.config.getoption("--level"), metafunc.config.getoption("--seed"))
        metafunc.parametrize("combination", rows, ids=["-".join(map(str, [*row[:5], *row[5]])) for row in rows])


@pytest.mark.every_level
def test_all_views_are_the_fold(world, logs, seed, level, combination):
    profile, order, lanes, members, store, extra = combination
    log = logs.make(profile, 1 if level == "test" else seed, extra=extra)
    world.use(store).make_topics(source=False).load(log, order, partitions=6)
    for processor in EVERY:
        world.start(processor, members=members, lanes=lanes)
    world.settle(*EVERY)
    world.conserve()
    # a second member's arrival takes partitions back: what was in flight there is done again
    world.check(log, processors=EVERY, dead_twice=members > 1)
    world.stop()
