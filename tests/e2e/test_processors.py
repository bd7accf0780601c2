"""Each processor from an event log to its store, judged from outside."""
import pytest

from harness.events import reviews
from harness.judge import ORDERS
from harness.wait import until


@pytest.mark.parametrize("processor", ["cache", "aggregation", "search"])
def test_a_processor_reads_to_the_end_and_leaves(world, logs, processor):
    log = logs.make("mixed", 1)
    world.use("elasticsearch") if processor == "search" else None
    world.make_topics(source=False).load(log)
    world.to_the_end([processor])
    world.check(log, processors=[processor])


@pytest.mark.parametrize("order", ORDERS)
def test_the_end_state_does_not_depend_on_order(world, logs, order):
    log = logs.make("mixed", 2)
    world.use("elasticsearch").make_topics(source=False).load(log, order)
    for processor in ("cache", "search", "aggregation"):
        world.start(processor, lanes=3)
    world.settle("cache", "search", "aggregation")
    world.check(log)
    world.conserve(log=log, deliveries=2 if order == "twice" else 1)
    world.stop()


def test_the_end_of_many_partitions_is_seen_at_once(world):
    """A question to a broker must not wait behind a fetch that waits for records: half a second each."""
    partitions = 64
    world.make_topics(partitions=partitions)
    world.topics.send(world.topic, reviews(20))
    member = world.start("cache")
    world.settle("cache")
    world.topics.send(world.topic, reviews(20, version=2))
    until(lambda: member.total("reviews_events_total", outcome="applied") == 40, "all is applied")
    until(lambda: member.total("reviews_committed_offset") == 40, "the metrics say what is committed", 10)
    world.stop()
