"""Analytics: rows and views in ClickHouse are the fold of the log, drift 0."""
import json
import threading

import pytest

from harness import analytics, processes
from harness.servers import ROOT
from harness.wait import until


@pytest.mark.parametrize("order", ["forward", "shuffled", "twice"])
def test_every_view_is_the_fold(world, logs, order):
    log = logs.make("mixed", 41, reviews=200, extra=("--no-null-keys", "--large", "0"))
    log = analytics.with_moderation(log, world.folder)
    world.use_clickhouse().make_topics(source=False).load(log, order)
    world.to_the_end(["analytics"], members=3 if order == "shuffled" else 1)
    assert analytics.check(world, log) > 500
    world.check(log, processors=[], dead_twice=True, extra=["--processor", "analytics"])


def test_a_job_waits_for_no_more_at_the_end_of_the_log(world, logs):
    log = logs.make("clean", 40, reviews=60, extra=("--no-null-keys", "--large", "0"))
    world.use_clickhouse().make_topics(source=False).load(log)
    world.to_the_end(["analytics"], seconds=45, batch__age_ms=60000, analytics__language="false")
    rows = "`%s_%s`.rows FINAL" % (world.database, world.generation)
    found = world.clickhouse("SELECT count() AS n, countIf(polarity != '') AS opinions, "
                             "countIf(textLength > 0) AS texts FROM %s WHERE status = 'published'" % rows)[0]
    assert int(found["n"]) > 20 and int(found["texts"]) > 20 and int(found["opinions"]) == 0


def test_a_second_generation_is_switched_to_by_one_rename(world, logs):
    log = logs.make("mixed", 42, reviews=150, extra=("--no-null-keys", "--large", "0"))
    world.use_clickhouse().make_topics(source=False).load(log)
    first, second = world.generation, world.generation + "-b"
    world.to_the_end(["analytics"])
    views = world.clickhouse("SELECT name FROM system.tables WHERE database = '%s' ORDER BY name" % world.database)
    assert len(views) == len(analytics.VIEWS) + 1
    said = world.ctl("activate", "analytics", second, code=None)
    assert said.returncode == 3 and "has no views" in said.stderr
    world.generation = second
    world.to_the_end(["analytics"])
    analytics.check(world, log)  # in its own database, beside the first
    assert world.clickhouse("SELECT generation FROM %s.active" % world.database) == [{"generation": first}]
    count = world.clickhouse("SELECT count() AS n FROM %s.reviews" % world.database)
    reader = Reader(world, count)
    reader.start()
    for to, before in ((second, first), (first, second), (second, first)):
        assert world.ctl("activate", "analytics", to).splitlines()[0] == f"analytics: {before} -> {to}"
        assert world.clickhouse("SELECT generation FROM %s.active" % world.database) == [{"generation": to}]
        analytics.check(world, log)
    reader.ended.set()
    reader.join()
    assert not reader.problems and reader.rounds > 10, reader.problems[:3]
    assert views == world.clickhouse("SELECT name FROM system.tables WHERE database = '%s' ORDER BY name"
                                     % world.database)
    world.clickhouse("DROP DATABASE `%s_%s`" % (world.database, first))
    analytics.check(world, log)


class Reader(threading.Thread):
    """Asks the view of readers all the time: it is never missing, and never another."""

    def __init__(self, world, wanted):
        super().__init__(daemon=True)
        self.world, self.wanted = world, wanted
        self.ended, self.problems, self.rounds = threading.Event(), [], 0

    def run(self):
        while not self.ended.wait(0.01):
            self.rounds += 1
            try:
                found = self.world.clickhouse("SELECT count() AS n FROM %s.reviews" % self.world.database)
                if found != self.wanted:
                    self.problems.append(found)
            except AssertionError as error:
                self.problems.append(error)


def test_an_erasure_ends_when_the_old_row_is_gone_from_the_disk(world, logs):
    """Its words are in no part, in use or not, and the program says so."""
    schema = (ROOT / "config" / "analytics-schema.sql").read_text()
    quick = world.folder / "schema.sql"
    quick.write_text(schema.replace("old_parts_lifetime = 60", "old_parts_lifetime = 1"))
    log = logs.make("clean", 43, reviews=100)
    world.use_clickhouse().make_topics(source=False).load(log)
    member = world.start("analytics", clickhouse__schema_file=quick, clickhouse__erase_interval_ms=1000)
    world.settle("analytics")
    table = "`%s_%s`.rows" % (world.database, world.generation)
    row = world.clickhouse("SELECT reviewId, version, productId FROM %s.reviews LIMIT 1" % world.database)[0]
    world.topics.send(world.topic, [(row["reviewId"].encode(), None, [("version", str(row["version"] + 1).encode())])])
    found = member.says(r"at=erase sink=clickhouse finished=(\d+) waiting=0 physically_gone=true", seconds=40)
    assert found.group(1) == "1"
    assert world.clickhouse("SELECT * FROM %s WHERE reviewId = '%s'" % (table, row["reviewId"]))[0]["productId"] == ""
    parts = world.clickhouse("SELECT sum(rows) AS n, count() AS parts FROM system.parts WHERE database = '%s_%s' AND "
                             "table = 'rows'" % (world.database, world.generation))[0]
    assert int(parts["n"]) == 101, parts  # each review once, and the birth mark; nothing in a part that is left over
    assert member.total("reviews_erasures_finished_total") == 1 and member.total("reviews_erasures_waiting") == 0
    world.stop()


