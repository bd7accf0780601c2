"""reviewctl on real servers: what each command does, says and returns. Its pure parts: tests/test_reviewctl.c."""
import base64
import http.server
import json
import subprocess
import threading
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource

from harness.processes import clean_environment, program, run
from harness.servers import ROOT, PrivateRedis
from harness.wait import until

DONE, FAILED, USAGE, REFUSED, UNREACHABLE = range(5)
NOBODY = "127.0.0.1:1"


@pytest.fixture
def ctl(servers):
    """Calls reviewctl on topics of this test alone."""
    mark = uuid.uuid4().hex[:8]
    environment = {"REVIEWS_KAFKA_BROKERS": servers.brokers, "REVIEWS_KAFKA_TOPIC": "reviews-" + mark,
                   "REVIEWS_DEAD_LETTERS_TOPIC": "dead-" + mark, "REVIEWS_MIRROR_TOPIC": "summaries-" + mark}

    def call(*arguments, want=DONE, **more):
        done = run("reviewctl", arguments, environment, check=want, **more)
        for word in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
            assert word not in done.stderr, done.stderr
        return done

    def lines(*arguments, **more):
        return [json.loads(line) for line in call(*arguments, "--json", **more).stdout.splitlines()]

    return SimpleNamespace(call=call, lines=lines, environment=environment, brokers=servers.brokers,
                           topic="reviews-" + mark, dead="dead-" + mark, summaries="summaries-" + mark)


@pytest.fixture
def store(ctl, tmp_path):
    made = PrivateRedis(tmp_path / "redis")
    ctl.environment["REVIEWS_REDIS_URL"] = made.url
    yield made.client()
    made.stop()


def event(review, version, **more):
    return {"reviewId": review, "version": version, "productId": "hotel-1", "status": "published", **more}


def ndjson(*documents):
    return "".join(json.dumps(document) + "\n" for document in documents)


def read(ctl, topic):
    """All records: [(partition, offset, key, value, headers)]"""
    consumer = Consumer({"bootstrap.servers": ctl.brokers, "group.id": "reader", "enable.auto.commit": False,
                         "fetch.message.max.bytes": 16 << 20, "fetch.wait.max.ms": 20})
    found = []
    try:
        for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            first, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
            consumer.assign([TopicPartition(topic, partition, first)])
            while first < end:
                message = consumer.poll(30)
                assert message is not None and message.error() is None, message and message.error()
                found.append((partition, message.offset(), message.key(), message.value(), message.headers() or []))
                first = message.offset() + 1
    finally:
        consumer.close()
    return found


def configuration(ctl, topic):
    admin, resource = AdminClient({"bootstrap.servers": ctl.brokers}), ConfigResource(ConfigResource.Type.TOPIC, topic)
    found = admin.describe_configs([resource])[resource].result(30)
    return {name: entry.value for name, entry in found.items()}


# -- topics --

def test_topics_are_made_once_as_the_suite_needs_them(ctl):
    assert ctl.call("topics", "check", want=FAILED).stdout.count("missing") == 3
    made = ctl.lines("topics", "create", "--partitions", "3")[0]
    assert [(row["topic"], row["state"], row["partitions"]) for row in made] == [
        (ctl.topic, "made", 3), (ctl.dead, "made", 1), (ctl.summaries, "made", 3)]
    source, dead, summaries = (configuration(ctl, name) for name in (ctl.topic, ctl.dead, ctl.summaries))
    assert source["cleanup.policy"] == summaries["cleanup.policy"] == "compact"
    assert (dead["cleanup.policy"], dead["retention.ms"]) == ("delete", str(30 * 86400000))
    assert int(dead["max.message.bytes"]) > 8 << 20
    assert summaries["message.timestamp.before.max.ms"] == "60000"
    again = ctl.lines("topics", "create", "--partitions", "9")[0]
    assert [(row["state"], row["partitions"]) for row in again] == [("exists", 3), ("exists", 1), ("exists", 3)]
    assert "problem" not in ctl.call("topics", "check").stdout


