"""What sentiment and tags must hold: the library's word, from another process, of the reviews that a log leaves."""
import json
from collections import Counter, defaultdict

from harness import judge
from harness.processes import run

WORDS = ("title", "text", "locale", "productName")


def analyse(bodies):
    """id -> what `reviewctl analyse --ndjson` says of each body."""
    lines = [json.dumps({"id": name, **{word: body[word] for word in WORDS if body.get(word)}})
             for name, body in bodies.items()]
    said = run("reviewctl", ["analyse", "--ndjson"], {}, input="".join(line + "\n" for line in lines), check=0,
               timeout=120).stdout
    found = [json.loads(line) for line in said.split("\n") if line]  # texts may hold U+2028
    assert [one.get("id") for one in found] == list(bodies)
    return dict(zip(bodies, found))


class Expected:
    """The fold of the logs by the greatest version, and what the library says of what is published."""

    def __init__(self, *logs):
        doubts, events = judge.fold(*logs)
        self.ambiguous, self.unsure = set(doubts["ambiguous"]), set(doubts["unsure"])
        self.events = {event["review"]: event for event in events}
        self.said = analyse({name: json.loads(event["body"]) for name, event in self.events.items()
                             if event["state"] == "p"})

    def result(self, name):
        """What the store and the topic hold of a published review."""
        event, found = self.events[name], dict(self.said[name])
        del found["id"]
        return {"reviewId": name, "version": event["version"], "productId": event["product"], **found}

    def summaries(self, view):
        made = defaultdict(Counter)
        for name, found in self.said.items():
            made[self.events[name]["product"]].update(contribution(view, found))
        return {product: {counter: value for counter, value in counts.items() if value}
                for product, counts in made.items()}

    def evidence(self):
        """(product, aspect, side) -> members of the zset."""
        made = defaultdict(set)
        for name, found in self.said.items():
            for aspect in found["aspects"]:
                if aspect["score"]:
                    side = "pos" if aspect["score"] > 0 else "neg"
                    made[self.events[name]["product"], aspect["aspect"], side].add(
                        "%s|%s|%d|%d" % (name, aspect["field"], aspect["start"], aspect["end"]))
        return dict(made)


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


# --- what is there ---

def from_key(text):
    return text.replace("%7B", "{").replace("%7D", "}").replace("%25", "%")


class Held:
    """A view's keys in Redis, by kind and id."""

    def __init__(self, world, view):
        self.client = world.redis.client()
        self.prefix = "reviews:%s:%s:" % (view, world.generation)

    def read(self, kind, call):
        """(id, what stands behind its braces) -> value"""
        start = len(self.prefix) + len(kind) + 2
        keys = sorted(self.client.scan_iter("%s%s:{*" % (self.prefix, kind), 1000))
        pipeline = self.client.pipeline(transaction=False)
        for key in keys:
            call(pipeline, key)
        names = [key.decode()[start:].rpartition("}") for key in keys]
        return {(from_key(name), rest.lstrip(":")): value for (name, _, rest), value in zip(names, pipeline.execute())}

    def hashes(self, kind):
        return {name: {field.decode(): value for field, value in fields.items()}
                for (name, _), fields in self.read(kind, lambda pipeline, key: pipeline.hgetall(key)).items()}

    def evidence(self):
        found = self.read("evidence", lambda pipeline, key: pipeline.zrange(key, 0, -1))
        return {(product, *rest.split(":")): {member.decode() for member in members}
                for (product, rest), members in found.items()}


def check(world, view, expected):
    """Redis, the ledger's sums and the topic of a view are what is expected."""
    held = Held(world, view)
    last = {}
    for message in sorted(world.topics.read(world.outputs[view]), key=lambda message: message.offset()):
        last[message.key().decode()] = message  # a key is in one partition
    homes = held.hashes("review")
    assert homes.keys() == expected.events.keys() and last.keys() == homes.keys(), view
    for name, event in expected.events.items():
        home, record = homes[name], last[name]
        version = str(event["version"]).encode()
        assert home["v"] == version and dict(record.headers())["version"] == version, (view, name, home)
        assert not home.get("o"), (view, name, "products left and not confirmed", home)
        if name in expected.ambiguous:
            continue
        assert home["s"] == event["state"].encode(), (view, name, home)
        if event["state"] != "p":
            assert "b" not in home and record.value() is None, (view, name)
            continue
        assert json.loads(home["b"]) == expected.result(name), (view, name)
        assert record.value() == home["b"], (view, name)
    summaries = {product: {name: int(value) for name, value in fields.items() if name != "rev"}
                 for product, fields in held.hashes("summary").items()}
    wanted = expected.summaries(view)
    for product in (summaries.keys() | wanted.keys()) - expected.unsure:
        assert summaries.get(product, {}) == wanted.get(product, {}), (view, product)
    found, wanted = held.evidence(), expected.evidence() if view == "sentiment" else {}
    for place in found.keys() | wanted.keys():
        if place[0] not in expected.unsure:
            assert found.get(place, set()) == wanted.get(place, set()), (view, place)
    return len(homes)
