"""Compares the stores with the fold of a log; the last line is `N passed, N failed`, exit 1 on any difference.

    python check.py --view all --log log.ndjson.gz --redis 127.0.0.1:6379 --es http://127.0.0.1:9200 --brokers …
"""
import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from decimal import Decimal

import stores
from fold import Fold, read_log, summary

VIEWS = ("cache", "search", "aggregation", "product-summaries", "dead-letters")


class Verdict:
    def __init__(self):
        self.passed, self.wrong = 0, []

    def equal(self, what, found, wanted):
        if found == wanted:
            self.passed += 1
        else:
            if isinstance(found, dict) and isinstance(wanted, dict):
                found, wanted = ({key: value for key, value in one.items() if other.get(key) != value}
                                 for one, other in ((found, wanted), (wanted, found)))
            self.wrong.append("%s: found %.300r, wanted %.300r" % (what, found, wanted))

    def same_keys(self, what, found, wanted):
        for key in found.keys() - wanted:
            self.wrong.append("%s %r must not be there" % (what, key))
        for key in wanted - found.keys():
            self.wrong.append("%s %r is missing" % (what, key))


def check_cache(made, options, verdict):
    client, prefix = stores.connect(options.redis), "reviews:cache:%s:" % options.generation
    found = stores.dump(client, prefix + "review:", lambda pipeline, key: pipeline.hgetall(key))
    verdict.same_keys("review", found, made.reviews.keys())
    products = defaultdict(dict)
    for name, event in made.reviews.items():
        wanted = {b"v": str(event.version).encode(), b"s": event.state.encode()}
        if event.state == "p":
            wanted.update({b"p": event.product.encode(), b"b": event.body})
            wanted.update({} if event.at is None else {b"t": str(event.at).encode()})
            products[event.product][name.encode()] = float(event.at or 0)
        verdict.equal("review %r" % name, {key: value for key, value in found.get(name, {}).items() if value}, wanted)
    found = stores.dump(client, prefix + "product:", lambda pipeline, key: pipeline.zrange(key, 0, -1, withscores=True))
    verdict.same_keys("product", found, products.keys())
    for name, wanted in products.items():
        verdict.equal("product %r" % name, dict(found.get(name, [])), wanted)


def check_aggregation(made, options, verdict):
    client, prefix = stores.connect(options.redis), "reviews:aggregation:%s:" % options.generation
    found = stores.dump(client, prefix + "summary:", lambda pipeline, key: pipeline.hgetall(key))
    found = {name: {key.decode(): int(value) for key, value in of.items() if key != b"rev"} for name, of in found.items()}
    wanted = made.counters()
    for name in found.keys() | wanted.keys():
        verdict.equal("summary of %r" % name, found.get(name, {}), dict(wanted.get(name, {})))
    homes = stores.dump(client, prefix + "home:", lambda pipeline, key: pipeline.hgetall(key))
    verdict.same_keys("home", homes, made.reviews.keys())
    for name, event in made.reviews.items():
        home = {key: value for key, value in homes.get(name, {}).items() if value}
        verdict.equal("home of %r" % name, home.pop(b"v", None), str(event.version).encode())
        home_product = home.pop(b"p", None)
        if event.state == "p":
            verdict.equal("home of %r" % name, home_product, event.product.encode())
        verdict.equal("products left by %r and not confirmed" % name, home, {})


def check_summaries(made, options, verdict):
    last = {message.key().decode(): message for message in stores.records(options.brokers, options.summaries_topic)}
    counters = made.counters()
    for name in counters.keys() - last.keys():
        verdict.wrong.append("summary record of %r is missing" % name)
    client = stores.connect(options.redis)
    for name, message in last.items():
        value, headers = json.loads(message.value(), parse_float=Decimal), dict(message.headers())
        key = "reviews:aggregation:%s:summary:%s" % (options.generation, stores.in_key(name))
        revision = str(value.pop("revision")).encode()
        verdict.equal("revision of %r" % name, (revision, headers["version"], headers["generation"]),
                      (client.hget(key, "rev"), revision, options.generation.encode()))
        for of in value["ratings"].values():
            of["average"] = Decimal(of["average"]).quantize(Decimal("0.01"))
        verdict.equal("summary record of %r" % name, value, summary(name, counters.get(name, Counter())))


