"""ClickHouse is away, dies, refuses or is full: nothing is lost, nothing good is dead, and the end is the fold."""
import contextlib
import os
import subprocess
import time

import pytest

from harness import analytics
from harness.servers import ROOT
from harness.wait import stays, until

pytestmark = pytest.mark.fault
STRICT = {"kafka__session__timeout__ms": 6000, "kafka__max__poll__interval__ms": 12000}
AWAY = 60
CUT = 1500  # the line of the log before which all is well
MORE = ("--no-null-keys", "--large", "0")
SCHEMA = ROOT / "config" / "analytics-schema.sql"


@pytest.fixture
def stand(world, logs, servers):
    """A world whose view has begun, and a log of which the second part is still to come."""
    world.use_clickhouse()
    world.log = logs.make("mixed", 51, reviews=300, events=3000, extra=MORE)
    world.make_topics(source=False).load(world.log, lines=(1, CUT))
    yield world
    servers.heal()


def rows(world):
    return "`%s_%s`.rows" % (world.database, world.generation)


def finish(world, member, law=True):
    """To the end: the fold, the law, no dead letter too many."""
    world.settle("analytics", seconds=60)
    until(member.ready, "ready again", 20)
    if law:
        world.conserve(log=world.log)
    analytics.check(world, world.log)
    world.check(world.log, processors=[], dead_twice=not law, extra=["--processor", "analytics"])
    world.stop()


@pytest.mark.parametrize("way,back", [("stop", "start"), ("pause", "resume")])
def test_server_away(stand, servers, way, back):
    member = stand.start("analytics", **STRICT, clickhouse__request_timeout_ms=2000)
    stand.settle("analytics")
    held = stand.topics.members(stand.group("analytics"))[1]
    servers.call(way, "clickhouse")
    stand.load(stand.log, lines=(CUT + 1, 3000))
    until(lambda: not member.ready(), "it says that it is not ready", 30)
    member.says(r"level=(warn|error) .*sink=clickhouse")
    stays(lambda: member.alive() and member.healthy() and not member.ready(), "alive, healthy and not ready",
          AWAY if way == "stop" else 5, every=1)
    assert stand.topics.members(stand.group("analytics"))[1] == held, "it lost its membership"
    servers.call(back, "clickhouse")
    finish(stand, member)


def test_killed_during_inserts(stand, servers):
    member = stand.start("analytics", lanes=2, batch__events=20)
    stand.load(stand.log, lines=(CUT + 1, 3000))
    for _ in range(4):
        count = member.total("reviews_sink_operations_total", sink="clickhouse", answer="applied")
        until(lambda: member.total("reviews_sink_operations_total", sink="clickhouse", answer="applied") > count
              or stand.topics.behind(stand.group("analytics"), stand.topic) == 0, "inserts go on", 30, every=0.01)
        servers.call("kill", "clickhouse")
        servers.call("start", "clickhouse")
    finish(stand, member)


def give_users(stand, servers, text, readonly):
    """The server reads its users again when the file's time differs, and it looks at whole seconds alone."""
    users = servers.folder / "clickhouse" / "users.xml"
    later = int(users.stat().st_mtime) + 1
    users.write_text(text)
    os.utime(users, (later, later))
    until(lambda: stand.clickhouse("SELECT value FROM system.settings WHERE name = 'readonly'", "")
          == [{"value": readonly}], "the server has read its users again", 30)


def test_a_user_that_may_only_read_blocks_until_it_may_write(stand, servers):
    before = (servers.folder / "clickhouse" / "users.xml").read_text()
    member = stand.start("analytics", **STRICT)
    stand.settle("analytics")
    try:
        give_users(stand, servers, before.replace("<profile>default</profile>", "<profile>readonly</profile>"), "1")
        stand.load(stand.log, lines=(CUT + 1, 3000))
        member.says(r"level=error .*sink=clickhouse status=fatal.*164 READONLY", 30)
        until(lambda: not member.ready(), "it says that it is not ready", 20)
        assert member.healthy() and member.status()["blocked"], member.status()
    finally:
        give_users(stand, servers, before, "0")
    finish(stand, member)


