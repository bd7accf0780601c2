"""Memory and start of the release programs: measured, so never under a sanitizer."""
import os
import time
import urllib.error
import urllib.request

import pytest

from harness.events import review, reviews
from harness.wait import stays, until

pytestmark = [pytest.mark.fault, pytest.mark.footprint]
LIMIT_MIB = 256
MINUTES = {"faults": 1, "long": 30}


@pytest.mark.parametrize("processor", ["cache", "aggregation", "search"])
def test_idle_it_is_small_and_starts_at_once(world, processor):
    world.use("elasticsearch").make_topics()
    world.topics.send(world.topic, reviews(20))
    starts = []
    for _ in range(5):
        member = world.start(processor)
        while True:  # as quickly as can be measured
            try:
                if member.where():
                    urllib.request.urlopen("http://%s/healthz" % member.address, timeout=1).close()
                    break
            except (urllib.error.URLError, ConnectionError):
                pass
            assert member.alive() and time.monotonic() - member.began < 5, member.tail()
        starts.append((time.monotonic() - member.began) * 1000)
        world.settle(processor)
        until(member.ready, "ready")
        used = member.resident_mib()
        assert member.stop() == 0
    print("%s: /healthz answers after %s ms, idle %.1f MiB" % (processor, ["%.0f" % ms for ms in starts], used))
    assert min(starts) < 100, starts
    assert used < 20, f"{used:.1f} MiB"


def big_reviews(count, partitions):
    text = os.urandom(50_000).hex()  # 100 kB that no codec shrinks by much
    for at in range(count):
        yield (*review("r-%d" % at, 1, "hotel-%d" % (at % 50), text="%d %s" % (at, text[at % 1000:])), at % partitions)


@pytest.mark.timeout(4000)
def test_with_the_sink_down_memory_stays_under_the_ceiling(world, level):
    """64 partitions full of events of 100 kB and nowhere to put them."""
    partitions = 64
    world.use("elasticsearch").make_topics(partitions=partitions)
    world.topics.send(world.topic, big_reviews(5000, partitions), **{"compression.type": "none"})
    world.redis.stop()
    world.store_address = "http://127.0.0.1:1"
    members = [world.start(processor, lanes=4) for processor in ("cache", "aggregation", "search")]
    worst = {member.processor: 0.0 for member in members}

    def under():
        for member in members:
            assert member.alive(), member.tail()
            used = member.resident_mib()
            worst[member.processor] = max(worst[member.processor], used)
            assert used < LIMIT_MIB, f"{member.processor}: {used:.1f} MiB"
        return True
    stays(under, "memory under the ceiling", 60 * MINUTES[level], every=0.1)
    for member in members:
        assert member.healthy() and not member.ready()
    print("largest resident memory: " + ", ".join("%s %.0f MiB" % pair for pair in worst.items()))
    # and the flood is processed within the ceiling once the store is there
    world.redis.start()
    def done():
        under()
        return all(world.topics.behind(world.group(name), world.topic) == 0 for name in ("cache", "aggregation"))
    until(done, "all is settled", 180, every=0.1)
    print("and while it was processed: " + ", ".join("%s %.0f MiB" % pair for pair in worst.items()))
    for member in members:
        assert member.stop() == 0, member.tail()


def opinions(count, times=2):
    text = ("The room was lovely and very quiet, but the breakfast was cold and the waiter rude. Our bed was "
            "comfortable, the shower was dirty, the wifi in the lobby was slow. Great location near the station. ")
    for at in range(count):
        yield review("r-%d" % at, 1, "hotel-%d" % (at % 1000), title="Stay %d" % at, text=text * times)


LARGE = {"lanes": 4, "batch__events": 10000, "batch__bytes": "64MiB",
         "batch__age_ms": 10000}  # lanes wait until a batch is full
BATCHES = pytest.mark.parametrize("options", [{}, LARGE], ids=["as-shipped", "large-batches"])


@BATCHES
@pytest.mark.parametrize("processor", ["sentiment", "tags", "analytics"])
def test_large_results_stay_under_the_ceiling_at_full_speed(world, processor, options):
    results_stay_under(LIMIT_MIB, world, processor, options)


@BATCHES
def test_documents_of_100_kb_stay_under_the_ceiling_at_full_speed(world, options):
    world.use("elasticsearch")
    results_stay_under(LIMIT_MIB, world, "search", options, opinions(2000, times=510), enough=500)


def test_large_results_stay_under_a_smaller_ceiling_too(world):
    results_stay_under(96, world, "sentiment", {"memory__limit": "96MiB", **LARGE})


def results_stay_under(limit_mib, world, processor, options, events=None, enough=40000):
    """What is made of a text is several times the text. More events wait than any queue holds."""
    if processor == "analytics":
        world.use_clickhouse()
    world.make_topics()
    world.topics.send(world.topic, events or opinions(200000))
    count = world.topics.count(world.topic)
    member = world.start(processor, **options)
    worst = 0.0

    def done():
        nonlocal worst
        assert member.alive(), member.tail()
        worst = max(worst, member.resident_mib())
        return world.topics.behind(world.group(processor), world.topic) <= count - enough
    until(done, "enough is settled", 120, every=0.1)
    print("%s: largest resident memory %.0f MiB" % (processor, worst))
    assert worst < limit_mib, f"{worst:.1f} MiB"
    assert member.stop() == 0, member.tail()


def test_a_smaller_ceiling_is_kept_too(world):
    partitions = 16
    world.make_topics(partitions=partitions)
    world.topics.send(world.topic, big_reviews(2000, partitions), **{"compression.type": "none"})
    world.redis.stop()
    member = world.start("cache", lanes=4, memory__limit="96MiB")
    def under():
        assert member.resident_mib() < 96, member.resident_mib()
        return True
    stays(under, "memory under 96 MiB", 15, every=0.1)
    world.stop()


