"""The tests' own tools: what they report must be true, or a green run means nothing."""
import importlib.util
import itertools
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request

import pytest

from harness import judge
from harness.events import reviews
from harness.observer import law
from harness.pairs import pairwise
from harness.processes import clean_environment, read_metrics
from harness.proxy import BLACKHOLE, DROP_ANSWERS, PASS, REFUSE, ByteProxy, Gate
from harness.servers import ROOT
from harness.wait import TooLate, until

METRICS = """# TYPE reviews_events_total counter
reviews_events_consumed_total{processor="cache",topic="t",partition="0"} %d
reviews_events_total{processor="cache",topic="t",partition="0",outcome="applied"} 3
reviews_events_total{processor="cache",topic="t",partition="0",outcome="dead"} 1
reviews_events_in_flight{processor="cache",topic="t",partition="0"} 2
"""


def test_the_law_is_seen_to_hold_and_to_be_broken():
    assert law(read_metrics(METRICS % 6)) == (1, [])
    looked, broken = law(read_metrics(METRICS % 7))
    assert looked == 1 and "consumed 7" in broken[0]


def test_pairwise_covers_every_pair_and_repeats_for_a_seed():
    parameters = {"a": [1, 2, 3], "b": "xyzw", "c": [True, False], "d": [None, 0]}
    rows = pairwise(parameters, 5)
    for one, other in itertools.combinations(parameters, 2):
        for pair in itertools.product(parameters[one], parameters[other]):
            assert any((row[one], row[other]) == pair for row in rows), (one, other, pair)
    assert rows == pairwise(parameters, 5) and len(rows) < 48


def test_waiting_gives_up_with_what_it_waited_for():
    with pytest.raises(TooLate, match="the moon is green"):
        until(lambda: False, "the moon is green", 0.1)


def test_settings_of_the_caller_do_not_reach_the_programs(monkeypatch):
    monkeypatch.setenv("REVIEWS_KAFKA_BROKERS", "production:9092")
    assert clean_environment({"REVIEWS_LANES": "2"}).get("REVIEWS_KAFKA_BROKERS") is None
    assert "REVIEWS_TEST_BIN" not in clean_environment({}) and os.environ["PATH"] == clean_environment({})["PATH"]


LEADERLESS = """
import ctypes, socket, sys, threading, time
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=time.sleep, args=(600,)).start()
print(server.getsockname()[1], flush=True)
ctypes.CDLL(None).syscall(60, 0)  # exit(2) of this thread alone
"""


def test_a_server_is_gone_only_when_its_last_thread_has_given_back_its_ports(tmp_path):
    """A killed JVM is a zombie at once, and holds its port until its last thread has freed its memory."""
    spec = importlib.util.spec_from_file_location("service_processes", ROOT / "tools" / "services" / "processes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    process = module.Process(str(tmp_path / "record.json"))
    log = tmp_path / "log"
    process.start([sys.executable, "-c", LEADERLESS], tmp_path, log, os.environ)
    leader = process.record()["pid"]
    try:
        until(lambda: module.stat(leader).state == "Z", "the leader is a zombie")
        port = int(log.read_text())
        assert process.pid() == leader and process.members() == [leader]
        process.kill()
        assert process.pid() is None
        socket.create_server(("127.0.0.1", port)).close()
    finally:
        os.killpg(leader, 9) if module.stat(leader) else None


def test_a_byte_proxy_passes_holds_back_drops_and_refuses(world):
    proxy = ByteProxy(world.redis.port)
    peer = socket.create_connection(("127.0.0.1", proxy.port), timeout=0.3)

    def ask(line):
        peer.sendall(line + b"\r\n")
        return peer.recv(100)
    assert ask(b"SET a 1") == b"+OK\r\n"
    proxy.turn(BLACKHOLE)
    with pytest.raises(TimeoutError):
        ask(b"SET a 2")
    assert world.redis.client().get("a") == b"1", "a blackhole let bytes through"
    proxy.turn(DROP_ANSWERS)
    with pytest.raises(TimeoutError):
        ask(b"SET a 3")
    until(lambda: world.redis.client().get("a") == b"3", "the request arrived although its answer was dropped", 10)
    proxy.turn(REFUSE)
    with pytest.raises(ConnectionError):
        assert not ask(b"GET a"), "it answers"
        raise ConnectionResetError
    proxy.turn(PASS)
    peer = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
    assert ask(b"GET a") == b"$1\r\n3\r\n"
    peer.close()
    proxy.close()


def bulk(gate, *rows):
    body = "".join('{"index":{"_id":"%s","version":%d,"version_type":"external"}}\n{"n":1}\n' % row for row in rows)
    request = urllib.request.Request(gate.url + "/reviews-harness/_bulk", data=body.encode(), method="POST",
                                     headers={"Content-Type": "application/x-ndjson"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return [item["index"]["status"] for item in json.loads(answer.read())["items"]]


def test_a_gate_replaces_whole_answers_and_single_items(world):
    world.use("elasticsearch")
    world.elastic("PUT", "/reviews-harness")
    gate = Gate(world.store_url)
    assert bulk(gate, ("a", 5), ("b", 5)) == [201, 201]
    gate.item = lambda name, version, attempt: (503, {"type": "x"}) if name == "b" and attempt < 2 else None
    assert bulk(gate, ("a", 5), ("b", 6), ("c", 1)) == [409, 503, 201]
    assert bulk(gate, ("b", 6)) == [200]
    assert gate.attempts == {("a", 5): 2, ("b", 5): 1, ("b", 6): 2, ("c", 1): 1}
    gate.whole = lambda method, path: (429, "{}")
    with pytest.raises(urllib.error.HTTPError, match="429"):
        bulk(gate, ("d", 1))
    gate.close()
    world.elastic("DELETE", "/reviews-harness")


def test_the_judge_fails_on_an_empty_store(world, logs):
    log = logs.make("clean", 1, reviews=20)
    world.make_topics(source=False).load(log)
    with pytest.raises(AssertionError, match="missing|found"):
        world.check(log, processors=["cache"])


def test_the_watcher_sees_a_version_go_back(world, logs):
    log = logs.make("clean", 1, reviews=20)
    client = world.redis.client()
    world.make_topics(source=False).load(log)
    name = world.topics.read(world.topic)[0].key().decode()
    key = "reviews:cache:%s:review:{%s}" % (world.generation, name)
    with pytest.raises(AssertionError, match="back from 9 to 8"):
        with judge.Watch(world, log) as watch:
            for version in (9, 8):
                client.hset(key, mapping={"v": version, "s": "w"})
                seen = looks(client)
                until(lambda: looks(client) > seen + 50, "the watcher looked")
            assert watch.process.poll() is None


def looks(client):
    return client.info("commandstats").get("cmdstat_hmget", {"calls": 0})["calls"]


def test_events_are_on_every_partition_and_read_back_in_order(world):
    world.make_topics(partitions=3)
    began = time.monotonic()
    world.topics.send(world.topic, reviews(50))
    records = world.topics.read(world.topic)
    assert len(records) == 50 == world.topics.count(world.topic)
    assert {record.partition() for record in records} == {0, 1, 2}
    assert world.topics.behind("nobody", world.topic) == 50
    assert time.monotonic() - began < 60
