"""Members of a group: stopped and continued, joining and leaving, told to end at any moment."""
import random
import signal
import time

import pytest

from harness.events import reviews
from harness.wait import moment, until
from harness.world import LANGUAGE
from test_crash import ALL, Feed

SESSION = {"kafka__session__timeout__ms": 6000, "kafka__heartbeat__interval__ms": 500}


def test_three_members_read_to_the_end_together(world, logs):
    log = logs.make("mixed", 31, reviews=200)
    world.use("elasticsearch").make_topics(source=False).load(log, partitions=6)
    world.to_the_end(ALL, members=3)
    world.check(log, processors=ALL, dead_twice=True)


@pytest.mark.parametrize("processor", ALL)
def test_sigterm_commits_all_that_is_settled_and_leaves(world, processor):
    world.use("elasticsearch") if processor == "search" else None
    world.make_topics()
    world.topics.send(world.topic, reviews(500))
    member = world.start(processor, commit__interval_ms=60000)
    until(lambda: member.total("reviews_events_total", outcome="applied") == 500, "all are applied")
    began = time.monotonic()
    assert member.stop() == 0
    assert time.monotonic() - began < 10
    assert world.topics.behind(world.group(processor), world.topic) == 0, "what was settled was not committed"
    state, members = world.topics.members(world.group(processor))
    assert not members, "it did not leave the group"


def test_sigterm_while_the_store_is_down_ends_within_the_drain_limit(world):
    world.make_topics()
    world.topics.send(world.topic, reviews(100))
    member = world.start("cache")
    world.settle("cache")
    world.redis.stop()
    world.topics.send(world.topic, reviews(100, version=2))
    member.says("level=warn .*sink=")
    first = world.start("aggregation", shutdown__drain_ms=1000)  # never saw its store
    first.says("at=http")
    for one, limit in ((member, 10), (first, 1)):
        began = time.monotonic()
        assert one.stop() == 0, one.tail()
        assert time.monotonic() - began < limit + 4
    world.redis.start()
    world.to_the_end(["cache", "aggregation"])
    assert world.redis.client().hget("reviews:cache:%s:review:{r-1}" % world.generation, "v") == b"2"


def test_a_second_sigterm_ends_at_once(world):
    world.make_topics()
    member = world.start("cache", shutdown__drain_ms=60000)
    world.topics.send(world.topic, reviews(10))
    world.settle("cache")
    world.redis.stop()
    world.topics.send(world.topic, reviews(10, version=2))
    member.says("level=warn .*sink=")
    member.signal(signal.SIGTERM)
    member.says("(?i)at=stop|drain|stopping|signal")
    member.signal(signal.SIGTERM)
    member.wait(3)


@pytest.mark.fault
@pytest.mark.races
def test_sigterm_at_random_moments(world, logs, seed, level):
    rounds = 15 if level != "long" else 100
    log = logs.make("mixed", seed, reviews=400, events=400 * rounds, extra=("--no-null-keys", "--large", "0"))
    world.use("elasticsearch").make_topics()
    draw = random.Random(seed)
    with world.watch(log):
        feed = Feed(world, log, rate=250)
        for _ in range(rounds):
            members = [world.start(processor) for processor in ALL]
            for member in draw.sample(members, len(members)):
                moment(draw.uniform(0, 0.9))
                began = time.monotonic()
                code = member.stop()
                assert code == 0 or (code == -signal.SIGTERM and not member.log()), member.tail()  # before its main()
                assert time.monotonic() - began < 10, member.tail()
        feed.finish()
        for processor in ALL:
            world.start(processor)
        world.settle(*ALL)
    world.check(log, processors=ALL)  # dead letters once: nothing settled was done again
    world.stop()


@pytest.mark.fault
@pytest.mark.races
@pytest.mark.parametrize("processors", [("cache", *LANGUAGE), ("search",), ("aggregation",)], ids="-".join)
def test_a_member_that_was_stopped_past_its_session_does_no_harm(world, logs, seed, level, processors):
    """SIGSTOP with full lanes; another member takes over; SIGCONT: it must drop what it had."""
    log = logs.make("mixed", seed, reviews=300, events=6000, extra=("--no-null-keys", "--large", "0"))
    world.use("elasticsearch").make_topics()
    with world.watch(log):
        feed = Feed(world, log, rate=300)
        pairs = {processor: world.start(processor, members=2, commit__interval_ms=200, **SESSION)
                 for processor in processors}
        for processor in processors:
            until(lambda: world.topics.stable(world.group(processor), 2), "both are members")
            for member in pairs[processor]:
                until(lambda: member.total("reviews_events_consumed_total") > 50, "it works")
        for one, _ in pairs.values():
            one.signal(signal.SIGSTOP)
        for processor, (one, two) in pairs.items():
            until(lambda: world.topics.stable(world.group(processor), 1), "the other one is alone")
            before = two.total("reviews_events_consumed_total")
            until(lambda: two.total("reviews_events_consumed_total") > before + 100, "it does the work of both")
        for processor, (one, two) in pairs.items():
            one.signal(signal.SIGCONT)
            until(lambda: world.topics.stable(world.group(processor), 2), "the first one is back")
        feed.finish()
        world.settle(*processors)
    world.check(log, processors=processors, dead_twice=True)
    world.conserve()
    world.stop()


@pytest.mark.fault
@pytest.mark.races
def test_members_that_come_and_go(world, logs, seed):
    """A rebalance every second or two, with full lanes."""
    log = logs.make("mixed", seed, reviews=300, events=6000, extra=("--no-null-keys", "--large", "0"))
    world.use("elasticsearch").make_topics(partitions=8)
    draw = random.Random(seed)
    with world.watch(log):
        feed = Feed(world, log, rate=200)
        living = {processor: [world.start(processor, **SESSION)] for processor in ALL}
        while feed.running():
            processor = draw.choice(ALL)
            if len(living[processor]) < 3 and draw.random() < 0.6:
                living[processor].append(world.start(processor, **SESSION))
            elif len(living[processor]) > 1:
                member = living[processor].pop(draw.randrange(len(living[processor])))
                assert member.stop() == 0, member.tail()
            moment(draw.uniform(0.2, 1.0))
        feed.finish()
        world.settle(*ALL)
    world.conserve()
    world.check(log, processors=ALL, dead_twice=True)
    world.stop()
