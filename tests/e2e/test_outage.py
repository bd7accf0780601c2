"""A store, a connection or the broker is away for half a minute (ten in `make long`) in the middle of a run."""
import json
import random
import time

import pytest

from harness.proxy import BLACKHOLE, PASS, REFUSE, ByteProxy
from harness.wait import moment, stays, until
from harness.world import EVERY

pytestmark = pytest.mark.fault
# A member that does not poll for 12 s, or whose heart stops for 6 s, would be thrown out.
STRICT = {"kafka__session__timeout__ms": 6000, "kafka__max__poll__interval__ms": 12000}
AWAY = {"faults": 30, "long": 600}
ALL = EVERY
CUT = 2500  # the line of the log before which all is well


class Stores:
    """Ways to take Redis and Elasticsearch away and to give them back."""

    def __init__(self, world, servers, proxies):
        self.world, self.servers, self.proxies = world, servers, proxies

    def stop(self):
        self.world.redis.stop()
        self.servers.call("stop", "elasticsearch")

    def start(self):
        self.world.redis.start()
        self.servers.call("start", "elasticsearch")

    def kill(self):
        self.world.redis.kill()
        self.servers.call("kill", "elasticsearch")

    def pause(self):
        self.world.redis.pause()
        self.servers.call("pause", "elasticsearch")

    def resume(self):
        self.world.redis.resume()
        self.servers.call("resume", "elasticsearch")
        until(lambda: self.world.elastic("GET", "/")[0] == 200, "elasticsearch answers")

    def hang(self):
        self.turn(BLACKHOLE)

    def refuse(self):
        self.turn(REFUSE)

    def heal(self):
        self.turn(PASS)

    def turn(self, mode):
        for proxy in self.proxies:
            proxy.turn(mode)


@pytest.fixture
def stores(world, servers):
    world.use("elasticsearch").make_topics()
    proxies = [ByteProxy(world.redis.port), ByteProxy(servers.port("elasticsearch"))]
    world.redis_url = "redis://127.0.0.1:%d" % proxies[0].port
    world.store_address = "http://127.0.0.1:%d" % proxies[1].port
    yield Stores(world, servers, proxies)
    for proxy in proxies:
        proxy.close()
    servers.heal()


@pytest.mark.parametrize("way,back", [("stop", "start"), ("kill", "start"), ("pause", "resume"), ("hang", "heal"),
                                      ("refuse", "heal")])
def test_stores_away(world, logs, stores, level, way, back):
    log = logs.make("mixed", 11, reviews=600, events=5000, extra=("--no-null-keys", "--large", "0"))
    world.load(log, lines=(1, CUT))
    members = [world.start(processor, **STRICT) for processor in ALL]
    world.settle(*ALL)
    held = {processor: world.topics.members(world.group(processor))[1] for processor in ALL}
    letters = len(world.dead_letters())
    with world.watch(log):
        getattr(stores, way)()
        world.load(log, lines=(CUT + 1, 5000))
        for member in members:
            until(lambda: not member.ready(), f"{member.processor} says that it is not ready", 30)
            member.says(r"level=(warn|error) .*sink=(redis|ledger|mirror|elasticsearch|placed|\w+)")

        def kept():
            for member in members:
                assert member.alive() and member.healthy(), member.tail()
                assert not member.ready() or way == "kill", member.get("/readyz")
            return True
        stays(kept, "alive, healthy and not ready", AWAY[level], every=1)
        for processor in ALL:
            state, now = world.topics.members(world.group(processor))
            assert now == held[processor], f"{processor} lost its membership"
        getattr(stores, back)()
        began = time.monotonic()
        world.settle(*ALL, seconds=20)
        for member in members:
            until(member.ready, f"{member.processor} is ready again", 10)
        took = time.monotonic() - began
    assert took <= 10, f"recovery took {took:.1f} s"
    for member in members:
        assert member.log().count("assigned ") == 1, "there was a rebalance"
        assert member.total("reviews_events_total", outcome="dropped") == 0
    world.conserve(log=log)
    world.check(log, processors=ALL)
    assert len(world.dead_letters()) >= letters
    world.stop()


def test_broker_away(world, logs, servers, level):
    """All brokers down: nothing to do but to stay, say so and come back."""
    log = logs.make("mixed", 12, reviews=300, events=3000, extra=("--no-null-keys", "--large", "0"))
    world.use("elasticsearch").make_topics().load(log, lines=(1, 1500))
    members = [world.start(processor, **STRICT) for processor in ALL]
    world.settle(*ALL)
    try:
        servers.call("kill", "kafka")
        stays(lambda: all(member.alive() for member in members), "alive", AWAY[level] / 2, every=1)
        assert all(member.healthy() for member in members), [json.dumps(member.status()) for member in members]
    finally:
        servers.heal()
    world.load(log, lines=(1501, 3000))
    world.settle(*ALL, seconds=60)
    world.check(log, processors=ALL, dead_twice=True)
    world.stop()


def test_a_broker_that_dies_again_and_again_ends_no_member(world, logs, servers, seed):
    """Requests of every kind are on their way when it dies: librdkafka must not abort in one of them."""
    draw = random.Random(seed)
    log = logs.make("mixed", 14, reviews=300, events=3000, extra=("--no-null-keys", "--large", "0"))
    world.use("elasticsearch").make_topics().load(log)
    members = [world.start(processor, **STRICT) for processor in ALL]
    try:
        for _ in range(5):
            moment(draw.uniform(0, 3))
            servers.call("kill", "kafka")
            stays(lambda: all(member.alive() for member in members), "alive", draw.uniform(0, 5))
            servers.call("up", "kafka")
    finally:
        servers.heal()
    world.settle(*ALL, seconds=90)
    world.check(log, processors=ALL, dead_twice=True)
    world.stop()


def test_broker_paused(world, logs, servers):
    log = logs.make("mixed", 13, reviews=300, events=3000, extra=("--no-null-keys", "--large", "0"))
    world.use("elasticsearch").make_topics().load(log, lines=(1, 1500))
    members = [world.start(processor, **STRICT) for processor in ALL]
    world.settle(*ALL)
    try:
        servers.call("pause", "kafka")
        stays(lambda: all(member.alive() for member in members), "alive", 15, every=1)
    finally:
        servers.heal()
    world.load(log, lines=(1501, 3000))
    world.settle(*ALL, seconds=90)
    world.check(log, processors=ALL, dead_twice=True)
    world.stop()