def test_topics_check_names_what_is_wrong(ctl):
    from confluent_kafka.admin import NewTopic
    admin = AdminClient({"bootstrap.servers": ctl.brokers})
    for future in admin.create_topics([
            NewTopic(ctl.topic, 1, 1, config={"cleanup.policy": "compact,delete"}),
            NewTopic(ctl.dead, 1, 1, config={"cleanup.policy": "compact"}),
            NewTopic(ctl.summaries, 1, 1, config={"cleanup.policy": "delete"})]).values():
        future.result(30)
    until(lambda: "missing" not in ctl.call("topics", "check", want=FAILED).stdout, "the topics are known")
    said = ctl.call("topics", "check", want=FAILED).stdout
    assert f"problem: topic {ctl.topic}: cleanup.policy is compact,delete" in said
    assert f"problem: topic {ctl.dead}: cleanup.policy is compact" in said
    assert f"problem: topic {ctl.summaries}: cleanup.policy is delete with retention.ms" in said


def test_topics_check_finds_reviews_whose_last_record_is_not_their_greatest_version(ctl):
    ctl.call("topics", "create", "--partitions", "2")
    old = {"key": "r-2", "value": event("r-2", 4), "headers": {}}
    broken = {"key": "r-3", "value": "{", "headers": {}}
    question = {"key": "q-1", "value": "?", "headers": {"type": "question"}}
    moved = {"key": "r-4", "value": event("r-4", 2), "headers": {}}
    ctl.call("publish", "-", input=ndjson(event("r-1", 1), event("r-1", 2), event("r-2", 5), old,
                                          event("r-3", 1), broken, question, event("r-4", 1)))
    found = ctl.lines("topics", "check", "--versions", want=FAILED)[0][0]["versions"]
    assert {name: found[name] for name in ("records", "reviews", "skipped", "malformed", "lastNotGreatest",
                                           "lastMalformed", "outOfOrder", "scattered")} == {
        "records": 8, "reviews": 4, "skipped": 1, "malformed": 1, "lastNotGreatest": 1, "lastMalformed": 1,
        "outOfOrder": 1, "scattered": 0}
    place = {record[2]: record[0] for record in read(ctl, ctl.topic)}
    elsewhere = next(key for key in map(str, range(99)) if publish_place(ctl, key) != place[b"r-4"])
    ctl.call("publish", "-", input=ndjson({**moved, "partitionKey": elsewhere}))
    said = ctl.call("topics", "check", "--versions", want=FAILED).stdout
    assert "reviews in several partitions: 1" in said and "r-2: the last record is not the greatest version" in said


def publish_place(ctl, key):
    """Where a record with this key goes."""
    before = len(read(ctl, ctl.topic))
    ctl.call("publish", "-", input=ndjson({"key": "probe-" + key, "value": "x", "headers": {"type": "probe"},
                                           "partitionKey": key}))
    records = read(ctl, ctl.topic)
    assert len(records) == before + 1
    return next(record[0] for record in records if record[2] == b"probe-" + key.encode())


# -- publish --

@pytest.mark.parametrize("profile", ["ordered", "throughput"])
def test_publish_sends_every_kind_of_line_to_the_byte(ctl, tmp_path, profile):
    ctl.call("topics", "create")
    first = '{"reviewId":"r-1","version":9007199254740993,"productId":"h","status":"published","x":1.50}'
    log = tmp_path / "events.ndjson"
    log.write_text("\n".join([
        first, "", json.dumps({"key": "r-1", "value": None, "headers": {"version": "9007199254740994"}}),
        json.dumps({"n": 3, "keyBase64": "/w==", "valueBase64": "AAH/",
                    "headers": {"a": {"base64": "/w=="}, "b": None, "c": ""}}),
        json.dumps({"key": "q", "value": {"text": "é"}, "headers": [["type", "question"], ["type", "other"]]})]))
    counts = ctl.lines("publish", str(log), "--profile", profile)[0]
    assert (counts["published"], counts["failed"], counts["skipped"], counts["lines"]) == (4, 0, 0, 5)
    records = {key: (value, headers) for _, _, key, value, headers in read(ctl, ctl.topic)
               if (key, value) != (b"r-1", None)}
    assert records[b"r-1"] == (first.encode(), [("type", b"review"), ("version", b"9007199254740993")])
    assert records[b"\xff"] == (b"\x00\x01\xff", [("a", b"\xff"), ("b", None), ("c", b"")])
    assert records[b"q"] == ('{"text":"é"}'.encode(), [("type", b"question"), ("type", b"other")])
    assert [headers for _, _, key, value, headers in read(ctl, ctl.topic) if value is None] == [
        [("version", b"9007199254740994")]]


