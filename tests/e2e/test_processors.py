"""Each processor from an event log to its store, judged from outside."""
import pytest

from harness.judge import ORDERS


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
