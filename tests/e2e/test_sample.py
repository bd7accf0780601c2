"""The project's own sample from a file to every view, by the commands that a user types."""
import json
import sys

import pytest

from harness.judge import OWN
from harness.servers import ROOT
from harness.world import EVERY

sys.path.insert(0, str(OWN))

import check as own_check  # noqa: E402
from fold import Fold, Record  # noqa: E402

SAMPLE = ROOT / "samples" / "reviews.ndjson"
ALL = EVERY


def lines():
    return SAMPLE.read_text().splitlines()


def published(world):
    """The records as another client reads them, in their order by partition."""
    places = {}
    for message in world.topics.read(world.topic):
        places[message.partition(), message.offset()] = message
    return places


class Options:
    """What the own judge wants to be told."""

    def __init__(self, world):
        self.redis, self.es, self.brokers = world.redis.address, world.store_url, world.servers.brokers
        self.generation, self.alias, self.topic = world.generation, world.alias, world.topic
        self.summaries_topic, self.dead_topic = world.summaries, world.dead


def test_the_sample_holds_what_the_demo_promises():
    events = [json.loads(line) for line in lines()]
    bodies = [event for event in events if "reviewId" in event]
    assert len({event["reviewId"] for event in bodies}) >= 400
    assert len({event["productId"] for event in bodies}) == 30
    assert len({event["locale"] for event in bodies if event.get("locale")}) >= 5
    assert any(event["version"] > 1 for event in bodies)
    assert any(event["status"] == "withdrawn" for event in bodies)
    products = {}
    for event in bodies:
        products.setdefault(event["reviewId"], set()).add(event["productId"])
    assert any(len(of) > 1 for of in products.values()), "no review moves"
    assert any(event.get("value", 0) is None and "version" in event["headers"] for event in events), "no erasure"


@pytest.mark.parametrize("store", ["elasticsearch", "opensearch"])
def test_the_sample_reaches_every_view(world, store):
    world.use(store)
    world.ctl("topics", "create")
    world.topics.made |= {world.topic, world.dead, world.summaries}
    world.ctl("topics", "check")
    world.ctl("publish", str(SAMPLE))
    places = published(world)
    assert len(places) == len(lines())
    for processor in ALL:
        world.start(processor)
    world.settle(*ALL)
    world.conserve()
    world.stop()

    made = Fold(Record(place, message.key(), message.value(), message.headers() or [])
                for place, message in places.items())
    assert len(made.dead) == 3 and made.counts["skipped"] >= 1
    verdict = own_check.Verdict()
    options = Options(world)
    own_check.check_cache(made, options, verdict)
    own_check.check_aggregation(made, options, verdict)
    own_check.check_summaries(made, options, verdict)
    own_check.check_search(made, options, verdict)
    assert not verdict.wrong, "\n".join(verdict.wrong[:20])
    assert verdict.passed > 1000

    letters = world.dead_letters()
    found = sorted((dict(letter.headers())["dl-processor"].decode(), int(dict(letter.headers())["dl-partition"]),
                    int(dict(letter.headers())["dl-offset"])) for letter in letters)
    assert found == sorted((processor, *place) for processor in ALL for place in made.dead)
    for letter in letters:
        said = dict(letter.headers())
        original = places[int(said["dl-partition"]), int(said["dl-offset"])]
        assert (letter.key(), letter.value()) == (original.key(), original.value())
        assert said["dl-reason"] and said["dl-class"] == b"malformed"


def summaries(world):
    """Every different record of the output topic; the same one may come again."""
    return {(message.key(), message.value(), *sorted(message.headers())) for message in world.topics.read(world.summaries)}


def test_a_second_pass_changes_nothing(world):
    """Everything again from the beginning: no field, no counter, no revision changes."""
    world.use("elasticsearch").make_topics()
    world.ctl("publish", str(SAMPLE))
    world.to_the_end(ALL)

    def dump():
        client = world.redis.client()
        keys = sorted(key for key in client.scan_iter(count=5000) if not key.endswith(b":marker"))
        read = {b"hash": client.hgetall, b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
                b"set": client.smembers, b"string": client.get}
        world.elastic("POST", "/%s/_refresh" % world.index)
        hits = json.loads(world.elastic("POST", "/%s/_search" % world.index, json.dumps(
            {"size": 5000, "version": True, "seq_no_primary_term": True, "sort": ["_doc"]}))[1])["hits"]["hits"]
        return ({key: read[client.type(key)](key) for key in keys},
                {hit["_id"]: (hit["_version"], hit["_seq_no"]) for hit in hits}, world.topics.count(world.dead))
    before = dump()
    assert before[0] and before[1]
    records = summaries(world)
    for processor in ALL:
        world.rewind(processor)
    world.to_the_end(ALL)
    after = dump()
    assert after[0] == before[0]
    assert after[1] == before[1]
    assert after[2] == 2 * before[2], "a dead letter comes again at the same coordinates, nothing else does"
    assert summaries(world) == records, "a summary changed although no review did"


