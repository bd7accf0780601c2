"""Answers of a search server that a gate makes up: each item and each request gets what the design says."""
import json
import random
import re

import pytest

from harness.events import headers, review, reviews
from harness.proxy import Gate
from harness.wait import stays, until

pytestmark = pytest.mark.fault
FAST = {"retry__base_ms": 20, "retry__max_ms": 200}


@pytest.fixture
def gate(world):
    world.use("elasticsearch").make_topics()
    made = Gate(world.store_url)
    world.store_address = made.url
    yield made
    made.close()


def documents(world):
    world.elastic("POST", "/%s/_refresh" % world.index)
    status, text = world.elastic("POST", "/%s/_search" % world.index,
                                 json.dumps({"size": 10000, "version": True, "_source": False}))
    return {hit["_id"]: hit["_version"] for hit in json.loads(text)["hits"]["hits"]} if status == 200 else {}


def error(kind, reason="made up by the test"):
    return {"type": kind, "reason": reason}


def is_bulk(path):
    return "_bulk" in path


@pytest.mark.parametrize("status,text", [
    (429, '{"error":{"type":"es_rejected_execution_exception","reason":"queue"},"status":429}'),
    (503, '{"error":{"type":"unavailable_shards_exception","reason":"shards"},"status":503}'),
    (502, "<html>Bad Gateway</html>"), (504, "")], ids=["429", "503", "502-html", "504-empty"])
def test_a_server_that_refuses_everything_is_waited_for(world, gate, status, text):
    member = world.start("search", **FAST)
    world.topics.send(world.topic, reviews(50))
    world.settle("search")
    gate.whole = lambda method, path: (status, text) if is_bulk(path) else None
    world.topics.send(world.topic, reviews(50, version=2))
    until(lambda: gate.replaced > 20, "twenty attempts")
    until(lambda: not member.ready(), "readiness is false")
    assert member.healthy()
    assert not world.dead_letters()
    gate.whole = lambda method, path: None
    world.settle("search", seconds=10)
    until(member.ready, "readiness is back", 10)
    assert set(documents(world).values()) == {2}
    assert not world.dead_letters()
    world.stop()


def test_items_that_are_refused_for_a_while_are_sent_again_and_the_others_are_not(world, gate):
    draw = random.Random(3)
    unlucky = {"r-%d" % at for at in draw.sample(range(1, 201), 60)}
    kinds = [(429, error("es_rejected_execution_exception")), (503, error("unavailable_shards_exception")),
             (500, error("some_new_exception"))]
    gate.item = lambda name, version, attempt: kinds[attempt - 1] if name in unlucky and attempt <= 3 else None
    member = world.start("search", **FAST)
    world.topics.send(world.topic, reviews(200))
    world.settle("search")
    assert documents(world) == {"r-%d" % at: 1 for at in range(1, 201)}
    assert not world.dead_letters()
    again = {name for (name, _), count in gate.attempts.items() if count > 1 and not name.endswith("-canary")}
    assert again == unlucky
    assert member.total("reviews_events_total", outcome="applied") == 200
    world.stop()


def test_an_item_that_always_fails_alone_becomes_a_dead_letter_and_the_others_go_on(world, gate):
    gate.item = lambda name, version, attempt: (500, error("some_new_exception")) if name == "r-7" else None
    member = world.start("search", lanes=1, retry__poison_attempts=5, **FAST)
    world.topics.send(world.topic, reviews(100))
    world.settle("search")
    letters = world.dead_letters()
    assert [letter.key() for letter in letters] == [b"r-7"]
    said = headers(letters[0])
    assert said["dl-class"] == "poison" and said["dl-sink"] == "elasticsearch" and int(said["dl-attempts"]) >= 5
    assert "some_new_exception" in said["dl-reason"]
    assert documents(world) == {"r-%d" % at: 1 for at in range(1, 101) if at != 7}
    world.topics.send(world.topic, reviews(5, first=200))
    world.settle("search")
    assert len(documents(world)) == 104
    assert member.total("reviews_events_total", outcome="dead") == 1
    world.stop()


def test_an_item_that_fails_without_company_is_tried_with_a_canary(world, gate):
    """Nothing else flows: only a guarded rewrite of the marker tells poison from an outage."""
    member = world.start("search", retry__poison_attempts=4, **FAST)
    gate.item = lambda name, version, attempt: (500, error("some_new_exception")) if name == "r-1" else None
    world.topics.send(world.topic, [review("r-1")])
    world.settle("search")
    assert [headers(letter)["dl-class"] for letter in world.dead_letters()] == ["poison"]
    assert member.total("reviews_events_total", outcome="dead") == 1
    world.stop()


def test_an_item_whose_shard_is_down_is_never_poison(world, gate):
    gate.item = lambda name, version, attempt: (503, error("unavailable_shards_exception")) if name == "r-7" else None
    world.start("search", retry__poison_attempts=3, **FAST)
    world.topics.send(world.topic, reviews(50))
    until(lambda: gate.attempts.get(("r-7", 1), 0) > 15, "many attempts at the item of the shard that is down")
    assert not world.dead_letters()
    gate.item = lambda name, version, attempt: None
    world.settle("search", seconds=20)
    assert documents(world)["r-7"] == 1 and not world.dead_letters()
    world.stop()


