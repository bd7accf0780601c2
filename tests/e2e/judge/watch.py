"""Watches hot reviews during a run, until SIGTERM: a version that a reader has seen never goes back.

    python watch.py --log log.ndjson.gz --redis 127.0.0.1:6379 --es http://127.0.0.1:9200 --generation g1
"""
import argparse
import json
import signal
import sys
import time
from collections import Counter

import redis

import stores
from fold import Fold, read_log


class Watcher:
    def __init__(self):
        self.last, self.failures, self.samples = {}, [], 0

    def see(self, source, name, version, may_vanish=False):
        self.samples += 1
        known = self.last.get((source, name), 0)
        if version < known and not (may_vanish and version == 0):
            self.failures.append("%s %r went back from %d to %d" % (source, name, known, version))
        self.last[source, name] = max(known, version)

    def fail(self, text):
        self.failures.append(text)


def cache_round(watcher, client, generation, reviews):
    pipeline = client.pipeline(transaction=False)
    for name in reviews:
        pipeline.hmget("reviews:cache:%s:review:%s" % (generation, stores.in_key(name)), "v", "s", "b")
    for name, (version, state, body) in zip(reviews, pipeline.execute()):
        watcher.see("cache", name, int(version or 0))
        if state == b"p" and json.loads(body)["version"] != int(version):
            watcher.fail("cache %r: version %d with the body of another" % (name, int(version)))
        if state in (b"w", b"e") and body:
            watcher.fail("cache %r: a body although it is not published" % name)


def field_round(watcher, client, prefix, field, names):
    pipeline = client.pipeline(transaction=False)
    for name in names:
        pipeline.hget(prefix + stores.in_key(name), field)
    for name, value in zip(names, pipeline.execute()):
        watcher.see(prefix, name, int(value or 0))


def index_round(watcher, url, generation, reviews):
    found = stores.call(url, "POST", "/reviews-%s/_mget?_source=false" % generation, {"ids": reviews})
    for document in found["docs"]:
        if "error" not in document:
            watcher.see("index", document["_id"], document["_version"] if document["found"] else 0)


def alias_round(watcher, url, alias, reviews):
    found = stores.call(url, "POST", "/%s/_search" % alias, {
        "size": len(reviews), "version": True, "_source": ["status"], "query": {"ids": {"values": reviews}}})
    for hit in found["hits"]["hits"]:
        watcher.see("alias", hit["_id"], int(hit["_version"]), may_vanish=True)
        if hit["_source"].get("status") != "published":
            watcher.fail("alias shows %r, which is not published" % hit["_id"])


def main():
    parser = argparse.ArgumentParser(description="watch that no version goes back")
    parser.add_argument("--log", required=True)
    parser.add_argument("--keys", type=int, default=50)
    parser.add_argument("--generation", default="g1")
    parser.add_argument("--redis", required=True)
    parser.add_argument("--es")
    parser.add_argument("--alias", default="reviews")
    parser.add_argument("--seconds", type=float, default=3600)
    options = parser.parse_args()
    made = Fold(read_log(options.log))
    count = Counter(record.key.decode() for record in read_log(options.log) if record.key)
    reviews = [name for name, _ in count.most_common() if name in made.reviews][:options.keys]
    products = [name for name, _ in Counter(event.product for event in made.published()).most_common(options.keys // 4)]
    client, watcher = stores.connect(options.redis), Watcher()
    aggregation = "reviews:aggregation:%s:" % options.generation
    rounds = [lambda: cache_round(watcher, client, options.generation, reviews),
              lambda: field_round(watcher, client, aggregation + "home:", "v", reviews),
              lambda: field_round(watcher, client, aggregation + "summary:", "rev", products)]
    if options.es:
        rounds.append(lambda: index_round(watcher, options.es, options.generation, reviews))
        rounds += [lambda: alias_round(watcher, options.es, options.alias, reviews)] if options.alias else []
    stopped = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.append(True))
    print("watching", flush=True)
    end = time.monotonic() + options.seconds
    while not stopped and time.monotonic() < end:
        for sample in rounds:
            try:
                sample()
            except (OSError, redis.RedisError):  # a store that is down is no failure
                time.sleep(0.05)
        time.sleep(0.005)
    for text in watcher.failures[:20]:
        print(text)
    seen = sum(1 for version in watcher.last.values() if version)
    print("%d samples\n%d passed, %d failed" % (watcher.samples, seen, len(watcher.failures)))
    sys.exit(1 if watcher.failures or not seen else 0)


if __name__ == "__main__":
    main()