def test_publish_keeps_the_order_of_each_review(ctl):
    ctl.call("topics", "create", "--partitions", "3")
    wanted = [event("r-%d" % (i % 50), 1 + i // 50) for i in range(5000)]
    counts = ctl.lines("publish", "-", "--profile", "throughput", input=ndjson(*wanted))[0]
    assert (counts["published"], counts["failed"]) == (5000, 0)
    last = {}
    for _, _, key, value, _ in read(ctl, ctl.topic):
        version = json.loads(value)["version"]
        assert version == last.get(key, 0) + 1
        last[key] = version
    assert set(last.values()) == {100} and len(last) == 50


def test_publish_stops_at_a_bad_line_or_skips_it_and_names_it(ctl):
    ctl.call("topics", "create")
    text = ndjson(event("r-1", 1)) + "no json\n" + ndjson(event("r-2", 0), event("r-3", 1))
    done = ctl.call("publish", "-", input=text, want=FAILED)
    assert "line 2: the line is no JSON" in done.stderr and done.stdout.startswith("1 published, 0 failed, 0 skipped")
    done = ctl.call("publish", "-", "--skip-bad", input=text, want=FAILED)
    assert "line 3: version" in done.stderr and done.stdout.startswith("2 published, 0 failed, 2 skipped, of 4 lines")


def test_publish_names_a_record_that_the_topic_refuses_and_sends_the_others(ctl):
    ctl.call("topics", "create", "--partitions", "1")
    text = ndjson(event("r-1", 1), {"key": None, "value": "x"}, event("r-2", 1))
    done = ctl.call("publish", "-", "--profile", "throughput", input=text, want=FAILED)
    assert "line 2: not delivered: INVALID_RECORD" in done.stderr
    assert done.stdout.startswith("2 published, 1 failed")
    assert [record[2] for record in read(ctl, ctl.topic)] == [b"r-1", b"r-2"]


def test_publish_keeps_to_a_rate(ctl):
    ctl.call("topics", "create")
    counts = ctl.lines("publish", "-", "--rate", "50", input=ndjson(*(event("r-%d" % i, 1) for i in range(60))))[0]
    assert counts["published"] == 60 and counts["seconds"] >= 1.1


def test_publish_wants_its_topic(ctl):
    done = ctl.call("publish", "-", input="", want=FAILED)
    assert f"topic {ctl.topic} does not exist; make it: reviewctl topics create" in done.stderr


@pytest.mark.fault
@pytest.mark.parametrize("profile", ["ordered", "throughput"])
def test_publish_keeps_order_and_counts_while_the_broker_dies(ctl, servers, profile):
    """Each version of each review once and in order, though the broker is killed twice on the way."""
    ctl.call("topics", "create", "--partitions", "3")
    events = [event("r-%d" % (i % 40), 1 + i // 40, text="x" * 300) for i in range(12000)]
    command = [program("reviewctl"), "publish", "-", "--profile", profile, "--rate", "1500", "--json"]
    with subprocess.Popen(command, env=clean_environment(ctl.environment), text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        feeder = threading.Thread(target=lambda: (process.stdin.write(ndjson(*events)), process.stdin.close()))
        feeder.start()
        for count in (2000, 6000):
            until(lambda: log_end(ctl) >= count, f"{count} records are there")
            servers.call("kill", "kafka")
            servers.call("up", "kafka")
        feeder.join(90)
        output, errors = process.stdout.read(), process.stderr.read()
        assert process.wait(90) == DONE, errors
    counts = json.loads(output)
    assert (counts["published"], counts["failed"]) == (len(events), 0), errors
    versions = {}
    for _, _, key, value, _ in read(ctl, ctl.topic):
        versions.setdefault(key, []).append(json.loads(value)["version"])
    assert len(versions) == 40
    for key, found in versions.items():
        assert found == list(range(1, 301)), (key, found)


def log_end(ctl):
    """How many records were ever written to the source topic; OSError while the broker is away."""
    consumer = Consumer({"bootstrap.servers": ctl.brokers, "group.id": "reader"})
    try:
        return sum(consumer.get_watermark_offsets(TopicPartition(ctl.topic, partition), timeout=5)[1]
                   for partition in range(3))
    except KafkaException as error:
        raise OSError(str(error)) from None
    finally:
        consumer.close()


# -- dead letters --

def bury(ctl, processor, kind, offset, key=b"r-1", value=b"{"):
    producer = Producer({"bootstrap.servers": ctl.brokers})
    producer.produce(ctl.dead, key=key, value=value, partition=0, headers=[
        ("type", b"review"), ("x", None), ("dl-processor", processor.encode()), ("dl-generation", b"g1"),
        ("dl-topic", ctl.topic.encode()), ("dl-partition", b"2"), ("dl-offset", b"%d" % offset),
        ("dl-timestamp", b"1"), ("dl-class", kind.encode()), ("dl-reason", b"because\x1b[31m"), ("dl-sink", b""),
        ("dl-attempts", b"0"), ("dl-at", b"2026-01-31T09:30:00.000Z")])
    assert producer.flush(30) == 0


def test_dead_letters_are_listed_filtered_and_shown(ctl):
    ctl.call("topics", "create")
    bury(ctl, "cache", "malformed", 7)
    bury(ctl, "search", "rejected", 8, key=None, value=None)
    bury(ctl, "search", "malformed", 9, key=b"\xff", value=b"\xff\x00")
    assert "3 of 3 matching, of 3 dead letters" in ctl.call("dead-letters", "list").stdout
    assert "\x1b" not in ctl.call("dead-letters", "list").stdout
    found = ctl.lines("dead-letters", "list", "--processor", "search")
    assert [(row["offset"], row["class"], row["sourceOffset"], row["key"]) for row in found] == [
        (1, "rejected", "8", None), (2, "malformed", "9", {"base64": "/w=="})]
    assert [row["offset"] for row in ctl.lines("dead-letters", "list", "--class", "malformed", "--limit", "1")] == [2]
    shown = ctl.call("dead-letters", "show", "0:0").stdout
    assert "dl-reason       because?[31m" in shown and "value           {" in shown
    assert "x               (null)" in shown
    assert "(null)" in ctl.call("dead-letters", "show", "--source", "2:8").stdout
    ctl.call("dead-letters", "show", "0:3", want=FAILED)
    ctl.call("dead-letters", "show", "--source", "2:8", "--processor", "cache", want=FAILED)
    envelope = ctl.lines("dead-letters", "show", "0:2", "--original")[0]
    assert envelope == {"keyBase64": "/w==", "valueBase64": base64.b64encode(b"\xff\x00").decode(),
                        "headers": [["type", "review"], ["x", None]]}
    ctl.call("publish", "-", input=ndjson(envelope))
    assert [record[2:] for record in read(ctl, ctl.topic)] == [(b"\xff", b"\xff\x00", [("type", b"review"), ("x", None)])]


# -- rewind --

def test_rewind_sets_offsets_and_refuses_while_members_live(ctl):
    ctl.call("topics", "create", "--partitions", "2")
    ctl.call("publish", "-", input=ndjson(*(event("r-%d" % i, 1) for i in range(40))))
    group = "reviews-cache-" + ctl.topic
    ctl.environment["REVIEWS_KAFKA_GROUP"] = group
    ends = {}
    for record in read(ctl, ctl.topic):
        ends[record[0]] = record[1] + 1

    def committed():
        consumer = Consumer({"bootstrap.servers": ctl.brokers, "group.id": group})
        found = consumer.committed([TopicPartition(ctl.topic, partition) for partition in ends], timeout=30)
        consumer.close()
        return {place.partition: place.offset for place in found}

    assert ctl.lines("rewind", "cache", "--to", "end")[0]["changed"] is True
    assert committed() == ends
    assert ctl.lines("rewind", "cache", "--to", "beginning", "--dry-run")[0]["changed"] is False
    assert committed() == ends
    ctl.call("rewind", "cache", "--to", "0=3")
    assert committed() == {**ends, 0: 3}
    ctl.call("rewind", "cache", "--to", "2099-01-01T00:00:00Z")
    assert committed() == ends
    ctl.call("rewind", "cache", "--to", "2020-01-01T00:00:00+02:00")
    assert committed() == {0: 0, 1: 0}
    assert "offset 999 is not in the log" in ctl.call("rewind", "cache", "--to", "0=999", want=USAGE).stderr
    assert "no partition 7" in ctl.call("rewind", "cache", "--to", "7=0", want=USAGE).stderr

    member = Consumer({"bootstrap.servers": ctl.brokers, "group.id": group, "client.id": "somebody"})
    member.subscribe([ctl.topic])
    until(lambda: member.poll(0.2) or member.assignment(), "the member is in")
    said = ctl.call("rewind", "cache", "--to", "end", want=REFUSED).stderr
    assert f"group {group} has 1 member (first: somebody at" in said
    member.close()
    until(lambda: run("reviewctl", ["rewind", "cache", "--to", "end"], ctl.environment).returncode == DONE,
          "rewinding works when the member has left")
    assert committed() == ends


# -- views in Redis --

def test_get_shows_what_the_views_hold(ctl, store):
    assert "no generation of cache is active" in ctl.call("get", "review", "r", want=FAILED).stderr
    store.set("reviews:active:cache", "g1")
    store.set("reviews:active:aggregation", "g1")
    body = '{"reviewId":"{a}","version":3,"x":1.50}'
    store.hset("reviews:cache:g1:review:{%7Ba%7D}", mapping={"v": 3, "s": "p", "p": "h", "t": "-5", "b": body})
    store.hset("reviews:cache:g1:review:{gone}", mapping={"v": "9223372036854775807", "s": "e"})
    store.hset("reviews:cache:g2:review:{other}", mapping={"v": 1, "s": "w"})
    assert '"x": 1.50' in ctl.call("get", "review", "{a}").stdout
    assert body in ctl.call("get", "review", "{a}", "--json").stdout
    found = ctl.lines("get", "review", "gone")[0]
    assert (found["version"], found["state"], found["body"]) == (2**63 - 1, "erased", None)
    ctl.call("get", "review", "other", want=FAILED)
    assert "withdrawn, version 1" in ctl.call("get", "review", "other", "--generation", "g2").stdout
    store.hset("reviews:aggregation:g1:summary:{h}", mapping={
        "n": 3, "rev": 8, "n:overall": 3, "sum:overall": 1300, "h:overall:4": 2, "h:overall:5": 1, "locale:en": 2,
        "locale:fr": 1, "month:2026-01": 3})
    shown = ctl.call("get", "product", "h").stdout
    assert "product h: 3 reviews (generation g1, revision 8)" in shown and "4.33 of 3" in shown
    assert "4        2  " + 30 * "█" in shown and "en 2, fr 1" in shown
    summary = ctl.lines("get", "product", "h")[0]
    assert (summary["revision"], summary["ratings"]["overall"]["average"]) == (8, 4.33)
    ctl.call("get", "product", "none", want=FAILED)


def test_get_product_shows_amenities_and_tags_with_their_words(ctl, store):
    for view in ("cache", "sentiment", "tags"):  # without the aggregation
        store.set("reviews:active:" + view, "g1")
    store.hset("reviews:sentiment:g1:summary:{h}", mapping={
        "rev": 9, "n": 4, "n:positive": 2, "n:mixed": 1, "n:unsupported": 1, "sum": 900,
        "a:staff:n:positive": 2, "a:staff:n:negative": 1, "a:staff:sum": 750, "a:wifi:n:negative": 1, "a:wifi:sum": -500})
    store.hset("reviews:tags:g1:summary:{h}", mapping={
        "rev": 3, "tag:check-in:n:negative": 1, "tag:pool:n:positive": 2, "tag:pool:n:none": 1, "tag:a:n:b:n:mixed": 1})
    body = json.dumps({"title": "Café: kind staff", "text": "no wifi"}, ensure_ascii=False)
    for name, judged, cached in (("a|b", 2, 2), ("old", 3, 2)):
        store.hset("reviews:sentiment:g1:review:{%s}" % name, mapping={"v": judged, "s": "p"})
        store.hset("reviews:cache:g1:review:{%s}" % name, mapping={"v": cached, "s": "p", "b": body})
    key = "reviews:sentiment:g1:evidence:{h}:"
    store.zadd(key + "staff:pos", {"a|b|title|7|17": 900, "old|title|7|17": 800, "gone|text|0|3": 700, "fourth|text|0|1": 1})
    store.zadd(key + "wifi:neg", {"a|b|text|0|7": 500, "a|b|text|3|99": 400, "a|b|title|4|5": 300})
    shown = ctl.call("get", "product", "h").stdout
    assert "what 4 reviews say: 2 positive, 0 neutral, 1 mixed, 0 negative; 1 not read" in shown
    assert "staff         +0.25     2     0     1  " + 20 * "█" + 10 * "░" + "\n" in shown
    assert '+ "kind staff"  a|b\n' in shown and '- "no wifi"  a|b\n' in shown and shown.count('"') == 4
    assert "pool" + 24 * " " + "       3     2     1     0  " + 20 * "█" + 10 * "▒" in shown
    made = ctl.lines("get", "product", "h")[0]
    assert (made["sentiment"]["score"], made["sentiment"]["aspects"][0]["score"]) == (0.3, 0.25)
    assert [row["aspect"] for row in made["sentiment"]["aspects"]] == ["staff", "wifi"]
    staff, wifi = (row["evidence"] for row in made["sentiment"]["aspects"])
    assert [(one["reviewId"], one["words"]) for one in staff["positive"]] == [
        ("a|b", "kind staff"), ("old", None), ("gone", None)]
    # beyond the text, and inside of a character
    assert [one["words"] for one in wifi["negative"]] == ["no wifi", None, None] and staff["negative"] == []
    assert [(row["tag"], row["reviews"]) for row in made["tags"]["tags"]] == [("pool", 3), ("a:n:b", 1), ("check-in", 1)]
    assert "evidence" not in ctl.lines("get", "product", "h", "--evidence", "0")[0]["sentiment"]["aspects"][0]
    assert "aggregation is active" in ctl.call("get", "product", "none", want=FAILED).stderr


def test_activate_moves_a_pointer_and_raises_its_epoch(ctl, store):
    ctl.call("topics", "create")
    assert "has never been started" in ctl.call("activate", "cache", "g2", want=REFUSED).stderr
    assert not store.exists("reviews:active:cache")
    store.set("reviews:active:cache", "g1")
    store.set("{reviews:active:cache}:epoch", 1)
    store.sadd("{reviews:active:cache}:generations", "g1", "g2")
    assert ctl.lines("activate", "cache", "g2")[0] == {"processor": "cache", "from": "g1", "to": "g2", "epoch": 2}
    assert store.get("reviews:active:cache") == b"g2"
    assert ctl.call("activate", "cache", "g1").stdout == "cache: g2 -> g1\n"
    assert store.get("{reviews:active:cache}:epoch") == b"3"
    ctl.call("activate", "billing", "g1", want=USAGE)
    ctl.call("activate", "cache", "../g1", want=USAGE)


# -- search --

class Search:
    def __init__(self, url, alias):
        self.url, self.alias = url, alias

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def make(self, index, documents):
        self.call("PUT", "/" + index, json.loads((ROOT / "config" / "search-index.json").read_text()))
        for document in documents:
            self.call("PUT", f"/{index}/_doc/{document['reviewId']}?version_type=external&version={document['version']}",
                      document)
        self.call("POST", f"/{index}/_refresh")


@pytest.fixture
def engine(ctl, servers):
    mark = uuid.uuid4().hex[:8]
    made = Search(servers.store_url("elasticsearch"), "alias-" + mark)
    made.generations = ["a" + mark, "b" + mark]
    ctl.environment.update({"REVIEWS_ELASTICSEARCH_URL": made.url, "REVIEWS_ELASTICSEARCH_ALIAS": made.alias})
    yield made
    for generation in made.generations:
        made.call("DELETE", f"/reviews-{generation}?ignore_unavailable=true")


def documents(count, text):
    return [{**event("r-%d" % i, i + 1), "locale": "en" if i % 2 else "fr", "title": "title %d" % i, "text": text,
             "ratings": {"overall": 1 + i % 5}, "submittedAt": "2026-01-%02dT00:00:00Z" % (i + 1),
             "submitted": "2026-01-%02dT00:00:00Z" % (i + 1)} for i in range(count)]


def test_search_finds_filters_sorts_and_pages(ctl, engine):
    index = "reviews-" + engine.generations[0]
    made = documents(20, "a quiet room")
    made[3].update({"status": "withdrawn"})
    made[4].update({"text": "rooms with a view", "version": 9007199254740993})
    engine.make(index, made)
    engine.call("POST", "/_aliases", {"actions": [{"add": {"index": index, "alias": engine.alias}}]})
    found = ctl.lines("search", "quiet room", "--sort", "submittedAt:desc", "--size", "5")[0]
    assert found["total"] == 18
    assert [hit["id"] for hit in found["reviews"]] == ["r-19", "r-18", "r-17", "r-16", "r-15"]
    assert [hit["id"] for hit in ctl.lines("search", "quiet room", "--sort", "submittedAt:desc", "--size", "5", "--page",
                                           "4")[0]["reviews"]] == ["r-2", "r-1", "r-0"]
    # the last page: 18 hits are r-19 to r-0 without r-3 (withdrawn) and r-4 (other words)
    hits = ctl.lines("search", "--filter", "locale=fr", "--filter", "rating>=4", "--filter",
                     "submittedAt>=2026-01-10", "--sort", "rating:desc", "--sort", "submittedAt")[0]["reviews"]
    assert [(hit["id"], hit["review"]["ratings"]["overall"]) for hit in hits] == [("r-14", 5), ("r-18", 4)]
    view = ctl.lines("search", '"rooms with" -quiet')[0]["reviews"]
    assert [(hit["id"], hit["version"]) for hit in view] == [("r-4", 9007199254740993)]
    assert "2 of 18 reviews, page 1" in ctl.call("search", "quiet", "--size", "2").stdout
    assert "0 of 0 reviews" in ctl.call("search", "nothing like it").stdout
    assert "only the first 10000" in ctl.call("search", "--size", "1000", "--page", "11", want=USAGE).stderr
    assert "No mapping found for [nosuch]" in ctl.call("search", "--sort", "nosuch", want=FAILED).stderr
    assert "index_not_found" in ctl.call("search", "--index", "nosuch", want=FAILED).stderr


def test_activate_moves_the_search_alias_without_a_gap(ctl, engine):
    ctl.call("topics", "create")
    old, new = engine.generations
    engine.make("reviews-" + old, documents(10, "old"))
    engine.call("POST", "/_aliases", {"actions": [{"add": {
        "index": "reviews-" + old, "alias": engine.alias, "filter": {"term": {"status": "published"}}}}]})
    assert "no index reviews-" + new in ctl.call("activate", "search", new, want=REFUSED).stderr
    engine.make("reviews-" + new, documents(10, "new"))
    seen, stop = set(), threading.Event()

    def read_on():
        while not stop.is_set():
            hits = engine.call("POST", f"/{engine.alias}/_search?preference=x", {"size": 50})["hits"]["hits"]
            seen.add((len(hits), tuple(sorted({hit["_source"]["text"] for hit in hits}))))

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        for generation in (new, old, new, old, new):
            ctl.call("activate", "search", generation)
    finally:
        stop.set()
        reader.join(60)
    assert seen <= {(10, ("old",)), (10, ("new",))}, seen
    behind = engine.call("GET", "/_alias/" + engine.alias)
    assert list(behind) == ["reviews-" + new]
    assert behind["reviews-" + new]["aliases"][engine.alias]["filter"] == {"term": {"status": "published"}}
    assert ctl.lines("activate", "search", new)[0]["from"] == new


# -- status --

@pytest.fixture
def processor():
    """Answers as a processor's HTTP port does."""
    document = {"processor": "cache", "generation": "g1", "state": "running", "ready": True, "blocked": [],
                "partitions": [{"topic": "t", "partition": 0, "dead": 2, "in_flight": 3},
                               {"topic": "t", "partition": 1, "dead": 1, "in_flight": 4}], "rate_per_s": 12.4, "lag": 5}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(document).encode()
            self.send_response(200 if self.path == "/status" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(url="http://127.0.0.1:%d" % server.server_port, document=document)
    server.shutdown()


def test_status_shows_processors_and_groups(ctl, processor):
    ctl.call("topics", "create", "--partitions", "1")
    ctl.call("publish", "-", input=ndjson(*(event("r-%d" % i, 1) for i in range(9))))
    ctl.environment["REVIEWS_KAFKA_GROUP"] = "reviews-cache-" + ctl.topic
    ctl.call("rewind", "cache", "--to", "0=4")
    shown = ctl.call("status", "--url", processor.url).stdout.splitlines()
    assert shown[1].split() == ["cache", "g1", "running", "yes", "5", "12", "7", "3"]
    found = ctl.lines("status", "--url", processor.url)[0]
    assert found["processors"][0] == {**processor.document, "url": processor.url}
    assert found["groups"] == [{"group": "reviews-cache-" + ctl.topic, "state": "Empty", "members": 0, "lag": 5,
                                "started": True}]
    processor.document.update({"ready": False, "state": "blocked", "blocked": [
        {"topic": "t", "partition": 0, "reason": "offset out of range"}, {"topic": "t", "partition": 1, "reason": "x"}]})
    said = ctl.call("status", "--url", processor.url, "--url", "http://" + NOBODY, want=FAILED).stdout
    assert "offset out of range (and 1 more)" in said and "unreachable" in said


# -- all commands --

def test_servers_that_do_not_answer_are_named_with_exit_4():
    environment = {"REVIEWS_KAFKA_BROKERS": NOBODY, "REVIEWS_REDIS_URL": "redis://" + NOBODY,
                   "REVIEWS_ELASTICSEARCH_URL": "http://" + NOBODY}
    commands = ["topics create", "topics check", "publish -", "dead-letters list", "dead-letters show 0:0",
                "rewind cache --to end", "get review r", "get product p", "search x", "activate cache g1",
                "activate search g1"]
    with ThreadPoolExecutor(len(commands)) as pool:
        for done in pool.map(lambda words: run("reviewctl", words.split(), environment, check=UNREACHABLE), commands):
            assert NOBODY in done.stderr or "127.0.0.1" in done.stderr


@pytest.mark.parametrize("arguments, says", [
    ([], "Usage: reviewctl COMMAND"), (["nonsense"], "no command nonsense"), (["topics"], "topics create"),
    (["publish"], "which FILE?"), (["publish", "a", "b"], "one file"), (["rewind", "cache"], "--to where?"),
    (["rewind", "cashe", "--to", "end"], "no processor cashe"), (["search", "--filter", "x"], "NAME=VALUE"),
    (["topics", "check", "--set", "kafka.brocers=x"], "kafka.brocers"),
    (["search", "x", "--set", "cache.redi=x"], "reviewctl: --set cache.redi: unknown option; --help lists all\n"),
    (["topics", "check", "--set", "kafka.acks=1"], "acks"),
    (["topics", "create", "--partitions", "0"], "a number from 1"), (["publish", "-", "--config", "/nope"], "/nope")])
def test_wrong_usage_is_explained_with_exit_2(arguments, says):
    assert says in run("reviewctl", arguments, {}, check=USAGE).stderr


def test_every_command_has_help_with_examples_and_exit_codes():
    listed = run("reviewctl", ["--help"], {}, check=DONE).stdout
    names = [line[2:22].split() for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    assert len(names) == 16
    assert {"kafka.brokers", "redis.url", "elasticsearch.alias", "clickhouse.url"} <= set(listed.split())
    for name in names:
        said = run("reviewctl", [*name, "--help"], {}, check=DONE).stdout
        assert "Example" in said and "reviewctl " + " ".join(name) in said, name
    assert run("reviewctl", ["--version"], {}, check=DONE).stdout.startswith("reviewctl ")


@pytest.mark.parametrize("words, want", [
    ("pub", ["publish"]), ("topics ", ["check", "create"]), ("topics check --v", ["--versions"]),
    ("rewind ca", ["cache"]), ("search --f", ["--facet", "--filter"])])
def test_bash_completes_words(words, want):
    script = ('source <("$0" completion bash); COMP_WORDS=(reviewctl $1); [[ $1 = *" " ]] && COMP_WORDS+=(""); '
              'COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _reviewctl; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, program("reviewctl"), words], env=clean_environment({}), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=30)
    assert sorted(done.stdout.split()) == want
