"""A second generation built beside the first, a switch and the way back, under readers that poll throughout."""
import copy
import json
import threading
import time

import pytest

from harness.events import headers
from harness.wait import until

ALL = ("cache", "search", "aggregation")


class Readers(threading.Thread):
    """Follows the documented paths: `reviews:active:<view>` and the alias. Every answer must be whole and never older."""

    def __init__(self, world, reviews):
        super().__init__(daemon=True)
        self.world, self.reviews = world, reviews  # id -> (version, product)
        self.ended = threading.Event()
        self.rounds, self.problems = 0, []
        self.last = {}
        self.generations = set()

    def run(self):
        client = self.world.redis.client()
        while not self.ended.wait(0.005):
            try:
                self.cache(client)
                self.summaries(client)
                self.search()
                self.rounds += 1
            except Exception as error:  # an error that a reader sees is what this looks for
                self.problems.append(f"{type(error).__name__}: {error}")

    def cache(self, client):
        generation = client.get("reviews:active:cache").decode()
        self.generations.add(generation)
        pipeline = client.pipeline(transaction=False)
        for name in self.reviews:
            pipeline.hget("reviews:cache:%s:review:{%s}" % (generation, name), "v")
        for name, version in zip(self.reviews, pipeline.execute()):
            self.see("cache", name, int(version or 0))

    def summaries(self, client):
        generation = client.get("reviews:active:aggregation").decode()
        pipeline = client.pipeline(transaction=False)
        products = sorted({product for _, product in self.reviews.values()})
        for product in products:
            pipeline.hget("reviews:aggregation:%s:summary:{%s}" % (generation, product), "n")
        for product, count in zip(products, pipeline.execute()):
            wanted = sum(1 for _, of in self.reviews.values() if of == product)
            if int(count or 0) != wanted:
                self.problems.append(f"summary of {product} has {count} reviews, not {wanted}")

    def search(self):
        status, text = self.world.elastic("POST", "/%s/_search" % self.world.alias, json.dumps(
            {"size": 1000, "version": True, "_source": False, "query": {"ids": {"values": list(self.reviews)}}}))
        if status != 200:
            self.problems.append(f"search: {status} {text[:200]}")
            return
        hits = json.loads(text)["hits"]["hits"]
        if len({hit["_index"] for hit in hits}) != 1 or len(hits) != len(self.reviews):
            self.problems.append(f"search found {len(hits)} of {len(self.reviews)} in {({hit['_index'] for hit in hits})}")
        for hit in hits:
            self.see("search", hit["_id"], hit["_version"])

    def see(self, source, name, version):
        if version < self.last.get((source, name), 1):
            self.problems.append(f"{source} {name} went to {version} from {self.last.get((source, name))}")
        self.last[source, name] = max(version, self.last.get((source, name), 0))

    def stop(self):
        self.ended.set()
        self.join(30)
        assert not self.problems, "%d problems: %s" % (len(self.problems), "\n".join(self.problems[:10]))


def sibling(world, generation):
    made = copy.copy(world)
    made.generation = generation
    return made


def test_a_reindex_and_the_way_back_under_readers(world):
    from harness.events import reviews
    world.use("elasticsearch").make_topics()
    first = world.generation
    made = {"r-%d" % at: (1, "hotel-%d" % (at % 5)) for at in range(1, 201)}
    world.topics.send(world.topic, reviews(200))
    old = [world.start(processor) for processor in ALL]
    world.settle(*ALL)
    until(lambda: json.loads(world.elastic("GET", "/%s/_count" % world.alias)[1]).get("count") == 200, "search shows all")
    readers = Readers(world, made)
    readers.start()
    second = sibling(world, first + "b")
    new = [second.start(processor) for processor in ALL]
    for version in (2, 3, 4):  # events flow meanwhile
        world.topics.send(world.topic, reviews(200, version=version))
    world.settle(*ALL)
    second.settle(*ALL)
    until(lambda: min(readers.last.get(("search", name), 0) for name in made) == 4, "the old index shows version 4")
    until(lambda: json.loads(world.elastic("GET", "/%s/_search?q=version:4" % second.index)[1])["hits"]["total"]["value"]
          == 200, "the new index shows version 4")

    def summaries(generation):
        last = {message.key(): headers(message) for message in world.topics.read(world.summaries)}
        return {(head["generation"], int(head["epoch"])) for head in last.values()} == {generation}
    assert summaries((first, 1)), "the generation that is built published summaries"
    for epoch, to in ((2, second.generation), (3, first)):
        for processor in ALL:
            world.ctl("activate", processor, to)
        until(lambda: summaries((to, epoch)), f"every summary was sent again by {to} under epoch {epoch}")
        seen = readers.rounds
        until(lambda: readers.rounds > seen + 20, "readers went on")
        assert world.redis.client().get("reviews:active:cache").decode() == to
    readers.stop()
    assert readers.generations == {first, second.generation} and readers.rounds > 100
    for member in old + new:
        assert member.stop() == 0


@pytest.mark.fault
def test_a_reindex_of_a_real_log_is_the_fold_in_both_generations(world, logs):
    log = logs.make("mixed", 51, reviews=400, events=4000)
    world.use("elasticsearch").make_topics(source=False).load(log)
    for processor in ALL:
        world.start(processor)
    world.settle(*ALL)
    second = sibling(world, world.generation + "b")
    began = time.monotonic()
    for processor in ALL:
        second.start(processor, lanes=4)
    second.settle(*ALL)
    for processor in ALL:
        world.ctl("activate", processor, second.generation)
    print("reindexed in %.1f s" % (time.monotonic() - began))
    second.check(log, processors=["cache", "aggregation", "search"], dead_twice=True, extra=["--wait", "60"])
    world.stop()


def test_rewind_is_refused_while_members_live(world):
    from harness.events import reviews
    world.make_topics()
    world.topics.send(world.topic, reviews(10))
    member = world.start("cache")
    world.settle("cache")
    refused = world.rewind("cache", code=3)
    assert refused is not None
    assert world.topics.behind(world.group("cache"), world.topic) == 0
    assert member.stop() == 0
    world.rewind("cache")
    assert world.topics.behind(world.group("cache"), world.topic) == 10
