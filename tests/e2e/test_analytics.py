"""Analytics: rows and views in ClickHouse are the fold of the log, drift 0."""
import pytest

from harness import analytics


@pytest.mark.parametrize("order", ["forward", "shuffled", "twice"])
def test_every_view_is_the_fold(world, logs, order):
    log = logs.make("mixed", 41, reviews=200, extra=("--no-null-keys", "--large", "0"))
    log = analytics.with_moderation(log, world.folder)
    world.use_clickhouse().make_topics(source=False).load(log, order)
    world.to_the_end(["analytics"], members=2 if order == "shuffled" else 1)
    assert analytics.check(world, log) > 500
    world.check(log, processors=[], dead_twice=True, extra=["--processor", "analytics"])
