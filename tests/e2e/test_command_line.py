"""What every processor's command line promises: exit codes, names in errors, nothing secret anywhere."""
import json
import re

import pytest

from harness.events import reviews
from harness.processes import EXIT_BLOCKED, EXIT_FAILED, EXIT_OK, EXIT_USAGE, run
from harness.world import EVERY

ALL = EVERY
PORTS = {"cache": 9401, "search": 9402, "aggregation": 9403, "sentiment": 9404, "tags": 9405,
         "analytics": 9406}
CANARY = "canary-S3cr3t-9371"


@pytest.mark.parametrize("processor", [*ALL, "analytics"])
def test_help_and_version(processor):
    said = run("reviews-" + processor, ["--help"], {}, check=EXIT_OK).stdout
    for name in ("--config", "--set", "--check", "--print-config", "--until-end", "--timeout", "kafka.brokers",
                 "http.listen", "memory.limit", "generation"):
        assert name in said, f"{name} is not in --help"
    assert str(PORTS[processor]) in said or processor in said
    assert re.search(r"\d+\.\d+\.\d+", run("reviews-" + processor, ["--version"], {}, check=EXIT_OK).stdout)


@pytest.mark.parametrize("arguments,words", [
    (["--nonsense"], "nonsense"),
    (["--set", "kafka.brokrs=x"], "kafka.brokrs: unknown option; the nearest is kafka.brokers, --help lists all\n"),
    (["--set", "cache.redi=x"], "cache.redi: unknown option; --help lists all\n"),
    (["--set", "lanes=0"], "lanes"),
    (["--set", "lanes=many"], "many"),
    (["--set", "kafka.enable.auto.commit=true"], "enable.auto.commit"),
    (["--set", "kafka.group.id=x"], "kafka.group"),
    (["--set", "redis.url=http://x"], "redis.url"),
    (["--config", "/nonexistent/file.json"], "/nonexistent/file.json"),
])
def test_wrong_usage_is_refused_by_name(arguments, words):
    done = run("reviews-cache", arguments, {}, check=EXIT_USAGE, timeout=20)
    assert words in done.stderr, done.stderr


def test_an_unknown_name_in_the_environment_is_an_error_and_another_programs_is_not(tmp_path):
    done = run("reviews-cache", ["--print-config"], {"REVIEWS_KAFKA_BROKRS": "x"}, check=EXIT_USAGE)
    assert "REVIEWS_KAFKA_BROKRS" in done.stderr
    run("reviews-cache", ["--print-config"], {"REVIEWS_ELASTICSEARCH_URL": "http://127.0.0.1:1",
                                              "REVIEWS_POSTGRES_URL": "postgres://x"}, check=EXIT_OK)


def test_file_then_environment_then_set(tmp_path):
    path = tmp_path / "cache.json"
    path.write_text(json.dumps({"kafka": {"topic": "from-file"}, "lanes": 3, "generation": "g7"}))
    said = run("reviews-cache", ["--config", str(path), "--print-config", "--set", "lanes=4"],
               {"REVIEWS_KAFKA_TOPIC": "from-environment"}, check=EXIT_OK).stdout
    shown = json.loads(said)
    assert shown["kafka"]["topic"] == "from-environment" and str(shown["lanes"]) == "4" and shown["generation"] == "g7"


def test_secrets_are_masked(tmp_path):
    path = tmp_path / "password"
    path.write_text(CANARY + "\n")
    path.chmod(0o600)
    said = run("reviews-search", ["--print-config", "--set", "elasticsearch.password_file=%s" % path],
               {"REVIEWS_ELASTICSEARCH_URL": "http://user:%s@127.0.0.1:1" % CANARY,
                "REVIEWS_KAFKA_SASL_PASSWORD": CANARY, "REVIEWS_ELASTICSEARCH_API_KEY": CANARY}, check=None)
    assert CANARY not in said.stdout + said.stderr
    refused = run("reviews-cache", ["--set", "redis.password=%s" % CANARY, "--print-config"], {}, check=EXIT_USAGE)
    assert CANARY not in refused.stdout + refused.stderr and "redis.password" in refused.stderr


@pytest.mark.parametrize("processor", ALL)
def test_check_says_what_is_wrong(world, processor):
    world.use("elasticsearch") if processor == "search" else None
    world.make_topics()
    good = run("reviews-" + processor, ["--check"], world.environment())
    assert good.returncode == EXIT_OK, good.stdout + good.stderr
    missing = run("reviews-" + processor, ["--check"], world.environment(REVIEWS_KAFKA_TOPIC="no-such-topic"))
    assert missing.returncode in (EXIT_FAILED, EXIT_BLOCKED) and "no-such-topic" in missing.stdout + missing.stderr
    away = run("reviews-" + processor, ["--check"], world.environment(
        REVIEWS_REDIS_URL="redis://127.0.0.1:1", REVIEWS_ELASTICSEARCH_URL="http://127.0.0.1:1"))
    assert away.returncode not in (EXIT_OK, EXIT_USAGE), away.stdout + away.stderr
    assert "127.0.0.1:1" in away.stdout + away.stderr


def test_a_port_that_is_taken_is_named(world):
    world.make_topics()
    member = world.start("cache")
    address = member.url("").removeprefix("http://")
    done = run("reviews-cache", ["--set", "http.listen=" + address], world.environment(), timeout=30)
    assert done.returncode in (EXIT_FAILED, EXIT_USAGE) and address.rpartition(":")[2] in done.stderr, done.stderr
    world.stop()


def test_nothing_secret_and_no_review_text_is_said_anywhere(world):
    """Canaries in events, dead letters and passwords against logs, metrics, status and dl-* headers."""
    world.redis.client().config_set("requirepass", CANARY)
    world.make_topics()
    text = "canary-review-text-5150"
    world.topics.send(world.topic, reviews(20, text=text, title=text))
    world.topics.send(world.topic, [(b"r-bad", b'{"reviewId":"r-bad","version":1,"text":"%s' % text.encode(), []),
                                    (b"r-bad2", b'{"reviewId":"r-bad2","version":"%s"}' % text.encode(), [])])
    member = world.start("cache", environment={"REVIEWS_REDIS_PASSWORD": CANARY}, log__level="info")
    world.settle("cache")
    letters = world.dead_letters()
    assert len(letters) == 2
    said = "".join([member.log(), *(member.get(path)[1] for path in ("/metrics", "/status", "/healthz", "/readyz"))])
    for letter in letters:
        said += "".join("%s=%s" % (name, value) for name, value in letter.headers())
    with open(f"/proc/{member.pid}/cmdline") as file:
        said += file.read()
    assert text not in said and CANARY not in said
    world.stop()


def test_a_wrong_redis_password_blocks_by_name(world):
    world.redis.client().config_set("requirepass", CANARY)
    world.make_topics()
    world.topics.send(world.topic, reviews(5))
    member = world.start("cache", environment={"REVIEWS_REDIS_PASSWORD": "wrong-" + CANARY})
    member.says(r"(?i)level=error .*(WRONGPASS|NOAUTH|password)")
    assert not member.ready() and member.healthy()
    assert CANARY not in member.log()
    world.stop()


def test_two_programs_on_one_view_split_the_work(world, logs):
    log = logs.make("mixed", 41)
    world.make_topics(source=False).load(log)
    one, two = world.start("cache", members=2)
    world.settle("cache")
    world.conserve()
    world.check(log, processors=["cache"], dead_twice=True)
    world.stop()