def test_a_document_that_the_mapping_refuses_is_a_dead_letter_at_once(world, gate):
    gate.item = lambda name, version, attempt: (
        (400, error("mapper_parsing_exception", "failed to parse field [x]. Preview of field's value: 'a secret text'"))
        if name == "r-7" and version == 2 else None)
    world.start("search", **FAST)
    # the second version is refused: the first one stays what readers see
    world.topics.send(world.topic, reviews(20) + reviews(20, version=2))
    world.settle("search")
    letters = world.dead_letters()
    assert [letter.key() for letter in letters] == [b"r-7"]
    said = headers(letters[0])
    assert said["dl-class"] == "rejected" and said["version"] == "2"
    assert "a secret text" not in said["dl-reason"] and "a secret text" not in world.members[0].log()
    assert documents(world) == {"r-%d" % at: 1 if at == 7 else 2 for at in range(1, 21)}
    assert gate.attempts[("r-7", 2)] == 1
    world.stop()


@pytest.mark.parametrize("status,kind", [(401, "security_exception"), (403, "security_exception")],
                         ids=["401", "403"])
def test_credentials_that_stop_working_block_by_name_and_heal(world, gate, status, kind):
    member = world.start("search", **FAST)
    world.topics.send(world.topic, reviews(10))
    world.settle("search")
    gate.whole = lambda method, path: (status, json.dumps({"error": error(kind), "status": status}))
    world.topics.send(world.topic, reviews(10, version=2))
    until(lambda: not member.ready(), "readiness is false")
    member.says(r"level=error.*%d" % status)
    blocked = json.dumps(member.status())
    assert re.search(r"fatal|credential|password|right|%d" % status, blocked, re.I), blocked
    assert member.healthy(), "blocked for a named reason is alive"
    gate.whole = lambda method, path: None
    world.settle("search", seconds=10)
    until(member.ready, "readiness is back", 10)
    assert not world.dead_letters()
    assert set(documents(world).values()) == {2}
    world.stop()


def test_a_bulk_that_is_too_large_for_the_server_is_split(world, gate):
    sizes = []

    def whole(method, path):
        return None
    gate.whole = whole
    real = gate._bulk

    def limited(request, body):
        sizes.append(len(body))
        return (413, "") if len(body) > 20000 else real(request, body)
    gate._bulk = limited
    world.start("search", **FAST)
    world.topics.send(world.topic, reviews(300, text="x" * 1000) + [review("r-big", text="y" * 30000)])
    world.settle("search")
    assert len(documents(world)) == 300
    assert [(letter.key(), headers(letter)["dl-class"] in ("rejected", "too_large")) for letter in world.dead_letters()] == [
        (b"r-big", True)]
    assert max(sizes) > 20000 and min(sizes) <= 20000
    world.stop()


def test_wrong_password_at_the_gateway_is_named_and_the_right_one_works(world, servers):
    world.use("elasticsearch").make_topics()
    servers.need("gateway")
    folder = servers.folder / "gateway"
    secret = (folder / "password").read_text().strip()
    key = (folder / "api_key").read_text().strip()
    world.store_address = (folder / "url").read_text().strip()
    world.topics.send(world.topic, reviews(10))
    trust = {"elasticsearch__ca_file": folder / "ca.pem"}
    wrong = world.start("search", **trust, **FAST, elasticsearch__user="reviews",
                        environment={"REVIEWS_ELASTICSEARCH_PASSWORD": "wrong-canary-password"})
    wrong.says(r"level=(error|warn).*401")
    assert not wrong.ready() and wrong.healthy()
    stays(lambda: not world.dead_letters(), "no dead letters", 1)
    seen = wrong.log() + wrong.get("/status")[1] + wrong.get("/metrics")[1] + wrong.get("/readyz")[1]
    assert "wrong-canary-password" not in seen
    wrong.stop()
    world.to_the_end(["search"], **trust, elasticsearch__user="reviews",
                     environment={"REVIEWS_ELASTICSEARCH_PASSWORD": secret})
    assert len(documents(world)) == 10
    world.topics.send(world.topic, reviews(10, version=2))
    world.to_the_end(["search"], **trust, environment={"REVIEWS_ELASTICSEARCH_API_KEY": key})
    assert set(documents(world).values()) == {2}


def test_an_unknown_authority_is_refused(world, servers):
    world.use("elasticsearch").make_topics()
    servers.need("gateway")
    world.store_address = (servers.folder / "gateway" / "url").read_text().strip()
    world.topics.send(world.topic, reviews(3))
    member = world.start("search", **FAST)
    member.says(r"(?i)certificate|SSL|TLS")
    assert not member.ready()
    assert not documents(world)
    world.stop()