def test_too_many_parts_are_waited_for(stand):
    schema = stand.folder / "schema.sql"
    schema.write_text(SCHEMA.read_text().replace(
        "old_parts_lifetime = 60", "old_parts_lifetime = 60, parts_to_delay_insert = 5, parts_to_throw_insert = 6"))
    member = stand.start("analytics", clickhouse__schema_file=schema, batch__events=100, batch__age_ms=50, lanes=1)
    stand.settle("analytics")
    stand.clickhouse("SYSTEM STOP MERGES")
    try:
        stand.load(stand.log, lines=(CUT + 1, 3000))
        member.says(r"level=warn .*sink=clickhouse status=retry.*252 TOO_MANY_PARTS", 40)
        until(lambda: not member.ready(), "it says that it is not ready", 20)
    finally:
        stand.clickhouse("SYSTEM START MERGES")
    finish(stand, member)


def test_a_full_disk_is_waited_for(stand, servers):
    """The table's folder is a file system of its own, too small and later not."""
    member = stand.start("analytics", **STRICT)
    stand.settle("analytics")
    folder = servers.folder / "clickhouse" / "data" / "data" / ("%s_%s" % (stand.database, stand.generation)) / "rows"
    servers.call("stop", "clickhouse")
    kept = stand.folder / "kept"
    subprocess.run(["cp", "-a", folder, kept], check=True)
    used = sum(path.stat().st_blocks * 512 for path in kept.rglob("*"))
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % (used + (160 << 10)), "tmpfs", folder],
                           stderr=subprocess.PIPE, text=True)
    if mount.returncode:
        servers.call("start", "clickhouse")
        pytest.skip("no file system can be mounted here: " + mount.stderr)
    try:
        subprocess.run(["cp", "-a", "%s/." % kept, folder], check=True)
        servers.call("start", "clickhouse")
        stand.load(stand.log, lines=(CUT + 1, 3000))
        member.says(r"sink=clickhouse status=retry .*HTTP \d+, (75|76|243|1000|1001|\d+) ", 40)
        until(lambda: not member.ready(), "it says that it is not ready", 20)
        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        finish(stand, member)
        servers.call("stop", "clickhouse")
        subprocess.run(["cp", "-a", "%s/." % folder, kept], check=True)
    finally:
        servers.call("stop", "clickhouse")
        subprocess.run(["umount", folder], check=True)
        with contextlib.suppress(Exception):
            subprocess.run(["cp", "-a", "%s/." % kept, folder], check=True)
        servers.call("start", "clickhouse")


def test_one_bad_row_among_fifty_thousand(world):
    """The table refuses it: the others are stored, it alone is a dead letter."""
    count, bad = 50000, "r-%06d" % 31415
    world.use_clickhouse().make_topics(partitions=1)
    world.to_the_end(["analytics"])
    world.clickhouse("ALTER TABLE %s ADD COLUMN trap UInt8 MATERIALIZED throwIf(reviewId = '%s')" % (rows(world), bad))
    body = ('{"reviewId":"%s","version":1,"productId":"hotel-%d","status":"published","ratings":{"overall":4},'
            '"submittedAt":"2026-01-31T09:30:00Z"}')
    world.topics.send(world.topic, [("r-%06d" % at, (body % ("r-%06d" % at, at % 100)).encode(), []) for at in range(count)])
    began = time.monotonic()
    member = world.start("analytics", lanes=1, batch__events=count, batch__bytes="64MiB", batch__age_ms=20000,
                         memory__limit="4GiB")
    world.settle("analytics", seconds=120)
    print("took %.1f s" % (time.monotonic() - began))
    letters = world.dead_letters()
    assert [message.key() for message in letters] == [bad.encode()]
    headers = dict(letters[0].headers())
    assert headers["dl-class"] == b"rejected" and b"395 FUNCTION_THROW_IF" in headers["dl-reason"], headers
    found = world.clickhouse("SELECT count() AS n, countIf(reviewId = '%s') AS bad FROM %s.reviews" % (bad, world.database))
    assert [int(value) for value in found[0].values()] == [count - 1, 0]
    sizes = {labels["le"]: value for labels, value in member.metrics()["reviews_sink_batch_operations_bucket"]
             if labels["sink"] == "clickhouse"}
    # the first block is of what is there when the lane looks, the next one of the rest: the row is in a large one
    assert sizes["+Inf"] <= 2, "it was not in a block of that size"
    assert member.total("reviews_events_total", outcome="dead") == 1
    assert member.total("reviews_events_total", outcome="applied") == count - 1
    world.conserve()
    world.stop()
