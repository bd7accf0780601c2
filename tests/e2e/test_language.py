"""Sentiment and tags end in what the library says, in another process, of the reviews that the log leaves."""
import json
from collections import Counter, defaultdict

import pytest

from harness.processes import run

TOPICS = {"sentiment": "review-sentiments", "tags": "review-tags"}


def reviews_of(world):
    """What the cache holds, which the oracle has checked: id -> fields."""
    redis = world.redis.client()
    prefix = b"reviews:cache:%s:review:{" % world.generation.encode()
    keys = [key for key in redis.scan_iter(prefix + b"*", 1000)]
    return {redis_id(key, prefix): redis.hgetall(key) for key in keys}


def redis_id(key, prefix):
    text = key[len(prefix):-1]
    for code, char in ((b"%7B", b"{"), (b"%7D", b"}"), (b"%25", b"%")):
        text = text.replace(code, char)
    return text


def key_of(world, view, kind, name):
    for char, code in ((b"%", b"%25"), (b"{", b"%7B"), (b"}", b"%7D")):
        name = name.replace(char, code)
    return b"reviews:%s:%s:%s:{%s}" % (view.encode(), world.generation.encode(), kind.encode(), name)


def bodies_of(reviews):
    """name -> body of what is published."""
    return {name.decode(): json.loads(fields[b"b"]) for name, fields in reviews.items() if fields[b"s"] == b"p"}


def analyse(bodies):
    """id -> what `reviewctl analyse --ndjson` says of each body."""
    lines = []
    for name, body in bodies.items():
        review = {member: body[member] for member in ("title", "text", "locale", "productName") if body.get(member)}
        lines.append(json.dumps({"id": name, **review}))
    said = run("reviewctl", ["analyse", "--ndjson"], {}, input="\n".join(lines) + "\n", check=0, timeout=120).stdout
    return {found["id"]: found for found in map(json.loads, said.splitlines())}


def thousandths(score):
    return round(score * 1000)


def contribution(view, found):
    counts = Counter()
    if view == "tags":
        counts.update("tag:%s:n:%s" % (tag["tag"], tag["polarity"] or "none") for tag in found["tags"])
        return counts
    counts["n"] += 1
    counts["n:" + found["sentiment"]["polarity"]] += 1
    if found["sentiment"]["score"] is not None:
        counts["sum"] += thousandths(found["sentiment"]["score"])
    for aspect in found["aspects"]:
        counts["a:%s:n:%s" % (aspect["aspect"], aspect["polarity"])] += 1
        counts["a:%s:sum" % aspect["aspect"]] += thousandths(aspect["score"])
    return counts


def check(world, view, reviews, expected):
    redis = world.redis.client()
    records = {message.key(): message for message in sorted(
        world.topics.read(world.topic + "-" + view), key=lambda message: (message.partition(), message.offset()))}
    summaries, evidence = defaultdict(Counter), Counter()
    for name, fields in reviews.items():
        held = redis.hgetall(key_of(world, view, "review", name))
        assert held[b"v"] == fields[b"v"] and held[b"s"] == fields[b"s"] and not held.get(b"o"), (name, held)
        headers = dict(records[name].headers())
        assert headers["version"] == fields[b"v"], name
        if fields[b"s"] != b"p":
            assert b"b" not in held and records[name].value() is None, name
            continue
        found = expected[name.decode()]
        product = fields[b"p"].decode()
        want = {"reviewId": name.decode(), "version": int(fields[b"v"]), "productId": product, **found}
        del want["id"]
        assert json.loads(held[b"b"]) == want and json.loads(records[name].value()) == want, name
        summaries[product].update(contribution(view, found))
        for aspect in found["aspects"] if view == "sentiment" else ():
            if aspect["score"]:
                evidence[product, aspect["aspect"], "pos" if aspect["score"] > 0 else "neg"] += 1
    products = {fields[b"p"].decode() for fields in reviews.values() if b"p" in fields} | set(summaries)
    for product in products:
        held = redis.hgetall(key_of(world, view, "summary", product.encode()))
        held.pop(b"rev", None)
        want = {name.encode(): b"%d" % value for name, value in summaries[product].items() if value}
        assert held == want, product
    for (product, aspect, side), count in evidence.items():
        key = key_of(world, view, "evidence", product.encode()) + b":%s:%s" % (aspect.encode(), side.encode())
        assert redis.zcard(key) == count, key


@pytest.mark.parametrize("order", ["forward", "shuffled"])
def test_views_and_topics_are_what_the_library_says(world, logs, order):
    log = logs.make("mixed", 31, reviews=200, extra=("--no-null-keys", "--large", "0"))
    world.make_topics(source=False).load(log, order)
    world.to_the_end(["cache"])
    world.check(log, processors=["cache"])
    for view in TOPICS:
        topic = world.topic + "-" + view
        world.ctl("topics", "create", "--output", topic)
        world.topics.made.add(topic)
        world.to_the_end([view], members=2, mirror__topic=topic)
    reviews = reviews_of(world)
    expected = analyse(bodies_of(reviews))
    for view in TOPICS:
        check(world, view, reviews, expected)
