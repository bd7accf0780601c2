"""A view's marker, and what must not go on quietly: each is named, readiness is false, nothing is written."""
import json
import time

import pytest

from harness.events import reviews
from harness.processes import EXIT_BLOCKED, EXIT_TIMEOUT
from harness.topics import KEPT
from harness.wait import until

SOON = {"check__interval_ms": 300, "commit__interval_ms": 100}


def blocked(member, words):
    """Not ready, alive, and the reason is where an operator looks."""
    until(lambda: words in json.dumps(member.status()), f"/status says {words!r}")
    status, text = member.get("/readyz")
    assert status == 503 and words in text, (status, text)
    assert member.healthy(), member.get("/healthz")
    member.says(words)


def marker_key(world, view="cache"):
    return "reviews:%s:%s:marker" % (view, world.generation)


@pytest.fixture
def filled(world):
    """A cache view with 20 reviews, its processor ended."""
    world.make_topics()
    world.topics.send(world.topic, reviews(20))
    world.to_the_end(["cache"])
    return world


def end_blocked(world, processor="cache", **options):
    member = world.start(processor, arguments=["--until-end", "--timeout", "60"], **options)
    assert member.wait(60) == EXIT_BLOCKED, member.tail()
    return member.log()


def test_a_view_of_a_newer_format_is_refused_by_name(filled):
    redis = filled.redis.client()
    assert redis.hget(marker_key(filled), "format")
    redis.hset(marker_key(filled), "format", 99)
    filled.topics.send(filled.topic, reviews(20, version=2))
    assert "99" in end_blocked(filled)
    assert redis.hget("reviews:cache:%s:review:{r-1}" % filled.generation, "v") == b"1", "it was written"
    member = filled.start("cache", **SOON)
    blocked(member, "newer_format")
    redis.hset(marker_key(filled), "format", 1)
    filled.settle("cache", seconds=30)
    until(member.ready, "ready once the format is right")
    filled.stop()


def test_a_newer_program_that_takes_a_view_over_stops_the_older_one_while_it_runs(filled):
    redis = filled.redis.client()
    member = filled.start("cache", **SOON)
    until(member.ready, "ready")
    redis.hset(marker_key(filled), "format", 99)
    blocked(member, "newer_format")
    filled.topics.send(filled.topic, reviews(20, version=2))
    until(lambda: member.status()["lag"] == 20, "it sees the events and does not take them")
    assert redis.hget(marker_key(filled), "format") == b"99", "the older one wrote the marker"
    assert redis.hget("reviews:cache:%s:review:{r-1}" % filled.generation, "v") == b"1", "it was written"
    redis.hset(marker_key(filled), "format", 1)
    filled.settle("cache", seconds=30)
    filled.stop()


def test_a_view_that_was_away_from_the_end_for_too_long_needs_verifying(filled):
    redis = filled.redis.client()
    long_ago = int(time.time() * 1000) - 2 * 24 * 3600 * 1000  # delete.retention.ms is a day
    for partition in range(4):
        redis.hset(marker_key(filled), "at:%d" % partition, long_ago)
    member = filled.start("cache", **SOON)
    member.says("needs_verify=true")
    assert member.total("reviews_needs_verify") == 1
    filled.stop()


def test_a_view_of_an_older_format_is_refused_by_name(filled):
    filled.redis.client().hset(marker_key(filled), "format", 0)
    filled.topics.send(filled.topic, reviews(1, version=2))
    assert "older_format" in end_blocked(filled)


def test_another_fingerprint_needs_a_reindex_unless_it_is_accepted(filled):
    filled.redis.client().hset(marker_key(filled), "fingerprint", "0" * 64)
    filled.topics.send(filled.topic, reviews(1, version=2))
    assert "reindex needed" in end_blocked(filled)
    filled.to_the_end(["cache"], view__accept_changes="true")
    filled.to_the_end(["cache"])


def test_a_store_that_lost_its_data_is_noticed_at_the_start(filled):
    filled.redis.client().flushall()
    assert "store_lost" in end_blocked(filled)
    assert filled.redis.client().dbsize() == 0, "it began in an empty store as if nothing had been"


@pytest.mark.parametrize("processor", ["cache", "aggregation"])
def test_a_store_that_loses_its_data_is_noticed_while_it_runs(world, processor):
    world.make_topics()
    member = world.start(processor, **SOON)
    world.topics.send(world.topic, reviews(20))
    world.settle(processor)
    world.redis.client().flushall()
    blocked(member, "store_lost")
    world.stop()
    # the remedy that it names: everything again from the beginning
    world.rewind(processor)
    world.to_the_end([processor])
    key = {"cache": "reviews:cache:%s:review:{r-7}", "aggregation": "reviews:aggregation:%s:home:{r-7}"}[processor]
    assert world.redis.client().hget(key % world.generation, "v") == b"1"


def test_an_index_that_is_deleted_is_noticed_while_it_runs(world):
    world.use("elasticsearch").make_topics()
    member = world.start("search", **SOON)
    world.topics.send(world.topic, reviews(20))
    world.settle("search")
    assert world.elastic("DELETE", "/" + world.index)[0] == 200
    world.topics.send(world.topic, reviews(20, version=2))
    until(lambda: not member.ready(), "not ready")
    blocked(member, "store_lost")
    assert world.elastic("GET", "/" + world.index)[0] == 404, "an index was made by accident"
    world.stop()