def check_search(made, options, verdict):
    index = "reviews-" + options.generation
    stores.call(options.es, "POST", "/%s/_refresh" % index)
    found = stores.documents(options.es, index)
    verdict.same_keys("document", found, made.reviews.keys())
    for name, event in made.reviews.items():
        version, source = found.get(name, (0, {}))
        verdict.equal("version of document %r" % name, version, event.version)
        if event.state != "p":
            verdict.equal("text of %r, which is not published" % name, source.get("text"), None)
            continue
        body = json.loads(event.body, parse_float=Decimal)
        for member in ("productId", "status", "title", "text", "ratings", "tripType", "version"):
            verdict.equal("%s of document %r" % (member, name), source.get(member), body.get(member))
    if options.alias:
        visible = stores.documents(options.es, options.alias)
        verdict.same_keys("in the alias, document", visible, {event.review for event in made.published()})


def check_dead_letters(made, options, verdict):
    places = {(message.partition(), message.offset()): message for message in stores.records(options.brokers, options.topic)}
    wanted = {place: message for place, message in places.items() if int(dict(message.headers())["x-n"]) in made.dead}
    found = defaultdict(lambda: defaultdict(list))
    for message in stores.records(options.brokers, options.dead_topic):
        headers = dict(message.headers())
        place = int(headers["dl-partition"]), int(headers["dl-offset"])
        found[headers["dl-processor"].decode()][place].append(message)
    for processor in set(options.processor) | found.keys():
        letters = found[processor]
        verdict.same_keys("dead letter of %s" % processor, letters, wanted.keys())
        for place in letters.keys() & wanted.keys():
            one, original = letters[place][0], wanted[place]
            kept = [pair for pair in one.headers() if not pair[0].startswith("dl-")]
            verdict.equal("dead letter of %s at %s" % (processor, place), (one.key(), one.value(), kept),
                          (original.key(), original.value(), original.headers()))
            if not options.dead_twice_ok:
                verdict.equal("dead letters of %s at %s" % (processor, place), len(letters[place]), 1)


CHECKS = {"cache": check_cache, "aggregation": check_aggregation, "search": check_search,
          "product-summaries": check_summaries, "dead-letters": check_dead_letters}


def judge(made, views, options):
    verdict = Verdict()
    for view in views:
        try:
            CHECKS[view](made, options, verdict)
        except Exception as error:  # a store that is not there yet is a failure, not a crash
            verdict.wrong.append("%s: %s: %s" % (view, type(error).__name__, error))
    return verdict


def main():
    parser = argparse.ArgumentParser(description="compare the stores with the fold of a log")
    parser.add_argument("--view", action="append", choices=VIEWS + ("all",), required=True)
    parser.add_argument("--log", action="append", required=True)
    parser.add_argument("--generation", default="g1")
    parser.add_argument("--redis")
    parser.add_argument("--es")
    parser.add_argument("--alias", default="reviews")
    parser.add_argument("--brokers")
    parser.add_argument("--topic", default="moderated-reviews")
    parser.add_argument("--summaries-topic", default="product-summaries")
    parser.add_argument("--dead-topic", default="reviews.dead-letters")
    parser.add_argument("--processor", action="append", default=[])
    parser.add_argument("--dead-twice-ok", action="store_true")
    parser.add_argument("--wait", type=float, default=0)
    options = parser.parse_args()
    views = VIEWS if "all" in options.view else options.view
    made = Fold(record for path in options.log for record in read_log(path))
    end = time.monotonic() + options.wait
    while True:
        verdict = judge(made, views, options)
        if not verdict.wrong or time.monotonic() >= end:
            break
        time.sleep(0.5)
    for text in verdict.wrong[:30]:
        print(text)
    print("%d passed, %d failed" % (verdict.passed, len(verdict.wrong)))
    sys.exit(1 if verdict.wrong or not verdict.passed else 0)


if __name__ == "__main__":
    main()