@pytest.mark.fault
def test_what_a_crash_left_to_be_erased_is_finished_by_the_next_start(world, logs):
    quick = world.folder / "schema.sql"
    quick.write_text((ROOT / "config" / "analytics-schema.sql").read_text().replace(
        "old_parts_lifetime = 60", "old_parts_lifetime = 1"))
    log = logs.make("erasures", 44, reviews=60, extra=("--no-null-keys",))
    world.use_clickhouse().make_topics(source=False).load(log)
    world.start("analytics", clickhouse__schema_file=quick, clickhouse__erase_interval_ms=86400000, lanes=1,
                batch__events=50)
    world.settle("analytics")
    world.living()[0].kill()
    table = "`%s_%s`.rows" % (world.database, world.generation)
    older = ("SELECT count() AS n FROM %s WHERE status = 'published' AND reviewId IN (SELECT reviewId FROM %s FINAL "
             "WHERE status IN ('erased', 'withdrawn'))" % (table, table))
    world.start("analytics", clickhouse__schema_file=quick, clickhouse__erase_interval_ms=1000)
    until(lambda: int(world.clickhouse(older)[0]["n"]) == 0, "older rows are gone", 40)
    analytics.check(world, log)
    world.stop()


@pytest.mark.fault
def test_a_lost_table_is_noticed_and_a_rewind_mends_it(world, logs):
    log = logs.make("mixed", 45, reviews=80, extra=("--no-null-keys", "--large", "0"))
    world.use_clickhouse().make_topics(source=False).load(log)
    for way in ("DROP DATABASE `%s_%s`", "TRUNCATE TABLE `%s_%s`.rows"):
        world.to_the_end(["analytics"])
        world.clickhouse(way % (world.database, world.generation))
        member = world.start("analytics", arguments=["--until-end"])
        assert member.wait(60) == 3, member.tail()
        assert "store_lost" in member.log()
        world.rewind("analytics")
    world.to_the_end(["analytics"])
    analytics.check(world, log)


def test_the_schema_is_checked_and_migrated(world, logs):
    log = logs.make("clean", 46, reviews=40)
    world.use_clickhouse().make_topics(source=False).load(log)
    newer = world.folder / "newer.sql"
    newer.write_text((ROOT / "config" / "analytics-schema.sql").read_text() +
                     "\n-- version 2\nALTER TABLE {database}.rows ADD COLUMN more UInt8;\n"
                     "DROP TABLE IF EXISTS {views}.more;\n"
                     "CREATE VIEW {views}.more AS SELECT sum(more) AS n FROM {database}.rows FINAL;\n")
    run = lambda *words, code=0, schema=None: processes.run(  # noqa: E731
        "reviews-analytics", words, world.environment(**({"REVIEWS_CLICKHOUSE_SCHEMA_FILE": str(schema)} if schema else {})),
        check=code)
    assert "generation %s is up to date" % world.generation in run("--migrate").stdout
    assert "is not begun" in run("--check").stdout
    world.to_the_end(["analytics"])
    assert "has format 1" in run("--check").stdout
    assert "run it once with --migrate" in run("--check", schema=newer, code=3).stdout
    blocked = world.start("analytics", arguments=["--until-end"], clickhouse__schema_file=newer)
    assert blocked.wait(60) == 3 and "--migrate" in blocked.log()
    world.clickhouse("ALTER TABLE `%s_%s`.rows ADD COLUMN more UInt8" % (world.database, world.generation))  # cut off here
    run("--migrate", schema=newer)
    assert "has format 1" in run("--check", schema=newer).stdout
    assert world.clickhouse("SELECT n FROM %s.more" % world.database) == [{"n": 0}]  # among the views in use
    assert "run the newer program" in run("--check", code=3).stdout
    analytics.check(world, log)
    assert "nothing to migrate" in processes.run("reviews-cache", ["--migrate"], world.environment(), check=0).stdout


def test_reviewctl_prints_small_tables(world, logs):
    log = logs.make("mixed", 47, reviews=150, extra=("--no-null-keys", "--large", "0"))
    world.use_clickhouse().make_topics(source=False).load(log)
    assert world.ctl("analytics", "trend", code=None).returncode == 1  # there are no views yet
    world.to_the_end(["analytics"])
    expected = analytics.Expected(log)
    lines = lambda *words: [json.loads(line) for line in world.ctl("analytics", *words, "--json").splitlines()]  # noqa: E731
    changes = expected.rows("product_changes")
    if changes:
        month = max(row["month"] for row in changes)
        wanted = {row["productId"]: row["reviews"] for row in changes if row["month"] == month}
        found = lines("top", "--by", "best", "--limit", "1000", "--month", "%04d-%02d" % divmod(month, 100))
        assert {row["productId"]: row["reviews"] for row in found} == wanted
        assert [row["average"] for row in found] == sorted((row["average"] for row in found), reverse=True)
    trend = [row for row in expected.rows("sentiment_trend") if row["aspect"] == "room" and row["month"]]
    assert sum(row["opinions"] for row in lines("trend", "--aspect", "room", "--limit", "1000")) == sum(
        row["opinions"] for row in trend)
    product = max(expected.rows("product_months"), key=lambda row: row["reviews"])["productId"]
    months = [row for row in lines("product", product, "--limit", "1000") if "month" in row]
    assert sum(row["reviews"] for row in months) == sum(1 for row in expected.reviews if row["productId"] == product)
    text = world.ctl("analytics", "product", product)
    assert text.startswith("MONTH") and "(the whole)" in text
    assert world.ctl("analytics", "product", "no'such\\one", code=None).returncode == 1
    assert world.ctl("analytics", "top", "--by", "chance", code=None).returncode == 2


def test_several_first_starts_at_once_make_one_schema(make_world):
    for _ in range(4):
        world = make_world().use_clickhouse().make_topics(partitions=4)
        world.to_the_end(["analytics"], members=4)
        assert len(world.clickhouse("SELECT name FROM system.tables WHERE database = '%s'" % world.database)) == 8