def test_more_partitions_are_refused_until_they_are_accepted(filled):
    from confluent_kafka.admin import NewPartitions
    filled.topics.admin.create_partitions([NewPartitions(filled.topic, 6)])[filled.topic].result(30)
    until(lambda: filled.topics.partitions(filled.topic) == 6, "six partitions")
    filled.topics.send(filled.topic, reviews(20, version=2))
    assert "partitions_changed" in end_blocked(filled)
    filled.to_the_end(["cache"], view__accept_changes="true")
    assert filled.redis.client().hget("reviews:cache:%s:review:{r-1}" % filled.generation, "v") == b"2"


def test_a_topic_that_was_made_again_has_lost_the_groups_offsets_and_needs_verifying(filled):
    filled.topics.delete(filled.topic)
    filled.topics.create(filled.topic, 4, KEPT)
    filled.topics.send(filled.topic, reviews(2, version=2))
    filled.to_the_end(["cache"])
    assert "needs_verify=true" in filled.members[-1].log()
    assert filled.redis.client().hget("reviews:cache:%s:review:{r-1}" % filled.generation, "v") == b"2"


@pytest.mark.parametrize("count,code", [(3, "offset_beyond_end"), (60, "log_changed")])
def test_a_topic_that_is_made_again_under_a_member_stops_it_by_name(world, count, code):
    world.make_topics(source=False)
    world.topics.create(world.topic, 1, KEPT)
    world.topics.send(world.topic, reviews(20))
    member = world.start("cache", **SOON)
    world.settle("cache")
    world.topics.delete(world.topic)
    blocked(member, "topic_missing")
    world.topics.create(world.topic, 1, KEPT)
    world.topics.send(world.topic, reviews(count, version=2))
    blocked(member, code)
    last = "reviews:cache:%s:review:{r-%d}" % (world.generation, count)
    assert world.redis.client().hget(last, "v") in (None, b"1"), "it went on in the other log"
    world.stop()
    world.to_the_end(["cache"])  # from the beginning: with the topic the group's offsets went
    assert world.redis.client().hget(last, "v") == b"2"


def test_a_committed_offset_beyond_the_end_stops_by_name(filled):
    """As after a broker came back with an older data folder."""
    filled.topics.commit(filled.group("cache"), filled.topic, [1000] * 4)
    filled.topics.send(filled.topic, reviews(2, version=2))
    said = end_blocked(filled)
    assert "offset_beyond_end" in said and "rewind" in said
    filled.rewind("cache")
    filled.to_the_end(["cache"])
    assert filled.redis.client().hget("reviews:cache:%s:review:{r-1}" % filled.generation, "v") == b"2"


def test_events_that_were_deleted_before_they_were_read_stop_their_partition_only(world):
    from confluent_kafka import TopicPartition
    world.make_topics(source=False)
    world.topics.create(world.topic, 2, {**KEPT, "cleanup.policy": "delete"})
    world.topics.send(world.topic, [(*record, 0) for record in reviews(20)] + [(*record, 1) for record in reviews(20, 101)])
    world.to_the_end(["cache"])
    world.topics.send(world.topic, [(*record, 0) for record in reviews(20, 21)])
    world.topics.send(world.topic, [(*record, 1) for record in reviews(20, 121)])
    for future in world.topics.admin.delete_records([TopicPartition(world.topic, 0, 30)]).values():
        future.result(30)
    member = world.start("cache", **SOON)
    blocked(member, "offset_below_start")
    until(lambda: world.topics.committed(world.group("cache"), world.topic) == [20, 40], "the other partition goes on")
    world.stop()
    assert "offset_below_start" in end_blocked(world)
    world.to_the_end(["cache"], offsets__out_of_range="beginning")
    assert world.topics.committed(world.group("cache"), world.topic) == [40, 40]


@pytest.mark.parametrize("config", [{"cleanup.policy": "delete", "retention.ms": "604800000"},
                                    {"cleanup.policy": "compact,delete", "retention.ms": "-1"}])
def test_a_topic_that_drops_live_keys_is_refused_by_name(world, config):
    world.make_topics(source=False)
    world.topics.create(world.topic, 2, config)
    world.topics.send(world.topic, reviews(5))
    assert "cleanup.policy" in end_blocked(world)
    assert world.topics.committed(world.group("cache"), world.topic) == [None, None]


def test_a_missing_topic_is_waited_for_and_never_made(world):
    world.make_topics(source=False)
    member = world.start("cache", **SOON)
    member.says("topic_missing|does not exist")
    assert not member.ready() and member.healthy()
    hasty = world.start("cache", arguments=["--until-end", "--timeout", "2"], **SOON)
    assert hasty.wait(30) == EXIT_TIMEOUT, hasty.tail()
    assert world.topics.partitions(world.topic) == 0, "it made the topic"
    world.topics.create(world.topic, 3, KEPT)
    world.topics.send(world.topic, reviews(30))
    world.settle("cache", seconds=60)
    until(member.ready, "ready")
    world.stop()


def test_an_outage_is_waited_for_until_the_time_out(world):
    world.make_topics()
    world.topics.send(world.topic, reviews(5))
    world.redis.stop()
    member = world.start("cache", arguments=["--until-end", "--timeout", "3"])
    assert member.wait(30) == EXIT_TIMEOUT, member.tail()
    patient = world.start("cache", arguments=["--until-end", "--timeout", "90"])
    patient.says("level=warn")
    world.redis.start()
    assert patient.wait(90) == 0, patient.tail()


def test_a_view_with_data_and_a_group_without_offsets_needs_verifying(filled):
    member = filled.start("cache", kafka__group="another-%s" % filled.generation, **SOON)
    until(lambda: "needs verify" in json.dumps(member.status()).replace("_", " "), "/status says needs verify")
    filled.stop()
