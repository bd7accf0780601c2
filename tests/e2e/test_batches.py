"""Batches that the client cannot read: their partition stops by name, and only an option skips them."""
from harness.events import headers, review, reviews
from harness.topics import KEPT
from harness.wait import until

SOON = {"check__interval_ms": 300, "commit__interval_ms": 100}
# 24 MB of one letter: a small batch for the broker, more than the client may unpack.
BOMB = {"compression.type": "zstd", "batch.size": 100 << 20, "message.max.bytes": 100 << 20, "linger.ms": 500}


def make(world):
    """Partition 0: 3 records, a batch of 24 that cannot be unpacked, 5 records; partition 1: 10."""
    world.make_topics(source=False)
    world.topics.create(world.topic, 2, KEPT)
    world.topics.send(world.topic, [(*record, 0) for record in reviews(3)])
    world.topics.send(world.topic, [(*review("bomb-%d" % at, text="x" * 1_000_000), 0) for at in range(24)], **BOMB)
    world.topics.send(world.topic, [(*record, 0) for record in reviews(5, 51)])
    world.topics.send(world.topic, [(*record, 1) for record in reviews(10, 101)])


def test_a_batch_that_cannot_be_unpacked_stops_its_partition_only(world):
    make(world)
    member = world.start("cache", memory__limit="128MiB", **SOON)
    until(lambda: world.topics.committed(world.group("cache"), world.topic) == [3, 10], "what can be read is settled")
    member.says("code=undecodable_batch")
    status, text = member.get("/readyz")
    assert status == 503 and "undecodable_batch" in text and "offset 3" in text, (status, text)
    assert member.healthy() and world.dead_letters() == []
    world.stop()


def test_a_batch_that_cannot_be_unpacked_is_skipped_with_a_dead_letter_that_names_its_range(world):
    make(world)
    member = world.start("cache", memory__limit="128MiB", offsets__skip_undecodable="true", **SOON)
    world.settle("cache")
    until(member.ready, "ready")
    letters = [headers(letter) for letter in world.dead_letters()]
    assert len(letters) == 1, letters
    assert letters[0]["dl-class"] == "undecodable_batch" and letters[0]["dl-offset"] == "3", letters
    assert "offsets 3 to 26" in letters[0]["dl-reason"], letters
    redis = world.redis.client()
    for name in ("r-3", "r-51", "r-55", "r-110"):
        assert redis.exists("reviews:cache:%s:review:{%s}" % (world.generation, name)), name
    assert member.total("reviews_events_total", outcome="dead") == 1
    world.conserve()
    world.stop()
